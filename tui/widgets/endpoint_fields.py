"""The fields of an endpoint's form that no parameter of a model has."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.widgets import Input, TextArea

from tui.catalog.card import Parameter
from tui.config import JSON
from tui.generation.checkup.redaction import secret_headers
from tui.text import Shown, one_for_one, one_line
from tui.widgets.fields.field import Field
from tui.widgets.fields.typed import TypedField
from tui.widgets.plain import editor_line, plain

HIDDEN = "•••"
ANY_MODEL = "that of the whole configuration"
_HEADER = re.compile(r"(?P<before>\s*(?P<name>[^:]*?)\s*:\s*)(?P<value>.+)")
_MEMBER = re.compile(
    r'(?P<before>.*?"(?P<name>[^"]*)"\s*:\s*")(?P<value>(\\.|[^"\\])*)(?P<after>.*)'
)


def secrets_hidden(line: str) -> str:
    """`line`, of headers or of JSON, with dots for a value that looks like a secret."""
    for pattern in (_MEMBER, _HEADER):
        if (found := pattern.fullmatch(line)) is not None:
            if secret_headers({found["name"]: found["value"].strip()}):
                return f"{found['before']}{HIDDEN}{found.groupdict().get('after', '')}"
            return line
    return line


class SecretLines(TextArea):
    """An editor that shows secrets in the line alone that is being edited."""

    def get_line(self, line_index: int) -> Text:
        line = self.document.get_line(line_index)
        if not self.has_focus or self.selection.end[0] != line_index:
            line = secrets_hidden(line)
        return editor_line(one_for_one(line))

    @on(TextArea.SelectionChanged)
    def _draw_anew(self) -> None:
        # Which line is being edited is no part of what Textual keeps its lines by.
        self._line_cache.clear()
        self.refresh()

    def on_focus(self) -> None:
        self._draw_anew()

    def on_blur(self) -> None:
        self._draw_anew()


class LinesField(Field):
    """A setting of several lines, below its label."""

    def compose(self) -> ComposeResult:
        yield SecretLines(
            soft_wrap=True,
            show_line_numbers=False,
            highlight_cursor_line=False,
            tab_behavior="focus",
            compact=True,
            classes="field--lines",
        )

    def on_mount(self) -> None:
        self.query_one(SecretLines).placeholder = plain(one_line(self.parameter.help))

    def put_value(self) -> None:
        area = self.query_one(SecretLines)
        if area.text != self.shown_value:
            with self.prevent(TextArea.Changed):
                area.load_text(str(self.shown_value or ""))

    @on(TextArea.Changed)
    def _typed(self, event: TextArea.Changed) -> None:
        event.stop()
        self.post_message(self.Changed(self.parameter.name, event.text_area.text))


class SuggestingField(TypedField):
    """A text that is typed, or taken from a menu of values that are known."""

    def __init__(
        self, parameter: Parameter, value: JSON, known: Callable[[], Sequence[tuple[str, str]]]
    ) -> None:
        """`known` gives the values with what the menu says of each."""
        super().__init__(parameter, value)
        self._known = known

    @property
    def hint(self) -> str:
        return ANY_MODEL

    def menu(self) -> Sequence[tuple[JSON, str]]:
        return self._known()


class PlaceField(TypedField):
    """Where in its source the key is. Takes nothing where the source says it all."""

    def ask(self, hint: Shown, *, is_open: bool) -> None:
        """Say what is to be typed, or why nothing is."""
        field = self.query_one(Input)
        field.set_reactive(Input.placeholder, hint)
        field.disabled = not is_open
        field.refresh()
