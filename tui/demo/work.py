"""Work that outlives the request that asked for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

CLOSING_SECONDS = 5
TASK = "demo-generation"

_Result = TypeVar("_Result")


class Workshop:
    """Carries work through, even when the client that waits for it goes away.

    Under uvicorn a lost client cancels nothing; in process, cancelling the request cancels the
    handler, and what was begun here goes on in a task of its own.
    """

    def __init__(self, threads: int) -> None:
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="demo-painter")
        self._tasks: set[asyncio.Task[Any]] = set()

    def begin(self, work: Coroutine[Any, Any, _Result]) -> asyncio.Task[_Result]:
        """The task of `work`, which must not raise: nobody may be left to hear of it."""
        task = asyncio.get_running_loop().create_task(work, name=TASK)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def in_thread(self, function: Callable[[], _Result]) -> _Result:
        """Call `function` in one of the workshop's few threads."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, function)

    async def close(self) -> None:
        """Wait for the work in hand, `CLOSING_SECONDS` at most."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=CLOSING_SECONDS)
        self._threads.shutdown(wait=False)
