"""Flags at the end of a prompt: `a fox in the snow --ar 16:9 --seed 42 --m kling`.

A flag is `--name value`, `--name=value`, or for a switch `--name` alone; a value with blanks stands
in double quotes. Flags count only behind the last word of the prompt, and only those that are
known: anything else is part of the prompt. A lone `--` keeps what follows it from being flags, and
is dropped where it did.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from msgspec import Struct

from tui.catalog.card import ModelCard, Parameter
from tui.catalog.legality import either, fault_of
from tui.catalog.loading import Catalogue
from tui.catalog.sizes import (
    parse_ratio,
    parse_size,
    ratio_text,
    size_for_ratio,
    tier_of,
    tier_side,
)
from tui.catalog.validation import read_value, written
from tui.config import JSON

MODEL = "model"
RATIO = "ratio"
NEGATIVE = "no"

_NAMES = {
    "ar": RATIO, "aspect": RATIO, "ratio": RATIO,
    "m": MODEL, "model": MODEL,
    "no": NEGATIVE,
    "n": "count", "seed": "seed", "size": "size",
    "q": "quality", "quality": "quality",
    "wm": "watermark", "watermark": "watermark",
}  # fmt: skip
"""What each flag that is not a parameter's own name stands for."""
_NEGATIVE_PARAMETER = "negative_prompt"
_SWITCHED_ON = "on"
_MOST_LISTED = 4

_WORD = re.compile(r"\S+")
_BLANKS = re.compile(r"\s*")
# Phones and word processors turn two hyphens into one dash.
_FLAG = re.compile(r"(?:--|—)(?P<name>[A-Za-z][\w-]*)(?:=(?P<value>\S*))?", re.ASCII)
_QUOTED = re.compile(r'"([^"]*)"(?=\s|\Z)')
_RATIO_TOLERANCE = 0.02


class Flag(Struct, frozen=True):
    """One flag as it was written."""

    name: str
    """In small letters, without its hyphens."""
    value: str
    """Empty where none was written."""


class Flagged(Struct, frozen=True):
    """A prompt taken apart."""

    prompt: str
    """Without the flags, and without the blanks before them."""
    flags: tuple[Flag, ...] = ()


class Meaning(Struct, frozen=True):
    """What a flag amounts to for one model."""

    flag: Flag
    text: str
    """For people: `Size 2304×1296`, or what is wrong."""
    wrong: bool = False
    """Whether the flag cannot be followed."""


class Reading(Struct, frozen=True):
    """What the flags of a prompt amount to."""

    card: ModelCard
    """Of the model that they name, or else of the one they were read for."""
    values: dict[str, JSON] = {}
    """By parameter of that card, or of the number of images; None leaves it to the model."""
    suffix: str = ""
    """To be added to the prompt."""
    meanings: tuple[Meaning, ...] = ()
    """One a flag, in their order."""


def split_flags(text: str, is_known: Callable[[str], bool]) -> Flagged:
    """Take the flags off the end of `text`; `is_known` is asked for each name."""
    run = _run_of_flags(text, is_known)
    if run is None:
        return Flagged(text)
    if run.escape is not None:
        return Flagged(text[: run.escape] + text[run.start :])
    return Flagged(text[: run.start].rstrip(), run.flags)


def without_flags(text: str, is_known: Callable[[str], bool]) -> str:
    """What to write so that `split_flags` finds no flags and gives back `text`."""
    run = _run_of_flags(text, is_known)
    return text if run is None else f"{text[: run.start]}-- {text[run.start :]}"


def names_known(catalogue: Catalogue, card: ModelCard) -> frozenset[str]:
    """The names of flags: ours, and each parameter's own, of any model, as it may be written."""
    cards = (card, *catalogue.cards.values())
    own = {_flag_name(parameter) for each in cards for parameter in each.parameters}
    return frozenset(own | set(_NAMES))


def read_flags(
    flags: Iterable[Flag],
    catalogue: Catalogue,
    card: ModelCard,
    values: Mapping[str, JSON],
    count: Parameter | None = None,
) -> Reading:
    """What `flags` amount to for `card`, whose parameters have `values` so far.

    A model that they name comes first, wherever it stands; the last of several that mean the same
    counts. `count` is what `--n` sets where a model takes no number of images; None: nothing.
    """
    flags = tuple(flags)
    named: dict[Flag, Meaning] = {}
    begun_with = card
    for flag in flags:
        if _meant(flag, card) == MODEL:
            found, named[flag] = _find_model(flag, catalogue)
            card = found or card
    read: dict[str, JSON] = {}
    suffix = ""
    meanings: list[Meaning] = []
    for flag in flags:
        if flag in named:
            meanings.append(named[flag])
            continue
        if _meant(flag, card) == NEGATIVE and card.without and flag.value:
            suffix = card.without.replace("{}", flag.value)
            meanings.append(Meaning(flag, suffix.strip()))
            continue
        held = {**(values if card is begun_with else {}), **read}
        parameter = _parameter(flag, card)
        if parameter is None and _meant(flag, card) == "count":
            parameter = count
        if parameter is None:
            reason = f"--{flag.name}: {card.name} has no such parameter"
            meanings.append(Meaning(flag, reason, wrong=True))
            continue
        try:
            value = _read(flag, parameter, held.get(parameter.name))
        except ValueError as error:
            meanings.append(Meaning(flag, f"--{flag.name}: {error}", wrong=True))
            continue
        read[parameter.name] = value
        meanings.append(Meaning(flag, _worded(flag, parameter, value)))
    return Reading(card, read, suffix, tuple(meanings))


class _Run(Struct, frozen=True):
    """Flags up to the end of a text."""

    flags: tuple[Flag, ...]
    start: int
    escape: int | None
    """Where the `--` stands that keeps them from being flags."""


def _run_of_flags(text: str, is_known: Callable[[str], bool]) -> _Run | None:
    flags: list[Flag] = []
    start: int | None = None
    escape: int | None = None
    position = 0
    while word := _WORD.search(text, position):
        position = word.end()
        found = _FLAG.fullmatch(word[0])
        if found and is_known(found["name"].lower()):
            start = word.start() if start is None else start
            name = found["name"].lower()
            value, position = _value(text, position, found["value"], name)
            flags.append(Flag(name, value))
            continue
        # One that words follow is a dash.
        escape = word.start() if word[0] == "--" else None
        start, flags = None, []
    return None if start is None else _Run(tuple(flags), start, escape)


def _value(text: str, position: int, attached: str | None, name: str) -> tuple[str, int]:
    """The value of the flag whose name ends at `position`, and where it ends."""
    if attached is not None:
        return attached, position
    blanks = _BLANKS.match(text, position)
    if blanks and (quoted := _QUOTED.match(text, blanks.end())):
        return quoted[1], quoted.end()
    words: list[str] = []
    for word in _WORD.finditer(text, position):
        if word[0] == "--" or _FLAG.fullmatch(word[0]):
            break
        words.append(word[0])
        position = word.end()
        # What shall not be in a picture is often more than a word.
        if _NAMES.get(name) != NEGATIVE:
            break
    return " ".join(words), position


def _flag_name(parameter: Parameter) -> str:
    return parameter.name.replace("_", "-").lower()


def _meant(flag: Flag, card: ModelCard) -> str:
    """What `flag` stands for; a parameter of the card outranks our own meaning of its name."""
    if any(_flag_name(parameter) == flag.name for parameter in card.parameters):
        return flag.name
    return _NAMES.get(flag.name, flag.name)


def _parameter(flag: Flag, card: ModelCard) -> Parameter | None:
    """The parameter of `card` that `flag` sets."""
    meant = _meant(flag, card)
    for parameter in card.parameters:
        if _flag_name(parameter) == flag.name:
            return parameter
    for parameter in card.parameters:
        match meant:
            case "ratio":
                fits = parameter.kind == "size" or _offers_ratios(parameter)
            case "no":
                fits = parameter.name == _NEGATIVE_PARAMETER
            case "size":
                fits = "size" in (parameter.kind, parameter.role)
            case "count" | "seed":
                fits = parameter.role == meant
            case _:
                fits = parameter.name == meant
        if fits:
            return parameter
    return None


def _offers_ratios(parameter: Parameter) -> bool:
    return any(parse_ratio(str(choice)) for choice in parameter.choices)


def _read(flag: Flag, parameter: Parameter, held: JSON) -> JSON:
    """The value that `flag` gives `parameter`. Raises ValueError, with a sentence."""
    text = flag.value
    if not text and parameter.kind == "switch":
        text = _SWITCHED_ON
    if not text:
        raise ValueError("write its value")
    if parameter.kind == "size" and (aspect := parse_ratio(text)):
        return size_for_ratio(parameter, aspect, _tier(parameter, held))
    if parameter.kind == "size" and _NAMES.get(flag.name) == RATIO:
        raise ValueError("write a ratio as 16:9")
    value = read_value(parameter, text)
    if parameter.kind == "choice" and (fault := fault_of(parameter, value)):
        raise ValueError(fault.message[0].lower() + fault.message[1:])
    return value


def _tier(parameter: Parameter, held: JSON) -> str:
    """How large the size is that `parameter` has now, as a tier; "" for one without tiers."""
    held = parameter.default if held is None else held
    if sides := parse_size(str(held)):
        return tier_of(parameter, *sides)
    return str(held) if tier_side(str(held)) else ""


def _worded(flag: Flag, parameter: Parameter, value: JSON) -> str:
    text = f"{parameter.label} {written(parameter, value)}"
    wanted, sides = parse_ratio(flag.value), parse_size(str(value))
    if wanted and sides and abs(sides[0] / sides[1] / wanted - 1) > _RATIO_TOLERANCE:
        return f"{text} ({ratio_text(*sides)} is nearest to {flag.value})"
    return text


def _find_model(flag: Flag, catalogue: Catalogue) -> tuple[ModelCard | None, Meaning]:
    if not flag.value:
        return None, Meaning(flag, f"--{flag.name}: write which model", wrong=True)
    if card := catalogue.find(flag.value):
        return card, Meaning(flag, card.name)
    found = list(_models_like(flag.value, catalogue))
    if len(found) == 1:
        return found[0], Meaning(flag, found[0].name)
    if found:
        names = either([card.id for card in found[:_MOST_LISTED]])
        return None, Meaning(flag, f"--{flag.name} {flag.value} may be {names}", wrong=True)
    reason = f"--{flag.name}: no model is called {flag.value}"
    return None, Meaning(flag, reason, wrong=True)


def _models_like(text: str, catalogue: Catalogue) -> Iterator[ModelCard]:
    """The models in whose id, name or alias `text` occurs."""
    wanted = text.casefold()
    for card in catalogue.cards.values():
        names = (card.id, card.name, *card.aliases)
        if any(wanted in name.casefold() for name in names):
            yield card
