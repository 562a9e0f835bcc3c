"""The longest that the event loop stands still while the form is opened or changes models."""

from __future__ import annotations

import asyncio
import gc
import statistics
import time
from collections import defaultdict
from collections.abc import Iterator

import pytest
from textual.pilot import Pilot

from tests.screens.waiting import models_known
from tui.app import DarkroomApp, Setup
from tui.catalog.loading import load_catalogue
from tui.config import load_config
from tui.paths import Paths
from tui.themes import load_themes

ROUNDS = 9
GOAL = 0.050


class Stalls:
    """The longest that one turn of the event loop took, in seconds, since it was last asked."""

    def __init__(self) -> None:
        self._longest = 0.0

    def note(self, seconds: float) -> None:
        self._longest = max(self._longest, seconds)

    def take(self) -> float:
        longest, self._longest = self._longest, 0.0
        return longest


@pytest.fixture
def stalls(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stalls]:
    stalls = Stalls()
    run = asyncio.Handle._run

    def timed(handle: asyncio.Handle) -> None:
        began = time.thread_time()
        run(handle)
        stalls.note(time.thread_time() - began)

    monkeypatch.setattr(asyncio.Handle, "_run", timed)
    # As the program starts: what is there after the first frame is not collected again.
    gc.disable()
    yield stalls
    gc.enable()
    gc.unfreeze()


def _app(paths: Paths) -> DarkroomApp:
    return DarkroomApp(
        Setup(
            paths=paths,
            config=load_config(paths.config_file),
            catalogue=load_catalogue(paths.cards),
            themes=load_themes(paths.themes),
            endpoint="demo",
            model="seedream-4.5",
            theme="safelight",
        )
    )


async def test_models_are_switched_without_a_stall(paths: Paths, stalls: Stalls) -> None:
    app = _app(paths)
    times: dict[str, list[float]] = defaultdict(list)
    async with app.run_test(size=(120, 40)) as pilot:
        await models_known(pilot, app)
        for _ in range(ROUNDS):
            for model in app.setup.catalogue.cards:
                await _settled(pilot, stalls)
                await app.studio.use_model(model)
                await pilot.pause()
                times[model].append(stalls.take())
    assert _report("switching to a model, at 120×40", times) <= GOAL


async def test_the_form_opens_without_a_stall(paths: Paths, stalls: Stalls) -> None:
    app = _app(paths)
    times: dict[str, list[float]] = defaultdict(list)
    async with app.run_test(size=(80, 24)) as pilot:
        await models_known(pilot, app)
        for _ in range(ROUNDS):
            for model in app.setup.catalogue.cards:
                await app.studio.use_model(model)
                await pilot.press("f2")
                await _settled(pilot, stalls)
                await pilot.press("f3")
                await pilot.pause()
                times[model].append(stalls.take())
    assert _report("opening the form, at 80×24", times) <= GOAL


async def _settled(pilot: Pilot[None], stalls: Stalls) -> None:
    await pilot.pause(0.05)
    stalls.take()


def _report(what: str, times: dict[str, list[float]]) -> float:
    """Print the longest stalls, and return the worst model's in an undisturbed round."""
    # Other programs make single rounds longer, and none shorter.
    typical = {model: statistics.median(rounds[1:]) for model, rounds in times.items()}
    worst = max(typical, key=typical.__getitem__)
    print(
        f"\n{what}: longest stall of the event loop, medians of {ROUNDS - 1} rounds: "
        f"{statistics.median(typical.values()) * 1000:.0f} ms, "
        f"most {typical[worst] * 1000:.0f} ms ({worst})"
    )
    return typical[worst]
