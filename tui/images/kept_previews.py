"""Pictures scaled for a pane, kept in the cache folder.

What is kept are pixels and never text for the terminal: whatever is in such a file, it cannot act.
"""

from __future__ import annotations

import hashlib
import re
from contextlib import suppress
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Literal, TypeAlias

from msgspec import Struct
from PIL import Image

from tui.images.folder_cache import FolderCache, place_of
from tui.images.preview import PreviewRequest
from tui.images.scaling import Fit, encoded
from tui.images.verify import PNG_SIGNATURE, NotAnImage, opened

LIMIT = 200_000_000
"""Bytes that all of them together may take."""

Mode: TypeAlias = Literal["RGB", "P"]
"""Of pixels: in full colour, or with a palette."""

_SHA256 = re.compile("[0-9a-f]{64}")
_ENDING = ".png"
_VERSION = 1
"""Grows when pictures are made otherwise, so that those made before are not used."""
_CHUNKS = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND"})


class PixelPlan(Struct, frozen=True):
    """What pixels an image is to become."""

    request: PreviewRequest
    bytes: int
    """Of the image's file."""
    fit: Fit
    size: tuple[int, int]
    """Width and height."""

    @property
    def mode(self) -> Mode:
        return "P" if self.request.graphics == "sixel" else "RGB"


class Pixels(Struct, frozen=True):
    """A picture as the terminal is to be given it."""

    image: Image.Image
    """RGB, or P for a terminal that has few colours."""
    png: bytes
    """The same as a file, of pixels and nothing else."""


def pixels(image: Image.Image) -> Pixels:
    """The pixels of an image, RGB or P."""
    image.info.clear()
    return Pixels(image, encoded(image))


@cache
def kept_in(folder: Path) -> KeptPreviews:
    """Those of a folder, for all of this program."""
    return KeptPreviews(folder)


class KeptPreviews:
    """Keeps pixels by what they were made of, and finds them again."""

    def __init__(self, folder: Path, limit: int = LIMIT) -> None:
        """`folder` need not be there yet; `limit` is how many bytes the files may take."""
        self._files = FolderCache(folder, _ENDING, limit)

    def find(self, plan: PixelPlan) -> Pixels | None:
        """What was kept; None where there is nothing, or what is there is damaged.

        Raises OSError and NotAnImage for the image itself.
        """
        name = _name(plan, plan.request.sha256)
        data = self._files.read(name)
        if data is None:
            return None
        with suppress(NotAnImage), opened(BytesIO(data)) as (image, _):
            image.load()
            is_planned = image.mode == plan.mode and image.size == plan.size
            if is_planned and _is_pixels_alone(data):
                return Pixels(image, data)
        self._files.remove(name)
        return None

    def keep(self, plan: PixelPlan, sha256: str, pixels: Pixels) -> None:
        """Keep what was made of a file whose bytes have that `sha256`, if that is known."""
        self._files.write(_name(plan, sha256), pixels.png)

    def remove(self, sha256: str) -> None:
        """Keep nothing that was made of the picture whose bytes have this hash. Does not raise."""
        if _SHA256.fullmatch(sha256):
            self._files.remove_all(sha256)


def _name(plan: PixelPlan, sha256: str) -> str:
    request = plan.request
    source = sha256 if _SHA256.fullmatch(sha256) else f"at-{place_of(request.path)}"
    facts = (
        *(_VERSION, plan.bytes, request.graphics, plan.size, plan.fit.picture),
        *(request.background, request.sixel_limits.colours),
    )
    return f"{source}-{hashlib.sha256(repr(facts).encode('ascii')).hexdigest()[:32]}{_ENDING}"


def _is_pixels_alone(png: bytes) -> bool:
    """Whether a file has no chunk besides those of the pixels, and nothing after its end."""
    offset, kind = len(PNG_SIGNATURE), b""
    while offset + 12 <= len(png):
        kind = png[offset + 4 : offset + 8]
        if kind not in _CHUNKS:
            return False
        offset += 12 + int.from_bytes(png[offset : offset + 4], "big")
    return kind == b"IEND" and offset == len(png)
