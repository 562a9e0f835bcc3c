"""What was paid for is held until the disk takes it, or the user gives up."""

from __future__ import annotations

import asyncio
import errno
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Protocol, TypeVar

from tui.generation.progress import Pause

T = TypeVar("T")

PAUSES = (1.0, 2.0, 5.0, 10.0, 30.0)
"""Seconds between tries; the last for all further ones."""
_HOPELESS = frozenset({errno.EINVAL, errno.EFBIG, errno.ENAMETOOLONG})
"""What no room and no mended folder changes."""
_log = logging.getLogger(__name__)


class HeldPictures(Protocol):
    """The pictures of a job that came, or lie ready at the endpoint, and are not saved yet."""

    def save_again(self) -> None:
        """Try now, and not only at the end of a pause."""

    async def save_elsewhere(self, folder: Path) -> tuple[Path, ...]:
        """Put copies of them into `folder`, and give their places; the job goes on as it did.

        Raises OSError, and ApiError where one has to be fetched and cannot be.
        """


class Holding:
    """Saves again for as long as the disk refuses; `told` hears of each pause."""

    def __init__(self, told: Callable[[Pause], None]) -> None:
        self._told = told
        self._is_given_up = False
        self._woken = asyncio.Event()

    def give_up(self) -> None:
        """From now on, and in pauses that have begun, each thing is tried once more at most."""
        self._is_given_up = True
        self._woken.set()

    def try_again(self) -> None:
        """End the pauses that have begun."""
        self._woken.set()

    async def until_saved(self, save: Callable[[], Awaitable[T]]) -> T:
        """What `save` gives once it succeeds. Raises OSError where that is hopeless or given up."""
        tries = 0
        while True:
            was_given_up = self._is_given_up
            try:
                return await save()
            except OSError as error:
                if was_given_up or error.errno in _HOPELESS:
                    raise
                _log.warning("the disk refuses what came, errno %s", error.errno)
                await self._pause(error, PAUSES[min(tries, len(PAUSES) - 1)])
                tries += 1

    async def _pause(self, error: OSError, seconds: float) -> None:
        if not self._is_given_up:
            self._woken.clear()
            until = time.monotonic() + seconds
            self._told(Pause(until, "not_saved", error.strerror or str(error)))
        with suppress(TimeoutError):
            await asyncio.wait_for(self._woken.wait(), seconds)
