"""The size that is suggested: legal, and of those as far away in pixels the nearest in aspect."""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path

from hypothesis import assume, example, given
from hypothesis import strategies as st

from tui.catalog.card import ModelCard, Parameter
from tui.catalog.loading import load_catalogue
from tui.catalog.sizes import Size, parse_size, size_text, why_illegal
from tui.catalog.validation import check

CARDS = load_catalogue(Path("/nonexistent")).cards
SIZED = {model: card for model, card in CARDS.items() if card.parameter("size")}
LONGEST = 40
"""Sides of the small cards end here, so that every size can be tried."""
EVERY_SIZE = [(w, h) for w in range(1, LONGEST + 1) for h in range(1, LONGEST + 1)]

small_sides = st.integers(1, LONGEST)
small_sizes = st.tuples(small_sides, small_sides).map(lambda size: size_text(*size))


@st.composite
def limited(draw: st.DrawFn) -> ModelCard:
    """A card whose sizes have any limits, or none but the longest side."""
    size = Parameter(
        name="size",
        kind="size",
        min_pixels=draw(st.none() | st.integers(1, 500)),
        max_pixels=draw(st.none() | st.integers(500, 1700)),
        max_aspect=draw(st.none() | st.sampled_from([1.0, 1.5, 16 / 9, 2.35, 3.0, 16.0])),
        min_side=draw(st.none() | st.integers(1, 20)),
        max_side=draw(st.integers(20, LONGEST)),
        multiple_of=draw(st.sampled_from([1, 2, 3, 4, 7, 16])),
    )
    return ModelCard(id="small", parameters=(size,))


@st.composite
def listed(draw: st.DrawFn) -> ModelCard:
    """A card that has certain sizes and no other."""
    presets = tuple(draw(st.lists(small_sizes, min_size=1, max_size=8, unique=True)))
    size = Parameter(name="size", kind="size", presets=presets, only_presets=True)
    return ModelCard(id="small", parameters=(size,))


def _suggested(card: ModelCard, width: int, height: int) -> Size:
    """What the card offers in place of a size; the size itself where it is legal."""
    violations = check(card, "a fox", {"size": size_text(width, height)})
    if not violations:
        return width, height
    (violation,) = violations
    assert violation.parameter == "size"
    assert check(card, "a fox", {"size": violation.nearest}) == ()
    suggested = parse_size(str(violation.nearest))
    assert suggested is not None
    return suggested


def _aspect_error(size: Size, wanted: Size) -> float:
    return abs(math.log(size[0] / size[1] * wanted[1] / wanted[0]))


def _assert_none_is_better(suggested: Size, wanted: Size, legal: Iterable[Size]) -> None:
    pixels = wanted[0] * wanted[1]
    distance = abs(suggested[0] * suggested[1] - pixels)
    error = _aspect_error(suggested, wanted)
    for size in legal:
        if abs(size[0] * size[1] - pixels) == distance:
            assert _aspect_error(size, wanted) >= error - 1e-12, size


@example(ModelCard("m", parameters=(Parameter("size", "size", multiple_of=2),)), 15, 12)
@given(limited() | listed(), st.integers(1, 60), st.integers(1, 60))
def test_no_legal_size_as_far_away_is_nearer_in_aspect(
    card: ModelCard, width: int, height: int
) -> None:
    (size,) = card.parameters
    legal = [sides for sides in EVERY_SIZE if why_illegal(size, *sides) is None]
    assume(legal)
    suggested = _suggested(card, width, height)
    _assert_none_is_better(suggested, (width, height), legal)


def _of_area(area: int) -> Iterable[Size]:
    for side in range(1, math.isqrt(max(area, 0)) + 1):
        if area % side == 0:
            yield side, area // side
            yield area // side, side


@example("seedream-4.5", 2000, 1000)
@example("gpt-image-2", 1920, 1064)
@given(st.sampled_from(list(SIZED)), st.integers(1, 20_000), st.integers(1, 20_000))
def test_that_holds_for_every_card_and_every_size(model: str, width: int, height: int) -> None:
    card = SIZED[model]
    size = card.parameter("size")
    assert size is not None
    suggested = _suggested(card, width, height)
    found = suggested[0] * suggested[1]
    as_far = (*_of_area(found), *_of_area(2 * width * height - found))
    legal = [sides for sides in as_far if why_illegal(size, *sides) is None]
    assert suggested in legal
    _assert_none_is_better(suggested, (width, height), legal)


def test_the_size_of_the_example_is_found() -> None:
    assert _suggested(SIZED["seedream-4.5"], 2000, 1000) == (2715, 1358)
