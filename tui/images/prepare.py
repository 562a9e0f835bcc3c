"""From an image file to what is written to the terminal. Slow: not for the event loop."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from msgspec.structs import replace
from PIL import Image

from tui.images.cells import MAX_KITTY_CELLS, half_cells, kitty_picture, mosaic
from tui.images.kept_previews import KeptPreviews, PixelPlan, Pixels, pixels
from tui.images.preview import Preview, PreviewRequest
from tui.images.recent import RECENT
from tui.images.scaling import (
    Fit,
    Pane,
    UprightPicture,
    centred,
    fit,
    flattened,
    measure,
    scale_upright,
)
from tui.images.sixel import BAND, encode_indexed, quantise
from tui.images.verify import read_limited


def prepare_preview(
    request: PreviewRequest,
    kept: KeptPreviews | None = None,
    check: Callable[[], None] = lambda: None,
) -> Preview:
    """Decode, scale and encode the image; the file is not changed.

    What is in `kept` is not made again. `check` is called again and again meanwhile; what it raises
    ends the work. Raises NotAnImage and OSError.
    """
    preview, layout = _outline(request)
    if layout is None:
        return preview
    is_half = request.graphics == "half"
    size = (layout.columns, layout.rows * 2) if is_half else layout.canvas
    made = _pixels(PixelPlan(request, preview.bytes, layout, size), kept, check)
    check()
    columns, rows = preview.columns, preview.rows
    small = made.image.convert("RGB").resize((columns, rows * 2), Image.Resampling.BOX)
    preview = replace(
        preview,
        half=tuple(half_cells(small, columns, rows)),
        mosaic=tuple(mosaic(small, columns, rows)),
    )
    check()
    if request.graphics == "kitty":
        return replace(preview, kitty=kitty_picture(made.png, columns, rows))
    if request.graphics == "sixel":
        return replace(preview, sixel=encode_indexed(made.image))
    return preview


def outline(request: PreviewRequest) -> Preview:
    """The place of the picture and nothing in it, found without decoding the image.

    Raises NotAnImage and OSError.
    """
    return _outline(request)[0]


def _outline(request: PreviewRequest) -> tuple[Preview, Fit | None]:
    width, height, size = measure(request.path)
    if request.graphics == "off":
        return Preview(width, height, size), None
    layout = fit(width, height, _pane(request))
    return Preview(width, height, size, layout.columns, layout.rows), layout


def _pixels(plan: PixelPlan, kept: KeptPreviews | None, check: Callable[[], None]) -> Pixels:
    """What the terminal is to be given."""
    request, is_half = plan.request, plan.request.graphics == "half"
    if kept is not None and (found := kept.find(plan)) is not None:
        return found
    upright, sha256 = _upright(request, plan.size if is_half else plan.fit.picture, check)
    check()
    picture = flattened(upright.image, request.background)
    if not is_half:
        picture = centred(picture, plan.size, request.background)
    if request.graphics == "sixel":
        picture = quantise(picture, request.sixel_limits.colours)
    check()
    made = pixels(picture)
    if kept is not None:
        kept.keep(plan, sha256, made)
    return made


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
