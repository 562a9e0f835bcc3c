"""Start and keystrokes of the studio, side by side with a bare Textual application."""

from __future__ import annotations

import statistics
import sys
from pathlib import Path

from tests.benchmarks import bare_app
from tests.benchmarks.studio import COMMAND, READY, environment
from tests.benchmarks.terminal import TimedTerminal

ROUNDS = 15
KEYS = 150
START_GOAL = 1.1
KEY_GOAL = 1.2
BARE = [sys.executable, str(Path(bare_app.__file__))]


def test_first_frame_comes_about_as_fast_as_that_of_a_bare_application(tmp_path: Path) -> None:
    home = environment(tmp_path)
    bare, studio = [], []
    for _ in range(ROUNDS + 1):
        with TimedTerminal(BARE, home) as terminal:
            bare.append(terminal.wait_for(bare_app.READY))
        with TimedTerminal(COMMAND, home) as terminal:
            studio.append(terminal.wait_for(READY))
    ratio = _report("first frame at 120×40", bare[1:], studio[1:])
    assert ratio <= START_GOAL


def test_a_keystroke_is_answered_about_as_fast_as_by_a_bare_editor(tmp_path: Path) -> None:
    home = environment(tmp_path)
    with (
        TimedTerminal(BARE, home) as bare_terminal,
        TimedTerminal(COMMAND, home) as studio_terminal,
    ):
        bare_terminal.wait_for(bare_app.READY)
        studio_terminal.wait_for(READY)
        terminals = (bare_terminal, studio_terminal)
        times: tuple[list[float], list[float]] = ([], [])
        for number in range(KEYS):
            for terminal, taken in zip(terminals, times, strict=True):
                terminal.wait_until_quiet(0.15)
                taken.append(terminal.press("abcde "[number % 6]))
    ratio = _report("keystroke to first byte", times[0][10:], times[1][10:])
    assert ratio <= KEY_GOAL


def _report(what: str, bare: list[float], studio: list[float]) -> float:
    """Print medians in milliseconds, and return their ratio."""
    ratio = statistics.median(studio) / statistics.median(bare)
    pairs = statistics.median(ours / theirs for ours, theirs in zip(studio, bare, strict=True))
    print(
        f"\n{what}: bare {_milliseconds(bare)}, studio {_milliseconds(studio)}, "
        f"ratio of medians {ratio:.2f}, median ratio {pairs:.2f}"
    )
    return ratio


def _milliseconds(times: list[float]) -> str:
    ordered = sorted(times)
    p95 = ordered[int(len(ordered) * 0.95)]
    return f"{statistics.median(ordered) * 1000:.1f} ms (95 %: {p95 * 1000:.1f})"
