"""How long the event loop is at work, and kept from it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

_BEAT = 0.02


class Turns:
    """The longest turn of the loop, and all together, in seconds since it was last asked.

    They are seconds of the processor's time, to which other programs add nothing.
    """

    def __init__(self) -> None:
        self._longest = 0.0
        self._total = 0.0

    def note(self, seconds: float) -> None:
        self._longest = max(self._longest, seconds)
        self._total += seconds

    def take(self) -> tuple[float, float]:
        """The longest turn, and the sum of all."""
        taken = self._longest, self._total
        self._longest = self._total = 0.0
        return taken


class Blocked:
    """How long a task that had something to do was kept waiting, time after time, in seconds."""

    def __init__(self) -> None:
        self.in_all: list[float] = []
        self.by_us: list[float] = []
        """The same less the time in which other programs had the processors."""

    def __str__(self) -> str:
        return (
            f"{max(self.by_us) * 1000:.0f} ms at most, "
            f"{max(self.in_all) * 1000:.0f} ms together with other programs"
        )


@asynccontextmanager
async def watched_loop() -> AsyncIterator[Blocked]:
    """See how long the loop is blocked meanwhile, by work of its own or of other threads."""
    blocked = Blocked()
    task = asyncio.create_task(_beat(blocked))
    try:
        yield blocked
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _beat(blocked: Blocked) -> None:
    while True:
        queued, began = _queued(), time.perf_counter()
        await asyncio.sleep(_BEAT)
        late = time.perf_counter() - began - _BEAT
        blocked.in_all.append(late)
        blocked.by_us.append(late - min(late, max(0.0, _queued() - queued)))


def _queued() -> float:
    """How long threads of this process, all together, were kept from running by other programs."""
    nanoseconds = 0
    for thread in Path("/proc/self/task").glob("*/schedstat"):
        # It may have ended just now.
        with suppress(OSError):
            nanoseconds += int(thread.read_text("ascii").split()[1])
    return nanoseconds / 1e9
