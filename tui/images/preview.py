"""What is asked of, and comes out of, the preparation of a picture for the terminal.

Light to import, unlike `tui.images.prepare`, which does the work.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from tui.terminal import USUAL_SIXEL_LIMITS, Graphics, SixelLimits

if TYPE_CHECKING:
    from tui.images.cells import CellRow, KittyPicture


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


class Preview(Struct, frozen=True):
    """A picture ready for the terminal, in whole cells."""

    width: int
    """Of the file's image, upright, in pixels."""
    height: int
    bytes: int
    columns: int = 0
    """Cells that the picture takes; 0 × 0 when graphics are off."""
    rows: int = 0
    half: tuple[CellRow, ...] = ()
    """`rows` rows of half cells, whichever graphics were asked for."""
    mosaic: tuple[CellRow, ...] = ()
    """`rows` rows of coarse tiles, for where the picture is drawn dimmed under another screen."""
    sixel: str = ""
    """The picture as one sixel sequence, when that was asked for."""
    kitty: KittyPicture | None = None
