"""Entries under the headings of their days, as lines of a list that may be long.

Only the keys are needed: they tell when an entry was made.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime, time
from operator import neg

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
        self._keys = keys
        self._now = now
        self._height = height
        self._firsts: list[int] = []
        """Index of the first entry of each day."""
        index = 0
        while index < len(keys):
            moment = moment_of(keys[index])
            self._firsts.append(index)
            if moment is None:
                # They come after all the others, in no order.
                break
            # Another machine's clock may be ahead; what it made is called of today.
            date = min(moment.astimezone(now.tzinfo).date(), now.date())
            begins = datetime.combine(date, time.min, now.tzinfo)
            index = bisect_right(keys, -first_key(begins), index, key=neg)
        self._tops = [first * height + number for number, first in enumerate(self._firsts)]

    def __len__(self) -> int:
        return len(self._keys) * self._height + len(self._firsts)

    def __getitem__(self, number: int) -> Line:
        group = bisect_right(self._tops, number) - 1
        within = number - self._tops[group]
        if within == 0:
            return Line(heading=self._heading(group))
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

    def _heading(self, group: int) -> str:
        moment = moment_of(self._keys[self._firsts[group]])
        return UNDATED if moment is None else day(moment, self._now)
