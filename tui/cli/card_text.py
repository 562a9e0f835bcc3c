"""A model card in words: what a person has to know to use the model."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from tui.catalog.card import ModelCard, Parameter, Price, References
from tui.catalog.legality import either
from tui.catalog.price import estimate
from tui.catalog.validation import options, written
from tui.catalog.wording import range_text
from tui.history.wording import dollars
from tui.text import one_line

WIDTH = 80
INDENT = " " * 4
LABELS = " " * 13


def card_lines(
    card: ModelCard, endpoint: str = "", *, offered: bool | None = None
) -> Iterator[str]:
    """All of `card` in lines of at most WIDTH characters, where no word is longer.

    `offered` is whether the endpoint of that name lists it; None: not known, and not said.
    """
    yield one_line(f"{card.name}, {card.vendor}" if card.vendor else card.name)
    if card.help:
        yield from _wrapped(card.help, INDENT)
    facts = list(_facts(card))
    if offered is not None:
        facts.append(("offered", f"{'by' if offered else 'not by'} {endpoint}"))
    for label, text in facts:
        yield from _wrapped(text, f"{label:<{len(LABELS)}}", LABELS)
    for parameter in card.parameters:
        yield ""
        yield _title(parameter)
        for sentence in (*_values(parameter), parameter.help, parameter.ignored):
            if sentence:
                yield from _wrapped(sentence, INDENT)


def _facts(card: ModelCard) -> Iterator[tuple[str, str]]:
    """What holds for the model as a whole, each with its label, which may be empty."""
    yield "id", card.id
    if card.aliases:
        yield "also called", ", ".join(card.aliases)
    usual = estimate(card, {})
    yield "price", f"{dollars(usual)} an image" if usual is not None else "not known beforehand"
    if card.price is not None:
        for text in _special_prices(card.price):
            yield "", text
        yield "", f"as listed on {card.price.as_of}"
    if card.typical_seconds:
        yield "duration", f"about {card.typical_seconds:g} s"
    if card.prompt_limit:
        yield "prompt", f"up to {card.prompt_limit:,} characters"
    yield "references", _references(card.references)


def _special_prices(price: Price) -> Iterator[str]:
    for case in price.cases:
        settings = " and ".join(f"{name} {either(among)}" for name, among in case.when.items())
        yield f"{dollars(case.usd_per_image)} with {settings}"
    if price.usd_per_reference:
        yield f"{dollars(price.usd_per_reference)} more for each reference"


def _references(limits: References | None) -> str:
    if limits is None:
        return "none"
    parts = [f"up to {limits.max} in {either(limits.formats)}"]
    if limits.max_with_images:
        parts.append(f"together with the images made up to {limits.max_with_images}")
    if limits.max_bytes:
        parts.append(f"each up to {limits.max_bytes / 1e6:g} MB")
    if limits.min_side:
        parts.append(f"sides from {limits.min_side} pixels")
    if limits.max_pixels:
        parts.append(f"up to {limits.max_pixels:,} pixels")
    if limits.max_aspect:
        parts.append(f"sides {limits.max_aspect:g} to 1 at most")
    parts.append("called {} in the prompt".format(limits.mention.replace("{}", "1")))
    return ", ".join(parts)


def _title(parameter: Parameter) -> str:
    label = "" if parameter.label.casefold() == parameter.name else f" ({parameter.label})"
    default = "left to the model"
    if parameter.default is not None or parameter.role == "seed":
        default = written(parameter, parameter.default)
    return one_line(f"{parameter.name}{label}: {default} if not given")


def _values(parameter: Parameter) -> Iterator[str]:
    """What the parameter may be, in sentences."""
    match parameter.kind:
        case "integer" | "number":
            yield range_text(parameter)
        case "group":
            yield f"Off, or how many images at most: up to {parameter.maximum}."
        case "switch":
            yield "On or off."
        case "text":
            yield "Text."
        case "size" | "choice":
            values = [value for value in options(parameter) if value is not None]
            if values:
                yield f"{', '.join(written(parameter, value) for value in values)}."
    if parameter.kind == "size" and not parameter.only_presets:
        yield f"Any size{_size_limits(parameter)}."


def _size_limits(parameter: Parameter) -> str:
    """The limits of a size in pixels, as the end of a sentence."""
    parts = []
    low, high = parameter.min_pixels, parameter.max_pixels
    if low and high:
        parts.append(f"{low:,} to {high:,} pixels")
    elif low or high:
        parts.append(f"at least {low:,} pixels" if low else f"up to {high:,} pixels")
    if parameter.min_side:
        parts.append(f"each side from {parameter.min_side}")
    if parameter.max_side:
        parts.append(f"each side up to {parameter.max_side}")
    if parameter.multiple_of > 1:
        parts.append(f"each side a multiple of {parameter.multiple_of}")
    if parameter.max_aspect:
        parts.append(f"sides {parameter.max_aspect:g} to 1 at most")
    return f" of {', '.join(parts)}" if parts else ""


def _wrapped(text: str, first: str, following: str | None = None) -> list[str]:
    """`text` in lines, the first one after `first` and the others after `following`."""
    return textwrap.wrap(
        one_line(text),
        WIDTH,
        initial_indent=first,
        subsequent_indent=first if following is None else following,
        break_on_hyphens=False,
        break_long_words=False,
    )
