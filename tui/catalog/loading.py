"""Finding and reading model cards: the bundled ones, and the user's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import tomli
from msgspec import Struct

from tui.catalog.card import ModelCard, Parameter
from tui.catalog.card_errors import CardError, card_of, document_of, text_of
from tui.decoding import convert
from tui.text import one_line

BUNDLED_CARDS = Path(__file__).parent / "cards"

_PROBLEM_LIMIT = 300


class Catalogue(Struct):
    """The cards by id, in the order to show, and a sentence for each file that is not used."""

    cards: dict[str, ModelCard] = {}
    problems: list[str] = []
    own: frozenset[str] = frozenset()
    """Ids of the cards that are the user's, or that the user changed."""
    offered: frozenset[str] | None = None
    """Ids that the endpoint lists, of models of every kind; None: it gave no list."""
    _ids: dict[str, str] = {}

    def __post_init__(self) -> None:
        self._ids = {}
        for card in self.cards.values():
            for alias in card.aliases:
                self._ids.setdefault(alias.casefold(), card.id)
        # An id is meant before any alias.
        self._ids |= {id.casefold(): id for id in reversed(self.cards)}

    def find(self, model_id: str) -> ModelCard | None:
        """The card that has `model_id` as its id or an alias, in any letters; None if none has."""
        return self.cards.get(model_id) or self.cards.get(self._ids.get(model_id.casefold(), ""))

    def card(self, model_id: str) -> ModelCard:
        """The card of `model_id`; for a model that nobody described, one that allows anything."""
        return self.find(model_id) or free_form_card(model_id)

    def offers(self, card_id: str) -> bool | None:
        """Whether the endpoint lists the model of this id; None where it gave no list."""
        return None if self.offered is None else card_id in self.offered


def load_catalogue(user_folder: Path) -> Catalogue:
    """The bundled cards and those in `user_folder`.

    A user's card with the id of a bundled one takes the place of those keys that it has.
    """
    problems: list[str] = []
    cards: dict[str, ModelCard] = {}
    documents: dict[str, dict[str, Any]] = {}
    own: set[str] = set()
    for file in sorted(BUNDLED_CARDS.glob("*.toml")):
        document = tomli.loads(file.read_text("utf-8"))
        card = convert(document, ModelCard)
        cards[card.id], documents[card.id] = card, document
    for file in sorted(user_folder.glob("*.toml")):
        try:
            card = _read_user_card(file, documents)
        except CardError as error:
            problems.append(one_line(f"{file.name}{error}", limit=_PROBLEM_LIMIT))
        else:
            cards[card.id] = card
            own.add(card.id)
    ordered = sorted(cards.values(), key=lambda card: card.order)
    return Catalogue({card.id: card for card in ordered}, problems, frozenset(own))


def free_form_card(model_id: str) -> ModelCard:
    """A card for a model that nothing is known of: the usual parameters, without limits."""
    return ModelCard(
        id=model_id,
        help="No card describes this model: nothing is checked, and its price is unknown.",
        open=True,
        parameters=(
            Parameter(
                name="size", kind="text", role="size", help="As the model wants it: 1024x1024, 2K."
            ),
            Parameter(name="n", kind="integer", role="count", label="Images", minimum=1),
            Parameter(
                name="seed",
                kind="integer",
                role="seed",
                ignored="Not every model has a seed.",
            ),
        ),
    )


def _read_user_card(file: Path, bundled: dict[str, dict[str, Any]]) -> ModelCard:
    """The card in `file`, over the bundled one of its id. Raises CardError."""
    try:
        if not file.is_file():
            raise CardError(" is not a file")
        text = text_of(file.read_bytes())
    except OSError as error:
        raise CardError(f": {error.strerror or error}") from error
    document = document_of(text)
    base = bundled.get(str(document.get("id")), {})
    return card_of({**base, **document}, text)
