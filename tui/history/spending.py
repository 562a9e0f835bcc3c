"""What entries are believed to have cost."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct

from tui.history.entry import Entry
from tui.history.wording import dollars


class Spending(Struct, frozen=True):
    """A sum of estimates in US dollars, and whether some price was unknown."""

    known_usd: float = 0.0
    some_unknown: bool = False

    def __str__(self) -> str:
        return dollars(round(self.known_usd, 4)) + (" + ?" if self.some_unknown else "")


def spent_today(entries: Iterable[Entry], now: datetime) -> Spending:
    """What the entries of today, in the zone of `now`, may have cost."""
    known, some_unknown = 0.0, False
    for entry in entries:
        if entry.created.astimezone(now.tzinfo).date() != now.date() or not _may_cost(entry):
            continue
        if entry.cost is None or entry.cost.estimate_usd is None:
            some_unknown = True
        else:
            known += entry.cost.estimate_usd
    return Spending(known, some_unknown)


def _may_cost(entry: Entry) -> bool:
    if entry.status in ("queued", "cancelled"):
        return False
    return entry.error is None or entry.error.charged != "no"
