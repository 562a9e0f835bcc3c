"""Pictures fetched: whole or not at all, and never with the key."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import os
import stat
import tracemalloc

import pytest
from starlette.applications import Starlette

from tests.api.fetching import PICTURE, client_of, downloader_of, fails
from tests.api.origins import (
    CANARY,
    PNG,
    Shelf,
    canary,
    close,
    cut,
    drip,
    free_port,
    hang,
    in_turn,
    raw,
    reply,
    reset,
    route,
    then_hang,
)
from tui.api.client import ImagesClient
from tui.api.downloads import Credentials
from tui.api.embedded import embedded
from tui.api.errors import ApiError
from tui.api.spool import IMAGE_LIMIT
from tui.config import BUILT_IN_ENDPOINTS, DEMO

MIB = 1 << 20


@pytest.fixture(autouse=True)
def attempts_follow_at_once(monkeypatch):
    monkeypatch.setattr("tui.api.downloads.PAUSES", (0.0, 0.0))


async def test_a_picture_is_saved_as_it_came(serve, tmp_path):
    origin = await serve(PICTURE)
    target = tmp_path / "a.part"
    download = await client_of(origin).download(f"{origin.url}/media/a.png", target)
    assert target.read_bytes() == PNG
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert (download.bytes, download.media_type) == (len(PNG), "image/png")
    assert download.sha256 == hashlib.sha256(PNG).hexdigest()


async def test_a_download_says_nothing_but_what_it_wants(serve, tmp_path):
    first = reply(302, b"", Location="/b.png", Set_Cookie="session=1")
    origin = await serve(in_turn(first, cut(PNG, 99), first, PICTURE))
    client = client_of(origin, headers={"X-Api-Key": CANARY})
    await client.download(f"{origin.url}/a.png", tmp_path / "a")
    assert len(origin.requests) == 4
    for request in origin.requests:
        assert set(request.headers) == {"host", "user-agent", "accept-encoding"}
        assert request.headers["accept-encoding"] == "identity"
        assert CANARY not in repr(request)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_the_key_stays_at_the_endpoint_when_content_redirects(serve, tmp_path, status):
    bucket = await serve(PICTURE)
    origin = await serve(reply(status, b"", Location=f"{bucket.url}/bucket/1.png?sig=x"))
    client = client_of(origin, headers={"X-Api-Key": CANARY})
    await client.download_record("img_1", tmp_path / "a")
    assert origin.requests[0].headers["authorization"] == f"Bearer {CANARY}"
    assert origin.requests[0].target == "/v1/images/img_1/content"
    (request,) = bucket.requests
    assert request.target == "/bucket/1.png?sig=x"
    assert CANARY not in repr(request)


async def test_the_key_does_not_come_back_by_way_of_another_origin(serve, tmp_path):
    origin = await serve(PICTURE)
    bucket = await serve(reply(302, b"", Location=f"{origin.url}/media/1.png"))
    origin.answer = route(content=reply(302, b"", Location=f"{bucket.url}/x"), **{"1": PICTURE})
    await client_of(origin).download_record("img_1", tmp_path / "a")
    assert "authorization" in origin.requests[0].headers
    assert "authorization" not in origin.requests[1].headers


async def test_content_may_also_be_the_picture_or_name_it_in_json(serve, tmp_path):
    bucket = await serve(PICTURE)
    origin = await serve(in_turn(PICTURE, reply(200, {"url": f"{bucket.url}/1.png"})))
    client = client_of(origin)
    assert (await client.download_record("img_1", tmp_path / "a")).bytes == len(PNG)
    assert (await client.download_record("img_1", tmp_path / "b")).bytes == len(PNG)
    assert CANARY not in repr(bucket.requests)


async def test_a_content_address_of_the_endpoint_gets_the_key_and_others_do_not(serve, tmp_path):
    origin = await serve(PICTURE)
    client = client_of(origin)
    for number, path in enumerate(
        [
            "/v1/images/i1/content?variant=1",
            "/v1/images/../../evil/content",
            "/v2/images/i1/content",
            "/images/i1/content",
            "/media/a.png",
        ]
    ):
        await client.download(f"{origin.url}{path}", tmp_path / str(number))
    keyed = ["authorization" in request.headers for request in origin.requests]
    assert keyed == [True, False, False, False, False]


async def test_a_content_address_elsewhere_gets_no_key(serve, tmp_path):
    origin, elsewhere = await serve(PICTURE), await serve(PICTURE)
    await client_of(origin).download(f"{elsewhere.url}/v1/images/i1/content", tmp_path / "a")
    assert CANARY not in repr(elsewhere.requests)


async def test_a_record_that_is_not_ready_is_told_in_the_endpoints_words(serve, tmp_path):
    body = {"error": {"message": "Image is not ready yet. Current status: failed"}}
    origin = await serve(reply(400, body))
    with pytest.raises(ApiError, match="Current status: failed"):
        await client_of(origin).download_record("i", tmp_path / "a")
    assert not (tmp_path / "a").exists()


@pytest.mark.parametrize(
    "answer",
    [
        close,
        reset,
        raw(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n" + PNG),
        raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n400\r\n" + PNG[:99]),
        raw(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(PNG)[:-9]),
        raw(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nnot gzip"),
        reply(200, b"", "image/png"),
        reply(500),
        reply(429),
    ],
    ids="close reset short-length cut-chunk cut-gzip no-gzip empty 500 429".split(),
)
async def test_a_download_that_breaks_is_tried_again_and_leaves_no_half_file(
    serve, tmp_path, answer
):
    target = tmp_path / "a"
    origin = await serve(answer)
    error = await fails(client_of(origin).download(f"{origin.url}/a.png", target), target)
    assert (error.kind, error.charged) == ("download", "yes")
    assert "again" in error.hint
    assert len(origin.requests) == 3
    origin.answer = in_turn(answer, answer, PICTURE)
    assert (await client_of(origin).download(f"{origin.url}/a.png", target)).bytes == len(PNG)


@pytest.mark.parametrize("status", [401, 403, 404, 410])
async def test_an_expired_address_is_told_and_not_tried_again(serve, tmp_path, status):
    origin = await serve(reply(status, "<Error><Code>AccessDenied</Code></Error>"))
    target = tmp_path / "a"
    error = await fails(client_of(origin).download(f"{origin.url}/a.png", target), target)
    assert (error.kind, error.status) == ("download", status)
    assert "expired" in error.message
    assert "AccessDenied" in error.body
    assert len(origin.requests) == 1


@pytest.mark.parametrize("body", [b"<!doctype html>", b'  {"error": "x"}', b"\n<html>"])
async def test_text_is_not_taken_for_a_picture_whatever_it_is_called(serve, tmp_path, body):
    origin = await serve(reply(200, body, "image/png"))
    target = tmp_path / "a"
    error = await fails(client_of(origin).download(f"{origin.url}/a.png", target), target)
    assert "text instead of a picture" in error.message
    assert len(origin.requests) == 1


async def test_a_compressed_picture_is_unpacked(serve, tmp_path):
    origin = await serve(reply(200, gzip.compress(PNG), "image/png", Content_Encoding="gzip"))
    await client_of(origin).download(f"{origin.url}/a.png", tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == PNG


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "x"])
async def test_a_compression_that_is_not_known_is_refused(serve, tmp_path, encoding):
    origin = await serve(reply(200, PNG, "image/png", Content_Encoding=encoding))
    target = tmp_path / "a"
    error = await fails(downloader_of(origin).fetch(f"{origin.url}/a.png", target), target)
    assert "compression" in error.message
    assert len(origin.requests) == 1


async def test_identity_is_no_compression(serve, tmp_path):
    origin = await serve(reply(200, PNG, "image/png", Content_Encoding="Identity"))
    await downloader_of(origin).fetch(f"{origin.url}/a.png", tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == PNG


BOMB = gzip.compress(PNG + bytes(200 * MIB), 1)
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
MIB_CHUNK = b"100000\r\n" + bytes(MIB) + b"\r\n"


async def without_end(request, writer):
    writer.write(CHUNKED)
    while True:
        writer.write(MIB_CHUNK)
        await writer.drain()


@pytest.mark.parametrize(
    "answer",
    [without_end, reply(200, BOMB, "image/png", Content_Encoding="gzip")],
    ids=["endless", "bomb"],
)
async def test_what_is_larger_than_the_limit_is_given_up_there(serve, tmp_path, answer):
    origin = await serve(answer)
    target = tmp_path / "a"
    download = downloader_of(origin).fetch(f"{origin.url}/a.png", target)
    tracemalloc.start()
    try:
        error = await fails(download, target)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert "larger than 64 MiB" in error.message
    assert len(origin.requests) == 1
    assert peak < 16 * MIB


@pytest.mark.parametrize("encoding", ["", "Content-Encoding: gzip\r\n"])
async def test_a_length_above_the_limit_is_refused_before_the_body_comes(serve, tmp_path, encoding):
    head = f"HTTP/1.1 200 OK\r\n{encoding}Content-Length: {IMAGE_LIMIT + 1}\r\n\r\n"
    origin = await serve(then_hang(head.encode()))
    target = tmp_path / "a"
    error = await fails(downloader_of(origin).fetch(f"{origin.url}/a.png", target), target)
    assert "larger than 64 MiB" in error.message
    await origin.left()


@pytest.mark.parametrize("length", [len(PNG) - 1, len(PNG) + 1])
async def test_a_body_of_another_length_than_announced_is_no_picture(serve, tmp_path, length):
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nTransfer-Encoding: chunked\r\n\r\n"
    body = f"{len(PNG):x}\r\n".encode() + PNG + b"\r\n0\r\n\r\n"
    origin = await serve(raw(head.encode() + body))
    target = tmp_path / "a"
    error = await fails(downloader_of(origin).fetch(f"{origin.url}/a.png", target), target)
    assert "before it was complete" in error.message
    assert len(origin.requests) == 3


async def test_an_endless_download_ends_at_the_deadline(serve, tmp_path):
    origin = await serve(drip)
    target = tmp_path / "a"
    download = downloader_of(origin, deadline=0.3).fetch(f"{origin.url}/a.png", target)
    error = await fails(download, target)
    assert "0.3 seconds" in error.message
    await origin.left()


async def test_the_deadline_is_for_all_attempts_together(serve, tmp_path):
    origin = await serve(close)
    target = tmp_path / "a"
    downloader = downloader_of(origin, deadline=0.3, pauses=(0.0, 9999.0))
    error = await fails(downloader.fetch(f"{origin.url}/a.png", target), target)
    assert "0.3 seconds" in error.message


HALF = b"HTTP/1.1 200 OK\r\nContent-Length: 400000\r\n\r\n" + PNG + bytes(200_000)


@pytest.mark.parametrize("answer", [hang, drip, then_hang(HALF)], ids=["head", "drip", "body"])
async def test_cancelling_a_download_leaves_no_file_and_no_connection(serve, tmp_path, answer):
    origin = await serve(answer)
    target = tmp_path / "a"
    task = asyncio.create_task(downloader_of(origin).fetch(f"{origin.url}/a.png", target))
    await origin.asked(1)
    while answer not in (hang, drip) and not target.stat().st_size:  # noqa: ASYNC110
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not target.exists()
    await origin.left()


async def test_cancelling_between_two_attempts_leaves_no_file(serve, tmp_path):
    origin = await serve(cut(PNG, 400))
    target = tmp_path / "a"
    downloader = downloader_of(origin, pauses=(9999.0,))
    task = asyncio.create_task(downloader.fetch(f"{origin.url}/a.png", target))
    await origin.asked(1)
    await origin.left()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not target.exists()


async def test_fifty_downloads_at_once_do_not_disturb_each_other(serve, tmp_path):
    pictures = {str(number): PNG + bytes([number]) * 40_000 for number in range(50)}
    shelves = {name: Shelf(data, [9_000]) for name, data in pictures.items()}
    origin = await serve(route(**shelves))
    downloader = downloader_of(origin)
    await asyncio.gather(
        *(downloader.fetch(f"{origin.url}/{name}.png", tmp_path / name) for name in pictures)
    )
    assert {name: (tmp_path / name).read_bytes() for name in pictures} == pictures
    assert len(origin.requests) == 100
    await origin.left()


async def test_a_file_that_is_there_is_left_alone(serve, tmp_path):
    origin = await serve(PICTURE)
    target = tmp_path / "a"
    target.write_bytes(b"mine")
    with pytest.raises(FileExistsError):
        await client_of(origin).download(f"{origin.url}/a.png", target)
    assert target.read_bytes() == b"mine"
    assert not origin.requests


async def test_a_folder_that_is_missing_is_an_os_error(serve, tmp_path):
    origin = await serve(PICTURE)
    with pytest.raises(FileNotFoundError):
        await client_of(origin).download(f"{origin.url}/a.png", tmp_path / "no" / "a")


async def test_a_host_that_is_gone_is_told_by_name(tmp_path, serve):
    origin = await serve(PICTURE)
    target = tmp_path / "a"
    url = f"http://127.0.0.1:{free_port()}/a"
    error = await fails(client_of(origin).download(url, target), target)
    assert "127.0.0.1" in error.message
    assert "refused" in error.message


async def test_an_endpoint_without_a_key_may_have_the_same_words(serve, tmp_path):
    origin = await serve(reply(404, {"detail": "Image is still being generated"}))
    client = ImagesClient(origin.settings(), None)
    with pytest.raises(ApiError, match="still being generated"):
        await client.download_record("i", tmp_path / "a")


async def test_a_key_meant_for_the_endpoint_is_never_sent_elsewhere(serve, tmp_path):
    origin, elsewhere = await serve(PICTURE), await serve(PICTURE)
    credentials = Credentials(canary(), {"X-Api-Key": CANARY})
    url = f"{elsewhere.url}/v1/images/i/content"
    await downloader_of(origin).fetch(url, tmp_path / "a", credentials=credentials)
    assert CANARY not in repr(elsewhere.requests)


async def test_a_picture_is_forced_onto_the_disk_before_it_is_reported(
    serve, tmp_path, monkeypatch
):
    settled = []
    fsync = os.fsync

    def recording(descriptor: int) -> None:
        fsync(descriptor)
        settled.append(os.fstat(descriptor).st_size)

    monkeypatch.setattr("tui.files.os.fsync", recording)
    origin = await serve(PICTURE)
    await client_of(origin).download(f"{origin.url}/a.png", tmp_path / "a")
    assert settled == [len(PNG)]


async def test_the_length_is_checked_where_no_connection_does(tmp_path):
    async def app(scope, receive, send):
        headers = [(b"content-length", b"9999"), (b"content-type", b"image/png")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": PNG})

    starlette = Starlette()
    starlette.middleware_stack = app
    client = ImagesClient(BUILT_IN_ENDPOINTS[DEMO], None, embedded(starlette))
    target = tmp_path / "a"
    error = await fails(client.download("http://demo.invalid/media/a.png", target), target)
    assert "before it was complete" in error.message


async def test_the_pauses_between_attempts_are_a_parameter(serve, tmp_path):
    origin = await serve(close)
    target = tmp_path / "a"
    await fails(downloader_of(origin, pauses=(0.0,) * 6).fetch(f"{origin.url}/a", target), target)
    assert len(origin.requests) == 7
