"""A field in which nothing is typed: it draws its value, and takes the focus itself."""

from __future__ import annotations

from textual import events
from textual.content import Content

from tui.catalog.validation import written
from tui.text import Shown, one_line
from tui.widgets.fields.field import Field
from tui.widgets.plain import assembled, plain

_BLANK = Shown(" ")


class DrawnField(Field, can_focus=True):
    """Shows its value and a mark that says what pressing it does."""

    @property
    def mark(self) -> Shown:
        """What stands at the right end of the value."""
        raise NotImplementedError

    def press(self) -> None:
        """Do what enter and a click are for."""
        raise NotImplementedError

    def value_text(self) -> Shown:
        """The value in words."""
        return one_line(written(self.parameter, self.shown_value), limit=200)

    def render_value(self, width: int) -> Content:
        colour = "$foreground" if self.is_set or self.has_focus else "$text-quiet"
        box = "on $accent 25%" if self.has_focus else "on $surface"
        room = max(0, width - 4)
        text = plain(self.value_text()).truncate(room, ellipsis=True)
        text = text.pad_right(room - text.cell_length)
        drawn = assembled(_BLANK, text, _BLANK, self.mark, _BLANK)
        return drawn.stylize(f"{colour} {box}")

    def action_press(self) -> None:
        self.press()

    def on_click(self, event: events.Click) -> None:
        event.stop()
        if event.y == 0:
            self.press()
