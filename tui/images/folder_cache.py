"""A folder of files that can be made again, limited in what they take together.

Several threads and programs may use one folder; deleting it loses nothing.
"""

from __future__ import annotations

import hashlib
import os
import stat
import time
from contextlib import suppress
from pathlib import Path
from threading import Lock

from msgspec import Struct

from tui.files import make_folder, new_file
from tui.images.verify import NotAnImage, read_limited

_FULL = 0.9
"""How much of the limit is taken after files had to go, so that it is not soon reached again."""
_BETWEEN_COUNTS = 0.05
"""How much of the limit is written before all files are counted anew: others write, too."""
_ABANDONED = 3600.0
"""Seconds after which a file that was being written has no writer any more."""
_UNFINISHED = ".tmp"


class _Kept(Struct, frozen=True, order=True, gc=False):
    """A file of the folder; those used longest ago come first."""

    used: int
    name: str
    bytes: int


class FolderCache:
    """Files of one kind by their names; those used longest ago go when there are too many."""

    def __init__(self, folder: Path, ending: str, limit: int) -> None:
        """`folder` need not be there yet. Only files whose names have the `ending` are counted and
        removed; `limit` is how many bytes they may take.
        """
        self._folder = folder
        self._ending = ending
        self._limit = limit
        self._counting = Lock()
        self._total: int | None = None
        """Bytes of all files, as far as this program knows."""
        self._written = 0
        """Bytes written since they were counted."""

    def read(self, name: str) -> bytes | None:
        """The bytes of a file, which counts as used; None where there is none that can be read."""
        path = self._folder / name
        try:
            data = read_limited(path)
        except FileNotFoundError:
            return None
        except (NotAnImage, OSError):
            self.remove(name)
            return None
        with suppress(OSError):  # It may have gone meanwhile.
            os.utime(path)
        return data

    def remove(self, name: str) -> None:
        """Let go of a file, as of one that turned out to be damaged."""
        with suppress(OSError):
            (self._folder / name).unlink()

    def remove_all(self, beginning: str) -> None:
        """Let go of all files whose names begin so."""
        with suppress(OSError):
            for name in [file.name for file in os.scandir(self._folder)]:
                if name.startswith(beginning) and name.endswith(self._ending):
                    self.remove(name)

    def write(self, name: str, data: bytes) -> None:
        """Keep `data`, if that can be done: it is there all the same, and is made again."""
        # Without fsync: what a power cut spoils is found out when it is read.
        temporary = self._folder / f".{name}.{os.urandom(4).hex()}{_UNFINISHED}"
        with suppress(OSError):
            try:
                make_folder(self._folder)
                with new_file(temporary) as file:
                    file.write(data)
                temporary.replace(self._folder / name)
            except BaseException:
                with suppress(OSError):
                    temporary.unlink(missing_ok=True)
                raise
            self._make_room(len(data))

    def _make_room(self, written: int) -> None:
        """Let go of what was used longest ago, where the files take too much."""
        with self._counting:
            self._written += written
            is_due = self._total is None or self._written > self._limit * _BETWEEN_COUNTS
            if not is_due and (self._total or 0) + self._written <= self._limit:
                return
            kept = self._count()
            self._total, self._written = sum(file.bytes for file in kept), 0
            if self._total <= self._limit:
                return
            for file in kept:
                if self._total <= self._limit * _FULL:
                    break
                self.remove(file.name)
                self._total -= file.bytes

    def _count(self) -> list[_Kept]:
        """All files, those used longest ago first; what writers left behind is removed."""
        kept = []
        for file in os.scandir(self._folder):
            with suppress(OSError):
                status = file.stat(follow_symlinks=False)
                if not stat.S_ISREG(status.st_mode):
                    continue
                if file.name.endswith(self._ending):
                    kept.append(_Kept(status.st_mtime_ns, file.name, status.st_size))
                is_unfinished = file.name.endswith(_UNFINISHED)
                if is_unfinished and time.time() - status.st_mtime > _ABANDONED:
                    Path(file.path).unlink(missing_ok=True)
        return sorted(kept)


def place_of(picture: Path) -> str:
    """64 hexadecimal digits that change when the file does.

    Raises OSError where there is no file, and NotAnImage where it is a pipe or the like, which
    reading might wait for without end.
    """
    status = picture.stat()
    if not stat.S_ISREG(status.st_mode):
        raise NotAnImage("It is not a file.")
    facts = f"{picture.absolute()}\0{status.st_mtime_ns}\0{status.st_size}"
    return hashlib.sha256(facts.encode("utf-8", "surrogateescape")).hexdigest()
