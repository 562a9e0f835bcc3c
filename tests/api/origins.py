"""Servers on loopback ports that answer with exactly the bytes a test wants."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from tui.config import EndpointSettings
from tui.keys import Secret

CANARY = "sk-CANARY-0123456789abcdefghij"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4


@dataclass(frozen=True)
class Received:
    """One request as it came."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def document(self) -> dict:
        return json.loads(self.body)


Answer = Callable[[Received, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Origin:
    """A running server: what it was asked, and how it answers next."""

    port: int
    answer: Answer
    connections: int = 0
    open: int = 0
    requests: list[Received] = field(default_factory=list)
    arrived: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def asked(self, times: int) -> None:
        """Wait until this many requests have come."""
        async with self.arrived:
            await self.arrived.wait_for(lambda: len(self.requests) >= times)

    async def left(self) -> None:
        """Wait until every connection is over."""
        async with self.arrived:
            await self.arrived.wait_for(lambda: not self.open)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def posts(self) -> int:
        return sum(request.method == "POST" for request in self.requests)

    def settings(self, **changes) -> EndpointSettings:
        return EndpointSettings(**{"base_url": f"{self.url}/v1", "timeout": 20.0, **changes})


@asynccontextmanager
async def serving(answer: Answer, port: int = 0) -> AsyncIterator[Origin]:
    """A server that hands each request to `answer`, then closes the connection.

    It listens at `port`, or at one that is free.
    """
    closing = asyncio.Event()
    talks: set[asyncio.Task[None]] = set()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        origin.connections += 1
        origin.open += 1
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            request = await receive(reader)
            async with origin.arrived:
                origin.requests.append(request)
                origin.arrived.notify_all()
            await first_of(origin.answer(request, writer), reader.read(1), closing.wait())
        writer.close()
        async with origin.arrived:
            origin.open -= 1
            origin.arrived.notify_all()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(talk(reader, writer))
        talks.add(task)
        task.add_done_callback(talks.discard)

    server = await asyncio.start_server(accept, "127.0.0.1", port)
    origin = Origin(server.sockets[0].getsockname()[1], answer)
    try:
        yield origin
    finally:
        closing.set()
        server.close()
        for task in talks:
            task.cancel()
        await asyncio.gather(*talks, return_exceptions=True)


async def first_of(*waits: Awaitable[object]) -> None:
    """Wait until one of `waits` is over, and drop the others."""
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def receive(reader: asyncio.StreamReader) -> Received:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    request_line, *lines = head.strip().split("\r\n")
    method, target, _ = request_line.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (x.partition(":") for x in lines)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Received(method, target, headers, body)


def reply(
    status: int = 200,
    body: bytes | str | dict | list = b"",
    content_type: str = "application/json",
    **headers: str,
) -> Answer:
    """An answer with a right Content-Length; underscores in header names become hyphens."""
    if isinstance(body, dict | list):
        body = json.dumps(body)
    if isinstance(body, str):
        body = body.encode()
    lines = [f"HTTP/1.1 {status} Reason", f"Content-Length: {len(body)}"]
    if content_type:
        lines.append(f"Content-Type: {content_type}")
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return raw(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + body)


def raw(payload: bytes) -> Answer:
    """An answer of exactly these bytes, then the end of the connection."""

    async def answer(request: Received, writer: asyncio.StreamWriter) -> None:
        writer.write(payload)
        await writer.drain()

    return answer


def route(**answers: Answer) -> Answer:
    """An answer by the last segment of the path."""

    async def answer(request: Received, writer: asyncio.StreamWriter) -> None:
        segment = request.target.partition("?")[0].rpartition("/")[2].partition(".")[0]
        await answers[segment](request, writer)

    return answer


def in_turn(*answers: Answer) -> Answer:
    """The first answer to the first request, and so on; the last one for ever."""
    waiting = list(answers)

    async def answer(request: Received, writer: asyncio.StreamWriter) -> None:
        await (waiting.pop(0) if len(waiting) > 1 else waiting[0])(request, writer)

    return answer


@dataclass
class Shelf:
    """An answer: `data` with a strong ETag, in ranges too, as a good server gives it.

    Each answer breaks off after as many bytes of its body as `breaks` says; the later ones come
    whole. `longest` is the most that a range holds.
    """

    data: bytes
    breaks: list[int] = field(default_factory=list)
    etag: str = '"v1"'
    longest: int | None = None

    async def __call__(self, request: Received, writer: asyncio.StreamWriter) -> None:
        start, total = 0, len(self.data)
        stop, status, place = total, 200, ""
        if request.headers.get("if-range") == self.etag:
            start = int(request.headers["range"].removeprefix("bytes=").removesuffix("-"))
            stop, status = min(total, start + (self.longest or total)), 206
            place = f"Content-Range: bytes {start}-{stop - 1}/{total}\r\n"
        head = f"HTTP/1.1 {status} OK\r\nETag: {self.etag}\r\nContent-Length: {stop - start}\r\n"
        body = self.data[start:stop]
        if self.breaks:
            body = body[: self.breaks.pop(0)]
        await raw(f"{head}{place}\r\n".encode() + body)(request, writer)


def cut(data: bytes, after: int, **headers: str) -> Answer:
    """`data` with its right length, and with these headers, that breaks off `after` some bytes."""
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    head = "\r\n".join(["HTTP/1.1 200 OK", f"Content-Length: {len(data)}", *lines])
    return raw(head.encode("latin-1") + b"\r\n\r\n" + data[:after])


def then_hang(payload: bytes) -> Answer:
    """These bytes, and then nothing for as long as the client waits."""

    async def answer(request: Received, writer: asyncio.StreamWriter) -> None:
        await raw(payload)(request, writer)
        await hang(request, writer)

    return answer


async def close(request: Received, writer: asyncio.StreamWriter) -> None:
    """No answer: the connection ends."""


async def reset(request: Received, writer: asyncio.StreamWriter) -> None:
    """No answer: the connection is reset."""
    connection = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def hang(request: Received, writer: asyncio.StreamWriter) -> None:
    """No answer, for as long as the client waits."""
    await asyncio.Event().wait()


async def drip(request: Received, writer: asyncio.StreamWriter) -> None:
    """An answer without end, a byte at a time."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.02)


def success(**changes: object) -> dict:
    """The body of a generation that made one picture."""
    return {
        "created": 1_700_000_000,
        "model": "seedream-4-5-251128",
        "data": [{"url": "https://images.example.com/a.png"}],
        "usage": {"generated_images": 1, "total_tokens": 15552},
        **changes,
    }


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def canary() -> Secret:
    return Secret(CANARY, "a test")
