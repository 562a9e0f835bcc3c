"""Pictures as characters: half cells, a mosaic, and the kitty protocol's placeholders.

textual-image draws kitty's placeholders. Left alone it asks the terminal when it is imported, reads
the answer from the keyboard, and writes kitty pictures to standard output beside Textual; so it
gets to see a stand-in that is no terminal, and what it writes there is handed to the caller.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from io import StringIO
from itertools import pairwise
from threading import Lock
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from rich.color import Color
from rich.console import Console
from rich.segment import Segment
from rich.style import Style

if TYPE_CHECKING:
    from textual_image.renderable import TGPImage

CellRow: TypeAlias = list[Segment]

MAX_KITTY_CELLS = 297
"""Columns or rows of one kitty picture: there are no more diacritics to number them."""

MOSAIC_TILES = 12

_CHARACTERS_PER_CELL = 4
_UPLOAD_ID = re.compile(r"_Gi=(\d+)")
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
        """The text that shows the cells `first` to `last` (exclusive) of `row`."""
        text = self.rows[row][first * _CHARACTERS_PER_CELL : last * _CHARACTERS_PER_CELL]
        red, green, blue = self.id >> 16 & 255, self.id >> 8 & 255, self.id & 255
        return f"\x1b[38;2;{red};{green};{blue}m{text}\x1b[39m"


def half_cells(picture: Image.Image, columns: int, rows: int) -> list[CellRow]:
    """The picture in `columns` × `rows` cells, each two pixels, one above the other."""
    pixels = picture.resize((columns, rows * 2), Image.Resampling.BOX)
    colours = np.asarray(pixels.convert("RGB")).reshape(rows, 2, columns, 3)
    # One row for each cell: the colours above and below.
    cells = colours.transpose(0, 2, 1, 3).reshape(rows, columns, 6)
    return [_runs(line) for line in cells]


def _runs(cells: NDArray[np.uint8]) -> CellRow:
    """Half cells, of which those that are alike and side by side are one segment."""
    begins = np.flatnonzero((cells[1:] != cells[:-1]).any(axis=1)) + 1
    starts = [0, *begins.tolist()]
    lengths = np.diff([*starts, len(cells)]).tolist()
    return [
        Segment("▀" * length, Style.from_color(Color.from_rgb(*upper), Color.from_rgb(*lower)))
        for length, colours in zip(lengths, cells[starts].tolist(), strict=True)
        for upper, lower in ((colours[:3], colours[3:]),)
    ]


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
            Segment(" " * (end - start), Style(bgcolor=Color.from_rgb(*colour)))
            for colour, (start, end) in zip(line, pairwise(edges), strict=True)
        ]
        for line in tiles
    ]
    return [lines[row * down // rows] for row in range(rows)]


def kitty_picture(picture: Image.Image, columns: int, rows: int) -> KittyPicture:
    """The picture for `columns` × `rows` cells, at most `MAX_KITTY_CELLS` of each."""
    with _stand_in_output() as output:
        renderable = _unscaled_kitty_image()(picture, width=columns, height=rows)
        placeholders = "".join(segment.text for segment in _render(renderable, columns, rows))
    upload = output.getvalue()
    (number,) = set(_UPLOAD_ID.findall(upload))
    return KittyPicture(int(number), upload, tuple(placeholders.rstrip("\n").split("\n")))


def _render(renderable: TGPImage, columns: int, rows: int) -> list[Segment]:
    console = Console(
        file=StringIO(), width=columns, height=rows, force_terminal=True, color_system="truecolor"
    )
    return list(console.render(renderable))


@cache
def _unscaled_kitty_image() -> type[TGPImage]:
    from textual_image.renderable import TGPImage

    class UnscaledKittyImage(TGPImage):
        """Uploads its pixels as they are; textual-image would scale them for cells of 10 × 20."""

        def _send_image_to_terminal(self, width: int, height: int) -> None:
            super()._send_image_to_terminal(self._image_data.width, self._image_data.height)

    return UnscaledKittyImage


@contextmanager
def _stand_in_output() -> Iterator[StringIO]:
    """Keep textual-image from the terminal; the value collects what it writes there."""
    with _stand_in_lock:
        output, terminal = StringIO(), sys.__stdout__
        sys.__stdout__ = output  # type: ignore[assignment,misc]  # final for everyone else
        try:
            yield output
        finally:
            sys.__stdout__ = terminal  # type: ignore[misc]
