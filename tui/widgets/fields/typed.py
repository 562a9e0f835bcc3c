"""A parameter that is typed, as text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Input
from textual.widgets.input import Selection

from tui.catalog.validation import read_value, written
from tui.config import JSON
from tui.text import Shown, one_line
from tui.widgets.fields.field import Field
from tui.widgets.plain import assembled
from tui.widgets.steady import open_over
from tui.widgets.value_button import MENU_MARK

_BLANK = Shown(" ")
_MARK_WIDTH = 2


class TypedField(Field):
    """A value that is typed, or taken from a menu where there is one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "open_menu", "Choose", show=False, id="open-values"),
    ]

    def menu(self) -> Sequence[tuple[JSON, str]]:
        """Values to choose from, each with what the menu says of it; empty for no menu."""
        return ()

    @property
    def hint(self) -> str:
        """What stands in the editor while it is empty."""
        return written(self.parameter, None)

    def compose(self) -> ComposeResult:
        # What an editor begins with is nothing that the user typed.
        with self.prevent(Input.Changed):
            editor = Input(
                self._text(),
                compact=True,
                placeholder=one_line(self.hint, limit=40),
                classes="field--value -menu" if self.menu() else "field--value",
            )
        yield editor

    def put_value(self) -> None:
        editor = self.query_one(Input)
        if editor.value != (text := self._text()):
            with self.prevent(Input.Changed):
                editor.value = text

    @property
    def typed_text(self) -> str:
        """What stands in the editor."""
        return self.query_one(Input).value

    def type_in(self, text: str, selection: Selection | None = None) -> None:
        """Put `text` into the editor as if the user typed it; with `selection`, type on there."""
        editor = self.query_one(Input)
        editor.value = text
        if selection is not None:
            self.screen.set_focus(editor)
            # After the focus has come, which selects all that is there.
            editor.call_later(setattr, editor, "selection", selection)

    def render_value(self, width: int) -> Content:
        # The editor covers all but the mark.
        if not self.menu():
            return assembled()
        mark = assembled(MENU_MARK, _BLANK).stylize("$text-quiet on $surface")
        return mark.pad_left(max(0, width - _MARK_WIDTH))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return action != "open_menu" or bool(self.menu())

    def action_open_menu(self) -> None:
        """Offer the values of the menu."""
        from tui.widgets.choice_menu import ChoiceMenu

        values = [value for value, _ in self.menu()]
        lines = [one_line(line, limit=80) for _, line in self.menu()]
        chosen = values.index(self.shown_value) if self.shown_value in values else 0

        def take(index: int | None) -> None:
            if index is not None:
                self.set_value(values[index])

        anchor = self.query_one(Input).region
        open_over(self, ChoiceMenu(lines, chosen, anchor), take)

    def on_click(self, event: events.Click) -> None:
        event.stop()
        if event.y == 0 and self.menu() and event.x >= self.size.width - _MARK_WIDTH:
            self.action_open_menu()
        else:
            self.query_one(Input).focus()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        text = event.value.strip()
        try:
            value = read_value(self.parameter, text) if text else None
        except ValueError as error:
            self.unreadable = str(error)
            self.post_message(self.Unreadable(self.parameter.name, self.unreadable))
        else:
            self.unreadable = ""
            self.hold(value)
            self.post_message(self.Changed(self.parameter.name, value))
        self.put_problem()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.take_nearest()

    @on(Input.Blurred)
    def _tidy(self) -> None:
        if not self.problem:
            self.put_value()

    def take_nearest(self) -> None:
        """Set the nearest legal value where what is typed is not legal."""
        if self.problem and self.nearest is not None:
            self.set_value(self.nearest)

    def _text(self) -> str:
        return "" if self.shown_value is None else one_line(self._written())

    def _written(self) -> str:
        return written(self.parameter, self.shown_value)
