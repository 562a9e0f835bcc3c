"""Endpoints on loopback ports for commands to talk to."""

from __future__ import annotations

import base64
import json
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.cli.conftest import DARKROOM, Home
from tests.pseudo_terminal import PATIENCE


@contextmanager
def served(folder: Path, *arguments: str) -> Iterator[str]:
    """The base URL of `darkroom serve` on a free port, its records in `folder`."""
    command = [DARKROOM, "serve", "--port", "0", *arguments]
    with subprocess.Popen(
        command, env=Home(folder).environment, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.send_signal(signal.SIGINT)


@dataclass
class Endpoint:
    """What an endpoint was asked, and when it may answer."""

    base_url: str = ""
    bodies: list[dict[str, Any]] = field(default_factory=list)
    """Every request's body, oldest first."""
    requests: list[tuple[str, bytes]] = field(default_factory=list)
    """Each as `POST http://…`, and its body to the byte."""
    asked: threading.Event = field(default_factory=threading.Event)
    """Set once a request has come whole."""
    may_answer: threading.Event = field(default_factory=threading.Event)


@contextmanager
def answering(
    picture: bytes,
    *,
    held: bool = False,
    most: int = 100,
    model: str | None = None,
    facts: Mapping[str, object] | None = None,
) -> Iterator[Endpoint]:
    """An endpoint that answers with as many of `picture` as it is asked for, up to `most`.

    Where it is `held`, it waits with its answers until `may_answer` is set. It says that `model`
    made them, and of each picture the `facts`.
    """
    endpoint = Endpoint()
    if not held:
        endpoint.may_answer.set()

    class Answer(_Quiet):
        def do_POST(self) -> None:
            written = self.read_body()
            url = f"http://{self.headers['Host']}{self.path}"
            endpoint.requests.append((f"{self.command} {url}", written))
            body = json.loads(written)
            endpoint.bodies.append(body)
            endpoint.asked.set()
            endpoint.may_answer.wait(PATIENCE)
            item = {"b64_json": base64.b64encode(picture).decode(), **(facts or {})}
            data = [item] * min(body.get("n", 1), most)
            self.answer(200, {"created": 1, "model": model, "data": data})

    with _running(Answer) as endpoint.base_url:
        try:
            yield endpoint
        finally:
            endpoint.may_answer.set()


@contextmanager
def quoting_the_key() -> Iterator[str]:
    """The base URL of an endpoint that refuses every key, and says which it was."""

    class Refusal(_Quiet):
        def do_POST(self) -> None:
            self.read_body()
            key = self.headers["Authorization"]
            message = f"Incorrect key \x1b[31m{key}"
            self.answer(401, {"error": {"message": message}}, {"X-Request-Id": key})

    with _running(Refusal) as base_url:
        yield base_url


@contextmanager
def echoing(status: int) -> Iterator[Endpoint]:
    """An endpoint that answers all with `status`, and quotes the key and the prompt in it."""
    endpoint = Endpoint()

    class Echo(_Quiet):
        def do_GET(self) -> None:
            self.echo("")

        def do_POST(self) -> None:
            self.echo(json.loads(self.read_body())["prompt"])

        def echo(self, prompt: str) -> None:
            endpoint.asked.set()
            key = self.headers["Authorization"]
            message = f"\x1b[31m{prompt} and {key} are wrong"
            error = {"message": message, "type": key, "param": prompt, "code": prompt}
            self.answer(status, {"error": error}, {"X-Request-Id": key})

    with _running(Echo) as endpoint.base_url:
        yield endpoint


Answers = Callable[[str, Mapping[str, str]], tuple[int, object]]
"""From "GET /v1/models" and the headers to a status, and to JSON or the text of a web page."""


@dataclass
class Scripted:
    """An endpoint that answers as it is told to, and what it was asked, oldest first."""

    base_url: str = ""
    asked: list[str] = field(default_factory=list)


@contextmanager
def scripted(answers: Answers) -> Iterator[Scripted]:
    """An endpoint that answers as `answers` has it."""
    endpoint = Scripted()

    class Answer(_Quiet):
        def do_GET(self) -> None:
            asked = f"{self.command} {self.path}"
            endpoint.asked.append(asked)
            status, document = answers(asked, self.headers)
            if isinstance(document, str):
                self.send(status, document.encode(), {"Content-Type": "text/html"})
            else:
                self.answer(status, document)

        do_POST = do_DELETE = do_GET

    with _running(Answer) as endpoint.base_url:
        yield endpoint


@contextmanager
def offering(pages: Mapping[str, tuple[int, str, bytes]]) -> Iterator[str]:
    """The address of a server that has `pages`: status, kind and bytes by path."""

    class Page(_Quiet):
        def do_GET(self) -> None:
            status, kind, body = pages[self.path]
            self.send(status, body, {"Content-Type": kind})

    with _running(Page) as base_url:
        yield base_url.removesuffix("/v1")


class _Quiet(BaseHTTPRequestHandler):
    def read_body(self) -> bytes:
        return self.rfile.read(int(self.headers["Content-Length"]))

    def answer(self, status: int, document: object, headers: dict[str, str] | None = None) -> None:
        kind = {"Content-Type": "application/json"}
        self.send(status, json.dumps(document).encode(), (headers or {}) | kind)

    def send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *arguments: object) -> None:
        """Say nothing of clients that went away."""


@contextmanager
def _running(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    with _Server(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/v1"
        finally:
            server.shutdown()
            thread.join()
