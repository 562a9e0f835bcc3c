"""The trash: entries with their pictures, as they were, until somebody empties it.

What is thrown away on one day lies in that day's folder, at the same places as before:
`trash/2026-11-28/history/2026/11/22/….toml`. Files are moved, never rewritten.
"""

from __future__ import annotations

import errno
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path

from msgspec import Struct

from tui.files import make_folder, rename_durably
from tui.history.entry import UNFINISHED, Entry, UnreadableEntry, decode_entry, is_id
from tui.history.store import LARGEST_ENTRY, SUFFIX, HistoryStore
from tui.paths import Paths


class Discarded(Struct, frozen=True):
    """An entry in the trash."""

    entry: Entry
    day: date
    """When it was thrown away."""


class Trash:
    """Takes entries and gives them back. Every call touches the disk: run it in a thread."""

    def __init__(self, paths: Paths, store: HistoryStore) -> None:
        self._paths = paths
        self._store = store

    def discard(self, entry_id: str, today: date) -> Entry:
        """Move an entry and its pictures into the trash; the entry as it was.

        References stay where they are: other entries may have them too. Raises FileNotFoundError,
        OSError, also for one that a job is at work on, or UnreadableEntry; an entry that was moved
        is in the trash even where one of its pictures could not follow, and takes it back with it.
        """
        entry = self._store.read(entry_id)
        if entry.status in UNFINISHED and self._store.locks.is_held(entry.id):
            # It would be written anew, and be in both places.
            raise OSError(errno.EBUSY, "A job is at work on it.")
        folder = self._paths.trash / today.isoformat()
        # Before its pictures, so that no entry in history ever lacks them.
        _move(self._store.entry_path(entry.id), self._entry_path(folder, entry.id))
        for name, path in self._pictures(entry):
            with suppress(FileNotFoundError):
                _move(path, folder / name)
        return entry

    def restore(self, entry_id: str) -> Entry:
        """Move an entry and its pictures back to where they were.

        Raises FileNotFoundError where the trash has none of that id, OSError, also where history
        has one, or UnreadableEntry; what could not be moved is still in the trash.
        """
        folder = self._folder_of(entry_id)
        if self._store.entry_path(entry_id).exists():
            raise FileExistsError(errno.EEXIST, "History has an entry of that id.")
        entry = _read(self._entry_path(folder, entry_id))
        for name, path in self._pictures(entry):
            with suppress(FileNotFoundError):
                _move(folder / name, path)
        _move(self._entry_path(folder, entry_id), self._store.entry_path(entry_id))
        _remove_empty(folder)
        return entry

    def entries(self) -> tuple[Discarded, ...]:
        """What is in the trash, thrown away last first. What cannot be read is left out."""
        found: list[Discarded] = []
        for day, folder in self._days():
            for path in sorted(folder.glob(f"history/*/*/*/*{SUFFIX}"), reverse=True):
                with suppress(OSError, UnreadableEntry):
                    found.append(Discarded(_read(path), day))
        return tuple(found)

    def empty(
        self, before: date | None = None, removed: Callable[[Entry], object] = lambda _: None
    ) -> int:
        """Remove for good what was thrown away, all or before a day; the number of entries.

        `removed` is called with each that could be read. Raises OSError where something cannot be
        removed.
        """
        count = 0
        for day, folder in self._days():
            if before is None or day < before:
                paths = list(folder.glob(f"history/*/*/*/*{SUFFIX}"))
                entries: list[Entry] = []
                for path in paths:
                    with suppress(OSError, UnreadableEntry):
                        entries.append(_read(path))
                shutil.rmtree(folder)
                count += len(paths)
                for entry in entries:
                    removed(entry)
        return count

    def _folder_of(self, entry_id: str) -> Path:
        if is_id(entry_id):
            for _, folder in self._days():
                if self._entry_path(folder, entry_id).is_file():
                    return folder
        raise FileNotFoundError(f"no entry {entry_id} in the trash")

    def _days(self) -> Iterator[tuple[date, Path]]:
        """The days' folders, the last first."""
        try:
            folders = sorted(self._paths.trash.iterdir(), reverse=True)
        except FileNotFoundError:
            return
        for folder in folders:
            with suppress(ValueError):
                yield date.fromisoformat(folder.name), folder

    def _entry_path(self, folder: Path, entry_id: str) -> Path:
        return folder / self._store.entry_name(entry_id)

    def _pictures(self, entry: Entry) -> Iterator[tuple[str, Path]]:
        """The pictures of `entry`, by name and place.

        Names that are not its own are left out: a doctored entry would take other files with it.
        """
        for image in entry.images:
            with suppress(ValueError):
                path = self._store.absolute(image.file)
                if image.file.startswith("images/") and path.name.startswith(f"{entry.id}-"):
                    yield image.file, path


def _move(source: Path, target: Path) -> None:
    if not source.is_file():
        raise FileNotFoundError(str(source))
    make_folder(target.parent)
    rename_durably(source, target)


def _read(path: Path) -> Entry:
    if path.stat().st_size > LARGEST_ENTRY:
        raise UnreadableEntry("larger than an entry can be")
    return decode_entry(path.read_bytes())


def _remove_empty(folder: Path) -> None:
    """Remove `folder` and those in it, as far as nothing is left in them."""
    for inner in sorted(folder.rglob("*"), reverse=True):
        if inner.is_dir():
            with suppress(OSError):
                inner.rmdir()
    with suppress(OSError):
        folder.rmdir()
