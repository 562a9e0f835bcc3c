"""A value that opens a menu or steps to its neighbour."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from tui.text import Shown, one_line
from tui.widgets.data_message import DataMessage
from tui.widgets.plain import assembled, plain

MENU_MARK = Shown("▾")


class ValueButton(Widget, can_focus=True):
    """Shows a value and a mark; says what is wanted, and leaves it to others to do it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space,down", "press", "Choose", id="choose-value"),
        Binding("left", "step(-1)", "Previous value", show=False, id="previous-value"),
        Binding("right", "step(1)", "Next value", show=False, id="next-value"),
    ]

    value: reactive[str] = reactive("")

    class Pressed(Message):
        """The menu is wanted."""

    class Stepped(DataMessage):
        """A neighbouring value is wanted."""

        steps: int

    def render(self) -> Content:
        room = max(0, self.size.width - 2)
        text = plain(one_line(self.value, limit=200)).truncate(room, ellipsis=True)
        return assembled(text.extend_right(room - text.cell_length), Shown(" "), MENU_MARK)

    def action_press(self) -> None:
        self.post_message(self.Pressed())

    def action_step(self, steps: int) -> None:
        self.post_message(self.Stepped(steps))

    def on_click(self, event: events.Click) -> None:
        event.stop()
        self.post_message(self.Pressed())
