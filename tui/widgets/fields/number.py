"""A number, which arrow keys raise and lower."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType

from tui.catalog.wording import range_text
from tui.config import JSON
from tui.widgets.fields.typed import TypedField


class NumberField(TypedField):
    """Typed, or stepped within its range."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "step(1)", "Raise", show=False, id="raise-value"),
        Binding("down", "step(-1)", "Lower", show=False, id="lower-value"),
    ]

    @property
    def preface(self) -> str:
        return range_text(self.parameter)

    def step_from(self) -> JSON:
        """The value that a step begins at; None for none."""
        return self.shown_value

    def action_step(self, steps: int) -> None:
        """Set the number that is so many steps away, or as many as its range allows."""
        parameter = self.parameter
        held = self.step_from()
        start = held if isinstance(held, int | float) else parameter.minimum
        value = (start or 0) + steps * (parameter.step or 1)
        if parameter.minimum is not None:
            value = max(value, parameter.minimum)
        if parameter.maximum is not None:
            value = min(value, parameter.maximum)
        self.set_value(int(value) if parameter.kind == "integer" else value)
