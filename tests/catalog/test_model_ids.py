"""Ids of models, as people type them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.catalog.model_ids import read_model_id
from tui.text import showable


@pytest.mark.parametrize(
    ("text", "id"),
    [
        (" seedream-4.5 ", "seedream-4.5"),
        ("black-forest-labs/FLUX.2:pro@1", "black-forest-labs/FLUX.2:pro@1"),
        ("豆包-seedream", "豆包-seedream"),
    ],
)
def test_an_id_is_taken_without_the_blanks_around_it(text: str, id: str) -> None:
    assert read_model_id(text) == id


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "Write the id"),
        ("  ", "Write the id"),
        ("seedream 4.5", "no blanks"),
        ("a\tb", "no blanks"),
        ("x" * 201, "at most 200"),
        ("a\x1b[31m", "cannot be seen"),
        ("a\u202eb", "cannot be seen"),
        ("a\ud83d", "cannot be seen"),
    ],
)
def test_what_is_none_is_told(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        read_model_id(text)


@given(st.text())
def test_what_is_taken_is_what_one_sees(text: str) -> None:
    try:
        id = read_model_id(text)
    except ValueError as problem:
        assert len(str(problem)) < 44
    else:
        assert showable(id) == id == text.strip()
