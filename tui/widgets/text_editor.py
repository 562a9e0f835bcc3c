"""An editor of several lines that may hold text from outside."""

from __future__ import annotations

from rich.text import Text
from textual.widgets import TextArea

from tui.text import one_for_one
from tui.widgets.plain import editor_line


class TextEditor(TextArea):
    """Draws what is safe to draw; the document keeps what the text really holds."""

    def get_line(self, line_index: int) -> Text:
        """The line as it is drawn."""
        return editor_line(one_for_one(self.document.get_line(line_index)))
