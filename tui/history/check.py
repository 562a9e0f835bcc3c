"""Whether the history is as it was written: its entries, their files, and what lies beside them."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Literal

from msgspec import Struct

from tui.history.entry import Entry, EntryImage, EntryReference, UnreadableEntry
from tui.history.entry_keys import made_at
from tui.history.store import HistoryStore
from tui.history.trash import Trash
from tui.paths import Paths
from tui.text import storable

Kind = Literal[
    "unreadable",
    "later",
    "missing",
    "found",
    "changed",
    "unhashed",
    "unnamed",
    "foreign",
    "unused",
    "unfinished",
    "temporary",
    "under_way",
]
NOTICES: frozenset[Kind] = frozenset({"later", "foreign", "unused", "under_way"})
"""Kinds that are told, and are no problems."""
UNDER_WAY_SECONDS = 3600
"""What was changed no longer ago may belong to a job, or to a program that copies."""
PICTURE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp"})

_OF_AN_ENTRY = re.compile(
    r"(?P<id>[^/]+)-(?P<number>[1-9][0-9]{0,3})\.(?P<rest>(?:answer\.|preview\.)?part|[a-z]+)"
)
_TEMPORARY = re.compile(r"\..+\.[0-9a-f]{8}\.(?:tmp|part)|\.write-test-[0-9a-f]{8}")


class Finding(Struct, frozen=True):
    """A file that is not what it should be, or is worth a word."""

    file: str
    """Relative to the data folder, as entries have it; absolute for an entry that is broken."""
    what: str
    """What is to say of it, for people; it holds outside text."""
    entry: str | None = None
    """Id of the entry that has the file, or would have it."""
    kind: Kind = "unreadable"
    repair: str = ""
    """What a repair does, for people; empty where there is none."""

    @property
    def is_problem(self) -> bool:
        return self.kind not in NOTICES


class Examination(Struct, frozen=True):
    """What was looked at, and what was found."""

    entries: int
    """Files of entries, broken ones too."""
    findings: tuple[Finding, ...]
    known_missing: int
    """Pictures and references that are marked as missing, and are."""

    @property
    def problems(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.is_problem)


class PlaceOfPicture(Struct, frozen=True):
    """What the name of a file says of the picture in it."""

    entry_id: str
    number: int
    """From 1 up."""
    rest: str
    """What follows: `png`, `part`, `answer.part`."""


def examine(paths: Paths, now: float) -> Examination:
    """Look at all of the history; reads every picture whole. `now` is in seconds since 1970."""
    return _Examiner(paths, now).examine()


def place_of_picture(name: str) -> PlaceOfPicture | None:
    """What `name`, relative to the data folder, says, if it is one that the program makes."""
    folder, _, file = name.rpartition("/")
    found = _OF_AN_ENTRY.fullmatch(file)
    if found is None or made_at(found["id"]) is None:
        return None
    id = found["id"]
    if folder != f"images/{id[:4]}/{id[4:6]}/{id[6:8]}":
        return None
    return PlaceOfPicture(id, int(found["number"]), found["rest"])


class _Examiner:
    def __init__(self, paths: Paths, now: float) -> None:
        self._paths = paths
        self._now = now
        self._store = HistoryStore(paths)
        self._listing = self._store.newest()
        self._known_missing = 0
        # Many entries may have the same reference.
        self._states: dict[tuple[str, str], tuple[Kind | None, str]] = {}

    def examine(self) -> Examination:
        findings = [self._broken(path) for path in self._listing.unreadable]
        for entry in self._listing.entries:
            findings += self._of_entry(entry)
        findings += self._beside()
        entries = len(self._listing.entries) + len(self._listing.unreadable)
        return Examination(entries, tuple(findings), self._known_missing)

    def _broken(self, path: Path) -> Finding:
        try:
            self._store.read(path.stem)
            why = "it has changed meanwhile"
        except UnreadableEntry as error:
            why = str(error)
        except OSError as error:
            why = error.strerror or str(error)
        return Finding(storable(str(path)), f"cannot be read: {why}")

    def _of_entry(self, entry: Entry) -> Iterator[Finding]:
        if entry.read_only:
            yield Finding(
                self._store.entry_name(entry.id),
                "was written by a later version of Darkroom: shown, and never changed",
                entry.id,
                "later",
            )
        for file in _kept_files(entry):
            if finding := self._of_file(file, entry):
                yield finding

    def _of_file(self, file: EntryImage | EntryReference, entry: Entry) -> Finding | None:
        content = (file.file, file.sha256)
        if content not in self._states:
            self._states[content] = self._state(*content)
        kind, what = self._states[content]
        if kind == "missing" and file.missing:
            self._known_missing += 1
            return None
        if kind is None and file.missing:
            kind, what = "found", "is there again"
        if kind is None:
            return None
        repair = "" if entry.read_only else _REPAIRS.get(kind, "")
        return Finding(file.file, what, entry.id, kind, repair)

    def _state(self, name: str, sha256: str) -> tuple[Kind | None, str]:
        """What is wrong with a file that an entry has, and in words; None where nothing is."""
        try:
            with self._store.absolute(name).open("rb") as opened:
                found = hashlib.file_digest(opened, "sha256").hexdigest()
        except FileNotFoundError:
            return "missing", "is missing"
        except OSError as error:
            return "unreadable", f"cannot be read: {error.strerror or error}"
        except ValueError as error:
            return "unreadable", str(error)
        if not sha256:
            return "unhashed", "has no SHA-256 in its entry"
        return (None, "") if found == sha256 else ("changed", "has changed since it came")

    def _beside(self) -> Iterator[Finding]:
        """What lies in the folders, and no entry names."""
        discarded = [each.entry for each in Trash(self._paths, self._store).entries()]
        named = _names((*self._listing.entries, *discarded))
        # What the entries say that cannot be read, or changed, is not known.
        untouchable = {path.stem[:25] for path in self._listing.unreadable}
        untouchable |= {entry.id for entry in self._listing.entries if entry.read_only}
        untouchable |= {entry.id for entry in discarded}
        ids = {entry.id for entry in self._listing.entries}
        for file in _files(self._paths):
            name = storable(file.relative_to(self._paths.data).as_posix())
            if name in named:
                continue
            place = place_of_picture(name)
            if place is not None and place.entry_id in untouchable:
                continue
            if finding := self._unnamed(name, place, ids):
                yield finding if self._is_settled(file) else _under_way(finding)

    def _unnamed(self, name: str, place: PlaceOfPicture | None, ids: set[str]) -> Finding | None:
        path = Path(name)
        if _TEMPORARY.fullmatch(path.name) or (place and place.rest == "preview.part"):
            return Finding(name, "is left over", None, "temporary", _REPAIRS["temporary"])
        if path.parts[0] != "images":
            return None
        if place is not None and place.rest in ("part", "answer.part"):
            what = "is a picture that was not finished"
            return Finding(name, what, place.entry_id, "unfinished", _REPAIRS["unfinished"])
        if path.suffix.lower() not in PICTURE_SUFFIXES:
            return None
        if path.parts[:2] == ("images", "references"):
            return Finding(name, "is a reference that no entry has", None, "unused")
        if place is None:
            return Finding(name, "is a picture that no entry names", None, "foreign")
        if place.entry_id in ids:
            what, repair = "is a picture that its entry does not name", "adds it to the entry"
        else:
            what, repair = "is a picture that no entry names", "makes an entry of it"
        return Finding(name, what, place.entry_id, "unnamed", repair)

    def _is_settled(self, file: Path) -> bool:
        with suppress(OSError):
            facts = file.stat()
            # A program that copies sets the time of the content back, and not this one.
            changed = max(facts.st_mtime, facts.st_ctime)
            return self._now - changed >= UNDER_WAY_SECONDS
        return False


_REPAIRS: dict[Kind, str] = {
    "missing": "marks it as missing",
    "found": "takes its mark away",
    "unhashed": "notes the SHA-256 that it has now",
    "unfinished": "keeps it if it is whole, and removes it otherwise",
    "temporary": "removes it",
}


def _under_way(finding: Finding) -> Finding:
    what = f"{finding.what}, and may belong to a job under way"
    return Finding(finding.file, what, finding.entry, "under_way")


def _kept_files(entry: Entry) -> list[EntryImage | EntryReference]:
    """The pictures and references that lie in files of our own."""
    return [*entry.images, *(each for each in entry.references if each.file)]


def _names(entries: Iterable[Entry]) -> frozenset[str]:
    return frozenset(file.file for entry in entries for file in _kept_files(entry))


def _files(paths: Paths) -> Iterator[Path]:
    """The regular files among which something may be left over, in order."""
    with suppress(OSError):
        yield from sorted(path for path in paths.data.glob(".write-test-*") if path.is_file())
    for top in (paths.history, paths.images):
        for folder, inner, files in os.walk(top):
            inner[:] = sorted(name for name in inner if not name.startswith("."))
            for file in sorted(files):
                path = Path(folder, file)
                if path.is_file() and not path.is_symlink():
                    yield path
