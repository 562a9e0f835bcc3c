"""A server whose answer is nine pictures of 25 MB as base64, and a client that reads it.

`python large_answer.py serve` prints its base URL, and answers until it is ended.
`python large_answer.py read URL FOLDER` reads one answer into files and prints JSON: seconds, and
bytes by which the process grew at most.
"""

from __future__ import annotations

import asyncio
import json
import re
import socket
import sys
import time
from pathlib import Path
from random import Random

import pybase64

PICTURES = 9
PICTURE_BYTES = 25_000_000


def serve() -> None:
    data = Random(1).randbytes(PICTURE_BYTES)
    item = b'{"b64_json":"%s"}' % pybase64.b64encode(data)
    body = b'{"created":1,"data":[%s]}' % b",".join([item] * PICTURES)
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    with socket.create_server(("127.0.0.1", 0)) as listener:
        print(f"http://127.0.0.1:{listener.getsockname()[1]}/v1", flush=True)
        while True:
            connection, _ = listener.accept()
            with connection:
                _receive(connection)
                connection.sendall(head % len(body))
                connection.sendall(body)


def _receive(connection: socket.socket) -> None:
    received = b""
    while b"\r\n\r\n" not in received:
        received += connection.recv(65536)
    head, _, body = received.partition(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
    missing = (int(length[1]) if length else 0) - len(body)
    while missing > 0:
        missing -= len(connection.recv(65536))


async def read(url: str, folder: Path) -> None:
    from tui.api.client import ImagesClient, Spool
    from tui.api.http import tls_context
    from tui.config import EndpointSettings

    tls_context()  # Loaded once a process, whatever is read.
    client = ImagesClient(EndpointSettings(base_url=url), None)
    before = _memory("VmRSS")
    began = time.perf_counter()
    files = Spool(lambda number: folder / f"{number}.part")
    generation = await client.generate("m", "p", {}, spool=files)
    seconds = time.perf_counter() - began
    sizes = [image.file.stat().st_size for image in generation.images if image.file]
    assert sizes == [PICTURE_BYTES] * PICTURES, generation
    print(json.dumps({"seconds": seconds, "growth": _memory("VmHWM") - before}))


def _memory(field: str) -> int:
    """A figure of /proc/self/status, in bytes."""
    found = re.search(rf"{field}:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found is not None
    return int(found[1]) * 1024


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve()
    else:
        asyncio.run(read(sys.argv[2], Path(sys.argv[3])))
