"""For all tests."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest
from hypothesis import settings
from textual import _wait

from tui.history.store import HistoryStore
from tui.paths import Paths
from tui.scrub import EVERY_SECRET, Scrubber

# An application makes so many objects that Python would look for garbage hundreds of times a test.
gc.set_threshold(20_000, 10, 10)

# Machines are noisy: how long an example takes says nothing.
settings.register_profile("darkroom", deadline=None)
settings.load_profile("darkroom")

# After each key Textual's pilot waits until the process has done next to nothing for 20 ms, or else
# for a second, though a thread may be busy with something else. Our tests name what they wait for.
_wait.SLEEP_IDLE = _wait.SLEEP_GRANULARITY / 2
_wait.wait_for_idle.__defaults__ = (_wait.SLEEP_GRANULARITY, 0.2)


@pytest.fixture(autouse=True)
def _nobody_elses_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """What another test gave out for a key may well be part of a word in this one."""
    for name in Scrubber.__slots__:
        monkeypatch.setattr(EVERY_SECRET, name, getattr(Scrubber(), name))


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    """An empty home, created."""
    home = tmp_path / "home"
    paths = Paths(home, home, home)
    paths.prepare()
    return paths


@pytest.fixture
def store(paths: Paths) -> HistoryStore:
    return HistoryStore(paths)
