"""What history adds up to."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import get_args
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.history.entries import CREATED, DONE, FAILED, at
from tui.history.entry import Cost, Entry, Failure, Status
from tui.history.finding import find_outcomes
from tui.history.query import Query, parse_query
from tui.history.spending import Spending, spent_today
from tui.history.statistics import By, Outcome, outcome_of, summaries, summary
from tui.history.store import HistoryStore
from tui.paths import Paths

BERLIN = ZoneInfo("Europe/Berlin")
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def outcome(
    created: datetime = NOON,
    model: str = "kling",
    status: Status = "done",
    images: int = 1,
    cost: float | None = 0.04,
    seconds: float | None = 10.0,
    may_cost: bool = True,
) -> Outcome:
    milliseconds = round(created.timestamp() * 1000)
    return Outcome(milliseconds, model, status, images, cost, may_cost, seconds)


def test_of_nothing_nothing_is_known() -> None:
    nothing = summary("total", [])
    assert (nothing.images, nothing.entries, nothing.known_usd) == (0, 0, 0.0)
    assert nothing.success is None
    assert nothing.median_seconds is None
    assert nothing.slow_seconds is None
    assert summaries([], "day") == []


def test_days_are_those_of_the_zone_newest_first() -> None:
    late = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
    found = summaries([outcome(NOON), outcome(late), outcome(NOON)], "day", BERLIN)
    assert [(each.name, each.entries) for each in found] == [("2026-11-23", 1), ("2026-11-22", 2)]
    (found_in_utc,) = summaries([outcome(NOON), outcome(late)], "day", UTC)
    assert found_in_utc.name == "2026-11-22"


@pytest.mark.parametrize(
    ("day", "week"),
    [
        (datetime(2026, 11, 22, tzinfo=UTC), "2026-W47"),
        (datetime(2026, 11, 23, tzinfo=UTC), "2026-W48"),
        (datetime(2027, 1, 1, tzinfo=UTC), "2026-W53"),
        (datetime(2027, 1, 4, tzinfo=UTC), "2027-W01"),
    ],
)
def test_weeks_begin_on_monday_and_may_belong_to_another_year(day: datetime, week: str) -> None:
    assert [each.name for each in summaries([outcome(day)], "week", UTC)] == [week]


def test_the_model_with_most_pictures_comes_first() -> None:
    outcomes = [outcome(model="a"), outcome(model="b", images=4), outcome(model="c")]
    found = [(each.name, each.images) for each in summaries(outcomes, "model")]
    assert found == [("b", 4), ("a", 1), ("c", 1)]


def test_an_unknown_price_is_counted_and_not_taken_for_nothing() -> None:
    row = summary("", [outcome(cost=None), outcome(cost=0.04), outcome(cost=None), outcome(cost=0)])
    assert (row.known_usd, row.unknown_prices) == (0.04, 2)
    assert row.spending == Spending(0.04, some_unknown=True)


def test_an_estimate_that_is_no_amount_is_unknown() -> None:
    row = summary("", [outcome(cost=math.inf), outcome(cost=math.nan)])
    assert (row.known_usd, row.unknown_prices) == (0.0, 2)


def test_what_was_not_charged_costs_nothing_known_or_not() -> None:
    free = [outcome(may_cost=False), outcome(cost=None, may_cost=False)]
    assert (summary("", free).known_usd, summary("", free).unknown_prices) == (0.0, 0)


@pytest.mark.parametrize(
    ("status", "success"),
    [
        ("done", 1.0),
        ("partial", 0.0),
        ("failed", 0.0),
        ("unknown", 0.0),
        ("queued", None),
        ("running", None),
        ("cancelled", None),
    ],
)
def test_what_has_not_ended_neither_succeeded_nor_failed(
    status: Status, success: float | None
) -> None:
    assert summary("", [outcome(status=status)]).success == success


def test_every_state_is_looked_at_above() -> None:
    assert len(get_args(Status)) == 7


@pytest.mark.parametrize(
    ("seconds", "median", "slow"),
    [
        ([7.0], 7.0, 7.0),
        ([3.0, 1.0, 2.0], 2.0, 3.0),
        ([1.0, 2.0], 1.5, 2.0),
        ([float(number) for number in range(1, 101)], 50.5, 95.0),
        ([float(number) for number in range(1, 21)], 10.5, 19.0),
    ],
)
def test_seconds_are_told_by_their_middle_and_their_slow_end(
    seconds: list[float], median: float, slow: float
) -> None:
    row = summary("", [outcome(seconds=each) for each in seconds])
    assert (row.median_seconds, row.slow_seconds) == (median, slow)


def test_a_clock_that_was_set_back_is_not_counted() -> None:
    row = summary("", [outcome(seconds=-3600.0), outcome(seconds=None)])
    assert row.median_seconds is None


amounts = st.none() | st.sampled_from([0.0, 0.04, 0.134, 5.0])
moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))
outcomes_ = st.builds(
    outcome,
    created=moments,
    model=st.sampled_from(["kling", "seedream", "glm"]),
    status=st.sampled_from(get_args(Status)),
    images=st.integers(0, 15),
    cost=amounts,
    seconds=st.none() | st.floats(0, 600),
    may_cost=st.booleans(),
)


@given(st.lists(outcomes_, max_size=30), st.sampled_from(get_args(By)))
def test_the_parts_add_up_to_the_whole(outcomes: list[Outcome], by: By) -> None:
    parts, whole = summaries(outcomes, by, BERLIN), summary("", outcomes)
    for name in ("entries", "images", "done", "ended", "unknown_prices"):
        assert sum(getattr(part, name) for part in parts) == getattr(whole, name)
    assert math.fsum(part.known_usd for part in parts) == pytest.approx(whole.known_usd)
    assert len({part.name for part in parts}) == len(parts)
    for part in [*parts, whole]:
        assert 0 <= part.done <= part.ended <= part.entries
        assert (part.median_seconds is None) == (part.slow_seconds is None)
        if part.median_seconds is not None and part.slow_seconds is not None:
            assert part.median_seconds <= part.slow_seconds


@given(moments)
def test_a_day_is_named_as_the_calendar_has_it(moment: datetime) -> None:
    (day,) = summaries([outcome(moment)], "day", BERLIN)
    assert day.name == f"{moment.astimezone(BERLIN):%Y-%m-%d}"


def _history(store: HistoryStore) -> list[Entry]:
    entries = [
        DONE,
        replace(at(CREATED, 1), cost=None),
        replace(at(CREATED, 2), cost=Cost(0.0, "rehearsal"), response=None),
        replace(at(CREATED, 3), status="cancelled", images=()),
        replace(at(CREATED, 4), status="failed", images=(), error=Failure("auth", "…")),
        replace(at(CREATED, 5), status="unknown", error=Failure("timeout", "…", charged="maybe")),
        replace(at(CREATED + timedelta(days=1), 6), model="Kling Ü"),
    ]
    for entry in entries:
        store.write(entry)
    return entries


def test_the_index_knows_what_the_entries_say(store: HistoryStore, tmp_path: Path) -> None:
    entries = _history(store)
    paths = Paths(tmp_path, tmp_path, tmp_path)
    found = find_outcomes(paths, store, Query())
    assert sorted(found, key=str) == sorted(map(outcome_of, entries), key=str)
    (kling,) = find_outcomes(paths, store, parse_query("model:kling", NOON))
    assert kling == outcome_of(entries[-1])


def test_the_index_follows_how_an_entry_ends(store: HistoryStore, tmp_path: Path) -> None:
    paths = Paths(tmp_path, tmp_path, tmp_path)
    store.write(replace(DONE, status="queued", images=(), response=None))
    assert [each.may_cost for each in find_outcomes(paths, store, Query())] == [False]
    store.write_outcome(DONE)
    assert [*find_outcomes(paths, store, Query())] == [outcome_of(DONE)]
    assert DONE.seconds == 12.471
    store.write_outcome(FAILED)
    assert [*find_outcomes(paths, store, Query())] == [outcome_of(FAILED)]


def test_without_a_history_there_is_nothing_and_no_index_is_made(tmp_path: Path) -> None:
    paths = Paths(tmp_path, tmp_path, tmp_path)
    assert len(find_outcomes(paths, HistoryStore(paths), Query())) == 0
    assert list(tmp_path.iterdir()) == []


def test_where_no_index_can_be_kept_one_is_made_for_the_while(
    store: HistoryStore, tmp_path: Path
) -> None:
    _history(store)
    cache = tmp_path / "a file"
    cache.write_bytes(b"")
    assert len(find_outcomes(Paths(tmp_path, tmp_path, cache), store, Query())) == 7


def test_a_day_costs_what_the_status_line_says(store: HistoryStore) -> None:
    zone = timezone(timedelta(0))
    entries = _history(store)
    (_, day) = summaries(map(outcome_of, entries), "day", zone)
    assert day.spending == spent_today(entries, CREATED.astimezone(zone))
