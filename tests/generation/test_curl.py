"""An entry's request as curl: what the command sends is what the client would send."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.demo.forms import FormPart, form_of
from tests.history.entries import DONE
from tui.api.wire import UnfitRequest, generation_request
from tui.config import EndpointSettings, KeySource
from tui.generation.curl import curl_command
from tui.generation.references import load_reference
from tui.history.entry import MASK, EntryReference
from tui.text import showable

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII="
)
PROMPT = 'it\'s "a fox" $HOME `id`\nzwei\t\u202e \x9b \x7f 狐 🦊 \\ end'
ENTRY = replace(DONE, prompt=PROMPT, parameters={"seed": 7, "n": 2}, references=())


class _Server(HTTPServer):
    received: list[tuple[str, dict[str, str], bytes]]


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append((self.path, dict(self.headers), body))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[_Server]:
    server = _Server(("127.0.0.1", 0), _Handler)
    server.received = []
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def _settings(server: _Server, **others: object) -> EndpointSettings:
    settings = EndpointSettings(
        base_url=f"http://127.0.0.1:{server.server_port}/v1",
        key=KeySource(env="SOME_KEY"),
        headers={"X-Title": "it's ours", "X-Api-Token": "s3cr3t-value"},
        extra={"user": "me"},
    )
    return replace(settings, **others)


def _run(command: str) -> None:
    if shutil.which("curl") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("curl is not installed")
        pytest.skip("curl is not installed")
    variables = {**os.environ, "SOME_KEY": "sk-from-outside", "X_API_TOKEN": "s3cr3t-value"}
    subprocess.run(["sh", "-c", command], check=True, env=variables, capture_output=True)


def test_a_shell_sends_what_the_client_would(server: _Server, tmp_path: Path) -> None:
    picture = tmp_path / "it's one.png"
    picture.write_bytes(PNG)
    references = (
        EntryReference(name="one.png", file="images/one.png"),
        EntryReference(name="https://example.org/two.png"),
    )
    entry = replace(ENTRY, references=references)
    command = curl_command(entry, _settings(server), lambda name: picture)
    assert "sk-from-outside" not in command
    assert "s3cr3t-value" not in command
    assert command == showable(command), "it can be shown as it is"
    _run(command)
    (path, headers, body) = server.received[0]
    assert path == "/v1/images/generations"
    assert headers["Authorization"] == "Bearer sk-from-outside"
    assert (headers["X-Title"], headers["X-Api-Token"]) == ("it's ours", "s3cr3t-value")
    assert json.loads(body) == {
        "user": "me",
        "model": entry.model,
        "prompt": PROMPT,
        "seed": 7,
        "n": 2,
        "image": [
            f"data:image/png;base64,{base64.b64encode(PNG).decode()}",
            "https://example.org/two.png",
        ],
    }


def test_an_endpoint_that_takes_addresses_only_is_told(server: _Server, tmp_path: Path) -> None:
    entry = replace(ENTRY, references=(EntryReference(name="a", file="images/a.png"),))
    with pytest.raises(UnfitRequest, match="by address only"):
        curl_command(entry, _settings(server, image_encoding="url"), lambda _: tmp_path)


def test_a_shell_sends_the_form_that_the_client_would(server: _Server, tmp_path: Path) -> None:
    files = {f"images/{name}": tmp_path / name for name in ('it\'s; "1",\\.png', "b.jpg", "m.png")}
    for number, path in enumerate(files.values()):
        path.write_bytes((b"\xff\xd8\xff" if path.suffix == ".jpg" else PNG) + bytes([number]))
    entry = replace(
        ENTRY,
        prompt=f"@{PROMPT}\r\n",
        parameters={"n": 2, "stream": False, "deep": {"a": [1, "é"]}, "style": "<b;type=x"},
        references=tuple(
            EntryReference(name="mine.png", file=file, role=role)
            for file, role in zip(files, ("", "", MASK), strict=True)
        ),
    )
    settings = _settings(server, references="edits", extra={"user": "me", "api_key": "s3cr3t-two"})
    command = curl_command(entry, settings, files.__getitem__)
    assert command == showable(command), "it can be shown as it is"
    for absent in ("sk-from-outside", "s3cr3t", "application/json"):
        assert absent not in command
    _run(command)
    ((path, headers, body),) = server.received
    assert path == "/v1/images/edits"
    assert headers["Authorization"] == "Bearer sk-from-outside"
    assert form_of(headers["Content-Type"], body) == [
        FormPart(part.name, part.content, part.filename or None, part.media_type or None)
        for part in generation_request(
            replace(settings, extra={"user": "me", "api_key": "[key]"}),
            entry.model,
            entry.prompt,
            entry.parameters,
            [load_reference(reference, files.__getitem__) for reference in entry.references],
        ).parts
    ]


def test_what_no_form_can_say_is_told(server: _Server, tmp_path: Path) -> None:
    picture = tmp_path / "a.png"
    picture.write_bytes(PNG)
    one = EntryReference(name="a.png", file="images/a.png")
    edits, field = _settings(server, references="edits"), _settings(server)
    for settings, entry, reason in (
        (edits, replace(ENTRY, references=(EntryReference(name="https://a/b"),)), "files only"),
        (edits, replace(ENTRY, prompt="a\0b", references=(one,)), "null character"),
        (field, replace(ENTRY, references=(one, replace(one, role=MASK))), "no mask"),
    ):
        with pytest.raises(UnfitRequest, match=reason):
            curl_command(entry, settings, lambda _: picture)


def test_a_key_in_a_header_of_another_name_is_taken_out(server: _Server) -> None:
    settings = _settings(server, headers={"X-Title": "Bearer sk-abcdef123456", "X-Say": "yes"})
    command = curl_command(ENTRY, settings, Path)
    assert "X-Say: yes" in command
    assert "abcdef123456" not in command
