"""What entries are believed to have cost."""

from __future__ import annotations

import math
import time
from array import array
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, tzinfo
from datetime import time as time_of_day
from itertools import chain, repeat
from threading import Lock

from msgspec import Struct
from msgspec.structs import replace

from tui.history.entry import UNFINISHED, Entry, UnreadableEntry
from tui.history.ledger import Ledger
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


class SpendingToday:
    """Adds up what today has cost; only entries whose files changed are read again."""

    def __init__(self, store: HistoryStore, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` gives seconds that only grow."""
        self._store = store
        self._clock = clock
        self._looked = -math.inf
        self._told: deque[str] = deque()
        """Where something has changed since the last time, as `look_at` has it."""
        self._read: dict[str, Ledger[_Charge]] = {}
        """What counts of the files of a folder."""
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
            self._begin(now)
            moment, told = self._clock(), self._taken()
            if moment < self._looked + WHOLE_EVERY:
                self._follow_places(told)
            else:
                self._looked = moment
                self._follow_places(self._read)
            counts = Counter[_Charge]()
            for ledger in self._read.values():
                counts.update(ledger.counts())
        charges = {each: count for each, count in counts.items() if each.day == now.date()}
        spent = _sum({each: n for each, n in charges.items() if not each.is_unfinished})
        under_way = _sum(
            {each: n for each, n in charges.items() if each.is_unfinished}, all_of=True
        )
        return replace(spent, under_way_usd=under_way.known_usd)

    def charges(self, now: datetime) -> dict[str, float | None]:
        """The same apart, by the entries' ids, as it is now; None where the price is unknown.

        Raises OSError where a folder cannot be listed: what is missing then is not unspent.
        """
        found: dict[str, float | None] = {}
        with self._lock:
            self._begin(now)
            # Unless this comes to its end, all is looked at the next time.
            moment, self._looked = self._clock(), -math.inf
            self._taken()
            for folder in self._read:
                for name in self._followed(folder):
                    charge = self._read[folder].charge(name)
                    if charge is not None and charge.day == now.date() and charge.may_cost:
                        found[name.removesuffix(SUFFIX)] = charge.estimate_usd
            self._looked = moment
        return found

    def _begin(self, now: datetime) -> None:
        """Have a ledger for each folder of today, in the zone of `now`."""
        folders = _folders(now)
        if now.tzinfo != self._zone or folders != [*self._read]:
            known = self._read if now.tzinfo == self._zone else {}
            self._read = {each: known.get(each) or Ledger() for each in folders}
            self._zone = now.tzinfo
            self._looked = -math.inf

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
                self._read[folder].remove(name)
            else:
                self._take_in(folder, name, stamp)

    def _follow(self, folder: str) -> None:
        # Not to be seen now is not the same as gone.
        with suppress(OSError):
            for _ in self._followed(folder):
                pass

    def _followed(self, folder: str) -> Iterator[str]:
        """The names of a folder's files, each once it was read where it has changed.

        Raises OSError where it cannot be listed.
        """
        ledger, seen, known = self._read[folder], array("q"), 0
        with suppress(FileNotFoundError, NotADirectoryError):
            for name, stamp in self._store.stamps(folder):
                seen.append(hash(name))
                known += self._take_in(folder, name, stamp)
                yield name
        # Of thousands of files mostly none has gone.
        if len(ledger) > known:
            ledger.keep(set(seen))

    def _take_in(self, folder: str, name: str, stamp: Stamp) -> bool:
        """Read a file, unless it is as it was; whether it holds an entry."""
        ledger = self._read[folder]
        if ledger.stamp(name) == hash(stamp):
            return True
        try:
            entry = self._store.read_file(folder, name)
        except (FileNotFoundError, UnreadableEntry):
            ledger.remove(name)
            return False
        except OSError:
            # As it was, until it can be read again.
            return ledger.stamp(name) is not None
        ledger.put(name, hash(stamp), _charge_of(entry, self._zone))
        return True


def spent_today(entries: Iterable[Entry], now: datetime) -> Spending:
    """What the entries of today, in the zone of `now`, may have cost."""
    charges = (_charge_of(entry, now.tzinfo) for entry in entries)
    return _sum(Counter(charge for charge in charges if charge.day == now.date()))


def _charge_of(entry: Entry, zone: tzinfo | None) -> _Charge:
    return _Charge(
        entry.created.astimezone(zone).date(),
        entry.status in UNFINISHED,
        entry.may_cost,
        entry.cost.estimate_usd if entry.cost else None,
    )


def _sum(counts: Mapping[_Charge, int], *, all_of: bool = False) -> Spending:
    """So many of each added up: of those that were or may have been charged, or of all."""
    prices = {each: n for each, n in counts.items() if all_of or each.may_cost}
    known = (repeat(each.estimate_usd, n) for each, n in prices.items())
    return Spending(
        math.fsum(price for price in chain.from_iterable(known) if price is not None),
        any(each.estimate_usd is None for each in prices),
    )


def _folders(now: datetime) -> list[str]:
    """The folders, which are those of days in UTC, that today's entries lie in."""
    begins = datetime.combine(now.date(), time_of_day.min, now.tzinfo).astimezone(UTC).date()
    days = [begins, begins + timedelta(days=1)]
    return [_folder(day) for day in days]


def _folder(day: date) -> str:
    return f"{day:%Y/%m/%d}"
