"""Faults on the way of a paid request: one POST is one POST, and its outcome is told as it is."""

from __future__ import annotations

import asyncio
import gzip
import json

import pytest

from tests.api.origins import (
    canary,
    close,
    drip,
    free_port,
    hang,
    raw,
    reply,
    reset,
    success,
)
from tui.api.client import ImagesClient
from tui.api.errors import ApiError
from tui.config import EndpointSettings

BODY = json.dumps(success()).encode()
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


async def failure(origin, **settings) -> ApiError:
    client = ImagesClient(origin.settings(**settings), canary())
    with pytest.raises(ApiError) as caught:
        await client.generate("m", "p", {})
    return caught.value


@pytest.mark.parametrize(
    "answer",
    [
        close,
        reset,
        raw(b"HTTP/1.1 200"),
        raw(b"HTTP/1.1 200 OK\r\nContent-Type: app"),
        raw(b"\x00\x01\x02 this is not HTTP\r\n\r\n"),
        raw(HEAD + b"Content-Length: 99999\r\n\r\n" + BODY[:-5]),
        raw(HEAD + b"Transfer-Encoding: chunked\r\n\r\n10\r\n" + BODY[:16] + b"\r\n40\r\nabc"),
        raw(HEAD + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(BODY)[:-20]),
    ],
    ids="close reset half-status half-head no-http short-length cut-chunk cut-gzip".split(),
)
async def test_a_lost_answer_is_an_unknown_outcome_and_nothing_is_sent_again(serve, answer):
    origin = await serve(answer)
    error = await failure(origin)
    assert (error.kind, error.charged) == ("unknown_outcome", "maybe")
    assert "library" in error.hint
    assert origin.posts == origin.connections == 1


@pytest.mark.parametrize("answer", [hang, drip])
async def test_the_total_deadline_ends_a_wait_and_leaves_the_outcome_unknown(serve, answer):
    origin = await serve(answer)
    error = await failure(origin, timeout=0.3)
    assert (error.kind, error.charged) == ("unknown_outcome", "maybe")
    assert origin.posts == 1


@pytest.mark.parametrize("status", [500, 502, 503, 504, 520, 524])
async def test_a_failing_server_is_asked_once(serve, status):
    origin = await serve(reply(status, "<html><title>No</title>", "text/html", Retry_After="0"))
    error = await failure(origin)
    assert (error.kind, error.charged) == ("gateway", "maybe")
    assert error.status == status
    assert origin.posts == 1


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 408, 409, 413, 425, 429])
async def test_a_refusal_is_taken_for_an_answer(serve, status):
    origin = await serve(reply(status, {"error": {"message": "no"}}, Retry_After="0"))
    error = await failure(origin)
    assert error.status == status
    assert origin.posts == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_reported_and_not_followed(serve, status):
    elsewhere = await serve(reply(200, success()))
    origin = await serve(reply(status, b"", Location=f"{elsewhere.url}/v1/images/generations"))
    error = await failure(origin)
    assert (error.kind, error.status) == ("bad_response", status)
    assert error.charged == ("maybe" if status == 303 else "no")
    assert origin.posts == 1
    assert elsewhere.connections == 0


async def test_nobody_listening_is_not_sent():
    settings = EndpointSettings(base_url=f"http://127.0.0.1:{free_port()}/v1")
    with pytest.raises(ApiError) as caught:
        await ImagesClient(settings, canary()).generate("m", "p", {})
    assert (caught.value.kind, caught.value.charged) == ("not_sent", "no")
    assert "refused" in caught.value.message


async def test_a_name_that_cannot_be_looked_up_is_not_sent():
    settings = EndpointSettings(base_url=f"https://{'a' * 70}.example/v1")
    with pytest.raises(ApiError) as caught:
        await ImagesClient(settings, canary()).generate("m", "p", {})
    assert (caught.value.kind, caught.value.charged) == ("not_sent", "no")


async def test_a_server_without_tls_never_sees_an_https_request():
    seen = b""

    async def plain(reader, writer):
        nonlocal seen
        seen = await reader.read(65536)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(plain, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        settings = EndpointSettings(base_url=f"https://127.0.0.1:{port}/v1")
        with pytest.raises(ApiError) as caught:
            await ImagesClient(settings, canary()).generate("m", "p", {})
    assert (caught.value.kind, caught.value.charged) == ("not_sent", "no")
    assert "TLS" in caught.value.message
    assert seen
    assert b"POST" not in seen


async def test_a_deadline_during_the_tls_handshake_is_not_sent():
    closed = asyncio.Event()

    async def silent(reader, writer):
        await reader.read()
        closed.set()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        settings = EndpointSettings(base_url=f"https://127.0.0.1:{port}/v1", timeout=0.3)
        with pytest.raises(ApiError) as caught:
            await ImagesClient(settings, canary()).generate("m", "p", {})
        await closed.wait()  # The connection does not stay behind.
    assert (caught.value.kind, caught.value.charged) == ("not_sent", "no")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SSL_CERT_FILE", "/nonexistent/certificates.pem"),
        ("HTTPS_PROXY", "socks5://proxy.invalid:1080"),
        ("HTTPS_PROXY", "gopher://proxy.invalid"),
        ("HTTPS_PROXY", "http://[bad"),
    ],
)
async def test_an_unusable_environment_is_not_sent(monkeypatch, name, value):
    from tui.api.http import tls_context

    monkeypatch.setenv(name, value)
    tls_context.cache_clear()
    settings = EndpointSettings(base_url="https://api.example.com/v1", timeout=5.0)
    try:
        with pytest.raises(ApiError) as caught:
            await ImagesClient(settings, canary()).generate("m", "p", {})
    finally:
        tls_context.cache_clear()
    assert (caught.value.kind, caught.value.charged) == ("not_sent", "no")


async def proxied(monkeypatch, serve, answer) -> tuple[ApiError, object]:
    proxy = await serve(answer)
    # One that hangs has to be waited for; the others only on a slow machine.
    seconds = 2.0 if answer is hang else 30.0
    monkeypatch.setenv("HTTPS_PROXY", proxy.url.removeprefix("http://"))
    settings = EndpointSettings(base_url="https://api.example.com/v1", timeout=seconds)
    with pytest.raises(ApiError) as caught:
        await ImagesClient(settings, canary()).generate("m", "p", {})
    return caught.value, proxy


@pytest.mark.parametrize(
    "answer", [reply(407), reply(503), close, hang], ids=["407", "503", "close", "hang"]
)
async def test_a_proxy_that_opens_no_tunnel_leaves_the_request_unsent(monkeypatch, serve, answer):
    error, proxy = await proxied(monkeypatch, serve, answer)
    assert (error.kind, error.charged) == ("not_sent", "no")
    # Asked again it would want it again.
    assert ("wants a user name and password" not in error.message) == error.passing
    (request,) = proxy.requests
    assert request.method == "CONNECT"
    assert "authorization" not in request.headers


async def test_a_proxy_is_not_used_for_this_machine(monkeypatch, serve):
    proxy = await serve(reply(502))
    monkeypatch.setenv("HTTP_PROXY", proxy.url)
    origin = await serve(reply(200, success()))
    await ImagesClient(origin.settings(), canary()).generate("m", "p", {})
    assert proxy.connections == 0


async def test_cancelling_raises_cancelled_and_sends_nothing_more(serve):
    origin = await serve(hang)
    client = ImagesClient(origin.settings(), canary())
    task = asyncio.create_task(client.generate("m", "p", {}))
    await origin.asked(1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert origin.posts == 1


async def test_after_many_cancelled_requests_the_next_one_works(serve):
    origin = await serve(hang)
    client = ImagesClient(origin.settings(), canary())
    tasks = [asyncio.create_task(client.generate("m", "p", {})) for _ in range(120)]
    await origin.asked(len(tasks))
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    origin.answer = reply(200, success())
    assert (await client.generate("m", "p", {})).images


async def test_an_answer_before_the_body_was_read_is_heard(serve):
    async def refuse_early(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(
            b"HTTP/1.1 413 Too Large\r\nContent-Type: text/html\r\nContent-Length: 39\r\n\r\n"
            b"<title>413 Request Entity Too Large</tit"
        )
        await writer.drain()
        while await reader.read(65536):
            pass
        writer.close()

    server = await asyncio.start_server(refuse_early, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        settings = EndpointSettings(base_url=f"http://127.0.0.1:{port}/v1")
        with pytest.raises(ApiError) as caught:
            await ImagesClient(settings, canary()).generate("m", "x" * 3_000_000, {})
    assert (caught.value.kind, caught.value.charged) == ("too_large", "no")


@pytest.mark.parametrize(
    "payload",
    [
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % len(BODY) + BODY + b"\r\n",
        HEAD + b"Content-Length: %d\r\n\r\n" % (len(BODY) + 10) + BODY,
        HEAD + b"\r\n" + BODY,
        HEAD + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(BODY),
    ],
    ids=["no-last-chunk", "long-length", "no-length", "gzip"],
)
async def test_a_whole_document_is_never_lost_to_its_framing(serve, payload):
    origin = await serve(raw(payload))
    generation = await ImagesClient(origin.settings(), canary()).generate("m", "p", {})
    assert generation.images


async def test_a_document_cut_without_notice_is_noticed(serve):
    origin = await serve(raw(HEAD + b"\r\n" + BODY[:-3]))
    error = await failure(origin)
    assert (error.kind, error.charged) == ("bad_response", "maybe")
    assert error.body


async def test_a_decompression_bomb_is_cut_at_the_limit(serve, monkeypatch):
    monkeypatch.setattr("tui.api.answers.TEXT_LIMIT", 4 * 1024 * 1024)
    bomb = gzip.compress(b" " * (64 * 1024 * 1024), 1)
    origin = await serve(raw(HEAD + b"Content-Encoding: gzip\r\n\r\n" + bomb))
    error = await failure(origin)
    assert (error.kind, error.charged) == ("bad_response", "maybe")
    assert "larger" in error.message


async def test_an_error_that_breaks_off_is_still_that_error(serve):
    head = b"HTTP/1.1 402 No\r\nContent-Type: application/json\r\nContent-Length: 999\r\n\r\n"
    origin = await serve(raw(head + b'{"error":{"message":"Balance is'))
    error = await failure(origin)
    assert (error.kind, error.charged) == ("no_credit", "no")
