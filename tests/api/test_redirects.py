"""Redirects on the way to a picture: followed one by one, never with the key."""

from __future__ import annotations

import pytest

from tests.api.fetching import PICTURE, client_of, downloader_of, fails
from tests.api.origins import CANARY, PNG, in_turn, reply, route

HOSTILE = [
    "file:///etc/passwd",
    "javascript:alert(1)",
    "data:image/png;base64,AAAA",
    "ftp://a.example/a",
    "https://user:secret@a.example/a",
    "https://a.example\\@b.example/a",
    "https://аpple.example/a",
    "https://a.example/" + "x" * 9000,
    "https://[::1/a",
    "https://[fe80::1%25eth0]/a",
    "http:///a",
]
NOT_HEADERS = ["//evil.example/a", "https://a.example/\r\nHost: b", "https://a.example/\0", ""]


@pytest.mark.parametrize("url", HOSTILE + NOT_HEADERS)
async def test_an_address_that_cannot_be_trusted_is_not_asked(serve, tmp_path, url):
    origin = await serve(PICTURE)
    target = tmp_path / "a"
    error = await fails(client_of(origin).download(url, target), target)
    assert "is not fetched" in error.message
    assert origin.connections == 0


@pytest.mark.parametrize("location", [*HOSTILE, "/a\tb", "///a.example", "/\\a.example"])
async def test_a_redirect_to_such_an_address_is_not_followed(serve, tmp_path, location):
    origin = await serve(reply(302, b"", Location=location.encode().decode("latin-1")))
    target = tmp_path / "a"
    error = await fails(client_of(origin).download(f"{origin.url}/a", target), target)
    assert "redirects to one not fetched" in error.message
    assert location[:20] not in error.message
    assert len(origin.requests) == 1


@pytest.mark.parametrize("url", HOSTILE)
async def test_a_record_that_names_such_an_address_is_told(serve, tmp_path, url):
    origin = await serve(reply(200, {"url": url}))
    target = tmp_path / "a"
    with pytest.raises(Exception, match="no usable address") as caught:
        await client_of(origin).download_record("i", target)
    assert "secret" not in str(caught.value)
    assert len(origin.requests) == 1


async def test_five_redirects_are_followed_and_not_six(serve, tmp_path):
    hops = [reply(302, b"", Location=f"{number}.png") for number in range(6)]
    origin = await serve(in_turn(*hops[:5], PICTURE))
    await downloader_of(origin).fetch(f"{origin.url}/media/a.png", tmp_path / "a")
    assert [request.target for request in origin.requests] == [
        "/media/a.png", *(f"/media/{number}.png" for number in range(5))
    ]  # fmt: skip
    origin.answer = in_turn(*hops, PICTURE)
    origin.requests.clear()
    target = tmp_path / "b"
    error = await fails(downloader_of(origin).fetch(f"{origin.url}/media/a.png", target), target)
    assert "more than 5 redirects" in error.message
    assert len(origin.requests) == 6


async def test_a_circle_is_noticed_at_once(serve, tmp_path):
    there, back = reply(302, b"", Location="/b.png"), reply(307, b"", Location="/a.png#again")
    origin = await serve(route(a=there, b=back))
    target = tmp_path / "a"
    error = await fails(downloader_of(origin).fetch(f"{origin.url}/a.png", target), target)
    assert "circle" in error.message
    assert [request.target for request in origin.requests] == ["/a.png", "/b.png"]


async def test_each_attempt_may_be_redirected_anew(serve, tmp_path):
    hop = reply(302, b"", Location="/b.png")
    origin = await serve(in_turn(hop, reply(503), hop, reply(503), hop, PICTURE))
    await downloader_of(origin).fetch(f"{origin.url}/a.png", tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == PNG


async def test_a_redirect_of_the_content_route_to_itself_gets_no_key(serve, tmp_path):
    origin = await serve(in_turn(reply(302, b"", Location="?format=binary"), PICTURE))
    client = client_of(origin, headers={"X-Api-Key": CANARY})
    await client.download_record("img_1", tmp_path / "a")
    first, second = origin.requests
    assert second.target == "/v1/images/img_1/content?format=binary"
    assert CANARY in repr(first)
    assert CANARY not in repr(second)
