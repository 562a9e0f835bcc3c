"""From an image file to what is written to the terminal. Slow: not for the event loop."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from tui.images.cells import MAX_KITTY_CELLS, CellRow, KittyPicture, half_cells, kitty_picture
from tui.images.scaling import Pane, load_scaled, measure
from tui.images.sixel import BAND, sixel
from tui.terminal import Graphics, SixelLimits


@dataclass(frozen=True, slots=True)
class PreviewRequest:
    """Which image is to be drawn, where, and how."""

    path: Path
    columns: int
    """Room for the picture, in cells; at least one by one."""
    rows: int
    cell_pixels: tuple[int, int]
    graphics: Graphics
    background: tuple[int, int, int]
    """Red, green and blue, 0 to 255, behind clear pixels and around the picture."""
    sixel_limits: SixelLimits = SixelLimits()


@dataclass(frozen=True, slots=True)
class Preview:
    """A picture ready for the terminal, in whole cells."""

    width: int
    """Of the file's image, upright, in pixels."""
    height: int
    bytes: int
    columns: int = 0
    """Cells that the picture takes; 0 × 0 when graphics are off."""
    rows: int = 0
    half: tuple[CellRow, ...] = ()
    """The picture in half cells, whichever graphics were asked for: `rows` rows."""
    sixel: str = ""
    """The picture as one sixel sequence, when that was asked for."""
    kitty: KittyPicture | None = None


def prepare_preview(request: PreviewRequest) -> Preview:
    """Decode, scale and encode the image; the file is not changed.

    Raises NotAnImage and OSError.
    """
    if request.graphics == "off":
        return Preview(*measure(request.path))
    scaled = load_scaled(request.path, _pane(request), request.background)
    picture, columns, rows = scaled.image, scaled.fit.columns, scaled.fit.rows
    preview = Preview(
        scaled.width,
        scaled.height,
        scaled.bytes,
        columns,
        rows,
        half=tuple(half_cells(picture, columns, rows)),
    )
    if request.graphics == "sixel":
        return replace(preview, sixel=sixel(picture, request.sixel_limits.colours))
    if request.graphics == "kitty":
        return replace(preview, kitty=kitty_picture(picture, columns, rows))
    return preview


def _pane(request: PreviewRequest) -> Pane:
    pane = Pane(request.columns, request.rows, request.cell_pixels)
    if request.graphics == "sixel":
        limits = request.sixel_limits
        return replace(pane, max_pixels=(limits.width, limits.height), height_step=BAND)
    if request.graphics == "kitty":
        return replace(
            pane,
            columns=min(pane.columns, MAX_KITTY_CELLS),
            rows=min(pane.rows, MAX_KITTY_CELLS),
        )
    return pane
