"""Masks of edits: which parts of the first image shall change."""

from __future__ import annotations

from io import BytesIO

from PIL import Image

from tui.demo.errors import not_valid

MOST_BYTES = 4_000_000


def check_mask(mask: bytes, image: bytes) -> None:
    """Raise Refusal unless `mask` is a PNG with an alpha channel, as large as `image`."""
    if len(mask) >= MOST_BYTES:
        raise not_valid("mask", f"the mask must be less than {MOST_BYTES // 1_000_000} MB")
    try:
        with Image.open(BytesIO(mask), formats=["PNG"]) as opened:
            size = opened.size
            if size not in _sizes(image):
                raise not_valid("mask", "the mask must have the dimensions of the first image")
            opened.load()
            has_alpha = opened.has_transparency_data
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise not_valid("mask", "the mask cannot be read; it must be a PNG") from error
    if not has_alpha:
        raise not_valid("mask", "the mask must have an alpha channel")


def _sizes(image: bytes) -> set[tuple[int, int]]:
    """The size of `image`, which was judged already, as stored and the right way up."""
    with Image.open(BytesIO(image)) as opened:
        width, height = opened.size
        orientation = opened.getexif().get(0x0112, 1)
    turned = (height, width) if orientation in range(5, 9) else (width, height)
    return {(width, height), turned}
