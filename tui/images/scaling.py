"""Pictures scaled to a pane, upright, opaque and in RGB. The file itself is never changed."""

from __future__ import annotations

import math
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import IO, TypeAlias

from msgspec import Struct
from PIL import Image
from PIL.PngImagePlugin import PngImageFile

from tui.images.verify import DECODING_ERRORS, MAX_SIDE, PNG_SIGNATURE, opened

RGB: TypeAlias = tuple[int, int, int]
"""Red, green and blue, 0 to 255."""
Scaled: TypeAlias = Callable[[int, int], tuple[int, int]]
"""Makes of a width and a height others."""

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
_LONGEST_EXIF = 2**20


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


class _Checked(BytesIO):
    """The bytes of a file, which decoders read piece by piece."""

    def __init__(self, data: bytes, check: Callable[[], None]) -> None:
        super().__init__(data)
        self._check = check

    def read(self, size: int | None = -1, /) -> bytes:
        self._check()
        return super().read(size)


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


def scale_upright(
    data: bytes, scaled: Scaled, check: Callable[[], None] = lambda: None
) -> UprightPicture:
    """The image in the bytes of a file; `scaled` makes of its width and height, upright, those that
    it is to have.

    `check` is called again and again meanwhile; what it raises ends the work. Raises NotAnImage.
    Takes up to a second for the largest images.
    """
    with opened(_Checked(data, check)) as (image, _):
        return upright_picture(image, scaled)


def upright_picture(image: Image.Image, scaled: Scaled) -> UprightPicture:
    """The same for an image that Pillow has opened. Raises what its decoders do."""
    width, height = _upright_size(image)
    orientation = orientation_of(image)
    size = scaled(width, height)
    size = size[::-1] if orientation in _TURNED else size
    image.draft(None, size)
    picture = resized(_in_plain_mode(image), size)
    if orientation in _UPRIGHT:
        picture = picture.transpose(_UPRIGHT[orientation])
    return UprightPicture(picture, width, height)


def no_larger_than(side: int) -> Scaled:
    """Scales down so far that the longer side has `side` pixels at most."""

    def scaled(width: int, height: int) -> tuple[int, int]:
        scale = min(1.0, side / max(width, height))
        return max(1, round(width * scale)), max(1, round(height * scale))

    return scaled


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
    canvas.paste(image, middle(image.size, size))
    return canvas


def middle(size: tuple[int, int], within: tuple[int, int]) -> tuple[int, int]:
    """Where what is of `size` begins so that it is in the middle."""
    return (within[0] - size[0]) // 2, (within[1] - size[1]) // 2


def encoded(image: Image.Image) -> bytes:
    """The image as a PNG: hardly larger than the smallest, in a sixth of the time."""
    file = BytesIO()
    image.save(file, "PNG", compress_level=1)
    return file.getvalue()


def _floor(pixels: int, step: int) -> int:
    return pixels - pixels % step


def orientation_of(image: Image.Image) -> int:
    """Which side of an image is up, as EXIF numbers it; 1 where that is not said, or damaged."""
    try:
        if isinstance(image, PngImageFile) and "exif" not in image.info and image.fp is not None:
            # Pillow would decode the whole image to see what comes after its pixels.
            image.info["exif"] = _late_exif(image.fp)
        value = Image.Image.getexif(image).get(_ORIENTATION_TAG, 1)
    except DECODING_ERRORS:
        return 1  # Damaged metadata is no reason to refuse good pixels.
    return value if isinstance(value, int) else 1


def _late_exif(png: IO[bytes]) -> bytes:
    """The EXIF data of a PNG, wherever they are; the file is left where it stands."""
    before, offset = png.tell(), len(PNG_SIGNATURE)
    try:
        while True:
            png.seek(offset)
            head = png.read(8)
            length = int.from_bytes(head[:4], "big")
            if head[4:] == b"eXIf":
                return png.read(min(length, _LONGEST_EXIF))
            if len(head) < 8 or head[4:] == b"IEND":
                return b""
            offset += 12 + length
    finally:
        png.seek(before)


def _upright_size(image: Image.Image) -> tuple[int, int]:
    width, height = image.size
    return (height, width) if orientation_of(image) in _TURNED else (width, height)


def _in_plain_mode(image: Image.Image) -> Image.Image:
    """The same pixels as L or RGB, or as RGBA where some are not opaque."""
    if image.mode.startswith("I"):  # 16 bits of grey; convert() would clip them
        return image.point(lambda value: value / 256).convert("L")
    if image.has_transparency_data:
        # A copy of the largest takes 160 MB.
        image = image if image.mode == "RGBA" else image.convert("RGBA")
        clearest, _ = image.getchannel("A").getextrema()
        return image if clearest != 255 else image.convert("RGB")
    return image if image.mode in ("L", "RGB") else image.convert("RGB")


def resized(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """An L, RGB or RGBA image in another size; RGB where it was L."""
    if image.size == size and image.mode in ("RGB", "RGBA"):
        return image.copy()
    # Colours of clear pixels must not bleed in: RGBa is RGBA multiplied by its alpha.
    working = image.convert("RGBa") if image.mode == "RGBA" else image
    resized = working.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
    return resized.convert("RGBA" if image.mode == "RGBA" else "RGB")
