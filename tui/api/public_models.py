"""A public catalogue of models, of the shape that Token360's has: read for what it is worth.

Nobody documents it, so that whatever is odd costs that one field, or that one model, alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, TypeAlias

from msgspec import Struct

from tui.api.reading import integer, table, text
from tui.config import JSON

Scalar: TypeAlias = str | int | float | bool
FieldKind = Literal["string", "integer", "number", "boolean", ""]

MOST_FIELDS = 64
MOST_CHOICES = 100
LONGEST_NAME = 200
LONGEST_TEXT = 400

_KINDS: dict[str, FieldKind] = {
    "string": "string",
    "str": "string",
    "enum": "string",
    "integer": "integer",
    "int": "integer",
    "number": "number",
    "float": "number",
    "double": "number",
    "boolean": "boolean",
    "bool": "boolean",
}
_MAKES_IMAGES = frozenset(
    {"IMAGE", "IMAGE_EDIT", "IMAGE_GENERATION", "IMAGE_TO_IMAGE", "TEXT_TO_IMAGE"}
)
_REFERENCE_FIELDS = frozenset(
    {"image", "images", "image_url", "image_urls", "input_image", "input_images",
     "reference_images", "references"}
)  # fmt: skip
_PARAMETER = "model_parameter"


class PublicField(Struct, frozen=True):
    """A request field that a model is said to take."""

    name: str
    kind: FieldKind = ""
    """Empty where nothing is said of it."""
    help: str = ""
    default: Scalar | None = None
    """What the endpoint takes when the field is not sent."""
    choices: tuple[Scalar, ...] = ()
    minimum: int | float | None = None
    maximum: int | float | None = None
    step: int | float | None = None


class PublicModel(Struct, frozen=True):
    """A model as the public catalogue describes it."""

    id: str
    name: str = ""
    """Name on screen; empty where it has none."""
    makes_images: bool = False
    takes_images: bool = False
    most_images_in: int | None = None
    """Input images at most; None: not said."""
    fields: tuple[PublicField, ...] = ()
    """In the order of the catalogue, without those that are no parameters of the model."""


def read_public_models(document: JSON) -> tuple[PublicModel, ...] | None:
    """The models on one page of the catalogue; None for a document that is no page of it."""
    data = table(document).get("data")
    items = data if isinstance(data, list) else table(data).get("list")
    if not isinstance(items, list):
        return None
    models = {model.id: model for item in items if (model := _model(item)) is not None}
    return tuple(models.values())


def _model(item: JSON) -> PublicModel | None:
    about = table(item)
    id = _name(about.get("name"))
    if not id:
        return None
    schema = table(about.get("normalizedApiParameterSchema")).get("fields")
    described = [table(field) for field in schema] if isinstance(schema, list) else []
    references = [field for field in described if text(field.get("name")) in _REFERENCE_FIELDS]
    defaults = table(about.get("effectiveDefaultParams"))
    counts = [count for field in references if (count := integer(field.get("max_items")))]
    return PublicModel(
        id=id,
        name=_words(about.get("displayName")),
        makes_images=_makes_images(about.get("modelType"), about.get("modelOutputTypes")),
        takes_images=bool(references) or "IMAGE" in _upper(about.get("modelInputTypes")),
        most_images_in=max(counts, default=None),
        fields=tuple(_fields(described, about.get("supported_parameters"), defaults)),
    )


def _makes_images(kind: JSON, outputs: JSON) -> bool:
    if stated := text(kind).strip().upper():
        return stated in _MAKES_IMAGES
    return "IMAGE" in _upper(outputs)


def _fields(
    described: Sequence[Mapping[str, JSON]], supported: JSON, defaults: Mapping[str, JSON]
) -> Iterator[PublicField]:
    named = {text(field.get("name")) for field in described}
    seen: set[str] = set()
    bare: list[Mapping[str, JSON]] = [
        {"name": name} for name in _listed(supported) if name not in named
    ]
    for about in [*described, *bare][: 4 * MOST_FIELDS]:
        name = _name(about.get("name"))
        if not name or name in seen or name in _REFERENCE_FIELDS or not _is_parameter(about):
            continue
        seen.add(name)
        yield _field(name, about, defaults.get(name))
        if len(seen) == MOST_FIELDS:
            return


def _is_parameter(about: Mapping[str, JSON]) -> bool:
    """Whether the field is for a person to set."""
    role = text(about.get("request_role"))
    return (
        role in ("", _PARAMETER)
        and about.get("transport_only") is not True
        and about.get("playground_visible") is not False
    )


def _field(name: str, about: Mapping[str, JSON], usual: JSON) -> PublicField:
    choices = about.get("enum")
    return PublicField(
        name=name,
        kind=_KINDS.get(text(about.get("type")).strip().lower(), ""),
        help=_words(about.get("description")),
        default=_first_scalar(about.get("default"), usual),
        choices=tuple(_scalars(choices)) if isinstance(choices, list) else (),
        minimum=_number(about.get("min")),
        maximum=_number(about.get("max")),
        step=_number(about.get("step")),
    )


def _listed(value: JSON) -> list[str]:
    """The names in a list, or in a text with spaces or commas between them."""
    items = value if isinstance(value, list) else text(value).replace(",", " ").split()
    return [name for item in items[:MOST_FIELDS] if (name := _name(item))]


def _upper(value: JSON) -> frozenset[str]:
    return frozenset(name.upper() for name in _listed(value))


def _name(value: JSON) -> str:
    """`value` if it is fit to name a model or a field, otherwise empty."""
    name = text(value).strip()
    return name if len(name) <= LONGEST_NAME else ""


def _words(value: JSON) -> str:
    words = text(value).strip()
    return words if len(words) <= LONGEST_TEXT else f"{words[: LONGEST_TEXT - 1]}…"


def _scalars(values: list[JSON]) -> Iterator[Scalar]:
    for value in dict.fromkeys(value for value in values[:MOST_CHOICES] if _is_scalar(value)):
        scalar = _first_scalar(value)
        if scalar is not None:
            yield scalar


def _first_scalar(*values: JSON) -> Scalar | None:
    for value in values:
        if isinstance(value, bool) or (isinstance(value, str) and len(value) <= LONGEST_TEXT):
            return text(value) if isinstance(value, str) else value
        if (number := _number(value)) is not None:
            return number
    return None


def _is_scalar(value: JSON) -> bool:
    return isinstance(value, str | int | float)


def _number(value: JSON) -> int | float | None:
    """A finite number that a cache can hold."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if isinstance(value, int):
        return value if abs(value) < 2**63 else None
    return value if math.isfinite(value) else None
