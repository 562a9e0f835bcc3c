"""Private folders and durable files.

A file written here is whole or absent, and on the disk when the call returns: temporary file,
fsync, rename, fsync of the folder (Pillai et al., OSDI 2014, is why each step is there).
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

FOLDER_MODE = 0o700
FILE_MODE = 0o600
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
_CANNOT_SETTLE_FOLDERS = frozenset({errno.EINVAL, errno.ENOTSUP})


def make_folder(folder: Path) -> None:
    """Create `folder` and its missing parents, each readable by the owner alone, durably.

    Raises OSError where that cannot be done.
    """
    missing = []
    while not folder.is_dir():
        missing.append(folder)
        if folder.parent == folder:
            break
        folder = folder.parent
    for path in reversed(missing):
        # Another process may create it at the same moment.
        with suppress(FileExistsError):
            path.mkdir(FOLDER_MODE)
            path.chmod(FOLDER_MODE)
            # One may be allowed to write into a folder and not to open it, as in some /home.
            with suppress(PermissionError):
                settle_folder(path.parent)
        if not path.is_dir():
            is_lost = path.is_symlink() and not path.exists()
            what = "is a link that leads nowhere" if is_lost else "is a file, not a folder"
            raise NotADirectoryError(errno.ENOTDIR, what, str(path))


@contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """A new file of mode 0600, open for writing; FileExistsError when `path` is taken."""
    descriptor = os.open(path, _NEW_FILE, FILE_MODE)
    with os.fdopen(descriptor, "wb") as file:
        os.fchmod(file.fileno(), FILE_MODE)
        yield file


def settle(file: BinaryIO) -> None:
    """Force what was written to `file` onto the disk."""
    file.flush()
    os.fsync(file.fileno())


def rename_durably(source: Path, target: Path) -> None:
    """Rename `source` to `target`, replacing it, and make the change survive a power cut.

    Raises OSError; only when the very last step fails is `target` then the new file.
    """
    with _opened(target.parent) as folder:
        source.replace(target)
        _settle_names(folder)


def settle_folder(folder: Path) -> None:
    """Force the names in `folder` onto the disk."""
    with _opened(folder) as descriptor:
        _settle_names(descriptor)


def write_durably(path: Path, data: bytes) -> None:
    """Write `data` to `path` so that a reader, or a crash, sees the old file or the new one.

    Raises OSError. No temporary file stays behind then, and the old file is untouched, unless
    the new one is already in its place and only its name could not be forced onto the disk.
    """
    make_folder(path.parent)
    temporary = path.with_name(f".{path.name}.{os.urandom(4).hex()}.tmp")
    try:
        with new_file(temporary) as file:
            file.write(data)
            settle(file)
        rename_durably(temporary, path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise


@contextmanager
def _opened(folder: Path) -> Iterator[int]:
    descriptor = os.open(folder, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _settle_names(folder: int) -> None:
    try:
        os.fsync(folder)
    except OSError as error:
        # Some network and user-space file systems know no fsync of a folder.
        if error.errno not in _CANNOT_SETTLE_FOLDERS:
            raise
