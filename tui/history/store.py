"""The history on disk: one TOML file an entry, the truth that all else follows."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from tui.files import make_folder, rename_durably, write_durably
from tui.history.edits import with_marks_of
from tui.history.entry import Entry, UnreadableEntry, decode_entry, encode_entry, is_id
from tui.history.locks import Locks
from tui.paths import Paths

SUFFIX = ".toml"
LARGEST_ENTRY = 8 * 1024 * 1024
"""Bytes; a larger file is neither read nor written."""
_LOCK_PATIENCE = 5.0
_BETWEEN_TRIES = 0.005


class Listing(Struct, frozen=True):
    """Entries newest first, and the files among them that could not be read."""

    entries: tuple[Entry, ...]
    unreadable: tuple[Path, ...]


class Stamp(Struct, frozen=True, array_like=True, gc=False):
    """By what the change of a file is noticed."""

    changed: int
    """Nanoseconds since 1970. Programs that copy set the time of the content back, but cannot set
    that of the copying."""
    size: int
    number: int
    """Its inode: a file that is replaced whole has another."""


class HistoryStore:
    """Reads and writes entries. Every call touches the disk: run it in a thread."""

    def __init__(self, paths: Paths) -> None:
        self._paths = paths
        self.locks = Locks(paths.locks)
        """Who works on which entry, by id."""
        # Paths are text where thousands are read: as objects they take a fifth of the time.
        self._history = os.fspath(paths.history)

    def write(self, entry: Entry) -> None:
        """Put `entry` on the disk, replacing its older self.

        Raises OSError, also for an entry that could not be read again, and UnreadableEntry for
        one of a later version, which must not be rewritten.
        """
        if entry.read_only:
            raise UnreadableEntry("written by a later version of Darkroom")
        try:
            data = encode_entry(entry)
        except (ValueError, RecursionError) as error:
            raise OSError(errno.EINVAL, "its parameters cannot be written") from error
        if len(data) > LARGEST_ENTRY:
            raise OSError(errno.EFBIG, "it is larger than an entry can be")
        write_durably(self.entry_path(entry.id), data)

    def write_outcome(self, entry: Entry) -> Entry:
        """Put what became of a job on the disk, and give the entry as it is there now.

        What the user has made of the entry meanwhile, here or in another program, stays. A file in
        its place that this version must not rewrite is set aside, to be counted and shown. Raises
        OSError.
        """
        with self._locked(entry.id):
            try:
                known = self.read(entry.id)
            except FileNotFoundError:
                pass
            except UnreadableEntry:
                self._set_aside(entry.id, "unreadable")
            else:
                entry = replace(with_marks_of(entry, known), unknown=known.unknown)
                if known.read_only:
                    self._set_aside(entry.id, "later version")
            self.write(entry)
        return entry

    def change(self, entry_id: str, change: Callable[[Entry], Entry]) -> Entry:
        """Let the user's `change` be made to an entry on the disk, and give it as it is there now.

        Two programs that change one entry do so one after the other. Raises FileNotFoundError,
        OSError or UnreadableEntry, as `read` and `write` do.
        """
        # An entry that is not there has no folder to be locked either.
        self.read(entry_id)
        with self._locked(entry_id):
            before = self.read(entry_id)
            after = change(before)
            if after != before:
                self.write(after)
        return after

    def remove(self, entry_id: str) -> None:
        """Take back an entry that came to nothing. Raises OSError."""
        self.entry_path(entry_id).unlink(missing_ok=True)

    def read(self, entry_id: str) -> Entry:
        """The entry of that id. Raises FileNotFoundError, OSError or UnreadableEntry."""
        if not is_id(entry_id):
            raise UnreadableEntry(f"not an entry's id: {entry_id!r}")
        return self.read_file(_day(entry_id), f"{entry_id}{SUFFIX}")

    def newest(self, limit: int | None = None) -> Listing:
        """The newest `limit` entries, or all. A folder that cannot be read counts as empty."""
        entries: list[Entry] = []
        unreadable: list[Path] = []
        for path in self._entry_files():
            if limit is not None and len(entries) >= limit:
                break
            try:
                entries.append(self._read(path))
            except FileNotFoundError:
                continue
            except (OSError, UnreadableEntry):
                unreadable.append(path)
        return Listing(tuple(entries), tuple(unreadable))

    def days(self) -> list[str]:
        """The folders of days that there are, as `2026/11/22`, newest first."""
        return [folder.relative_to(self._paths.history).as_posix() for folder in self._days()]

    def stamps(self, day: str) -> Iterator[tuple[str, Stamp]]:
        """The files of a day's folder by name, in no order. Raises OSError."""
        with os.scandir(f"{self._history}/{day}") as files:
            for file in files:
                if not file.name.endswith(SUFFIX):
                    continue
                # One that is replaced at this moment is looked at the next time.
                with suppress(FileNotFoundError):
                    yield file.name, _stamp_of(_facts(file))

    def stamp(self, day: str, name: str) -> Stamp | None:
        """The same of one file; None where there is none. Raises OSError."""
        path = f"{self._history}/{day}/{name}"
        try:
            return _stamp_of(os.stat(path))  # noqa: PTH116
        except OSError:
            pass
        try:
            return _stamp_of(os.lstat(path))
        except (FileNotFoundError, NotADirectoryError):
            return None

    def read_file(self, day: str, name: str) -> Entry:
        """The entry in a file of a day's folder.

        Raises FileNotFoundError, OSError or UnreadableEntry.
        """
        entry = _read_entry(f"{self._history}/{day}/{name}")
        if name != f"{entry.id}{SUFFIX}" or day != _day(entry.id):
            raise UnreadableEntry(f"holds the entry {entry.id}")
        return entry

    def resolve(self, text: str) -> str:
        """The id that `text`, a whole id or a part of one, names alone.

        Raises LookupError when none or several do.
        """
        # A copy that lies in the wrong folder bears the same name.
        ids = dict.fromkeys(path.stem for path in self._entry_files())
        found = [id for id in ids if text in id and is_id(id)]
        if len(found) == 1:
            return found[0]
        if not found:
            raise LookupError(f"no entry {text}")
        raise LookupError(f"{len(found)} entries match {text}; the newest is {found[0]}")

    def entry_path(self, entry_id: str) -> Path:
        """Where the entry of that id lies."""
        return Path(f"{self._history}/{_day(entry_id)}/{entry_id}{SUFFIX}")

    def entry_name(self, entry_id: str) -> str:
        """Where the entry of that id lies, relative to the data folder."""
        return f"history/{self.entry_place(entry_id)}"

    def entry_place(self, entry_id: str) -> str:
        """The same, relative to the history folder."""
        return f"{_day(entry_id)}/{entry_id}{SUFFIX}"

    def image_name(self, entry_id: str, number: int, extension: str) -> str:
        """Where the entry's picture `number`, from 1, lies: relative to the data folder."""
        return f"images/{_day(entry_id)}/{entry_id}-{number}.{extension}"

    def absolute(self, name: str) -> Path:
        """The path of a name relative to the data folder.

        Raises ValueError for one that leads out of it, as a doctored entry might hold.
        """
        path = Path(name)
        if path.is_absolute() or ".." in path.parts or "\0" in name:
            raise ValueError(f"not inside the data folder: {name!r}")
        return self._paths.data / path

    def _set_aside(self, entry_id: str, why: str) -> None:
        """Keep the file of an entry under another name as well, or instead."""
        path = self.entry_path(entry_id)
        aside = path.with_name(f"{entry_id} ({why}){SUFFIX}")
        number = 1
        while os.path.lexists(aside):
            number += 1
            aside = path.with_name(f"{entry_id} ({why} {number}){SUFFIX}")
        try:
            aside.hardlink_to(path)
        except OSError:
            # Not every file system has links.
            rename_durably(path, aside)

    def _read(self, path: Path) -> Entry:
        return self.read_file(path.parent.relative_to(self._paths.history).as_posix(), path.name)

    def _entry_files(self) -> Iterator[Path]:
        """Entry files newest first, a day's folder at a time."""
        for day in self._days():
            yield from sorted(_toml_files(day), key=lambda path: path.name, reverse=True)

    @contextmanager
    def _locked(self, entry_id: str) -> Iterator[None]:
        """Keep other programs from changing an entry, where the system can do that."""
        path = self.entry_path(entry_id)
        make_folder(path.parent)
        descriptor = _lock(path)
        try:
            yield
        finally:
            os.close(descriptor)

    def _days(self) -> list[Path]:
        folders = [self._paths.history]
        for _ in ("year", "month", "day"):
            folders = [inner for folder in folders for inner in _subfolders(folder)]
        return folders


def _lock(path: Path) -> int:
    """A descriptor with the lock of the entry at `path`.

    It is that of the file itself, so that jobs of one day do not wait for each other, or else that
    of its folder. A program that stands still with it is not waited for.
    """
    until = time.monotonic() + _LOCK_PATIENCE
    while True:
        file = _opened_entry(path)
        descriptor = os.open(path.parent, os.O_RDONLY) if file is None else file
        try:
            # Who held it may have put another file there.
            if not _is_locked(descriptor, until) or _is_current(file, path):
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


def _is_locked(descriptor: int, until: float) -> bool:
    """Wait for the lock of an open file or folder; whether it was given in time."""
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                return False
            time.sleep(_BETWEEN_TRIES)
        except OSError:
            # Some network file systems have no locks; who writes last wins there.
            return False
        else:
            return True


def _is_current(file: int | None, path: Path) -> bool:
    """Whether the open `file` is still the one at `path`; for None, whether none can be opened."""
    if file is not None:
        with suppress(OSError):
            return os.path.samestat(os.fstat(file), os.lstat(path))
        return False
    now = _opened_entry(path)
    if now is not None:
        os.close(now)
    return now is None


def _opened_entry(path: Path) -> int | None:
    """The file at `path`, open; None where there is none, or none that may be opened."""
    try:
        return os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None


def entry_bytes(path: str) -> bytes:
    """What is in an entry's file. Raises FileNotFoundError, OSError or UnreadableEntry."""
    try:
        facts = os.stat(path)  # noqa: PTH116 - see HistoryStore
    except FileNotFoundError:
        if Path(path).is_symlink():
            raise UnreadableEntry("not a regular file") from None
        raise
    if not stat.S_ISREG(facts.st_mode):
        raise UnreadableEntry("not a regular file")
    if facts.st_size > LARGEST_ENTRY:
        raise UnreadableEntry("larger than an entry can be")
    with open(path, "rb") as file:  # noqa: PTH123
        return file.read()


def _read_entry(path: str) -> Entry:
    """The entry in a file. Raises FileNotFoundError, OSError or UnreadableEntry."""
    return decode_entry(entry_bytes(path))


def _stamp_of(facts: os.stat_result) -> Stamp:
    return Stamp(max(facts.st_mtime_ns, facts.st_ctime_ns), facts.st_size, facts.st_ino)


def _facts(file: os.DirEntry[str]) -> os.stat_result:
    """The facts of a file, or of the link itself where it leads to none. Raises OSError."""
    try:
        return file.stat()
    except OSError:
        return file.stat(follow_symlinks=False)


def _day(entry_id: str) -> str:
    return f"{entry_id[:4]}/{entry_id[4:6]}/{entry_id[6:8]}"


def _subfolders(folder: Path) -> list[Path]:
    try:
        found = [path for path in folder.iterdir() if path.name.isdigit() and path.is_dir()]
    except OSError:
        return []
    return sorted(found, key=lambda path: path.name, reverse=True)


def _toml_files(folder: Path) -> list[Path]:
    try:
        return [path for path in folder.iterdir() if path.suffix == SUFFIX]
    except OSError:
        return []
