"""Entries under the headings of their days, as lines of a list that may be long.

Only the keys are needed: they tell when an entry was made.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime, time

from msgspec import Struct

from tui.history.entry_keys import first_key, moment_of
from tui.history.wording import day

UNDATED = "Some other time"


class Line(Struct, frozen=True):
    """What a line shows: a heading, or part number `part` of entry number `index`."""

    heading: str = ""
    index: int = -1
    part: int = 0


class DayLines:
    """The lines of entries, newest first: a heading for each day, and `height` lines an entry."""

    def __init__(self, keys: Sequence[int], now: datetime, height: int) -> None:
        self._height = height
        self._entries = len(keys)
        self._headings: list[str] = []
        self._firsts: list[int] = []
        """Index of the first entry of each day."""
        index = 0
        while index < len(keys):
            moment = moment_of(keys[index])
            self._firsts.append(index)
            if moment is None:
                # They come after all the others, in no order.
                self._headings.append(UNDATED)
                break
            self._headings.append(day(moment, now))
            # Another machine's clock may be ahead; what it made is called of today.
            date = min(moment.astimezone(now.tzinfo).date(), now.date())
            begins = datetime.combine(date, time.min, now.tzinfo)
            index = _count_from(keys, first_key(begins), index)
        self._tops = [first * height + number for number, first in enumerate(self._firsts)]

    def __len__(self) -> int:
        return self._entries * self._height + len(self._headings)

    def __getitem__(self, number: int) -> Line:
        group = bisect_right(self._tops, number) - 1
        within = number - self._tops[group]
        if within == 0:
            return Line(heading=self._headings[group])
        index, part = divmod(within - 1, self._height)
        return Line(index=self._firsts[group] + index, part=part)

    def top_of(self, index: int) -> int:
        """The line at which entry number `index` begins, or its heading where that is above it."""
        group = bisect_right(self._firsts, index) - 1
        within = index - self._firsts[group]
        return self._tops[group] + (1 + within * self._height if within else 0)

    def end_of(self, index: int) -> int:
        """The line after the last of entry number `index`."""
        group = bisect_right(self._firsts, index) - 1
        return index * self._height + group + 1 + self._height


def _count_from(keys: Sequence[int], bound: int, low: int) -> int:
    """How many of `keys`, which descend, are `bound` or above it; at least `low` are."""
    high = len(keys)
    while low < high:
        middle = (low + high) // 2
        if keys[middle] >= bound:
            low = middle + 1
        else:
            high = middle
    return low
