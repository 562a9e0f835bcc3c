"""The budget: caps that hold, whatever is submitted at once and whatever becomes of it."""

from __future__ import annotations

import errno
import math
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.history.entries import CREATED, DONE, at
from tui.config import BudgetCaps
from tui.generation.budget import Budget, Decision, OverBudget, Verdict, judge
from tui.history.entry import UNFINISHED, Cost, Entry, Failure, Status
from tui.history.spending import SpendingToday
from tui.history.store import HistoryStore
from tui.paths import Paths


class Clock:
    """A present that passes when it is told to."""

    def __init__(self) -> None:
        self.now = CREATED

    def monotonic(self) -> float:
        return self.now.timestamp()


def budget(
    charges: Callable[[datetime], dict[str, float | None]] = lambda _: {},
    clock: Clock | None = None,
    **caps: float,
) -> Budget:
    clock = clock or Clock()
    return Budget(BudgetCaps(**caps), charges, lambda: clock.now, clock.monotonic)


def job(number: int, usd: float | None = 0.04, **changes: Any) -> Entry:
    cost = None if usd is None else Cost(usd)
    entry = replace(at(CREATED, number), status="queued", images=(), response=None, cost=cost)
    return replace(entry, **changes)


@pytest.mark.parametrize(
    ("price", "committed", "verdict"),
    [
        (4, 0, "allowed"),
        (4, 75, "allowed"),
        (4, 76, "warn"),
        (4, 96, "warn"),
        (4, 97, "ask"),
        (101, 0, "ask"),
        (4, 100, "stop"),
        (4, 120, "stop"),
        (None, 0, "ask"),
        (None, 100, "stop"),
    ],
)
def test_a_cap_warns_at_80_per_cent_asks_above_and_stops_once_reached(
    price: int | None, committed: int, verdict: Verdict
) -> None:
    assert judge(price, committed, 100, "day") == verdict


def test_a_cap_warns_not_a_millionth_below_80_per_cent() -> None:
    assert judge(799_999, 0, 1_000_000, "day") == "allowed"
    assert judge(799_999, 1, 1_000_000, "day") == "warn"


@pytest.mark.parametrize(
    ("usd", "verdict"), [(0.04, "allowed"), (0.40, "warn"), (0.51, "ask"), (None, "ask")]
)
def test_a_job_has_a_cap_of_its_own(usd: float | None, verdict: Verdict) -> None:
    assert budget(job_usd=0.5).reserve(job(1, usd)).verdict == verdict


def test_the_cap_of_a_job_is_not_used_up_by_others_and_may_be_nothing_at_all() -> None:
    capped = budget(job_usd=0.04)
    assert [capped.reserve(job(number)).verdict for number in (1, 2)] == ["warn", "warn"]
    assert budget(job_usd=0.0).reserve(job(1)).verdict == "ask"


def test_a_decision_knows_the_price_and_only_a_cap_that_stands_against_it() -> None:
    capped = budget(session_usd=1.0, day_usd=1.0)
    assert capped.reserve(job(1)) == Decision("allowed", 0.04)
    assert capped.reserve(job(2, 0.0)) == Decision("allowed", 0.0)
    decision = capped.reserve(job(3, 2.0))
    assert decision.standing is not None
    assert (decision.price_usd, decision.standing.scope) == (2.0, "session")


def test_without_caps_all_is_allowed_and_nobody_asks_the_disk() -> None:
    def disk(_: datetime) -> dict[str, float | None]:
        raise AssertionError("asked")

    free = budget(disk)
    decision = free.reserve(job(1, None))
    assert (decision.verdict, decision.sentence) == ("allowed", "")
    assert free.standing("session").unknown == 1


def test_forty_jobs_at_once_reserve_no_more_than_the_cap() -> None:
    capped = budget(session_usd=1.0)
    verdicts = [capped.reserve(job(number)).verdict for number in range(40)]
    assert verdicts == ["allowed"] * 19 + ["warn"] * 6 + ["stop"] * 15
    assert capped.standing("session").reserved_usd == 1.0


def test_the_same_from_forty_threads() -> None:
    capped = budget(day_usd=1.0)
    together = threading.Barrier(40)

    def submit(number: int) -> Verdict:
        together.wait()
        return capped.reserve(job(number)).verdict

    with ThreadPoolExecutor(40) as threads:
        verdicts = list(threads.map(submit, range(40)))
    assert sum(verdict in ("allowed", "warn") for verdict in verdicts) == 25
    assert capped.standing("day").reserved_usd == 1.0


def test_who_agrees_goes_above_a_cap_once_and_then_it_is_reached() -> None:
    capped = budget(session_usd=0.1)
    assert capped.reserve(job(1, 0.09)).verdict == "warn"
    assert capped.reserve(job(2)).verdict == "ask"
    assert capped.reserve(job(2), agreed=True).verdict == "warn"
    assert capped.standing("session").committed_usd == 0.13
    assert capped.reserve(job(3), agreed=True).verdict == "stop"


def test_room_can_be_made_by_an_amount() -> None:
    capped = budget(session_usd=0.1, day_usd=0.1)
    capped.reserve(job(1, 0.1))
    capped.make_room(0.08)
    verdicts = [capped.reserve(job(number)).verdict for number in (2, 3, 4)]
    assert verdicts == ["allowed", "warn", "stop"]
    assert capped.standing("day").cap_usd == 0.18
    capped.change_caps(BudgetCaps(session_usd=0.2))
    assert capped.standing("session").cap_usd == 0.2
    assert capped.standing("day").cap_usd is None


def test_what_is_sent_together_is_held_against_every_cap() -> None:
    capped = budget(lambda _: {"x": 0.02}, job_usd=0.05, session_usd=0.12, day_usd=0.12)
    assert capped.objections([0.04, 0.04]) == ()
    assert capped.objections([0.0, 0.0]) == ()
    assert capped.objections([0.04] * 3) == (
        "It would come to $0.14, above the cap of $0.12 for today.",
    )
    assert len(capped.objections([0.06, 0.06])) == 2
    assert capped.objections([None]) == tuple(
        f"Its price is unknown; {used} for {of} are used."
        for used, of in (
            ("$0.00 of $0.05", "a job"),
            ("$0.00 of $0.12", "this session"),
            ("$0.02 of $0.12", "today"),
        )
    )
    capped.reserve(job(1, None), agreed=True)
    assert capped.objections([None]) == ()
    assert budget().objections([None, 100.0]) == ()
    assert len(budget(day_usd=0.1).objections([0.06, 0.06])) == 1


def test_room_is_never_less_than_the_cap() -> None:
    capped = budget(session_usd=1.0)
    capped.make_room(0.5)
    assert capped.standing("session").cap_usd == 1.0


def test_the_room_of_a_day_is_gone_with_it_and_that_of_the_session_stays() -> None:
    clock = Clock()
    capped = budget(clock=clock, day_usd=0.1, session_usd=0.1)
    capped.make_room(1.0)
    clock.now += timedelta(days=1)
    assert capped.standing("day").cap_usd == 0.1
    assert capped.standing("session").cap_usd == 1.0


def test_an_unknown_price_is_asked_about_once_and_counted() -> None:
    capped = budget(session_usd=1.0)
    asked = capped.reserve(job(1, None))
    assert asked.verdict == "ask"
    assert asked.sentence == "Its price is unknown; $0.00 of $1.00 for this session are used."
    assert capped.standing("session").unknown == 0
    assert capped.reserve(job(1, None), agreed=True).verdict == "warn"
    assert capped.reserve(job(2, None)).verdict == "warn"
    standing = capped.standing("session")
    assert (standing.committed_usd, standing.unknown) == (0.0, 2)
    sentence = "It comes to $0.90 of $1.00 for this session. Not counted: 2 of unknown price."
    assert capped.reserve(job(3, 0.9)).sentence == sentence
    assert capped.reserve(job(4, None)).verdict == "warn"
    capped.settle(job(1, None, status="done"))
    capped.settle(job(2, None, status="cancelled"))
    assert capped.standing("session").unknown == 2


def test_who_agrees_to_a_price_has_not_agreed_to_unknown_ones() -> None:
    capped = budget(session_usd=1.0)
    capped.reserve(job(1), agreed=True)
    assert capped.reserve(job(2, None)).verdict == "ask"


def test_a_job_belongs_to_the_day_on_which_it_was_made_where_the_user_is() -> None:
    clock = Clock()
    clock.now = CREATED.astimezone(timezone(timedelta(hours=-8)))
    assert clock.now.day != CREATED.day
    capped = budget(clock=clock, day_usd=1.0)
    capped.reserve(job(1))
    assert capped.standing("day").reserved_usd == 0.04


@pytest.mark.parametrize("usd", [math.nan, math.inf, -1.0])
def test_a_price_that_is_no_amount_is_unknown(usd: float) -> None:
    decision = budget(session_usd=1.0).reserve(job(1, usd))
    assert (decision.verdict, decision.price_usd) == ("ask", None)


def test_a_rehearsal_is_free_at_any_cap() -> None:
    assert (
        budget(job_usd=0.0, session_usd=0.0, day_usd=0.0).reserve(job(1, 0.0)).verdict == "allowed"
    )
    assert budget(session_usd=0.0).reserve(job(1)).verdict == "stop"


def test_the_strictest_cap_decides_and_is_named() -> None:
    capped = budget(job_usd=0.05, session_usd=10.0, day_usd=0.03)
    decision = capped.reserve(job(1))
    assert decision.verdict == "ask"
    assert decision.sentence == "It would come to $0.04, above the cap of $0.03 for today."
    spent = budget(lambda _: {"x": 0.03}, day_usd=0.03)
    assert spent.reserve(job(1)).sentence == "The cap of $0.03 for today is reached."


def test_a_job_over_budget_says_why_and_by_which_decision() -> None:
    decision = budget(session_usd=0.0).reserve(job(1))
    error = OverBudget(decision)
    assert error.decision is decision
    assert str(error) == decision.sentence == "The cap of $0.00 for this session is reached."


SETTLED: dict[Status, tuple[float, float]] = {
    "queued": (0.0, 0.04),
    "running": (0.0, 0.04),
    "done": (0.04, 0.0),
    "partial": (0.04, 0.0),
    "unknown": (0.04, 0.0),
    "cancelled": (0.0, 0.0),
    "failed": (0.0, 0.0),
}


@pytest.mark.parametrize("status", get_args(Status))
def test_what_becomes_of_a_job_settles_it(status: Status) -> None:
    capped = budget(session_usd=1.0)
    entry = job(1)
    capped.reserve(entry)
    error = Failure("auth", "…") if status == "failed" else None
    capped.settle(replace(entry, status=status, error=error))
    standing = capped.standing("session")
    assert (standing.spent_usd, standing.reserved_usd) == SETTLED[status]


def test_a_failure_that_may_have_been_charged_is_spent_until_more_is_known() -> None:
    capped = budget(session_usd=1.0)
    entry = job(1)
    capped.reserve(entry)
    failure = Failure("timeout", "…", charged="maybe")
    capped.settle(replace(entry, status="failed", error=failure))
    assert capped.standing("session").spent_usd == 0.04
    capped.settle(replace(entry, status="failed", error=replace(failure, charged="no")))
    assert capped.standing("session").spent_usd == 0.0


def test_what_was_not_reserved_here_is_not_settled_here() -> None:
    capped = budget(session_usd=1.0)
    capped.settle(DONE)
    capped.release(DONE.id)
    assert capped.standing("session").committed_usd == 0.0


def test_what_is_not_sent_after_all_is_given_back_and_what_was_is_not() -> None:
    capped = budget(session_usd=0.04)
    capped.reserve(job(1))
    capped.release(job(1).id)
    assert capped.reserve(job(2)).verdict == "warn"
    capped.settle(job(2, status="done"))
    capped.release(job(2).id)
    assert capped.reserve(job(3)).verdict == "stop"


def test_a_job_asked_about_again_counts_once() -> None:
    others: dict[str, float | None] = {}
    clock = Clock()
    capped = budget(lambda _: others, clock, day_usd=0.05)
    assert capped.reserve(job(1)).verdict == "warn"
    assert capped.reserve(job(1)).verdict == "warn"
    others["elsewhere"] = 0.02
    clock.now += timedelta(seconds=1)
    assert capped.reserve(job(1)).verdict == "ask"
    assert capped.standing("day").reserved_usd == 0.0


def test_the_day_knows_what_others_spent_and_counts_ours_once() -> None:
    capped = budget(lambda _: {"a": 0.5, "b": None, job(1).id: 0.04}, day_usd=1.0)
    capped.reserve(job(1))
    standing = capped.standing("day")
    assert (standing.spent_usd, standing.reserved_usd, standing.unknown) == (0.5, 0.04, 1)
    capped.settle(job(1, status="done"))
    standing = capped.standing("day")
    assert (standing.spent_usd, standing.reserved_usd) == (0.54, 0.0)


def test_a_session_over_midnight_counts_what_was_spent_on_both_days() -> None:
    clock = Clock()
    capped = budget(clock=clock, session_usd=1.0, day_usd=1.0)
    for number in range(3):
        capped.reserve(job(number))
    capped.settle(replace(job(0), status="done"))
    clock.now = CREATED + timedelta(days=1)
    for number in range(3, 5):
        capped.reserve(job(number, created=clock.now))
    capped.settle(replace(job(3), status="done"))
    session, day = capped.standing("session"), capped.standing("day")
    assert (session.spent_usd, session.reserved_usd) == (0.08, 0.12)
    assert (day.spent_usd, day.reserved_usd) == (0.04, 0.04)


def test_others_are_asked_for_once_a_second_and_anew_on_a_new_day() -> None:
    asked: list[datetime] = []
    clock = Clock()

    def charges(now: datetime) -> dict[str, float | None]:
        asked.append(now)
        return {}

    capped = budget(charges, clock, day_usd=100.0)
    for number in range(10):
        capped.reserve(job(number))
    assert len(asked) == 1
    clock.now += timedelta(seconds=1)
    capped.standing("day")
    assert len(asked) == 2
    clock.now = datetime(2026, 11, 23, tzinfo=UTC)
    assert capped.standing("day").committed_usd == 0.0
    assert asked[-1] == clock.now
    assert capped.standing("session").reserved_usd == 0.4


def test_what_others_spent_counts_on_where_it_cannot_be_read_for_a_moment() -> None:
    clock = Clock()
    given: list[dict[str, float | None]] = [{"theirs": 0.9}]

    def charges(_: datetime) -> dict[str, float | None]:
        if not given:
            raise OSError(errno.EIO, "Input/output error")
        return given.pop()

    capped = budget(charges, clock, day_usd=1.0)
    assert capped.standing("day").spent_usd == 0.9
    clock.now += timedelta(minutes=1)
    assert capped.standing("day").spent_usd == 0.9
    assert capped.reserve(job(1, 0.2)).verdict == "ask"
    # Yesterday's is not today's.
    clock.now += timedelta(days=1)
    assert capped.standing("day").spent_usd == 0.0
    given.append({"theirs": 0.4})
    clock.now += timedelta(minutes=1)
    assert capped.standing("day").spent_usd == 0.4


def test_the_history_on_the_disk_is_what_today_has_cost(tmp_path: Path) -> None:
    store = HistoryStore(Paths(tmp_path, tmp_path, tmp_path))
    clock = Clock()
    store.write(DONE)
    store.write(replace(at(CREATED, 1), cost=None))
    store.write(replace(at(CREATED, 2), status="cancelled"))
    store.write(at(CREATED - timedelta(days=1), 3))
    capped = budget(SpendingToday(store).charges, clock, day_usd=0.1)
    standing = capped.standing("day")
    assert (standing.spent_usd, standing.unknown) == (0.04, 1)
    entry = job(4)
    assert capped.reserve(entry).verdict == "warn"
    store.write(replace(entry, status="running"))
    clock.now += timedelta(minutes=1)
    assert capped.standing("day").committed_usd == 0.08


prices = st.none() | st.integers(0, 2_000_000).map(lambda micro: micro / 1_000_000)
ends = st.tuples(st.sampled_from(get_args(Status)), st.sampled_from([None, "no", "maybe", "yes"]))


@given(
    cap=st.integers(0, 3_000_000).map(lambda micro: micro / 1_000_000),
    others=st.lists(prices, max_size=3),
    steps=st.lists(st.tuples(st.integers(0, 9), prices, st.none() | ends), max_size=40),
)
def test_nothing_that_happens_commits_more_than_the_cap(
    cap: float, others: list[float | None], steps: list[tuple[int, float | None, Any]]
) -> None:
    elsewhere = {str(number): price for number, price in enumerate(others)}
    spent_elsewhere = sum(round((price or 0.0) * 1_000_000) for price in others)
    capped = budget(lambda _: elsewhere, day_usd=cap, session_usd=cap)
    held: dict[int, float | None] = {}
    ended: set[int] = set()
    for number, price, end in steps:
        if end is not None:
            status, charged = end
            error = None if charged is None else Failure("…", "…", charged=charged)
            capped.settle(job(number, held.get(number), status=status, error=error))
            if number in held and status not in UNFINISHED:
                ended.add(number)
        elif number not in ended:
            held.pop(number, None)
            if capped.reserve(job(number, price)).verdict in ("allowed", "warn"):
                held[number] = price
        for scope, before in (("session", 0), ("day", spent_elsewhere)):
            committed = round(capped.standing(scope).committed_usd * 1_000_000)
            assert committed <= max(round(cap * 1_000_000), before)
