"""Lines of a widget that the terminal draws as pixels.

Textual writes a screen line by line, and only the lines that changed. A picture has to go out
with those writes, or it is torn apart or overwritten; so the lines under it are strips whose
text, when they are written, is the picture. For all else they are the half cells beneath it:
screenshots, a modal screen's dimmed background, filters and styles.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Protocol

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


class PictureStrip(Strip):
    """A line of half cells that is written as one row of a drawing."""

    __slots__ = ("_drawing", "_row", "_start", "_x", "_y")

    def __init__(
        self, cells: Strip, drawing: Drawing, row: int, start: int, x: int, y: int
    ) -> None:
        """`start` is the drawing's column at the first cell, negative when it begins further on.

        `x` and `y` are where the first cell lies on the screen.
        """
        super().__init__(cells, cells.cell_length)
        self._drawing = drawing
        self._row = row
        self._start = start
        self._x = x
        self._y = y

    def crop(self, start: int, end: int | None = None) -> Strip:
        cells = super().crop(start, end)
        start = max(0, start)
        first, last = self._start + start, self._start + start + cells.cell_length
        if cells is self or last <= 0 or first >= self._drawing.columns or first == last:
            return cells
        return PictureStrip(cells, self._drawing, self._row, first, self._x + start, self._y)

    def divide(self, cuts: Iterable[int]) -> Sequence[Strip]:
        within = [cut for cut in cuts if cut <= self.cell_length]
        return [self.crop(start, end) for start, end in zip([0, *within], within, strict=False)]

    def render(self, console: Console) -> str:
        first = max(0, self._start)
        last = min(self._start + self.cell_length, self._drawing.columns)
        if first >= last:
            return super().render(console)
        left, right = first - self._start, last - self._start
        return "".join(
            (
                super().crop(0, left).render(console),
                self._drawing.draw(self._row, first, last, self._x + left, self._y),
                super().crop(right).render(console) if right < self.cell_length else "",
            )
        )


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
