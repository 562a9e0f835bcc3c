"""The key in no exception, traceback, repr or log record, whatever goes wrong."""

from __future__ import annotations

import json
import logging
import os
import traceback

import pytest

from tests.api.origins import CANARY, PNG, canary, close, free_port, raw, reply, reset, success
from tui.api.client import ImagesClient
from tui.api.errors import ApiError
from tui.api.generations import read_generation
from tui.api.pictures import PictureReader
from tui.api.reply import Reply
from tui.config import EndpointSettings
from tui.scrub import BODY_LIMIT, Scrubber

ECHO = f"key {CANARY}, Authorization: Bearer {CANARY}, as JSON {json.dumps(CANARY)}"


def assert_secretive(error: BaseException) -> None:
    """Neither `error` nor anything that led to it shows the key."""
    seen: BaseException | None = error
    while seen is not None:
        assert CANARY not in f"{seen} {seen!r} {seen.args!r} {vars(seen)!r}"
        seen = seen.__cause__ or seen.__context__


def assert_frames_are_secretive(error: BaseException) -> None:
    """No variable in a frame of the project shows the key, as a crash report would print it."""
    for frame, _ in traceback.walk_tb(error.__traceback__):
        if f"{os.sep}tui{os.sep}" in frame.f_code.co_filename:
            assert CANARY not in repr(frame.f_locals)


FAILURES = {
    "reset": reset,
    "close": close,
    "echo-400": reply(400, {"error": {"message": ECHO, "param": ECHO, "type": ECHO}}),
    "echo-500-page": reply(500, f"<title>{ECHO}</title>", "text/html"),
    "echo-401-text": reply(401, ECHO, "text/plain", X_Request_Id=CANARY[3:]),
    "echo-200": reply(200, {"message": ECHO}),
    "echo-200-garbage": reply(200, "x" * 600 + ECHO),
    "echo-task": reply(200, {"task_id": "x" * 90 + CANARY}),
    "echo-item": reply(200, {"data": [{"error": {"message": "x" * 290 + CANARY}}]}),
    "echo-redirect": reply(302, b"", Location=f"https://{CANARY.lower()}.example/"),
    "echo-head": raw(f"HTTP/1.1 {ECHO}\r\n\r\n".encode()),
    "echo-late": reply(400, b"y" * (4 * BODY_LIMIT - 9) + CANARY.encode() + b"z" * 9, "text/plain"),
}


@pytest.mark.parametrize("fault", FAILURES)
async def test_no_failure_of_a_request_shows_the_key(serve, fault):
    origin = await serve(FAILURES[fault])
    client = ImagesClient(origin.settings(), canary())
    for call in (lambda: client.generate("m", "p", {}), client.records, client.models):
        try:
            await call()
        except ApiError as error:
            assert_secretive(error)
            if "echo" not in fault:
                assert_frames_are_secretive(error)
            assert CANARY[:12] not in error.message
            assert CANARY[:12] not in error.body


@pytest.mark.parametrize("fault", FAILURES)
async def test_no_failure_of_a_download_shows_the_key(serve, fault, tmp_path, monkeypatch):
    monkeypatch.setattr("tui.api.downloads.PAUSES", ())
    origin = await serve(FAILURES[fault])
    client = ImagesClient(origin.settings(), canary())
    try:
        await client.download_record("i", tmp_path / "a")
    except ApiError as error:
        assert_secretive(error)
        if "echo" not in fault:
            assert_frames_are_secretive(error)


async def test_a_connection_that_fails_does_not_show_the_key():
    settings = EndpointSettings(base_url=f"http://127.0.0.1:{free_port()}/v1")
    client = ImagesClient(settings, canary())
    assert CANARY not in repr(client)
    with pytest.raises(ApiError) as caught:
        await client.generate("m", "p", {})
    assert_secretive(caught.value)
    assert_frames_are_secretive(caught.value)


async def test_the_http_library_logs_nothing_of_a_request(serve, tmp_path, caplog):
    origin = await serve(reply(200, success()))
    client = ImagesClient(origin.settings(), canary())
    await client.generate("m", "p", {})
    origin.answer = reply(200, PNG)
    await client.download(f"{origin.url}/a.png?signature=abc", tmp_path / "a")
    names = {record.name.partition(".")[0] for record in caplog.records}
    assert not names & {"httpx", "httpcore"}
    assert "signature" not in caplog.text
    assert logging.getLogger("httpx").level == logging.WARNING


def test_a_key_in_a_failed_item_is_not_cut_in_half():
    failed = {"error": {"message": "x" * 285 + CANARY}}
    body = json.dumps({"data": [{"url": "https://a.example/a.png"}, failed]}).encode()
    generation = read_generation(
        Reply(200, {}, body), PictureReader("https://a.example/v1", Scrubber([CANARY]))
    )
    assert "CANARY" not in str(generation.images[1].error)
