"""Pictures that were decoded lately, scaled down: what was verified a moment ago is shown next."""

from __future__ import annotations

from collections import OrderedDict
from contextlib import suppress
from threading import Lock

from PIL import Image

from tui.images.scaling import (
    Scaled,
    UprightPicture,
    no_larger_than,
    resized,
    upright_picture,
)
from tui.images.verify import DECODING_ERRORS

SIDE = 1024
"""Pixels of the longer side, at most."""
KEPT = 4
"""Pictures; each takes 4 MB at most."""


class RecentPictures:
    """The last few, by the sha256 of their files."""

    def __init__(self) -> None:
        self._changing = Lock()
        self._pictures: OrderedDict[str, UprightPicture] = OrderedDict()

    def keep(self, image: Image.Image, sha256: str) -> None:
        """Keep the image of a file, as Pillow has decoded it."""
        with suppress(*DECODING_ERRORS, MemoryError):  # It is decoded anew when it is needed.
            picture = upright_picture(image, no_larger_than(SIDE))
            with self._changing:
                self._pictures[sha256] = picture
                while len(self._pictures) > KEPT:
                    self._pictures.popitem(last=False)

    def scaled(self, sha256: str, scaled: Scaled) -> UprightPicture | None:
        """The picture as `scaled` makes it of its width and height; None where there is none, or
        too little of it is left.
        """
        with self._changing:
            kept = self._pictures.get(sha256)
        if kept is None:
            return None
        size = scaled(kept.width, kept.height)
        is_whole = kept.image.size == (kept.width, kept.height)
        if not is_whole and (size[0] > kept.image.width or size[1] > kept.image.height):
            return None
        return UprightPicture(resized(kept.image, size), kept.width, kept.height)


RECENT = RecentPictures()
"""Those of this program."""
