"""What a query means, and what is said of one that means nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.history.query import (
    All,
    Any,
    Between,
    Condition,
    Like,
    Not,
    Present,
    Query,
    Words,
    parse_query,
)

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=timezone(timedelta(hours=2)))


def parsed(text: str) -> tuple[Condition, ...]:
    query = parse_query(text, NOW)
    assert query.problems == ()
    return query.conditions


@pytest.mark.parametrize(
    ("text", "conditions"),
    [
        ("", ()),
        (" , ", ()),
        ("Fox", (Words("fox"),)),
        ("fox snow", (Words("fox"), Words("snow"))),
        ("fox,snow", (Words("fox"), Words("snow"))),
        ('"deep snow" fox', (Words("deep snow"), Words("fox"))),
        ('"deep snow', (Words("deep snow"),)),
        ("'fox", (Words("fox", "word"),)),
        ("^fox", (Words("fox", "start"),)),
        ("snow$", (Words("snow", "end"),)),
        ("$5 ^ '", (Words("$5"), Words("^"), Words("'"))),
        ("!fox", (Not(Words("fox")),)),
        ("!!fox", (Words("fox"),)),
        ('!"deep snow"', (Not(Words("deep snow")),)),
        ("a | b c", (Any((Words("a"), Words("b"))), Words("c"))),
        ("a|b c", (Any((Words("a"), Words("b"))), Words("c"))),
        ("a | !b | star:", (Any((Words("a"), Not(Words("b")), Present("star"))),)),
        ("| a |", (Words("a"),)),
        ("model:Kling", (Like("model", "kling"),)),
        ("Model:*pro", (Like("model", "*pro"),)),
        ("model:kling|nano", (Any((Like("model", "kling"), Like("model", "nano"))),)),
        ('tag:"client a"', (Like("tag", "client a"),)),
        ("!tag:x", (Not(Like("tag", "x")),)),
        ("seed:42", (Between("seed", 42, 42),)),
        ("seed:100-200", (Between("seed", 100, 200),)),
        ("seed:100-", (Between("seed", 100),)),
        ("seed:..200", (Between("seed", None, 200),)),
        ("seed:-1", (Between("seed", -1, -1),)),
        ("seed:9007199254740993", (Between("seed", 9007199254740993, 9007199254740993),)),
        ("rating:>=4", (Between("rating", 4),)),
        ("rating:>4", (Between("rating", 4, open=True),)),
        ("rating:<4", (Between("rating", None, 4, open=True),)),
        ("cost:>0.1", (Between("cost", 0.1, open=True),)),
        ("cost:$0.04", (Between("cost", 0.04, 0.04),)),
        ("cost:unknown", (Not(Present("cost")),)),
        ("size:2304x1728", (All((Between("width", 2304, 2304), Between("height", 1728, 1728))),)),
        ("size:2048×?", (All((Between("width", 2048, 2048),)),)),
        ("star:", (Present("star"),)),
        ("star:no", (Not(Present("star")),)),
        ("status:failed", (Like("status", "failed"),)),
        ("has:images !has:note", (Present("image"), Not(Present("note")))),
        ("parent:20261122T07", (Like("parent", "20261122t07"),)),
        # A colon in a prompt is no field.
        ("note: http://x", (Words("note:"), Words("http://x"))),
    ],
)
def test_terms_mean_conditions(text: str, conditions: tuple[Condition, ...]) -> None:
    assert parsed(text) == conditions


def test_a_ratio_leaves_room_for_the_grids_of_vendors() -> None:
    (condition,) = parsed("ratio:16:9")
    assert isinstance(condition, Between)
    assert condition.low is not None
    assert condition.high is not None
    assert condition.low < 2848 / 1600 < condition.high
    assert not condition.low < 3 / 2 < condition.high


@pytest.mark.parametrize(
    ("text", "first", "past"),
    [
        ("today", "2026-11-22", "2026-11-23"),
        ("yesterday", "2026-11-21", "2026-11-22"),
        ("7d", "2026-11-16", "2026-11-23"),
        ("1d", "2026-11-22", "2026-11-23"),
        ("2w", "2026-11-09", "2026-11-23"),
        ("2026-11", "2026-11-01", "2026-12-01"),
        ("2026-12", "2026-12-01", "2027-01-01"),
        ("2026", "2026-01-01", "2027-01-01"),
        ("2026-11-01..2026-11-20", "2026-11-01", "2026-11-21"),
        ("2026-11..", "2026-11-01", None),
        ("..yesterday", None, "2026-11-22"),
        (">=2026-11", "2026-11-01", None),
        (">2026-11", "2026-12-01", None),
        ("<2026-11", None, "2026-11-01"),
        ("<=2026-11", None, "2026-12-01"),
    ],
)
def test_dates_are_days_of_the_users_zone(text: str, first: str | None, past: str | None) -> None:
    def moment(day: str | None) -> int | None:
        if day is None:
            return None
        return round(datetime.fromisoformat(day).replace(tzinfo=NOW.tzinfo).timestamp() * 1000)

    end = moment(past)
    expected = Between("created", moment(first), None if end is None else end - 1)
    assert parsed(f"date:{text}") == (expected,)


@pytest.mark.parametrize(
    ("text", "problem", "conditions"),
    [
        ("seed:many fox", "seed:many cannot be read; write 42, 100-200, >7.", (Words("fox"),)),
        ("date:2026-13", "date:2026-13 cannot be read", ()),
        ("date:2026-02-30", "date:2026-02-30 cannot be read", ()),
        ("date:9999", "date:9999 cannot be read", ()),
        ("date:9999999d", "date:9999999d cannot be read", ()),
        ("status:wonderful", "status:wonderful cannot be read; write done", ()),
        ("ratio:16:0", "ratio:16:0 cannot be read", ()),
        ("size:large", "size:large cannot be read", ()),
        ("has:wings", "has:wings cannot be read; write image", ()),
        ("star:perhaps", "star:perhaps cannot be read; write yes or no.", ()),
        ("model:", "Write what model: shall be", ()),
        ("modle:x", "There is no field modle:, is model: meant?", (Words("modle:x"),)),
    ],
)
def test_what_cannot_be_meant_is_told(
    text: str, problem: str, conditions: tuple[Condition, ...]
) -> None:
    query = parse_query(text, NOW)
    assert query.conditions == conditions
    (told,) = query.problems
    assert told.startswith(problem)


@given(st.text(), st.sampled_from([UTC, timezone(timedelta(hours=-11)), NOW.tzinfo]))
def test_no_text_fails(text: str, zone: timezone) -> None:
    assert isinstance(parse_query(text, NOW.astimezone(zone)), Query)


@given(
    st.lists(
        st.sampled_from(
            [
                "!",
                "'",
                "^",
                "$",
                '"',
                "|",
                " ",
                ":",
                "a",
                "seed:",
                "date:",
                "..",
                "-",
                "<",
                "1",
                "9",
            ]
        )
    ).map("".join)
)
def test_no_signs_fail(text: str) -> None:
    assert isinstance(parse_query(text, NOW), Query)
