"""How long bars are, and where they stand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.history.statistics import Summary
from tui.widgets.plot_bars import (
    Bar,
    Measure,
    bar_of,
    columns_for,
    place_label,
    place_of,
    scale_words,
    top_of,
)

ROW = Summary(
    name="2026-11-22",
    entries=4,
    images=3,
    done=2,
    ended=4,
    known_usd=0.08,
    unknown_prices=2,
    median_seconds=12.0,
    slow_seconds=30.5,
)
UNKNOWN = Summary("", 1, 0, 0, 0, 0.0, 1, None, None)


def _bar(value: float | None) -> Bar:
    return Bar("", value, None, "", is_doubtful=False)


@pytest.mark.parametrize(
    ("measure", "value", "more", "words"),
    [
        ("images", 3.0, None, "3"),
        ("spend", 0.08, None, "$0.08 + 2?"),
        ("seconds", 12.0, 30.5, "12.0 s / 30.5 s"),
        ("success", 0.5, None, "50 %"),
    ],
)
def test_a_bar_is_one_number_of_a_summary(
    measure: Measure, value: float, more: float | None, words: str
) -> None:
    bar = bar_of(ROW, measure)
    assert (bar.value, bar.more, bar.words) == (value, more, words)
    assert bar.is_doubtful == (measure == "spend")


@pytest.mark.parametrize(
    ("measure", "words"), [("spend", "1?"), ("seconds", "–"), ("success", "–")]
)
def test_what_is_not_known_is_not_zero(measure: Measure, words: str) -> None:
    assert bar_of(UNKNOWN, measure).value is None
    assert bar_of(UNKNOWN, measure).words == words


@pytest.mark.parametrize(
    ("value", "measure", "top"),
    [
        (0, "images", 1),
        (1, "images", 1),
        (7, "images", 8),
        (11, "images", 15),
        (100, "images", 100),
        (0, "spend", 1),
        (0.0301, "spend", 0.04),
        (0.4, "success", 1),
        (1e308, "spend", 1e308),
        (None, "seconds", 1),
    ],
)
def test_a_scale_ends_at_a_round_number(value: float | None, measure: Measure, top: float) -> None:
    assert top_of([_bar(value)], measure) == pytest.approx(top)


@given(st.lists(st.floats(0, 1e308), max_size=9))
def test_no_bar_goes_beyond_the_scale(values: list[float]) -> None:
    top = top_of(map(_bar, values), "spend")
    assert 0 < top < float("inf")
    assert all(value <= top for value in values)


@pytest.mark.parametrize(
    ("value", "measure", "words"),
    [
        (0.5, "spend", "$0.50"),
        (2500, "spend", "$2,500"),
        (25, "seconds", "25 s"),
        (15_000, "images", "15k"),
        (2e6, "images", "2e6"),
        (1e308, "spend", "$1e308"),
        (1, "success", "100 %"),
    ],
)
def test_numbers_of_a_scale_are_short(value: float, measure: Measure, words: str) -> None:
    assert scale_words(value, measure) == words


def test_days_and_weeks_follow_one_another_over_the_new_year() -> None:
    assert place_of("2027-01-01", "day") - place_of("2026-12-31", "day") == 1
    assert place_of("2027-W01", "week") - place_of("2026-W53", "week") == 1
    assert place_label(place_of("2026-W53", "week"), "week") == "W53"
    assert place_label(place_of("2026-11-02", "day"), "day") == "2 Nov"


spans = st.lists(st.integers(700_000, 701_000), min_size=1, max_size=40, unique=True)


@given(spans, st.data(), st.integers(0, 2_000_000), st.integers(1, 300))
def test_the_column_under_the_cursor_is_always_seen(
    places: list[int], data: st.DataObject, edge: int, width: int
) -> None:
    places.sort(reverse=True)
    cursor = data.draw(st.sampled_from(places))
    columns = columns_for(places, cursor, edge, width)
    assert places[-1] <= columns.first <= cursor <= columns.last <= places[0]
    assert columns.width >= 1
    assert columns.start(columns.last) + columns.width <= max(width, 1)
    for place in (columns.first, cursor, columns.last):
        assert columns.place_at(columns.start(place)) == place
    for by in ("day", "week"):
        labelled = list(columns.labelled(by))  # type: ignore[arg-type]
        assert all(columns.first <= place <= columns.last for place in labelled)


def test_the_window_stays_while_the_cursor_moves_in_it() -> None:
    places = list(range(700_100, 700_000, -1))
    first = columns_for(places, places[50], places[0], 39)
    assert first.first == places[50]
    assert columns_for(places, places[40], first.last, 39) == first
    assert columns_for(places, places[0], first.last, 39).last == places[0]
