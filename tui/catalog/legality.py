"""Whether one value is legal for one parameter, and which legal value is nearest to it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

from tui.catalog.card import Parameter, Scalar
from tui.catalog.sizes import (
    nearest_legal,
    parse_ratio,
    parse_size,
    size_for_ratio,
    size_text,
    tier_side,
    why_illegal,
)
from tui.config import JSON
from tui.text import one_line

MESSAGE_LIMIT = 60
"""Characters that a form row has room for."""

SWITCH_WORDS = {
    "on": True, "true": True, "yes": True, "y": True, "1": True,
    "off": False, "false": False, "no": False, "n": False, "0": False,
}  # fmt: skip


class Fault(NamedTuple):
    """What is wrong with a value."""

    message: str
    """A sentence that fits a form row."""
    nearest: JSON
    """The nearest legal value; None is to leave the parameter to the model."""


def fault_of(parameter: Parameter, value: JSON) -> Fault | None:
    """What is wrong with `value`; None when it is legal, as is leaving it unset with None."""
    if value is None:
        return None
    match parameter.kind:
        case "size":
            return _size_fault(parameter, value)
        case "integer" | "group":
            return _integer_fault(parameter, value)
        case "number":
            return _number_fault(parameter, value)
        case "choice":
            return _choice_fault(parameter, value)
        case "switch":
            if isinstance(value, bool):
                return None
            meant = SWITCH_WORDS.get(_text(value).casefold(), parameter.default)
            return Fault("Must be on or off", meant)
        case "text":
            return None if isinstance(value, str) else Fault("Must be text", parameter.default)


def is_among(value: JSON, values: Iterable[Scalar]) -> bool:
    """Whether `value` is one of `values`, where true is not 1."""
    return any(value == other and _is_switch(value) == _is_switch(other) for other in values)


def either(values: Iterable[Scalar]) -> str:
    """`values` as a list for people: `a, b or c`."""
    *others, last = map(str, values)
    return f"{', '.join(others)} or {last}" if others else last


def _size_fault(parameter: Parameter, value: JSON) -> Fault | None:
    if not isinstance(value, str):
        return Fault("Write a size as 2048x2048", parameter.default)
    if value in parameter.tiers or value in parameter.presets:
        return None
    if sides := parse_size(value):
        if reason := why_illegal(parameter, *sides):
            return Fault(reason, size_text(*nearest_legal(parameter, *sides)))
        right = size_text(*sides)
        return None if value == right else Fault(f"Write it as {right}", right)
    if aspect := parse_ratio(value):
        right = size_for_ratio(parameter, aspect)
        return Fault(f"Write a ratio as a size: {right}", right)
    if parameter.tiers:
        return _not_offered(value, parameter.tiers, _nearest_name(parameter, value))
    if side := tier_side(value):
        return Fault("Has no sizes by name", size_text(*nearest_legal(parameter, side, side)))
    return Fault("Write a size as 2048x2048", parameter.default)


def _integer_fault(parameter: Parameter, value: JSON) -> Fault | None:
    number = _number(value)
    if number is None:
        return Fault("Must be a whole number", parameter.default)
    if not isinstance(value, int) or isinstance(value, bool):
        return Fault("Must be a whole number", round(_clamped(parameter, number)))
    return _bounds_fault(parameter, number)


def _number_fault(parameter: Parameter, value: JSON) -> Fault | None:
    number = _number(value)
    if number is None:
        return Fault("Must be a number", parameter.default)
    if not isinstance(value, int | float) or isinstance(value, bool):
        return Fault("Must be a number", _clamped(parameter, number))
    return _bounds_fault(parameter, number)


def _bounds_fault(parameter: Parameter, number: int | float) -> Fault | None:
    nearest = _clamped(parameter, number)
    if nearest == number:
        return None
    least, most = _bounds(parameter)
    if least is None:
        message = f"At most {most:,}"
    elif most is None:
        message = f"At least {least:,}"
    else:
        message = f"Goes from {least:,} to {most:,}"
    return Fault(message, nearest)


def _bounds(parameter: Parameter) -> tuple[int | float | None, int | float | None]:
    least = 1 if parameter.kind == "group" else parameter.minimum
    return least, parameter.maximum


def _clamped(parameter: Parameter, number: int | float) -> int | float:
    least, most = _bounds(parameter)
    if least is not None and number < least:
        return least
    return most if most is not None and number > most else number


def _number(value: JSON) -> int | float | None:
    """`value` as a finite number, read from text if need be."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, int):
        return int(value)
    return value if isinstance(value, float) and math.isfinite(value) else None


def _choice_fault(parameter: Parameter, value: JSON) -> Fault | None:
    if is_among(value, parameter.choices):
        return None
    return _not_offered(value, parameter.choices, _nearest_name(parameter, _text(value)))


def _not_offered(value: JSON, offered: tuple[Scalar, ...], nearest: JSON) -> Fault:
    shown = one_line(_text(value), limit=16)
    message = f"{shown} is not offered; {either(offered)}"
    if len(message) > MESSAGE_LIMIT:
        advice = "" if nearest is None else f"; nearest is {nearest}"
        message = f"{shown} is not offered{advice}"
    return Fault(message, nearest)


def _nearest_name(parameter: Parameter, text: str) -> JSON:
    """The choice or tier meant by `text`: in other letters, or the nearest ratio or resolution."""
    names = parameter.choices if parameter.kind == "choice" else parameter.tiers
    for name in names:
        if str(name).casefold() == text.strip().casefold():
            return name
    for measure in (parse_ratio, tier_side):
        wanted = measure(text)
        measured = {name: size for name in names if (size := measure(str(name)))}
        if wanted and measured:
            return min(measured, key=lambda name: abs(math.log(measured[name] / wanted)))
    return parameter.default


def _text(value: JSON) -> str:
    try:
        return str(value)
    except ValueError:  # Python writes no number of thousands of digits.
        return "the number"


def _is_switch(value: JSON) -> bool:
    return isinstance(value, bool)
