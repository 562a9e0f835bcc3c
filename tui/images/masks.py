"""Masks: PNGs whose transparent parts say where the first reference may change."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from tui.images.verify import NotAnImage, opened, verify_image

_ORIENTATION = 0x0112
_LYING = range(5, 9)
"""Orientations of EXIF in which width and height change places."""


def check_mask(mask: Path, image: bytes) -> None:
    """See that `mask` fits `image`, the first reference as it is sent.

    Raises NotAnImage where it does not, or either cannot be read as an image, and OSError. Whether
    it has transparent parts is the endpoint's to judge: some take black and white instead.
    """
    facts = verify_image(mask)
    if facts.format != "png":
        raise NotAnImage(f"A mask is a PNG, and this is a {facts.format.upper()}.")
    size, sizes = (facts.width, facts.height), _sizes(image)
    if size not in sizes:
        raise NotAnImage(
            f"A mask is as large as the first reference: {_words(sizes[-1])} pixels, and this one"
            f" has {_words(size)}."
        )


def _sizes(image: bytes) -> list[tuple[int, int]]:
    """The size of `image` as stored, and as it is seen if that is another."""
    with opened(BytesIO(image)) as (picture, _):
        width, height = picture.size
        is_lying = picture.getexif().get(_ORIENTATION) in _LYING
    return [(width, height), (height, width)] if is_lying else [(width, height)]


def _words(size: tuple[int, int]) -> str:
    return f"{size[0]}×{size[1]}"
