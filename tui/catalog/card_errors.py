"""Why a user's card cannot be used, and where in its file, in the words of that file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec
import tomli

from tui.catalog.card import ModelCard, Parameter
from tui.catalog.key_lines import Place, line_of
from tui.catalog.legality import either, fault_of
from tui.catalog.sizes import nearest_legal, parse_size, size_text, why_illegal
from tui.decoding import convert

_TOML_LINE = re.compile(r"(.*) \(at line (\d+), column \d+\)", re.DOTALL)
_TOML_END = re.compile(r"(.*) \(at end of document\)", re.DOTALL)
_WHERE = re.compile(r"(.*) - at `(?:key in )?\$\.?(.*)`", re.DOTALL)
_STEP = re.compile(r"\.?(?:([^.\[\]]+)|\[(\d+)\])")
_PARAMETER = re.compile(r"parameter\[(\d+)\]\.?")
_KEY = re.compile(r"`([^`]+)`")
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
    """A card cannot be used; the text, which follows the file's name, says where in it and why."""


class _Fault(NamedTuple):
    place: Place
    reason: str


def text_of(data: bytes) -> str:
    """The text of a card's file. Raises CardError."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _at(data.count(b"\n", 0, error.start) + 1, "not UTF-8 text") from error


def document_of(text: str) -> dict[str, Any]:
    """The TOML document that `text` is. Raises CardError."""
    try:
        return tomli.loads(text)
    except (ValueError, RecursionError) as error:
        if match := _TOML_LINE.fullmatch(str(error)):
            raise _at(int(match[2]), match[1]) from error
        if match := _TOML_END.fullmatch(str(error)):
            raise _at(text.rstrip().count("\n") + 1, match[1]) from error
        raise _at(None, str(error)) from error


def card_of(document: dict[str, Any], text: str) -> ModelCard:
    """The card that `document` is, whose own part is written in `text`. Raises CardError."""
    try:
        card = convert(document, ModelCard)
    except msgspec.ValidationError as error:
        match = _WHERE.fullmatch(str(error))
        reason, where = (match[1], match[2]) if match else (str(error), "")
        line = _line_of_type_fault(reason, _place(where), text)
        raise _at(line, _plainer(reason, where, document)) from error
    if fault := next(_faults(card), None):
        raise _at(line_of(text, fault.place), fault.reason)
    return card


def _at(line: int | None, reason: str) -> CardError:
    return CardError(f": {reason}" if line is None else f", line {line}: {reason}")


def _line_of_type_fault(reason: str, place: Place, text: str) -> int | None:
    """The line of the key that `reason` names in the table at `place`, or else of `place`."""
    key = None if reason.startswith("Expected") else _KEY.search(reason)
    return line_of(text, (*place, key[1]) if key else place)


def _place(where: str) -> Place:
    """What msgspec calls `parameter[1].minimum`, up to a key that it does not name."""
    steps: list[str | int] = []
    position = 0
    while step := _STEP.match(where, position):
        steps.append(step[1] or int(step[2]))
        position = step.end()
    return tuple(steps)


def _plainer(reason: str, where: str, document: dict[str, Any]) -> str:
    """What msgspec says in the words of the file."""
    for technical, plain in _PLAINER.items():
        reason = reason.replace(technical, plain)
    if reason.startswith("Expected"):
        reason = _TYPES.sub(_plainer_types, reason)
    if not where:
        return reason
    if inside := _PARAMETER.match(where):
        index = int(inside[1])
        name = _parameter_name(document, index)
        where = f"parameter {name or index + 1} {where[inside.end() :]}".strip()
    return f"{where}: {reason}"


def _parameter_name(document: dict[str, Any], index: int) -> object:
    """The name of that parameter; None where it has none, or where there is no such parameter:
    a reason may quote what only looks like a place."""
    try:
        return document["parameter"][index]["name"]
    except (LookupError, TypeError):
        return None


def _plainer_types(match: re.Match[str]) -> str:
    names = [name for name in match[1].split(" | ") if name != "null"]
    return either(_PLAINER_TYPES.get(name, name) for name in names)


def _faults(card: ModelCard) -> Iterator[_Fault]:
    """What is wrong with a card whose every key is of the right type."""
    for index, parameter in enumerate(card.parameters):
        place: Place = ("parameter", index)
        where = f"parameter {parameter.name}"
        if parameter.kind == "size":
            for fault in _size_faults(parameter):
                yield _Fault(place + fault.place, f"{where}: {fault.reason}")
        if illegal := fault_of(parameter, parameter.default):
            reason = f"{where}: default {parameter.default}: {illegal.message}"
            yield _Fault((*place, "default"), reason)
        for need in parameter.needs:
            if card.parameter(need.parameter) is None:
                reason = f"{where}: needs {need.parameter}, which the card does not have"
                yield _Fault((*place, "needs"), reason)
    for index, case in enumerate(card.price.cases if card.price else ()):
        for name in case.when:
            if card.parameter(name) is None:
                reason = f"price: depends on {name}, which the card does not have"
                yield _Fault(("price", "case", index, "when"), reason)


def _size_faults(parameter: Parameter) -> Iterator[_Fault]:
    for preset in parameter.presets:
        sides = parse_size(preset)
        if sides is None or size_text(*sides) != preset:
            yield _Fault(("presets",), f"preset {preset} is not written as 2048x2048")
        elif reason := why_illegal(parameter, *sides):
            yield _Fault(("presets",), f"preset {preset}: {reason}")
    try:
        nearest_legal(parameter, 1024, 1024)
    except ValueError:
        yield _Fault((), "no size is within its limits")
