"""Entries found by a query, whole, for who does not keep the index open."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

from tui.history.entry import Entry, UnreadableEntry
from tui.history.index import HistoryIndex
from tui.history.query import Query
from tui.history.store import HistoryStore
from tui.paths import Paths


def find_entries(
    paths: Paths, store: HistoryStore, query: Query, limit: int | None = None
) -> Iterator[Entry]:
    """The entries that `query` looks for, newest first, `limit` at most.

    Brings the index up to date first; where the cache folder cannot be written, one is made for
    the while. Nothing is written where there is no history.
    """
    if not paths.history.is_dir():
        return
    for entry_id in _ids(paths, store, query, limit):
        # It may have changed since a moment ago.
        with suppress(OSError, UnreadableEntry):
            yield store.read(entry_id)


def _ids(paths: Paths, store: HistoryStore, query: Query, limit: int | None) -> list[str]:
    with suppress(OSError):
        return _indexed(paths.index, store, query, limit)
    with tempfile.TemporaryDirectory() as folder:
        return _indexed(Path(folder) / "index.db", store, query, limit)


def _indexed(path: Path, store: HistoryStore, query: Query, limit: int | None) -> list[str]:
    with closing(HistoryIndex(path)) as index:
        index.follow(store)
        return [row.id for row in index.search(query, limit)]
