"""One request over a socket of its own, and the bytes that came back."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from tests.pseudo_terminal import PATIENCE

_PIECE = 1 << 20


@dataclass(frozen=True)
class Came:
    """What came until the connection ended, and how it ended."""

    data: bytes
    end: Literal["closed", "reset"]

    @property
    def head(self) -> list[str]:
        """The lines before the body."""
        return self.data.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")

    @property
    def status(self) -> int:
        return int(self.head[0].split()[1])

    @property
    def body(self) -> bytes:
        """What follows the header, as it came."""
        return self.data.partition(b"\r\n\r\n")[2]

    def all(self, name: str) -> list[str]:
        """The values of a header, in their order."""
        return [
            line.partition(": ")[2]
            for line in self.head[1:]
            if line.partition(":")[0].lower() == name
        ]

    def one(self, name: str) -> str:
        """The value of a header that comes once."""
        (value,) = self.all(name)
        return value


@contextmanager
def asking(
    url: str,
    method: str = "GET",
    *,
    headers: Mapping[str, str] | None = None,
    content: object = None,
) -> Iterator[socket.socket]:
    """A connection on which the request has been sent, and nothing read."""
    parts = urlsplit(url)
    body = b"" if content is None else json.dumps(content).encode()
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    lines = [f"{method} {target} HTTP/1.1", f"Host: {parts.netloc}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    lines += [f"Content-Length: {len(body)}", "", ""]
    address = (parts.hostname or "", parts.port or 80)
    with socket.create_connection(address, timeout=PATIENCE) as connection:
        connection.sendall("\r\n".join(lines).encode() + body)
        yield connection


def whole(connection: socket.socket) -> Came:
    """All that comes until the connection ends."""
    data = bytearray()
    try:
        while piece := connection.recv(_PIECE):
            data += piece
    except ConnectionResetError:
        return Came(bytes(data), "reset")
    return Came(bytes(data), "closed")


def beginning(connection: socket.socket, size: int) -> bytes:
    """The first `size` bytes, or a few more."""
    data = bytearray()
    while len(data) < size:
        piece = connection.recv(_PIECE)
        assert piece, f"the connection ended after {len(data)} bytes"
        data += piece
    return bytes(data)


def came(url: str, method: str = "GET", **request: Any) -> Came:
    """The whole exchange."""
    with asking(url, method, **request) as connection:
        return whole(connection)


def chunks(body: bytes) -> list[bytes]:
    """The chunks of a body, without the last, which is empty; raises ValueError where it is cut."""
    found = []
    while True:
        line, separator, rest = body.partition(b"\r\n")
        size = int(line, 16)
        if not separator or len(rest) < size + 2:
            raise ValueError("the body is cut")
        if not size:
            return found
        found.append(rest[:size])
        body = rest[size + 2 :]
