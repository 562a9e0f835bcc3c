"""Summaries in words, for the command line and the screen alike."""

from __future__ import annotations

from tui.history.statistics import Summary
from tui.history.wording import dollars

HEADINGS = ("images", "entries", "done", "spend", "median", "95 %")
"""Of the columns that `columns_of` gives."""
TOTAL = "total"
NONE = "–"


def columns_of(row: Summary) -> tuple[str, ...]:
    """What stands beside the name of `row`, under `HEADINGS`."""
    return (
        f"{row.images:,}",
        f"{row.entries:,}",
        share(row.success),
        spend(row),
        duration(row.median_seconds),
        duration(row.slow_seconds),
    )


def spend(row: Summary) -> str:
    """What is known of the spend, and of how many entries it is not: `$1.20 + 2?`."""
    unknown = f"{row.unknown_prices:,}?" if row.unknown_prices else ""
    if unknown and not row.known_usd:
        return unknown
    known = dollars(round(row.known_usd, 4 if row.known_usd < 1 else 2))
    return f"{known} + {unknown}" if unknown else known


def share(part: float | None) -> str:
    """`part`, from 0 to 1, in per cent, which is 100 only where it is all, and 0 where nothing."""
    if part is None:
        return NONE
    percent = round(part * 100)
    if 0 < part < 1:
        percent = min(max(percent, 1), 99)
    return f"{percent} %"


def duration(seconds: float | None) -> str:
    """Seconds with one decimal, or a dash where they are not known."""
    return NONE if seconds is None else f"{seconds:.1f} s"
