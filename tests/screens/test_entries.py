"""Entries of this program's own jobs, where the disk has lost them."""

from __future__ import annotations

from datetime import datetime

import pytest
from msgspec.structs import replace

from tests.history.entries import DONE
from tui.history.desk import HistoryDesk
from tui.history.entry import new_id
from tui.paths import Paths
from tui.screens.entries import MOST_OWN, Entries, Refused


async def test_the_last_entries_of_own_jobs_are_there_though_the_disk_lacks_them(
    paths: Paths,
) -> None:
    desk = HistoryDesk(paths, lambda: datetime.now().astimezone())
    entries = Entries(desk)
    ids = [new_id(DONE.created) for _ in range(MOST_OWN + 1)]
    own = [replace(DONE, id=entry_id, prompt=f"fox {entry_id}") for entry_id in ids]
    for entry in own:
        entries.remember(entry)
    changed = replace(own[1], note="a new state of the oldest that is kept")
    entries.remember(changed)
    assert await entries.read(changed.id) == changed
    assert await entries.read(own[-1].id) == own[-1]
    with pytest.raises(Refused):
        await entries.read(own[0].id)
    entries.remember(replace(DONE, id=new_id(DONE.created)))
    assert await entries.read(changed.id) == changed
    with pytest.raises(Refused):
        await entries.read(own[2].id)
    desk.close()
