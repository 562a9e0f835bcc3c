"""Lines with several pictures side by side that the terminal draws as pixels.

As with `PictureStrip`, for all but the terminal they are the half cells beneath them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct
from rich.console import Console
from textual.strip import Strip

from tui.widgets.picture_strip import Drawing


class Drawn(Struct, frozen=True):
    """A row of a drawing on a line."""

    drawing: Drawing
    row: int
    start: int
    """The column of the line at which the drawing begins; negative where that is cut off."""


class DrawnStrip(Strip):
    """A line of half cells that is written as rows of drawings, which do not need to know where
    they are on the screen."""

    __slots__ = ("_drawn",)

    def __init__(self, cells: Strip, drawn: Iterable[Drawn]) -> None:
        """`drawn` is in the order of the columns; no two overlap."""
        super().__init__(cells, cells.cell_length)
        self._drawn = tuple(drawn)

    def crop(self, start: int, end: int | None = None) -> Strip:
        cells, start = super().crop(start, end), max(0, start)
        if cells is self:
            return self
        moved = [Drawn(each.drawing, each.row, each.start - start) for each in self._drawn]
        left = [each for each in moved if _span(each, cells.cell_length) is not None]
        return DrawnStrip(cells, left) if left else cells

    def divide(self, cuts: Iterable[int]) -> Sequence[Strip]:
        within = [cut for cut in cuts if cut <= self.cell_length]
        return [self.crop(start, end) for start, end in zip([0, *within], within, strict=False)]

    def render(self, console: Console) -> str:
        texts, column = [], 0
        for each in self._drawn:
            span = _span(each, self.cell_length)
            if span is not None:
                left, right = span
                texts.append(super().crop(column, left).render(console))
                texts.append(
                    each.drawing.draw(each.row, left - each.start, right - each.start, left, 0)
                )
                column = right
        if column < self.cell_length:
            texts.append(super().crop(column).render(console))
        return "".join(texts)


def _span(drawn: Drawn, width: int) -> tuple[int, int] | None:
    """The columns of a line of `width` that a drawing takes; None where it takes none."""
    left, right = max(0, drawn.start), min(width, drawn.start + drawn.drawing.columns)
    return (left, right) if left < right else None
