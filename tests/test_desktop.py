"""Notices on the desktop: one whole sequence, whatever the text, and which for which terminal."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.outside_world import PAYLOADS
from tui.desktop import LONGEST, DesktopSetting, DesktopWay, choose_way, desktop_notice, in_tmux
from tui.terminal import TerminalFacts
from tui.text import disarmed

WAYS: tuple[DesktopWay, ...] = ("osc9", "osc777")
FIELD = r"[^;\x00-\x1f\x7f-\x9f]*"
WELL_FORMED = {
    "osc9": re.compile(rf"\x1b\]9;Darkroom: ({FIELD})\x1b\\"),
    "osc777": re.compile(rf"\x1b\]777;notify;Darkroom;({FIELD})\x1b\\"),
}
hostile = st.one_of(
    st.text(st.sampled_from("a;4\x1b\\]\x07\x9c\x9d\x90\x18\x1a\x00\n\r\t\u202e\u2028\ud83d")),
    st.text(),
    st.sampled_from(sorted(PAYLOADS.values())),
)


@given(st.sampled_from(WAYS), hostile)
def test_whatever_the_text_there_is_one_sequence_and_nothing_else(
    way: DesktopWay, text: str
) -> None:
    sequence = desktop_notice(way, "Darkroom", text)
    match = WELL_FORMED[way].fullmatch(sequence)
    assert match is not None
    assert disarmed(match[1]) == match[1]
    assert len(match[1]) <= LONGEST
    sequence.encode()


@given(st.sampled_from(WAYS), hostile)
def test_whatever_the_title_there_is_one_sequence_and_nothing_else(
    way: DesktopWay, title: str
) -> None:
    sequence = desktop_notice(way, f"Q{title}", "done")
    assert sequence.count("\x1b") == 2
    assert sequence.endswith("\x1b\\")
    fields = sequence[2:-2].split(";")
    assert fields[0] in ("9", "777")
    assert len(fields) == (2 if way == "osc9" else 4)
    assert not any(field.startswith(tuple("0123456789")) for field in fields[1:])


@given(st.sampled_from(WAYS), hostile)
def test_through_tmux_goes_the_same_sequence_in_one_that_is_whole(
    way: DesktopWay, text: str
) -> None:
    wrapped = desktop_notice(way, "Darkroom", text, through_tmux=True)
    match = re.fullmatch(r"\x1bPtmux;((?:[^\x1b]|\x1b\x1b)*)\x1b\\", wrapped)
    assert match is not None
    assert match[1].replace("\x1b\x1b", "\x1b") == desktop_notice(way, "Darkroom", text)


def test_a_notice_says_what_it_is_told() -> None:
    text = "Done: fox; in the\nsnow\x07"
    assert desktop_notice("osc9", "Darkroom", text) == (
        "\x1b]9;Darkroom: Done: fox, in the snow␇\x1b\\"
    )
    assert desktop_notice("osc777", "Darkroom", text) == (
        "\x1b]777;notify;Darkroom;Done: fox, in the snow␇\x1b\\"
    )


@pytest.mark.parametrize(
    ("version", "environment", "way"),
    [
        ("kitty(0.41.1)", {"TERM": "xterm-kitty"}, "osc777"),
        ("ghostty 1.2.0", {"TERM": "xterm-ghostty"}, "osc777"),
        ("foot(1.21.0)", {"TERM": "foot"}, "osc777"),
        ("", {"TERM": "rxvt-unicode-256color"}, "osc777"),
        ("iTerm2 3.5.11", {"TERM": "xterm-256color"}, "osc9"),
        ("", {"TERM": "xterm-256color", "TERM_PROGRAM": "iTerm.app"}, "osc9"),
        ("tmux 3.5a", {"TERM": "tmux-256color", "LC_TERMINAL": "iTerm2"}, "osc9"),
        ("", {"TERM": "xterm-256color", "TERM_PROGRAM": "WarpTerminal"}, "osc9"),
        ("", {"TERM": "linux"}, None),
        ("", {"TERM": "dumb"}, None),
        ("", {}, None),
    ],
)
def test_the_sequence_is_chosen_by_the_terminal(
    version: str, environment: dict[str, str], way: DesktopWay | None
) -> None:
    facts = TerminalFacts(tty=True, version=version)
    assert choose_way("auto", facts, environment) == way
    assert choose_way("auto", TerminalFacts(version=version), environment) is None, "no terminal"
    assert choose_way("off", facts, environment) is None


@pytest.mark.parametrize("setting", WAYS)
def test_what_is_set_is_what_is_sent(setting: DesktopSetting) -> None:
    facts = TerminalFacts(tty=True, version="iTerm2 3.5.11")
    assert choose_way(setting, facts, {"TERM": "linux"}) == setting


def test_tmux_is_known_here_and_behind_ssh() -> None:
    assert in_tmux(TerminalFacts(), {"TMUX": "/tmp/tmux-0/default,1,0"})
    assert in_tmux(TerminalFacts(), {"TERM": "tmux-256color"})
    assert in_tmux(TerminalFacts(version="tmux 3.5a"), {"TERM": "screen-256color"})
    assert not in_tmux(TerminalFacts(version="kitty(0.41.1)"), {"TERM": "xterm-kitty"})
