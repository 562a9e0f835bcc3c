"""Colours of the terminal in 24 bits, without asking for those of each cell of a picture."""

from __future__ import annotations

from rich.segment import Segment
from textual.color import Color
from textual.filter import ANSIToTruecolor

from tui.images.cell_style import CellStyle


class SparingTruecolor(ANSIToTruecolor):
    """Gives what Textual's own filter gives; the cells of a picture are as they should be already.

    Textual (8.2) remembers the styles of the last thousand, and a picture has thousands of its own,
    which are all looked at whenever they are drawn.
    """

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        in_24_bits, on = self.truecolor_style, background.rich_color
        return [
            segment
            if segment.style is None or type(segment.style) is CellStyle
            else segment._replace(style=in_24_bits(segment.style, on), control=None)
            for segment in segments
        ]
