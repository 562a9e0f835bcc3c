"""From text to what Textual draws: the only ways there are.

Each takes text that passed `tui.text`, which mypy sees to, and none of them reads markup, so that
`[@click=…]` from a server is eight characters and no action. The tests find any other way.
"""

from __future__ import annotations

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.content import Content

from tui.text import Shown


def plain(text: Shown, style: str = "") -> Content:
    """`text` as content, in a style such as `bold $accent`."""
    return Content.styled(text, style) if style else Content(text)


def assembled(*parts: Content | Shown | tuple[Shown, str]) -> Content:
    """Pieces of text, some with a style, one after the other."""
    return Content.assemble(*parts)


def segment(text: Shown, style: Style | None = None) -> Segment:
    """A piece of a line that is drawn by hand."""
    return Segment(text, style)


def editor_line(text: Shown) -> Text:
    """A line of a text editor, which puts its own styles on it."""
    return Text(text, end="", no_wrap=True)
