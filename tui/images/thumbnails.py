"""Small copies of pictures, kept in the cache folder.

A copy is named by what the picture's bytes are, so that it is made once, for whoever shows it and
wherever the file lies. Several threads and programs may use one folder; deleting it loses nothing.
"""

from __future__ import annotations

import hashlib
import re
from collections import OrderedDict
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from threading import Lock

from PIL import Image

from tui.images.folder_cache import FolderCache, place_of
from tui.images.scaling import no_larger_than, scale_upright
from tui.images.verify import NotAnImage, opened, read_limited

SIDE = 256
"""Pixels of the longer side, at most."""
LIMIT = 200_000_000
"""Bytes that all copies together may take."""

_QUALITY = 85
_LOCKS = 16
_MOST_REFUSED = 1000
_SHA256 = re.compile("[0-9a-f]{64}")
_ENDING = ".webp"


class ThumbnailCache:
    """Makes small copies of pictures, and finds those that were made."""

    def __init__(self, folder: Path, limit: int = LIMIT) -> None:
        """`folder` need not be there yet; `limit` is how many bytes the copies may take."""
        self._files = FolderCache(folder, _ENDING, limit)
        self._making = [Lock() for _ in range(_LOCKS)]
        self._refusing = Lock()
        self._refused: OrderedDict[str, str] = OrderedDict()

    def get(self, picture: Path, sha256: str = "") -> Image.Image:
        """The picture in the file `picture`, upright and scaled down, RGB or RGBA.

        `sha256` is that of the file's bytes, as far as it is known. Raises NotAnImage and OSError;
        what is no image is not read again until the file changes. Takes up to a second for the
        largest pictures, the first time.
        """
        by_content = f"{sha256}{_ENDING}" if _SHA256.fullmatch(sha256) else ""
        # No look at the file is needed then.
        if (copy := self._read(by_content)) is not None:
            return copy
        by_place = f"at-{place_of(picture)}{_ENDING}"
        with self._making[hash(by_place) % _LOCKS]:
            if by_place in self._refused:
                raise NotAnImage(self._refused[by_place])
            # Another thread may have made it by now.
            for name in (by_content, by_place):
                if (copy := self._read(name)) is not None:
                    return copy
            try:
                return self._make(picture, sha256, by_place)
            except NotAnImage as refusal:
                self._refuse(by_place, refusal.reason)
                raise

    def remove(self, sha256: str) -> None:
        """Keep no copy of the picture whose bytes have this hash. Does not raise."""
        if _SHA256.fullmatch(sha256):
            self._files.remove(f"{sha256}{_ENDING}")

    def _make(self, picture: Path, sha256: str, by_place: str) -> Image.Image:
        data = read_limited(picture)
        copy = scale_upright(data, no_larger_than(SIDE)).image
        # What is not what the entry says must not pass for it elsewhere.
        is_known = hashlib.sha256(data).hexdigest() == sha256
        file = BytesIO()
        copy.save(file, "WEBP", quality=_QUALITY, method=2)
        self._files.write(f"{sha256}{_ENDING}" if is_known else by_place, file.getvalue())
        # As it is kept, or it would look a little otherwise the first time.
        with opened(BytesIO(file.getvalue())) as (kept, _):
            return kept.copy()

    def _read(self, name: str) -> Image.Image | None:
        """The copy of that name; None where there is none, or none that is whole."""
        data = self._files.read(name) if name else None
        if data is None:
            return None
        with suppress(NotAnImage), opened(BytesIO(data)) as (image, _):
            if max(image.size) <= SIDE:
                return image.copy()
        self._files.remove(name)
        return None

    def _refuse(self, by_place: str, reason: str) -> None:
        with self._refusing:
            self._refused[by_place] = reason
            while len(self._refused) > _MOST_REFUSED:
                self._refused.popitem(last=False)
