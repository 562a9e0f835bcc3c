"""Lost jobs: sent, and nobody knows what became of them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from tui.history.entry import UNFINISHED, Entry, now
from tui.history.locks import HAS_LOCKS, Locks

if TYPE_CHECKING:
    from tui.api.results import Record

Result = Literal[
    "adopted", "failed", "ambiguous", "nothing", "being_made", "no_listing", "no_answer",
    "not_saved", "busy", "settled", "given_up",
]  # fmt: skip
SETTLED: frozenset[Result] = frozenset({"adopted", "failed", "no_listing", "settled", "given_up"})
"""Results after which looking again by itself is of no use."""
LONGEST = timedelta(hours=1)
"""No generation takes longer: what was made later belongs to another request."""
GIVEN_UP = "given_up"
"""The kind of failure of an entry whose pictures are no longer looked for."""
MAYBE = "It may have been made and charged."


class Look(Struct, frozen=True, gc=False):
    """What a look found: the entry as it is now, and a sentence about it.

    `text` may hold outside text. `candidates` are the records to choose from where it is not
    certain which is meant.
    """

    entry: Entry
    result: Result
    text: str
    candidates: tuple[Record, ...] = ()


class NotARecord(Exception):
    """A record that cannot be adopted; the text says why."""


def is_lost(entry: Entry, locks: Locks) -> bool:
    """Whether nobody waits any more for the answer to what `entry` sent. Touches the disk."""
    if not is_open(entry):
        return False
    if entry.status == "unknown":
        return True
    return not (may_be_running(entry) if not HAS_LOCKS else locks.is_held(entry.id))


def is_open(entry: Entry) -> bool:
    """Whether `entry` was sent and has not ended; a job may be at it still."""
    is_under_way = entry.status == "unknown" or entry.status in UNFINISHED
    return is_under_way and _was_sent(entry)


def is_doubtful(entry: Entry) -> bool:
    """Whether an entry that has ended may have pictures at the endpoint all the same."""
    if not _was_sent(entry):
        return False
    if entry.status == "failed":
        return entry.error is not None and entry.error.charged != "no"
    return entry.status == "partial"


def may_be_running(entry: Entry) -> bool:
    """Whether a job may be alive, as far as its entry tells: no generation takes that long."""
    if entry.status not in UNFINISHED or entry.response is None or entry.response.sent is None:
        return False
    return now() - entry.response.sent < LONGEST


def _was_sent(entry: Entry) -> bool:
    return not entry.read_only and entry.response is not None and entry.response.sent is not None
