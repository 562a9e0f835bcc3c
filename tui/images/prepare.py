"""From an image file to what is written to the terminal. Slow: not for the event loop."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from math import ceil

from msgspec.structs import replace
from PIL import Image

from tui.images.cells import half_cells, kitty_picture, mosaic
from tui.images.kept_previews import KeptPreviews, PixelPlan, Pixels, pixels
from tui.images.originals import Originals
from tui.images.preview import Preview, PreviewRequest
from tui.images.recent import RECENT
from tui.images.room import pane_for
from tui.images.scaling import (
    Fit,
    Pane,
    UprightPicture,
    centred,
    encoded,
    fit,
    flattened,
    measure,
    room_of,
    scale_upright,
    whole_scale,
)
from tui.images.sixel import BAND, centred_in_palette, encode_indexed
from tui.images.verify import read_limited
from tui.images.zoom import Frame
from tui.images.zoomed import draw_zoomed


def prepare_preview(
    request: PreviewRequest,
    kept: KeptPreviews | None = None,
    originals: Originals | None = None,
    check: Callable[[], None] = lambda: None,
) -> Preview:
    """Decode, scale and encode the image; the file is not changed.

    What is in `kept` is not made again. `originals` has the image decoded already, or keeps it,
    where only a part of it is to be seen. `check` is called again and again meanwhile; what it
    raises ends the work. Raises NotAnImage and OSError.
    """
    if request.graphics != "off" and not request.zoom.is_whole:
        return _prepare_part(request, originals or Originals(), check)
    preview, layout = _outline(request)
    if layout is None:
        return preview
    is_half = request.graphics == "half"
    size = (layout.columns, layout.rows * 2) if is_half else layout.canvas
    made = _pixels(PixelPlan(request, preview.bytes, layout, size), kept, check)
    return _drawn(preview, request, made, check)


def outline(request: PreviewRequest) -> Preview:
    """The place of the whole picture and nothing in it, found without decoding the image.

    Raises NotAnImage and OSError.
    """
    return _outline(request)[0]


def _outline(request: PreviewRequest) -> tuple[Preview, Fit | None]:
    width, height, size = measure(request.path)
    if request.graphics == "off":
        return Preview(width, height, size), None
    layout = fit(width, height, _pane(request))
    return Preview(width, height, size, layout.columns, layout.rows), layout


def _drawn(
    preview: Preview, request: PreviewRequest, made: Pixels, check: Callable[[], None]
) -> Preview:
    """`preview`, whose place is known, with the pixels in all that the terminal may need."""
    check()
    columns, rows = preview.columns, preview.rows
    small = made.image.convert("RGB").resize((columns, rows * 2), Image.Resampling.BOX)
    preview = replace(
        preview,
        half=half_cells(small, columns, rows),
        mosaic=tuple(mosaic(small, columns, rows)),
    )
    check()
    if request.graphics == "kitty":
        return replace(preview, kitty=kitty_picture(made.png, columns, rows))
    if request.graphics == "sixel":
        return replace(preview, sixel=encode_indexed(made.image))
    return preview


def _pixels(plan: PixelPlan, kept: KeptPreviews | None, check: Callable[[], None]) -> Pixels:
    """What the terminal is to be given."""
    request, is_half = plan.request, plan.request.graphics == "half"
    if kept is not None and (found := kept.find(plan)) is not None:
        return found
    upright, sha256 = _upright(request, plan.size if is_half else plan.fit.picture, check)
    check()
    made = pixels(_laid(flattened(upright.image, request.background), plan.size, request))
    check()
    if kept is not None:
        kept.keep(plan, sha256, made)
    return made


def _laid(picture: Image.Image, size: tuple[int, int], request: PreviewRequest) -> Image.Image:
    """An RGB picture in the middle of its cells, in as many colours as the terminal has."""
    if request.graphics != "sixel":
        return centred(picture, size, request.background)
    return centred_in_palette(picture, size, request.background, request.sixel_limits.colours)


def _upright(
    request: PreviewRequest, size: tuple[int, int], check: Callable[[], None]
) -> tuple[UprightPicture, str]:
    """The picture in a size, and the sha256 of its file where the request has that."""
    if (lately := RECENT.scaled(request.sha256, lambda *_: size)) is not None:
        return lately, request.sha256
    data = read_limited(request.path)
    # What is not what the entry says must not pass for it.
    is_known = bool(request.sha256) and hashlib.sha256(data).hexdigest() == request.sha256
    picture = scale_upright(data, lambda *_: size, check)
    return picture, request.sha256 if is_known else ""


def frame_of(request: PreviewRequest, picture: tuple[int, int]) -> Frame:
    """A picture, of that width and height upright, in the room of the request."""
    pane = _pane(request)
    across, down = request.cell_dots
    scale = whole_scale(*picture, pane) * across / pane.cell_pixels[0]
    if request.graphics == "half":
        return Frame(picture, (pane.columns * across, pane.rows * down), scale)
    return Frame(picture, room_of(pane), scale)


def _prepare_part(
    request: PreviewRequest, originals: Originals, check: Callable[[], None]
) -> Preview:
    """What the request's zoom shows of the image. Parts are too many to be kept on the disk."""
    original = originals.load(request.path, request.background)
    check()
    width, height = original.width, original.height
    picture = draw_zoomed(original.image, request.zoom, frame_of(request, (width, height)))
    cell = request.cell_dots
    columns, rows = (ceil(dots / side) for dots, side in zip(picture.size, cell, strict=True))
    canvas = (columns * cell[0], rows * cell[1])
    if request.graphics != "half":
        room_width, room_height = room_of(_pane(request))
        low = min(canvas[1], room_height)
        step = BAND if request.graphics == "sixel" else 1
        canvas = min(canvas[0], room_width), low - low % step
    picture = _laid(picture, canvas, request)
    check()
    made = Pixels(picture, encoded(picture) if request.graphics == "kitty" else b"")
    preview = Preview(width, height, request.path.stat().st_size, columns, rows)
    return _drawn(preview, request, made, check)


def _pane(request: PreviewRequest) -> Pane:
    return pane_for(
        request.graphics,
        request.columns,
        request.rows,
        request.cell_pixels,
        request.sixel_limits,
    )
