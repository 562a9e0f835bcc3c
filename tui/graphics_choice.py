"""Which graphics come out right in a terminal.

A terminal's own answers decide, since they come from where the picture goes, over ssh as well; the
environment only tells what stands between. Where the facts are from:

* Placeholders came with kitty 0.28 (https://sw.kovidgoyal.net/kitty/graphics-protocol/, and
  https://github.com/kovidgoyal/kitty/pull/5664); before, kitty shows boxes. Ghostty has had them
  since before 1.0 (https://github.com/ghostty-org/ghostty/pull/2015).
* These acknowledge kitty's protocol and show boxes for placeholders: Konsole, WezTerm
  (https://github.com/wezterm/wezterm/pull/7924), Warp
  (https://github.com/warpdotdev/warp/issues/6210), iTerm2 since 3.5, and xterm.js, which VS Code
  has (https://github.com/xtermjs/xterm.js/pull/5711). All but Warp draw sixels and say so; compare
  yazi's table (https://github.com/sxyazi/yazi, yazi-adapter/src/adapters.rs).
* Zellij refuses placeholders (https://github.com/zellij-org/zellij/issues/5530).
* Sixel is number 4 among the primary device attributes, and those who have it switched off, such
  as VTE, VS Code and xterm but as a VT340, leave that out. tmux does not: see `tui.tmux`.
* tmux forgets a sixel picture of more than 1 MB: see INPUT_BUF_LIMIT in its input.c.
"""

from __future__ import annotations

import re
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from tui.terminal import Environment, Graphics, SixelLimits, TerminalFacts
from tui.tmux import TmuxFacts

_MULTIPLEXERS = ("tmux", "screen")
_PLACEHOLDERS = {"kitty": (0, 28), "ghostty": (1, 0)}
"""Since which version a terminal shows kitty's placeholders."""
_NAME_AND_VERSION = re.compile(r"(\w+)[ (](\d+)\.(\d+)")
_TMUX_SIXEL_SIZE = 720
"""Pixels across and down that stay below a megabyte of sixels, at two bytes a pixel."""


class Choice(Struct, frozen=True):
    """The graphics for a terminal, and why these."""

    graphics: Graphics
    reason: str = "it was set"
    advice: str = ""
    """How more could be had; empty where nothing is lacking."""


def choose_graphics(
    setting: Graphics | Literal["auto"],
    facts: TerminalFacts,
    environment: Environment,
    tmux: TmuxFacts | None = None,
) -> Choice:
    """What the user set, otherwise the best that is known to come out right in this terminal."""
    return _best(facts, environment, tmux) if setting == "auto" else Choice(setting)


def _best(facts: TerminalFacts, environment: Environment, tmux: TmuxFacts | None) -> Choice:
    if environment.get("TERM") == "dumb":
        return Choice("off", "TERM is dumb", "Use a terminal that can move its cursor.")
    if not facts.tty:
        return Choice("half", "no terminal was asked")
    if environment.get("ZELLIJ"):
        return Choice(
            "half", "Zellij passes no pictures on", "Outside Zellij the terminal may draw them."
        )
    if in_multiplexer(facts, environment):
        return _in_unknown_multiplexer() if tmux is None else _in_tmux(facts, tmux)
    if shows_placeholders(facts.version):
        if facts.kitty:
            return Choice("kitty", "the terminal draws kitty's placeholders")
        return _in_half_cells("the terminal does not acknowledge kitty's graphics")
    if facts.sixel:
        return Choice("sixel", "the terminal says that it draws sixels")
    if facts.version.startswith("kitty"):
        return Choice("half", "placeholders came with kitty 0.28", "Renew kitty.")
    if facts.kitty:
        return _in_half_cells("the terminal has kitty's graphics, but not their placeholders")
    return _in_half_cells("two pixels a cell, since the terminal names nothing better")


def in_multiplexer(facts: TerminalFacts, environment: Environment) -> bool:
    """Whether tmux or screen stand between, on this machine or at the other end of ssh."""
    return (
        bool(environment.get("TMUX") or environment.get("STY"))
        or environment.get("TERM", "").startswith(_MULTIPLEXERS)
        or facts.version.startswith(_MULTIPLEXERS)
    )


def shows_placeholders(version: str) -> bool:
    """Whether a terminal that gives its name and version as `version` has kitty's placeholders."""
    found = _NAME_AND_VERSION.match(version)
    since = _PLACEHOLDERS.get(found[1].lower()) if found else None
    return found is not None and since is not None and (int(found[2]), int(found[3])) >= since


def _in_tmux(facts: TerminalFacts, tmux: TmuxFacts) -> Choice:
    is_able = shows_placeholders(tmux.outside)
    # The number of a picture is a colour of 24 bits, which tmux would round off.
    if is_able and tmux.passthrough and "RGB" in tmux.features:
        reason = "the terminal outside tmux draws kitty's placeholders"
        return Choice("kitty", reason)
    if facts.sixel and "sixel" in tmux.features:
        return Choice("sixel", "tmux and the terminal outside it draw sixels")
    if is_able:
        return Choice(
            "half",
            "tmux passes no pictures on",
            "Run: tmux set -g allow-passthrough on"
            if not tmux.passthrough
            else "Run: tmux set -as terminal-features ',*:RGB' and attach anew.",
        )
    return _in_unknown_multiplexer()


def _in_unknown_multiplexer() -> Choice:
    advice = "Outside it, or with one that has, there may be more."
    return Choice("half", "the multiplexer has no sixel", advice)


def _in_half_cells(reason: str) -> Choice:
    return Choice("half", reason, "kitty, Ghostty and terminals with sixel show whole pictures.")


def limits_within(tmux: TmuxFacts | None, limits: SixelLimits) -> SixelLimits:
    """`limits`, or those of tmux where they are narrower."""
    if tmux is None:
        return limits
    most = _TMUX_SIXEL_SIZE
    return replace(limits, width=min(limits.width, most), height=min(limits.height, most))
