"""The endpoint as a process of its own, and on the level of the socket."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.demo.conftest import Serve
from tests.demo.pictures import opened
from tui.demo.faults import Faults
from tui.demo.server import demo_app

GENERATIONS = "/v1/images/generations"
REQUEST = {"model": "kling-image-o1", "prompt": "a fox", "size": "1360x768"}
KEY = {"authorization": "Bearer sk-demo"}

SERVE = """
import socket, sys
from pathlib import Path
from tui.demo.server import demo_app, http_server
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
http_server(demo_app(Path(sys.argv[1]))).run([listener])
"""


def send_request(origin: str, request: dict[str, Any]) -> socket.socket:
    """A connection on which the request has been sent, and nothing read."""
    url = httpx.URL(origin)
    body = json.dumps(request).encode()
    head = (
        f"POST {GENERATIONS} HTTP/1.1\r\nhost: {url.host}\r\nauthorization: Bearer sk-demo\r\n"
        f"content-length: {len(body)}\r\n\r\n"
    )
    connection = socket.create_connection((url.host, url.port or 80))
    connection.sendall(head.encode() + body)
    return connection


def first_record(origin: str) -> dict[str, Any]:
    """The first record that there is, asked for until there is one."""
    while True:
        records = httpx.get(f"{origin}/v1/images", headers=KEY).json()["data"]
        if records:
            record: dict[str, Any] = records[0]
            return record


def test_a_client_that_hangs_up_is_charged_all_the_same(serve: Serve, folder: Path) -> None:
    origin = serve(demo_app(folder))
    send_request(origin, REQUEST).close()
    record = first_record(origin)
    assert record["status"] == "completed"
    assert opened(httpx.get(record["url"]).content).size == (1360, 768)


@pytest.mark.parametrize("fault", ["reset", "reset-early"])
def test_a_reset_reaches_the_client_as_one(serve: Serve, folder: Path, fault: str) -> None:
    origin = serve(demo_app(folder, faults=Faults.parse([fault])))
    with send_request(origin, REQUEST) as connection, pytest.raises(ConnectionResetError):
        connection.recv(1)


def test_the_server_goes_on_after_a_reset(serve: Serve, folder: Path) -> None:
    origin = serve(demo_app(folder, faults=Faults.parse(["reset-early"])))
    for _ in range(2):
        with pytest.raises(httpx.TransportError):
            httpx.post(f"{origin}{GENERATIONS}", json=REQUEST, headers=KEY)
    assert httpx.get(f"{origin}/v1/models", headers=KEY).status_code == 200


def test_a_redirect_to_another_origin_can_be_followed(serve: Serve, folder: Path) -> None:
    origin = serve(demo_app(folder, faults=Faults.parse(["content-cross-origin-302"])))
    httpx.post(f"{origin}{GENERATIONS}", json=REQUEST, headers=KEY)
    path = f"{origin}/v1/images/{first_record(origin)['id']}/content"
    answer = httpx.get(path, headers=KEY, follow_redirects=True)
    assert answer.url.host == "localhost"
    assert opened(answer.content).size == (1360, 768)


def test_a_served_process_keeps_its_records_and_ends_when_told_to(folder: Path) -> None:
    arguments = [sys.executable, "-c", SERVE, str(folder)]
    for expected in (0, 1):
        with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            origin = f"http://127.0.0.1:{int(process.stdout.readline())}"
            records = httpx.get(f"{origin}/v1/images", headers=KEY).json()["data"]
            assert len(records) == expected
            if not records:
                answer = httpx.post(f"{origin}{GENERATIONS}", json=REQUEST, headers=KEY, timeout=60)
                assert answer.status_code == 200
            process.terminate()
            process.wait(timeout=30)


def test_the_faults_can_be_listed_without_loading_the_endpoint() -> None:
    program = (
        "import sys; import tui.demo.faults;"
        "print([name for name in ('starlette', 'numpy', 'PIL', 'uvicorn') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.strip() == "[]"
