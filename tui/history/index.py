"""The index of history: entries listed and found at the speed of typing.

An SQLite database in the cache folder, made from the entries' files and disposable: one that is
missing, of another version or broken is made anew. The files are the truth; an entry that changed
on the disk is noticed by its file's time, size and number.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from msgspec import Struct, structs

from tui.files import FILE_MODE, make_folder
from tui.history.entry import Entry, UnreadableEntry
from tui.history.index_rows import Facts, Row, facts_of, key_of, row_of
from tui.history.query import Query, fold
from tui.history.query_sql import FUNCTIONS, selection
from tui.history.store import HistoryStore, Stamp

VERSION = 2
FIRST_BATCH = 0.1
"""Seconds for which entries are collected before searches find them, at first."""
LONGEST_BATCH = 2.0
"""The same later on: each batch takes a while of its own to be put among the words."""
_BUSY_SECONDS = 10.0
_PAGE = 500
_MANY = 1000
# SQLITE_ERROR is a table that is not as ours.
_BROKEN = frozenset({"SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_ERROR"})
_COLUMNS = ", ".join(f"e.{name}" for name in Row.__struct_fields__)
_SCHEMA = (
    """CREATE TABLE entries (
        key INTEGER PRIMARY KEY, id TEXT NOT NULL, status TEXT NOT NULL, starred INTEGER NOT NULL,
        rating INTEGER NOT NULL, endpoint TEXT NOT NULL, model TEXT NOT NULL,
        created INTEGER NOT NULL, head TEXT NOT NULL, images INTEGER NOT NULL,
        error_kind TEXT NOT NULL, parent TEXT NOT NULL, endpoint_folded TEXT NOT NULL,
        model_folded TEXT NOT NULL, prompt_length INTEGER NOT NULL, tags TEXT NOT NULL,
        note INTEGER NOT NULL, reference_count INTEGER NOT NULL, seed INTEGER, cost REAL,
        width INTEGER, height INTEGER
    )""",
    # Apart, since it is many times as long as all the rest, which is looked through at times.
    "CREATE TABLE texts (key INTEGER PRIMARY KEY, folded TEXT NOT NULL)",
    "CREATE INDEX by_parent ON entries (parent) WHERE parent <> ''",
    "CREATE INDEX by_seed ON entries (seed)",
    """CREATE TABLE files (
        day TEXT NOT NULL, name TEXT NOT NULL, changed INTEGER NOT NULL, size INTEGER NOT NULL,
        number INTEGER NOT NULL, key INTEGER, problem TEXT NOT NULL, PRIMARY KEY (day, name)
    ) WITHOUT ROWID""",
    "CREATE INDEX by_problem ON files (problem) WHERE problem <> ''",
    """CREATE VIRTUAL TABLE words USING fts5 (
        folded, content = 'texts', content_rowid = 'key', tokenize = 'trigram'
    )""",
    """CREATE TRIGGER text_added AFTER INSERT ON texts BEGIN
        INSERT INTO words (rowid, folded) VALUES (new.key, new.folded);
    END""",
    """CREATE TRIGGER text_removed AFTER DELETE ON texts BEGIN
        INSERT INTO words (words, rowid, folded) VALUES ('delete', old.key, old.folded);
    END""",
    """CREATE TRIGGER text_changed AFTER UPDATE ON texts WHEN old.folded <> new.folded BEGIN
        INSERT INTO words (words, rowid, folded) VALUES ('delete', old.key, old.folded);
        INSERT INTO words (rowid, folded) VALUES (new.key, new.folded);
    END""",
)
_STORED = tuple(
    name
    for name in (
        "key", *Row.__struct_fields__, *Facts.__struct_fields__, "endpoint_folded", "model_folded",
    )
    if name != "folded"
)  # fmt: skip
# Not INSERT OR REPLACE, which changes a row without its triggers.
_PUT = (
    f"INSERT INTO entries ({', '.join(_STORED)}) VALUES (:{', :'.join(_STORED)})"  # noqa: S608
    f" ON CONFLICT (key) DO UPDATE SET {', '.join(f'{n} = excluded.{n}' for n in _STORED[1:])}"
)
_PUT_TEXT = (
    "INSERT INTO texts VALUES (:key, :folded)"
    " ON CONFLICT (key) DO UPDATE SET folded = excluded.folded"
)
Result = TypeVar("Result")


class Progress(Struct, frozen=True):
    """How far the index has come in following the files."""

    changed: int = 0
    """Entries that were read, or found to be gone."""
    days: int = 0
    """Folders looked through."""
    is_whole: bool = False
    """Whether the index now says what the files say."""


class HistoryIndex:
    """Reads and follows the index. Every call touches the disk, and belongs into a thread.

    Each raises OSError where the cache folder cannot be used; nothing else is lost then.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._reader = _Connection(path)
        self._writer = _Connection(path)

    def search(self, query: Query, limit: int | None = None) -> list[Row]:
        """The entries that `query` looks for, newest first, `limit` at most."""
        found = selection(query)
        statement = f"SELECT {_COLUMNS} {found.source} ORDER BY {found.key} DESC LIMIT ?"
        values = [*found.values, -1 if limit is None else limit]
        return self._reader.use(
            lambda database: [_row(row) for row in database.execute(statement, values)]
        )

    def keys(self, query: Query) -> array[int]:
        """The keys of all entries that `query` looks for, newest first."""
        found = selection(query)
        statement = f"SELECT {found.key} {found.source} ORDER BY {found.key} DESC"
        return self._reader.use(
            lambda database: array(
                "q", [key for (key,) in database.execute(statement, found.values)]
            )
        )

    def rows(self, keys: Iterable[int]) -> dict[int, Row]:
        """The rows of `keys`, of those that there still are."""
        wanted = list(keys)
        return self._reader.use(lambda database: dict(_rows(database, wanted)))

    def count(self, query: Query) -> int:
        """How many entries `query` looks for."""
        found = selection(query)
        statement = f"SELECT count(*) {found.source}"
        return int(
            self._reader.use(
                lambda database: database.execute(statement, found.values).fetchone()[0]
            )
        )

    def unreadable(self) -> dict[str, str]:
        """The files that hold no entry, by their place in the history folder, and why."""
        statement = "SELECT day, name, problem FROM files WHERE problem <> '' ORDER BY day, name"
        return self._reader.use(
            lambda database: {
                f"{day}/{name}": problem for day, name, problem in database.execute(statement)
            }
        )

    def follow(
        self,
        store: HistoryStore,
        told: Callable[[Progress], None] = lambda _: None,
        stopped: Callable[[], bool] = lambda: False,
    ) -> Progress:
        """Read what changed on the disk since the last time, newest days first.

        `told` hears of each batch that searches find from then on; `stopped` is asked between
        files whether to leave the rest for another time.
        """
        return self._writer.use(lambda database: _Follower(database, store, told, stopped).run())

    def close(self) -> None:
        """Let go of the database; the next call opens it again."""
        self._reader.close()
        self._writer.close()


class _Connection:
    """A connection that is opened when it is needed, and used by one thread at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._database: sqlite3.Connection | None = None
        self._number = 0

    def use(self, action: Callable[[sqlite3.Connection], Result]) -> Result:
        """What `action` gives. A broken index is made anew, empty, and `action` done again."""
        with self._lock:
            try:
                return action(self._open())
            except sqlite3.Error as error:
                self._close()
                if error.sqlite_errorname not in _BROKEN:
                    raise OSError(f"the index of history cannot be used: {error}") from error
                # All that was in it lies in the files too.
                _discard(self._path)
            try:
                return action(self._open())
            except sqlite3.Error as error:
                self._close()
                raise OSError(f"the index of history cannot be used: {error}") from error

    def close(self) -> None:
        with self._lock:
            self._close()

    def _open(self) -> sqlite3.Connection:
        """The database; one that was removed meanwhile, or replaced, is let go of."""
        if self._database is not None and _number(self._path) != self._number:
            self._close()
        if self._database is None:
            self._database = _opened(self._path)
            self._number = _number(self._path)
        return self._database

    def _close(self) -> None:
        if self._database is not None:
            self._database.close()
            self._database = None


class _Follower:
    """One run over the files."""

    def __init__(
        self,
        database: sqlite3.Connection,
        store: HistoryStore,
        told: Callable[[Progress], None],
        stopped: Callable[[], bool],
    ) -> None:
        self._database = database
        self._store = store
        self._told = told
        self._stopped = stopped
        self._changed = 0
        self._days = 0
        self._told_changed = 0
        self._patience = FIRST_BATCH
        self._read_since: dict[int, dict[str, Any]] = {}
        self._committed = time.monotonic()

    def run(self) -> Progress:
        is_whole = True
        try:
            days = self._store.days()
            for day in days:
                if self._stopped():
                    is_whole = False
                    break
                self._follow_day(day)
                self._days += 1
            else:
                self._forget_days(days)
        finally:
            self._commit()
        if self._changed > _MANY:
            # Or SQLite would not know which of its ways is the short one.
            self._database.execute("PRAGMA analysis_limit = 2000")
            self._database.execute("ANALYZE")
        return Progress(self._changed, self._days, is_whole and not self._stopped())

    def _follow_day(self, day: str) -> None:
        try:
            found = self._store.stamps(day)
        except FileNotFoundError:
            found = {}
        except OSError:
            # Not to be seen now is not the same as gone.
            return
        known = self._known(day)
        for name in known.keys() - found.keys():
            self._forget(day, name, known[name][1])
        for name, stamp in found.items():
            if self._stopped():
                return
            before = known.get(name)
            if before is None or before[0] != stamp:
                self._read(day, name, stamp, before[1] if before else None)
            if time.monotonic() - self._committed > self._patience:
                self._commit()
                self._patience = min(2 * self._patience, LONGEST_BATCH)

    def _read(self, day: str, name: str, stamp: Stamp, key: int | None) -> None:
        try:
            entry = self._store.read_file(day, name)
        except FileNotFoundError:
            return
        except (OSError, UnreadableEntry) as error:
            self._forget(day, name, key)
            self._keep_file(day, name, stamp, None, str(error) or type(error).__name__)
            return
        row = _values(entry)
        self._read_since[row["key"]] = row
        self._keep_file(day, name, stamp, row["key"], "")

    def _known(self, day: str) -> dict[str, tuple[Stamp, int | None]]:
        statement = "SELECT name, changed, size, number, key FROM files WHERE day = ?"
        return {
            name: (Stamp(*stamp), key)
            for name, *stamp, key in self._database.execute(statement, [day])
        }

    def _keep_file(self, day: str, name: str, stamp: Stamp, key: int | None, problem: str) -> None:
        self._begin()
        self._changed += 1
        self._database.execute(
            "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?, ?)",
            [day, name, stamp.changed, stamp.size, stamp.number, key, problem],
        )

    def _forget(self, day: str, name: str, key: int | None) -> None:
        self._begin()
        self._changed += 1
        self._database.execute("DELETE FROM files WHERE day = ? AND name = ?", [day, name])
        if key is not None:
            self._read_since.pop(key, None)
            self._database.execute("DELETE FROM entries WHERE key = ?", [key])
            self._database.execute("DELETE FROM texts WHERE key = ?", [key])

    def _forget_days(self, days: Iterable[str]) -> None:
        known = {day for (day,) in self._database.execute("SELECT DISTINCT day FROM files")}
        for day in known - set(days):
            self._follow_day(day)

    def _begin(self) -> None:
        if not self._database.in_transaction:
            self._database.execute("BEGIN IMMEDIATE")

    def _commit(self) -> None:
        if self._read_since:
            self._begin()
            # Upwards: the index of words is written anew for each key below the one before.
            for _, values in sorted(self._read_since.items()):
                self._database.execute(_PUT, values)
                self._database.execute(_PUT_TEXT, values)
            self._read_since.clear()
        if self._database.in_transaction:
            self._database.execute("COMMIT")
        self._committed = time.monotonic()
        if self._changed > self._told_changed:
            self._told_changed = self._changed
            self._told(Progress(self._changed, self._days))


def _opened(path: Path) -> sqlite3.Connection:
    """The database at `path`, made anew where it is missing or of another version."""
    make_folder(path.parent)
    database = _connected(path)
    try:
        version = database.execute("PRAGMA user_version").fetchone()[0]
        if version != VERSION:
            _make(database)
    except BaseException:
        database.close()
        raise
    return database


def _connected(path: Path) -> sqlite3.Connection:
    # Created by us first, so that nobody else ever may read it.
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, FILE_MODE))
    database = sqlite3.connect(
        path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )
    for name, function in FUNCTIONS.items():
        database.create_function(name, 2, function, deterministic=True)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = NORMAL")
    return database


def _make(database: sqlite3.Connection) -> None:
    """Make the tables, unless another process has just done so."""
    database.execute("BEGIN IMMEDIATE")
    if database.execute("PRAGMA user_version").fetchone()[0] != VERSION:
        tables = database.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT NULL"
            " ORDER BY sql LIKE 'CREATE VIRTUAL%' DESC"
        ).fetchall()
        for (name,) in tables:
            database.execute(f'DROP TABLE IF EXISTS "{name}"')
        for statement in _SCHEMA:
            database.execute(statement)
        database.execute(f"PRAGMA user_version = {VERSION}")
    database.execute("COMMIT")


def _discard(path: Path) -> None:
    for end in ("", "-wal", "-shm"):
        with suppress(FileNotFoundError):
            path.with_name(path.name + end).unlink()


def _number(path: Path) -> int:
    """The inode of the file at `path`; 0 where there is none."""
    try:
        return path.stat().st_ino
    except OSError:
        return 0


def _values(entry: Entry) -> dict[str, Any]:
    """What is stored of `entry`, by column."""
    return {
        "key": key_of(entry.id),
        **structs.asdict(row_of(entry)),
        **structs.asdict(facts_of(entry)),
        "endpoint_folded": fold(entry.endpoint),
        "model_folded": fold(entry.model),
    }


def _row(values: Sequence[Any]) -> Row:
    identity, status, starred, *rest = values
    return Row(identity, status, bool(starred), *rest)


def _rows(database: sqlite3.Connection, keys: Sequence[int]) -> Iterator[tuple[int, Row]]:
    for start in range(0, len(keys), _PAGE):
        page = keys[start : start + _PAGE]
        marks = ", ".join("?" * len(page))
        statement = f"SELECT e.key, {_COLUMNS} FROM entries e WHERE e.key IN ({marks})"  # noqa: S608
        for key, *values in database.execute(statement, page):
            yield key, _row(values)
