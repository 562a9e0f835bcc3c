"""What a user may change of an entry: star, rating, tags and note."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from tui.history.entry import Entry
from tui.text import storable

HIGHEST_RATING = 5


def starred(entry: Entry, *, is_starred: bool) -> Entry:
    """`entry` with or without a star."""
    return replace(entry, starred=is_starred)


def rated(entry: Entry, rating: int) -> Entry:
    """`entry` with a rating of 1 to 5; 0 takes it away."""
    return replace(entry, rating=max(0, min(rating, HIGHEST_RATING)))


def noted(entry: Entry, note: str) -> Entry:
    """`entry` with another note."""
    return replace(entry, note=storable(note.strip()))


def tagged(entry: Entry, add: Iterable[str], remove: Iterable[str]) -> Entry:
    """`entry` with tags added and removed; their order stays, and none is there twice."""
    gone = set(remove)
    tags = dict.fromkeys([*(tag for tag in entry.tags if tag not in gone), *add])
    return replace(entry, tags=tuple(tags))


def as_before(entry: Entry, before: Entry) -> Entry:
    """`entry` with what the user had made of it `before`."""
    return replace(
        entry,
        starred=before.starred,
        rating=before.rating,
        tags=before.tags,
        note=before.note,
    )


def read_tags(text: str) -> tuple[str, ...]:
    """The tags in `text`, with commas between them."""
    tags = (" ".join(storable(tag).split()) for tag in text.split(","))
    return tuple(dict.fromkeys(filter(None, tags)))


def common_tags(entries: Sequence[Entry]) -> tuple[str, ...]:
    """The tags that all of `entries` have."""
    if not entries:
        return ()
    first, *others = entries
    return tuple(tag for tag in first.tags if all(tag in other.tags for other in others))
