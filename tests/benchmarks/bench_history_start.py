"""The studio on 100,000 entries, side by side with one on an empty history: in real terminals."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.benchmarks.studio import COMMAND, READY, environment
from tests.benchmarks.synthetic_history import ENTRIES
from tests.benchmarks.terminal import TimedTerminal
from tui.paths import Paths

ROUNDS = 15
MEMORY_ROUNDS = 3
START_GOAL = 1.1
MEMORY_GOAL = 40_000_000
LISTED = f"{ENTRIES:,}"
EMPTY = "Nothing made yet"
TO_LIST, SEARCH, ALL, END = "\x1b[15~", "/", "\x1b", "\x1b[F"
"""Keys, as a terminal sends them."""

pytestmark = pytest.mark.timeout(900)


def test_the_first_frame_does_not_wait_for_history(indexed_history: Path, tmp_path: Path) -> None:
    Paths(tmp_path, tmp_path, tmp_path).prepare()
    empty, large = [], []
    for _ in range(ROUNDS + 1):
        for home, times in ((tmp_path, empty), (indexed_history, large)):
            with TimedTerminal(COMMAND, environment(home)) as terminal:
                times.append(terminal.wait_for(READY))
    # The first round warms the machine's caches.
    medians = [statistics.median(times[1:]) for times in (empty, large)]
    pairs = statistics.median(ours / theirs for ours, theirs in zip(large, empty, strict=True))
    ratio = medians[1] / medians[0]
    print(
        f"\nfirst frame at 120×40: {medians[0] * 1000:.0f} ms on an empty history, "
        f"{medians[1] * 1000:.0f} ms on {ENTRIES:,} entries, ratio of medians {ratio:.2f}, "
        f"median ratio {pairs:.2f}"
    )
    assert ratio <= START_GOAL


def test_a_large_history_takes_little_memory(indexed_history: Path, tmp_path: Path) -> None:
    rounds = [
        [_memory(tmp_path, EMPTY), _memory(indexed_history, LISTED)] for _ in range(MEMORY_ROUNDS)
    ]

    def more(figure: Callable[[tuple[int, ...]], int]) -> int:
        return round(statistics.median(figure(large) - figure(empty) for empty, large in rounds))

    listed, used, peak = (more(lambda figures, at=at: figures[at]) for at in range(3))
    base = round(statistics.median(empty[0] for empty, _ in rounds))
    print(
        f"\nmemory on an empty history {base / 1e6:.0f} MB; with {ENTRIES:,} entries "
        f"{listed / 1e6:+.1f} MB once they are listed, {used / 1e6:+.1f} MB after searches and a "
        f"look at the oldest; {peak / 1e6:+.1f} MB at most"
    )
    assert listed <= MEMORY_GOAL
    assert used <= MEMORY_GOAL


def _memory(home: Path, listed: str) -> tuple[int, int, int]:
    """What a studio has of memory when its list is there, after it was used, and at most."""
    with TimedTerminal(COMMAND, environment(home)) as terminal:
        terminal.wait_for(READY)
        terminal.wait_for(listed)
        terminal.wait_until_idle()
        begun_with = terminal.memory()
        for keys in (TO_LIST, SEARCH, *"lantern", ALL, END):
            terminal.send(keys)
            terminal.wait_until_idle()
        return begun_with, terminal.memory(), terminal.memory("VmHWM")
