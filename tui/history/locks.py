"""Locks that go with a process: who works on an entry, seen by every other process.

The system gives a lock back when its process ends, however it ends. Where it has none, as on
Windows or on some network folders, everybody gets one, and two programs are not kept apart.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path

from tui.files import FILE_MODE, make_folder

try:
    import fcntl
except ImportError:
    HAS_LOCKS = False
else:
    HAS_LOCKS = True

_BETWEEN_TRIES = 0.02
_STALE = 3600.0


class Lock:
    """A lock that was taken; `is_real` is false where the system has none."""

    def __init__(self, path: Path, descriptor: int | None) -> None:
        self._path = path
        self._descriptor = descriptor

    @property
    def is_real(self) -> bool:
        return self._descriptor is not None

    def release(self) -> None:
        """Let others have it; no file stays behind."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            # Before it is given back: whoever opened the file meanwhile notices, and opens anew.
            with suppress(OSError):
                self._path.unlink()
            os.close(descriptor)


class Locks:
    """Locks by name, kept in one folder. Every call touches the disk: run it in a thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def take(self, name: str, patience: float = 0.0) -> Lock | None:
        """The lock `name`; None where another still holds it after `patience` seconds.

        Another may be in the same process. A folder that cannot be written counts as a system
        without locks.
        """
        path = self._folder / f"{name}.lock"
        nothing = Lock(path, None)
        if not HAS_LOCKS:
            return nothing
        until = time.monotonic() + patience
        while True:
            try:
                make_folder(self._folder)
                descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, FILE_MODE)
            except OSError:
                return nothing
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(descriptor)
                if time.monotonic() >= until:
                    return None
                time.sleep(_BETWEEN_TRIES)
            except OSError:
                os.close(descriptor)
                return nothing
            else:
                if _is_at(descriptor, path):
                    return Lock(path, descriptor)
                os.close(descriptor)

    def sweep(self, now: float) -> None:
        """Remove the files of locks whose holders were killed. `now` is in seconds since 1970.

        Only those that are older than an hour, so that nobody meets this who is about to take one.
        """
        if not HAS_LOCKS:
            return
        with suppress(OSError):
            for path in self._folder.glob("*.lock"):
                if now - path.stat().st_mtime < _STALE:
                    continue
                descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW)
                with suppress(OSError):
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    if _is_at(descriptor, path):
                        path.unlink()
                os.close(descriptor)

    def is_held(self, name: str) -> bool:
        """Whether somebody holds the lock `name` now."""
        if not HAS_LOCKS:
            return False
        try:
            descriptor = os.open(self._folder / f"{name}.lock", os.O_RDWR | os.O_NOFOLLOW)
        except OSError:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:
            return False
        finally:
            os.close(descriptor)
        return False


def _is_at(descriptor: int, path: Path) -> bool:
    """Whether an open file is still the one at `path`: its last holder may have removed it."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except OSError:
        return False
