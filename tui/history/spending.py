"""What entries are believed to have cost."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from threading import Lock

from msgspec import Struct
from msgspec.structs import replace

from tui.history.entry import UNFINISHED, Entry, UnreadableEntry
from tui.history.store import HistoryStore, Stamp
from tui.history.wording import dollars


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
    """What counts of an entry: of a day there may be thousands."""

    id: str
    created: datetime
    is_unfinished: bool
    may_cost: bool
    estimate_usd: float | None


class SpendingToday:
    """Adds up what today has cost; only entries whose files changed are read again."""

    def __init__(self, store: HistoryStore) -> None:
        self._store = store
        self._read: dict[str, dict[str, tuple[Stamp, _Charge]]] = {}
        """By folder and file."""
        self._lock = Lock()

    def ask(self, now: datetime) -> Spending:
        """What the entries of today, in the zone of `now`, may have cost. Touches the disk."""
        charges = [charge for charge in self._charges(now) if _is_of_today(charge, now)]
        under_way = (charge.estimate_usd for charge in charges if charge.is_unfinished)
        spent = _sum(charge for charge in charges if not charge.is_unfinished)
        return replace(spent, under_way_usd=sum(price for price in under_way if price))

    def charges(self, now: datetime) -> dict[str, float | None]:
        """The same apart, by the entries' ids; None where the price is unknown."""
        return {
            charge.id: charge.estimate_usd
            for charge in self._charges(now)
            if charge.may_cost and _is_of_today(charge, now)
        }

    def _charges(self, now: datetime) -> list[_Charge]:
        folders = _folders(now)
        # Both who asks for the sum and who is about to send do, in threads of their own.
        with self._lock:
            self._read = {folder: self._read.get(folder, {}) for folder in folders}
            for folder in folders:
                self._follow(folder)
            return [charge for read in self._read.values() for _, charge in read.values()]

    def _follow(self, folder: str) -> None:
        """Read what has changed. Of thousands of files, none of the others are kept anew."""
        read = self._read[folder]
        gone = dict.fromkeys(read)
        with suppress(OSError):
            for name, stamp in self._store.stamps(folder):
                gone.pop(name, None)
                known = read.get(name)
                if known is None or known[0] != stamp:
                    self._read_charge(folder, name, stamp)
        for name in gone:
            del read[name]

    def _read_charge(self, folder: str, name: str, stamp: Stamp) -> None:
        read = self._read[folder]
        read.pop(name, None)
        with suppress(OSError, UnreadableEntry):
            read[name] = stamp, _charge_of(self._store.read_file(folder, name))


def spent_today(entries: Iterable[Entry], now: datetime) -> Spending:
    """What the entries of today, in the zone of `now`, may have cost."""
    return _sum(charge for charge in map(_charge_of, entries) if _is_of_today(charge, now))


def _charge_of(entry: Entry) -> _Charge:
    return _Charge(
        entry.id,
        entry.created,
        entry.status in UNFINISHED,
        entry.may_cost,
        entry.cost.estimate_usd if entry.cost else None,
    )


def _sum(charges: Iterable[_Charge]) -> Spending:
    """Those that were or may have been charged, added up."""
    prices = [charge.estimate_usd for charge in charges if charge.may_cost]
    known = sum(price for price in prices if price is not None)
    return Spending(known, None in prices)


def _is_of_today(charge: _Charge, now: datetime) -> bool:
    return charge.created.astimezone(now.tzinfo).date() == now.date()


def _folders(now: datetime) -> list[str]:
    """The folders, which are those of days in UTC, that today's entries lie in."""
    begins = datetime.combine(now.date(), time.min, now.tzinfo).astimezone(UTC).date()
    days = [begins, begins + timedelta(days=1)]
    return [_folder(day) for day in days]


def _folder(day: date) -> str:
    return f"{day:%Y/%m/%d}"
