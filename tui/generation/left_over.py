"""What earlier runs of the program left: jobs that wait, and jobs that are lost."""

from __future__ import annotations

import time
from datetime import datetime

from msgspec import Struct

from tui.generation.lost import is_lost
from tui.history.desk import HistoryDesk
from tui.history.entry import Entry, UnreadableEntry, now
from tui.history.unended import UNENDED

NEWEST = 200
"""Entries that are looked at whatever the index says: it may not know the last ones."""
_QUERY = " | ".join(f"status:{status}" for status in UNENDED)


class LeftOver(Struct, frozen=True):
    """Entries of earlier runs that have not ended, oldest first."""

    queued: tuple[Entry, ...] = ()
    """Those that wait to be sent."""
    lost: tuple[Entry, ...] = ()
    """Those that were sent, with nobody waiting for the answer any more."""


def left_over(desk: HistoryDesk, before: datetime) -> LeftOver:
    """What was made before that moment and has not ended.

    Touches the disk. Where the index cannot be asked, only the newest entries are looked at.
    Raises OSError where history cannot be read at all.
    """
    desk.store.locks.sweep(time.time())
    found = {entry.id: entry for entry in desk.store.newest(NEWEST).entries}
    try:
        ids = desk.ids(_QUERY)
    except OSError:
        ids = ()
    for entry_id in ids:
        if entry_id not in found:
            try:
                found[entry_id] = desk.read(entry_id)
            except (OSError, UnreadableEntry):
                continue
    # The clock may have been set back since: what seems to be made later than now was made before.
    latest = now()
    left = [
        found[id]
        for id in sorted(found)
        if found[id].status in UNENDED
        and not before <= found[id].created <= latest
        and not found[id].read_only
    ]
    lost = tuple(entry for entry in left if is_lost(entry, desk.store.locks))
    # What waits and was sent all the same is not sent once more.
    queued = tuple(entry for entry in left if entry.status == "queued" and entry not in lost)
    return LeftOver(queued, lost)
