"""What an earlier run of the program left in its queue."""

from __future__ import annotations

from datetime import datetime

from tui.history.desk import HistoryDesk
from tui.history.entry import Entry, UnreadableEntry

NEWEST = 200
"""Entries that are looked at whatever the index says: it may not know the last ones."""


def left_queued(desk: HistoryDesk, before: datetime) -> list[Entry]:
    """The entries made before that moment which wait to be sent, oldest first.

    Touches the disk. Where the index cannot be asked, only the newest entries are looked at.
    """
    found = {entry.id: entry for entry in desk.store.newest(NEWEST).entries}
    try:
        ids = desk.ids("status:queued")
    except OSError:
        ids = ()
    for entry_id in ids:
        if entry_id not in found:
            try:
                found[entry_id] = desk.read(entry_id)
            except (OSError, UnreadableEntry):
                continue
    return [
        found[id]
        for id in sorted(found)
        if found[id].status == "queued" and found[id].created < before and not found[id].read_only
    ]
