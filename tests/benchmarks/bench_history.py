"""History at 100,000 entries: built, caught up with, searched, followed, and added to."""

from __future__ import annotations

import asyncio
import statistics
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.benchmarks.loop_turns import watched_loop
from tests.benchmarks.synthetic_history import ENTRIES, SEARCHES
from tui.history.entry import new_id
from tui.history.following import HistoryFollower
from tui.history.index import HistoryIndex
from tui.history.query import parse_query
from tui.history.store import HistoryStore
from tui.paths import Paths

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
BUILD_GOAL = 60.0
CATCH_UP_GOAL = 2.0
QUERY_GOAL = 0.005
IDLE_GOAL = 0.01
SAVE_GOAL = 0.020
BLOCKED_GOAL = 0.050
IDLE_SECONDS = 15.0
PAGE = 200
CHANGED = 10
SAVED = 300

pytestmark = pytest.mark.timeout(900)


def test_a_large_history_is_indexed_followed_and_searched(unindexed_history: Path) -> None:
    home = unindexed_history
    store = HistoryStore(Paths(home, home, home))
    index = HistoryIndex(home / "index.db")
    build, progress = _timed(lambda: index.follow(store))
    assert progress.changed == ENTRIES
    for row in index.search(parse_query("", NOW))[:: ENTRIES // CHANGED]:
        store.write(replace(store.read(row.id), note="changed"))
    catch_up, progress = _timed(lambda: index.follow(store))
    assert progress.changed == CHANGED
    texts = dict.fromkeys(search[:end] for search in SEARCHES for end in range(1, len(search) + 1))
    queries = [parse_query(text, NOW) for text in texts]
    page = [_least(lambda query=query: index.search(query, PAGE)) for query in queries]
    whole = [_least(lambda query=query: index.keys(query)) for query in queries]
    high = statistics.quantiles(page, n=20)[-1]
    print(
        f"\n{ENTRIES:,} entries: built in {build:.0f} s, caught up with {CHANGED} changes in "
        f"{catch_up:.2f} s; {len(queries)} queries, the first {PAGE} rows of each: median "
        f"{statistics.median(page) * 1000:.1f} ms, 95th percentile {high * 1000:.1f} ms, longest "
        f"{max(page) * 1000:.0f} ms; all keys: median {statistics.median(whole) * 1000:.0f} ms, "
        f"95th percentile {statistics.quantiles(whole, n=20)[-1] * 1000:.0f} ms"
    )
    idle = _idle_share(index, store)
    print(f"to follow the files while nothing changes: {idle:.2%} of a core")
    assert build <= BUILD_GOAL
    assert catch_up <= CATCH_UP_GOAL
    assert high <= QUERY_GOAL
    assert idle <= IDLE_GOAL


async def test_an_entry_is_saved_without_the_loop(large_history: Path) -> None:
    store = HistoryStore(Paths(large_history, large_history, large_history))
    entry = store.newest(1).entries[0]
    fresh = [replace(entry, id=new_id(NOW + timedelta(seconds=n))) for n in range(SAVED)]
    times = []
    async with watched_loop() as blocked:
        for each in fresh:
            began = time.perf_counter()
            await asyncio.to_thread(store.write, each)
            times.append(time.perf_counter() - began)
    for each in fresh:
        store.entry_path(each.id).unlink()
    high = statistics.quantiles(times, n=20)[-1]
    print(
        f"\n{SAVED} entries saved beside {ENTRIES:,}: median {statistics.median(times) * 1000:.1f} "
        f"ms, 95th percentile {high * 1000:.1f} ms, longest {max(times) * 1000:.0f} ms; the loop "
        f"was blocked {blocked}"
    )
    assert high <= SAVE_GOAL
    assert max(blocked.by_us) <= BLOCKED_GOAL


def _timed(action):
    began = time.perf_counter()
    result = action()
    return time.perf_counter() - began, result


def _least(action):
    """The time of an action, with as little of other programs in it as can be."""
    return min(_timed(action)[0] for _ in range(3))


def _idle_share(index, store):
    """How much of a core it takes to follow the files while nothing changes."""
    ready = threading.Event()
    follower = HistoryFollower(index, store, lambda told: told.is_whole and ready.set(), print)
    follower.start()
    ready.wait()
    began = time.process_time()
    time.sleep(IDLE_SECONDS)
    used = time.process_time() - began
    follower.stop()
    return used / IDLE_SECONDS
