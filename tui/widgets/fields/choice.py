"""A parameter with a closed list of values."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.geometry import Region

from tui.catalog.validation import options, written
from tui.config import JSON
from tui.text import Shown, one_line
from tui.widgets.fields.drawn import DrawnField
from tui.widgets.steady import open_over
from tui.widgets.value_button import MENU_MARK


class ChoiceField(DrawnField):
    """Opens a menu of its values, or steps from one to the next."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space,down", "press", "choose", id="choose-value"),
        Binding("left", "step(-1)", "Previous value", show=False, id="previous-value"),
        Binding("right", "step(1)", "Next value", show=False, id="next-value"),
    ]

    @property
    def mark(self) -> Shown:
        return MENU_MARK

    def press(self) -> None:
        from tui.widgets.choice_menu import ChoiceMenu

        values = options(self.parameter)
        lines = [one_line(written(self.parameter, value), limit=80) for value in values]
        here = self.region
        value = Region(here.x + self.label_width, here.y, here.width - self.label_width, 1)
        open_over(self, ChoiceMenu(lines, self._index(), value), self._chosen)

    def action_step(self, steps: int) -> None:
        values = options(self.parameter)
        self.set_value(values[(self._index() + steps) % len(values)])

    def _chosen(self, index: int | None) -> None:
        if index is not None:
            self.set_value(options(self.parameter)[index])

    def _index(self) -> int:
        values: tuple[JSON, ...] = options(self.parameter)
        return values.index(self.shown_value) if self.shown_value in values else 0
