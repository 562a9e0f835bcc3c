"""Bars of what history adds up to: how long, what is written beside them, where they stand."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Literal

from msgspec import Struct

from tui.history.statistics import By, Summary
from tui.history.summary_words import duration, share, spend
from tui.history.wording import dollars

Measure = Literal["images", "spend", "seconds", "success"]

DAYS_PER_WEEK = 7
WIDEST_PITCH = 9
NARROWEST_PITCH = 2
"""Cells from one column to the next where there are more than fit; the rest is beyond the edge."""
_STEPS = (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)
_DAY_STEPS = (1, 2, 7, 14, 28, 56)
_WEEK_STEPS = (1, 2, 4, 8, 13, 26, 52)
_DAY_LABEL, _WEEK_LABEL = 6, 3
"""Cells of the longest label."""


class Bar(Struct, frozen=True):
    """One line of a table as a bar."""

    name: str
    """As in `Summary.name`; of a model it is outside text."""
    value: float | None
    """How long it is, 0 or more; None where it is not known."""
    more: float | None
    """How far its paler part reaches beyond `value`; None where there is none."""
    words: str
    is_doubtful: bool
    """Whether the value is more by what is not known."""

    @property
    def reach(self) -> float:
        """How far all of it reaches."""
        return max(self.value or 0.0, self.more or 0.0)


def bar_of(row: Summary, measure: Measure) -> Bar:
    """What `measure` is in `row`."""
    match measure:
        case "images":
            return Bar(row.name, float(row.images), None, f"{row.images:,}", is_doubtful=False)
        case "spend":
            is_doubtful = row.unknown_prices > 0
            value = None if is_doubtful and not row.known_usd else row.known_usd
            return Bar(row.name, value, None, spend(row), is_doubtful)
        case "seconds":
            middle, slow = row.median_seconds, row.slow_seconds
            words = duration(middle)
            if slow is not None:
                words += f" / {duration(slow)}"
            return Bar(row.name, middle, slow, words, is_doubtful=False)
        case "success":
            return Bar(row.name, row.success, None, share(row.success), is_doubtful=False)


def top_of(bars: Iterable[Bar], measure: Measure) -> float:
    """A round number that no bar goes beyond; more than 0."""
    if measure == "success":
        return 1.0
    most = max((bar.reach for bar in bars), default=0.0)
    if measure == "images":
        most = max(1.0, most)
    if not 0 < most < math.inf:
        return 1.0
    unit = 10.0 ** math.floor(math.log10(most))
    # Beyond the largest number there is, or where rounding left it too small.
    return next((step * unit for step in _STEPS if most <= step * unit < math.inf), most)


def scale_words(value: float, measure: Measure) -> str:
    """A number of the scale, short."""
    if measure == "success":
        return share(value)
    if value >= 1_000_000:
        number = f"{value:.0e}".replace("e+0", "e").replace("e+", "e")
    elif value >= 10_000:
        number = f"{value / 1000:g}k"
    else:
        number = f"{value:,g}"
    if measure == "spend":
        return dollars(value) if value < 10 else f"${number}"
    return f"{number} s" if measure == "seconds" else number


def place_of(name: str, by: By) -> int:
    """Where a day or a week stands in the calendar: one more than the one before it."""
    if by == "week":
        year, week = name.split("-W")
        return date.fromisocalendar(int(year), int(week), 1).toordinal() // DAYS_PER_WEEK
    return date.fromisoformat(name).toordinal()


def place_label(place: int, by: By) -> str:
    """A day or a week as it is written beneath its column."""
    if by == "week":
        return f"W{date.fromordinal(place * DAYS_PER_WEEK + 1).isocalendar().week:02}"
    day = date.fromordinal(place)
    return f"{day.day} {day:%b}"


class Columns(Struct, frozen=True):
    """Which days or weeks stand side by side, and how wide."""

    first: int
    """The place at the left edge."""
    last: int
    """The place at the right edge, or of the newest."""
    pitch: int
    """Cells from one column to the next."""

    @property
    def width(self) -> int:
        """Cells of a column; the rest of `pitch` keeps them apart."""
        return self.pitch - 1

    def start(self, place: int) -> int:
        """The first cell of a column."""
        return (place - self.first) * self.pitch

    def place_at(self, cell: int) -> int:
        """The column that a cell belongs to."""
        return self.first + cell // self.pitch

    def labelled(self, by: By) -> Iterable[int]:
        """The columns that have a label, as many as have room."""
        steps, cells = (_WEEK_STEPS, _WEEK_LABEL) if by == "week" else (_DAY_STEPS, _DAY_LABEL)
        step = next((step for step in steps if step * self.pitch > cells + 1), steps[-1])
        # Mondays, where it is not every day.
        anchor = 1 if by == "day" and step >= DAYS_PER_WEEK else self.last
        start = self.first + (anchor - self.first) % step
        return range(start, self.last + 1, step)


def columns_for(places: Sequence[int], cursor: int, edge: int, width: int) -> Columns:
    """Columns for `places`, oldest last, in `width` cells.

    Where they do not all fit, `edge` is the place that was at the right edge before; it moves as
    little as it has to for `cursor` to be seen.
    """
    newest, oldest = places[0], places[-1]
    pitch = min(WIDEST_PITCH, (width + 1) // (newest - oldest + 1))
    if pitch >= NARROWEST_PITCH:
        return Columns(oldest, newest, pitch)
    count = max(1, (width + 1) // NARROWEST_PITCH)
    last = max(cursor, min(edge, newest, cursor + count - 1), oldest + count - 1)
    return Columns(last - count + 1, last, NARROWEST_PITCH)
