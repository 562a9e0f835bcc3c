"""What is known of an input image that was made ready to be sent.

Without Pillow, for those who show it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal, TypeAlias, get_args

from msgspec import Struct

Treatment: TypeAlias = Literal["fitted", "small", "as it is"]
"""What is done to an image before it is sent: what the model's limits need, down to `SMALL_SIDE`
and a photograph's compression besides, or nothing."""
TREATMENTS: tuple[Treatment, ...] = get_args(Treatment)
FORMAT_NAMES = {"png": "PNG", "jpeg": "JPEG", "webp": "WebP"}
"""What people call the formats."""
SMALL_SIDE = 2048
"""Pixels of the longer side that a small one has at most."""


class Limits(Struct, frozen=True):
    """What a model takes of one input image that can be met by scaling or encoding it anew."""

    formats: tuple[str, ...] = ("png", "jpeg", "webp")
    max_bytes: int | None = None
    max_pixels: int | None = None


class PreparedReference(Struct, frozen=True):
    """An input image as it would be sent, in a file of its own."""

    file: Path
    sha256: str
    format: str
    """`png`, `jpeg` or `webp`."""
    width: int
    """Pixels, as stored in the file."""
    height: int
    bytes: int
    from_bytes: int
    """How large the file was that it was made of."""
    from_size: tuple[int, int]
    """Width and height of the image that it was made of, upright."""
    changes: tuple[str, ...] = ()
    """What was done to it, in our own words, such as `metadata removed`."""
    tells_place: bool = False
    """Whether it holds where it was taken, as one that is sent as it is may."""


class UnfitReference(Exception):
    """What cannot be sent as an input image; the text says why, and may hold outside text."""
