"""Finding and reading model cards: the bundled ones, and the user's."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from tui.catalog.card import ModelCard, Parameter
from tui.catalog.legality import either, fault_of
from tui.catalog.sizes import nearest_legal, parse_size, size_text, why_illegal
from tui.text import one_line

BUNDLED_CARDS = Path(__file__).parent / "cards"

_PROBLEM_LIMIT = 300
_TOML_LINE = re.compile(r"(.*) \(at line (\d+), column \d+\)", re.DOTALL)
_PLACE = re.compile(r"(.*) - at `(?:key in )?\$\.?(.*)`", re.DOTALL)
_PARAMETER_PLACE = re.compile(r"parameter\[(\d+)\]\.?")
_TYPES = re.compile(r"`(\w+(?: \| \w+)*)`")
_PLAINER = {
    "Object contains unknown field": "unknown key",
    "Object missing required field": "missing key",
}
_PLAINER_TYPES = {
    "object": "a table",
    "array": "a list",
    "str": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "date": "a date",
}


class CardError(Exception):
    """A card cannot be used; the text says where in it and why."""


class Catalogue(Struct):
    """The cards by id, in the order to show, and a sentence for each file that is not used."""

    cards: dict[str, ModelCard] = {}
    problems: list[str] = []
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


def load_catalogue(user_folder: Path) -> Catalogue:
    """The bundled cards and those in `user_folder`.

    A user's card with the id of a bundled one takes the place of those keys that it has.
    """
    problems: list[str] = []
    cards: dict[str, ModelCard] = {}
    documents: dict[str, dict[str, Any]] = {}
    for file in sorted(BUNDLED_CARDS.glob("*.toml")):
        document = tomllib.loads(file.read_text("utf-8"))
        card = msgspec.convert(document, ModelCard)
        cards[card.id], documents[card.id] = card, document
    for file in sorted(user_folder.glob("*.toml")):
        try:
            card = _read_user_card(file, documents)
        except CardError as error:
            problems.append(one_line(f"{file.name}{error}", limit=_PROBLEM_LIMIT))
        else:
            cards[card.id] = card
    ordered = sorted(cards.values(), key=lambda card: card.order)
    return Catalogue({card.id: card for card in ordered}, problems)


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
        document = tomllib.loads(file.read_text("utf-8-sig"))
    except OSError as error:
        raise CardError(f": {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:
        match = _TOML_LINE.fullmatch(str(error))
        reason = f", line {match[2]}: {match[1]}" if match else f": {error}"
        raise CardError(reason) from error
    base = bundled.get(str(document.get("id")), {})
    document = {**base, **document}
    try:
        card = msgspec.convert(document, ModelCard)
    except msgspec.ValidationError as error:
        raise CardError(f": {_plainer(str(error), document)}") from error
    if fault := next(_faults(card), None):
        raise CardError(f": {fault}")
    return card


def _plainer(message: str, document: dict[str, Any]) -> str:
    """A message of msgspec in the words of the file."""
    match = _PLACE.fullmatch(message)
    reason, place = (match[1], match[2]) if match else (message, "")
    for technical, plain in _PLAINER.items():
        reason = reason.replace(technical, plain)
    if reason.startswith("Expected"):
        reason = _TYPES.sub(_plainer_types, reason)
    if not place:
        return reason
    if inside := _PARAMETER_PLACE.match(place):
        index = int(inside[1])
        table = document["parameter"][index]
        name = table.get("name") if isinstance(table, dict) else None
        place = f"parameter {name or index + 1} {place[inside.end() :]}".strip()
    return f"{place}: {reason}"


def _plainer_types(match: re.Match[str]) -> str:
    names = [name for name in match[1].split(" | ") if name != "null"]
    return either(_PLAINER_TYPES.get(name, name) for name in names)


def _faults(card: ModelCard) -> Iterator[str]:
    """What is wrong with a card whose every key is of the right type."""
    for parameter in card.parameters:
        where = f"parameter {parameter.name}"
        if parameter.kind == "size":
            yield from (f"{where}: {fault}" for fault in _size_faults(parameter))
        if fault := fault_of(parameter, parameter.default):
            yield f"{where}: default {parameter.default}: {fault.message}"
        for need in parameter.needs:
            if card.parameter(need.parameter) is None:
                yield f"{where}: needs {need.parameter}, which the card does not have"
    for case in card.price.cases if card.price else ():
        for name in case.when:
            if card.parameter(name) is None:
                yield f"price: depends on {name}, which the card does not have"


def _size_faults(parameter: Parameter) -> Iterator[str]:
    for preset in parameter.presets:
        sides = parse_size(preset)
        if sides is None or size_text(*sides) != preset:
            yield f"preset {preset} is not written as 2048x2048"
        elif reason := why_illegal(parameter, *sides):
            yield f"preset {preset}: {reason}"
    try:
        nearest_legal(parameter, 1024, 1024)
    except ValueError:
        yield "no size is within its limits"
