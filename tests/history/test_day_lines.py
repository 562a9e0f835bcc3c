"""Entries under the headings of their days."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from tui.history.day_lines import UNDATED, DayLines, Line
from tui.history.entry import new_id
from tui.history.entry_keys import first_key, id_of, key_of, moment_of
from tui.history.wording import day

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
HEIGHT = 2
moments = st.datetimes(
    datetime(2022, 1, 1), datetime(2026, 11, 22), timezones=st.just(UTC)
) | st.timedeltas(timedelta(days=-3), timedelta(days=5)).map(lambda ago: NOW - ago)


def _plainly(keys: list[int], now: datetime) -> list[Line]:
    """The lines, by looking at one key after the other."""
    lines: list[Line] = []
    heading = ""
    for index, key in enumerate(keys):
        moment = moment_of(key)
        name = UNDATED if moment is None else day(moment, now)
        if name != heading:
            heading = name
            lines.append(Line(heading=name))
        lines += (Line(index=index, part=part) for part in range(HEIGHT))
    return lines


@given(made=st.lists(moments, max_size=30), hours=st.integers(-12, 14), undated=st.integers(0, 2))
def test_each_entry_stands_under_its_day(made: list[datetime], hours: int, undated: int) -> None:
    now = NOW.astimezone(timezone(timedelta(hours=hours)))
    odd = [key_of(f"20990101T000000000-00000{number}") for number in range(undated)]
    keys = sorted([*(key_of(new_id(moment)) for moment in made), *odd], reverse=True)
    lines = DayLines(keys, now, HEIGHT)
    expected = _plainly(keys, now)
    assert [lines[number] for number in range(len(lines))] == expected
    for index in range(len(keys)):
        first = expected.index(Line(index=index, part=0))
        has_heading = bool(expected[first - 1].heading)
        assert lines.top_of(index) == first - has_heading
        assert lines.end_of(index) == first + HEIGHT


@given(moment=moments)
def test_a_key_tells_when_its_entry_was_made(moment: datetime) -> None:
    id = new_id(moment)
    key = key_of(id)
    assert id_of(key) == id
    found = moment_of(key)
    assert found is not None
    assert timedelta(0) <= moment - found < timedelta(milliseconds=1)
    assert first_key(found) <= key < first_key(found + timedelta(milliseconds=1))
