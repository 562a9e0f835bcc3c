"""What the index keeps of an entry: enough to list it and to find it, without its file."""

from __future__ import annotations

import re
import zlib
from contextlib import suppress
from datetime import datetime

from msgspec import Struct

from tui.history.entry import Entry, Status
from tui.history.query import fold

HEAD = 240
"""Characters of the prompt that a row keeps."""
SEPARATOR = "\x1f"
"""Stands between prompt, note and tags, and around each tag."""

_KEY_EPOCH = datetime(2030, 1, 1)
_RANDOM_BITS = 24
_KEY_SPAN = 1 << (62 - _RANDOM_BITS)
_ID = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})-([0-9a-f]{6})")
_SIZE = re.compile(r"(\d{1,6})x(\d{1,6})")


class Row(Struct, frozen=True, array_like=True):
    """One entry as a list shows it."""

    id: str
    status: Status
    starred: bool
    rating: int
    endpoint: str
    model: str
    created: int
    """Milliseconds since 1970."""
    head: str
    """The beginning of the prompt."""
    images: int
    """How many pictures it has."""
    error_kind: str
    """Empty where nothing went wrong."""
    parent: str


class Facts(Struct, frozen=True):
    """What the index knows of an entry beyond its row."""

    folded: str
    """Prompt, note, tags and model in folded letters."""
    prompt_length: int
    """Characters of the prompt within `folded`."""
    tags: str
    """Folded, each between separators."""
    note: bool
    reference_count: int
    seed: int | None
    cost: float | None
    width: int | None
    height: int | None


def key_of(entry_id: str) -> int:
    """A whole number of 64 bits that sorts as `entry_id` does, and no other id has.

    That is so for the years 2021 to 2038; entries of others come after all of these, in no order.
    """
    if match := _ID.fullmatch(entry_id):
        year, month, day, hour, minute, second, milliseconds = map(int, match.groups()[:-1])
        with suppress(ValueError):
            since = datetime(year, month, day, hour, minute, second) - _KEY_EPOCH
            count = (since.days * 86_400 + since.seconds) * 1000 + milliseconds
            if abs(count) < _KEY_SPAN:
                return (count << _RANDOM_BITS) | int(match.groups()[-1], 16)
    return -(1 << 63) + zlib.crc32(entry_id.encode())


def row_of(entry: Entry) -> Row:
    """The row of `entry`."""
    return Row(
        id=entry.id,
        status=entry.status,
        starred=entry.starred,
        rating=entry.rating,
        endpoint=entry.endpoint,
        model=entry.model,
        created=round(entry.created.timestamp() * 1000),
        head=entry.prompt[:HEAD],
        images=len(entry.images),
        error_kind=entry.error.kind if entry.error else "",
        parent=entry.parent,
    )


def facts_of(entry: Entry) -> Facts:
    """What is looked for in `entry`."""
    prompt = fold(entry.prompt.strip())
    tags = SEPARATOR.join(["", *map(fold, entry.tags), ""]) if entry.tags else ""
    width, height = _sides(entry)
    return Facts(
        folded=SEPARATOR.join(
            [prompt, fold(entry.note), *map(fold, entry.tags), fold(entry.model)]
        ),
        prompt_length=len(prompt),
        tags=tags,
        note=bool(entry.note),
        reference_count=len(entry.references),
        seed=_seed(entry),
        cost=entry.cost.estimate_usd if entry.cost else None,
        width=width,
        height=height,
    )


def _seed(entry: Entry) -> int | None:
    seed = entry.parameters.get("seed")
    # SQLite knows whole numbers of 64 bits.
    fits = isinstance(seed, int) and not isinstance(seed, bool) and abs(seed) < 1 << 63
    return seed if fits else None


def _sides(entry: Entry) -> tuple[int | None, int | None]:
    """Pixels of the first picture; without one, those that were asked for."""
    if entry.images:
        return entry.images[0].width, entry.images[0].height
    match = _SIZE.fullmatch(str(entry.parameters.get("size", "")))
    return (int(match[1]), int(match[2])) if match else (None, None)
