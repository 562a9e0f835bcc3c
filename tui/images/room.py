"""The room that a picture has on the terminal, by the way in which it is drawn there."""

from __future__ import annotations

from msgspec.structs import replace

from tui.images.cells import MAX_KITTY_CELLS
from tui.images.scaling import Pane
from tui.images.sixel import BAND
from tui.terminal import Graphics, SixelLimits


def pane_for(
    graphics: Graphics, columns: int, rows: int, cell_pixels: tuple[int, int], limits: SixelLimits
) -> Pane:
    """So many cells, of that width and height in pixels, as far as `graphics` can fill them."""
    pane = Pane(columns, rows, cell_pixels)
    if graphics == "sixel":
        return replace(pane, max_pixels=(limits.width, limits.height), height_step=BAND)
    if graphics == "kitty":
        most = MAX_KITTY_CELLS
        return replace(pane, columns=min(columns, most), rows=min(rows, most))
    return pane
