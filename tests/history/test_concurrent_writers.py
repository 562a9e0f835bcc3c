"""Several programs write at once; whoever reads meanwhile sees whole entries."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from msgspec.structs import replace

from tests.history.entries import DONE, ID
from tui.history.store import HistoryStore

WRITERS = 8
ENTRIES = 15

# Each writes entries of its own, and in between rewrites the one that all of them share.
WRITER = """
import sys
from datetime import timedelta
from pathlib import Path
from msgspec.structs import replace
from tests.history.entries import CREATED, DONE, at
from tui.history.store import HistoryStore
from tui.paths import Paths

home, writer, entries = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
store = HistoryStore(Paths(home, home, home))
sys.stdin.read()
for number in range(entries):
    created = CREATED + timedelta(days=number, milliseconds=1 + writer)
    store.write(replace(at(created, writer), prompt=f"{writer} " * 3000))
    store.write(replace(DONE, prompt=f"{writer} " * 3000, rating=number))
"""


def _is_whole(prompt: str) -> bool:
    return prompt == f"{prompt[0]} " * 3000


def test_eight_writers_and_a_reader_lose_and_tear_nothing(
    store: HistoryStore, tmp_path: Path
) -> None:
    store.write(replace(DONE, prompt="0 " * 3000))
    root = Path(__file__).parents[2]
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path), str(writer), str(ENTRIES)],
            stdin=subprocess.PIPE,
            cwd=root,
        )
        for writer in range(WRITERS)
    ]
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.close()  # Now they begin.

    listings = [store.newest()]
    while any(writer.poll() is None for writer in writers):
        listings.append(store.newest())
    listings.append(store.newest())

    assert [writer.returncode for writer in writers] == [0] * WRITERS
    for listing in listings:
        assert listing.unreadable == ()
        assert all(_is_whole(entry.prompt) for entry in listing.entries)
        assert ID in {entry.id for entry in listing.entries}
        ids = [entry.id for entry in listing.entries]
        assert ids == sorted(ids, reverse=True)
    assert len(listings[-1].entries) == WRITERS * ENTRIES + 1
    assert store.read(ID).rating == ENTRIES - 1
    assert [path for path in tmp_path.rglob("*") if path.suffix == ".tmp"] == []


# Each marks the entry that all share, while a job goes on writing what became of it.
MARKER = """
import sys
from pathlib import Path
from msgspec.structs import replace
from tests.history.entries import ID
from tui.history.store import HistoryStore
from tui.paths import Paths

home, marker, marks = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
store = HistoryStore(Paths(home, home, home))
sys.stdin.read()
own = [{"starred": True}, {"rating": 4}, {"note": "mine"}]
for number in range(marks):
    store.change(ID, lambda entry: replace(entry, tags=(*entry.tags, f"{marker}-{number}")))
    if number == marker < len(own):
        store.change(ID, lambda entry: replace(entry, **own[marker]))
"""


def test_marks_of_several_programs_and_the_outcome_of_a_job_all_stay(
    store: HistoryStore, tmp_path: Path
) -> None:
    store.write(replace(DONE, tags=(), note="", status="running"))
    markers = [
        subprocess.Popen(
            [sys.executable, "-c", MARKER, str(tmp_path), str(marker), str(ENTRIES)],
            stdin=subprocess.PIPE,
            cwd=Path(__file__).parents[2],
        )
        for marker in range(WRITERS)
    ]
    for marker in markers:
        assert marker.stdin is not None
        marker.stdin.close()
    job = store.read(ID)
    while any(marker.poll() is None for marker in markers):
        job = store.write_outcome(replace(job, prompt=job.prompt + "."))
    assert [marker.returncode for marker in markers] == [0] * WRITERS
    done = store.write_outcome(replace(DONE, tags=("stale",), note="stale"))
    wanted = {f"{marker}-{number}" for marker in range(WRITERS) for number in range(ENTRIES)}
    assert set(done.tags) == wanted
    assert store.read(ID) == done
    assert done.status == "done"
    assert (done.starred, done.rating, done.note) == (True, 4, "mine")
