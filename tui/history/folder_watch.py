"""Folders watched by the system, where it can: Linux tells of changes through inotify(7)."""

from __future__ import annotations

import ctypes
import errno
import os
import struct
import sys

_CHANGED = 0x8 | 0x40 | 0x80 | 0x100 | 0x200
"""Written and closed, moved away, moved to, created, deleted."""
_ONLY_FOLDERS = 0x0100_0000
_OVERFLOW = 0x4000
_IGNORED = 0x8000
_EVENT = struct.Struct("iIII")
_ENOUGH = 1 << 16


class FolderWatch:
    """Tells what changed in folders. Raises OSError where the system cannot.

    What happens on other machines of a network folder is not told.
    """

    def __init__(self) -> None:
        if sys.platform != "linux":
            raise OSError(errno.ENOSYS, "folders can be watched on Linux only")
        # The C library that Python itself runs on.
        self._library = ctypes.CDLL(None, use_errno=True)
        self._descriptor = self._called("inotify_init1", os.O_NONBLOCK | os.O_CLOEXEC)
        self._folders: dict[int, str] = {}

    def fileno(self) -> int:
        """The descriptor that can be read when something changed."""
        return self._descriptor

    def add(self, folder: str) -> None:
        """Watch what lies in `folder` itself. Raises OSError, also where too many are watched."""
        mask = _CHANGED | _ONLY_FOLDERS
        number = self._called("inotify_add_watch", self._descriptor, os.fsencode(folder), mask)
        self._folders[number] = folder

    def changed(self) -> set[tuple[str, str]] | None:
        """The folders, and names in them, of what changed since the last time; None where much did.

        The name is empty where it is the folder itself.
        """
        found: set[tuple[str, str]] = set()
        try:
            data = os.read(self._descriptor, _ENOUGH)
        except BlockingIOError:
            return found
        start = 0
        while start < len(data):
            number, mask, _, length = _EVENT.unpack_from(data, start)
            start += _EVENT.size
            name = os.fsdecode(data[start : start + length].rstrip(b"\0"))
            start += length
            if mask & _OVERFLOW:
                return None
            folder = self._folders.get(number)
            if mask & _IGNORED:
                self._folders.pop(number, None)
            if folder is not None:
                found.add((folder, name))
        return found

    def close(self) -> None:
        """Watch no longer."""
        os.close(self._descriptor)

    def _called(self, name: str, *values: int | bytes) -> int:
        result = int(getattr(self._library, name)(*values))
        if result < 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
        return result
