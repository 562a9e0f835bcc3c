"""What entries are believed to have cost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
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


class SpendingToday:
    """Adds up what today has cost; only entries whose files changed are read again."""

    def __init__(self, store: HistoryStore) -> None:
        self._store = store
        self._read: dict[tuple[str, str], tuple[Stamp, Entry]] = {}

    def ask(self, now: datetime) -> Spending:
        """What the entries of today, in the zone of `now`, may have cost. Touches the disk."""
        entries = self._entries(now)
        spent = spent_today((e for e in entries if e.status not in UNFINISHED), now)
        under_way = (_price(e) for e in entries if e.status in UNFINISHED and _is_of_today(e, now))
        return replace(spent, under_way_usd=sum(price for price in under_way if price))

    def charges(self, now: datetime) -> dict[str, float | None]:
        """The same apart, by the entries' ids; None where the price is unknown."""
        return {entry.id: _price(entry) for entry in _charged(self._entries(now), now)}

    def _entries(self, now: datetime) -> list[Entry]:
        read: dict[tuple[str, str], tuple[Stamp, Entry]] = {}
        for folder in _folders(now):
            with suppress(OSError):
                for name, stamp in self._store.stamps(folder).items():
                    known = self._read.get((folder, name))
                    if known is not None and known[0] == stamp:
                        read[folder, name] = known
                        continue
                    with suppress(OSError, UnreadableEntry):
                        read[folder, name] = stamp, self._store.read_file(folder, name)
        self._read = read
        return [entry for _, entry in read.values()]


def spent_today(entries: Iterable[Entry], now: datetime) -> Spending:
    """What the entries of today, in the zone of `now`, may have cost."""
    prices = [_price(entry) for entry in _charged(entries, now)]
    known = sum(price for price in prices if price is not None)
    return Spending(known, None in prices)


def _charged(entries: Iterable[Entry], now: datetime) -> Iterator[Entry]:
    """Those of today that were or may have been charged."""
    for entry in entries:
        if entry.may_cost and _is_of_today(entry, now):
            yield entry


def _is_of_today(entry: Entry, now: datetime) -> bool:
    return entry.created.astimezone(now.tzinfo).date() == now.date()


def _price(entry: Entry) -> float | None:
    return entry.cost.estimate_usd if entry.cost else None


def _folders(now: datetime) -> list[str]:
    """The folders, which are those of days in UTC, that today's entries lie in."""
    begins = datetime.combine(now.date(), time.min, now.tzinfo).astimezone(UTC).date()
    days = [begins, begins + timedelta(days=1)]
    return [_folder(day) for day in days]


def _folder(day: date) -> str:
    return f"{day:%Y/%m/%d}"
