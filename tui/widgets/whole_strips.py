"""Strips of the screen that go away with the last who holds them.

When a line is drawn that nothing covers, Textual 8.2 has its strip divided into one part, the
strip itself, which the strip then keeps. Such a ring is left for Python to look for: each picture
that was drawn came to two thousand objects, and the screen stood still when they were found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from textual.strip import Strip

_textual_divide: Callable[[Strip, Iterable[int]], Sequence[Strip]] = Strip.divide


def install_whole_strips() -> None:
    """Let no strip of this process keep itself."""
    Strip.divide = _divide  # type: ignore[assignment, method-assign]


def _divide(strip: Strip, cuts: Iterable[int]) -> Sequence[Strip]:
    within = [cut for cut in cuts if cut <= strip.cell_length]
    return [strip] if within == [strip.cell_length] else _textual_divide(strip, within)
