"""Values of parameters: what a person types, what a form shows, what is legal, what is sent.

A form holds one value a parameter. A request may spread it over two fields (kind `group`), so
everything here takes either spelling, and `request_fields` and `form_values` turn one into the
other.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping

import msgspec
from msgspec import Struct

from tui.catalog.card import ModelCard, Parameter
from tui.catalog.legality import SWITCH_WORDS, either, fault_of, is_among
from tui.catalog.sizes import parse_ratio, parse_size, size_for_ratio, size_text, tier_side
from tui.config import JSON
from tui.decoding import from_json
from tui.text import one_line

LEFT_TO_THE_MODEL = "default"
RANDOM = "random"
ONE_IMAGE = 1
"""What a group's value is when it is off."""

_OFF = "off"
_UP_TO = "up to "
# Longer ones are no value of any API, and Python refuses to read the longest.
_WHOLE_NUMBER = re.compile(r"[+-]?\d{1,18}", re.ASCII)


class Violation(Struct, frozen=True):
    """What a model card has against a request. A warning: the user may send it all the same."""

    parameter: str
    """Its name; `prompt` and `references` are names too."""
    message: str
    """A sentence that fits a form row."""
    nearest: JSON = None
    """The nearest legal value; None is to leave the parameter to the model, or nothing to offer."""


def check(
    card: ModelCard, prompt: str, parameters: Mapping[str, JSON], references: int = 0
) -> tuple[Violation, ...]:
    """Everything that `card` has against a request with `references` input images."""
    values = form_values(card, parameters)
    return (
        *_prompt_violations(card, prompt),
        *_parameter_violations(card, values),
        *_reference_violations(card, values, references),
    )


def check_reference(
    card: ModelCard, file_format: str, byte_count: int, width: int, height: int
) -> Violation | None:
    """What `card` has against one input image; `file_format` is `png`, `jpeg` or `webp`."""
    limits = card.references
    message = None
    if limits is None:
        message = f"{card.name} takes no references"
    elif file_format not in limits.formats:
        message = f"{file_format.upper()} is not taken; {either(limits.formats)}"
    elif limits.max_bytes and byte_count > limits.max_bytes:
        message = f"{byte_count / 1e6:.1f} MB is above {limits.max_bytes / 1e6:g} MB"
    elif limits.min_side and min(width, height) < limits.min_side:
        message = f"{width}×{height}: each side needs {limits.min_side} pixels"
    elif limits.max_pixels and width * height > limits.max_pixels:
        message = f"{width * height:,} pixels is above {limits.max_pixels:,}"
    elif limits.max_aspect and max(width, height) > min(width, height) * limits.max_aspect:
        message = f"{width}×{height}: sides differ {limits.max_aspect:g} to 1 at most"
    return Violation("references", message) if message else None


def read_value(parameter: Parameter | None, text: str) -> JSON:
    """What a person means by `text`: `2304×1728`, `2k`, `on`, `7`, `off`, `up to 4`.

    None is to leave the parameter to the model. With no parameter, JSON if it is JSON, else text.
    A readable value may still be illegal. Raises ValueError, with a sentence for the user, when
    `text` cannot be read.
    """
    if parameter is None:
        return _read_unknown(text)
    word = text.strip()
    if parameter.kind == "text":
        sides = parse_size(word) if parameter.role == "size" else None
        return size_text(*sides) if sides else (text if word else None)
    for name in (*parameter.choices, *parameter.tiers):
        if str(name).casefold() == word.casefold():
            return name
    if word.casefold() in ("", LEFT_TO_THE_MODEL, *([RANDOM] if parameter.role == "seed" else [])):
        return None
    match parameter.kind:
        case "size":
            return _read_size(parameter, word)
        case "integer":
            return _read_integer(word)
        case "number":
            return _read_number(word)
        case "switch":
            return _read_switch(word)
        case "group":
            return _read_group(parameter, word)
        case "choice":
            return word


def written(parameter: Parameter | None, value: JSON) -> str:
    """`value` as shown: `2304×1728`, `on`, `off`, `up to 4`; None as `random` or `default`."""
    if value is None:
        if parameter is not None and parameter.kind == "text":
            return ""
        return RANDOM if parameter is not None and parameter.role == "seed" else LEFT_TO_THE_MODEL
    if isinstance(value, bool):
        return "on" if value else _OFF
    if isinstance(value, str):
        is_size = parameter is not None and "size" in (parameter.kind, parameter.role)
        sides = parse_size(value) if is_size else None
        return f"{sides[0]}×{sides[1]}" if sides and size_text(*sides) == value else value
    if parameter is not None and parameter.kind == "group" and isinstance(value, int):
        return _OFF if value == ONE_IMAGE else f"{_UP_TO}{value}"
    if isinstance(value, int | float):
        return str(value)
    return msgspec.json.encode(value).decode()


def sentence_of(violation: Violation, card: ModelCard) -> str:
    """`violation` in words, with what is nearest to it."""
    parameter = card.parameter(violation.parameter)
    sentence = f"{violation.parameter}: {violation.message}."
    if parameter is None or violation.nearest is None:
        return sentence
    return f"{sentence} Nearest: {written(parameter, violation.nearest)}."


def options(parameter: Parameter) -> tuple[JSON, ...]:
    """The values to offer in a menu, in order; empty for one that is only typed.

    They begin with None where the model may be left to choose.
    """
    values: tuple[JSON, ...]
    match parameter.kind:
        case "size":
            values = (*parameter.tiers, *parameter.presets)
        case "choice":
            values = parameter.choices
        case "switch":
            values = (False, True)
        case "group":
            return tuple(range(ONE_IMAGE, int(parameter.maximum or ONE_IMAGE) + 1))
        case _:
            return ()
    return values if parameter.default is not None or not values else (None, *values)


def request_fields(card: ModelCard, values: Mapping[str, JSON]) -> dict[str, JSON]:
    """The request fields that `values` amount to, ready to send.

    They are what was given, and the defaults of the parameters that are always sent. Names that
    the card does not know are passed on.
    """
    values = form_values(card, values)
    fields: dict[str, JSON] = {}
    for parameter in card.parameters:
        value = values.pop(parameter.name, None)
        if value is None and parameter.always:
            value = parameter.default
        if value is not None:
            fields |= _native_fields(parameter, value)
    return fields | {name: value for name, value in values.items() if value is not None}


def form_values(card: ModelCard, fields: Mapping[str, JSON]) -> dict[str, JSON]:
    """The values a form holds for a request with `fields`: the reverse of `request_fields`."""
    values = dict(fields)
    for parameter in card.parameters:
        group, switch = parameter.group, values.get(parameter.name)
        if group is None or not isinstance(switch, str):
            continue
        if switch == group.off:
            values[parameter.name] = ONE_IMAGE
        elif switch == group.on:
            options_object = values.get(group.options)
            count = options_object.get(group.count) if isinstance(options_object, dict) else None
            # Without a number the model is free up to its maximum.
            values[parameter.name] = parameter.maximum if count is None else count
        else:
            continue
        values.pop(group.options, None)
    return values


def _native_fields(parameter: Parameter, value: JSON) -> dict[str, JSON]:
    group = parameter.group
    if group is None or not isinstance(value, int):
        return {parameter.name: value}
    if value == ONE_IMAGE:
        return {parameter.name: group.off}
    return {parameter.name: group.on, group.options: {group.count: value}}


def _prompt_violations(card: ModelCard, prompt: str) -> Iterator[Violation]:
    if not prompt.strip():
        yield Violation("prompt", "The prompt is empty")
    elif card.prompt_limit and len(prompt) > card.prompt_limit:
        excess = len(prompt) - card.prompt_limit
        yield Violation("prompt", f"Longer than {card.prompt_limit:,} characters by {excess:,}")


def _parameter_violations(card: ModelCard, values: Mapping[str, JSON]) -> Iterator[Violation]:
    for parameter in card.parameters:
        value = values.get(parameter.name)
        if fault := fault_of(parameter, value):
            yield Violation(parameter.name, fault.message, fault.nearest)
        elif message := _unmet_need(card, parameter, values):
            yield Violation(parameter.name, message, parameter.default)
    if not card.open:
        for name, value in values.items():
            if value is not None and card.parameter(name) is None:
                yield Violation(name, one_line(f"{card.name} has no such parameter", limit=60))


def _unmet_need(card: ModelCard, parameter: Parameter, values: Mapping[str, JSON]) -> str | None:
    value = values.get(parameter.name)
    for need in parameter.needs:
        if value is None or (need.values and not is_among(value, need.values)):
            continue
        other = card.parameter(need.parameter)
        beside = values.get(need.parameter)
        if beside is None and other is not None:
            beside = other.default
        if beside is not None and not is_among(beside, need.among):
            what = written(parameter, value) if need.values else parameter.label
            label = other.label.lower() if other else need.parameter
            return f"{what} needs {label} {either(need.among)}"
    return None


def _reference_violations(
    card: ModelCard, values: Mapping[str, JSON], references: int
) -> Iterator[Violation]:
    if not references:
        return
    limits = card.references
    if limits is None:
        if not card.open:
            yield Violation("references", f"{card.name} takes no references", 0)
        return
    if references > limits.max:
        yield Violation("references", f"At most {limits.max} references", limits.max)
    if limits.max_with_images is None:
        return
    room = max(ONE_IMAGE, limits.max_with_images - references)
    for parameter in card.parameters:
        images = values.get(parameter.name)
        if parameter.kind == "group" and isinstance(images, int) and images > room:
            what = "reference leaves" if references == 1 else "references leave"
            yield Violation(parameter.name, f"{references} {what} room for {room}", room)


def _read_size(parameter: Parameter, word: str) -> str:
    if sides := parse_size(word):
        return size_text(*sides)
    if aspect := parse_ratio(word):
        return size_for_ratio(parameter, aspect)
    if tier_side(word):
        return word.upper()
    names = f", or {either(parameter.tiers)}" if parameter.tiers else ""
    raise ValueError(f"Write a size as 2048×2048{names}")


def _read_integer(word: str) -> int:
    if not _WHOLE_NUMBER.fullmatch(word):
        raise ValueError("Write a whole number")
    return int(word)


def _read_number(word: str) -> int | float:
    if _WHOLE_NUMBER.fullmatch(word):
        return int(word)
    try:
        number = float(word)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ValueError("Write a number")
    return number


def _read_switch(word: str) -> bool:
    try:
        return SWITCH_WORDS[word.casefold()]
    except KeyError:
        raise ValueError("Write on or off") from None


def _read_group(parameter: Parameter, word: str) -> int:
    group = parameter.group
    folded = word.casefold().removeprefix(_UP_TO)
    if folded == _OFF or (group and folded == group.off.casefold()):
        return ONE_IMAGE
    if folded == "on" or (group and folded == group.on.casefold()):
        return int(parameter.maximum or ONE_IMAGE)
    if not _WHOLE_NUMBER.fullmatch(folded):
        raise ValueError("Write off, or how many images at most")
    return int(folded)


def _read_unknown(text: str) -> JSON:
    try:
        value: JSON = from_json(text)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return text
    return value
