"""Where the cells of a contact sheet lie, counted in lines and columns."""

from __future__ import annotations

from msgspec import Struct

WIDTHS = (15, 28, 48)
"""About how many columns a cell has, from the smallest size to the largest."""
_ASPECT = 4 / 3
"""Of the room that there is for a picture."""


class SheetGrid(Struct, frozen=True):
    """Cells of one size, side by side and beneath each other.

    A cell has an edge all around it, a caption of one line, and above that the room for its
    picture. The edge above a cell is the one beneath the cell over it.
    """

    count: int
    """How many cells there are."""
    across: int
    """How many of them in a row, at least one."""
    width: int
    """Columns of a cell."""
    height: int
    """Lines of a cell with the edge above it, without the one beneath."""
    margin: int = 0
    """Columns that stay free to the left of them."""

    @property
    def room(self) -> tuple[int, int]:
        """Columns and lines for the picture of a cell."""
        return self.width - 2, self.height - 2

    @property
    def lines(self) -> int:
        """Lines of all cells together."""
        rows = -(-self.count // self.across)
        return rows * self.height + 1 if rows else 0

    def top_of(self, index: int) -> int:
        """The line of the edge above a cell."""
        return index // self.across * self.height

    def left_of(self, index: int) -> int:
        """The first column of a cell."""
        return self.margin + index % self.across * self.width

    def cells_between(self, first: int, end: int) -> tuple[int, int]:
        """The cells of which there is something in the lines from `first` to `end` (exclusive), as
        first and end index."""
        if end <= first:
            return 0, 0
        begin = max(0, first // self.height) * self.across
        rows = -(-end // self.height)
        return min(begin, self.count), min(rows * self.across, self.count)

    def cell_at(self, column: int, line: int) -> int | None:
        """The cell at a place; None where there is none."""
        place = (column - self.margin) // self.width
        index = line // self.height * self.across + place
        return index if 0 <= place < self.across and 0 <= index < self.count else None


def sheet_grid(
    count: int, width: int, height: int, size: int, cell_pixels: tuple[int, int]
) -> SheetGrid:
    """`count` cells for a view of `width` columns and `height` lines.

    `size` is an index of `WIDTHS`, and `cell_pixels` are width and height of the terminal's cells.
    At least one cell is seen whole.
    """
    across = max(1, round(width / WIDTHS[size]))
    columns = max(4, width // across)
    lines = int((columns - 2) * cell_pixels[0] / _ASPECT / cell_pixels[1])
    height = max(1, min(lines, height - 3)) + 2
    return SheetGrid(count, across, columns, height, (width - across * columns) // 2)
