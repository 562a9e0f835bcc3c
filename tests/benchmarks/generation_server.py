"""Servers that answer generations with pictures that are made at once.

Each prints its base URL, and answers until it is ended.

`python generation_server.py stub SIDE` answers with the same prepared bytes each time, a PNG of so
many pixels squared, and prints the time at which each answer had left, in monotonic seconds.
`python generation_server.py demo FOLDER LATENCY` is what `darkroom serve` runs, its painter aside.
"""

from __future__ import annotations

import asyncio
import base64
import json
import random
import re
import socket
import sys
import time
from io import BytesIO
from pathlib import Path
from unittest.mock import patch

from PIL import Image

SMALL = 64
"""Pixels squared of a small picture."""
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_WAITING = 1000


def picture(seed: object, side: int = SMALL) -> Image.Image:
    """A picture that is made at once; others for another seed."""
    noise = random.Random(repr(seed)).randbytes(SMALL * SMALL * 3)
    small = Image.frombytes("RGB", (SMALL, SMALL), noise)
    return small.resize((side, side), Image.Resampling.BICUBIC)


def png(side: int) -> bytes:
    """One of them as a file: 12 kB where it is small, 2 MB for 1024 pixels."""
    file = BytesIO()
    picture(0, side).save(file, "PNG", compress_level=1)
    return file.getvalue()


async def serve_prepared(side: int) -> None:
    """Answer every request with one picture in base64."""
    item = {"b64_json": base64.b64encode(png(side)).decode()}
    body = json.dumps({"created": 1, "model": "kling-image-o1", "data": [item]}).encode()
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    answer = head % len(body) + body

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                asked = await reader.readuntil(b"\r\n\r\n")
                length = _LENGTH.search(asked)
                await reader.readexactly(int(length[1]) if length else 0)
                writer.write(answer)
                await writer.drain()
                if asked.startswith(b"POST"):
                    print(time.perf_counter(), flush=True)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(converse, "127.0.0.1", 0, backlog=_WAITING)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1", flush=True)
    await server.serve_forever()


def serve_demo(folder: Path, latency: float) -> None:
    """Serve the demo endpoint over `folder`; `latency` is in seconds."""
    from tui.demo.server import demo_app, http_server

    with (
        patch("tui.demo.generation.paint", picture),
        socket.create_server(("127.0.0.1", 0), backlog=_WAITING) as listener,
    ):
        print(f"http://127.0.0.1:{listener.getsockname()[1]}/v1", flush=True)
        http_server(demo_app(folder, latency=latency)).run(sockets=[listener])


if __name__ == "__main__":
    if sys.argv[1] == "stub":
        asyncio.run(serve_prepared(int(sys.argv[2])))
    else:
        serve_demo(Path(sys.argv[2]), float(sys.argv[3]))
