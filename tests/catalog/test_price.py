"""Estimates: what is charged, and when it is not known."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.catalog.card import ModelCard
from tui.catalog.loading import load_catalogue
from tui.catalog.price import estimate, images_expected, price_basis
from tui.catalog.validation import request_fields
from tui.config import JSON

CATALOGUE = load_catalogue(Path("/nonexistent"))
GROUP = "sequential_image_generation"


@pytest.mark.parametrize(
    ("model", "parameters", "references", "dollars"),
    [
        ("seedream-4.5", {}, 0, 0.04),
        ("seedream-4.5", {"size": "4K"}, 3, 0.04),
        ("seedream-4.5", {GROUP: 1}, 0, 0.04),
        ("seedream-4.5", {GROUP: 4}, 0, 0.16),
        ("seedream-4.5", {GROUP: "disabled"}, 0, 0.04),
        ("seedream-4.5", {GROUP: "auto"}, 0, 0.6),
        ("seedream-4.5", {GROUP: "auto", f"{GROUP}_options": {"max_images": 4}}, 0, 0.16),
        ("seedream-4.5", {"n": 4}, 0, 0.04),
        ("seedream-4.0", {}, 0, 0.03),
        ("dola-seedream-5.0-lite", {}, 0, 0.035),
        ("kling-image-o1", {}, 2, 0.028),
        ("kling-image-o1", {"n": 9}, 0, 0.252),
        ("nano-banana-pro", {}, 0, 0.134),
        ("nano-banana-pro", {"quality": "2K"}, 0, 0.134),
        ("nano-banana-pro", {"quality": "4K"}, 0, 0.24),
        ("nano-banana-pro", {"quality": "4K"}, 10, 0.251),
        ("glm-image", {}, 0, 0.015),
        ("gpt-image-1", {"quality": "high", "size": "1024x1024"}, 0, 0.167),
        ("gpt-image-1", {"quality": "high", "size": "1024x1536", "n": 2}, 0, 0.5),
        ("gpt-image-2", {"quality": "low", "size": "1536x1024"}, 0, 0.005),
        ("gpt-image-1", {}, 0, None),
        ("gpt-image-1", {"quality": "high"}, 0, None),
        ("gpt-image-1", {"quality": "high", "size": "1024x1024"}, 1, None),
        ("gpt-image-2", {"quality": "low", "size": "3840x2160"}, 0, None),
        ("flux-9", {"n": 3}, 0, None),
    ],
)
def test_estimates(
    model: str, parameters: dict[str, JSON], references: int, dollars: float | None
) -> None:
    assert estimate(CATALOGUE.card(model), parameters, references) == dollars


@pytest.mark.parametrize("card", CATALOGUE.cards.values(), ids=CATALOGUE.cards)
def test_what_is_left_unset_costs_what_the_form_starts_with(card: ModelCard) -> None:
    assert estimate(card, {}) == estimate(card, card.starting_values())
    assert estimate(card, {}) == estimate(card, request_fields(card, {}))
    assert images_expected(card, {}) == 1


@given(st.sampled_from(list(CATALOGUE.cards.values())), st.integers(1, 15))
def test_more_images_cost_as_many_times_the_price_of_one(card: ModelCard, images: int) -> None:
    for parameter in card.parameters:
        if parameter.role == "count" or parameter.kind == "group":
            parameters: dict[str, JSON] = {parameter.name: images}
            assert images_expected(card, parameters) == images
            one, many = estimate(card, {}), estimate(card, parameters)
            assert many == (None if one is None else pytest.approx(one * images))


@pytest.mark.parametrize("value", [None, "4", 0, -3, True, 2.5, {}, []])
def test_a_number_of_images_that_is_none_counts_as_one(value: JSON) -> None:
    assert images_expected(CATALOGUE.cards["kling-image-o1"], {"n": value}) == 1


def test_the_basis_names_the_month_of_the_price() -> None:
    assert price_basis(CATALOGUE.cards["seedream-4.5"]) == "card 2026-10"
    assert price_basis(CATALOGUE.card("flux-9")) is None


def test_an_unknown_price_of_a_known_model_is_not_zero() -> None:
    assert estimate(ModelCard(id="mine"), {}) is None
