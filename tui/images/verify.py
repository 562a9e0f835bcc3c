"""Whether a file is an image that may be kept and shown.

What decides are the file's own bytes, not its name or what a server called it. Only PNG, JPEG
and WebP decoders are ever opened, within limits checked before anything is decoded
(https://pillow.readthedocs.io/en/stable/handbook/security.html).
"""

from __future__ import annotations

import hashlib
import struct
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Literal, TypeAlias

from PIL import Image

from tui.images.prepared import FORMAT_NAMES

Format: TypeAlias = Literal["png", "jpeg", "webp"]

MAX_BYTES = 64 * 1024 * 1024
MAX_SIDE = 16_384
MAX_PIXELS = 40_000_000
MAX_SCANS = 200
"""Of a JPEG. Each decodes all its pixels anew and may take no more than a few bytes; those that
cameras and programs make have ten."""
HEAD_BYTES = 16
"""How much of a file `sniff` has to see."""

_EXTENSIONS: dict[Format, str] = {"png": "png", "jpeg": "jpg", "webp": "webp"}
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PNG_END = b"IEND"
_JPEG_SCAN = b"\xff\xda"
DECODING_ERRORS = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    struct.error,
    OverflowError,
    IndexError,
)
"""What Pillow raises for a damaged image, besides MemoryError."""


class NotAnImage(Exception):
    """The bytes are no image that may be kept; the text says why, for people."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """What is known of an image file that was decoded whole."""

    format: Format
    width: int
    """Pixels, as stored: an EXIF orientation is not applied."""
    height: int
    bytes: int
    sha256: str


def sniff(head: bytes) -> Format | None:
    """The format that a file's first bytes (`HEAD_BYTES` suffice) announce, None for any other."""
    if head.startswith(PNG_SIGNATURE):
        return "png"
    if head.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    return None


def extension(format: Format) -> str:
    """The usual ending of a file's name, without the dot."""
    return _EXTENSIONS[format]


def verify_image(
    path: Path, decoded: Callable[[Image.Image, str], None] | None = None
) -> ImageFacts:
    """Read and decode the whole of `path`.

    `decoded` is called with the pixels, as stored, and the sha256 of an image that is good.

    Raises NotAnImage for anything but a complete PNG, JPEG or WebP within the limits, and OSError
    where the file cannot be read.
    """
    data = read_limited(path)
    with opened(BytesIO(data)) as (image, format):
        image.load()
    if format == "png" and not _has_png_end(data):
        raise NotAnImage("The PNG is cut off: its end marker is missing.")
    sha256 = hashlib.sha256(data).hexdigest()
    if decoded is not None:
        decoded(image, sha256)
    return ImageFacts(
        format=format,
        width=image.width,
        height=image.height,
        bytes=len(data),
        sha256=sha256,
    )


def read_limited(path: Path) -> bytes:
    """The bytes of `path`; NotAnImage beyond `MAX_BYTES`, OSError where it cannot be read."""
    with path.open("rb") as file:
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise NotAnImage(f"The file is larger than {MAX_BYTES // 2**20} MiB.")
    return data


@contextmanager
def opened(file: BinaryIO) -> Iterator[tuple[Image.Image, Format]]:
    """The image in `file`, within the limits and not yet decoded, and its format.

    Raises NotAnImage for what Pillow cannot open, and for what goes wrong inside the block: a
    damaged file makes its decoders raise nearly anything.
    """
    format = sniff(file.read(HEAD_BYTES))
    file.seek(0)
    if format is None:
        raise NotAnImage("The file is not a PNG, JPEG or WebP image.")
    if isinstance(file, BytesIO) and format == "jpeg":
        _check_scans(file.getvalue())
    # For the whole process, since Python's way of doing it for a block is not thread-safe.
    warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    try:
        with Image.open(file, formats=(format.upper(),)) as image:
            _check_limits(image)
            _check_palette(image)
            yield image, format
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise NotAnImage(_TOO_LARGE) from error
    except MemoryError as error:
        raise NotAnImage("There is not enough memory to decode the image.") from error
    except DECODING_ERRORS as error:
        raise NotAnImage(f"The {FORMAT_NAMES[format]} is damaged or cut off.") from error


_TOO_LARGE = f"The image is larger than {MAX_PIXELS // 1_000_000} million pixels."


def _check_palette(image: Image.Image) -> None:
    if image.mode in ("P", "PA") and image.palette is None:
        raise SyntaxError("it has no palette")


def _check_limits(image: Image.Image) -> None:
    width, height = image.size
    if width < 1 or height < 1:
        raise NotAnImage("The image has no pixels.")
    if max(width, height) > MAX_SIDE:
        raise NotAnImage(f"The image is {width}×{height}; no side may exceed {MAX_SIDE}.")
    if width * height > MAX_PIXELS:
        raise NotAnImage(_TOO_LARGE)


def _check_scans(jpeg: bytes) -> None:
    if jpeg.count(_JPEG_SCAN) > MAX_SCANS:
        raise NotAnImage("The JPEG has far more scans than any picture needs.")


def _has_png_end(data: bytes) -> bool:
    """Whether the chunks of a PNG lead to IEND; Pillow takes it without."""
    offset = len(PNG_SIGNATURE)
    while offset + 12 <= len(data):
        length = int.from_bytes(data[offset : offset + 4], "big")
        if data[offset + 4 : offset + 8] == _PNG_END:
            return True
        offset += 12 + length
    return False
