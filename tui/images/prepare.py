"""From an image file to what is written to the terminal. Slow: not for the event loop."""

from __future__ import annotations

from math import ceil

from msgspec.structs import replace

from tui.images.cells import MAX_KITTY_CELLS, half_cells, kitty_picture, mosaic
from tui.images.originals import Originals
from tui.images.preview import Preview, PreviewRequest
from tui.images.scaling import (
    Fit,
    Pane,
    ScaledPicture,
    centred,
    load_scaled,
    measure,
    room_of,
    whole_scale,
)
from tui.images.sixel import BAND, sixel
from tui.images.zoom import Frame
from tui.images.zoomed import draw_zoomed


def prepare_preview(request: PreviewRequest, originals: Originals | None = None) -> Preview:
    """Decode, scale and encode the image; the file is not changed.

    `originals` has it decoded already, or keeps it, where only a part of it is to be seen. Raises
    NotAnImage and OSError.
    """
    if request.graphics == "off":
        return Preview(*measure(request.path))
    if request.zoom.is_whole:
        scaled = load_scaled(request.path, _pane(request), request.background)
    else:
        scaled = _zoomed(request, originals or Originals())
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


def frame_of(request: PreviewRequest, picture: tuple[int, int]) -> Frame:
    """A picture, of that width and height upright, in the room of the request."""
    pane = _pane(request)
    across, down = request.cell_dots
    scale = whole_scale(*picture, pane) * across / pane.cell_pixels[0]
    if request.graphics == "half":
        return Frame(picture, (pane.columns * across, pane.rows * down), scale)
    return Frame(picture, room_of(pane), scale)


def _zoomed(request: PreviewRequest, originals: Originals) -> ScaledPicture:
    """What the request's zoom shows of the image, as one that fits."""
    original = originals.load(request.path, request.background)
    width, height = original.width, original.height
    seen = draw_zoomed(original.image, request.zoom, frame_of(request, (width, height)))
    cell = request.cell_dots
    columns, rows = (ceil(dots / side) for dots, side in zip(seen.size, cell, strict=True))
    width_left, height_left = room_of(_pane(request))
    canvas = (columns * cell[0], rows * cell[1])
    if request.graphics == "half":
        seen = centred(seen, canvas, request.background)
    elif request.graphics == "sixel":
        low = min(canvas[1], height_left)
        canvas = (min(canvas[0], width_left), low - low % BAND)
    fit = Fit(columns, rows, canvas, seen.size)
    return ScaledPicture(seen, fit, width, height, request.path.stat().st_size)


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
