"""Which graphics each terminal gets: what it answers and what surrounds it in, graphics out."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tui.graphics_choice import choose_graphics, limits_within, shows_placeholders
from tui.terminal import USUAL_SIXEL_LIMITS, SixelLimits, TerminalFacts, understand
from tui.tmux import TmuxFacts

Environment = dict[str, str]

KITTY_OK = "\x1b_Gi=31;OK\x1b\\"
TMUX: Environment = {"TMUX": "/tmp/tmux-0/default,1,0", "TERM": "tmux-256color"}
TMUX_ANSWERS = "\x1bP>|tmux 3.5a\x1b\\\x1b[?1;2c"
TMUX_WITH_SIXEL = "\x1bP>|tmux 3.5a\x1b\\\x1b[?1;2;4c"
FEATURES = ("256", "RGB", "title")


def named(version: str, rest: str) -> str:
    return f"\x1bP>|{version}\x1b\\{rest}"


def facts_of(answers: str) -> TerminalFacts:
    return replace(understand(answers.encode()), tty=True)


TERMINALS: dict[str, tuple[str, Environment, str]] = {
    "kitty": (
        named("kitty(0.41.1)", f"{KITTY_OK}\x1b[?62;c"),
        {"TERM": "xterm-kitty", "KITTY_WINDOW_ID": "1"},
        "kitty",
    ),
    "kitty 0.28, the first with placeholders": (
        named("kitty(0.28.0)", f"{KITTY_OK}\x1b[?62;c"),
        {"TERM": "xterm-kitty"},
        "kitty",
    ),
    "kitty 1.0": (named("kitty(1.0.0)", f"{KITTY_OK}\x1b[?62;c"), {}, "kitty"),
    "kitty 0.27, which shows boxes": (
        named("kitty(0.27.1)", f"{KITTY_OK}\x1b[?62;c"),
        {"TERM": "xterm-kitty"},
        "half",
    ),
    "kitty that acknowledges nothing": (named("kitty(0.41.1)", "\x1b[?62;c"), {}, "half"),
    "kitty over ssh": (
        named("kitty(0.41.1)", f"{KITTY_OK}\x1b[?62;c"),
        {"TERM": "xterm-256color", "SSH_CONNECTION": "192.0.2.1 1 192.0.2.2 22", "SSH_TTY": "/dev"},
        "kitty",
    ),
    "Ghostty": (
        named("ghostty 1.3.1", f"{KITTY_OK}\x1b[?62;22c"),
        {"TERM": "xterm-ghostty", "TERM_PROGRAM": "ghostty"},
        "kitty",
    ),
    "Konsole": (
        named("Konsole 24.12.0", f"{KITTY_OK}\x1b[?62;1;4c"),
        {"TERM": "xterm-256color", "KONSOLE_VERSION": "241200"},
        "sixel",
    ),
    "Konsole before 22.04": (
        named("Konsole 21.12.0", "\x1b[?62;1c"),
        {"KONSOLE_VERSION": "211200"},
        "half",
    ),
    "WezTerm": (
        named("WezTerm 20240203-110809-5046fc22", f"{KITTY_OK}\x1b[?65;4;6;18;22;52c"),
        {"TERM_PROGRAM": "WezTerm", "WEZTERM_PANE": "0"},
        "sixel",
    ),
    "Warp": (
        named("Warp(v0.2026.07)", f"{KITTY_OK}\x1b[?62c"),
        {"TERM_PROGRAM": "WarpTerminal"},
        "half",
    ),
    "foot": (named("foot(1.16.2)", "\x1b[?62;4;22;28c"), {"TERM": "foot"}, "sixel"),
    "xterm as a VT340": (
        named("XTerm(379)", "\x1b[?63;1;2;4;6;9;15;16;22;28c"),
        {"TERM": "xterm-256color", "XTERM_VERSION": "XTerm(379)"},
        "sixel",
    ),
    "xterm": (
        named("XTerm(398)", "\x1b[?64;1;2;6;9;15;16;17;18;21;22;28c"),
        {"TERM": "xterm-256color", "XTERM_VERSION": "XTerm(398)"},
        "half",
    ),
    "mlterm": (
        named("mlterm(3.9.3)", "\x1b[?63;1;2;3;4;7;29c"),
        {"TERM": "mlterm", "MLTERM": "3.9.3"},
        "sixel",
    ),
    "iTerm2": (
        named("iTerm2 3.6.11", f"{KITTY_OK}\x1b[?62;4c"),
        {"TERM_PROGRAM": "iTerm.app", "TERM_PROGRAM_VERSION": "3.6.11"},
        "sixel",
    ),
    "VS Code with images": (
        named("xterm.js(6.1.0)", f"{KITTY_OK}\x1b[?62;4;9;22c"),
        {"TERM_PROGRAM": "vscode", "TERM_PROGRAM_VERSION": "1.110.0"},
        "sixel",
    ),
    "VS Code": ("\x1b[?1;2c", {"TERM_PROGRAM": "vscode"}, "half"),
    "VS Code started from kitty": (
        "\x1b[?1;2c",
        {"TERM_PROGRAM": "vscode", "KITTY_WINDOW_ID": "1"},
        "half",
    ),
    "Windows Terminal 1.22": (
        "\x1b[6;20;10t\x1b[?61;4;6;7;14;21;22;23;24;28;32;42c",
        {"WT_SESSION": "f2c4", "TERM": "xterm-256color"},
        "sixel",
    ),
    "Windows Terminal 1.21": ("\x1b[?61;6;7;22;23;24;28;32;42c", {"WT_SESSION": "f2c4"}, "half"),
    "Alacritty": ("\x1b[?6c", {"TERM": "alacritty", "ALACRITTY_WINDOW_ID": "1"}, "half"),
    "GNOME Terminal": (
        named("VTE(7600)", "\x1b[?61;1;21;22c"),
        {"TERM": "xterm-256color", "VTE_VERSION": "7600"},
        "half",
    ),
    "VTE with sixel": (
        named("VTE(7900)", "\x1b[?61;1;4;21;22c"),
        {"VTE_VERSION": "7900"},
        "sixel",
    ),
    "Apple Terminal": ("\x1b[?1;2c", {"TERM_PROGRAM": "Apple_Terminal"}, "half"),
    "Linux console": ("", {"TERM": "linux"}, "half"),
    "a dumb terminal": (named("XTerm(379)", "\x1b[?63;4c"), {"TERM": "dumb"}, "off"),
    "a terminal that says nothing": ("", {}, "half"),
    "the terminal of Neovim": (named("libvterm(0.3)", "\x1b[?1;2c"), {"NVIM": "/run/nvim"}, "half"),
    "mosh": ("\x1b[?62c", {"SSH_CONNECTION": "192.0.2.1 1 192.0.2.2 22"}, "half"),
    "Zellij in kitty": (
        named("Zellij(4300)", f"{KITTY_OK}\x1b[?62c"),
        {"ZELLIJ": "0", "KITTY_WINDOW_ID": "1"},
        "half",
    ),
    "Zellij in a terminal with sixel": (
        named("Zellij(4300)", "\x1b[?62;4c"),
        {"ZELLIJ": "0"},
        "half",
    ),
    "GNU screen in kitty": (
        "\x1b[?1;2c",
        {"STY": "1.pts", "TERM": "screen.xterm-256color", "KITTY_WINDOW_ID": "1"},
        "half",
    ),
    "GNU screen that keeps TERM": (
        named("kitty(0.41.1)", f"{KITTY_OK}\x1b[?62;c"),
        {"STY": "1.pts", "TERM": "xterm-256color"},
        "half",
    ),
    "tmux over ssh, which cannot be asked": (TMUX_WITH_SIXEL, {"SSH_CONNECTION": "1"}, "half"),
    "tmux that does not answer": (TMUX_WITH_SIXEL, TMUX, "half"),
}

IN_TMUX: dict[str, tuple[str, TmuxFacts, str]] = {
    "tmux with passthrough in kitty": (
        TMUX_ANSWERS,
        TmuxFacts(True, FEATURES, "kitty(0.41.1)"),
        "kitty",
    ),
    "tmux with passthrough in Ghostty": (
        TMUX_ANSWERS,
        TmuxFacts(True, FEATURES, "ghostty 1.3.1"),
        "kitty",
    ),
    "tmux without passthrough in kitty": (
        TMUX_ANSWERS,
        TmuxFacts(False, FEATURES, "kitty(0.41.1)"),
        "half",
    ),
    "tmux with passthrough in kitty 0.27": (
        TMUX_ANSWERS,
        TmuxFacts(True, FEATURES, "kitty(0.27.1)"),
        "half",
    ),
    "tmux with passthrough in kitty, without all colours": (
        TMUX_ANSWERS,
        TmuxFacts(True, ("256",), "kitty(0.41.1)"),
        "half",
    ),
    "tmux with passthrough in WezTerm": (
        TMUX_ANSWERS,
        TmuxFacts(True, FEATURES, "WezTerm 20240203-110809-5046fc22"),
        "half",
    ),
    "tmux with passthrough in what gives no version": (
        TMUX_ANSWERS,
        TmuxFacts(True, FEATURES, "xterm-256color"),
        "half",
    ),
    "tmux with sixel in foot": (
        TMUX_WITH_SIXEL,
        TmuxFacts(False, (*FEATURES, "sixel"), "foot(1.16.2)"),
        "sixel",
    ),
    "tmux with sixel in a terminal without": (
        TMUX_WITH_SIXEL,
        TmuxFacts(False, FEATURES, "alacritty"),
        "half",
    ),
    "tmux without sixel in foot": (
        TMUX_ANSWERS,
        TmuxFacts(False, (*FEATURES, "sixel"), "foot(1.16.2)"),
        "half",
    ),
}


@pytest.mark.parametrize(
    ("answers", "environment", "graphics"), TERMINALS.values(), ids=TERMINALS.keys()
)
def test_each_terminal_gets_what_comes_out_right(
    answers: str, environment: Environment, graphics: str
) -> None:
    choice = choose_graphics("auto", facts_of(answers), environment)
    assert choice.graphics == graphics
    assert choice.reason


@pytest.mark.parametrize(("answers", "tmux", "graphics"), IN_TMUX.values(), ids=IN_TMUX.keys())
def test_tmux_tells_what_there_is_outside(answers: str, tmux: TmuxFacts, graphics: str) -> None:
    assert choose_graphics("auto", facts_of(answers), TMUX, tmux).graphics == graphics


def test_what_tmux_lacks_is_advised() -> None:
    kitty = TmuxFacts(False, FEATURES, "kitty(0.41.1)")
    choice = choose_graphics("auto", facts_of(TMUX_ANSWERS), TMUX, kitty)
    assert choice.advice == "Run: tmux set -g allow-passthrough on"
    choice = choose_graphics("auto", facts_of(TMUX_ANSWERS), TMUX, replace(kitty, features=()))
    assert choice.advice == "Run: tmux set -g allow-passthrough on"
    choice = choose_graphics(
        "auto", facts_of(TMUX_ANSWERS), TMUX, replace(kitty, passthrough=True, features=())
    )
    assert choice.advice == "Run: tmux set -as terminal-features ',*:RGB' and attach anew."


def test_without_a_terminal_half_cells_are_chosen() -> None:
    assert choose_graphics("auto", TerminalFacts(), {}).graphics == "half"


@pytest.mark.parametrize("setting", ["kitty", "sixel", "half", "off"])
def test_a_setting_wins_over_all_else(setting: str) -> None:
    for answers, environment, _ in TERMINALS.values():
        assert choose_graphics(setting, facts_of(answers), environment).graphics == setting
    assert choose_graphics(setting, TerminalFacts(), {"TERM": "dumb"}).graphics == setting


def test_tmux_takes_no_large_sixel_pictures() -> None:
    tmux = TmuxFacts()
    assert limits_within(None, USUAL_SIXEL_LIMITS) == USUAL_SIXEL_LIMITS
    assert limits_within(tmux, USUAL_SIXEL_LIMITS) == SixelLimits(256, 720, 720)
    assert limits_within(tmux, SixelLimits(16, 1000, 500)) == SixelLimits(16, 720, 500)


@pytest.mark.parametrize("version", ["", "kitty", "kitty(new)", "kittyish(1.0)", "xterm-kitty"])
def test_other_names_are_not_taken_for_kitty(version: str) -> None:
    assert not shows_placeholders(version)
