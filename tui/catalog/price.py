"""What one request costs by its model's card. An estimate; an unknown price is never 0."""

from __future__ import annotations

from collections.abc import Mapping

from tui.catalog.card import ModelCard, Price
from tui.catalog.legality import is_among
from tui.catalog.validation import form_values
from tui.config import JSON

_DECIMALS = 6


def estimate(card: ModelCard, parameters: Mapping[str, JSON], references: int = 0) -> float | None:
    """US dollars for one request with `references` input images; None when that is unknown.

    A group counts with the most images it may have.
    """
    price = card.price
    if price is None:
        return None
    values = card.starting_values() | {
        name: value for name, value in form_values(card, parameters).items() if value is not None
    }
    per_image = _price_of_one(price, values)
    per_reference = price.usd_per_reference if references else 0.0
    if per_image is None or per_reference is None:
        return None
    try:
        dollars = per_image * images_expected(card, parameters) + per_reference * references
    except OverflowError:  # So many images that no float holds their number.
        return None
    return round(dollars, _DECIMALS)


def images_expected(card: ModelCard, parameters: Mapping[str, JSON]) -> int:
    """How many images a request asks for, at most; at least 1."""
    values = form_values(card, parameters)
    images = 1
    for parameter in card.parameters:
        if parameter.role == "count" or parameter.kind == "group":
            value = values.get(parameter.name)
            value = parameter.default if value is None else value
            if isinstance(value, int) and value > 0:
                images *= value
    return images


def price_basis(card: ModelCard) -> str | None:
    """Where an estimate comes from: `card 2026-10`; None for a card without a price."""
    return f"card {card.price.as_of:%Y-%m}" if card.price else None


def _price_of_one(price: Price, values: Mapping[str, JSON]) -> float | None:
    for case in price.cases:
        if all(is_among(values.get(name), among) for name, among in case.when.items()):
            return case.usd_per_image
    return price.usd_per_image
