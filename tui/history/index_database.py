"""The database of the index: its tables, and a connection that outlives what befalls its file."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from tui.files import FILE_MODE, make_folder
from tui.history.query_sql import FUNCTIONS

VERSION = 5
_BUSY_SECONDS = 10.0
_CACHE_KIB = 1024
"""What a connection keeps of the file in memory: half as much as by default. The system has it too,
and a history of a hundred thousand is searched as quickly."""
_STEPS_BETWEEN_QUESTIONS = 5000
# SQLITE_ERROR is a table that is not as ours, a short read a file that was cut.
_BROKEN = ("SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_ERROR", "SQLITE_IOERR_SHORT_READ")
_SCHEMA = (
    # What is looked through where nothing else helps, and so as short as can be.
    """CREATE TABLE entries (
        key INTEGER PRIMARY KEY, status TEXT NOT NULL, starred INTEGER NOT NULL,
        rating INTEGER NOT NULL, endpoint_folded TEXT NOT NULL, model_folded TEXT NOT NULL,
        created INTEGER NOT NULL, images INTEGER NOT NULL, error_kind TEXT NOT NULL,
        parent TEXT NOT NULL, tags TEXT NOT NULL, note INTEGER NOT NULL,
        reference_count INTEGER NOT NULL, seed INTEGER, cost REAL, width INTEGER, height INTEGER,
        may_cost INTEGER NOT NULL, seconds REAL
    )""",
    # What else a row shows.
    """CREATE TABLE shown (
        key INTEGER PRIMARY KEY, id TEXT NOT NULL, endpoint TEXT NOT NULL, model TEXT NOT NULL,
        head TEXT NOT NULL
    )""",
    "CREATE TABLE texts (key INTEGER PRIMARY KEY, folded TEXT NOT NULL)",
    # What endpoints know of entries. Traces that an entry has no longer stay: its file decides.
    """CREATE TABLE traces (
        trace INTEGER NOT NULL, key INTEGER NOT NULL, PRIMARY KEY (trace, key)
    ) WITHOUT ROWID""",
    "CREATE INDEX by_parent ON entries (parent) WHERE parent <> ''",
    "CREATE INDEX by_seed ON entries (seed)",
    """CREATE TABLE files (
        day TEXT NOT NULL, name TEXT NOT NULL, changed INTEGER NOT NULL, size INTEGER NOT NULL,
        number INTEGER NOT NULL, key INTEGER, problem TEXT NOT NULL, PRIMARY KEY (day, name)
    ) WITHOUT ROWID""",
    "CREATE INDEX by_problem ON files (problem) WHERE problem <> ''",
    # Kept in step by who writes texts: a trigger would have each row written out by itself.
    """CREATE VIRTUAL TABLE words USING fts5 (
        folded, content = 'texts', content_rowid = 'key', tokenize = 'trigram case_sensitive 1'
    )""",
    "CREATE TABLE grams (gram TEXT PRIMARY KEY, texts INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE INDEX by_end ON grams (substr(gram, 2))",
    # The history folder that the index has come to be equal to; none while it has not.
    "CREATE TABLE followed (folder TEXT NOT NULL)",
)
Result = TypeVar("Result")


class QueryStopped(Exception):
    """A query was left unfinished, as its caller wished."""


class Connection:
    """A connection that is opened when it is needed, and used by one thread at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._database: sqlite3.Connection | None = None
        self._number = 0

    def use(
        self,
        action: Callable[[sqlite3.Connection], Result],
        stopped: Callable[[], bool] | None = None,
    ) -> Result:
        """What `action` gives. A broken index is made anew, empty, and `action` done again.

        `stopped` is asked now and then whether to leave it; QueryStopped is raised then. Raises
        OSError where the cache folder cannot be used.
        """
        with self._lock:
            if stopped is not None and stopped():
                raise QueryStopped
            try:
                return self._done(action, stopped)
            except sqlite3.Error as error:
                if _is_interrupt(error):
                    raise QueryStopped from None
                self._close()
                if not _name(error).startswith(_BROKEN):
                    raise OSError(f"the index of history cannot be used: {error}") from error
                # All that was in it lies in the files too.
                _discard(self._path)
            try:
                return self._done(action, stopped)
            except sqlite3.Error as error:
                if _is_interrupt(error):
                    raise QueryStopped from None
                self._close()
                raise OSError(f"the index of history cannot be used: {error}") from error

    def close(self) -> None:
        """Let go of the database; the next use opens it again."""
        with self._lock:
            self._close()

    def _done(
        self, action: Callable[[sqlite3.Connection], Result], stopped: Callable[[], bool] | None
    ) -> Result:
        database = self._open()
        if stopped is None:
            return action(database)
        database.set_progress_handler(stopped, _STEPS_BETWEEN_QUESTIONS)
        try:
            return action(database)
        finally:
            database.set_progress_handler(None, 0)

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
    database.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
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


def _name(error: sqlite3.Error) -> str:
    # Errors that the sqlite3 module raises by itself have none.
    return getattr(error, "sqlite_errorname", None) or ""


def _is_interrupt(error: sqlite3.Error) -> bool:
    return _name(error) == "SQLITE_INTERRUPT"
