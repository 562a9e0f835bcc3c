"""The line on which a TOML file sets a key, however the file is written."""

from __future__ import annotations

from typing import Any

import tomli
from hypothesis import example, given
from hypothesis import strategies as st

from tui.catalog.key_lines import Place, line_of

TEXT = """\
# [a]
top = 1   # top = 2
"quoted key" = [
  1, # [[list]]
  { inner = 2 },
]
words = '''
[list]
top = 3
'''
dotted.way.down = true

[table]
top = 4
[[list]]
name = "first"
[[list]]
name = "second"
[list.own]
top = 5
[[list.more]]
top = 6
[[list.more]]
top = 7
[table.inner]
top = 8"""


def test_each_key_is_found_where_it_stands() -> None:
    places: dict[Place, int] = {
        ("top",): 2,
        ("quoted key",): 3,
        ("quoted key", 1, "inner"): 3,
        ("words",): 7,
        ("dotted", "way", "down"): 11,
        ("table",): 13,
        ("table", "top"): 14,
        ("list",): 15,
        ("list", 0): 15,
        ("list", 0, "name"): 16,
        ("list", 1): 17,
        ("list", 1, "name"): 18,
        ("list", 1, "own", "top"): 20,
        ("list", 1, "more", 0): 21,
        ("list", 1, "more", 1, "top"): 24,
        ("table", "inner", "top"): 26,
    }
    assert {place: line_of(TEXT, place) for place in places} == places


def test_what_is_missing_is_looked_for_around_it() -> None:
    assert line_of(TEXT, ("list", 1, "size")) == 17
    assert line_of(TEXT, ("list", 7, "name")) == 15
    assert line_of(TEXT, ("nowhere", "name")) is None
    assert line_of(TEXT, ()) is None
    assert line_of("", ("top",)) is None


def test_behind_a_value_of_very_many_lines_none_is_named() -> None:
    text = "a = [\n" + "1,\n" * 100_000 + "]\nb = 1\n"
    assert line_of(text, ("b",)) is None
    assert line_of("c = 1\n" + text, ("c",)) == 1


LINES = st.lists(
    st.sampled_from([*TEXT.split("\n"), "", "  ", "[a]", "[[b]]", "c = 1", "d = [", "]", "e='''"]),
    max_size=12,
)


def _places(value: Any, place: Place = ()) -> list[Place]:
    items: list[tuple[str | int, Any]] = []
    if isinstance(value, dict):
        items = list(value.items())
    elif isinstance(value, list):
        items = list(enumerate(value))
    return [place, *(found for key, inner in items for found in _places(inner, (*place, key)))]


@example(["[[b]]", "c = 1", "[[b]]", "c = 1"])
@given(LINES)
def test_text_up_to_the_line_before_does_not_have_the_key(lines: list[str]) -> None:
    text = "\n".join(lines)
    try:
        document = tomli.loads(text)
    except tomli.TOMLDecodeError:
        return
    for place in _places(document)[1:]:
        line = line_of(text, place)
        assert line is not None
        before = tomli.loads("\n".join(lines[: line - 1]))
        assert place not in _places(before), (place, line)
