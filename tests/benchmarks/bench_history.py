"""History at 100,000 entries: built, caught up with, searched, and followed."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.benchmarks.synthetic_history import ENTRIES, make_history
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
IDLE_SECONDS = 15.0
PAGE = 200
CHANGED = 10
# As they are typed, letter by letter.
SEARCHES = (
    "lighthouse keeper oil", "old fox in deep snow", "seven paper lanterns", "gouache",
    "model:nano moss", "star: rating:>=4", "tag:client-a dragon", "date:7d", "'fox !snow",
    "violin | owl ukiyo-e", "status:failed tram", "'a 'of !fox", "^an old$", "no. 77", "灯笼",
)  # fmt: skip

pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("history")
    make_history(folder)
    yield folder


def test_a_large_history_is_indexed_followed_and_searched(home: Path) -> None:
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
