"""Pictures scaled to a pane, upright, opaque and in RGB. The file itself is never changed."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import TypeAlias

from msgspec import Struct
from PIL import Image

from tui.images.verify import MAX_SIDE, opened, read_limited

RGB: TypeAlias = tuple[int, int, int]
"""Red, green and blue, 0 to 255."""

MAX_ENLARGEMENT = 2.0

_ORIENTATION_TAG = 0x0112
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_TURNED = (5, 6, 7, 8)


class Pane(Struct, frozen=True):
    """The room there is for a picture."""

    columns: int
    rows: int
    cell_pixels: tuple[int, int]
    """Width and height of a cell."""
    max_pixels: tuple[int, int] = (MAX_SIDE, MAX_SIDE)
    """Width and height that a picture may not exceed, whatever the room."""
    height_step: int = 1
    """What a picture's height in pixels has to be a multiple of; less than a cell's height."""
    max_enlargement: float = MAX_ENLARGEMENT


class Fit(Struct, frozen=True):
    """How an image comes to lie in whole cells: scaled to `picture`, in the middle of `canvas`."""

    columns: int
    rows: int
    canvas: tuple[int, int]
    """Width and height in pixels; as much of `columns` × `rows` cells as the step leaves."""
    picture: tuple[int, int]


class UprightPicture(Struct, frozen=True):
    """A picture scaled down, as its camera was held."""

    image: Image.Image
    """RGB, or RGBA where not all of it is opaque."""
    width: int
    """Of the file's image, upright, in pixels."""
    height: int


class ScaledPicture(Struct, frozen=True):
    """A picture ready to be encoded for the terminal."""

    image: Image.Image
    """RGB, of the size of the fit's picture."""
    fit: Fit
    width: int
    """Of the file's image, upright, in pixels."""
    height: int
    bytes: int


def fit(width: int, height: int, pane: Pane) -> Fit:
    """The largest the image can be drawn in the pane with its proportions kept.

    Small images are enlarged to the pane's `max_enlargement` at most.
    """
    cell_width, cell_height = pane.cell_pixels
    room_width, room_height = room_of(pane)
    scale = whole_scale(width, height, pane)
    picture_width = min(room_width, max(1, round(width * scale)))
    picture_height = min(room_height, max(1, round(height * scale)))
    columns = math.ceil(picture_width / cell_width)
    rows = math.ceil(picture_height / cell_height)
    canvas_width = min(columns * cell_width, room_width)
    canvas_height = min(_floor(rows * cell_height, pane.height_step), room_height)
    return Fit(
        columns,
        rows,
        canvas=(canvas_width, canvas_height),
        picture=(picture_width, min(picture_height, canvas_height)),
    )


def room_of(pane: Pane) -> tuple[int, int]:
    """Width and height in pixels that a picture may have in the pane."""
    width = min(pane.columns * pane.cell_pixels[0], pane.max_pixels[0])
    height = min(pane.rows * pane.cell_pixels[1], pane.max_pixels[1])
    return max(1, width), max(1, _floor(height, pane.height_step))


def whole_scale(width: int, height: int, pane: Pane) -> float:
    """By how much the image is scaled so that all of it is seen in the pane."""
    room_width, room_height = room_of(pane)
    return min(room_width / width, room_height / height, pane.max_enlargement)


def measure(path: Path) -> tuple[int, int, int]:
    """Width, height (upright, in pixels) and bytes of an image file, without decoding it.

    Raises NotAnImage and OSError.
    """
    size = path.stat().st_size
    with path.open("rb") as file, opened(file) as (image, _):
        width, height = _upright_size(image)
    return width, height, size


def load_scaled(path: Path, pane: Pane, background: RGB) -> ScaledPicture:
    """The image in `path` as it is to be seen in `pane`; `background` shows where it is clear.

    Raises NotAnImage and OSError. Takes up to a second for the largest images.
    """
    data = read_limited(path)
    upright = scale_upright(data, lambda width, height: fit(width, height, pane).picture)
    width, height = upright.width, upright.height
    picture = flattened(upright.image, background)
    return ScaledPicture(picture, fit(width, height, pane), width, height, len(data))


def scale_upright(data: bytes, scaled: Callable[[int, int], tuple[int, int]]) -> UprightPicture:
    """The image in the bytes of a file; `scaled` makes of its width and height, upright, those that
    it is to have.

    Raises NotAnImage. Takes up to a second for the largest images.
    """
    with opened(BytesIO(data)) as (image, _):
        width, height = _upright_size(image)
        orientation = orientation_of(image)
        size = scaled(width, height)
        size = size[::-1] if orientation in _TURNED else size
        image.draft(None, size)
        picture = _resize(_in_plain_mode(image), size)
    if orientation in _UPRIGHT:
        picture = picture.transpose(_UPRIGHT[orientation])
    return UprightPicture(picture, width, height)


def flattened(image: Image.Image, background: RGB) -> Image.Image:
    """An RGB or RGBA image as RGB, with `background` where it is clear."""
    if image.mode != "RGBA":
        return image
    opaque = Image.new("RGB", image.size, background)
    opaque.paste(image, mask=image)
    return opaque


def centred(image: Image.Image, size: tuple[int, int], background: RGB) -> Image.Image:
    """The image in the middle of a larger one of `size`."""
    canvas = Image.new("RGB", size, background)
    canvas.paste(image, ((size[0] - image.width) // 2, (size[1] - image.height) // 2))
    return canvas


def _floor(pixels: int, step: int) -> int:
    return pixels - pixels % step


def orientation_of(image: Image.Image) -> int:
    """Which side of an image is up, as EXIF numbers it; 1 where that is not said, or damaged."""
    try:
        value = image.getexif().get(_ORIENTATION_TAG, 1)
    except (OSError, ValueError, SyntaxError, struct.error, OverflowError, IndexError):
        return 1  # Damaged metadata is no reason to refuse good pixels.
    return value if isinstance(value, int) else 1


def _upright_size(image: Image.Image) -> tuple[int, int]:
    width, height = image.size
    return (height, width) if orientation_of(image) in _TURNED else (width, height)


def _in_plain_mode(image: Image.Image) -> Image.Image:
    """The same pixels as L or RGB, or as RGBA where some are not opaque."""
    if image.mode.startswith("I"):  # 16 bits of grey; convert() would clip them
        return image.point(lambda value: value / 256).convert("L")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        clearest, _ = image.getchannel("A").getextrema()
        return image if clearest != 255 else image.convert("RGB")
    return image if image.mode in ("L", "RGB") else image.convert("RGB")


def _resize(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    # Colours of clear pixels must not bleed in: RGBa is RGBA multiplied by its alpha.
    working = image.convert("RGBa") if image.mode == "RGBA" else image
    resized = working.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
    return resized.convert("RGBA" if image.mode == "RGBA" else "RGB")
