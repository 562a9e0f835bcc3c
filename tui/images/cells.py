"""Pictures as characters: half cells, a mosaic, and the kitty protocol's placeholders.

The placeholders are textual-image's. Left alone it asks the terminal when it is imported and reads
the answer from the keyboard; so it gets to see a stand-in that is no terminal.
"""

from __future__ import annotations

import sys
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from io import StringIO
from itertools import groupby, pairwise
from operator import add
from threading import Lock
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from PIL import Image
from rich.color import Color
from rich.console import Console
from rich.segment import Segment
from rich.style import Style

from tui.images.cell_style import CellStyle

if TYPE_CHECKING:
    from textual_image.renderable import TGPImage

CellRow: TypeAlias = list[Segment]

MAX_KITTY_CELLS = 297
"""Columns or rows of one kitty picture: there are no more diacritics to number them."""

MOSAIC_TILES = 12

_CHARACTERS_PER_CELL = 4
_LONGEST_PAYLOAD = 4096
"""Characters that one command may carry."""
_stand_in_lock = Lock()


@dataclass(frozen=True, slots=True)
class KittyPicture:
    """A picture that the terminal keeps under a number and shows wherever placeholders stand
    (https://sw.kovidgoyal.net/kitty/graphics-protocol/#unicode-placeholders).
    """

    id: int
    """32 bits, chosen at random."""
    upload: str
    """What makes the terminal know the picture; goes out once, before the first cell."""
    rows: tuple[str, ...]
    """The placeholders of each row of cells."""

    @property
    def removal(self) -> str:
        """What makes the terminal forget the picture."""
        return f"\x1b_Ga=d,d=I,i={self.id},q=2\x1b\\"

    def cells(self, row: int, first: int, last: int) -> str:
        """The text that shows the cells `first` to `last` (exclusive) of `row`.

        Only the first has its marks: a cell without is the one to the right of the cell before it.
        tmux writes a cell anew for each mark, and would fall behind and drop what it passes on.
        """
        marked = self.rows[row][first * _CHARACTERS_PER_CELL :][:_CHARACTERS_PER_CELL]
        text = marked + marked[0] * (last - first - 1)
        red, green, blue = self.id >> 16 & 255, self.id >> 8 & 255, self.id & 255
        return f"\x1b[38;2;{red};{green};{blue}m{text}\x1b[39m"


class HalfCells:
    """A picture in half cells, as its pixels: each line is made when it is asked for.

    Of each cell there are half a dozen objects then, and Python goes through all that there are
    whenever it looks for garbage.
    """

    __slots__ = ("_pixels", "columns")

    def __init__(self, pixels: bytes, columns: int) -> None:
        """`pixels` are RGB, two rows of them a line. The last line may have the upper one alone,
        and shows the ground beneath it.
        """
        self.columns = columns
        """Cells across."""
        self._pixels = pixels

    def __len__(self) -> int:
        return -(-len(self._pixels) // (self.columns * 6))

    def __getitem__(self, line: int) -> CellRow:
        if not 0 <= line < len(self):
            raise IndexError(line)
        middle, width = (2 * line + 1) * 3 * self.columns, 3 * self.columns
        upper = _pixels(self._pixels[middle - width : middle])
        lower = _pixels(self._pixels[middle : middle + width]) or [b""] * len(upper)
        return [
            Segment("▀" * len(list(same)), CellStyle.of(both))
            for both, same in groupby(map(add, upper, lower))
        ]

    def __iter__(self) -> Iterator[CellRow]:
        return map(self.__getitem__, range(len(self)))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, HalfCells):
            return NotImplemented
        return (self.columns, self._pixels) == (other.columns, other._pixels)

    __hash__ = None  # type: ignore[assignment]  # as of what is compared by its content


def half_cells(picture: Image.Image, columns: int, rows: int) -> HalfCells:
    """The picture, RGB, in `columns` × `rows` cells, each two pixels, one above the other."""
    pixels = picture.resize((columns, rows * 2), Image.Resampling.BOX)
    return HalfCells(pixels.tobytes(), columns)


def _pixels(line: bytes) -> list[bytes]:
    return [line[at : at + 3] for at in range(0, len(line), 3)]


def mosaic(picture: Image.Image, columns: int, rows: int) -> list[CellRow]:
    """The picture in `columns` × `rows` cells as a few large tiles: a line has `MOSAIC_TILES`
    segments at most, where one of half cells may have as many as columns.
    """
    across = min(columns, MOSAIC_TILES)
    down = min(rows, max(1, round(across * picture.height / picture.width)))
    tiles = np.asarray(picture.resize((across, down), Image.Resampling.BOX)).tolist()
    edges = [round(tile * columns / across) for tile in range(across + 1)]
    lines = [
        [
            Segment(" " * (end - start), Style.from_color(bgcolor=Color.from_rgb(*colour)))
            for colour, (start, end) in zip(line, pairwise(edges), strict=True)
        ]
        for line in tiles
    ]
    return [lines[row * down // rows] for row in range(rows)]


def kitty_picture(png: bytes, columns: int, rows: int) -> KittyPicture:
    """The picture in the bytes of a PNG for `columns` × `rows` cells, at most `MAX_KITTY_CELLS` of
    each.
    """
    with _stand_in_output():
        dot = Image.new("RGB", (1, 1))
        placeholders = _placeholders_of_textual_image()(dot, width=columns, height=rows)
        text = "".join(segment.text for segment in _render(placeholders, columns, rows))
    number = placeholders.terminal_image_id
    assert number is not None
    payload = b64encode(png).decode("ascii")
    starts = range(0, len(payload), _LONGEST_PAYLOAD)
    upload = [
        f"\x1b_Gi={number},m={int(start != starts[-1])},f=100,q=2;"
        f"{payload[start : start + _LONGEST_PAYLOAD]}\x1b\\"
        for start in starts
    ]
    upload.append(f"\x1b_Ga=p,i={number},c={columns},r={rows},U=1,q=2\x1b\\")
    return KittyPicture(number, "".join(upload), tuple(text.rstrip("\n").split("\n")))


def _render(renderable: TGPImage, columns: int, rows: int) -> list[Segment]:
    console = Console(
        file=StringIO(), width=columns, height=rows, force_terminal=True, color_system="truecolor"
    )
    return list(console.render(renderable))


@cache
def _placeholders_of_textual_image() -> type[TGPImage]:
    from textual_image.renderable import TGPImage

    class Placeholders(TGPImage):
        """Nothing but placeholders: textual-image would scale the picture for cells of 10 × 20,
        pack it tightly, which takes longer than all else, and write it to standard output.
        """

        def _send_image_to_terminal(self, width: int, height: int) -> None:
            self.terminal_image_id = next(self._image_id_counter)

        def _create_virtual_placement(self, width: int, height: int) -> None:
            pass

    return Placeholders


@contextmanager
def _stand_in_output() -> Iterator[None]:
    """Keep textual-image from the terminal."""
    with _stand_in_lock:
        terminal = sys.__stdout__
        sys.__stdout__ = StringIO()  # type: ignore[assignment,misc]  # final for everyone else
        try:
            yield
        finally:
            sys.__stdout__ = terminal  # type: ignore[misc]
