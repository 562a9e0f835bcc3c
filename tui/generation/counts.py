"""How many images one press of send asks for, and how they are shared out among requests."""

from __future__ import annotations

from itertools import groupby
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from tui.catalog.card import ModelCard, Parameter
from tui.catalog.legality import fault_of
from tui.config import JSON

MOST_IMAGES = 100
"""What can be asked for at once, unless the model itself gives more."""

IMAGES = Parameter(
    name="number of images",
    kind="integer",
    role="count",
    label="Images",
    default=1,
    minimum=1,
    maximum=MOST_IMAGES,
    help="This model takes no number: each image is a request.",
)
"""What a form sets for a model that takes no number of images. It is never sent, and its name
cannot be taken for that of a request field."""

Spread = Literal["together", "apart"]
"""As few requests as the model allows, or one for each image."""
SPREADS: tuple[Spread, ...] = ("together", "apart")

_MOST_LISTED = 4


class Sharing(Struct, frozen=True):
    """How the images of a draft are shared out among requests, and how they might be."""

    spread: Spread = "together"
    together: tuple[int, ...] = (1,)
    """Images of each request, in as few requests as there can be."""
    apart: tuple[int, ...] = (1,)
    """The same with a request for each image."""
    group: int = 1
    """How many images may come for each that is counted."""
    has_seeds: bool = False
    """Whether the requests carry seeds."""

    @property
    def shared(self) -> tuple[int, ...]:
        """Images of each request, as they are going to be sent."""
        return self.together if self.spread == "together" else self.apart

    @property
    def is_choice(self) -> bool:
        """Whether it makes a difference how they are shared out."""
        return self.together != self.apart

    def meaning(self) -> str:
        """What it means for charges and lost answers; empty for a single image."""
        shared, images = self.shared, sum(self.shared)
        if images == 1:
            return ""
        if len(shared) == 1:
            return f"One charge; if the answer is lost, all {images} are looked for together."
        if max(shared) > 1:
            sizes = f"{images} images = {in_requests(shared)}."
            return f"{sizes} If an answer is lost, its images are looked for together."
        each = f" of up to {self.group} images" if self.group > 1 else ""
        seeds = " Seeds count up." if self.has_seeds else ""
        return f"{len(shared)} requests{each}, each charged, shown and recovered by itself.{seeds}"


def count_parameter(card: ModelCard) -> Parameter | None:
    """The parameter of `card` that is a number of images; None for a model without one."""
    return next((found for found in card.parameters if found.role == "count"), None)


def form_card(card: ModelCard) -> ModelCard:
    """`card` as a form shows it: it takes more images than one request does.

    A model that takes no number gets `IMAGES`, next to what it goes with.
    """
    count = count_parameter(card)
    if count is None:
        place = _place(card.parameters)
        before, after = card.parameters[:place], card.parameters[place:]
        return replace(card, parameters=(*before, IMAGES, *after))
    if not _can_be_shared(count):
        return card
    wide = _widened(count)
    others = tuple(wide if found is count else found for found in card.parameters)
    return replace(card, parameters=others)


def shares(card: ModelCard, images: JSON, spread: Spread) -> tuple[int, ...]:
    """How many images each request shall give, in order; at least one, none above the maximum.

    Whatever cannot be shared out is left to one request: a number that is not legal, too.
    """
    count = count_parameter(card)
    wide = IMAGES if count is None else _widened(count)
    if not isinstance(images, int) or isinstance(images, bool):
        return (1,)
    if images < 1 or fault_of(wide, images):
        return (1,)
    if count is not None and not _can_be_shared(count):
        return (images,)
    most = images_at_once(card) if spread == "together" else 1
    full, rest = divmod(images, images if most is None else most)
    return (*([most or images] * full), *([rest] if rest else []))


def images_at_once(card: ModelCard) -> int | None:
    """How many images one request may ask for by its number; None where nobody knows."""
    count = count_parameter(card)
    if count is None:
        return 1
    return None if count.maximum is None else int(count.maximum)


def in_requests(shared: tuple[int, ...]) -> str:
    """In how many requests images are shared out: `3 requests of 4, 4 and 2`."""
    number = len(shared)
    if number == 1:
        return f"1 request of {shared[0]}"
    if len(set(shared)) == 1:
        return f"{number} requests of {shared[0]}"
    if number > _MOST_LISTED:
        runs = [(size, len(list(run))) for size, run in groupby(shared)]
        return f"{number} requests: {_listed([f'{many} of {size}' for size, many in runs])}"
    return f"{number} requests of {_listed([str(size) for size in shared])}"


def _can_be_shared(count: Parameter) -> bool:
    """Whether any number of images may be shared out among requests with `count`."""
    least, most = count.minimum, count.maximum
    is_plain = count.kind == "integer" and (least is None or least <= 1)
    return is_plain and (most is None or most >= 1)


def _widened(count: Parameter) -> Parameter:
    """`count` for as many images as can be asked for at once."""
    most = count.maximum
    if most is None or most >= MOST_IMAGES:
        return replace(count, maximum=most or MOST_IMAGES)
    remark = f"More than {most} become several requests."
    help = " ".join(filter(None, (remark, count.help)))
    return replace(count, maximum=MOST_IMAGES, help=help)


def _place(parameters: tuple[Parameter, ...]) -> int:
    """Where `IMAGES` stands among `parameters`: behind the seed, or else the size."""
    seeds = [index for index, found in enumerate(parameters) if found.role == "seed"]
    sizes = [index for index, found in enumerate(parameters) if found.kind == "size"]
    return next((index + 1 for index in (*seeds, *sizes)), 0)


def _listed(words: list[str]) -> str:
    *others, last = words
    return f"{', '.join(others)} and {last}" if others else last
