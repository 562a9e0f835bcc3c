"""How faults change a stream of events."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace

from tui.demo.streaming import Event, error_event

UNASKED_PREVIEWS = 2

_GARBAGE = '{"type": "image_generation.part'
_LAST_AFTER_A_PICTURE = frozenset({"sse-cut", "sse-no-end"})
_ERROR = {"code": "InternalServiceError", "message": "The service had an internal error."}


async def played(faults: tuple[str, ...], events: AsyncIterator[Event]) -> AsyncIterator[bytes]:
    """`events` as they are sent where `faults` are played."""
    async for event in events:
        yield _sent(faults, event)
        if not event.shows:
            continue
        if "sse-error" in faults:
            yield _sent(faults, error_event(_ERROR))
            return
        if "sse-stall" in faults:
            await asyncio.Event().wait()
        if _LAST_AFTER_A_PICTURE.intersection(faults):
            return


def _sent(faults: tuple[str, ...], event: Event) -> bytes:
    if "sse-bare" in faults:
        event = replace(event, name=None)
    if "sse-garbage" in faults:
        event = replace(event, data=_GARBAGE)
    return _with_comments(event) if "sse-comment" in faults else event.encoded()


def _with_comments(event: Event) -> bytes:
    data = json.dumps(json.loads(event.data), indent=1) if event.data[0] == "{" else event.data
    name = [] if event.name is None else [f"event:{event.name}"]
    lines = [": still here", "", *name, ":", "retry: 3000", "id: 7"]
    lines += [f"data:{line}" for line in data.splitlines()]
    return "".join(f"{line}\r\n" for line in [*lines, "", ""]).encode()
