"""Work that is waited for even when the caller is cancelled meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import copy_context
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


async def undisturbed(work: Awaitable[T]) -> T:
    """The result of `work`, finished even when the caller is cancelled."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        raise


async def finished_in_thread(work: Callable[P, T], /, *arguments: P.args, **named: P.kwargs) -> T:
    """What `work` gives in a thread, which cannot be stopped and is waited for."""
    context = copy_context()
    loop = asyncio.get_running_loop()
    return await undisturbed(
        loop.run_in_executor(None, lambda: context.run(work, *arguments, **named))
    )
