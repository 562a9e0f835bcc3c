"""Views that draw their lines by hand: the ground they draw on, and the styles upon it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.text import Shown, showable
from tui.widgets.entry_words import fitted
from tui.widgets.plain import segment

Piece: TypeAlias = tuple[Shown, str]
"""A piece of a line, and the component style that it has; empty for none."""
_ELLIPSIS = Shown("… ")


class LineView(ScrollView):
    """A view that draws its lines in component styles, and anew when it gets or loses the focus."""

    _ground = Style.null()
    """What all lines are drawn on, while they are."""

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def render_lines(self, crop: Region) -> list[Strip]:
        self._begin_lines()
        return super().render_lines(crop)

    def _begin_lines(self) -> None:
        """Find what is the same for all lines; working it out takes as long as drawing one."""
        self._ground = self.rich_style

    def _style(self, name: str) -> Style:
        """What the component style sets, and nothing of what lies beneath it."""
        return self.get_component_rich_style(name, partial=True)

    def _under_cursor(self, style: Style, name: str) -> Style:
        """`style` under the cursor, in the background of the component style of that name; it has a
        sibling for a view without the focus."""
        style_name = name if self.has_focus else f"{name}-blurred"
        return style + Style(bgcolor=self.get_component_rich_style(style_name).bgcolor)

    def _cell(self, part: Piece, style: Style) -> Segment:
        text, name = part
        return segment(text, style + self._style(name) if name else style)

    def _sides(self, left: Sequence[Piece], right: Sequence[Piece], style: Style) -> Strip:
        """A line of two sides, the left one cut where there is not room for both."""
        width = self.size.width
        room = max(0, width - sum(cell_len(text) for text, _ in right))
        cells = Strip([self._cell(part, style) for part in left])
        if cells.cell_length > room:
            cells = Strip([*cells.crop(0, room - 2), segment(_ELLIPSIS, style)])
        cells = cells.adjust_cell_length(room, style)
        return Strip([*cells, *(self._cell(part, style) for part in right)], width)

    def _empty_line(self, words: Sequence[Shown], y: int, name: str) -> Strip:
        """Line `y` of a view that shows nothing but `words`, in its middle."""
        width, top = self.size.width, max(0, (self.size.height - len(words)) // 2)
        text = words[y - top] if 0 <= y - top < len(words) else Shown("")
        centred = fitted(showable(text.center(width)), width)
        return Strip([self._cell((centred, name), self._ground)])
