"""The large history, made once for all benchmarks that need it, and a watch on the event loop."""

from __future__ import annotations

import asyncio
import gc
import os
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.benchmarks.loop_turns import Turns
from tests.benchmarks.synthetic_history import make_history
from tui.history.index import HistoryIndex
from tui.history.store import HistoryStore
from tui.paths import Paths


@pytest.fixture(scope="session")
def large_history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with 100,000 entries; each benchmark leaves as many there."""
    if "H" in os.environ:
        return Path(os.environ["H"])
    home = tmp_path_factory.mktemp("history")
    make_history(home)
    # Or what a benchmark writes would wait for all that.
    os.sync()
    return home


@pytest.fixture
def unindexed_history(large_history: Path) -> Path:
    """The same without its index, and with nothing left from an earlier session."""
    for file in (*large_history.glob("index.db*"), large_history / "session.toml"):
        file.unlink(missing_ok=True)
    return large_history


@pytest.fixture
def indexed_history(large_history: Path) -> Path:
    """The same with its index up to date, and nothing left from an earlier session."""
    (large_history / "session.toml").unlink(missing_ok=True)
    with closing(HistoryIndex(large_history / "index.db")) as index:
        index.follow(HistoryStore(Paths(large_history, large_history, large_history)))
    return large_history


@pytest.fixture
def turns(monkeypatch: pytest.MonkeyPatch) -> Iterator[Turns]:
    """The turns of the event loop."""
    turns = Turns()
    run = asyncio.Handle._run

    def timed(handle: asyncio.Handle) -> None:
        began = time.thread_time()
        run(handle)
        turns.note(time.thread_time() - began)

    monkeypatch.setattr(asyncio.Handle, "_run", timed)
    # As the program starts: what is there after the first frame is not collected again.
    gc.disable()
    yield turns
    gc.enable()
    gc.unfreeze()
