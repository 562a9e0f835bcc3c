"""Entries as JSON: one line, that says all and acts on nothing."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from tests.terminal_bytes import harmful
from tui.generation.documents import json_line


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_line_of_json_says_the_same_and_does_nothing(text: str) -> None:
    line = json_line({"prompt": text})
    assert json.loads(line) == {"prompt": text}
    assert harmful(line.encode()) == []
    assert "\n" not in line


def test_the_one_control_character_that_json_leaves_alone_is_escaped_too() -> None:
    assert json_line({"prompt": "\x7f"}) == r'{"prompt":"\u007f"}'
