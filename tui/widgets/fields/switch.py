"""A parameter that is on or off."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType

from tui.text import Shown
from tui.widgets.fields.drawn import DrawnField

ON, OFF = Shown("●"), Shown("○")


class SwitchField(DrawnField):
    """Turned over by enter, space and a click."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "press", "switch", id="turn-switch"),
        Binding("left", "turn(False)", "Off", show=False, id="switch-off"),
        Binding("right", "turn(True)", "On", show=False, id="switch-on"),
    ]

    @property
    def mark(self) -> Shown:
        return ON if self.shown_value is True else OFF

    def press(self) -> None:
        self.set_value(self.shown_value is not True)

    def action_turn(self, is_on: bool) -> None:
        self.set_value(is_on)
