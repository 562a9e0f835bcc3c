"""Entries whose jobs have not ended, as far as anybody knows."""

from __future__ import annotations

from collections.abc import Iterator

from tui.history.entry import UNFINISHED, Entry
from tui.history.store import HistoryStore
from tui.paths import Paths

UNENDED = (*sorted(UNFINISHED), "unknown")


def find_unended(paths: Paths, store: HistoryStore) -> Iterator[Entry]:
    """Entries that wait, run or are unknown, newest first."""
    # Not needed by who only wants to know which states these are; SQLite comes along.
    from tui.history.finding import find_entries
    from tui.history.query import Any, Like, Query

    any_of_them = Any(tuple(Like("status", status) for status in UNENDED))
    for entry in find_entries(paths, store, Query((any_of_them,))):
        if entry.status in UNENDED:
            yield entry
