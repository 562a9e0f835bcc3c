"""Endpoints on loopback ports for commands to talk to."""

from __future__ import annotations

import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.cli.conftest import DARKROOM, Home

PATIENCE = 30.0
"""Seconds until something that does not come is given up."""


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
class SilentEndpoint:
    """Takes requests and does not answer them."""

    base_url: str = ""
    asked: threading.Event = field(default_factory=threading.Event)
    """Set once a request has come whole."""


@contextmanager
def silent() -> Iterator[SilentEndpoint]:
    """An endpoint that nobody ever gets an answer from."""
    endpoint = SilentEndpoint()
    over = threading.Event()

    class Silence(_Quiet):
        def do_POST(self) -> None:
            self.read_body()
            endpoint.asked.set()
            over.wait(PATIENCE)

    with _running(Silence) as endpoint.base_url:
        try:
            yield endpoint
        finally:
            over.set()


@contextmanager
def quoting_the_key() -> Iterator[str]:
    """The base URL of an endpoint that refuses every key, and says which it was."""

    class Refusal(_Quiet):
        def do_POST(self) -> None:
            self.read_body()
            key = self.headers["Authorization"]
            body = f'{{"error": {{"message": "Incorrect key {key}: \\u001b[31m"}}}}'.encode()
            self.send_response(401)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("X-Request-Id", key)
            self.end_headers()
            self.wfile.write(body)

    with _running(Refusal) as base_url:
        yield base_url


class _Quiet(BaseHTTPRequestHandler):
    def read_body(self) -> bytes:
        return self.rfile.read(int(self.headers["Content-Length"]))

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


@contextmanager
def _running(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/v1"
        finally:
            server.shutdown()
            thread.join()
