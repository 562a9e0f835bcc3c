"""Servers that answer generations with small pictures at once. Each prints its base URL, and
answers until it is ended.

`python generation_server.py stub` answers with the same prepared bytes each time.
`python generation_server.py demo FOLDER` is what `darkroom serve` runs, with a painter that is done
at once.
"""

from __future__ import annotations

import asyncio
import base64
import json
import random
import re
import socket
import sys
from io import BytesIO
from pathlib import Path
from unittest.mock import patch

from PIL import Image

SIDE = 64
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


def picture(seed: object) -> Image.Image:
    """A small picture that is made at once; others for another seed."""
    return Image.frombytes(
        "RGB", (SIDE, SIDE), random.Random(repr(seed)).randbytes(SIDE * SIDE * 3)
    )


def png(seed: object) -> bytes:
    """The picture of that seed as a file, of some 12 kB."""
    file = BytesIO()
    picture(seed).save(file, "PNG", compress_level=0)
    return file.getvalue()


async def serve_prepared() -> None:
    """Answer every request with one picture in base64."""
    item = {"b64_json": base64.b64encode(png(0)).decode()}
    body = json.dumps({"created": 1, "model": "kling-image-o1", "data": [item]}).encode()
    head = (
        f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    answer = head.encode() + body

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                asked = await reader.readuntil(b"\r\n\r\n")
                length = _LENGTH.search(asked)
                await reader.readexactly(int(length[1]) if length else 0)
                writer.write(answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(converse, "127.0.0.1", 0, backlog=1000)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1", flush=True)
    await server.serve_forever()


def serve_demo(folder: Path) -> None:
    """Serve the demo endpoint over `folder`."""
    from tui.demo.server import demo_app, http_server

    with (
        patch("tui.demo.generation.paint", picture),
        socket.create_server(("127.0.0.1", 0), backlog=1000) as listener,
    ):
        print(f"http://127.0.0.1:{listener.getsockname()[1]}/v1", flush=True)
        http_server(demo_app(folder)).run(sockets=[listener])


if __name__ == "__main__":
    if sys.argv[1] == "stub":
        asyncio.run(serve_prepared())
    else:
        serve_demo(Path(sys.argv[2]))
