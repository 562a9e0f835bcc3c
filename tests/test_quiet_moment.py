"""What keeps the loop for long waits until nobody else does."""

from __future__ import annotations

import asyncio
import time

from tui.quiet_moment import quiet_moment


class Busy:
    """Somebody who keeps the loop for a while in each of so many turns."""

    def __init__(self, turns: int) -> None:
        self.left = turns
        self._loop = asyncio.get_running_loop()
        self._go_on()

    def _go_on(self) -> None:
        end = time.perf_counter() + 0.005
        while time.perf_counter() < end:
            pass
        self.left -= 1
        if self.left:
            self._loop.call_soon(self._go_on)


async def test_it_waits_until_nobody_else_is_at_work() -> None:
    busy = Busy(turns=20)
    assert await quiet_moment(patience=60.0)
    assert busy.left == 0


async def test_a_loop_that_is_never_quiet_is_not_waited_for_without_end() -> None:
    busy = Busy(turns=1_000_000)
    assert not await quiet_moment(patience=0.05)
    assert 0 < busy.left < 1_000_000
    busy.left = 1


async def test_without_patience_it_does_not_wait() -> None:
    assert not await quiet_moment(patience=0.0)
