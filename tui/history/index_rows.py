"""What the index keeps of an entry: enough to list it and to find it, without its file."""

from __future__ import annotations

import re

from msgspec import Struct

from tui.history.entry import Entry, Status
from tui.history.folding import fold
from tui.history.index_text import SEPARATOR, text_of

HEAD = 240
"""Characters of the prompt that a row keeps."""
_LARGEST = (1 << 63) - 1
"""SQLite knows whole numbers of 64 bits."""
_SIZE = re.compile(r"(\d{1,6})x(\d{1,6})")


class Row(Struct, frozen=True, array_like=True, gc=False):
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
    width: int | None = None
    """Pixels of the first picture; without one, those that were asked for."""
    height: int | None = None


class Facts(Struct, frozen=True):
    """What the index knows of an entry beyond its row."""

    folded: str
    """Its text, in which words are looked for."""
    tags: str
    """Folded, each between separators."""
    note: bool
    reference_count: int
    seed: int | None
    cost: float | None
    may_cost: bool
    """Whether `cost` was or may have been charged."""
    seconds: float | None
    """From sending to the answer."""


def row_of(entry: Entry) -> Row:
    """The row of `entry`."""
    width, height = _sides(entry)
    return Row(
        id=entry.id,
        status=entry.status,
        starred=entry.starred,
        rating=max(-_LARGEST, min(entry.rating, _LARGEST)),
        endpoint=entry.endpoint,
        model=entry.model,
        created=round(entry.created.timestamp() * 1000),
        head=entry.prompt[:HEAD],
        images=len(entry.images),
        error_kind=entry.error.kind if entry.error else "",
        parent=entry.parent,
        width=_fitting(width),
        height=_fitting(height),
    )


def facts_of(entry: Entry) -> Facts:
    """What is looked for in `entry`."""
    tags = SEPARATOR.join(["", *map(fold, entry.tags), ""]) if entry.tags else ""
    return Facts(
        folded=text_of(entry),
        tags=tags,
        note=bool(entry.note),
        reference_count=entry.reference_count,
        seed=_seed(entry),
        cost=entry.cost.estimate_usd if entry.cost else None,
        may_cost=entry.may_cost,
        seconds=entry.seconds,
    )


def _seed(entry: Entry) -> int | None:
    seed = entry.parameters.get("seed")
    return _fitting(seed) if isinstance(seed, int) and not isinstance(seed, bool) else None


def _fitting(number: int | None) -> int | None:
    """`number`, if it can be kept."""
    return number if number is not None and abs(number) <= _LARGEST else None


def _sides(entry: Entry) -> tuple[int | None, int | None]:
    """Pixels of the first picture; without one, those that were asked for."""
    if entry.images:
        return entry.images[0].width, entry.images[0].height
    match = _SIZE.fullmatch(str(entry.parameters.get("size", "")))
    return (int(match[1]), int(match[2])) if match else (None, None)
