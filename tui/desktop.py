"""Notices on the desktop, which some terminals show for a program that runs in them.

Two sequences are in use. OSC 9 carries one text; what begins with a digit means something else in
terminals that follow ConEmu. OSC 777 carries a title and a text. A terminal that knows neither
passes over them. tmux does too, unless it is told that what is wrapped is for the terminal outside;
it passes that on only where `allow-passthrough` is on.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from tui.terminal import Environment, TerminalFacts
from tui.text import one_line

DesktopWay: TypeAlias = Literal["osc9", "osc777"]
DesktopSetting: TypeAlias = Literal["off", "auto", "osc9", "osc777"]

LONGEST = 200
"""Characters of a text; notices show no more, and some terminals take little more in a sequence."""

_ONLY_OSC_9 = ("iTerm", "WarpTerminal")
_NO_SEQUENCES = ("", "dumb", "linux", "unknown")


def choose_way(
    setting: DesktopSetting, facts: TerminalFacts, environment: Environment
) -> DesktopWay | None:
    """What the user set, otherwise the sequence that this terminal knows; None for no notices.

    Of the terminals that show notices all know OSC 777 but iTerm2; Warp names itself for OSC 9.
    """
    if setting == "off":
        return None
    if setting != "auto":
        return setting
    if not facts.tty or environment.get("TERM", "") in _NO_SEQUENCES:
        return None
    # The second is what iTerm2 sets for programs in tmux and behind ssh.
    names = (facts.version, environment.get("LC_TERMINAL", ""), environment.get("TERM_PROGRAM", ""))
    return "osc9" if any(name.startswith(_ONLY_OSC_9) for name in names) else "osc777"


def in_tmux(facts: TerminalFacts, environment: Environment) -> bool:
    """Whether it is tmux that takes what is written, here or at the other end of ssh."""
    names = (facts.version, environment.get("TERM", ""))
    return bool(environment.get("TMUX")) or any(name.startswith("tmux") for name in names)


def desktop_notice(way: DesktopWay, title: str, text: str, *, through_tmux: bool = False) -> str:
    """The sequence that shows a notice.

    `title`, which begins with no digit, and `text` may hold outside text: whatever they are, this
    is one sequence, and shows them in one line. `through_tmux` is for the terminal around tmux.
    """
    title, text = _field(title), _field(text)
    content = f"9;{title}: {text}" if way == "osc9" else f"777;notify;{title};{text}"
    sequence = f"\x1b]{content}\x1b\\"
    if not through_tmux:
        return sequence
    doubled = sequence.replace("\x1b", "\x1b\x1b")
    return f"\x1bPtmux;{doubled}\x1b\\"


def _field(text: str) -> str:
    # A semicolon would begin another field.
    return one_line(text, limit=LONGEST).replace(";", ",")
