"""From what a form holds to what a request carries, and back."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.catalog.loading import load_catalogue
from tui.catalog.validation import check, form_values, request_fields
from tui.config import JSON

CATALOGUE = load_catalogue(Path("/nonexistent"))
SEEDREAM = CATALOGUE.cards["seedream-4.5"]
GROUP = "sequential_image_generation"


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({}, {"watermark": False}),
        ({"watermark": True, "seed": 7}, {"watermark": True, "seed": 7}),
        ({"watermark": None, "size": None}, {"watermark": False}),
        ({GROUP: 1}, {"watermark": False, GROUP: "disabled"}),
        (
            {GROUP: 4},
            {"watermark": False, GROUP: "auto", f"{GROUP}_options": {"max_images": 4}},
        ),
        ({"n": 2, "style": None}, {"watermark": False, "n": 2}),
        ({"size": "9x9"}, {"watermark": False, "size": "9x9"}),
    ],
)
def test_the_request_carries_what_was_set_and_what_is_always_sent(
    values: dict[str, JSON], fields: dict[str, JSON]
) -> None:
    before = dict(values)
    assert request_fields(SEEDREAM, values) == fields
    assert values == before


def test_fields_are_in_the_cards_order() -> None:
    values: dict[str, JSON] = {"extra": 1, GROUP: 2, "seed": 1, "size": "2K"}
    assert list(request_fields(SEEDREAM, values)) == [
        "size", "seed", "watermark", GROUP, f"{GROUP}_options", "extra",
    ]  # fmt: skip


def test_a_group_without_a_number_may_be_as_large_as_the_model_likes() -> None:
    assert form_values(SEEDREAM, {GROUP: "auto"}) == {GROUP: 15}


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "size": st.sampled_from(["2K", "2304x1728"]),
            "seed": st.integers(-1, 2**31 - 1),
            "watermark": st.booleans(),
            GROUP: st.integers(1, 15),
            "response_format": st.sampled_from(["url", "b64_json"]),
        },
    )
)
def test_a_request_loads_back_into_the_form_that_made_it(values: dict[str, JSON]) -> None:
    fields = request_fields(SEEDREAM, values)
    assert form_values(SEEDREAM, fields) == {"watermark": False, **values}
    assert request_fields(SEEDREAM, fields) == fields
    assert form_values(SEEDREAM, values) == values
    assert check(SEEDREAM, "a fox", fields) == check(SEEDREAM, "a fox", values) == ()


@given(
    st.dictionaries(
        st.sampled_from([GROUP, f"{GROUP}_options", "seed", "other"]),
        st.none()
        | st.booleans()
        | st.integers()
        | st.sampled_from(["auto", "disabled", "x"])
        | st.dictionaries(st.sampled_from(["max_images", "y"]), st.integers() | st.text()),
    )
)
def test_no_values_are_too_strange_to_turn_into_a_request(values: dict[str, JSON]) -> None:
    fields = request_fields(SEEDREAM, values)
    assert None not in fields.values()
    check(SEEDREAM, "a fox", fields)


def test_an_unknown_model_sends_what_it_is_given() -> None:
    card = CATALOGUE.card("flux-9")
    assert request_fields(card, {}) == {}
    assert request_fields(card, {"size": "2K", "cfg": 1.5}) == {"size": "2K", "cfg": 1.5}
