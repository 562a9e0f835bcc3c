"""Answers full of pictures: to files as they pass, nothing that came whole is lost."""

from __future__ import annotations

import asyncio
import base64
import gzip
import json
import os
from pathlib import Path

import pytest

from tests.api.origins import Received, canary, raw, reply, success
from tui.api.client import ImagesClient, Spool
from tui.api.errors import ApiError

PICTURES = [b"\x89PNG\r\n\x1a\n" + os.urandom(150_000 + number) for number in range(4)]
ITEMS = [{"b64_json": base64.b64encode(picture).decode()} for picture in PICTURES]
WHOLE = json.dumps(success(data=ITEMS)).encode()
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@pytest.fixture
def files(tmp_path: Path) -> Spool:
    return Spool(lambda number: tmp_path / f"{number}.part")


async def generated(origin, files: Spool, **settings):
    return await ImagesClient(origin.settings(**settings), canary()).generate(
        "m", "p", {}, spool=files
    )


def contents(images) -> list[bytes]:
    return [image.file.read_bytes() for image in images if image.file]


@pytest.mark.parametrize("field", ["b64_json", "url"])
@pytest.mark.parametrize("prefix", ["", "data:image/png;base64,"])
async def test_large_pictures_come_as_files(serve, files, field, prefix):
    items = [{field: prefix + item["b64_json"]} for item in ITEMS]
    generation = await generated(await serve(reply(200, success(data=items))), files)
    assert contents(generation.images) == PICTURES
    assert not any(image.data or image.url or image.error for image in generation.images)
    assert generation.usage


async def test_small_and_large_pictures_and_addresses_go_together(serve, files):
    small = {"b64_json": base64.b64encode(PICTURES[0][:90]).decode()}
    items = [small, ITEMS[1], {"url": "https://a.example/a.png"}, {"error": {"message": "no"}}]
    generation = await generated(await serve(reply(200, success(data=items))), files)
    first, second, third, fourth = generation.images
    assert first.data == PICTURES[0][:90]
    assert contents([second]) == [PICTURES[1]]
    assert (third.url, fourth.error) == ("https://a.example/a.png", "no")


@pytest.mark.parametrize(
    "payload",
    [
        HEAD + b"Content-Length: %d\r\n\r\n" % (len(WHOLE) + 9) + WHOLE[:-120_000],
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % len(WHOLE) + WHOLE[:-120_000],
        HEAD + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(WHOLE, 1)[:-100_000],
        HEAD + b"\r\n" + WHOLE[:-120_000],
    ],
    ids=["short-length", "cut-chunk", "cut-gzip", "no-length"],
)
async def test_pictures_that_came_whole_are_kept_when_the_answer_breaks_off(serve, files, payload):
    generation = await generated(await serve(raw(payload)), files)
    *whole, rest = generation.images
    assert contents(whole) == PICTURES[:3]
    assert rest.error


async def test_pictures_that_came_whole_are_kept_when_time_is_up(serve, files):
    async def answer(request: Received, writer: asyncio.StreamWriter) -> None:
        writer.write(HEAD + b"Content-Length: %d\r\n\r\n" % len(WHOLE) + WHOLE[:-120_000])
        await asyncio.Event().wait()

    generation = await generated(await serve(answer), files, timeout=1.0)
    *whole, rest = generation.images
    assert contents(whole) == PICTURES[:3]
    assert "time allowed" in (rest.error or "")


async def test_a_picture_that_broke_off_leaves_no_file(serve, files, tmp_path):
    cut = WHOLE.find(b"b64_json") + 100_000
    origin = await serve(raw(HEAD + b"Content-Length: %d\r\n\r\n" % len(WHOLE) + WHOLE[:cut]))
    with pytest.raises(ApiError) as caught:
        await generated(origin, files)
    assert (caught.value.kind, caught.value.charged) == ("unknown_outcome", "maybe")
    assert not list(tmp_path.iterdir())


async def test_cancelling_leaves_whole_pictures_and_no_half_ones(serve, files, tmp_path):
    sent = asyncio.Event()

    async def answer(request: Received, writer: asyncio.StreamWriter) -> None:
        writer.write(HEAD + b"Content-Length: %d\r\n\r\n" % len(WHOLE) + WHOLE[:-120_000])
        await writer.drain()
        sent.set()
        await asyncio.Event().wait()

    origin = await serve(answer)
    task = asyncio.create_task(generated(origin, files))
    await sent.wait()
    while len(files.pictures) < 3:  # noqa: ASYNC110 - written by a thread, without an event
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert sorted(path.name for path in tmp_path.iterdir()) == ["1.part", "2.part", "3.part"]


async def test_pictures_that_the_disk_refuses_stay_in_memory(serve, tmp_path):
    (tmp_path / "taken").write_text("a file")
    files = Spool(lambda number: tmp_path / "taken" / f"{number}.part")
    generation = await generated(await serve(raw(HEAD + b"\r\n" + WHOLE)), files)
    assert [image.file for image in generation.images] == [None] * len(PICTURES)
    assert [image.data for image in generation.images] == PICTURES


async def test_pictures_that_neither_disk_nor_memory_takes_are_an_error_of_the_disk(
    serve, tmp_path, monkeypatch
):
    monkeypatch.setattr("tui.api.spool.MOST_HELD", 0)
    (tmp_path / "taken").write_text("a file")
    files = Spool(lambda number: tmp_path / "taken" / f"{number}.part")
    with pytest.raises(OSError, match="folder"):
        await generated(await serve(raw(HEAD + b"\r\n" + WHOLE)), files)


async def test_an_error_body_that_quotes_a_picture_is_an_error(serve, files):
    body = {"error": {"message": "cannot read this", "param": "image"}, "image": ITEMS[0]}
    origin = await serve(reply(400, body))
    with pytest.raises(ApiError) as caught:
        await generated(origin, files)
    assert caught.value.kind == "invalid_request"
    assert "picture 1" in caught.value.body
