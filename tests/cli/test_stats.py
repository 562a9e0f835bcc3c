"""darkroom stats: what history adds up to, as a table and as JSON."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from tests.cli.conftest import Home, Run
from tests.history.entries import DONE, entry_id
from tui.history.entry import Entry, Response

MIDDAY = datetime(2026, 11, 22, 12, 0).astimezone()


def _entry(number: int, created: datetime, seconds: float = 10.0, **changes: object) -> Entry:
    response = Response(sent=created, received=created + timedelta(seconds=seconds))
    entry = replace(DONE, id=entry_id(created, number), created=created, response=response)
    return replace(entry, **changes)


@pytest.fixture
def history(home: Home) -> Home:
    """Four entries on two days of a week."""
    before = MIDDAY - timedelta(days=6)
    for entry in (
        _entry(1, MIDDAY, 12.0),
        _entry(2, MIDDAY, 8.0, cost=None),
        _entry(3, MIDDAY, status="failed", images=(), response=None, cost=None),
        _entry(4, before, 30.0, model="kling-image-o1"),
    ):
        home.store.write(entry)
    return home


def test_days_are_listed_newest_first_with_what_they_add_up_to(history: Home, run: Run) -> None:
    finished = run("stats")
    assert (finished.code, finished.err) == (0, "")
    assert finished.out.splitlines() == [
        "day         images  entries   done       spend  median    95 %",
        "2026-11-22       2        3   67 %  $0.04 + 2?  10.0 s  12.0 s",
        "2026-11-16       1        1  100 %       $0.04  30.0 s  30.0 s",
        "total            3        4   75 %  $0.08 + 2?  12.0 s  30.0 s",
    ]


def test_weeks_and_models_are_asked_for_by_name(history: Home, run: Run) -> None:
    names = [line.split()[0] for line in run("stats", "--by", "week").out.splitlines()]
    assert names == ["week", "2026-W47", "total"]
    names = [line.split()[0] for line in run("stats", "--by", "model").out.splitlines()]
    assert names == ["model", "seedream-4.5", "kling-image-o1", "total"]
    assert run("stats", "--by", "moon").code == 2


def test_a_query_restricts_what_is_counted(history: Home, run: Run) -> None:
    (line,) = run("stats", "--json", "model:kling").out.splitlines()
    assert json.loads(line)["images"] == 1
    finished = run("stats", "no such prompt")
    assert (finished.code, finished.out) == (0, "")
    assert finished.complaints == [f"no entry in {history.folder / 'history'} is as asked"]


def test_json_is_an_object_a_line_and_says_null_for_what_is_not_known(
    history: Home, run: Run
) -> None:
    first, second = map(json.loads, run("stats", "--json").out.splitlines())
    assert first == {
        "day": "2026-11-22",
        "images": 2,
        "entries": 3,
        "done": 2,
        "ended": 3,
        "success": 2 / 3,
        "estimate_usd": 0.04,
        "unknown_prices": 2,
        "median_seconds": 10.0,
        "p95_seconds": 12.0,
    }
    assert second["day"] == "2026-11-16"
    history.store.write(_entry(5, MIDDAY, status="queued", images=(), response=None, model="z"))
    (line,) = run("stats", "--json", "--by", "model", "model:z").out.splitlines()
    queued = json.loads(line)
    assert (queued["success"], queued["median_seconds"], queued["p95_seconds"]) == (None,) * 3
    assert (queued["estimate_usd"], queued["unknown_prices"]) == (0.0, 0)


def test_nearly_all_is_not_all(home: Home, run: Run) -> None:
    for number in range(300):
        home.store.write(_entry(number, MIDDAY))
    home.store.write(_entry(300, MIDDAY, status="unknown"))
    assert run("stats").out.splitlines()[-1].split()[3:5] == ["99", "%"]


def test_a_spend_of_which_nothing_is_known_is_no_zero(home: Home, run: Run) -> None:
    home.store.write(_entry(1, MIDDAY, cost=None))
    assert " 1?  " in run("stats").out
    assert "$0.00" not in run("stats").out


def test_without_history_there_is_nothing_and_nothing_is_written(home: Home, run: Run) -> None:
    finished = run("stats")
    assert (finished.code, finished.out) == (0, "")
    assert finished.complaints == [f"no entry in {home.folder / 'history'}"]
    assert home.files == []


def test_a_model_cannot_act_on_the_terminal(home: Home, run: Run) -> None:
    home.store.write(_entry(1, MIDDAY, model="a\x1b[31m\nb"))
    for arguments in (["stats", "--by", "model"], ["stats", "--by", "model", "--json"]):
        assert "\x1b" not in run(*arguments).out
    assert len(run("stats", "--by", "model").out.splitlines()) == 3
