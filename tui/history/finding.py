"""What a query finds, for who does not keep the index open."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import TypeVar

from tui.history.entry import Entry, UnreadableEntry
from tui.history.index import HistoryIndex
from tui.history.query import Query
from tui.history.statistics import Outcomes
from tui.history.store import HistoryStore
from tui.paths import Paths

Answer = TypeVar("Answer")


def find_entries(
    paths: Paths, store: HistoryStore, query: Query, limit: int | None = None
) -> Iterator[Entry]:
    """The entries that `query` looks for, newest first, `limit` at most.

    Brings the index up to date first; where the cache folder cannot be written, one is made for
    the while. Nothing is written where there is no history.
    """
    if not paths.history.is_dir():
        return
    rows = _ask(paths, store, lambda index: index.search(query, limit))
    for row in rows:
        # It may have changed since a moment ago.
        with suppress(OSError, UnreadableEntry):
            yield store.read(row.id)


def find_outcomes(paths: Paths, store: HistoryStore, query: Query) -> Outcomes:
    """What counts of the entries that `query` looks for, in no order; as `find_entries` does."""
    if not paths.history.is_dir():
        return Outcomes()
    return _ask(paths, store, lambda index: index.outcomes(query))


def _ask(paths: Paths, store: HistoryStore, question: Callable[[HistoryIndex], Answer]) -> Answer:
    with suppress(OSError):
        return _asked(paths.index, store, question)
    with tempfile.TemporaryDirectory() as folder:
        return _asked(Path(folder) / "index.db", store, question)


def _asked(path: Path, store: HistoryStore, question: Callable[[HistoryIndex], Answer]) -> Answer:
    with closing(HistoryIndex(path)) as index:
        index.follow(store)
        return question(index)
