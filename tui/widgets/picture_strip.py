"""Lines of a widget that the terminal draws as pixels.

Textual writes a screen line by line, and only the lines that changed. A picture has to go out
with those writes, or it is torn apart or overwritten; so the lines under it are strips whose
text, when they are written, is the picture. For all else they are the half cells beneath it:
screenshots, a modal screen's dimmed background, filters and styles.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct
from rich.console import Console
from textual.geometry import Region
from textual.strip import Strip

if TYPE_CHECKING:
    from tui.images.cells import KittyPicture


class Drawing(Protocol):
    """A picture as terminal text."""

    @property
    def columns(self) -> int: ...

    def draw(self, row: int, first: int, last: int, x: int, y: int) -> str:
        """The text that shows cells `first` to `last` (exclusive) of a `row` of the picture.

        The cursor stands at `x`, `y` (from 0, on the screen), and is left behind the cells.
        """


class Drawn(Struct, frozen=True):
    """A row of a drawing on a line."""

    drawing: Drawing
    row: int
    start: int
    """The column of the line at which the drawing begins; negative where that is cut off."""


class PictureStrip(Strip):
    """A line of half cells that is written as rows of drawings."""

    __slots__ = ("_drawn", "_x", "_y")

    def __init__(self, cells: Strip, drawn: Iterable[Drawn], x: int = 0, y: int = 0) -> None:
        """`drawn` is in the order of the columns, and no two overlap; `x` and `y` are where the
        first cell lies on the screen, which not every drawing needs to know.
        """
        super().__init__(cells, cells.cell_length)
        self._drawn = tuple(drawn)
        self._x = x
        self._y = y

    def crop(self, start: int, end: int | None = None) -> Strip:
        cells, start = super().crop(start, end), max(0, start)
        if cells is self:
            return self
        moved = [Drawn(each.drawing, each.row, each.start - start) for each in self._drawn]
        left = [each for each in moved if _span(each, cells.cell_length) is not None]
        return PictureStrip(cells, left, self._x + start, self._y) if left else cells

    def divide(self, cuts: Iterable[int]) -> Sequence[Strip]:
        within = [cut for cut in cuts if cut <= self.cell_length]
        return [self.crop(start, end) for start, end in zip([0, *within], within, strict=False)]

    def render(self, console: Console) -> str:
        texts, column = [], 0
        for each in self._drawn:
            if (span := _span(each, self.cell_length)) is None:
                continue
            left, right = span
            texts.append(super().crop(column, left).render(console))
            cells = left - each.start, right - each.start
            texts.append(each.drawing.draw(each.row, *cells, self._x + left, self._y))
            column = right
        if column < self.cell_length:
            texts.append(super().crop(column).render(console))
        return "".join(texts)


def _span(drawn: Drawn, width: int) -> tuple[int, int] | None:
    """The columns of a line of `width` that a drawing takes; None where it takes none."""
    left, right = max(0, drawn.start), min(width, drawn.start + drawn.drawing.columns)
    return (left, right) if left < right else None


class SixelDrawing:
    """A sixel picture in one update of the screen: it goes out whole, with the first line of it
    that is written, and the other lines leave its cells alone.
    """

    def __init__(
        self, sixel: str, region: Region, blank_row: str, on_drawn: Callable[[], None]
    ) -> None:
        """`region` is where the picture lies on the screen; `blank_row` goes beneath its last row,
        which the pixels may not fill. `on_drawn` is called when it is being written.
        """
        self.columns = region.width
        self._text = (
            f"{_move(region.x, region.bottom - 1)}{blank_row}{_move(region.x, region.y)}{sixel}"
        )
        self._on_drawn = on_drawn
        self._is_out = False

    def draw(self, row: int, first: int, last: int, x: int, y: int) -> str:
        after = _move(x + last - first, y)
        if self._is_out:
            return after
        self._is_out = True
        self._on_drawn()
        return self._text + after


class KittyDrawing:
    """A kitty picture: its placeholders are text like any other, once the terminal knows it."""

    def __init__(
        self, picture: KittyPicture, columns: int, upload: Callable[[KittyPicture], str]
    ) -> None:
        """`upload` gives what has to go out before the first cells, and nothing after that."""
        self.columns = columns
        self._picture = picture
        self._upload = upload

    def draw(self, row: int, first: int, last: int, x: int, y: int) -> str:
        return self._upload(self._picture) + self._picture.cells(row, first, last)


def _move(x: int, y: int) -> str:
    return f"\x1b[{y + 1};{x + 1}H"
