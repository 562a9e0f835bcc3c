"""The index of history: entries listed and found at the speed of typing.

An SQLite database in the cache folder, made from the entries' files and disposable: one that is
missing, of another version or broken is made anew. The files are the truth; an entry that changed
on the disk is noticed by its file's time, size and number.
"""

from __future__ import annotations

import sqlite3
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, repeat
from pathlib import Path
from typing import Any

from tui.history.folding import fold
from tui.history.grams import Grams
from tui.history.index_database import Connection
from tui.history.index_rows import Row
from tui.history.index_update import Progress, Update
from tui.history.query import Query
from tui.history.query_sql import selection
from tui.history.statistics import Outcome, Outcomes
from tui.history.store import HistoryStore
from tui.history.traces import Wanted

_PAGE = 500
MOST_TRACED = 50
"""Entries that are given for one trace, at most."""
_SHOWN = ("id", "endpoint", "model", "head")
_COLUMNS = ", ".join(f"{'s' if name in _SHOWN else 'e'}.{name}" for name in Row.__struct_fields__)
_COUNTED = ", ".join(
    f"{'s' if name in _SHOWN else 'e'}.{name}" for name in Outcome.__struct_fields__
)
_SLICE = 8192
"""Characters that are taken apart at a time."""


class HistoryIndex:
    """Reads and follows the index. Every call touches the disk, and belongs into a thread.

    Each raises OSError where the cache folder cannot be used; nothing else is lost then.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._reader = Connection(path)
        self._writer = Connection(path)
        self._seen: tuple[sqlite3.Connection | None, int] = (None, 0)

    def search(self, query: Query, limit: int | None = None) -> list[Row]:
        """The entries that `query` looks for, newest first, `limit` at most."""

        def found(database: sqlite3.Connection) -> list[Row]:
            wanted = selection(query, Grams(database), _COLUMNS)
            statement = f"SELECT {_COLUMNS} {wanted.source} ORDER BY {wanted.key} DESC LIMIT ?"
            values = [*wanted.values, -1 if limit is None else limit]
            return [_row(row) for row in database.execute(statement, values)]

        return self._reader.use(found)

    def keys(self, query: Query, stopped: Callable[[], bool] | None = None) -> array[int]:
        """The keys of all entries that `query` looks for, newest first.

        This may take a tenth of a second where there are many, `search` for the first of them a
        few milliseconds. `stopped` is asked meanwhile; QueryStopped is raised when it is true.
        """

        def found(database: sqlite3.Connection) -> array[int]:
            wanted = selection(query, Grams(database))
            # As one text: row by row, each would have to wait for the interpreter.
            statement = (
                f"SELECT group_concat(key) FROM"  # noqa: S608
                f" (SELECT {wanted.key} AS key {wanted.source} ORDER BY {wanted.key} DESC)"
            )
            text = database.execute(statement, wanted.values).fetchone()[0]
            return array("q", _numbers(text or ""))

        return self._reader.use(found, stopped)

    def pictures(self, query: Query, stopped: Callable[[], bool] | None = None) -> array[int]:
        """The keys of all entries that `query` looks for, newest first, once for each picture.

        `stopped` is as for `keys`.
        """

        def found(database: sqlite3.Connection) -> array[int]:
            wanted = selection(query, Grams(database), "e.images")
            statement = (
                f"SELECT group_concat(key), group_concat(images) FROM"  # noqa: S608
                f" (SELECT {wanted.key} AS key, e.images AS images {wanted.source}"
                f" ORDER BY {wanted.key} DESC)"
            )
            keys, counts = database.execute(statement, wanted.values).fetchone()
            return _repeated(keys, counts) if keys else array("q")

        return self._reader.use(found, stopped)

    def rows(self, keys: Iterable[int]) -> dict[int, Row]:
        """The rows of `keys`, of those that there still are."""
        wanted = list(keys)
        return self._reader.use(lambda database: dict(_rows(database, wanted)))

    def count(self, query: Query, stopped: Callable[[], bool] | None = None) -> int:
        """How many entries `query` looks for; `stopped` is as for `keys`."""

        def counted(database: sqlite3.Connection) -> int:
            wanted = selection(query, Grams(database))
            statement = f"SELECT count(*) {wanted.source}"
            return int(database.execute(statement, wanted.values).fetchone()[0])

        return self._reader.use(counted, stopped)

    def outcomes(self, query: Query, stopped: Callable[[], bool] | None = None) -> Outcomes:
        """What counts of the entries that `query` looks for, in no order; `stopped` is as for
        `keys`."""

        def found(database: sqlite3.Connection) -> Outcomes:
            wanted = selection(query, Grams(database), _COUNTED)
            statement = f"SELECT {_COUNTED} {wanted.source}"
            return Outcomes(database.execute(statement, wanted.values))

        return self._reader.use(found, stopped)

    def children(self, entry_id: str) -> list[str]:
        """The ids of the entries that were made from this one, oldest first."""
        statement = (
            "SELECT s.id FROM entries e JOIN shown s ON s.key = e.key"
            " WHERE e.parent = ? AND e.parent <> '' ORDER BY e.key"
        )
        return self._reader.use(lambda db: [id for (id,) in db.execute(statement, [entry_id])])

    def traced(self, wanted: Iterable[Wanted]) -> dict[Wanted, list[str]]:
        """The ids of the entries that may have left these traces, newest first.

        Those are left out whose keys lie outside of what is wanted, and all but the newest
        MOST_TRACED.
        """
        statement = (
            "SELECT s.id FROM traces t JOIN shown s ON s.key = t.key"
            " WHERE t.trace = ? AND t.key BETWEEN ? AND ? ORDER BY t.key DESC LIMIT ?"
        )

        def found(database: sqlite3.Connection) -> dict[Wanted, list[str]]:
            return {
                each: [
                    id
                    for (id,) in database.execute(
                        statement, [each.trace, each.first, each.last, MOST_TRACED]
                    )
                ]
                for each in wanted
            }

        return self._reader.use(found)

    def last_seconds(self, endpoint: str, model: str, limit: int) -> list[float]:
        """From sending to the answer, in seconds, of the newest `limit` requests that went well."""
        statement = (
            "SELECT seconds FROM entries WHERE model_folded = ? AND endpoint_folded = ?"
            " AND status = 'done' AND seconds IS NOT NULL ORDER BY key DESC LIMIT ?"
        )
        values = [fold(model), fold(endpoint), limit]
        return [s for (s,) in self._reader.use(lambda db: db.execute(statement, values).fetchall())]

    def unreadable(self) -> dict[str, str]:
        """The files that hold no entry, by their place in the history folder, and why."""
        # Named, or SQLite would look through the files of all entries at each search.
        statement = (
            "SELECT day, name, problem FROM files INDEXED BY by_problem"
            " WHERE problem <> '' ORDER BY day, name"
        )
        return self._reader.use(
            lambda database: {
                f"{day}/{name}": problem for day, name, problem in database.execute(statement)
            }
        )

    def is_whole(self) -> bool:
        """Whether it has once been equal to the files, and was not made anew since."""
        statement = "SELECT EXISTS (SELECT 1 FROM followed)"
        return self._writer.use(lambda database: bool(database.execute(statement).fetchone()[0]))

    def follow(
        self,
        store: HistoryStore,
        told: Callable[[Progress], object] = lambda _: None,
        stopped: Callable[[], bool] = lambda: False,
        urgent: Callable[[], Iterable[str]] = tuple,
    ) -> Progress:
        """Read what changed on the disk since the last time, newest days first.

        `told` hears of each batch that searches find from then on; `stopped` is asked between
        files whether to leave the rest for another time, `urgent` between days which folders, or
        files, to look at before all others.
        """

        def followed(database: sqlite3.Connection) -> Progress:
            progress = Update(database, store, told, stopped, urgent).of_all()
            self._is_changed_by_others(database)
            return progress

        return self._writer.use(followed)

    def follow_places(
        self,
        store: HistoryStore,
        places: Iterable[str],
        told: Callable[[Progress], object] = lambda _: None,
        stopped: Callable[[], bool] = lambda: False,
    ) -> Progress:
        """The same for some folders, or some files in them, only.

        `told` hears as well that another program, which follows the same files, has changed the
        index since the last time: what it has read is not read again here.
        """
        wanted = list(places)

        def followed(database: sqlite3.Connection) -> Progress:
            progress = Update(database, store, told, stopped).of_places(wanted)
            if self._is_changed_by_others(database):
                told(progress)
            return progress

        return self._writer.use(followed)

    def close(self) -> None:
        """Let go of the database; the next call opens it again."""
        self._reader.close()
        self._writer.close()

    def _is_changed_by_others(self, database: sqlite3.Connection) -> bool:
        """Whether another program may have changed the index since this was asked last."""
        version = database.execute("PRAGMA data_version").fetchone()[0]
        before, self._seen = self._seen, (database, version)
        return before != self._seen


def _repeated(keys: str, counts: str) -> array[int]:
    """Each of `keys` as often as `counts` says, both with commas between them."""
    pairs = zip(_numbers(keys), _numbers(counts), strict=True)
    return array("q", chain.from_iterable(repeat(key, count) for key, count in pairs))


def _numbers(text: str) -> Iterator[int]:
    """The whole numbers in `text`, with commas between them.

    Taken apart all at once, as texts, they would take ten times the room for a moment.
    """
    start = 0
    while start < len(text):
        end = text.find(",", start + _SLICE)
        end = len(text) if end < 0 else end
        yield from map(int, text[start:end].split(","))
        start = end + 1


def _row(values: Sequence[Any]) -> Row:
    identity, status, starred, *rest = values
    return Row(identity, status, bool(starred), *rest)


def _rows(database: sqlite3.Connection, keys: Sequence[int]) -> Iterator[tuple[int, Row]]:
    for start in range(0, len(keys), _PAGE):
        page = keys[start : start + _PAGE]
        marks = ", ".join("?" * len(page))
        statement = (
            f"SELECT e.key, {_COLUMNS} FROM entries e JOIN shown s ON s.key = e.key"  # noqa: S608
            f" WHERE e.key IN ({marks})"
        )
        for key, *values in database.execute(statement, page):
            yield key, _row(values)
