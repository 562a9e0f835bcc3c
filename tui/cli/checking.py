"""Whether the history is as it was written: its entries, their pictures and references."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import msgspec

from tui.history.entry import Entry, UnreadableEntry
from tui.history.store import HistoryStore, Listing
from tui.text import storable


class Problem(msgspec.Struct, frozen=True):
    """A file that is not what it should be."""

    file: str
    """Absolute, or for a picture relative to the data folder, as its entry has it."""
    what: str
    """What is wrong with it, for people."""
    entry: str | None = None
    """Id of the entry that has the file."""


def find_problems(listing: Listing, store: HistoryStore) -> list[Problem]:
    """The problems of all entries in `listing`; reads every picture whole."""
    problems = [
        Problem(storable(str(path)), f"cannot be read: {_why_unreadable(path, store)}")
        for path in listing.unreadable
    ]
    for entry in listing.entries:
        for file, sha256 in _files(entry):
            if what := _what_is_wrong(file, sha256, store):
                problems.append(Problem(file, what, entry.id))
    return problems


def _files(entry: Entry) -> Iterator[tuple[str, str]]:
    """The files that `entry` has, and the SHA-256 of each."""
    yield from ((image.file, image.sha256) for image in entry.images)
    yield from (
        (reference.file, reference.sha256) for reference in entry.references if reference.file
    )


def _what_is_wrong(file: str, sha256: str, store: HistoryStore) -> str | None:
    try:
        with store.absolute(file).open("rb") as opened:
            found = hashlib.file_digest(opened, "sha256").hexdigest()
    except FileNotFoundError:
        return "is missing"
    except OSError as error:
        return f"cannot be read: {error.strerror or error}"
    except ValueError as error:
        return str(error)
    return None if found == sha256 else "has changed since it came"


def _why_unreadable(path: Path, store: HistoryStore) -> str:
    try:
        store.read(path.stem)
    except UnreadableEntry as error:
        return str(error)
    except OSError as error:
        return error.strerror or str(error)
    return "it has changed meanwhile"
