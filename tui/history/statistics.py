"""What history adds up to: pictures, spend, success and waiting, by day, week or model."""

from __future__ import annotations

import math
import statistics
from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, tzinfo
from functools import cache
from itertools import chain, repeat
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
    """What counts of an entry."""

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


class Outcomes:
    """The outcomes of up to a hundred thousand entries, in a sixth of the room of a list.

    What is not a time is the same for many of them, and kept once.
    """

    def __init__(self, rows: Iterable[tuple[Any, ...]] = ()) -> None:
        """`rows` have the fields of an Outcome, in their order."""
        self._created = array("q")
        self._seconds = array("d")
        """Not a number where it is None."""
        self._kinds = array("I")
        numbers: dict[tuple[Any, ...], int] = {}
        for created, *kind, seconds in rows:
            self._created.append(created)
            self._seconds.append(math.nan if seconds is None else seconds)
            self._kinds.append(numbers.setdefault(tuple(kind), len(numbers)))
        self._kind = [*numbers]

    def __len__(self) -> int:
        return len(self._created)

    def __iter__(self) -> Iterator[Outcome]:
        for created, kind, seconds in zip(self._created, self._kinds, self._seconds, strict=True):
            fields = (created, *self._kind[kind], None if math.isnan(seconds) else seconds)
            yield Outcome(*fields)


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


def summaries(outcomes: Iterable[Outcome], by: By, zone: tzinfo | None = None) -> list[Summary]:
    """`outcomes` by day or week, newest first, or by model, the one with most pictures first.

    Days are those of `zone`, or else of this machine; weeks begin on Monday.
    """
    sums: defaultdict[str, _Sum] = defaultdict(_Sum)
    name = _naming(by, zone)
    for outcome in outcomes:
        sums[name(outcome)].add(outcome)
    found = [each.summary(name) for name, each in sums.items()]
    if by == "model":
        return sorted(found, key=lambda each: (-each.images, -each.entries, each.name))
    return sorted(found, key=lambda each: each.name, reverse=True)


def summary(name: str, outcomes: Iterable[Outcome]) -> Summary:
    """What `outcomes` add up to, under that name."""
    total = _Sum()
    for outcome in outcomes:
        total.add(outcome)
    return total.summary(name)


class _Sum:
    """What outcomes add up to so far."""

    def __init__(self) -> None:
        self._counts = Counter[tuple[Status, int, float | None, bool]]()
        """How many there are of a status, a number of images, a cost that may be charged or not."""
        self._seconds = array("d")

    def add(self, outcome: Outcome) -> None:
        self._counts[outcome.status, outcome.images, outcome.cost, outcome.may_cost] += 1
        # A clock that was set meanwhile says nothing.
        if outcome.seconds is not None and outcome.seconds >= 0:
            self._seconds.append(outcome.seconds)

    def summary(self, name: str) -> Summary:
        counts = self._counts.items()
        prices = [(cost, n) for (_, _, cost, may_cost), n in counts if may_cost]
        known = [(cost, n) for cost, n in prices if cost is not None and math.isfinite(cost)]
        seconds = sorted(self._seconds)
        return Summary(
            name=name,
            entries=self._counts.total(),
            images=sum(images * n for (_, images, _, _), n in counts),
            done=sum(n for (status, *_), n in counts if status == "done"),
            ended=sum(n for (status, *_), n in counts if status in _ENDED),
            known_usd=math.fsum(chain.from_iterable(repeat(cost, n) for cost, n in known)),
            unknown_prices=sum(n for _, n in prices) - sum(n for _, n in known),
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
