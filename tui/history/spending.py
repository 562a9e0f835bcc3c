"""What entries are believed to have cost."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta

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
        self._read: dict[tuple[str, str], tuple[Stamp, _Charge]] = {}

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
        read: dict[tuple[str, str], tuple[Stamp, _Charge]] = {}
        for folder in _folders(now):
            with suppress(OSError):
                for name, stamp in self._store.stamps(folder).items():
                    known = self._read.get((folder, name))
                    if known is not None and known[0] == stamp:
                        read[folder, name] = known
                        continue
                    with suppress(OSError, UnreadableEntry):
                        entry = self._store.read_file(folder, name)
                        read[folder, name] = stamp, _charge_of(entry)
        self._read = read
        return [charge for _, charge in read.values()]


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
