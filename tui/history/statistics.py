"""What history adds up to: pictures, spend, success and waiting, by day, week or model."""

from __future__ import annotations

import math
import statistics
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime, tzinfo
from functools import cache
from typing import Any, Literal

from msgspec import Struct

from tui.history.entry import Entry, Status
from tui.history.spending import Spending

By = Literal["day", "week", "model"]

_ENDED: frozenset[Status] = frozenset({"done", "partial", "failed", "unknown"})
_QUARTER = 900_000
"""Milliseconds."""
_SLOW = 95
"""Per cent of the requests that are answered within the time told of the slow ones."""


class Outcome(Struct, frozen=True, gc=False):
    """What counts of an entry; there may be a hundred thousand at a time."""

    created: int
    """Milliseconds since 1970."""
    model: str
    status: Status
    images: int
    cost: float | None
    """The estimate in US dollars; None is unknown, which is not zero."""
    may_cost: bool
    """Whether `cost` was or may have been charged."""
    seconds: float | None
    """From sending to the answer; None where none came."""


class Summary(Struct, frozen=True):
    """What some entries add up to."""

    name: str
    """The day as `2026-11-22`, the week as `2026-W47`, or the model."""
    entries: int
    images: int
    done: int
    """Entries all of whose pictures came."""
    ended: int
    """Entries that were sent or failed before; not those that wait, run or were cancelled."""
    known_usd: float
    """The estimates of what was or may have been charged."""
    unknown_prices: int
    """Entries that may have been charged nobody knows how much."""
    median_seconds: float | None
    """Of the answers that came; None where none did."""
    slow_seconds: float | None
    """Within which 95 of 100 answers came."""

    @property
    def success(self) -> float | None:
        """The share of `done` in `ended`; None where none ended."""
        return self.done / self.ended if self.ended else None

    @property
    def spending(self) -> Spending:
        """The spend in words."""
        return Spending(self.known_usd, self.unknown_prices > 0)


def outcome_of(entry: Entry) -> Outcome:
    """What counts of `entry`."""
    return Outcome(
        created=round(entry.created.timestamp() * 1000),
        model=entry.model,
        status=entry.status,
        images=len(entry.images),
        cost=entry.cost.estimate_usd if entry.cost else None,
        may_cost=entry.may_cost,
        seconds=entry.seconds,
    )


def outcomes_of(rows: Iterable[tuple[Any, ...]]) -> list[Outcome]:
    """The outcomes whose fields are in `rows`; texts that are the same are kept once."""
    kept: dict[str, Any] = {}
    return [
        Outcome(created, kept.setdefault(model, model), kept.setdefault(status, status), *rest)
        for created, model, status, *rest in rows
    ]


def summaries(outcomes: Iterable[Outcome], by: By, zone: tzinfo | None = None) -> list[Summary]:
    """`outcomes` by day or week, newest first, or by model, the one with most pictures first.

    Days are those of `zone`, or else of this machine; weeks begin on Monday.
    """
    groups: defaultdict[str, list[Outcome]] = defaultdict(list)
    name = _naming(by, zone)
    for outcome in outcomes:
        groups[name(outcome)].append(outcome)
    found = [summary(name, group) for name, group in groups.items()]
    if by == "model":
        return sorted(found, key=lambda each: (-each.images, -each.entries, each.name))
    return sorted(found, key=lambda each: each.name, reverse=True)


def summary(name: str, outcomes: Iterable[Outcome]) -> Summary:
    """What `outcomes` add up to, under that name."""
    outcomes = list(outcomes)
    prices = [outcome.cost for outcome in outcomes if outcome.may_cost]
    known = [price for price in prices if price is not None and math.isfinite(price)]
    # A clock that was set meanwhile says nothing.
    seconds = sorted(o.seconds for o in outcomes if o.seconds is not None and o.seconds >= 0)
    return Summary(
        name=name,
        entries=len(outcomes),
        images=sum(outcome.images for outcome in outcomes),
        done=sum(outcome.status == "done" for outcome in outcomes),
        ended=sum(outcome.status in _ENDED for outcome in outcomes),
        known_usd=math.fsum(known),
        unknown_prices=len(prices) - len(known),
        median_seconds=statistics.median(seconds) if seconds else None,
        slow_seconds=seconds[-(-_SLOW * len(seconds) // 100) - 1] if seconds else None,
    )


def _naming(by: By, zone: tzinfo | None) -> Callable[[Outcome], str]:
    if by == "model":
        return lambda outcome: outcome.model

    # Zones differ by whole quarters of an hour, and change at them.
    @cache
    def name(quarter: int) -> str:
        then = datetime.fromtimestamp(quarter * _QUARTER / 1000, zone)
        if by == "day":
            return then.date().isoformat()
        year, week, _ = then.isocalendar()
        return f"{year}-W{week:02}"

    return lambda outcome: name(outcome.created // _QUARTER)
