"""Answers of any kind, whole, altered or cut: a generation comes of them, or an ApiError."""

from __future__ import annotations

import asyncio
import base64
import json
import math
import tempfile
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import currently_in_test_context, given, note, settings
from hypothesis import strategies as st

from tests.api.origins import CANARY
from tests.thorough import THOROUGH
from tui.api import wire
from tui.api.answers import GenerationAnswer
from tui.api.errors import ApiError
from tui.api.http import Body, Incoming, Lost
from tui.api.pictures import PictureReader
from tui.api.refusals import refusal
from tui.api.reply import Ending, Reply
from tui.api.results import Arrival, Generation, Record
from tui.api.spool import Spool
from tui.scrub import BODY_LIMIT, Scrubber

T = TypeVar("T")

BASE = "https://api.example/v1"
SCRUBBER = Scrubber([CANARY])
PICTURE = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(range(200))).decode()
URL = "https://images.example/a.png?signature=1"
ECHO = f"the key {CANARY}, Authorization: Bearer {CANARY}"

GENERATIONS: tuple[Any, ...] = (
    {"created": 1_700_000_000, "model": "m", "data": [{"url": URL}], "usage": {"total_tokens": 9}},
    {"created": "2026-01-01", "data": [{"b64_json": PICTURE, "size": "1x1"}], "usage": {}},
    {"data": [{"url": URL}, {"error": {"code": "Sensitive", "message": "no"}}, {"url": PICTURE}]},
    {"images": [{"url": "/v1/images/img_1/content"}], "timings": {"inference": 2.5}, "seed": 7},
    {"data": {"url": URL}, "request_id": "r1"},
    {"data": [URL, f"data:image/png;base64,{PICTURE}"]},
    {"data": [], "created": 0},
    {"code": 200, "data": {"task_id": "t1", "status": "submitted"}},
    {"id": "t1", "status": "queued"},
)
ERRORS: tuple[Any, ...] = (
    {"error": {"message": ECHO, "type": "invalid_request_error", "param": "size", "code": "400"}},
    {"error": {"code": "OutputImageSensitiveContentDetected", "message": ECHO, "type": ""}},
    {"error": {"message": "no", "code": "moderation_blocked",
               "moderation_details": {"moderation_stage": "output", "categories": ["x", "y"]}}},
    {"success": False, "error": {"message": json.dumps({"error": {"message": ECHO}})}},
    {"detail": [{"loc": ["body", "size"], "msg": ECHO, "type": "t"}]},
    {"detail": ECHO},
    {"error": "server_error", "message": ECHO},
    {"code": 1301, "message": "policy", "request_id": CANARY},
    {"error": {"code": 429, "message": "limit: 0", "status": "RESOURCE_EXHAUSTED"}},
)  # fmt: skip
LISTS: tuple[Any, ...] = (
    {"object": "list", "has_more": True, "first_id": "a", "last_id": "b", "data": [
        {"id": "a", "object": "image", "status": "completed", "model": "m", "prompt": "p",
         "created_at": 1_700_000_000, "url": URL, "error": None},
        {"id": "b", "status": "failed", "created_at": "yesterday", "url": None,
         "error": {"message": ECHO}}]},
    {"object": "list", "data": [{"id": "m", "object": "model", "created": 1, "owned_by": "o"}]},
    [{"id": "m"}],
    {"url": URL, "image_id": "a", "expires_in": 3600},
    {"id": "a", "object": "image", "deleted": True},
)  # fmt: skip
EVENTS: tuple[Any, ...] = (
    {"type": "image_generation.partial_succeeded", "image_index": 0, "url": URL, "model": "m"},
    {"type": "image_generation.partial_succeeded", "image_index": 2, "b64_json": PICTURE},
    {"type": "image_generation.partial_failed", "image_index": 1, "error": {"message": ECHO}},
    {"type": "image_generation.partial_image", "partial_image_index": 0, "b64_json": PICTURE},
    {"type": "image_generation.completed", "b64_json": PICTURE, "usage": {"input_tokens": 1}},
    {"type": "image_generation.completed", "usage": {"generated_images": 1}, "created": 1},
    {"type": "error", "error": {"code": "x", "message": ECHO}},
    {"error": {"message": ECHO}},
    *GENERATIONS[:3],
)
NESTED: Any = "deep"
for _ in range(30):
    NESTED = [NESTED]
GONE = object()
JUNK: tuple[Any, ...] = (
    GONE, GONE, GONE, None, True, False, 0, -1, 1.5, math.inf, math.nan, 10**30, 10**400, "", " ",
    "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z",
    "x", "5", CANARY, ECHO, "\ud800", "\x1b[2J\x00", "敏感", "A" * 400, "A" * 401 + "%", "{",
    PICTURE,
    "file:///etc/passwd", "//host/x", "http://[", "javascript:1", "/a b", f"data:,{CANARY}",
    "data:image/png;base64,", f"https://{CANARY}@h.example/?key={CANARY}", "9" * 4400,
    [], {}, [None], [[]], [{}], {"": None}, {CANARY: CANARY}, {"error": CANARY}, {"error": True},
    {"message": 7}, {"url": 7}, {"b64_json": []}, {"error": {"message": [ECHO]}}, NESTED,
)  # fmt: skip
ENCODINGS = ("utf-8",) * 6 + ("utf-8-sig", "utf-16", "utf-32", "latin-1")
TYPES = (
    "application/json", "application/json; charset=utf-8", "text/event-stream", "text/html",
    "text/plain", "", "APPLICATION/JSON", f"x/{CANARY}", "application/xhtml+xml;", "image/png",
)  # fmt: skip
STATUSES = (
    *(200,) * 6, 201, 202, 204, 299, 300, 301, 303, 304, 307, 400, 401, 402, 403, 404, 405, 407,
    408, 409, 413, 422, 425, 429, 451, 499, 500, 502, 503, 504, 520, 524, 530, 599,
)  # fmt: skip
HEADERS = {
    "x-request-id": ("r1", "", CANARY, "a b", "é", "x" * 300),
    "retry-after": ("0", "7", "-1", "NaN", "1e400", "soon", "9" * 40,
                    "Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 99999 08:49:37 GMT", "0\x1f"),
    "retry-after-ms": ("5", "x", "\x1c5"),
    "date": ("Sun, 06 Nov 1994 08:49:07 GMT", "?", "Sun, 06 Nov 1994 08:49:07 -0000"),
    "location": ("", URL, "/x", "file:///etc/passwd", f"https://{CANARY}.example/", "http://["),
}  # fmt: skip
SOME_HEADERS: tuple[dict[str, str], ...] = (
    *({} for _ in range(20)),
    *({name: value} for name, values in HEADERS.items() for value in values),
    *({"retry-after": after, "date": date} for after in HEADERS["retry-after"]
      for date in HEADERS["date"]),
)  # fmt: skip


# What is made of them


@dataclass(frozen=True)
class Answer:
    """An answer on its way: it has the face of `Incoming`, and needs no connection."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    places: list[int]
    """Where the body is cut into blocks."""
    ending: Ending

    media_type = Incoming.media_type

    async def blocks(self) -> AsyncGenerator[bytes, None]:
        begin = 0
        for end in (*sorted(place % (len(self.body) + 1) for place in self.places), None):
            yield self.body[begin:end]
            begin = end or 0
        if self.ending == "cut":
            raise Lost("it broke off")


def _places(document: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of everything in a document, the document itself included."""
    yield path
    if isinstance(document, dict | list):
        for key in document if isinstance(document, dict) else range(len(document)):
            yield from _places(document[key], (*path, key))


def altered(document: Any, place: int, junk: Any) -> Any:
    """`document` with something else in one place, or with nothing there."""
    places = list(_places(document))
    path = places[place % len(places)]
    return _altered(document, path, junk)


def _altered(document: Any, path: tuple[Any, ...], junk: Any) -> Any:
    if not path:
        return {} if junk is GONE else junk
    copy = dict(document) if isinstance(document, dict) else list(document)
    if len(path) == 1 and junk is GONE:
        del copy[path[0]]
    else:
        copy[path[0]] = _altered(copy[path[0]], path[1:], junk)
    return copy


def written(document: Any) -> str:
    """`document` as JSON; Python would not write an integer of thousands of digits."""
    return json.dumps(document).replace('"' + "9" * 4400 + '"', "9" * 4400)


BYTES = (b"", b"\xff", b"\x00", b'"', b"\\", b"\\u12", b"}", b"[" * 2000, b"\n\n", b"\r", b"data:",
         b"<html><title>x</title>", CANARY.encode(), b"data: [DONE]\n\n", b"=",
         b"\xef\xbb\xbf")  # fmt: skip


class Choices:
    """Choices read from bytes, the first option where they are used up."""

    def __init__(self, fuel: bytes) -> None:
        self._fuel = iter(fuel)

    def number(self) -> int:
        """0 to 65,535."""
        return next(self._fuel, 0) << 8 | next(self._fuel, 0)

    def one_of(self, options: Sequence[T]) -> T:
        return options[self.number() % len(options)]

    def several_of(self, options: Sequence[T], most: int) -> list[T]:
        return [self.one_of(options) for _ in range(self.number() % (most + 1))]


FUEL = st.binary(min_size=80, max_size=80).map(Choices)


def document(choices: Choices, known: Sequence[Any]) -> str:
    """A known document with up to three things altered, as JSON."""
    chosen = choices.one_of(known)
    for junk in choices.several_of(JUNK, most=3):
        chosen = altered(chosen, choices.number(), junk)
    return written(chosen)


def stream(choices: Choices) -> str:
    """A stream of up to four events."""
    lines = []
    for start in choices.several_of(
        ([], [": still here"], ["event: error"], ["retry: 1", "id"]), 4
    ):
        lines += [*start, f"data: {document(choices, EVENTS)}"]
        lines.append(choices.one_of(("", "", "", "event:x")))
    lines += choices.one_of(([], ["data: [DONE]", ""], ["data: [DONE]"], ["data"]))
    return choices.one_of(("\n", "\n", "\r\n", "\r")).join([*lines, ""])


def answer_of(
    choices: Choices, text: str, types: Sequence[str], statuses: Sequence[int] = STATUSES
) -> Answer:
    """An answer of that text in any encoding and with any header, cut and damaged."""
    body = text.encode(choices.one_of(ENCODINGS), "replace")
    for put in choices.several_of(BYTES, most=2):
        place = choices.number() % (len(body) + 1)
        over = choices.one_of((0, 0, 1, 9, 100_000))
        body = body[:place] + put + body[place + over :]
    answer = Answer(
        choices.one_of(statuses),
        {"content-type": choices.one_of(types), **choices.one_of(SOME_HEADERS)},
        body,
        [choices.number() for _ in range(choices.number() % 4)],
        choices.one_of(("whole", "whole", "whole", "cut", "late", "oversized")),
    )
    if currently_in_test_context():
        note(repr(answer))
    return answer


# What comes of them


@pytest.fixture(scope="module", autouse=True)
def small_pictures_are_lifted() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tui.api.lifting.LIFTED_FROM", 64)
        yield


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def outcome(call: Callable[[], T]) -> T | None:
    """What `call` gives; None where it raises the ApiError that it may."""
    try:
        return call()
    except ApiError as error:
        judge(error)
        return None


def judge(error: ApiError) -> None:
    """An error says what happened and what to do, and keeps secrets."""
    assert error.message.strip()
    assert error.hint.strip()
    assert len(error.body.encode()) <= BODY_LIMIT
    said = (error.message, error.hint, error.body, error.parameter, error.request_id, *error.args)
    assert CANARY not in repr(said)
    # Never an exception of another kind, which a traceback would show with what it quotes.
    assert error.__cause__ is None


def judge_generation(generation: Generation, arrivals: list[Arrival]) -> None:
    assert any(image.exists for image in generation.images)
    for image in generation.images:
        assert image.exists is (image.error is None)
        assert image.exists or image.error.strip()
        assert CANARY not in (image.error or "")
        assert image.file is None or image.file.is_file()
    assert all(arrival.image.exists and arrival.number > 0 for arrival in arrivals)
    assert all(0 <= count < 2**63 for count in generation.usage.values())


async def generated(answer: Answer, spool: Spool, arrivals: list[Arrival]) -> Generation:
    """What the client makes of the answer to a generation. Raises ApiError."""
    collector = GenerationAnswer(PictureReader(BASE, SCRUBBER, spool), arrivals.append)
    ending = answer.ending
    try:
        await collector.take(answer)
    except Lost:
        assert ending == "cut"
    reply = collector.reply(answer, ending)
    if not 200 <= reply.status < 300:
        raise refusal(reply, SCRUBBER, paid=True)
    return await collector.generation(reply)


def check_generation(answer: Answer, runner: asyncio.Runner, folder: Path) -> None:
    spool = Spool(lambda number: folder / f"{number}.part")
    arrivals: list[Arrival] = []
    try:
        generation = outcome(lambda: runner.run(generated(answer, spool, arrivals)))
        if generation is not None:
            judge_generation(generation, arrivals)
    finally:
        spool.discard()
    assert spool.error is None
    assert not any(folder.iterdir())


JSON_TYPES = tuple(kind for kind in TYPES if "event" not in kind)
EVENT_TYPES = ("text/event-stream", "text/event-stream; charset=utf-8")


@given(FUEL)
@settings(max_examples=1_500 * THOROUGH)
def test_an_answer_to_a_generation(runner: asyncio.Runner, folder: Path, choices: Choices) -> None:
    text = document(choices, GENERATIONS)
    check_generation(answer_of(choices, text, JSON_TYPES, (200, 200, 201, 202)), runner, folder)


@given(FUEL)
@settings(max_examples=1_000 * THOROUGH)
def test_an_answer_of_any_status(runner: asyncio.Runner, folder: Path, choices: Choices) -> None:
    text = document(choices, (*ERRORS, *GENERATIONS, *LISTS))
    check_generation(answer_of(choices, text, TYPES), runner, folder)


@given(FUEL)
@settings(max_examples=1_200 * THOROUGH)
def test_a_stream_of_events(runner: asyncio.Runner, folder: Path, choices: Choices) -> None:
    answer = answer_of(choices, stream(choices), EVENT_TYPES, (200,))
    check_generation(answer, runner, folder)


@given(FUEL, st.text(max_size=60))
@settings(max_examples=300 * THOROUGH)
def test_an_answer_of_anything(
    runner: asyncio.Runner, folder: Path, choices: Choices, text: str
) -> None:
    check_generation(answer_of(choices, text, TYPES), runner, folder)


@given(FUEL)
@settings(max_examples=1_000 * THOROUGH)
def test_an_answer_about_records_and_models(runner: asyncio.Runner, choices: Choices) -> None:
    text = document(choices, (*LISTS, *LISTS, *ERRORS, *GENERATIONS[:2]))
    reply = runner.run(whole(answer_of(choices, text, JSON_TYPES)))
    page = outcome(lambda: wire.read_records(reply, BASE, SCRUBBER))
    for record in page.records if page else ():
        judge_record(record)
    models = outcome(lambda: wire.read_models(reply, SCRUBBER))
    assert all(model.id for model in models or ())
    url = outcome(lambda: wire.read_content_url(reply, BASE, SCRUBBER))
    assert url is None or url.startswith(("https://", "http://"))
    assert wire.read_deleted(reply) in (True, False)
    judge(refusal(reply, SCRUBBER, paid=False))
    pause = reply.retry_after
    assert pause is None or 0 <= pause <= 86_400


async def whole(answer: Answer) -> Reply:
    """The answer read into memory, as far as it comes."""
    body = Body(1 << 20)
    try:
        await body.take(answer)
    except Lost:
        assert answer.ending == "cut"
    return body.reply(answer, answer.ending)


def judge_record(record: Record) -> None:
    assert record.id
    # It is shown in any zone, and looked for a while before and after.
    for hours in (-72, 72):
        assert record.created + timedelta(hours=hours)
    assert record.url is None or record.url.startswith(("https://", "http://"))
    assert CANARY not in (record.error or "")
