"""Pictures fetched: whole or not at all, and never with the key."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import os
import stat

import pytest
from starlette.applications import Starlette

from tests.api.origins import (
    CANARY,
    PNG,
    Origin,
    canary,
    close,
    drip,
    free_port,
    in_turn,
    raw,
    reply,
    reset,
    route,
)
from tui.api import downloads
from tui.api.addresses import is_global, read_base_url
from tui.api.client import ImagesClient
from tui.api.downloads import Credentials, Downloader
from tui.api.errors import ApiError
from tui.api.http import embedded
from tui.config import BUILT_IN_ENDPOINTS, DEMO, EndpointSettings
from tui.scrub import Scrubber

PICTURE = reply(200, PNG, "image/png")


@pytest.fixture(autouse=True)
def attempts_follow_at_once(monkeypatch):
    monkeypatch.setattr("tui.api.downloads.PAUSES", (0.0, 0.0))


def client_of(origin: Origin, **settings) -> ImagesClient:
    return ImagesClient(origin.settings(**settings), canary())


async def fails(download, target) -> ApiError:
    with pytest.raises(ApiError) as caught:
        await download
    assert not target.exists()
    return caught.value


async def test_a_picture_is_saved_as_it_came(serve, tmp_path):
    origin = await serve(PICTURE)
    target = tmp_path / "a.part"
    download = await client_of(origin).download(f"{origin.url}/media/a.png", target)
    assert target.read_bytes() == PNG
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert (download.bytes, download.media_type) == (len(PNG), "image/png")
    assert download.sha256 == hashlib.sha256(PNG).hexdigest()


async def test_no_key_and_no_cookie_go_with_a_download(serve, tmp_path):
    origin = await serve(
        in_turn(reply(302, b"", Location="/b.png", Set_Cookie="session=1"), PICTURE)
    )
    client = client_of(origin, headers={"X-Api-Key": CANARY})
    await client.download(f"{origin.url}/a.png", tmp_path / "a")
    for request in origin.requests:
        assert CANARY not in repr(request)
        assert "authorization" not in request.headers
        assert "cookie" not in request.headers


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
    error = await fails(client_of(origin).download_record("i", tmp_path / "a"), tmp_path / "a")
    assert "Current status: failed" in error.message


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


async def test_a_picture_above_the_limit_is_given_up(serve, tmp_path, monkeypatch):
    monkeypatch.setattr(downloads, "IMAGE_LIMIT", 1 << 20)
    origin = await serve(reply(200, PNG + bytes(2 << 20), "image/png"))
    target = tmp_path / "a"
    error = await fails(client_of(origin).download(f"{origin.url}/a.png", target), target)
    assert "larger than 1 MiB" in error.message


async def test_a_bomb_is_given_up_at_the_limit(serve, tmp_path, monkeypatch):
    monkeypatch.setattr(downloads, "IMAGE_LIMIT", 1 << 20)
    bomb = gzip.compress(PNG + bytes(64 << 20), 1)
    origin = await serve(reply(200, bomb, "image/png", Content_Encoding="gzip"))
    target = tmp_path / "a"
    error = await fails(client_of(origin).download(f"{origin.url}/a.png", target), target)
    assert "larger than 1 MiB" in error.message


async def test_an_endless_download_ends_at_the_deadline(serve, tmp_path, monkeypatch):
    monkeypatch.setattr(downloads, "DEADLINE", 0.3)
    origin = await serve(drip)
    target = tmp_path / "a"
    error = await fails(client_of(origin).download(f"{origin.url}/a.png", target), target)
    assert "0.3 seconds" in error.message


async def test_cancelling_a_download_leaves_no_file(serve, tmp_path):
    origin = await serve(drip)
    target = tmp_path / "a"
    task = asyncio.create_task(client_of(origin).download(f"{origin.url}/a.png", target))
    while not target.exists():  # noqa: ASYNC110 - only the file itself tells
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not target.exists()


async def test_a_file_that_is_there_is_left_alone(serve, tmp_path):
    origin = await serve(PICTURE)
    target = tmp_path / "a"
    target.write_bytes(b"mine")
    with pytest.raises(FileExistsError):
        await client_of(origin).download(f"{origin.url}/a.png", target)
    assert target.read_bytes() == b"mine"


async def test_a_folder_that_is_missing_is_an_os_error(serve, tmp_path):
    origin = await serve(PICTURE)
    with pytest.raises(FileNotFoundError):
        await client_of(origin).download(f"{origin.url}/a.png", tmp_path / "no" / "a")


async def test_five_redirects_are_followed_and_a_loop_is_not(serve, tmp_path):
    hops = [reply(302, b"", Location=f"/{number}.png") for number in range(5)]
    origin = await serve(in_turn(*hops, PICTURE))
    await client_of(origin).download(f"{origin.url}/a.png", tmp_path / "a")
    origin.answer = reply(302, b"", Location="/again.png")
    origin.requests.clear()
    target = tmp_path / "b"
    error = await fails(client_of(origin).download(f"{origin.url}/a.png", target), target)
    assert "more than 5 times" in error.message
    assert len(origin.requests) == 6


HOSTILE = [
    "file:///etc/passwd",
    "javascript:alert(1)",
    "ftp://a.example/a",
    "//evil.example/a",
    "https://user:secret@a.example/a",
    "https://a.example\\@b.example/a",
    "https://аpple.example/a",
    "https://a.example/" + "x" * 9000,
    "https://a.example/\r\nHost: b",
    "https://[::1/a",
    "http:///a",
    "",
]


@pytest.mark.parametrize("url", HOSTILE)
async def test_an_address_that_cannot_be_trusted_is_not_asked(serve, tmp_path, url):
    origin = await serve(PICTURE)
    target = tmp_path / "a"
    error = await fails(client_of(origin).download(url, target), target)
    assert (error.kind, error.charged) == ("download", "yes")
    assert origin.connections == 0


@pytest.mark.parametrize("location", [url for url in HOSTILE[:8] if not url.startswith("//")])
async def test_a_redirect_to_such_an_address_is_not_followed(serve, tmp_path, location):
    origin = await serve(reply(302, b"", Location=location.encode().decode("latin-1")))
    target = tmp_path / "a"
    error = await fails(client_of(origin).download(f"{origin.url}/a", target), target)
    assert "redirects to one not fetched" in error.message
    assert len(origin.requests) == 1


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f.1", "[::1]", "[::ffff:127.0.0.1]"],
)
async def test_a_public_endpoint_cannot_point_into_the_private_network(serve, tmp_path, host):
    inside = await serve(PICTURE)
    client = ImagesClient(EndpointSettings(base_url="https://8.8.8.8/v1"), canary())
    target = tmp_path / "a"
    error = await fails(client.download(f"https://{host}:{inside.port}/a", target), target)
    assert "private network" in error.message
    assert inside.connections == 0


async def test_a_public_endpoint_cannot_point_to_plain_http(serve, tmp_path):
    inside = await serve(PICTURE)
    client = ImagesClient(EndpointSettings(base_url="https://8.8.8.8/v1"), canary())
    target = tmp_path / "a"
    error = await fails(client.download(f"{inside.url}/a", target), target)
    assert "not https" in error.message
    assert inside.connections == 0


async def test_a_host_that_is_gone_is_told_by_name(tmp_path, serve):
    origin = await serve(PICTURE)
    target = tmp_path / "a"
    url = f"http://127.0.0.1:{free_port()}/a"
    error = await fails(client_of(origin).download(url, target), target)
    assert "127.0.0.1" in error.message
    assert "refused" in error.message


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2606:4700::1111", True),
        ("10.0.0.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("::ffff:10.0.0.1", False),
    ],
)
def test_only_public_addresses_are_global(address, public):
    assert is_global(address) is public


async def test_an_endpoint_without_a_key_may_have_the_same_words(serve, tmp_path):
    origin = await serve(reply(404, {"detail": "Image is still being generated"}))
    client = ImagesClient(origin.settings(), None)
    error = await fails(client.download_record("i", tmp_path / "a"), tmp_path / "a")
    assert "still being generated" in error.message


async def test_a_key_meant_for_the_endpoint_is_never_sent_elsewhere(serve, tmp_path):
    origin, elsewhere = await serve(PICTURE), await serve(PICTURE)
    downloader = Downloader(read_base_url(f"{origin.url}/v1"), Scrubber())
    credentials = Credentials(canary(), {"X-Api-Key": CANARY})
    url = f"{elsewhere.url}/v1/images/i/content"
    await downloader.fetch(url, tmp_path / "a", credentials=credentials)
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
    downloader = Downloader(read_base_url(f"{origin.url}/v1"), Scrubber(), pauses=(0.0,) * 6)
    target = tmp_path / "a"
    await fails(downloader.fetch(f"{origin.url}/a", target), target)
    assert len(origin.requests) == 7
