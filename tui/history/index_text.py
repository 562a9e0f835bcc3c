"""The one text that the index keeps of an entry, in which everything is looked for.

Prompt, note, tags and model stand in it in folded letters, with marks between them; at its end
stand facts, each as a gram of marks. No folded text holds a mark.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, get_args

from tui.history.entry import Entry, Status
from tui.history.folding import fold

if TYPE_CHECKING:
    from tui.history.query import Column

PROMPT_BEGIN = "\x1e"
PROMPT_END = "\x1d"
SEPARATOR = "\x1f"
"""Stands between note, tags and model."""
HIGHEST_RATING = 6
"""Stands for all that are higher."""

_FACT = "\x1c"
_PRESENCE, _STATUS, _RATING = "\x0e\x0f\x10"
_VALUES = "\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17"
_PRESENT: tuple[Column, ...] = ("star", "image", "note", "tag", "reference", "parent", "error")


def text_of(entry: Entry) -> str:
    """The text of `entry`."""
    prompt = f"{PROMPT_BEGIN}{fold(entry.prompt.strip())}{PROMPT_END}"
    parts = [prompt + fold(entry.note), *map(fold, entry.tags), fold(entry.model)]
    # There is a fact at the least: marks follow each letter, so that each begins a gram.
    return SEPARATOR.join([*parts, "".join(_facts(entry))])


def presence(column: Column) -> str | None:
    """What stands in the text of an entry with anything in `column`; None where none does."""
    return f"{_FACT}{_PRESENCE}{_VALUES[_PRESENT.index(column)]}" if column in _PRESENT else None


def status(name: str) -> str | None:
    """What stands in the text of an entry of that status; None for one that there is not."""
    statuses = get_args(Status)
    return f"{_FACT}{_STATUS}{_VALUES[statuses.index(name)]}" if name in statuses else None


def rating(stars: int) -> str:
    """What stands in the text of an entry with that rating, from 1."""
    return f"{_FACT}{_RATING}{_VALUES[min(stars, HIGHEST_RATING)]}"


def _facts(entry: Entry) -> Iterator[str]:
    yield status(entry.status) or ""
    if entry.rating > 0:
        yield rating(entry.rating)
    values = (
        entry.starred, entry.images, entry.note, entry.tags, entry.references, entry.parent,
        entry.error is not None and entry.error.kind,
    )  # fmt: skip
    for column, value in zip(_PRESENT, values, strict=True):
        if value:
            yield presence(column) or ""
