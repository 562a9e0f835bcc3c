"""What is in a folder that a picture is to be chosen from. Slow: not for the event loop."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from msgspec import Struct

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")
"""What the names of pictures end in, in small letters."""


class FolderEntry(Struct, frozen=True):
    """A folder or a picture. Its name is outside text."""

    name: str
    is_folder: bool = False
    bytes: int = 0
    changed: float = 0.0
    """Seconds since 1970."""


class PictureFolder(Struct, frozen=True):
    """What can be chosen in a folder."""

    path: Path
    entries: tuple[FolderEntry, ...] = ()
    """Folders first, each kind by name."""
    others: int = 0
    """Files that are no pictures, by their names."""
    problem: str = ""
    """Why it cannot be read, as a sentence, which may hold outside text; empty when it can."""

    def matching(self, beginning: str) -> tuple[FolderEntry, ...]:
        """Those that have `beginning` in their names, in small or capital letters.

        Hidden ones only where it begins as they do.
        """
        wanted = beginning.casefold()
        return tuple(
            entry
            for entry in self.entries
            if wanted in entry.name.casefold()
            and (not entry.name.startswith(".") or wanted.startswith("."))
        )


def read_folder(path: Path) -> PictureFolder:
    """What is in the folder `path`; a problem where it cannot be read."""
    found: list[FolderEntry] = []
    others = 0
    try:
        with os.scandir(path) as scan:
            for each in scan:
                entry = _entry(each)
                if entry is None:
                    others += 1
                else:
                    found.append(entry)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        return PictureFolder(path, problem=f"It cannot be read: {reason}.")
    found.sort(key=lambda entry: (not entry.is_folder, entry.name.casefold(), entry.name))
    return PictureFolder(path, tuple(found), others)


def _entry(each: os.DirEntry[str]) -> FolderEntry | None:
    """None for what is neither a folder nor a picture."""
    try:
        if each.is_dir():
            return FolderEntry(each.name, is_folder=True)
        if not each.name.casefold().endswith(SUFFIXES):
            return None
        status = each.stat()
    except OSError:
        return None
    if not stat.S_ISREG(status.st_mode):
        return None
    return FolderEntry(each.name, bytes=status.st_size, changed=status.st_mtime)
