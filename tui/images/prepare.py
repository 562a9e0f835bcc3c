"""From an image file to what is written to the terminal. Slow: not for the event loop."""

from __future__ import annotations

from msgspec.structs import replace

from tui.images.cells import MAX_KITTY_CELLS, half_cells, kitty_picture, mosaic
from tui.images.preview import Preview, PreviewRequest
from tui.images.scaling import Pane, centred, load_scaled, measure
from tui.images.sixel import BAND, sixel


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
        mosaic=tuple(mosaic(picture, columns, rows)),
    )
    if request.graphics == "half":
        return preview
    canvas = centred(picture, scaled.fit.canvas, request.background)
    if request.graphics == "kitty":
        return replace(preview, kitty=kitty_picture(canvas, columns, rows))
    return replace(preview, sixel=sixel(canvas, request.sixel_limits.colours))


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
