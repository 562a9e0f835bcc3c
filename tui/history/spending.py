"""What entries are believed to have cost."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, tzinfo
from datetime import time as time_of_day
from functools import lru_cache
from threading import Lock

from msgspec import Struct
from msgspec.structs import replace

from tui.history.entry import UNFINISHED, Entry, UnreadableEntry
from tui.history.store import SUFFIX, HistoryStore, Stamp
from tui.history.wording import dollars

WHOLE_EVERY = 15.0
"""Seconds after which all of today's files are looked at, whatever was told of them."""


class Spending(Struct, frozen=True):
    """A sum of estimates in US dollars, and whether some price was unknown."""

    known_usd: float = 0.0
    some_unknown: bool = False
    under_way_usd: float = 0.0
    """What waits or runs, and is in neither of the others."""

    def __str__(self) -> str:
        return dollars(round(self.known_usd, 4)) + (" + ?" if self.some_unknown else "")

    @property
    def at_length(self) -> str:
        """With what is under way, apart."""
        if not self.under_way_usd:
            return str(self)
        return f"{self}, {dollars(round(self.under_way_usd, 4))} under way"


class _Charge(Struct, frozen=True, gc=False):
    """What counts of an entry."""

    day: date
    """On which it was made, in the zone in which one asks."""
    is_unfinished: bool
    may_cost: bool
    estimate_usd: float | None


# Of ten thousand entries in a day most are like many others, and are kept once.
_charge = lru_cache(maxsize=256)(_Charge)


class SpendingToday:
    """Adds up what today has cost; only entries whose files changed are read again."""

    def __init__(self, store: HistoryStore, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` gives seconds that only grow."""
        self._store = store
        self._clock = clock
        self._looked = -math.inf
        self._told: deque[str] = deque()
        """Where something has changed since the last time, as `look_at` has it."""
        self._read: dict[str, dict[str, tuple[int, _Charge]]] = {}
        """The hash of the stamp, and what counts, by folder and file."""
        self._zone: tzinfo | None = None
        self._lock = Lock()

    def look_at(self, places: Iterable[str]) -> None:
        """Have files, as HistoryStore.entry_place has them, or days looked at when one asks next.

        Any thread may say so; it takes no time.
        """
        self._told.extend(places)

    def ask(self, now: datetime) -> Spending:
        """What the entries of today, in the zone of `now`, may have cost. Touches the disk.

        What no `look_at` told of may be found some seconds later.
        """
        # Both who asks for the sum and who is about to send do, in threads of their own.
        with self._lock:
            self._look(now, WHOLE_EVERY)
            today = now.date()
            charges = [
                charge
                for read in self._read.values()
                for _, charge in read.values()
                if charge.day == today
            ]
        under_way = (charge.estimate_usd for charge in charges if charge.is_unfinished)
        spent = _sum(charge for charge in charges if not charge.is_unfinished)
        return replace(spent, under_way_usd=sum(price for price in under_way if price))

    def charges(self, now: datetime) -> dict[str, float | None]:
        """The same apart, by the entries' ids, as it is now; None where the price is unknown."""
        with self._lock:
            self._look(now, 0.0)
            today = now.date()
            return {
                name.removesuffix(SUFFIX): charge.estimate_usd
                for read in self._read.values()
                for name, (_, charge) in read.items()
                if charge.day == today and charge.may_cost
            }

    def _look(self, now: datetime, longest: float) -> None:
        """See what has changed of today's; all of it is looked at once in so many seconds."""
        folders = _folders(now)
        if now.tzinfo != self._zone or folders != [*self._read]:
            known = self._read if now.tzinfo == self._zone else {}
            self._read, self._zone = {each: known.get(each, {}) for each in folders}, now.tzinfo
            self._looked = -math.inf
        moment, told = self._clock(), self._taken()
        if moment < self._looked + longest:
            self._follow_places(told)
        else:
            self._looked = moment
            self._follow_places(folders)

    def _taken(self) -> set[str]:
        """What was told until now."""
        places: set[str] = set()
        with suppress(IndexError):
            while True:
                places.add(self._told.popleft())
        return places

    def _follow_places(self, places: Iterable[str]) -> None:
        for place in places:
            day, _, name = place.rpartition("/")
            if place in self._read:
                self._follow(place)
            elif day in self._read:
                self._follow_file(day, name)

    def _follow_file(self, folder: str, name: str) -> None:
        # Not to be seen now is not the same as gone.
        with suppress(OSError):
            if (stamp := self._store.stamp(folder, name)) is None:
                self._read[folder].pop(name, None)
            else:
                self._take_in(folder, name, stamp)

    def _follow(self, folder: str) -> None:
        """Read what has changed. Of thousands of files, none of the others are kept anew."""
        read = self._read[folder]
        gone = dict.fromkeys(read)
        with suppress(OSError):
            for name, stamp in self._store.stamps(folder):
                gone.pop(name, None)
                self._take_in(folder, name, stamp)
        for name in gone:
            del read[name]

    def _take_in(self, folder: str, name: str, stamp: Stamp) -> None:
        """Read a file, unless it is as it was."""
        read = self._read[folder]
        if name in read and read[name][0] == hash(stamp):
            return
        read.pop(name, None)
        with suppress(OSError, UnreadableEntry):
            entry = self._store.read_file(folder, name)
            read[name] = hash(stamp), _charge_of(entry, self._zone)


def spent_today(entries: Iterable[Entry], now: datetime) -> Spending:
    """What the entries of today, in the zone of `now`, may have cost."""
    charges = (_charge_of(entry, now.tzinfo) for entry in entries)
    return _sum(charge for charge in charges if charge.day == now.date())


def _charge_of(entry: Entry, zone: tzinfo | None) -> _Charge:
    return _charge(
        entry.created.astimezone(zone).date(),
        entry.status in UNFINISHED,
        entry.may_cost,
        entry.cost.estimate_usd if entry.cost else None,
    )


def _sum(charges: Iterable[_Charge]) -> Spending:
    """Those that were or may have been charged, added up."""
    prices = [charge.estimate_usd for charge in charges if charge.may_cost]
    known = sum(price for price in prices if price is not None)
    return Spending(known, None in prices)


def _folders(now: datetime) -> list[str]:
    """The folders, which are those of days in UTC, that today's entries lie in."""
    begins = datetime.combine(now.date(), time_of_day.min, now.tzinfo).astimezone(UTC).date()
    days = [begins, begins + timedelta(days=1)]
    return [_folder(day) for day in days]


def _folder(day: date) -> str:
    return f"{day:%Y/%m/%d}"
