"""The colours of the terminal that pictures are printed into."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from tui.terminal import TerminalFacts

if TYPE_CHECKING:
    from rich.color import ColorSystem


def colours_of(terminal: TerminalFacts, environment: Mapping[str, str]) -> ColorSystem:
    """As many as the terminal says that it has, or the environment says so of it."""
    from rich.color import ColorSystem

    if terminal.true_colour or environment.get("COLORTERM") in ("truecolor", "24bit"):
        return ColorSystem.TRUECOLOR
    return ColorSystem.EIGHT_BIT if "256" in environment.get("TERM", "") else ColorSystem.STANDARD
