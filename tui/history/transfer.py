"""History out of the data folder and into it: entries with their files, as a folder or a zip.

What goes out lies as it does in the data folder, byte for byte: `history/2026/11/22/….toml` and
`images/…`. What comes in is taken only where its name, its content and, for pictures, their SHA-256
fit; an entry that is there already stays as it is, so that an import may be repeated.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import zipfile
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import IO

from msgspec import Struct

from tui.files import make_folder, new_file, rename_durably, settle, write_durably
from tui.history.entry import Entry, UnreadableEntry, decode_entry
from tui.history.store import LARGEST_ENTRY, SUFFIX, HistoryStore

LARGEST_FILE = 256 * 1024 * 1024
"""Bytes of a picture or reference that is taken."""
_PIECE = 1024 * 1024
_FILES = "images/"
_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp"})

_Copy = Callable[[Path, str], None]


class Exported(Struct):
    """What went out."""

    entries: int = 0
    files: int = 0
    missing: list[str] = []
    """Names of pictures and references that are not there."""


class Imported(Struct):
    """What came in."""

    entries: int = 0
    """New ones."""
    known: int = 0
    """Those that were there already, as they are there."""
    files: int = 0
    problems: list[str] = []
    """Sentences about what was not taken; they hold outside text."""


class NotAnExport(Exception):
    """There is nothing to import; the text says why."""


def files_of(entry: Entry) -> Iterator[tuple[str, str]]:
    """The pictures and references of `entry`: name in the data folder, and SHA-256."""
    yield from ((image.file, image.sha256) for image in entry.images)
    yield from ((each.file, each.sha256) for each in entry.references if each.file)


def export_history(entries: Iterable[Entry], store: HistoryStore, target: Path) -> Exported:
    """Copy `entries` and their files to `target`, a new folder, or a zip if its name ends so.

    Raises OSError, and leaves nothing behind then; FileExistsError where `target` is taken.
    """
    if os.path.lexists(target):
        raise FileExistsError(f"{target} exists")
    part = target.with_name(f".{target.name}.{os.urandom(4).hex()}.part")
    exported = Exported()
    try:
        with _writer(part, is_zip=target.suffix.lower() == ".zip") as copy:
            done: set[str] = set()
            for entry in entries:
                try:
                    copy(store.entry_path(entry.id), store.entry_name(entry.id))
                except FileNotFoundError:
                    exported.missing.append(store.entry_name(entry.id))
                    continue
                exported.entries += 1
                for name, _ in files_of(entry):
                    if name not in done:
                        done.add(name)
                        _export_file(store, name, copy, exported)
        part.rename(target)
    except BaseException:
        with suppress(OSError):
            shutil.rmtree(part) if part.is_dir() else part.unlink(missing_ok=True)
        raise
    return exported


def import_history(source: Path, store: HistoryStore) -> Imported:
    """Take over the entries in `source`, a folder or a zip that `export_history` may have made.

    A file comes before the entry that names it, so that a broken import can be done again. Raises
    NotAnExport, and OSError where the data folder cannot be written.
    """
    imported = Imported()
    with closing(_opened(source)) as parcel:
        names = sorted(name for name in parcel.names() if _is_entry_name(name))
        if not names:
            raise NotAnExport("it has no entries: history/YEAR/MONTH/DAY/ID.toml")
        for name in names:
            try:
                _import_entry(name, parcel, store, imported)
            except (UnreadableEntry, _Unfit) as problem:
                imported.problems.append(f"{name}: {problem}")
    return imported


class _Unfit(Exception):
    """A file that is not taken; the text says why."""


class _Parcel(ABC):
    """Files by name."""

    @abstractmethod
    def names(self) -> Iterator[str]: ...

    @abstractmethod
    def open(self, name: str) -> AbstractContextManager[IO[bytes]]:
        """The file of that name. Raises KeyError where there is none."""

    @abstractmethod
    def close(self) -> None: ...

    def read(self, name: str, limit: int) -> bytes:
        with self.open(name) as file:
            data = file.read(limit + 1)
        if len(data) > limit:
            raise _Unfit("it is too large")
        return data


class _Folder(_Parcel):
    def __init__(self, root: Path) -> None:
        self._root = root

    def names(self) -> Iterator[str]:
        for path in (self._root / "history").glob(f"*/*/*/*{SUFFIX}"):
            yield path.relative_to(self._root).as_posix()

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        path = self._root / name
        if not path.is_file():
            raise KeyError(name)
        with path.open("rb") as file:
            yield file

    def close(self) -> None:
        pass


class _Zip(_Parcel):
    def __init__(self, path: Path) -> None:
        self._zip = zipfile.ZipFile(path)

    def names(self) -> Iterator[str]:
        return iter(self._zip.namelist())

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        try:
            with self._zip.open(name) as file:
                yield file
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
            raise _Unfit(f"it is damaged: {error}") from error

    def close(self) -> None:
        self._zip.close()


def _opened(source: Path) -> _Parcel:
    if source.is_dir():
        return _Folder(source)
    try:
        return _Zip(source)
    except zipfile.BadZipFile:
        raise NotAnExport("it is neither a folder nor a zip") from None
    except OSError as error:
        raise NotAnExport(error.strerror or str(error)) from error


@contextmanager
def _writer(part: Path, *, is_zip: bool) -> Iterator[_Copy]:
    """What copies a file under a name into the folder, or the zip, at `part`."""
    if is_zip:
        # Pictures are as small as they get.
        with (
            new_file(part) as file,
            zipfile.ZipFile(file, "w", zipfile.ZIP_STORED, strict_timestamps=False) as archive,
        ):
            yield lambda path, name: archive.write(path, name)
        return

    def copy(path: Path, name: str) -> None:
        make_folder((part / name).parent)
        with path.open("rb") as source, new_file(part / name) as target:
            shutil.copyfileobj(source, target, _PIECE)

    make_folder(part)
    yield copy


def _export_file(store: HistoryStore, name: str, copy: _Copy, exported: Exported) -> None:
    path: Path | None = None
    with suppress(ValueError):
        path = store.absolute(name)
    if path is None or not name.startswith(_FILES) or not path.is_file():
        exported.missing.append(name)
        return
    copy(path, name)
    exported.files += 1


def _import_entry(name: str, parcel: _Parcel, store: HistoryStore, imported: Imported) -> None:
    data = parcel.read(name, LARGEST_ENTRY)
    entry = decode_entry(data)
    if name != store.entry_name(entry.id):
        raise UnreadableEntry(f"holds the entry {entry.id}")
    path = store.entry_path(entry.id)
    if os.path.lexists(path):
        imported.known += 1
        if path.read_bytes() != data:
            imported.problems.append(f"{name}: another state of it is there already, and stays")
        return
    for file, sha256 in files_of(entry):
        try:
            imported.files += _import_file(file, sha256, parcel, store)
        except (_Unfit, KeyError) as problem:
            reason = "is not in it" if isinstance(problem, KeyError) else str(problem)
            imported.problems.append(f"{file}: {reason}")
    write_durably(path, data)
    imported.entries += 1


def _import_file(name: str, sha256: str, parcel: _Parcel, store: HistoryStore) -> bool:
    """Take a picture or reference over; whether it was not there. Raises _Unfit, KeyError."""
    try:
        target = store.absolute(name)
    except ValueError as error:
        raise _Unfit(str(error)) from error
    if not name.startswith(_FILES) or target.suffix not in _SUFFIXES:
        raise _Unfit("is no name of a picture")
    if os.path.lexists(target):
        return False
    part = target.with_name(f".{target.name}.{os.urandom(4).hex()}.part")
    with parcel.open(name) as source:
        make_folder(target.parent)
        try:
            with new_file(part) as file:
                _copy_checked(source, file, sha256)
                settle(file)
            rename_durably(part, target)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
    return True


def _copy_checked(source: IO[bytes], target: IO[bytes], sha256: str) -> None:
    """Copy all of `source`. Raises _Unfit for one that is too large, or has another SHA-256."""
    digest = hashlib.sha256()
    size = 0
    while piece := source.read(_PIECE):
        size += len(piece)
        if size > LARGEST_FILE:
            raise _Unfit("it is too large")
        digest.update(piece)
        target.write(piece)
    if digest.hexdigest() != sha256:
        raise _Unfit("is not what its entry says")


def _is_entry_name(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return len(parts) == 5 and parts[0] == "history" and name.endswith(SUFFIX)
