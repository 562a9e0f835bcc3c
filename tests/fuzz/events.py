"""Server-sent events, against a plain reading of the whole text."""

from __future__ import annotations

import json
from random import Random

from tests.api.test_encoded import cut
from tests.fuzz.driving import ACCEPTED, Parts, Target
from tests.fuzz.mutations import Mutator
from tui.api.events import Event, EventReader

_LONGEST_NAME = 256
_BOM = b"\xef\xbb\xbf"


def _stream(*events: dict[str, object], end: str = "\n") -> bytes:
    lines = [": still here", ""]
    for event in events:
        lines += [f"event: {event['type']}", f"data: {json.dumps(event)}", ""]
    return end.join([*lines, "data: [DONE]", "", ""]).encode()


_PARTIAL: dict[str, object] = {
    "type": "image_generation.partial_succeeded", "image_index": 0, "url": "https://a.example/a",
}  # fmt: skip
_DONE: dict[str, object] = {
    "type": "image_generation.completed", "b64_json": "iVBORw0KGgo=", "usage": {"total_tokens": 1},
}  # fmt: skip
_MUTATOR = Mutator(
    [
        _stream(_PARTIAL, _DONE), _stream(_PARTIAL, end="\r\n"), _stream(_DONE, end="\r"),
        b"data: a\ndata: b\n\nid: 7\nretry: 10\ndata\n\n: comment\nevent: e\ndata:  x\n\n",
        "data: {\"prompt\": \"灯笼 \\ud83e\\udd8a\"}\n\n".encode(),
    ],
    [
        b"\n", b"\r", b"\r\n", b"\n\n", b"\r\r\n", b"data:", b"data: ", b"data", b"event:",
        b"event: x", b"id: ", b"retry: 1", b":", b": ", b" ", b"[DONE]", _BOM, _BOM[:2], b"z" * 300,
        b'"', b"\\", b'{"b64_json": "',
    ],
)  # fmt: skip


def _example(dice: Random) -> Parts:
    text = _MUTATOR.example(dice)
    places = [dice.randint(0, len(text)) for _ in range(dice.choice((0, 1, 2, 3, 9)))]
    if dice.random() < 0.1:
        places = list(range(0, len(text), dice.choice((1, 3))))
    return text, places


def _attempt(parts: Parts) -> str:
    text, places = parts
    events = list(_read(text, places))
    assert events == _plainly(text)
    for event in events:
        assert len(event.name) <= _LONGEST_NAME
        assert "\n" not in event.name
        assert "\r" not in event.name
    return ACCEPTED if events else "no events"


def _read(text: bytes, places: list[int]) -> list[Event]:
    reader = EventReader(None)
    events = []
    for piece in cut(text, places):
        events += reader.feed(piece)
        assert reader.size <= len(text)
    if last := reader.close():
        events.append(last)
    return events


def _plainly(text: bytes) -> list[Event]:
    """What the standard says of `text`, and of one that lacks its last blank line."""
    lines = text.removeprefix(_BOM).replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    events, name, data = [], b"", list[bytes]()
    for line in [*lines, b""]:
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if line and field == b"event":
            name = value
        elif line and field == b"data":
            data.append(value)
        elif not line:
            if data:
                events.append(
                    Event(name[:_LONGEST_NAME].decode("utf-8", "replace"), b"\n".join(data))
                )
            name, data = b"", []
    return events


TARGET = Target("events", _example, _attempt)
