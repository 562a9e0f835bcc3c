"""Much that is sent at once is dealt with in several steps of the loop."""

from __future__ import annotations

import asyncio
import time

import pytest
from textual.message import Message
from textual.screen import Screen

from tests.screens.waiting import until
from tui.guarded_app import GuardedApp
from tui.widgets.steady import Steady


class Work(Message):
    """Something to do."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds


class Worker(Steady, Screen[None]):
    """A screen that works on what it is sent, and notes the steps of the loop meanwhile."""

    def __init__(self) -> None:
        super().__init__()
        self.steps: list[int] = []
        self.step = 0

    def on_work(self, work: Work) -> None:
        end = time.perf_counter() + work.seconds
        while time.perf_counter() < end:
            pass
        self.steps.append(self.step)

    def count_steps(self) -> None:
        self.step += 1
        asyncio.get_running_loop().call_soon(self.count_steps)


@pytest.mark.parametrize(("seconds", "has_others_between"), [(0.012, True), (0.0, False)])
async def test_others_have_a_turn_after_each_that_took_long(
    seconds: float, has_others_between: bool
) -> None:
    app = GuardedApp()
    async with app.run_test() as pilot:
        screen = Worker()
        await app.push_screen(screen)
        await pilot.pause()
        screen.count_steps()
        for _ in range(4):
            screen.post_message(Work(seconds))
        await until(pilot, lambda: len(screen.steps) == 4, "all of it")
        screen.count_steps = lambda: None  # type: ignore[method-assign]
        if has_others_between:
            assert len(set(screen.steps)) == 4
        else:
            assert len(set(screen.steps)) < 4
