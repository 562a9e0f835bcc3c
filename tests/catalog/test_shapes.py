"""Sizes put together from how large, what shape, and which way round."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.catalog.card import Parameter
from tui.catalog.legality import fault_of
from tui.catalog.loading import Catalogue, load_catalogue
from tui.catalog.shapes import (
    in_tier,
    ratio_in_use,
    ratios_of,
    tier_in_use,
    tiers_of,
    turned,
)
from tui.catalog.sizes import nearest_legal, size_text

CATALOGUE = load_catalogue(Path("none"))
SIZES = [
    parameter
    for card in CATALOGUE.cards.values()
    for parameter in card.parameters
    if parameter.kind == "size"
]


def size_of(model: str, catalogue: Catalogue = CATALOGUE) -> Parameter:
    parameter = catalogue.card(model).parameter("size")
    assert parameter is not None
    return parameter


@pytest.mark.parametrize(
    ("model", "value", "tier", "ratio"),
    [
        ("seedream-4.5", "2048x2048", "2K", "1:1"),
        ("seedream-4.5", "3328x4992", "4K", "2:3"),
        ("seedream-4.5", "4K", "4K", ""),
        ("seedream-4.5", "2715x1358", "2K", "2:1"),
        ("seedream-4.5", None, "", ""),
        ("seedream-4.5", 7, "", ""),
        ("kling-image-o1", "1k", "1k", ""),
        ("kling-image-o1", "768x1360", "1k", "9:16"),
        ("gpt-image-2", "auto", "", ""),
        ("gpt-image-2", "1536x1024", "", "3:2"),
    ],
)
def test_a_size_is_taken_apart(model: str, value: object, tier: str, ratio: str) -> None:
    parameter = size_of(model)
    assert (tier_in_use(parameter, value), ratio_in_use(value)) == (tier, ratio)


@pytest.mark.parametrize(
    ("model", "tier", "upright", "ratios"),
    [
        ("seedream-4.5", "2K", False, ["1:1", "4:3", "3:2", "16:9", "21:9"]),
        ("seedream-4.5", "2K", True, ["1:1", "3:4", "2:3", "9:16"]),
        ("kling-image-o1", "2k", True, ["1:1", "3:4", "2:3", "9:16"]),
        ("gpt-image-1", "", False, ["1:1", "3:2"]),
        ("gpt-image-1", "", True, ["1:1", "2:3"]),
        ("seedream-4.0", "1K", False, ["1:1", "16:9"]),
    ],
)
def test_ratios_are_those_of_the_presets(
    model: str, tier: str, upright: bool, ratios: list[str]
) -> None:
    assert list(ratios_of(size_of(model), tier, upright=upright)) == ratios


@pytest.mark.parametrize(
    ("model", "tiers"),
    [
        ("seedream-4.0", ("1K", "2K", "4K")),
        ("seedream-4.5", ("2K", "4K")),
        ("kling-image-o1", ("1k", "2k")),
        ("gpt-image-1", ()),
    ],
)
def test_tiers_are_those_that_say_how_large(model: str, tiers: tuple[str, ...]) -> None:
    assert tiers_of(size_of(model)) == tiers


@pytest.mark.parametrize(
    ("value", "tier", "size"),
    [
        ("2304x1728", "4K", "4704x3520"),
        ("3328x4992", "2K", "1664x2496"),
        ("2048x2048", "4K", "4096x4096"),
        ("2K", "4K", "4K"),
        (None, "4K", "4K"),
    ],
)
def test_another_tier_keeps_the_shape(value: object, tier: str, size: str) -> None:
    assert in_tier(size_of("seedream-4.5"), value, tier) == size


@pytest.mark.parametrize(
    ("model", "value", "other"),
    [
        ("seedream-4.5", "2304x1728", "1728x2304"),
        ("seedream-4.5", "2715x1358", "1358x2715"),
        ("seedream-4.5", "2048x2048", None),
        ("seedream-4.5", "4K", None),
        ("kling-image-o1", "1360x768", "768x1360"),
        ("kling-image-o1", "1552x656", None),
    ],
)
def test_a_size_is_turned_where_that_is_legal(model: str, value: str, other: str | None) -> None:
    assert turned(size_of(model), value) == other


sides = st.integers(1, 10_000)


@given(st.sampled_from(SIZES), st.tuples(sides, sides), st.data())
def test_all_that_is_offered_is_legal(
    parameter: Parameter, wanted: tuple[int, int], data: st.DataObject
) -> None:
    value = size_text(*nearest_legal(parameter, *wanted))
    offered = [turned(parameter, value)]
    if tiers := tiers_of(parameter):
        offered.append(in_tier(parameter, value, data.draw(st.sampled_from(tiers))))
    for upright in (True, False):
        tier = tier_in_use(parameter, value)
        offered += ratios_of(parameter, tier, upright=upright).values()
    for size in offered:
        assert size is None or fault_of(parameter, size) is None
