"""One run over the files of history, after which the index says what they say."""

from __future__ import annotations

import os
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from msgspec import Struct, structs

from tui.history.day_folders import is_day
from tui.history.entry import Entry, UnreadableEntry
from tui.history.entry_keys import key_of
from tui.history.folding import fold
from tui.history.grams import grams_of
from tui.history.index_rows import facts_of, row_of
from tui.history.store import HistoryStore, Stamp
from tui.history.traces import traces_of

FIRST_BATCH = 0.1
"""Seconds for which entries are collected before searches find them, at first."""
LONGEST_BATCH = 2.0
"""The same later on: each batch takes a while of its own to be put among the words."""
_MANY = 1000
_UNREAD = Stamp(0, 0, 0)
"""Of a file that the disk did not give: no file is like this, and so it is looked at again."""
_ENTRIES = (
    "key", "status", "starred", "rating", "endpoint_folded", "model_folded", "created", "images",
    "error_kind", "parent", "tags", "note", "reference_count", "seed", "cost", "width", "height",
    "may_cost", "seconds",
)  # fmt: skip
_SHOWN = ("key", "id", "endpoint", "model", "head")


class Progress(Struct, frozen=True):
    """How far the index has come in following the files."""

    changed: int = 0
    """Entries that were read, or found to be gone."""
    days: int = 0
    """Folders looked through."""
    is_whole: bool = False
    """Whether the index now says what the files say."""
    is_away: bool = False
    """Whether the history folder is missing, as with a disk that is not mounted. What the index
    knows of it is kept."""


class Update:
    """Reads what changed on the disk since the last time.

    `told` hears of each batch that searches find from then on; `stopped` is asked between files
    whether to leave the rest for another time, `urgent` between days which places to look at first.
    """

    def __init__(
        self,
        database: sqlite3.Connection,
        store: HistoryStore,
        told: Callable[[Progress], object] = lambda _: None,
        stopped: Callable[[], bool] = lambda: False,
        urgent: Callable[[], Iterable[str]] = tuple,
    ) -> None:
        self._database = database
        self._store = store
        self._told = told
        self._stopped = stopped
        self._urgent = urgent
        self._changed = 0
        self._days = 0
        self._told_changed = 0
        self._patience = FIRST_BATCH
        self._read_since: dict[int, dict[str, Any]] = {}
        self._committed = time.monotonic()

    def of_all(self) -> Progress:
        """Look through all folders, newest days first."""
        folder = self._folder()
        days = self._store.days()
        if not days and self._is_away(folder):
            return Progress(is_away=True)
        try:
            self._follow_places(days)
            self._follow_places(self._known_days() - set(days))
            is_whole = not self._stopped()
            if is_whole:
                self._keep_folder(folder)
        finally:
            self._commit()
        if self._changed > _MANY:
            # Or SQLite would not know which of its ways is the short one.
            self._database.execute("PRAGMA analysis_limit = 2000")
            self._database.execute("ANALYZE")
        return Progress(self._changed, self._days, is_whole)

    def of_places(self, places: Iterable[str]) -> Progress:
        """Look through some folders, `2026/11/22`, or at files in such, only; some may be gone.

        Where the history folder itself is gone, or another, this is about all.
        """
        folder = self._folder()
        if not folder or self._followed() not in (None, folder):
            return self.of_all()
        try:
            self._follow_places(places)
        finally:
            self._commit()
        return Progress(self._changed, self._days)

    def _is_away(self, folder: str) -> bool:
        """Whether what the index knows lies in another folder than the empty one that is there."""
        if not self._database.execute("SELECT EXISTS (SELECT 1 FROM files)").fetchone()[0]:
            return False
        return not folder or self._followed() not in (None, "", folder)

    def _folder(self) -> str:
        return _identity(os.fspath(self._store.absolute("history")))

    def _followed(self) -> str | None:
        """The folder that the index has been equal to; None where it has not been."""
        row = self._database.execute("SELECT folder FROM followed").fetchone()
        return None if row is None else str(row[0])

    def _follow_places(self, places: Iterable[str]) -> None:
        for place in places:
            if self._stopped():
                return
            if urgent := list(self._urgent()):
                for each in urgent:
                    self._follow_place(each)
                self._commit()
            self._follow_place(place)
            self._days += is_day(place)

    def _follow_place(self, place: str) -> None:
        if is_day(place):
            self._follow_day(place)
        else:
            day, _, name = place.rpartition("/")
            self._follow_file(day, name)

    def _follow_file(self, day: str, name: str) -> None:
        try:
            stamp = self._store.stamp(day, name)
        except OSError:
            return
        before, key = self._kept(day, name)
        if stamp is None and before is not None:
            self._forget(day, name, key)
        elif stamp is not None and stamp != before:
            self._read(day, name, stamp, key)
            self._commit_now_and_then()

    def _follow_day(self, day: str) -> None:
        known, changed = self._known(day), list[tuple[str, Stamp]]()
        # Of thousands of files mostly few have changed: no more than those is kept of what is seen.
        try:
            for name, stamp in self._store.stamps(day):
                if (seen := _hash_of(name, stamp)) in known:
                    known.remove(seen)
                else:
                    changed.append((name, stamp))
        except (FileNotFoundError, NotADirectoryError):
            pass
        except OSError:
            # Not to be seen now is not the same as gone.
            return
        for name in self._gone(day, known, {name for name, _ in changed}) if known else ():
            self._forget(day, name, self._kept(day, name)[1])
        for name, stamp in sorted(changed, reverse=True):
            if self._stopped():
                return
            self._read(day, name, stamp, self._kept(day, name)[1])
            self._commit_now_and_then()

    def _read(self, day: str, name: str, stamp: Stamp, key: int | None) -> None:
        try:
            entry = self._store.read_file(day, name)
        except FileNotFoundError:
            return
        except UnreadableEntry as error:
            self._keep_problem(day, name, stamp, key, error)
            return
        except OSError as error:
            # It may be read the next time, though nothing about the file changes meanwhile.
            if self._kept(day, name)[0] != _UNREAD:
                self._keep_problem(day, name, _UNREAD, key, error)
            return
        row = _values(entry)
        self._read_since[row["key"]] = row
        self._keep_file(day, name, stamp, row["key"], "")

    def _known(self, day: str) -> set[int]:
        """What is known of a day's files, as hashes: there may be ten thousand."""
        return {_hash_of(name, stamp) for name, stamp in self._kept_of(day)}

    def _gone(self, day: str, known: set[int], there: set[str]) -> list[str]:
        """The names of the files that are `known` and no longer there."""
        return [
            name
            for name, stamp in self._kept_of(day)
            if _hash_of(name, stamp) in known and name not in there
        ]

    def _kept_of(self, day: str) -> Iterator[tuple[str, Stamp]]:
        statement = "SELECT name, changed, size, number FROM files WHERE day = ?"
        for name, *stamp in self._database.execute(statement, [day]):
            yield name, Stamp(*stamp)

    def _kept(self, day: str, name: str) -> tuple[Stamp | None, int | None]:
        """What is known of a file: its stamp, and the key of the entry in it."""
        statement = "SELECT changed, size, number, key FROM files WHERE day = ? AND name = ?"
        row = self._database.execute(statement, [day, name]).fetchone()
        return (None, None) if row is None else (Stamp(*row[:3]), row[3])

    def _known_days(self) -> set[str]:
        return {day for (day,) in self._database.execute("SELECT DISTINCT day FROM files")}

    def _keep_file(self, day: str, name: str, stamp: Stamp, key: int | None, problem: str) -> None:
        self._begin()
        self._changed += 1
        self._database.execute(
            "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?, ?)",
            [day, name, stamp.changed, stamp.size, stamp.number, key, problem],
        )

    def _keep_problem(
        self, day: str, name: str, stamp: Stamp, key: int | None, error: Exception
    ) -> None:
        self._forget(day, name, key)
        self._keep_file(day, name, stamp, None, str(error) or type(error).__name__)

    def _keep_folder(self, folder: str) -> None:
        if self._followed() != folder:
            self._begin()
            self._database.execute("DELETE FROM followed")
            self._database.execute("INSERT INTO followed VALUES (?)", [folder])

    def _forget(self, day: str, name: str, key: int | None) -> None:
        self._begin()
        self._changed += 1
        self._database.execute("DELETE FROM files WHERE day = ? AND name = ?", [day, name])
        if key is not None:
            self._read_since.pop(key, None)
            self._forget_words(key)
            for table in ("entries", "shown", "texts"):
                self._database.execute(f"DELETE FROM {table} WHERE key = ?", [key])  # noqa: S608

    def _forget_words(self, key: int) -> None:
        self._database.execute(
            "INSERT INTO words (words, rowid, folded)"
            " SELECT 'delete', key, folded FROM texts WHERE key = ?",
            [key],
        )

    def _begin(self) -> None:
        if not self._database.in_transaction:
            self._database.execute("BEGIN IMMEDIATE")

    def _commit_now_and_then(self) -> None:
        if time.monotonic() - self._committed > self._patience:
            self._commit()
            self._patience = min(2 * self._patience, LONGEST_BATCH)

    def _commit(self) -> None:
        if self._read_since:
            self._begin()
            # Upwards: the index of words is written anew for each key below the one before.
            rows = [row for _, row in sorted(self._read_since.items())]
            self._database.executemany(_put("entries", _ENTRIES), rows)
            self._database.executemany(_put("shown", _SHOWN), rows)
            self._put_texts(rows)
            traces = sorted((trace, row["key"]) for row in rows for trace in row["traces"])
            self._database.executemany("INSERT OR IGNORE INTO traces VALUES (?, ?)", traces)
            self._read_since.clear()
        if self._database.in_transaction:
            self._database.execute("COMMIT")
        self._committed = time.monotonic()
        if self._changed > self._told_changed:
            self._told_changed = self._changed
            self._told(Progress(self._changed, self._days))

    def _put_texts(self, rows: list[dict[str, Any]]) -> None:
        grams: Counter[str] = Counter()
        for row in rows:
            statement = "SELECT folded FROM texts WHERE key = ?"
            before = self._database.execute(statement, [row["key"]]).fetchone()
            if before == (row["folded"],):
                continue
            if before is not None:
                self._forget_words(row["key"])
            self._database.execute(_put("texts", ("key", "folded")), row)
            self._database.execute("INSERT INTO words (rowid, folded) VALUES (:key, :folded)", row)
            grams.update(grams_of(row["folded"]))
            grams[""] += 1
        self._database.executemany(
            "INSERT INTO grams VALUES (?, ?)"
            " ON CONFLICT (gram) DO UPDATE SET texts = texts + excluded.texts",
            sorted(grams.items()),
        )


def _values(entry: Entry) -> dict[str, Any]:
    """What is stored of `entry`, by column."""
    return {
        "key": key_of(entry.id),
        **structs.asdict(row_of(entry)),
        **structs.asdict(facts_of(entry)),
        "endpoint_folded": fold(entry.endpoint),
        "model_folded": fold(entry.model),
        "traces": traces_of(entry),
    }


def _hash_of(name: str, stamp: Stamp) -> int:
    return hash((name, stamp.changed, stamp.size, stamp.number))


def _put(table: str, names: tuple[str, ...]) -> str:
    """A statement that adds a row to `table`, or changes it."""
    values = ", ".join(f":{name}" for name in names)
    changes = ", ".join(f"{name} = excluded.{name}" for name in names[1:])
    return (
        f"INSERT INTO {table} ({', '.join(names)}) VALUES ({values})"  # noqa: S608
        f" ON CONFLICT ({names[0]}) DO UPDATE SET {changes}"
    )


def _identity(folder: str) -> str:
    """By what a folder is known again; empty where there is none."""
    try:
        facts = os.stat(folder)  # noqa: PTH116 - a device and a number are asked for
    except OSError:
        return ""
    return f"{facts.st_dev}:{facts.st_ino}"
