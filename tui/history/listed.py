"""What a list of entries holds: all keys, and of their rows those that are needed.

On a contact sheet, an entry is listed once for each of its pictures, one after the other.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Container, Iterable, Mapping
from operator import neg

from tui.history.entry import UNFINISHED
from tui.history.entry_keys import id_of, key_of
from tui.history.index_rows import Row


class Listed:
    """Keys newest first, rows as far as they came, and the entries that are marked."""

    def __init__(self) -> None:
        self.keys: array[int] = array("q")
        self.is_filtered = False
        """Whether there are entries that are not listed."""
        self._rows: dict[int, Row] = {}
        self._fresh: dict[int, Row] = {}
        """Rows of this program's own doing, which the index may not know yet."""
        self._asked: set[int] = set()
        self._marked: set[int] = set()
        self._last_mark = 0

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of what is listed."""
        return tuple(filter(None, map(self.id_of, self.keys)))

    @property
    def rows(self) -> tuple[Row, ...]:
        """The listed rows that are there already."""
        return tuple(row for key in self.keys if (row := self.row(key)) is not None)

    @property
    def marked(self) -> tuple[str, ...]:
        """The ids of the marked entries that are listed."""
        keys = sorted(filter(self.holds, self._marked), reverse=True)
        return tuple(filter(None, map(self.id_of, keys)))

    def row(self, key: int) -> Row | None:
        """The row of an entry; None while it has not come."""
        return self._fresh.get(key) or self._rows.get(key)

    def id_of(self, key: int) -> str:
        """The id of an entry; empty where only its row would tell, and that has not come."""
        if (found := id_of(key)) is not None:
            return found
        row = self.row(key)
        return row.id if row is not None else ""

    def place(self, key: int) -> int:
        """Where an entry stands in the list, or would stand."""
        return bisect_left(self.keys, -key, key=neg)

    def end(self, key: int) -> int:
        """Where what is listed after an entry begins."""
        return bisect_right(self.keys, -key, key=neg)

    def index(self, key: int) -> int | None:
        """Where an entry stands in the list; None where it is not listed."""
        place = self.place(key)
        return place if place < len(self.keys) and self.keys[place] == key else None

    def holds(self, key: int) -> bool:
        """Whether an entry is listed."""
        return self.index(key) is not None

    def show(
        self,
        keys: array[int],
        rows: Mapping[int, Row],
        *,
        is_filtered: bool,
        under_way: Container[str],
    ) -> None:
        """List what was found; rows of jobs `under_way`, by id, are newer than those found."""
        self.keys, self.is_filtered = keys, is_filtered
        self._asked.clear()
        self._fresh = {
            key: row
            for key, row in self._fresh.items()
            if row.status in UNFINISHED or row.id in under_way or not self.holds(key)
        }
        if not is_filtered:
            for key in self._fresh:
                self._insert(key)
        self._rows |= rows

    def put(self, row: Row) -> None:
        """Have `row`, which is newer than what was found; a new one is listed, unless filtered."""
        key = key_of(row.id)
        self._fresh[key] = row
        if not self.is_filtered:
            self._insert(key)

    def drop(self, ids: Iterable[str]) -> None:
        """List these entries no longer."""
        for key in map(key_of, ids):
            self._marked.discard(key)
            self._fresh.pop(key, None)
            self._rows.pop(key, None)
            self.keys = self.keys[: self.place(key)] + self.keys[self.end(key) :]

    def put_rows(self, rows: Mapping[int, Row]) -> None:
        """Have rows that were lacking."""
        self._rows |= rows
        self._asked.difference_update(rows)

    def lacks(self, first: int, end: int) -> bool:
        """Whether rows of these indices are neither there nor asked for."""
        return any(map(self._is_lacking, self.keys[first:end]))

    def ask(self, first: int, end: int) -> tuple[int, ...]:
        """The keys of the rows lacking between these indices, which are asked for from now on."""
        wanted = tuple(dict.fromkeys(filter(self._is_lacking, self.keys[first:end])))
        self._asked |= set(wanted)
        return wanted

    def let_go(self, first: int, end: int) -> None:
        """Keep only the rows between these indices, where there are more than twice as many."""
        if len(self._rows) > 2 * (end - first):
            near = self.keys[first:end]
            self._rows = {key: self._rows[key] for key in near if key in self._rows}

    def is_marked(self, key: int) -> bool:
        """Whether an entry is marked."""
        return key in self._marked

    def turn_mark(self, index: int) -> None:
        """Mark an entry, or take its mark away."""
        self._last_mark = self.keys[index]
        self._marked ^= {self._last_mark}

    def mark_to(self, index: int) -> None:
        """Mark all from the last mark to this one."""
        last = self.index(self._last_mark)
        first, end = sorted((index if last is None else last, index))
        self._marked |= set(self.keys[first : end + 1])
        self._last_mark = self.keys[index]

    @property
    def marks(self) -> frozenset[int]:
        """The keys of all marked entries, listed or not."""
        return frozenset(self._marked)

    def mark_only(self, keys: Iterable[int]) -> None:
        """Have these entries marked, and no others."""
        self._marked = set(keys)

    def unmark(self) -> bool:
        """Take all marks away; whether there were any."""
        had_any = bool(self._marked)
        self._marked.clear()
        return had_any

    def _insert(self, key: int) -> None:
        place = self.place(key)
        if place == len(self.keys) or self.keys[place] != key:
            # Not in place: who found the keys may still have them.
            self.keys = self.keys[:place] + array("q", [key]) + self.keys[place:]

    def _is_lacking(self, key: int) -> bool:
        return key not in self._rows and key not in self._fresh and key not in self._asked
