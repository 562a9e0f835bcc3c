"""Repairs of what `tui.history.check` finds: nothing is removed that may be a picture."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

from msgspec.structs import replace

from tui.files import rename_durably
from tui.generation.picture_facts import entry_image
from tui.history.check import Finding, PlaceOfPicture, place_of_picture
from tui.history.entry import Entry, EntryImage, EntryReference, Status, UnreadableEntry
from tui.history.entry_keys import made_at
from tui.history.store import HistoryStore
from tui.images.verify import NotAnImage, extension, verify_image

File = TypeVar("File", EntryImage, EntryReference)

NOTE = "Made by darkroom history check from a picture that no entry named."
_ENDED_WITH_PICTURES: frozenset[Status] = frozenset({"done", "partial"})


class CannotRepair(Exception):
    """Nothing was changed; the text says why."""


def repair(finding: Finding, store: HistoryStore) -> str:
    """Do what `finding.repair` says; what was done, in words. Raises CannotRepair."""
    try:
        return _REPAIRS[finding.kind](finding, store)
    except KeyError:
        raise CannotRepair("there is no repair") from None
    except NotAnImage as error:
        raise CannotRepair(error.reason) from error
    except UnreadableEntry as error:
        raise CannotRepair(f"its entry cannot be changed: {error}") from error
    except OSError as error:
        raise CannotRepair(error.strerror or str(error)) from error


def _mark(finding: Finding, store: HistoryStore) -> str:
    _change_file(finding, store, missing=True)
    return "marked as missing"


def _unmark(finding: Finding, store: HistoryStore) -> str:
    _change_file(finding, store, missing=False)
    return "mark taken away"


def _note_sha256(finding: Finding, store: HistoryStore) -> str:
    facts = verify_image(store.absolute(finding.file))
    _change_file(finding, store, sha256=facts.sha256)
    return "SHA-256 noted"


def _change_file(finding: Finding, store: HistoryStore, **changes: Any) -> None:
    """Change what the entry says of the file."""
    assert finding.entry is not None

    def changed(files: tuple[File, ...]) -> tuple[File, ...]:
        return tuple(
            replace(file, **changes) if file.file == finding.file else file for file in files
        )

    store.change(
        finding.entry,
        lambda entry: replace(
            entry, images=changed(entry.images), references=changed(entry.references)
        ),
    )


def _name_picture(finding: Finding, store: HistoryStore) -> str:
    """Add the picture to its entry, or make one of it."""
    place = place_of_picture(finding.file)
    assert place is not None
    facts = verify_image(store.absolute(finding.file))
    return _add(entry_image(finding.file, facts), place, store)


def _finish_picture(finding: Finding, store: HistoryStore) -> str:
    """Keep a picture that came whole under its right name; remove what is none."""
    place = place_of_picture(finding.file)
    assert place is not None
    part = store.absolute(finding.file)
    try:
        facts = verify_image(part)
    except NotAnImage:
        part.unlink()
        return "removed"
    number = place.number
    while True:
        name = store.image_name(place.entry_id, number, extension(facts.format))
        target = store.absolute(name)
        if not target.exists():
            break
        with suppress(NotAnImage):
            if verify_image(target).sha256 == facts.sha256:
                part.unlink()
                return "removed: the picture is there"
        number += 1
    rename_durably(part, target)
    return _add(entry_image(name, facts), replace(place, number=number), store)


def _remove(finding: Finding, store: HistoryStore) -> str:
    store.absolute(finding.file).unlink(missing_ok=True)
    return "removed"


def _add(image: EntryImage, place: PlaceOfPicture, store: HistoryStore) -> str:
    def with_image(entry: Entry) -> Entry:
        others = [each for each in entry.images if each.file != image.file]
        images = tuple(sorted((*others, image), key=lambda each: _number(each.file)))
        # How many were asked for is the endpoint's to know, and so it is not called done.
        status = entry.status if entry.status in _ENDED_WITH_PICTURES else "partial"
        return replace(entry, images=images, status=status)

    try:
        store.change(place.entry_id, with_image)
    except FileNotFoundError:
        store.write(_entry_of(image, place.entry_id))
        return f"entry {place.entry_id} made of it"
    return f"added to {place.entry_id}"


def _entry_of(image: EntryImage, entry_id: str) -> Entry:
    """An entry that says no more than is known: what was asked for, and of whom, is not."""
    created = made_at(entry_id)
    assert created is not None
    return Entry(
        id=entry_id,
        created=created,
        status="done",
        endpoint="",
        model="",
        prompt="",
        note=NOTE,
        images=(image,),
    )


def _number(name: str) -> int:
    place = place_of_picture(name)
    return place.number if place else 0


_REPAIRS: dict[str, Callable[[Finding, HistoryStore], str]] = {
    "missing": _mark,
    "found": _unmark,
    "unhashed": _note_sha256,
    "unnamed": _name_picture,
    "unfinished": _finish_picture,
    "temporary": _remove,
}
