"""A page of the endpoint's records, and whose they are, among 100,000 entries."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.benchmarks.synthetic_history import ENTRIES
from tui.api.results import Record
from tui.generation.record_owners import RecordOwners
from tui.history.desk import HistoryDesk
from tui.history.entry import Entry
from tui.paths import Paths

PAGE = 100
GOAL = 0.100

pytestmark = pytest.mark.timeout(900)


def test_whose_a_page_of_records_is_takes_no_time(indexed_history: Path) -> None:
    paths = Paths(indexed_history, indexed_history, indexed_history)
    desk = HistoryDesk(paths, lambda: datetime.now(UTC))
    ids = desk.ids("status:done")
    entries = [desk.read(entry_id) for entry_id in ids[:: len(ids) // (PAGE // 2)][: PAGE // 2]]
    records = [_made_by(entry, f"r{n}") for n, entry in enumerate(entries)]
    records += [
        Record(
            f"s{n}", "completed", each.model, f"{n}: nobody asked for it", each.created, None, None
        )
        for n, each in enumerate(records)
    ]
    seconds = []
    for _ in range(3):
        owners = RecordOwners(paths, desk)
        began = time.perf_counter()
        found = owners.of(records)
        seconds.append(time.perf_counter() - began)
    began = time.perf_counter()
    desk.catch_up()
    caught_up = time.perf_counter() - began
    desk.close()
    print(
        f"\n{PAGE} records, {len(found)} of them known, among {ENTRIES:,} entries: "
        f"{min(seconds) * 1000:.0f} ms; before they are claimed {caught_up:.2f} s to catch up"
    )
    assert found
    assert set(found) <= {record.id for record in records[: PAGE // 2]}
    assert min(seconds) < GOAL


def _made_by(entry: Entry, record_id: str) -> Record:
    """The record of an entry, which knows it by its id, by where its picture lay, or not at all."""
    known = next((image.record for image in entry.images if image.record), record_id)
    urls = entry.response.urls if entry.response else ()
    url = urls[0] if urls else None
    return Record(known, "completed", entry.model, entry.prompt, entry.created, url, None)
