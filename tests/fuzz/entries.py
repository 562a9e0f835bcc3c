"""Entries as they lie on the disk, spoilt by editors, merges and programs of other versions."""

from __future__ import annotations

import sqlite3
from datetime import timedelta, timezone
from random import Random

from msgspec.structs import astuple

from tests.fuzz.driving import ACCEPTED, Parts, Target
from tests.fuzz.mutations import Mutator
from tests.history.entries import EXAMPLE, FAILED
from tui.history.comparing import compare, summary
from tui.history.entry import Response, UnreadableEntry, decode_entry, encode_entry, is_id
from tui.history.entry_facts import entry_facts
from tui.history.index_rows import facts_of, row_of
from tui.history.traces import traces_of
from tui.history.wording import caption
from tui.text import one_line, storable

_LATER = (
    EXAMPLE.replace("format = 1", "format = 2\nlater = { a = [{ b = 1 }], when = 07:03:12 }")
    + "\n[response.timings]\ninference = 2.5\n[[later_still]]\nx = inf\n"
)
_MUTATOR = Mutator(
    [EXAMPLE.encode(), encode_entry(FAILED), _LATER.encode()],
    [
        b"\n", b" = ", b"[parameters]\n", b"[response]\n", b"[[images]]\n", b"[[references]]\n",
        b"[error]\n", b"[cost]\n", b"[unknown]\n", b"unknown = 1\n", b"response = 1\n",
        b"images = []\n", b"images = [{}]\n", b"tags = []\n", b"usage = { a = -1 }\n", b"inf",
        b"nan",
        b"true", b"false", b"{}", b"[]", b"[[]]", b"0001-01-01T00:00:00Z", b"9999-12-31T23:59:59Z",
        b"9999-12-31T23:59:59-23:59", b"0001-01-01T00:00:00+23:59", b"2026-11-22T07:03:12.418Z",
        b"2026-11-22T07:03:12.418123+05:30", b"2026-11-22", b"07:03:12", b"2026-11-22T07:03:12",
        b'"done"', b'"queued"', b'"running"', b'"mask"', b'role = "mask"\n', b"seed = ", b"size = ",
        b'"../../../etc/passwd"', b'"\\u0000"', b'"\\u001b[2J"', b"'''", b'"""', b"a.b.c = 1\n",
        b'"" = 1\n', b"#", b"format = ", b"rating = ", b"starred = true\n", b'parent = ""\n',
    ],
)  # fmt: skip
_OFFSETS = (timezone(timedelta(hours=-23, minutes=-59)), timezone(timedelta(hours=23, minutes=59)))
_DATABASE = sqlite3.connect(":memory:")


def _example(dice: Random) -> Parts:
    return (_MUTATOR.example(dice),)


def _attempt(parts: Parts) -> str:
    try:
        entry = decode_entry(parts[0])
    except UnreadableEntry as error:
        assert one_line(str(error))
        return "unreadable"
    data = encode_entry(entry)
    again = decode_entry(data)
    # NaN is not even itself.
    assert again == entry or b"nan" in data
    assert encode_entry(again) == data
    assert is_id(entry.id)
    values = (*astuple(row_of(entry)), *astuple(facts_of(entry)))
    _DATABASE.execute(f"SELECT {', '.join('?' * len(values))}", values)
    for fact in entry_facts(entry):
        assert fact.name == storable(fact.name)
    summary(compare(entry, decode_entry(_SEED)))
    traces_of(entry)
    response = entry.response or Response()
    for moment in filter(None, (entry.created, response.sent, response.received)):
        for offset in _OFFSETS:
            assert moment.astimezone(offset) == moment
    for image in entry.images:
        caption(entry, image, entry.model)
    return ACCEPTED


_SEED = EXAMPLE.encode()
TARGET = Target("entries", _example, _attempt)
