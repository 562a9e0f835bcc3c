"""Outside text: nothing that is shown can act on the terminal."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from tui.text import ELLIPSIS, disarmed, one_for_one, one_line, showable, storable

C0_BUT_NEWLINE = {chr(code) for code in range(0x20)} - {"\n"}
C1_AND_DELETE = {chr(code) for code in range(0x7F, 0xA0)}
# Unicode's Bidi_Control property, PropList.txt.
BIDI_CONTROLS = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
TAGS = {chr(code) for code in range(0xE0000, 0xE0100)}
# Format characters that have a shape of their own, or that shape emoji.
SHAPES = set("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\u200d") | {
    chr(code) for code in (0x110BD, 0x110CD, *range(0x13430, 0x13440))
}
FORMATS = {
    c for c in map(chr, range(sys.maxunicode + 1)) if unicodedata.category(c) == "Cf"
} - SHAPES
FILLERS = set("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2065\u3164\uffa0")
RESERVED = {chr(code) for code in range(0xFFF0, 0xFFFC)}
HIDDEN = FORMATS | FILLERS | RESERVED | TAGS | set("\u2028\u2029")
SURROGATES = {chr(code) for code in range(0xD800, 0xE000)}
ACTING = C0_BUT_NEWLINE | C1_AND_DELETE | BIDI_CONTROLS | HIDDEN | SURROGATES

ATTACKS = [
    "\x1b]52;c;ZXZpbA==\x07",
    "\x1b[2J\x1b[6n",
    "\x9b31m",
    "\x90q\x9c",
    "\x1b_Gf=24;AAAA\x1b\\",
    "abc\u202egnp.exe",
    "\ud83d alone",
    "a\r\nb\rc",
]

# Hypothesis rarely hits a few dozen characters out of a million by itself.
any_text = st.lists(
    st.one_of(
        st.text(st.characters(), max_size=20),
        st.sampled_from(sorted(ACTING)),
        st.sampled_from([*ATTACKS, "\n", "\r\n", "\t", "   ", "👩\u200d🎤", "é", "漢字"]),
    ),
    max_size=20,
).map("".join)


@settings(deadline=None)
@given(any_text)
def test_nothing_shown_can_act_on_the_terminal(text: str) -> None:
    assert not ACTING & set(showable(text))
    assert not ACTING & set(one_line(text))


@settings(deadline=None)
@given(any_text, st.integers(0, 80))
def test_nothing_shown_can_act_on_the_terminal_where_it_is_cut(text: str, limit: int) -> None:
    assert not ACTING & set(showable(text, limit=limit))
    assert not ACTING & set(one_line(text, limit=limit))


@settings(deadline=None)
@given(any_text, st.integers(0, 80))
def test_a_limit_holds_for_what_is_shown(text: str, limit: int) -> None:
    assert len(showable(text, limit=limit)) <= limit
    assert len(one_line(text, limit=limit)) <= limit


@settings(deadline=None)
@given(any_text, st.integers(1, 80))
def test_a_limit_changes_only_what_is_longer_and_marks_the_cut(text: str, limit: int) -> None:
    for show in (showable, one_line):
        whole = show(text)
        cut = show(text, limit=limit)
        if len(whole) <= limit:
            assert cut == whole
        else:
            assert cut.endswith(ELLIPSIS)
            assert whole.startswith(cut.removesuffix(ELLIPSIS))


@settings(deadline=None)
@given(any_text)
def test_what_was_shown_once_is_shown_again_unchanged(text: str) -> None:
    assert showable(showable(text)) == showable(text)
    assert one_line(one_line(text)) == one_line(text)


@settings(deadline=None)
@given(any_text)
def test_one_line_is_one_line_without_double_or_outer_blanks(text: str) -> None:
    line = one_line(text)
    assert "\n" not in line
    assert "  " not in line
    assert line == line.strip()


@pytest.mark.parametrize(
    "text",
    [
        "plain",
        "Zwölf Boxkämpfer",
        "漢字と仮名",
        "עברית",
        "👩\u200d🎤 🏳️\u200d🌈",
        "a\nb",
        "10\u00a0€",
    ],
)
def test_ordinary_text_is_shown_as_it_is(text: str) -> None:
    assert showable(text) == text


def test_every_character_that_acts_is_seen_when_it_is_shown() -> None:
    for character in sorted(ACTING - {"\t"}):
        shown = showable(f"a{character}b")
        assert len(shown) >= 3
        assert shown[1:-1].isprintable()
        assert not shown[1:-1].isspace()


def test_what_is_taken_away_leaves_a_mark_that_names_it() -> None:
    assert showable("\x1b[31m") == "␛[31m"
    assert showable("\x9b31m") == "\N{REPLACEMENT CHARACTER}31m"
    assert showable("gpj\u202epng") == "gpj<U+202E>png"
    assert showable("\x7f") == "␡"
    assert showable("a\r\nb\rc") == "a\nb␍c"


def test_a_tab_is_shown_as_the_blanks_it_stands_for() -> None:
    assert showable("a\tb") == "a    b"


def test_a_line_keeps_the_words_behind_a_long_run_of_blanks() -> None:
    assert one_line(" " * 5000 + "fox" + "\n" * 5000 + "snow", limit=20) == "fox snow"
    assert one_line("a\n\nb  " + "c  " * 50, limit=10) == f"a b c c c{ELLIPSIS}"


def test_a_cut_counts_what_marks_add_to_the_length() -> None:
    assert showable("\u202e" * 10, limit=12) == f"<U+202E><U+{ELLIPSIS}"


@settings(deadline=None)
@given(any_text)
def test_an_editor_shows_each_character_as_one_and_none_acts(text: str) -> None:
    shown = one_for_one(text)
    assert len(shown) == len(text)
    # Tabs are the editor's to expand.
    assert not (ACTING - {"\t"} | {"\n"}) & set(shown)
    for was, is_shown in zip(text, shown, strict=True):
        assert is_shown == was or was in ACTING | {"\n"}


@settings(deadline=None)
@given(any_text)
def test_storable_text_is_utf_8_and_differs_only_in_surrogates(text: str) -> None:
    stored = storable(text)
    assert stored.encode("utf-8").decode("utf-8") == stored
    assert len(stored) == len(text)
    for was, is_now in zip(text, stored, strict=True):
        assert is_now == ("\N{REPLACEMENT CHARACTER}" if was in SURROGATES else was)


@settings(deadline=None)
@given(any_text)
def test_disarmed_text_has_nothing_that_acts_and_all_else(text: str) -> None:
    left = disarmed(text)
    acting = {chr(code) for code in (*range(0x20), *range(0x7F, 0xA0))} | BIDI_CONTROLS
    acting |= set("\u2028\u2029")
    assert not acting & set(left)
    assert left == storable("".join(c for c in text if c not in acting))


def test_disarming_leaves_the_width_of_a_line_as_it_was() -> None:
    for character in map(chr, (*range(0x20), *range(0x7F, 0xA0), 0x202E, 0x2028, 0xD83D)):
        assert cell_len(disarmed(f"a{character}b")) == cell_len(f"a{character}b")
