"""What is asked of, and comes out of, the preparation of a picture for the terminal.

Light to import, unlike `tui.images.prepare`, which does the work.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from tui.images.zoom import WHOLE, Zoom
from tui.terminal import USUAL_SIXEL_LIMITS, Graphics, SixelLimits

if TYPE_CHECKING:
    from tui.images.cells import CellRow, HalfCells, KittyPicture

TILE_COLUMNS, TILE_LINES = 7, 3
"""Cells of a tile. With half of its last line free that is about four to three."""

HALF_CELLS = (1, 2)
"""Dots of a cell, side by side and one above the other, where half cells are drawn."""


class PreviewRequest(Struct, frozen=True):
    """Which image is to be drawn, in what room, and how."""

    path: Path
    columns: int
    """Room for the picture in cells, at least one by one."""
    rows: int
    cell_pixels: tuple[int, int]
    """Width and height of a cell."""
    graphics: Graphics
    background: tuple[int, int, int]
    """Red, green and blue, 0 to 255: behind clear pixels and around the picture."""
    sixel_limits: SixelLimits = USUAL_SIXEL_LIMITS
    zoom: Zoom = WHOLE
    """What of the picture is wanted to be seen, and how large."""
    sha256: str = ""
    """Of the file's bytes, where it is known: what was made of them before is found by it."""

    @property
    def cell_dots(self) -> tuple[int, int]:
        """Width and height of a cell in the smallest things that can be drawn."""
        return HALF_CELLS if self.graphics == "half" else self.cell_pixels


class Preview(Struct, frozen=True):
    """A picture ready for the terminal, in whole cells."""

    width: int
    """Of the file's image, upright, in pixels."""
    height: int
    bytes: int
    columns: int = 0
    """Cells that the picture takes; 0 × 0 when graphics are off."""
    rows: int = 0
    half: HalfCells | tuple[CellRow, ...] = ()
    """`rows` rows of half cells, whichever graphics were asked for; none while only the place of
    the picture is known."""
    mosaic: tuple[CellRow, ...] = ()
    """`rows` rows of coarse tiles, for where the picture is drawn dimmed under another screen."""
    sixel: str = ""
    """The picture as one sixel sequence, when that was asked for."""
    kitty: KittyPicture | None = None


class TileRequest(Struct, frozen=True):
    """How tiles are to be drawn."""

    graphics: Graphics
    cell_pixels: tuple[int, int]
    """Width and height of a cell."""
    background: tuple[int, int, int]
    """Red, green and blue, 0 to 255, behind clear pixels."""
    columns: int = TILE_COLUMNS
    """Cells of a tile."""
    lines: int = TILE_LINES
    whole: bool = False
    """Whether all of a picture is shown, which may take fewer cells; otherwise its middle fills the
    tile, but for the lower half of the last line."""


class Tile(Struct, frozen=True):
    """A picture as a tile of a few cells, no more than were asked for."""

    lines: HalfCells | tuple[CellRow, ...]
    """In half cells. Those of the last line have no background where the tile was to be filled:
    they show that of the line."""
    columns: int
    """Cells across."""
    kitty: KittyPicture | None = None
    """The same in pixels, where kitty's graphics were asked for."""

    @property
    def cells(self) -> int:
        """How many there are."""
        return self.columns * len(self.lines)
