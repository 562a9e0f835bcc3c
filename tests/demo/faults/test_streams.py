"""What happens to streams of events."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.demo.events import Event, events
from tests.demo.faults.conftest import Demo
from tests.demo.faults.exchange import asking, beginning, chunks
from tui.demo.faults import GROUPS
from tui.demo.traffic import GENERATIONS

PICTURE = "image_generation.partial_succeeded"
COMPLETED = "image_generation.completed"

Check = Callable[[Demo, str], None]


def streamed(demo: Demo, *kinds: str, **fields: object) -> list[Event]:
    """The events of a stream that came whole."""
    answer = demo.generate(*kinds, **{"stream": True, **fields})
    assert answer.headers["content-type"].startswith("text/event-stream")
    return events(answer.text)


def openai(demo: Demo, kind: str) -> None:
    names = [event.name for event in streamed(demo, kind)]
    assert names == ["image_generation.partial_image"] * 2 + [COMPLETED]


def unasked(demo: Demo, kind: str) -> None:
    names = [event.name for event in streamed(demo, kind, stream=False)]
    assert names == [PICTURE, COMPLETED, None]


def comments(demo: Demo, kind: str) -> None:
    text = demo.generate(kind, stream=True).text
    assert text.startswith(": still here\r\n\r\nevent:")
    assert "\n" not in text.replace("\r\n", "")
    assert text.count("\r\ndata:") > 8
    told = events(text)
    assert [event.name for event in told] == [PICTURE, COMPLETED, None]
    assert json.loads(told[0].data)["image_index"] == 0


def bare(demo: Demo, kind: str) -> None:
    told = streamed(demo, kind)
    assert [event.name for event in told] == [None] * 3
    assert json.loads(told[0].data)["type"] == PICTURE


def garbage(demo: Demo, kind: str) -> None:
    for event in streamed(demo, kind):
        with pytest.raises(ValueError, match="Unterminated string"):
            json.loads(event.data)


def cut(demo: Demo, kind: str) -> None:
    answer = demo.generated(kind, stream=True)
    assert answer.end == "closed"
    assert answer.one("content-type") == "text/event-stream"
    with pytest.raises(ValueError, match="invalid literal"):
        chunks(answer.body)
    whole = b"".join(chunks(answer.body + b"0\r\n\r\n"))
    assert [event.name for event in events(whole.decode())] == [PICTURE]


def no_end(demo: Demo, kind: str) -> None:
    assert [event.name for event in streamed(demo, kind)] == [PICTURE]


def stall(demo: Demo, kind: str) -> None:
    request = demo.request(kind, stream=True)
    with asking(demo.origin + GENERATIONS, "POST", **request) as connection:
        came = b""
        while not came.endswith(b"\n\n\r\n"):
            came += beginning(connection, 1)
        # Once another stream has its end, this one could have had it.
        assert len(streamed(demo, "sse-bare")) == 3
        connection.setblocking(False)
        with pytest.raises(BlockingIOError):
            connection.recv(1)


def error(demo: Demo, kind: str) -> None:
    picture, failure = streamed(demo, kind)
    assert (picture.name, failure.name) == (PICTURE, "error")
    assert json.loads(failure.data)["error"]["code"] == "InternalServiceError"


CHECKS: dict[str, Check] = {
    "sse-openai": openai,
    "sse-unasked": unasked,
    "sse-comment": comments,
    "sse-bare": bare,
    "sse-garbage": garbage,
    "sse-cut": cut,
    "sse-no-end": no_end,
    "sse-stall": stall,
    "sse-error": error,
}


@pytest.mark.parametrize("kind", CHECKS)
def test_a_stream_is_not_what_it_should_be(demo: Demo, kind: str) -> None:
    CHECKS[kind](demo, kind)


def test_these_are_the_faults_of_streams() -> None:
    assert set(CHECKS) == set(GROUPS["Generations as streams of events"])


def test_faults_of_streams_go_together(demo: Demo) -> None:
    told = streamed(demo, "sse-openai", "sse-comment", "sse-no-end", partial_images=1)
    assert [event.name for event in told] == ["image_generation.partial_image"]


def test_what_a_cut_stream_was_to_bring_is_made_and_recorded(demo: Demo) -> None:
    key, prompt = "sk-cut", "two lighthouses, cut"
    answer = demo.generated("sse-cut", key=key, anew=True, stream=True, n=2, prompt=prompt)
    assert answer.status == 200
    while not demo.traffic.carried_out[prompt]:
        demo.records(key)
    (record,) = demo.records(key)
    assert record["status"] == "completed"


def test_without_a_stream_the_faults_of_streams_do_nothing(demo: Demo) -> None:
    assert "url" in demo.generate("sse-cut", "sse-openai").json()["data"][0]


def test_a_lost_answer_is_lost_as_a_stream_too(demo: Demo) -> None:
    answer = demo.generate("502-html", "sse-comment", stream=True)
    assert (answer.status_code, answer.headers["content-type"][:9]) == (502, "text/html")
