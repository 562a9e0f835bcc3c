"""Server-sent events, cut anywhere, with every line end that the standard allows."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.api.test_encoded import cut
from tests.thorough import THOROUGH
from tui.api.events import Event, EventReader
from tui.api.spool import Spool


def read(text: bytes, places: list[int] | None = None, files: Spool | None = None) -> list[Event]:
    reader = EventReader(files)
    events = [event for piece in cut(text, places or []) for event in reader.feed(piece)]
    if last := reader.close():
        events.append(last)
    return events


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    ("lines", "events"),
    [
        (["data: x", ""], [Event("", b"x")]),
        (["data:x", ""], [Event("", b"x")]),
        (["data:  x", ""], [Event("", b" x")]),
        (["event: e", "data: x", ""], [Event("e", b"x")]),
        (["data: x", "event:e", ""], [Event("e", b"x")]),
        (["data: a", "data: b", "data", "data: c", ""], [Event("", b"a\nb\n\nc")]),
        ([": a comment", "", ":", "", "data: x", ""], [Event("", b"x")]),
        (["id: 7", "retry: 10", "unknown: y", "data: x", ""], [Event("", b"x")]),
        (["event: lonely", "", "data: x", ""], [Event("", b"x")]),
        (["data: a", "", "data: b", ""], [Event("", b"a"), Event("", b"b")]),
        (["data: never ended"], [Event("", b"never ended")]),
        (["z" * 400, "data: x", ""], [Event("", b"x")]),
        ([f"event: {'e' * 400}", "data: x", ""], [Event("e" * 256, b"x")]),
        (["data: a: b: c", ""], [Event("", b"a: b: c")]),
        ([], []),
    ],
)
def test_events_are_read(lines, events, end):
    text = "".join(line + end for line in lines).encode()
    for places in ([], [1, 2, 3], list(range(len(text)))):
        assert read(text, places) == events


def test_a_byte_order_mark_is_passed_over():
    assert read(b"\xef\xbb\xbfdata: x\n\n", [1, 2]) == [Event("", b"x")]


def test_pictures_are_lifted_out_of_the_data(tmp_path: Path):
    picture = os.urandom(70_000)
    files = Spool(lambda number: tmp_path / f"{number}")
    data = json.dumps({"b64_json": base64.b64encode(picture).decode(), "n": 1})
    first, second = read(f"data: {data}\r\n\r\ndata: {data}\r\n\r\n".encode(), [9, 5000], files)
    for event in (first, second):
        spooled = files.find(json.loads(event.data)["b64_json"])
        assert spooled is not None
        assert spooled.path.read_bytes() == picture


FIELDS = st.sampled_from(["data: ", "data:", "event: ", ": ", "id: ", "", "data"])
LINES = st.lists(st.tuples(FIELDS, st.text(alphabet='ab"\\: {}', max_size=8)), max_size=12)


@given(LINES, st.sampled_from(["\n", "\r\n", "\r"]), st.lists(st.integers(0, 300), max_size=9))
@settings(max_examples=500 * THOROUGH, deadline=None)
def test_where_a_stream_is_cut_makes_no_difference(lines, end, places):
    text = "".join(field + value + end for field, value in lines).encode()
    assert read(text, places) == read(text)


@given(st.binary(max_size=300), st.lists(st.integers(0, 300), max_size=6))
@settings(max_examples=300 * THOROUGH, deadline=None)
def test_any_bytes_are_read_without_complaint(text, places):
    assert read(text, places) == read(text)
