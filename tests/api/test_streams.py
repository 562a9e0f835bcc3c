"""Generations that come as events, over a real socket: shown as they come, and whole in the end."""

from __future__ import annotations

import asyncio
import base64
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.api.origins import Origin, Received, canary
from tui.api.client import Arrival, Generation, ImagesClient, Spool
from tui.api.errors import ApiError

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n\r\n"
SMALL = b"\x89PNG\r\n\x1a\n small"
LARGE = b"\x89PNG\r\n\x1a\n" + os.urandom(80_000)
URL = "https://images.example.com/%d.png"
DONE = b"data: [DONE]\n\n"


def event(name: str, **fields: object) -> bytes:
    return f"event: {name}\ndata: {json.dumps({'type': name, **fields})}\n\n".encode()


def succeeded(index: int, **fields: object) -> bytes:
    name = "image_generation.partial_succeeded"
    facts = {"model": "seedream-4-5-251128", "created": 1_700_000_000, "size": "2048x2048"}
    return event(name, image_index=index, **facts, **(fields or {"url": URL % index}))


def failed(index: int) -> bytes:
    error = {"code": "OutputImageSensitiveContentDetected", "message": "may be sensitive"}
    return event("image_generation.partial_failed", image_index=index, error=error)


def completed(**fields: object) -> bytes:
    return event("image_generation.completed", usage={"generated_images": 2}, **fields)


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


class Listener:
    """Hears of arrivals, and lets the server go on when it has."""

    def __init__(self) -> None:
        self.arrivals: list[Arrival] = []
        self.heard = asyncio.Condition()

    def __call__(self, arrival: Arrival) -> None:
        self.arrivals.append(arrival)
        self._waking = asyncio.ensure_future(self._wake())

    async def _wake(self) -> None:
        async with self.heard:
            self.heard.notify_all()

    async def has(self, count: int) -> None:
        async with self.heard:
            await self.heard.wait_for(lambda: len(self.arrivals) >= count)


Streamed = Callable[..., "asyncio.Future[Generation]"]


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.fixture
def streamed(serve, tmp_path: Path, listener: Listener) -> Streamed:
    """The generation of a server that sends these pieces, a number being arrivals to wait for."""

    async def generation(*pieces: bytes | int, head: bytes = HEAD) -> Generation:
        async def answer(request: Received, writer: asyncio.StreamWriter) -> None:
            writer.write(head)
            for piece in pieces:
                if isinstance(piece, int):
                    await listener.has(piece)
                else:
                    writer.write(piece)
                    await writer.drain()

        origin: Origin = await serve(answer)
        client = ImagesClient(origin.settings(), canary())
        files = Spool(lambda number: tmp_path / f"{number}.part")
        return await client.generate("m", "p", {}, spool=files, told=listener)

    return generation


async def test_each_picture_of_ark_is_told_before_the_next_is_made(streamed, listener):
    generation = await streamed(succeeded(0), 1, failed(1), succeeded(2), 2, completed(), DONE)
    assert [(a.number, a.image.url, a.preview) for a in listener.arrivals] == [
        (1, URL % 0, False),
        (3, URL % 2, False),
    ]
    assert [image.url for image in generation.images] == [URL % 0, None, URL % 2]
    assert generation.images[1].error == "may be sensitive"
    assert generation.served_by == "seedream-4-5-251128"
    assert generation.created is not None
    assert generation.usage == {"generated_images": 2}


async def test_a_picture_that_comes_alone_says_what_it_was_made_from(streamed):
    first = succeeded(0, url=URL % 0, revised_prompt="a red fox", seed=7)
    generation = await streamed(first, succeeded(1), completed(), DONE)
    made = [(image.revised_prompt, image.seed) for image in generation.images]
    assert made == [("a red fox", 7), ("", None)]


@pytest.mark.parametrize("picture", [SMALL, LARGE], ids=["small", "large"])
async def test_previews_of_openai_come_first_and_are_no_results(streamed, listener, picture):
    preview = b64(b"\xff\xd8\xff" + picture)
    name = "image_generation.partial_image"
    generation = await streamed(
        event(name, partial_image_index=0, b64_json=preview),
        1,
        event(name, partial_image_index=1, b64_json=preview),
        2,
        completed(b64_json=b64(picture)),
    )
    assert [arrival.preview for arrival in listener.arrivals] == [True, True, False]
    assert bytes_of(listener.arrivals[0]) == b"\xff\xd8\xff" + picture
    assert bytes_of(listener.arrivals[2]) == picture
    assert len(generation.images) == 1


def bytes_of(arrival: Arrival) -> bytes:
    image = arrival.image
    return image.file.read_bytes() if image.file else image.data or b""


@pytest.mark.parametrize(
    "pieces",
    [
        [succeeded(0)],
        [succeeded(0).replace(b"\n", b"\r\n"), completed()],
        [b": keep-alive\n\n", succeeded(0), b":\n\n", completed(), DONE],
        [succeeded(0).split(b"\n", 1)[1], DONE],
        [b"data: not JSON\n\n", b"data: 7\n\n", b"data:\n\n", succeeded(0), completed()],
        [event("", created=1, data=[{"url": URL % 0}]), DONE],
        [event("image_edit.completed", url=URL % 0)],
        [event("other.event", note="?"), succeeded(0), succeeded(0), completed()],
    ],
    ids="no-end windows comments unnamed noise ordinary-answer edit repeated".split(),
)
async def test_dialects_of_a_stream_are_understood(streamed, pieces):
    generation = await streamed(*pieces)
    assert [image.url for image in generation.images] == [URL % 0]


async def test_pictures_are_kept_when_the_stream_breaks(streamed, listener):
    chunked = HEAD.replace(b"\r\n\r\n", b"\r\nTransfer-Encoding: chunked\r\n\r\n")
    first = succeeded(0)
    generation = await streamed(b"%x\r\n%s\r\n" % (len(first), first), 1, b"40\r\nev", head=chunked)
    assert [image.url for image in generation.images] == [URL % 0, None]
    assert "broke" in (generation.images[1].error or "")


async def test_pictures_are_kept_when_an_error_follows(streamed):
    generation = await streamed(succeeded(0), event("error", error={"message": "out of memory"}))
    assert [image.error for image in generation.images] == [None, "out of memory"]


@pytest.mark.parametrize(
    ("pieces", "kind", "charged"),
    [
        ([], "bad_response", "maybe"),
        ([DONE], "bad_response", "maybe"),
        ([completed()], "bad_response", "maybe"),
        ([b"data: not JSON\n\n"], "bad_response", "maybe"),
        ([failed(0), completed()], "content_filter", "no"),
        ([event("error", code="moderation_blocked", message="refused")], "content_filter", "no"),
        ([event("error", error={"type": "insufficient_balance"})], "no_credit", "no"),
        ([event("", error={"message": "Internal error", "type": "server_error"})],
         "bad_response", "maybe"),
        ([event("", data={"task_id": "t-1"})], "bad_response", "maybe"),
    ],
    ids="nothing done completed noise all-failed filter credit server task".split(),
)  # fmt: skip
async def test_a_stream_without_a_picture_says_why(streamed, pieces, kind, charged):
    with pytest.raises(ApiError) as caught:
        await streamed(*pieces)
    assert (caught.value.kind, caught.value.charged) == (kind, charged)
    assert caught.value.hint


async def test_a_stream_that_breaks_before_any_picture_is_an_unknown_outcome(streamed):
    chunked = HEAD.replace(b"\r\n\r\n", b"\r\nTransfer-Encoding: chunked\r\n\r\n")
    with pytest.raises(ApiError) as caught:
        await streamed(b"40\r\nevent: x", head=chunked)
    assert (caught.value.kind, caught.value.charged) == ("unknown_outcome", "maybe")


async def test_an_event_without_end_is_cut_at_the_limit(streamed, monkeypatch):
    monkeypatch.setattr("tui.api.answers.TEXT_LIMIT", 1 << 20)
    with pytest.raises(ApiError) as caught:
        await streamed(b"data: ", *[b"words and words " * 8192] * 20)
    assert caught.value.kind == "bad_response"
    assert "larger" in caught.value.message
