"""What today may have cost."""

from __future__ import annotations

import errno
from datetime import UTC, datetime, timedelta, timezone
from typing import Never, get_args

import pytest
from msgspec.structs import replace

from tests.history.entries import DONE
from tui.history.entry import Charged, Cost, Entry, Failure, Status, new_id
from tui.history.spending import WHOLE_EVERY, Spending, SpendingToday, spent_today
from tui.history.store import HistoryStore

BERLIN = timezone(timedelta(hours=1))
NOW = datetime(2026, 11, 22, 0, 30, tzinfo=BERLIN)


def _entry(dollars: float | None, status: Status = "done", charged: Charged | None = None) -> Entry:
    error = None if charged is None else Failure("auth", "…", charged=charged)
    return replace(DONE, created=NOW, status=status, cost=Cost(dollars), error=error)


def test_nothing_made_is_nothing_spent() -> None:
    assert spent_today([], NOW) == Spending(0.0, some_unknown=False)
    assert spent_today([], NOW) == Spending()
    assert str(Spending()) == "$0.00"


def test_the_estimates_of_today_are_added_up() -> None:
    spent = spent_today([_entry(0.04)] * 3, NOW)
    assert spent.known_usd == pytest.approx(0.12)
    assert str(spent) == "$0.12"


def test_an_unknown_price_is_said_and_not_taken_for_nothing() -> None:
    without = replace(_entry(0.04), cost=None)
    assert str(spent_today([_entry(0.04), _entry(None)], NOW)) == "$0.04 + ?"
    assert spent_today([without], NOW) == Spending(0.0, some_unknown=True)


def test_a_price_of_nothing_is_known() -> None:
    assert spent_today([_entry(0.0)], NOW) == Spending(0.0, some_unknown=False)


@pytest.mark.parametrize(
    ("created", "counts"),
    [
        (datetime(2026, 11, 22, 0, 0, tzinfo=BERLIN), True),
        (datetime(2026, 11, 21, 23, 59, 59, tzinfo=BERLIN), False),
        (datetime(2026, 11, 22, 23, 59, 59, tzinfo=BERLIN), True),
        (datetime(2026, 11, 23, 0, 0, tzinfo=BERLIN), False),
        (datetime(2025, 11, 22, 12, 0, tzinfo=BERLIN), False),
    ],
)
def test_today_is_the_day_where_the_user_is(created: datetime, counts: bool) -> None:
    for zone in (BERLIN, UTC, timezone(timedelta(hours=-11))):
        entry = replace(_entry(1.0), created=created.astimezone(zone))
        assert spent_today([entry], NOW).known_usd == (1.0 if counts else 0.0)


@pytest.mark.parametrize("status", get_args(Status))
def test_whatever_was_or_may_have_been_sent_counts(status: Status) -> None:
    counts = status not in ("queued", "cancelled")
    assert spent_today([_entry(1.0, status)], NOW).known_usd == (1.0 if counts else 0.0)


@pytest.mark.parametrize(("charged", "counts"), [("no", False), ("maybe", True), ("yes", True)])
def test_a_failure_counts_unless_it_is_known_to_be_free(charged: Charged, counts: bool) -> None:
    spent = spent_today([_entry(1.0, "failed", charged), _entry(None, "failed", charged)], NOW)
    assert spent == Spending(1.0 if counts else 0.0, some_unknown=counts)


def test_what_is_under_way_is_told_apart(store: HistoryStore) -> None:
    for status in ("done", "running", "queued", "unknown", "cancelled"):
        store.write(replace(_entry(0.04, status), id=new_id(NOW)))
    spent = SpendingToday(store).ask(NOW)
    assert spent == Spending(0.08, under_way_usd=0.08)
    assert spent.at_length == "$0.08, $0.08 under way"
    assert Spending(0.04).at_length == "$0.04"


def test_who_keeps_asking_hears_what_a_fresh_look_would(store: HistoryStore) -> None:
    made = [NOW - timedelta(minutes=31), NOW, NOW + timedelta(hours=22), NOW + timedelta(hours=24)]
    entries = [
        replace(_entry(0.04 + number), id=new_id(created), created=created)
        for number, created in enumerate(made)
    ]
    keeps_asking, far_west = SpendingToday(store), timezone(timedelta(hours=-11))
    for entry in entries:
        store.write(entry)
    changed = replace(entries[1], cost=Cost(7.0))
    for moment in (NOW, NOW.astimezone(far_west), NOW + timedelta(days=1), NOW):
        for known in (changed, entries[1]):
            store.write(known)
            keeps_asking.look_at([store.entry_place(known.id)])
            fresh = SpendingToday(store)
            assert keeps_asking.ask(moment) == fresh.ask(moment)
            assert keeps_asking.charges(moment) == fresh.charges(moment)
            assert set(fresh.charges(moment)) == {
                each.id
                for each in entries
                if each.created.astimezone(moment.tzinfo).date() == moment.date()
            }
    store.entry_path(entries[1].id).unlink()
    keeps_asking.look_at(["2026/11/21"])
    assert keeps_asking.ask(NOW).known_usd == pytest.approx(2.04)


def test_what_nobody_told_of_is_found_within_seconds(store: HistoryStore) -> None:
    seconds = [100.0]
    keeps_asking = SpendingToday(store, lambda: seconds[0])
    ours, theirs = (replace(_entry(usd), id=new_id(NOW)) for usd in (0.04, 1.0))
    assert keeps_asking.ask(NOW) == Spending()
    store.write(ours)
    store.write(theirs)
    keeps_asking.look_at([store.entry_place(ours.id)])
    assert keeps_asking.ask(NOW) == Spending(0.04)
    assert set(keeps_asking.charges(NOW)) == {ours.id, theirs.id}
    store.remove(ours.id)
    assert keeps_asking.ask(NOW) == Spending(1.04)
    keeps_asking.look_at([store.entry_place(ours.id), "2026/10/01", "2026/10/01/x.toml"])
    assert keeps_asking.ask(NOW) == Spending(1.0)
    store.remove(theirs.id)
    seconds[0] += WHOLE_EVERY
    assert keeps_asking.ask(NOW) == Spending()


def test_what_cannot_be_seen_for_a_moment_still_counts(
    store: HistoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries = [replace(_entry(usd), id=new_id(NOW)) for usd in (0.25, 1.0)]
    for entry in entries:
        store.write(entry)
    keeps_asking = SpendingToday(store)
    places = [store.entry_place(entry.id) for entry in entries]
    day = places[0].rpartition("/")[0]
    assert keeps_asking.ask(NOW) == Spending(1.25)

    def refused(*_: object) -> Never:
        raise OSError(errno.EIO, "Input/output error")

    store.write(replace(entries[0], cost=Cost(0.5)))
    for name in ("stamps", "stamp", "read_file"):
        with monkeypatch.context() as patch:
            patch.setattr(store, name, refused)
            keeps_asking.look_at([day, *places])
            assert keeps_asking.ask(NOW).known_usd in (1.25, 1.5)
            if name == "stamps":
                with pytest.raises(OSError, match="Input/output"):
                    keeps_asking.charges(NOW)
            else:
                assert sum(filter(None, keeps_asking.charges(NOW).values())) in (1.25, 1.5)
    keeps_asking.look_at([day])
    assert keeps_asking.ask(NOW) == Spending(1.5)


def test_what_could_not_be_listed_is_looked_at_the_next_time(
    store: HistoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.write(replace(_entry(1.0), id=new_id(NOW)))
    keeps_asking = SpendingToday(store)
    assert keeps_asking.ask(NOW) == Spending(1.0)
    theirs = replace(_entry(0.5), id=new_id(NOW))
    store.write(theirs)
    keeps_asking.look_at([store.entry_place(theirs.id)])

    def refused(_: str) -> Never:
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(store, "stamps", refused)
        with pytest.raises(OSError, match="Input/output"):
            keeps_asking.charges(NOW)
    assert keeps_asking.ask(NOW) == Spending(1.5)


def test_an_entry_that_became_something_else_no_longer_counts(store: HistoryStore) -> None:
    entry = replace(_entry(1.0), id=new_id(NOW))
    store.write(entry)
    keeps_asking = SpendingToday(store)
    assert keeps_asking.ask(NOW) == Spending(1.0)
    store.entry_path(entry.id).write_text("no entry", "utf-8")
    keeps_asking.look_at([store.entry_place(entry.id)])
    assert keeps_asking.ask(NOW) == Spending()
    assert keeps_asking.charges(NOW) == {}
