"""Parameters that no card lists: what the user calls them, and what their values are typed as."""

from __future__ import annotations

from collections.abc import Container
from typing import Literal, get_args

import msgspec

from tui.catalog.card import RESERVED, ModelCard, Parameter
from tui.catalog.validation import read_value, written
from tui.config import JSON
from tui.decoding import from_json

ExtraKind = Literal["string", "integer", "number", "boolean", "JSON"]
EXTRA_KINDS: tuple[ExtraKind, ...] = get_args(ExtraKind)
"""What a value is in the JSON of the request."""

_PARAMETERS = {
    "integer": Parameter(name="extra", kind="integer"),
    "number": Parameter(name="extra", kind="number"),
    "boolean": Parameter(name="extra", kind="switch"),
}
_LONGEST_NAME = 200


def kind_of(value: JSON) -> ExtraKind:
    """What `value` is in JSON, as narrowly as can be said."""
    match value:
        case str():
            return "string"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number"
    return "JSON"


def kind_meant(text: str) -> ExtraKind:
    """What somebody who types `text` most likely means it to be."""
    return kind_of(read_value(None, text))


def read_extra(kind: ExtraKind, text: str) -> JSON:
    """The value of that kind that `text` is. Raises ValueError, with a sentence for the user."""
    if not text.strip():
        raise ValueError("Write its value")
    match kind:
        case "string":
            return text
        case "JSON":
            value = _read_json(text)
        case _:
            value = read_value(_PARAMETERS[kind], text)
    if value is None:
        raise ValueError("A value that is nothing is not sent: remove the parameter instead")
    return value


def extra_text(value: JSON) -> str:
    """What to type for `value`."""
    return written(None, value)


def name_fault(card: ModelCard, name: str, others: Container[str]) -> str:
    """Why an extra parameter of `card` cannot be called `name`; empty when it can.

    `others` are the names of the other extra parameters.
    """
    if not name:
        return "Write its name"
    if len(name) > _LONGEST_NAME:
        return "Its name is too long"
    if name in RESERVED:
        return f"The {name} has its own place"
    if name in others:
        return f"{name} is there already"
    for parameter in card.parameters:
        fields = (parameter.name, parameter.group.options if parameter.group else "")
        if name in fields:
            return f"{name} is set above, as {parameter.label}"
    return ""


def _read_json(text: str) -> JSON:
    try:
        value: JSON = from_json(text)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        raise ValueError('Write JSON: {"a": 1}, [1, 2], "text"') from None
    return value
