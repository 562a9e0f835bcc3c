"""History for who shows it: what a query finds, entries read and changed, news of other programs.

Every call touches the disk and belongs into a thread.
"""

from __future__ import annotations

import tempfile
import threading
from array import array
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from tui.history.day_folders import day_of
from tui.history.entry import Entry, UnreadableEntry
from tui.history.entry_keys import key_of
from tui.history.index_rows import Row
from tui.history.spending import Spending, SpendingToday
from tui.history.store import HistoryStore
from tui.history.trash import Trash
from tui.paths import Paths

if TYPE_CHECKING:
    from tui.history.following import HistoryFollower
    from tui.history.index import HistoryIndex
    from tui.history.lineage import Family
    from tui.history.query import Query
    from tui.history.statistics import Outcomes
    from tui.history.traces import Wanted

FIRST_ROWS = 100
"""Shown before it is known how many there are in all."""


RUNS_COUNTED = 20
"""The requests to a model whose seconds say what is usual."""


class Found(Struct, frozen=True):
    """What a query found."""

    text: str
    """The query, as it was typed."""
    keys: array[int]
    """Newest first."""
    rows: dict[int, Row]
    """Those of the first keys."""
    is_whole: bool
    """False where there may be more keys."""
    problems: tuple[str, ...] = ()
    """What is wrong with the query."""
    unreadable: int = 0
    """Files that hold no entry."""


class Counted(Struct, frozen=True):
    """What counts of the entries that a query found."""

    text: str
    """The query, as it was typed."""
    outcomes: Outcomes
    """In no order."""
    problems: tuple[str, ...] = ()
    """What is wrong with the query."""


class HistoryDesk:
    """Opens the index when it is first asked; where the cache folder cannot be used, elsewhere."""

    def __init__(self, paths: Paths, clock: Callable[[], datetime]) -> None:
        """`clock` gives the local time, by which a query's days are reckoned."""
        self.store = HistoryStore(paths)
        self._paths = paths
        self._clock = clock
        self._trash = Trash(paths, self.store)
        self._spending = SpendingToday(self.store)
        self._opening = threading.Lock()
        self._index: HistoryIndex | None = None
        self._follower: HistoryFollower | None = None
        self._is_closed = False
        self._makeshift: tempfile.TemporaryDirectory[str] | None = None

    @property
    def thumbnails(self) -> Path:
        """The folder for small copies of the pictures."""
        return self._paths.thumbnails

    @property
    def previews(self) -> Path:
        """The folder of the pictures that were scaled for panes."""
        return self._paths.previews

    def follow(self, told: Callable[[], object], failed: Callable[[str], object]) -> None:
        """Keep the index equal to the files from now on.

        `told` hears, in a thread, of changes, and `failed`, in a sentence, when that is no longer
        possible.
        """
        from tui.history.following import HistoryFollower

        index = self._opened()
        with self._opening:
            if self._follower is None and not self._is_closed:
                changed = self._spending.look_at
                self._follower = HistoryFollower(
                    index, self.store, lambda _: told(), failed, changed
                )
                self._follower.start()

    def first(self, text: str, limit: int = FIRST_ROWS) -> Found:
        """The newest entries that the query `text` finds: quick, however many there are."""
        query = self._parsed(text)
        rows = self._opened().search(query, limit + 1)
        keyed = {key_of(row.id): row for row in rows}
        keys = array("q", list(keyed)[:limit])
        return Found(text, keys, keyed, len(rows) <= limit, query.problems, self._unreadable())

    def all(self, text: str, stopped: Callable[[], bool]) -> Found:
        """All that the query `text` finds. Raises QueryStopped when `stopped` becomes true."""
        query = self._parsed(text)
        index = self._opened()
        keys = index.keys(query, stopped)
        rows = index.rows(keys[:FIRST_ROWS])
        return Found(text, keys, rows, True, query.problems, self._unreadable())

    def pictures(self, text: str, stopped: Callable[[], bool]) -> array[int]:
        """The keys of all entries that the query `text` finds, newest first, once for each picture.

        Raises QueryStopped when `stopped` becomes true.
        """
        return self._opened().pictures(self._parsed(text), stopped)

    def ids(self, text: str) -> tuple[str, ...]:
        """The ids of all that the query `text` finds, newest first."""
        return tuple(row.id for row in self._opened().search(self._parsed(text)))

    def count(self, text: str) -> int:
        """How many entries the query `text` finds."""
        return self._opened().count(self._parsed(text))

    def outcomes(self, text: str, stopped: Callable[[], bool]) -> Counted:
        """What counts of all that the query `text` finds.

        Raises QueryStopped when `stopped` becomes true, OSError where nothing can be read.
        """
        query = self._parsed(text)
        return Counted(text, self._opened().outcomes(query, stopped), query.problems)

    def _parsed(self, text: str) -> Query:
        # Not for the first frame.
        from tui.history.query import parse_query

        return parse_query(text, self._clock())

    def rows(self, keys: Iterable[int]) -> dict[int, Row]:
        """The rows of `keys`, of those that there still are."""
        return self._opened().rows(keys)

    def read(self, entry_id: str) -> Entry:
        """The entry of that id. Raises FileNotFoundError, OSError or UnreadableEntry."""
        return self.store.read(entry_id)

    def family(self, entry_id: str) -> Family:
        """What an entry was made from, and what was made from it. Raises OSError."""
        from tui.history.lineage import read_family

        def read(other: str) -> Entry | None:
            try:
                return self.store.read(other)
            except (FileNotFoundError, UnreadableEntry):
                return None

        return read_family(entry_id, read, self._opened().children)

    def change(self, entry_id: str, change: Callable[[Entry], Entry]) -> Entry:
        """Change an entry, and give it as it is now. Raises as HistoryStore.change does."""
        entry = self.store.change(entry_id, change)
        self.wrote(entry_id)
        return entry

    def discard(self, entry_id: str) -> Entry:
        """Move an entry and its pictures into the trash. Raises as Trash.discard does."""
        entry = self._trash.discard(entry_id, self._clock().date())
        self.wrote(entry_id)
        return entry

    def restore(self, entry_id: str) -> Entry:
        """Take an entry out of the trash again. Raises as Trash.restore does."""
        entry = self._trash.restore(entry_id)
        self.wrote(entry_id)
        return entry

    def empty_trash(self, days: int, removed: Callable[[Entry], object]) -> int:
        """Remove for good what was thrown away more than `days` days ago; how many entries it was.

        `removed` is called with each that could be read. Raises OSError where something cannot be
        removed.
        """
        return self._trash.empty(self._clock().date() - timedelta(days=days), removed)

    def traced(self, wanted: Iterable[Wanted]) -> dict[Wanted, list[str]]:
        """The ids of the entries that may have left these traces, as HistoryIndex.traced has it."""
        return self._opened().traced(wanted)

    def catch_up(self, ids: Iterable[str] | None = None) -> None:
        """Have the index say what the files say now, whoever wrote them; only those of the days
        of these entries, if any are given.

        Takes about a second for a hundred thousand. Raises OSError.
        """
        index = self._opened()
        if ids is None or not index.is_whole():
            index.follow(self.store)
        else:
            days = {day_of(self.store.entry_place(each)) for each in ids}
            index.follow_places(self.store, days)

    def usual_seconds(self, endpoint: str, model: str) -> float | None:
        """The median of what the last requests to a model took, in seconds; None without any.

        Raises OSError.
        """
        from statistics import median

        found = self._opened().last_seconds(endpoint, model, RUNS_COUNTED)
        return median(found) if found else None

    def charges_today(self, now: datetime) -> dict[str, float | None]:
        """What today's entries may have cost in US dollars, by id; None where it is unknown."""
        return self._spending.charges(now)

    def spent_today(self) -> Spending:
        """What today has cost so far, by all programs on this history."""
        return self._spending.ask(self._clock())

    def wrote(self, entry_id: str) -> None:
        """Say that this program wrote or moved an entry, so that it is found at once."""
        self._spending.look_at([self.store.entry_place(entry_id)])
        if self._follower is not None:
            self._follower.hint(entry_id)

    def close(self) -> None:
        """Stop following, and let go of the index."""
        with self._opening:
            self._is_closed = True
            follower, self._follower = self._follower, None
        # It may need the index until it has stopped.
        if follower is not None:
            follower.stop()
        with self._opening:
            if self._index is not None:
                self._index.close()
            if self._makeshift is not None:
                self._makeshift.cleanup()
                self._makeshift = None

    def _unreadable(self) -> int:
        return len(self._opened().unreadable())

    def _opened(self) -> HistoryIndex:
        # SQLite is not needed for the first frame.
        from tui.history.index import HistoryIndex

        with self._opening:
            if self._index is None:
                index = HistoryIndex(self._paths.index)
                try:
                    index.unreadable()
                except OSError:
                    self._makeshift = tempfile.TemporaryDirectory(prefix="darkroom-")
                    index = HistoryIndex(Path(self._makeshift.name) / "index.db")
                self._index = index
            return self._index
