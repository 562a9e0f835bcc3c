"""Model cards from what a public catalogue says, where nobody wrote a better one."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from tui.api.public_models import PublicField, PublicModel, Scalar
from tui.catalog.card import ModelCard, Parameter, ParameterRole, References
from tui.catalog.legality import fault_of
from tui.catalog.loading import free_form_card
from tui.catalog.sizes import parse_size, size_text

HELP = "As the endpoint's own catalogue describes it; its price is unknown."
MOST_REFERENCES = 16
"""Where the catalogue does not say how many: no model that is known takes more."""

_NO_PARAMETERS = frozenset({"model", "prompt", "response_format", "stream", "user"})
"""What a request has anyway, or the endpoint's settings decide."""
_NOT_ADDED = frozenset({"n"})
"""A card that was written without it is that of a model known to ignore it."""
_ROLES: dict[str, ParameterRole] = {"n": "count", "seed": "seed"}
_LABELS = {"n": "Images"}
_USUAL = {parameter.name: parameter for parameter in free_form_card("any").parameters}


def described_card(id: str, model: PublicModel) -> ModelCard:
    """The card of `model`, which the endpoint calls `id`: open where no field is described."""
    parameters = tuple(_parameters(model))
    if not parameters:
        return replace(free_form_card(id), name=model.name or id)
    return ModelCard(
        id=id,
        name=model.name,
        help=HELP,
        references=_references(model),
        parameters=parameters,
    )


def enriched(card: ModelCard, model: PublicModel) -> ModelCard:
    """`card` with the fields of `model` that it says nothing of; what it says stays as it is."""
    spoken_of = {parameter.name for parameter in card.parameters} | _NOT_ADDED
    spoken_of |= {parameter.group.options for parameter in card.parameters if parameter.group}
    news = [parameter for parameter in _parameters(model) if parameter.name not in spoken_of]
    return replace(card, parameters=(*card.parameters, *news)) if news else card


def _references(model: PublicModel) -> References | None:
    if not model.takes_images:
        return None
    return References(max=model.most_images_in or MOST_REFERENCES)


def _parameters(model: PublicModel) -> Iterator[Parameter]:
    for field in model.fields:
        if field.name in _NO_PARAMETERS:
            continue
        try:
            parameter = _parameter(field)
        except ValueError:  # What it says contradicts itself.
            continue
        if parameter is not None:
            yield parameter


def _parameter(field: PublicField) -> Parameter | None:
    """`field` as a parameter; None for one of a kind that no form has. May raise ValueError."""
    parameter = _of_its_kind(field)
    if parameter is None or fault_of(parameter, field.default):
        return parameter
    # It is shown and not sent: the endpoint takes it by itself.
    return replace(parameter, default=field.default)


def _of_its_kind(field: PublicField) -> Parameter | None:
    name, help = field.name, field.help
    if field.choices and field.kind != "boolean":
        if name == "size" and (sizes := _sizes(field.choices)):
            tiers, presets = sizes
            return Parameter(
                name, "size", help=help, tiers=tiers, presets=presets, only_presets=True
            )
        return Parameter(name, "choice", help=help, choices=field.choices)
    match field.kind:
        case "boolean":
            return Parameter(name, "switch", help=help)
        case "integer":
            return _integer(field)
        case "number":
            low, high = _ordered(field.minimum, field.maximum)
            step = field.step if field.step and field.step > 0 else None
            return Parameter(name, "number", help=help, minimum=low, maximum=high, step=step)
        case "string":
            return Parameter(name, "text", role="size" if name == "size" else "", help=help)
        case _:
            return _USUAL.get(name)


def _integer(field: PublicField) -> Parameter:
    low, high = _ordered(_whole(field.minimum), _whole(field.maximum))
    step = _whole(field.step)
    return Parameter(
        field.name,
        "integer",
        role=_ROLES.get(field.name, ""),
        label=_LABELS.get(field.name, ""),
        help=field.help,
        minimum=1 if low is None and field.name == "n" else low,
        maximum=high,
        step=step if step and step > 0 else None,
    )


def _ordered(low: float | None, high: float | None) -> tuple[float | None, float | None]:
    """Both bounds, or none where they leave no value."""
    return (None, None) if low is not None and high is not None and low > high else (low, high)


def _whole(number: float | None) -> int | None:
    return int(number) if number is not None and float(number).is_integer() else None


def _sizes(choices: tuple[Scalar, ...]) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """Tiers and sizes in pixels; None where those are not written as requests carry them."""
    tiers: list[str] = []
    presets: list[str] = []
    for choice in choices:
        if not isinstance(choice, str):
            return None
        sides = parse_size(choice)
        if sides is None:
            tiers.append(choice)
        elif size_text(*sides) == choice:
            presets.append(choice)
        else:
            return None
    return (tuple(tiers), tuple(presets)) if presets else None
