"""Entries in words, for the sidebar, the caption and the command line alike."""

from __future__ import annotations

from datetime import datetime

from tui.history.entry import Charged, Entry, EntryImage, Failure, Status
from tui.history.index_rows import Row
from tui.text import one_line

MARKS: dict[Status, str] = {
    "queued": "○",
    "running": "◌",
    "done": "●",
    "partial": "◐",
    "failed": "✕",
    "cancelled": "–",
    "unknown": "?",
}
"""One cell wide, each its own shape, so that colour is never the only difference."""
STAR = "★"

_MONEY: dict[Charged, str] = {
    "no": "Nothing was charged.",
    "maybe": "It may have been charged.",
    "yes": "It was charged.",
}
_OUTCOMES: dict[Status, str] = {
    "queued": "not sent",
    "running": "no answer yet",
    "done": "",
    "partial": "some pictures missing",
    "cancelled": "cancelled",
    "unknown": "outcome unknown",
    "failed": "failed",
}
_REASONS = {
    "auth": "key refused",
    "no_credit": "no credit",
    "forbidden": "not allowed",
    "model_not_found": "no such model",
    "content_filter": "refused by filter",
    "rate_limited": "rate limited",
    "too_large": "too large",
    "not_sent": "not reachable",
    "bad_response": "answer not understood",
    "download": "not downloaded",
    "not_saved": "not saved",
    "invalid_request": "refused as invalid",
}


def mark(entry: Entry | Row) -> str:
    """The one-cell sign of the entry's state; a star outranks success."""
    return STAR if entry.starred and entry.status == "done" else MARKS[entry.status]


def outcome(entry: Entry | Row) -> str:
    """How the job ended, in a few words; empty when it went well."""
    if entry.status != "failed":
        return _OUTCOMES[entry.status]
    if isinstance(entry, Row):
        kind = entry.error_kind
    else:
        kind = entry.error.kind if entry.error is not None else ""
    return _REASONS.get(kind, "failed")


def advice(failure: Failure) -> str:
    """Whether a failure may have cost money, and what to do next. Holds outside text."""
    if "charged" in failure.hint:
        return failure.hint
    return f"{_MONEY[failure.charged]} {failure.hint}".strip()


def age(then: datetime, now: datetime) -> str:
    """Time since `then`, as short as a sidebar wants it: `now`, `12m`, `3h`, `5d`, `2y`."""
    seconds = max(0.0, (now - then).total_seconds())
    for size, unit in ((31_536_000, "y"), (86_400, "d"), (3_600, "h"), (60, "m")):
        if seconds >= size:
            return f"{int(seconds // size)}{unit}"
    return "now"


def day(then: datetime, now: datetime) -> str:
    """The day of `then` in the zone of `now`, as a heading."""
    date = then.astimezone(now.tzinfo).date()
    days = (now.date() - date).days
    if days <= 0:
        return "Today"
    if days == 1:
        return "Yesterday"
    return f"{date:%A}" if days < 7 else f"{date.day} {date:%B %Y}"


def caption(entry: Entry, image: EntryImage, model_name: str) -> str:
    """The text line of a picture: size, model, seed, seconds, cost; what is unknown is left out."""
    parts = [f"{image.width}×{image.height}", one_line(model_name, limit=40)]
    seed = entry.parameters.get("seed") if image.seed is None else image.seed
    if seed is not None:
        parts.append(f"seed {one_line(str(seed), limit=24)}")
    if entry.seconds is not None:
        parts.append(f"{entry.seconds:.1f} s")
    parts.append(dollars(entry.cost.estimate_usd if entry.cost else None))
    return " · ".join(parts)


def dollars(amount: float | None) -> str:
    """An amount of US dollars; `$?` when unknown."""
    if amount is None:
        return "$?"
    text = f"{amount:.4f}".rstrip("0")
    whole, _, fraction = text.partition(".")
    return f"${whole}.{fraction.ljust(2, '0')}"


def file_size(count: int) -> str:
    """A number of bytes for people: `812 B`, `94 kB`, `2.1 MB`."""
    if count < 1000:
        return f"{count} B"
    if count < 999_500:
        return f"{count / 1000:.0f} kB"
    # An entry may hold a number that no float does.
    tenths = (count + 50_000) // 100_000
    return f"{tenths // 10}.{tenths % 10} MB"
