"""What the tasks of an event loop wait for, for the report of a test that hangs."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

from textual.pilot import Pilot, WaitForScreenTimeout

_wait_for_screen = Pilot._wait_for_screen


def unfinished_tasks() -> str:
    """A line for each call that a task of the running loop is in, the innermost last."""
    return "\n".join(
        f"{task.get_name()}\n" + "".join(f"    {call}\n" for call in _calls(task.get_coro()))
        for task in sorted(asyncio.all_tasks(), key=asyncio.Task.get_name)
    )


def _calls(awaited: Any) -> Iterator[str]:
    while awaited is not None:
        kind = "cr" if hasattr(awaited, "cr_frame") else "gi"
        frame = getattr(awaited, f"{kind}_frame", None)
        if frame is None:
            # A future, a task, or an iterator over one that does not say of which.
            yield repr(awaited)
            return
        owner = frame.f_locals.get("self")
        place = f"{frame.f_code.co_qualname} line {frame.f_lineno}"
        yield place if owner is None else f"{place} of {owner!r:.200}"
        awaited = getattr(awaited, "cr_await" if kind == "cr" else "gi_yieldfrom")


async def _wait(self: Pilot[Any]) -> bool:
    try:
        return await _wait_for_screen(self)
    except WaitForScreenTimeout:
        # Printed, since the application may not end either, and the error never be seen.
        print(unfinished_tasks())
        raise


def tell_of_them() -> None:
    """Have a pilot that waited in vain say what all tasks wait for."""
    Pilot._wait_for_screen = _wait  # type: ignore[method-assign]
