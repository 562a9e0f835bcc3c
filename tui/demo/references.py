"""Input images: decoded from the request and held against a model's limits."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from io import BytesIO
from typing import Any

from PIL import Image

from tui.demo.errors import Refusal, no_such_asset, not_valid
from tui.demo.limits import ReferenceLimits

_DATA_URL = re.compile(r"data:image/[a-z0-9.+-]+;base64,")


def read_references(value: Any, limits: ReferenceLimits) -> tuple[bytes, ...]:
    """The bytes of the images in the request's `image` field: a text or a list of texts.

    Raises Refusal where one is not an image, cannot be had, or is outside `limits`.
    """
    sources = [value] if isinstance(value, str) else value
    if not isinstance(sources, list) or not all(isinstance(item, str) for item in sources):
        raise not_valid("image", "expected a string or an array of strings")
    _check_number(len(sources), limits)
    return check_references([_read(source) for source in sources], limits)


def check_references(contents: Sequence[bytes], limits: ReferenceLimits) -> tuple[bytes, ...]:
    """`contents` if all are images within `limits`. Raises Refusal."""
    _check_number(len(contents), limits)
    for content in contents:
        _check(content, limits)
    return tuple(contents)


def _check_number(images: int, limits: ReferenceLimits) -> None:
    if images > limits.most:
        raise not_valid("image", f"at most {limits.most} images can be given, {images} were sent")


def _read(source: str) -> bytes:
    if source.startswith(("http://", "https://")):
        raise Refusal(
            400,
            "invalid_request_error",
            "Error while downloading file. Upstream status code: 407. The demo endpoint has no"
            " network: send the image itself",
            param="image",
        )
    if source.startswith("asset://"):
        raise no_such_asset(source)
    if source.startswith("data:"):
        header = _DATA_URL.match(source)
        if header is None:
            raise not_valid(
                "image", "a data URL must begin with data:image/<format in lower case>;base64,"
            )
        source = source[header.end() :]
    try:
        return base64.b64decode(source, validate=True)
    except (binascii.Error, ValueError) as error:
        raise not_valid("image", "expected an image URL, a data URL or base64") from error


def _check(content: bytes, limits: ReferenceLimits) -> None:
    if len(content) > limits.most_bytes:
        raise not_valid("image", f"an image must be at most {limits.most_bytes // 1_000_000} MB")
    try:
        # Only the header is read here: the size is checked before anything is decoded.
        with Image.open(BytesIO(content), formats=limits.formats) as image:
            _check_size(*image.size, limits)
            image.load()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        formats = ", ".join(limits.formats).lower()
        raise not_valid("image", f"the image cannot be read; the formats are {formats}") from error


def _check_size(width: int, height: int, limits: ReferenceLimits) -> None:
    if min(width, height) < limits.least_side:
        raise not_valid("image", f"each side must be at least {limits.least_side} pixels")
    if max(width, height) > limits.most_aspect * min(width, height):
        aspect = f"{limits.most_aspect:g}"
        raise not_valid("image", f"the aspect ratio must be between 1:{aspect} and {aspect}:1")
    if width * height > limits.most_pixels:
        raise not_valid("image", f"an image must have at most {limits.most_pixels} pixels")
