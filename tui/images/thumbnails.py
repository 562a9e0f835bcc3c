"""Small copies of pictures, kept in the cache folder.

A copy is named by what the picture's bytes are, so that it is made once, for whoever shows it and
wherever the file lies. Several threads and programs may use one folder; deleting it loses nothing.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
import time
from collections import OrderedDict
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from threading import Lock

from msgspec import Struct
from PIL import Image

from tui.files import make_folder, new_file
from tui.images.scaling import scale_upright
from tui.images.verify import NotAnImage, opened, read_limited

SIDE = 256
"""Pixels of the longer side, at most."""
LIMIT = 200_000_000
"""Bytes that all copies together may take."""

_QUALITY = 85
_FULL = 0.9
"""How much of the limit is taken after copies had to go, so that it is not soon reached again."""
_BETWEEN_COUNTS = 0.05
"""How much of the limit is written before all copies are counted anew: others write, too."""
_ABANDONED = 3600.0
"""Seconds after which a file that was being written has no writer any more."""
_LOCKS = 16
_MOST_REFUSED = 1000
_SHA256 = re.compile("[0-9a-f]{64}")
_ENDING = ".webp"
_UNFINISHED = ".tmp"


class _Kept(Struct, frozen=True, order=True):
    """A file of the folder; those used longest ago come first."""

    used: int
    name: str
    bytes: int


class ThumbnailCache:
    """Makes small copies of pictures, and finds those that were made."""

    def __init__(self, folder: Path, limit: int = LIMIT) -> None:
        """`folder` need not be there yet; `limit` is how many bytes the copies may take."""
        self._folder = folder
        self._limit = limit
        self._making = [Lock() for _ in range(_LOCKS)]
        self._counting = Lock()
        self._total: int | None = None
        """Bytes of all copies, as far as this program knows."""
        self._written = 0
        """Bytes written since they were counted."""
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
        by_place = _name_by_place(picture)
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
            with suppress(OSError):
                (self._folder / f"{sha256}{_ENDING}").unlink(missing_ok=True)

    def _make(self, picture: Path, sha256: str, by_place: str) -> Image.Image:
        data = read_limited(picture)
        copy = scale_upright(data, _within).image
        # What is not what the entry says must not pass for it elsewhere.
        is_known = hashlib.sha256(data).hexdigest() == sha256
        file = BytesIO()
        copy.save(file, "WEBP", quality=_QUALITY, method=2)
        with suppress(OSError):  # It is there all the same, and is made again next time.
            self._write(f"{sha256}{_ENDING}" if is_known else by_place, file.getvalue())
        return copy

    def _read(self, name: str) -> Image.Image | None:
        """The copy of that name; None where there is none, or none that is whole."""
        if not name:
            return None
        path = self._folder / name
        try:
            with opened(BytesIO(read_limited(path))) as (image, _):
                is_ours = max(image.size) <= SIDE
                copy = image.copy() if is_ours else None
        except FileNotFoundError:
            return None
        except (NotAnImage, OSError):
            copy = None
        with suppress(OSError):  # It may have gone meanwhile.
            if copy is None:
                path.unlink()
            else:
                os.utime(path)
        return copy

    def _write(self, name: str, data: bytes) -> None:
        # Without fsync: what a power cut spoils is found out when it is read, and made again.
        make_folder(self._folder)
        temporary = self._folder / f".{name}.{os.urandom(4).hex()}{_UNFINISHED}"
        try:
            with new_file(temporary) as file:
                file.write(data)
            temporary.replace(self._folder / name)
        except BaseException:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
            raise
        self._make_room(len(data))

    def _make_room(self, written: int) -> None:
        """Let go of what was used longest ago, where the copies take too much."""
        with self._counting:
            self._written += written
            is_due = self._total is None or self._written > self._limit * _BETWEEN_COUNTS
            if not is_due and (self._total or 0) + self._written <= self._limit:
                return
            kept = self._count()
            self._total, self._written = sum(copy.bytes for copy in kept), 0
            if self._total <= self._limit:
                return
            for copy in kept:
                if self._total <= self._limit * _FULL:
                    break
                with suppress(OSError):
                    (self._folder / copy.name).unlink(missing_ok=True)
                self._total -= copy.bytes

    def _count(self) -> list[_Kept]:
        """All copies, those used longest ago first; what writers left behind is removed."""
        kept = []
        for file in os.scandir(self._folder):
            with suppress(OSError):
                status = file.stat(follow_symlinks=False)
                if not stat.S_ISREG(status.st_mode):
                    continue
                if file.name.endswith(_ENDING):
                    kept.append(_Kept(status.st_mtime_ns, file.name, status.st_size))
                is_unfinished = file.name.endswith(_UNFINISHED)
                if is_unfinished and time.time() - status.st_mtime > _ABANDONED:
                    Path(file.path).unlink(missing_ok=True)
        return sorted(kept)

    def _refuse(self, by_place: str, reason: str) -> None:
        with self._counting:
            self._refused[by_place] = reason
            while len(self._refused) > _MOST_REFUSED:
                self._refused.popitem(last=False)


def _within(width: int, height: int) -> tuple[int, int]:
    """The size of an image so large that its longer side is `SIDE` at most."""
    scale = min(1.0, SIDE / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


def _name_by_place(picture: Path) -> str:
    """The name of the copy of a file that changes when the file does.

    Raises OSError where there is no file, and NotAnImage where it is a pipe or the like, which
    reading might wait for without end.
    """
    status = picture.stat()
    if not stat.S_ISREG(status.st_mode):
        raise NotAnImage("It is not a file.")
    facts = f"{picture.absolute()}\0{status.st_mtime_ns}\0{status.st_size}"
    digest = hashlib.sha256(facts.encode("utf-8", "surrogateescape")).hexdigest()
    return f"at-{digest}{_ENDING}"
