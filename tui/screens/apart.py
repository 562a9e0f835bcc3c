"""Work in threads that may never end, as a look at a folder of a network that does not answer."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TypeVar

Result = TypeVar("Result")


async def apart(work: Callable[[], Result]) -> Result:
    """What `work` gives, done in a thread of its own that nobody waits for at the end.

    A folder of a network that does not answer would else keep the program from leaving. Raises
    what `work` does.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Result] = loop.create_future()

    def tell(settle: Callable[[], object]) -> None:
        if not future.done():
            settle()

    def do() -> None:
        settle: Callable[[], object]
        try:
            settle = partial(future.set_result, work())
        except Exception as error:  # noqa: BLE001 - it is raised where it is waited for
            settle = partial(future.set_exception, error)
        with suppress(RuntimeError):  # The program has ended.
            loop.call_soon_threadsafe(tell, settle)

    threading.Thread(target=do, name="apart", daemon=True).start()
    return await future
