"""Entries in words."""

from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta, timezone
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.history.entries import DONE, FAILED
from tui.history.entry import Charged, Cost, EntryImage, Failure, Status
from tui.history.wording import (
    MARKS,
    STAR,
    advice,
    age,
    caption,
    day,
    dollars,
    file_size,
    mark,
    outcome,
)

HOUR = timedelta(hours=1)
BERLIN = timezone(HOUR)
NOW = datetime(2026, 11, 22, 0, 30, tzinfo=BERLIN)  # A Sunday, and still Saturday in UTC.
STATUSES: tuple[Status, ...] = get_args(Status)


def test_every_state_has_a_mark_of_its_own_one_cell_wide() -> None:
    marks = [mark(replace(DONE, status=status)) for status in STATUSES]
    assert len({*marks, STAR}) == len(STATUSES) + 1
    assert set(MARKS) == set(STATUSES)
    for sign in (*marks, STAR):
        assert len(sign) == 1
        assert unicodedata.east_asian_width(sign) not in ("W", "F")


@pytest.mark.parametrize("status", STATUSES)
def test_a_star_hides_success_and_nothing_else(status: Status) -> None:
    starred = mark(replace(DONE, status=status, starred=True))
    assert starred == (STAR if status == "done" else MARKS[status])


@pytest.mark.parametrize("status", STATUSES)
def test_every_state_but_success_is_said_in_words(status: Status) -> None:
    assert bool(outcome(replace(DONE, status=status))) == (status != "done")


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("content_filter", "refused by filter"),
        ("no_credit", "no credit"),
        ("not_sent", "not reachable"),
        ("a kind of a later version", "failed"),
    ],
)
def test_a_failure_is_said_by_its_reason(kind: str, words: str) -> None:
    assert outcome(replace(FAILED, error=Failure(kind, "…"))) == words


def test_an_unknown_outcome_is_never_worded_as_a_failure() -> None:
    entry = replace(FAILED, status="unknown", error=Failure("auth", "…"))
    assert outcome(entry) == "outcome unknown"


@pytest.mark.parametrize(
    ("charged", "words"),
    [
        ("no", "Nothing was charged. Change the prompt."),
        ("maybe", "It may have been charged. Change the prompt."),
        ("yes", "It was charged. Change the prompt."),
    ],
)
def test_advice_begins_with_the_money(charged: Charged, words: str) -> None:
    failure = Failure("content_filter", "…", hint="Change the prompt.", charged=charged)
    assert advice(failure) == words


def test_advice_without_a_hint_is_the_money_alone() -> None:
    assert advice(Failure("auth", "…")) == "Nothing was charged."


def test_advice_does_not_speak_of_the_money_twice() -> None:
    hint = "You may have been charged: look into the records."
    assert advice(Failure("lost", "…", hint=hint, charged="maybe")) == hint


@pytest.mark.parametrize(
    ("since", "words"),
    [
        (timedelta(seconds=-5), "now"),
        (timedelta(), "now"),
        (timedelta(seconds=59.9), "now"),
        (timedelta(minutes=1), "1m"),
        (timedelta(minutes=59, seconds=59), "59m"),
        (HOUR, "1h"),
        (24 * HOUR - timedelta(seconds=1), "23h"),
        (timedelta(days=1), "1d"),
        (timedelta(days=364, hours=23), "364d"),
        (timedelta(days=365), "1y"),
        (timedelta(days=5 * 365), "5y"),
    ],
)
def test_an_age_is_in_the_largest_whole_unit(since: timedelta, words: str) -> None:
    assert age(NOW - since, NOW) == words


@pytest.mark.parametrize(
    ("then", "heading"),
    [
        (NOW, "Today"),
        (NOW - timedelta(minutes=30), "Today"),
        (NOW - timedelta(minutes=31), "Yesterday"),
        (NOW - timedelta(days=1, minutes=30), "Yesterday"),
        (NOW - timedelta(days=2), "Friday"),
        (NOW - timedelta(days=6), "Monday"),
        (NOW - timedelta(days=7), "15 November 2026"),
        (datetime(2024, 2, 29, 12, tzinfo=BERLIN), "29 February 2024"),
        (NOW + 48 * HOUR, "Today"),
    ],
)
def test_a_day_is_headed_as_it_is_where_the_user_is(then: datetime, heading: str) -> None:
    assert day(then, NOW) == heading
    assert day(then.astimezone(timezone(-9 * HOUR)), NOW) == heading


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (812, "812 B"),
        (94_300, "94 kB"),
        (999_500, "1.0 MB"),
        (2_140_000, "2.1 MB"),
        (10**400, f"1{'0' * 394}.0 MB"),
    ],
)
def test_a_file_size_is_said_however_large_a_file_says_it_is(count: int, words: str) -> None:
    assert file_size(count) == words


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (None, "$?"),
        (0.0, "$0.00"),
        (0.04, "$0.04"),
        (0.1, "$0.10"),
        (0.035, "$0.035"),
        (0.0015, "$0.0015"),
        (0.1 + 0.2, "$0.30"),
        (12.0, "$12.00"),
        (1234.5, "$1234.50"),
    ],
)
def test_dollars_have_two_decimals_or_as_many_as_they_need(
    amount: float | None, words: str
) -> None:
    assert dollars(amount) == words


@settings(deadline=None)
@given(st.floats(0, 1e9))
def test_dollars_are_right_to_a_hundredth_of_a_cent(amount: float) -> None:
    words = dollars(amount)
    assert words.startswith("$")
    assert len(words.partition(".")[2]) in (2, 3, 4)
    assert abs(float(words[1:]) - amount) <= 0.00005 + amount * 1e-12


def test_a_caption_says_what_is_known() -> None:
    entry = replace(DONE, parameters={"seed": 7})
    text = caption(entry, entry.images[0], "Seedream 4.5")
    assert text == "2304×1728 · Seedream 4.5 · seed 7 · 12.5 s · $0.04"


def test_a_caption_has_the_seed_that_the_endpoint_names() -> None:
    image = replace(DONE.images[0], seed=9)
    for parameters in ({}, {"seed": 7}):
        assert " · seed 9 · " in caption(replace(DONE, parameters=parameters), image, "Mine")


def test_a_caption_leaves_out_what_is_not_known_and_says_that_a_price_is_not() -> None:
    image = EntryImage("a.png", "", 1, 640, 480, "png")
    entry = replace(DONE, parameters={}, response=None, cost=None)
    assert caption(entry, image, "Mine") == "640×480 · Mine · $?"
    assert caption(replace(entry, cost=Cost()), image, "Mine") == "640×480 · Mine · $?"


def test_a_caption_is_one_line_that_cannot_act_on_the_terminal() -> None:
    entry = replace(DONE, parameters={"seed": "7\x1b[2J\n" + "9" * 100})
    text = caption(entry, entry.images[0], "Evil\x1b]0;\x07\nmodel " * 20)
    assert text.isprintable()
    assert len(text) < 120
