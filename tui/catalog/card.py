"""What is known of one model, as data: parameters, limits, price.

A card is a TOML file (see `cards/`); these are the types it is read into.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import date
from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, Struct, field
from msgspec.structs import force_setattr

from tui.config import JSON

Scalar: TypeAlias = str | int | float | bool
ParameterKind = Literal["size", "integer", "number", "choice", "switch", "text", "group"]
ParameterRole = Literal["", "seed", "count", "size"]

Name = Annotated[str, Meta(min_length=1, max_length=200)]
Positive = Annotated[int, Meta(ge=1, le=1 << 53)]
"""What a float still holds exactly, since sizes are reckoned with in floats."""

RESERVED = frozenset({"model", "prompt"})
"""Request fields that are no parameters."""
LARGEST_GROUP = 1000
"""Images of one group: the form offers each number up to its `maximum`."""
MENTION = "image {}"
"""How most models are told of an input image in a prompt."""


class Need(Struct, frozen=True, forbid_unknown_fields=True):
    """A value that is legal only beside certain values of another parameter."""

    parameter: Name
    """The other parameter."""
    among: tuple[Scalar, ...]
    """What it must be; its default counts when it is not set."""
    values: tuple[Scalar, ...] = ()
    """Values that have the need; empty: every value."""


class Group(Struct, frozen=True, forbid_unknown_fields=True):
    """How a parameter of kind `group` is written into a request.

    The form holds one number: 1 for a single image, more for a group of at most so many. A request
    carries two fields: a switch named as the parameter, and an object holding the number.
    """

    on: str
    """Value of the switch for a group."""
    off: str
    """Value of the switch for a single image."""
    options: Name
    """Request field that holds the object; sent with a group only."""
    count: Name
    """Key of the number in that object."""


class Parameter(Struct, frozen=True, forbid_unknown_fields=True):
    """One request field, or for kind `group` two."""

    name: Name
    """The request field."""
    kind: ParameterKind
    label: str = ""
    """Name on screen; made from `name` when absent."""
    default: Scalar | None = None
    """What a form starts with; None leaves it to the model.

    Unless `always`, nothing is sent until the user sets it, so it must be the model's own default.
    """
    always: bool = False
    """Sent even when the user did not set it."""
    role: ParameterRole = ""
    """What it means beyond its kind: a random seed, a number of images, a size in free text."""
    help: str = ""
    ignored: str = ""
    """Why the model may ignore it; empty when it is known to be obeyed."""
    needs: tuple[Need, ...] = ()
    group: Group | None = None

    choices: tuple[Scalar, ...] = ()
    """Legal values of a choice, in the order to show."""
    minimum: int | float | None = None
    maximum: int | float | None = None
    """Bounds of a number, both legal. Of a group, the greatest number of images."""
    step: int | float | None = None
    """How far an arrow key moves a number; values between are legal."""

    tiers: tuple[str, ...] = ()
    """Sizes that go by a name, such as `2K` or `auto`."""
    presets: tuple[str, ...] = ()
    """Sizes to offer, as `WIDTHxHEIGHT`."""
    only_presets: bool = False
    """Whether any other size in pixels is refused."""
    min_pixels: Positive | None = None
    max_pixels: Positive | None = None
    """Bounds of width × height."""
    max_aspect: float | None = None
    """Longer side over shorter side, at most."""
    min_side: Positive | None = None
    max_side: Positive | None = None
    """Bounds of each side in pixels."""
    multiple_of: Positive = 1
    """Pixels that each side must be a multiple of."""

    def __post_init__(self) -> None:
        if not self.label:
            force_setattr(self, "label", self.name.replace("_", " ").strip().capitalize())
        if self.name in RESERVED:
            raise ValueError(f"a parameter cannot be called {self.name}")
        if self.kind == "choice" and not self.choices:
            raise ValueError("a choice needs `choices`")
        if any(isinstance(each, float) and not math.isfinite(each) for each in self.choices):
            raise ValueError("`choices` holds what is not a finite number")
        if self.step is not None and not 0 < self.step < math.inf:
            raise ValueError("`step` is a number above 0")
        if (self.kind == "group") != (self.group is not None):
            raise ValueError("kind `group` and the table `group` go together")
        if self.kind == "group" and not (
            isinstance(self.maximum, int) and 1 <= self.maximum <= LARGEST_GROUP
        ):
            raise ValueError(f"a group needs a whole `maximum` from 1 to {LARGEST_GROUP:,}")
        if self.kind == "integer" and not all(
            bound is None or isinstance(bound, int)
            for bound in (self.minimum, self.maximum, self.step)
        ):
            raise ValueError("an integer needs whole `minimum`, `maximum` and `step`")
        if self.only_presets and not self.presets:
            raise ValueError("`only_presets` needs `presets`")
        if self.max_aspect is not None and not 1 <= self.max_aspect < math.inf:
            raise ValueError("`max_aspect` is a number from 1 up")
        for low, high in (
            ("minimum", "maximum"),
            ("min_pixels", "max_pixels"),
            ("min_side", "max_side"),
        ):
            _check_order(self, low, high)


class References(Struct, frozen=True, forbid_unknown_fields=True):
    """Limits of the input images of one request."""

    max: Positive
    """How many at most."""
    formats: tuple[str, ...] = ("png", "jpeg", "webp")
    max_bytes: Positive | None = None
    """Size of one file."""
    min_side: Positive | None = None
    max_pixels: Positive | None = None
    max_aspect: Annotated[float, Meta(ge=1)] | None = None
    """Longer side over shorter side, at most."""
    max_with_images: Positive | None = None
    """How many references and generated images together."""
    mention: str = MENTION
    """How a prompt calls one of them, `{}` in place of its number."""

    def __post_init__(self) -> None:
        if "{}" not in self.mention:
            raise ValueError("`mention` needs `{}` where the number goes")


class PriceCase(Struct, frozen=True, forbid_unknown_fields=True):
    """A price that holds for some values of the parameters."""

    when: dict[str, tuple[Scalar, ...]]
    """Values by parameter; all parameters must have one of theirs, defaults included."""
    usd_per_image: float


class Price(Struct, frozen=True, forbid_unknown_fields=True):
    """US dollars for one image, as the vendor lists it."""

    as_of: date
    """When the list was read."""
    usd_per_image: float | None = None
    """The price where no case holds; None: unknown."""
    usd_per_reference: float | None = None
    """For each input image of a request, whatever the number of images; None: unknown."""
    cases: tuple[PriceCase, ...] = field(default=(), name="case")
    """The first that holds counts."""

    def __post_init__(self) -> None:
        amounts = [
            self.usd_per_image,
            self.usd_per_reference,
            *(case.usd_per_image for case in self.cases),
        ]
        if not all(amount is None or 0 <= amount < math.inf for amount in amounts):
            raise ValueError("a price is a number from 0 up")


class ModelCard(Struct, frozen=True, forbid_unknown_fields=True):
    """What is known of one model."""

    id: Name
    """What a request calls the model."""
    name: str = ""
    """Name on screen; the id when absent."""
    vendor: str = ""
    aliases: tuple[Name, ...] = ()
    """Other names that endpoints know the model by."""
    order: int = 1000
    """Place in the list of models, lowest first; equals keep the order they were found in."""
    help: str = ""
    """What to know before writing a prompt."""
    without: str = ""
    """Words to add to a prompt for what the picture must not show, `{}` in their place; empty for
    a model that is better not told."""
    prompt_limit: Positive | None = None
    """Characters; None: unknown."""
    references: References | None = None
    """None for a model that takes no input images."""
    price: Price | None = None
    """None: unknown, which is not free."""
    typical_seconds: Annotated[float, Meta(gt=0, le=86_400)] | None = None
    """From sending to the first image, in the usual case."""
    open: bool = False
    """Whether parameters that the card does not list are sent without a warning."""
    parameters: tuple[Parameter, ...] = field(default=(), name="parameter")
    """In the order to show."""

    def __post_init__(self) -> None:
        if not self.name:
            force_setattr(self, "name", self.id)
        if self.without and "{}" not in self.without:
            raise ValueError("`without` needs `{}` where the words go")
        if twice := _repeated(parameter.name for parameter in self.parameters):
            raise ValueError(f"two parameters are called {twice}")

    def parameter(self, name: str) -> Parameter | None:
        """The parameter called `name`, None when the card has none."""
        return next((found for found in self.parameters if found.name == name), None)

    def starting_values(self) -> dict[str, JSON]:
        """What a form starts with: the default of each parameter that has one."""
        return {
            parameter.name: parameter.default
            for parameter in self.parameters
            if parameter.default is not None
        }


def _check_order(parameter: Parameter, low: str, high: str) -> None:
    least, greatest = getattr(parameter, low), getattr(parameter, high)
    for name, bound in ((low, least), (high, greatest)):
        if isinstance(bound, float) and not math.isfinite(bound):
            raise ValueError(f"`{name}` is not a finite number")
    if least is not None and greatest is not None and least > greatest:
        raise ValueError(f"`{low}` is above `{high}`")


def _repeated(names: Iterable[str]) -> str | None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            return name
        seen.add(name)
    return None
