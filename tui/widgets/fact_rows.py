"""Names and values in two columns."""

from __future__ import annotations

from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from tui.text import one_line
from tui.widgets.plain import plain


class FactRow(Horizontal):
    """A name, and right of it what there is to say, in as many lines as that takes."""

    def __init__(self, name: str, value: Content, *, is_quiet: bool = False) -> None:
        super().__init__(
            Static(plain(one_line(name, limit=60)), classes="fact--name"),
            Static(value, classes="fact--value"),
            classes="-quiet" if is_quiet else None,
        )
