"""What a user may change of an entry: star, rating, tags and note."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from tui.history.entry import Entry
from tui.text import storable

MARKS = ("starred", "rating", "tags", "note")
"""Fields that the user sets, and no job does."""
HIGHEST_RATING = 5


def starred(entry: Entry, *, is_starred: bool) -> Entry:
    """`entry` with or without a star."""
    return replace(entry, starred=is_starred)


def rated(entry: Entry, rating: int) -> Entry:
    """`entry` with a rating of 1 to 5; 0 takes it away."""
    return replace(entry, rating=max(0, min(rating, HIGHEST_RATING)))


def noted(entry: Entry, note: str) -> Entry:
    """`entry` with another note."""
    return replace(entry, note=storable(note))


def tagged(entry: Entry, add: Iterable[str], remove: Iterable[str]) -> Entry:
    """`entry` with tags added and removed; their order stays, and none is there twice."""
    gone = set(map(storable, remove))
    tags = dict.fromkeys([*entry.tags, *map(storable, add)])
    return replace(entry, tags=tuple(tag for tag in tags if tag not in gone))


def with_marks_of(entry: Entry, other: Entry) -> Entry:
    """`entry` with what the user made of `other`, its older or newer self."""
    return replace(entry, **{name: getattr(other, name) for name in MARKS})


def taken_back(entry: Entry, before: Entry, after: Entry) -> Entry:
    """`entry` without the change from `before` to `after`; what was changed elsewhere stays."""
    changed = [name for name in MARKS if getattr(before, name) != getattr(after, name)]
    return replace(entry, **{name: getattr(before, name) for name in changed})


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
