"""Which field a parameter gets."""

from __future__ import annotations

from tui.catalog.card import Parameter
from tui.config import JSON
from tui.widgets.fields.choice import ChoiceField
from tui.widgets.fields.count import CountField
from tui.widgets.fields.field import Field
from tui.widgets.fields.number import NumberField
from tui.widgets.fields.seed import SeedField
from tui.widgets.fields.size import SizeField
from tui.widgets.fields.switch import SwitchField
from tui.widgets.fields.typed import TypedField


def field_for(parameter: Parameter, value: JSON = None) -> Field:
    """The field that fits the kind and the role of `parameter`, holding what was set."""
    match parameter.kind:
        case "choice" | "group":
            return ChoiceField(parameter, value)
        case "switch":
            return SwitchField(parameter, value)
        case "size":
            return SizeField(parameter, value)
        case "integer" if parameter.role == "seed":
            return SeedField(parameter, value)
        case "integer" if parameter.role == "count":
            return CountField(parameter, value)
        case "integer" | "number":
            return NumberField(parameter, value)
        case "text":
            return TypedField(parameter, value)
