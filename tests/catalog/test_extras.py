"""Extra parameters: what is typed, and what is sent."""

from __future__ import annotations

import math

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.catalog.card import Group, ModelCard, Parameter
from tui.catalog.extras import (
    EXTRA_KINDS,
    ExtraKind,
    extra_text,
    kind_meant,
    kind_of,
    name_fault,
    read_extra,
)
from tui.config import JSON

CARD = ModelCard(
    id="m",
    parameters=(
        Parameter(name="size", kind="size", label="How large"),
        Parameter(
            name="series",
            kind="group",
            maximum=4,
            group=Group("auto", "off", "series_options", "n"),
        ),
    ),
)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("string", "7", "7"),
        ("string", " two words ", " two words "),
        ("integer", "7", 7),
        ("integer", " -3 ", -3),
        ("number", "7", 7),
        ("number", "0.5", 0.5),
        ("boolean", "true", True),
        ("boolean", "off", False),
        ("JSON", '{"a": [1, null]}', {"a": [1, None]}),
        ("JSON", '""', ""),
        ("JSON", "7", 7),
    ],
)
def test_a_text_is_read_as_its_kind(kind: ExtraKind, text: str, value: JSON) -> None:
    read = read_extra(kind, text)
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    ("kind", "text", "told"),
    [
        ("string", "", "Write its value"),
        ("JSON", "  ", "Write its value"),
        ("integer", "7.5", "whole number"),
        ("integer", "default", "nothing"),
        ("number", "nan", "number"),
        ("boolean", "perhaps", "on or off"),
        ("JSON", "{", "Write JSON"),
        ("JSON", "{'a': 1}", "Write JSON"),
        ("JSON", "null", "nothing"),
        ("JSON", '"\ud83d"', "Write JSON"),
        ("JSON", "[" * 100_000, "Write JSON"),
    ],
)
def test_what_is_no_value_of_its_kind_is_told(kind: ExtraKind, text: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        read_extra(kind, text)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", "string"),
        ("7", "integer"),
        ("7.5", "number"),
        ("true", "boolean"),
        ("on", "string"),
        ("[1]", "JSON"),
        ("{", "string"),
        ("a fox", "string"),
    ],
)
def test_a_text_says_what_it_most_likely_is(text: str, kind: ExtraKind) -> None:
    assert kind_meant(text) == kind


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("", "Write its name"),
        ("model", "has its own place"),
        ("prompt", "has its own place"),
        ("size", "size is set above, as How large"),
        ("series", "set above"),
        ("series_options", "series_options is set above, as Series"),
        ("steps", "there already"),
        ("x" * 201, "too long"),
    ],
)
def test_a_name_that_cannot_be_is_told(name: str, told: str) -> None:
    assert told in name_fault(CARD, name, {"steps"})


@pytest.mark.parametrize("name", ["Size", "guidance_scale", "x-y", "a b", "ü"])
def test_any_other_name_may_be(name: str) -> None:
    assert name_fault(CARD, name, {"steps"}) == ""


json_values = st.recursive(
    st.booleans()
    | st.integers(-(10**17), 10**17)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner | st.none()) | st.dictionaries(st.text(), inner | st.none()),
    max_leaves=5,
)


@given(json_values)
def test_what_is_written_is_read_as_it_was(value: JSON) -> None:
    if isinstance(value, str) and not value.strip():
        return  # Nothing typed is no value, and an empty text is JSON.
    if isinstance(value, dict | list):
        # What JSON itself does not keep apart.
        value = msgspec.json.decode(msgspec.json.encode(value))
    read = read_extra(kind_of(value), extra_text(value))
    if isinstance(value, float) and isinstance(read, float | int):
        assert math.isclose(read, value)
    else:
        assert read == value


@given(st.sampled_from(EXTRA_KINDS), st.text())
def test_reading_gives_a_value_or_a_sentence(kind: ExtraKind, text: str) -> None:
    try:
        value = read_extra(kind, text)
    except ValueError as error:
        assert str(error)
    else:
        assert value is not None
