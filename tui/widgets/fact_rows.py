"""Names and values in two columns."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from tui.text import one_line
from tui.widgets.plain import plain


class FactRow(Horizontal):
    """A name, and right of it what there is to say, in as many lines as that takes."""

    def __init__(self, name: str, value: Content, *, is_quiet: bool = False) -> None:
        super().__init__(classes="-quiet" if is_quiet else None)
        self._fact = name
        self._value = value

    def compose(self) -> ComposeResult:
        yield Static(plain(one_line(self._fact, limit=60)), classes="fact--name")
        yield Static(self._value, classes="fact--value")
