"""What is sent again by itself: what was never sent, and what the endpoint asked to wait for."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.thorough import THOROUGH
from tui.api.errors import ApiError
from tui.api.reply import Reply
from tui.generation.sending import CONNECTING_SECONDS, CONNECTING_TRIES, LONGEST_WAIT, Tries

KINDS = (
    "invalid_request auth no_credit forbidden model_not_found content_filter rate_limited too_large"
    " gateway server not_sent unknown_outcome bad_response cancelled download"
).split()


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def not_sent(*, passing: bool = True) -> ApiError:
    return ApiError("not_sent", "refused", passing=passing)


def limited(seconds: float | None, **changes: object) -> ApiError:
    facts = {"kind": "rate_limited", "status": 429, "retry_after": seconds, **changes}
    return ApiError(facts.pop("kind"), "slow down", **facts)


def test_what_was_not_sent_is_tried_three_times_in_all(clock):
    tries = Tries(clock)
    pauses = [tries.pause_after(not_sent()) for _ in range(4)]
    assert [pause is not None for pause in pauses] == [True, True, False, False]
    assert {pause.reason for pause in pauses if pause} == {"not_sent"}
    first, second = (pause.until - clock.now for pause in pauses if pause)
    assert 0.25 <= first <= 0.5
    assert 1.0 <= second <= 2.0


def test_after_thirty_seconds_no_connection_is_tried_again(clock):
    tries = Tries(clock)
    clock.now += CONNECTING_SECONDS
    assert tries.pause_after(not_sent()) is None


def test_what_will_not_pass_is_not_tried_again(clock):
    assert Tries(clock).pause_after(not_sent(passing=False)) is None


@pytest.mark.parametrize("seconds", [1.0, 7.0, 119.5, 120.0])
def test_a_time_to_come_back_is_kept(clock, seconds):
    pause = Tries(clock).pause_after(limited(seconds))
    assert pause is not None
    assert (pause.until, pause.reason) == (clock.now + seconds, "rate_limited")


def test_at_once_means_in_a_second(clock):
    pause = Tries(clock).pause_after(limited(0.0))
    assert pause is not None
    assert pause.until == clock.now + 1.0


@pytest.mark.parametrize(
    "error",
    [
        limited(None),
        limited(120.1),
        limited(3600.0),
        limited(5.0, status=503),
        limited(5.0, kind="no_credit"),
        limited(5.0, kind="server", status=500),
        limited(5.0, charged="maybe"),
    ],
)
def test_without_a_usable_time_nothing_is_sent_again(clock, error):
    assert Tries(clock).pause_after(error) is None


def test_the_endpoint_is_waited_for_once(clock):
    tries = Tries(clock)
    assert tries.pause_after(limited(2.0)) is not None
    assert tries.pause_after(limited(2.0)) is None


def test_waiting_takes_nothing_from_the_time_to_connect(clock):
    tries = Tries(clock)
    assert tries.pause_after(limited(100.0)) is not None
    clock.now += 100.0
    assert tries.pause_after(not_sent()) is not None


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": " 7.5 "}, 7.5),
        ({"retry-after": "0"}, 0.0),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "NaN"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "1e400"}, None),
        ({"retry-after": "1_0"}, None),
        ({"retry-after": "٧"}, None),
        ({"retry-after": "9" * 40}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": ""}, None),
        ({}, None),
        ({"retry-after-ms": "1500"}, 1.5),
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        ({"retry-after-ms": "NaN", "retry-after": "9"}, 9.0),
        ({"retry-after": "Sun, 06 Nov 1994 08:49:37 GMT",
          "date": "Sun, 06 Nov 1994 08:49:07 GMT"}, 30.0),
        ({"retry-after": "Sun, 06 Nov 1994 08:49:37 GMT",
          "date": "Sun, 06 Nov 1994 09:49:07 GMT"}, 0.0),
        ({"retry-after": "Sun, 06 Nov 1994 08:49:37 GMT", "date": "?"}, 0.0),
        ({"retry-after": "Sun, 06 Nov 9999 08:49:37 GMT"}, None),
        ({"retry-after": "Sun, 99 Nov 1994 08:49:37 GMT"}, None),
    ],
)  # fmt: skip
def test_the_time_to_come_back_is_read(headers, seconds):
    assert Reply(429, headers, b"").retry_after == seconds


TEXTS = (
    st.text(max_size=12)
    | st.integers().map(str)
    | st.floats().map(str)
    | st.datetimes().map(lambda moment: f"{moment:%a, %d %b %Y %H:%M:%S} GMT")
)


@given(TEXTS, TEXTS, TEXTS)
@settings(max_examples=500 * THOROUGH, deadline=None)
def test_any_headers_give_a_time_within_a_day_or_none(seconds, milliseconds, date):
    headers = {"retry-after": seconds, "retry-after-ms": milliseconds, "date": date}
    found = Reply(429, headers, b"").retry_after
    assert found is None or 0 <= found <= 86_400


ERRORS = st.builds(
    ApiError,
    st.sampled_from(KINDS),
    st.just("no"),
    status=st.sampled_from([None, 200, 400, 408, 425, 429, 500, 502, 503, 504, 524]),
    charged=st.sampled_from(["no", "maybe", "yes"]),
    retry_after=st.none() | st.floats(0, 86_400),
    passing=st.booleans(),
)


@given(st.lists(ERRORS, max_size=12), st.lists(st.floats(0, 40), min_size=12, max_size=12))
@settings(max_examples=200 * THOROUGH, deadline=None)
def test_nothing_that_may_have_been_heard_is_ever_sent_again(errors, times):
    clock = Clock()
    tries = Tries(clock)
    pauses = []
    for error, seconds in zip(errors, itertools.cycle(times), strict=False):
        clock.now += seconds
        pause = tries.pause_after(error)
        if pause is None:
            continue
        pauses.append(pause)
        never_sent = error.kind == "not_sent" and error.passing
        told_to_wait = error.kind == "rate_limited" and error.status == 429
        assert error.charged == "no"
        assert never_sent or told_to_wait
        assert 0 < pause.until - clock.now <= LONGEST_WAIT
    reasons = [pause.reason for pause in pauses]
    assert reasons.count("not_sent") <= CONNECTING_TRIES - 1
    assert reasons.count("rate_limited") <= 1
