"""In what entries differ from what was asked for, wherever commands show them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from tui.catalog.card import ModelCard
from tui.catalog.loading import Catalogue, load_catalogue
from tui.cli.exits import complain
from tui.generation.actual import differences, in_words
from tui.history.entry import Entry
from tui.paths import find_paths


def card_of(entry: Entry) -> ModelCard:
    """The card of the model of `entry`, among those that there are now."""
    return _catalogue(find_paths().cards).card(entry.model)


def tell_differences(entry: Entry) -> None:
    """Say on standard error in what `entry` differs from what was asked for."""
    for difference in differences(entry, card_of(entry)):
        of_one = difference.image is not None and len(entry.images) > 1
        complain(f"image {difference.image}: " * of_one + in_words(difference))


@cache
def _catalogue(cards: Path) -> Catalogue:
    # Once for a whole listing. Who wants to know which cards are broken asks elsewhere.
    return load_catalogue(cards)
