"""What entries are believed to have cost."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta

from msgspec import Struct

from tui.history.entry import Entry, UnreadableEntry
from tui.history.store import HistoryStore, Stamp
from tui.history.wording import dollars


class Spending(Struct, frozen=True):
    """A sum of estimates in US dollars, and whether some price was unknown."""

    known_usd: float = 0.0
    some_unknown: bool = False

    def __str__(self) -> str:
        return dollars(round(self.known_usd, 4)) + (" + ?" if self.some_unknown else "")


class SpendingToday:
    """Adds up what today has cost; only entries whose files changed are read again."""

    def __init__(self, store: HistoryStore) -> None:
        self._store = store
        self._read: dict[tuple[str, str], tuple[Stamp, Entry]] = {}

    def ask(self, now: datetime) -> Spending:
        """What the entries of today, in the zone of `now`, may have cost. Touches the disk."""
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
        return spent_today((entry for _, entry in read.values()), now)


def spent_today(entries: Iterable[Entry], now: datetime) -> Spending:
    """What the entries of today, in the zone of `now`, may have cost."""
    known, some_unknown = 0.0, False
    for entry in entries:
        if entry.created.astimezone(now.tzinfo).date() != now.date() or not entry.may_cost:
            continue
        if entry.cost is None or entry.cost.estimate_usd is None:
            some_unknown = True
        else:
            known += entry.cost.estimate_usd
    return Spending(known, some_unknown)


def _folders(now: datetime) -> list[str]:
    """The folders, which are those of days in UTC, that today's entries lie in."""
    begins = datetime.combine(now.date(), time.min, now.tzinfo).astimezone(UTC).date()
    days = [begins, begins + timedelta(days=1)]
    return [_folder(day) for day in days]


def _folder(day: date) -> str:
    return f"{day:%Y/%m/%d}"
