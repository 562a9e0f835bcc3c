"""Input images that show through in the picture."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

import numpy as np
from PIL import Image, ImageOps

from tui.demo.art.canvas import Canvas
from tui.demo.art.colour import Field
from tui.demo.art.noise import clouds, step

_FORMATS = ("PNG", "JPEG", "WEBP")
_LARGEST = 40_000_000
_MOST = 14


def blend_references(canvas: Canvas, references: Sequence[bytes]) -> None:
    """Let the references' tone and large forms show through; what is no image is passed over."""
    opened = [image for data in references[:_MOST] if (image := _opened(data, canvas)) is not None]
    if not opened:
        return
    for index, planes in enumerate(opened):
        mask = _share(canvas, index, len(opened))
        _blend(canvas, planes, mask)


def kept_by_mask(image: Image.Image, reference: bytes, mask: bytes) -> Image.Image:
    """`image` where `mask` is transparent, the reference elsewhere; both fill the picture."""
    below, cover = _fitted(reference, image.size), _fitted(mask, image.size)
    if below is None or cover is None:
        return image
    return Image.composite(below.convert("RGB"), image, cover.getchannel("A"))


def _opened(data: bytes, canvas: Canvas) -> Field | None:
    """The image cut to the canvas's proportions, as planes; None for what cannot be decoded."""
    image = _fitted(data, (canvas.width, canvas.height), ground=True)
    if image is None:
        return None
    return np.asarray(image.convert("RGB"), np.float32).transpose(2, 0, 1) * (1 / 255)


def _fitted(data: bytes, size: tuple[int, int], *, ground: bool = False) -> Image.Image | None:
    """The image cut to `size`, RGBA, on white if there is to be a `ground`; None for none."""
    try:
        with Image.open(BytesIO(data), formats=_FORMATS) as file:
            if file.width * file.height > _LARGEST:
                return None
            longest = 2 * max(size)
            file.thumbnail((longest, longest))  # before the copies below, which cost memory
            image = ImageOps.exif_transpose(file).convert("RGBA")
            if ground:
                white = Image.new("RGBA", image.size, (255, 255, 255, 255))
                image = Image.alpha_composite(white, image)
            return ImageOps.fit(image, size, Image.Resampling.BILINEAR)
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError):
        return None  # the endpoint has judged the bytes already; the painter does without them


def _share(canvas: Canvas, index: int, count: int) -> Field:
    """Where reference `index` of `count` shows: side by side, with soft and wandering borders."""
    if count == 1:
        return np.ones((1, 1), np.float32)
    wander = clouds(
        np.random.default_rng(index + 1), canvas.width, canvas.height, cells=2, octaves=4
    )
    place = (canvas.x / canvas.right + wander * 0.06) * count
    return step(index - 0.3, index + 0.3, place) * step(index + 1.3, index + 0.7, place)


def _blend(canvas: Canvas, planes: Field, mask: Field) -> None:
    """Lean to the reference in light and shade, and a little in colour."""
    weights = np.array([0.299, 0.587, 0.114], np.float32)
    theirs = np.tensordot(weights, planes, axes=1)
    ours = np.tensordot(weights, canvas.planes, axes=1)
    tone = (theirs - ours) * 0.5
    for plane, other in zip(canvas.planes, planes, strict=True):
        graded = plane + tone
        plane += (graded + (other - graded) * 0.2 - plane) * mask
    np.clip(canvas.planes, 0, 1, out=canvas.planes)
