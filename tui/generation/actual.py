"""What came, held against what was asked for."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Literal

from msgspec import Struct

from tui.catalog.card import ModelCard
from tui.catalog.sizes import parse_ratio, parse_size, size_text, tier_side
from tui.catalog.validation import form_values
from tui.history.entry import Entry, EntryImage
from tui.text import Shown, one_line

Aspect = Literal["size", "ratio", "count", "model", "prompt", "seed"]

# Vendors round the sides of a ratio to their own grid, and make the shapes of a tier of nearly the
# same number of pixels; the next ratio and the next tier are further away than this.
_RATIO_TOLERANCE = 0.03
_TIER_TOLERANCE = 0.5
_SIZES_BY_NAME = frozenset({"size", "ratio", "aspect_ratio", "resolution"})
"""Parameters that mean a size or shape also where the card does not have them."""
_PROMPT_SHOWN = 300
_NAME_SHOWN = 40


class Difference(Struct, frozen=True):
    """Something that came otherwise than it was asked for."""

    what: Aspect
    asked: str
    """As the request has it."""
    came: str
    image: int | None = None
    """Number of the picture that it is about, from 1; None for all of them."""


def differences(entry: Entry, card: ModelCard) -> tuple[Difference, ...]:
    """In what the answer to `entry` differs from its request, as far as the endpoint told.

    `card` is that of the entry's model. What was left to the model cannot differ, nor can a group
    of fewer pictures than it might have had.
    """
    return (
        *_model(entry, card),
        *_count(entry, card),
        *_seed(entry, card),
        *(
            difference
            for number, image in enumerate(entry.images, start=1)
            for difference in (*_shapes(entry, card, image, number), *_prompt(entry, image, number))
        ),
    )


def in_words(difference: Difference) -> Shown:
    """`difference` for people: `asked 2304×1728, came 2048×2048`."""
    came = one_line(_readable(difference.came), limit=_PROMPT_SHOWN)
    match difference.what:
        case "prompt":
            return one_line(f"prompt revised: {came}")
        case "model":
            return one_line(f"{in_few_words(difference)}, not {_short(difference.asked)}")
        case _:
            return one_line(f"{in_few_words(difference)}, came {came}")


def in_few_words(difference: Difference) -> Shown:
    """`difference` beside a picture whose facts are shown: `asked 2304×1728`."""
    match difference.what:
        case "prompt":
            return Shown("prompt revised")
        case "model":
            return one_line(f"served by {_short(difference.came)}")
        case "count":
            images = "image" if difference.asked in ("1", "up to 1") else "images"
            return one_line(f"asked {difference.asked} {images}")
        case "seed":
            return one_line(f"asked seed {_short(difference.asked)}")
        case _:
            return one_line(f"asked {_short(_readable(difference.asked))}")


def _model(entry: Entry, card: ModelCard) -> Iterator[Difference]:
    served = entry.response.served_by if entry.response else ""
    names = {name.casefold() for name in (entry.model, card.id, *card.aliases)}
    if served and served.casefold() not in names:
        yield Difference("model", entry.model, served)


def _count(entry: Entry, card: ModelCard) -> Iterator[Difference]:
    if entry.status not in ("done", "partial"):
        return  # More may come, or none was made.
    asked, most = _number_asked(entry, card), _most_asked(entry, card)
    came = len(entry.images)
    if most is None:
        if asked is not None and came != asked:
            yield Difference("count", str(asked), str(came))
    elif came > most * (asked or 1):
        yield Difference("count", f"up to {most * (asked or 1)}", str(came))


def _number_asked(entry: Entry, card: ModelCard) -> int | None:
    for name, value in entry.parameters.items():
        parameter = card.parameter(name)
        counts = parameter.role == "count" if parameter else name == "n"
        if counts and _is_number(value) and value > 0:
            return int(value)
    return None


def _most_asked(entry: Entry, card: ModelCard) -> int | None:
    values = form_values(card, entry.parameters)
    for parameter in card.parameters:
        value = values.get(parameter.name)
        if parameter.kind == "group" and isinstance(value, int):
            return value
    return None


def _seed(entry: Entry, card: ModelCard) -> Iterator[Difference]:
    """A seed that none of the pictures has: those of one request may count up from it."""
    told = [image.seed for image in entry.images if image.seed is not None]
    for name, value in entry.parameters.items():
        parameter = card.parameter(name)
        is_seed = parameter.role == "seed" if parameter else name == "seed"
        # Below zero it asks for any seed.
        if is_seed and told and _is_number(value) and value >= 0 and value not in told:
            yield Difference("seed", str(value), str(told[0]))


def _shapes(entry: Entry, card: ModelCard, image: EntryImage, number: int) -> Iterator[Difference]:
    came = size_text(image.width, image.height)
    for name, value in entry.parameters.items():
        parameter = card.parameter(name)
        if parameter is None:
            tells = name in _SIZES_BY_NAME
        else:
            tells = parameter.kind in ("size", "choice") or parameter.role == "size"
        if tells and isinstance(value, str) and (what := _misshaped(value, image)):
            yield Difference(what, value, came, number)


def _misshaped(asked: str, image: EntryImage) -> Literal["size", "ratio"] | None:
    """What of `asked`, a size, a tier or a ratio, the picture does not have."""
    if image.width < 1 or image.height < 1:
        return None
    if sides := parse_size(asked):
        return None if sides == (image.width, image.height) else "size"
    if side := tier_side(asked):
        return None if _near(image.width * image.height, side * side, _TIER_TOLERANCE) else "size"
    if ratio := parse_ratio(asked):
        return None if _near(image.width / image.height, ratio, _RATIO_TOLERANCE) else "ratio"
    return None


def _prompt(entry: Entry, image: EntryImage, number: int) -> Iterator[Difference]:
    if image.revised_prompt:
        yield Difference("prompt", entry.prompt, image.revised_prompt, number)


def _near(number: float, other: float, tolerance: float) -> bool:
    return abs(math.log(number / other)) <= math.log1p(tolerance)


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _readable(size: str) -> str:
    sides = parse_size(size)
    return f"{sides[0]}×{sides[1]}" if sides and size_text(*sides) == size else size


def _short(text: str) -> Shown:
    return one_line(text, limit=_NAME_SHOWN)
