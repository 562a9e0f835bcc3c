"""Requests given up at every moment, beside others that go on: nothing stays behind."""

from __future__ import annotations

import asyncio
import base64
import gc
import itertools
import json
import logging
import os
import random
import socket
import sys
import tracemalloc
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.api.origins import canary, success
from tui.api.client import ImagesClient, Spool
from tui.config import EndpointSettings

WARM_UP = 150
AT_A_TIME = 12
RUNNING = 3
GROWTH = 500_000
"""Bytes that may be held more after all cycles than after the warm-up."""
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 400
LARGE = "x" * 10_000_000
ID = 20
"""Characters at the beginning of a prompt by which server and client know each other."""

_BASE64 = base64.b64encode(PICTURE)
_DOCUMENT = json.dumps(success(data=[{"b64_json": _BASE64.decode()}])).encode()
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(
    _DOCUMENT
)
_EVENTS = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
_EVENT = b'data: {"type": "image_generation.partial_succeeded", "b64_json": "%b"}\n\n' % _BASE64
_SENT = {
    "whole": _HEAD + _DOCUMENT,
    "before the header": b"",
    "in the header": _HEAD[:40],
    "in the body": _HEAD + _DOCUMENT[: len(_DOCUMENT) * 2 // 3],
    "in a stream": _EVENTS + _EVENT,
    "in an event": _EVENTS + _EVENT[: len(_EVENT) // 2],
}
"""What the server sends before it waits for the client to go, by the model asked for."""
SENDING = "while sending"
MOMENTS = ("before it begins", "connecting", SENDING, *_SENT)


@dataclass
class Request:
    """One request, as both sides see it."""

    stopped: asyncio.Event = field(default_factory=asyncio.Event)
    """The server has gone as far as it goes."""
    heard: asyncio.Event = field(default_factory=asyncio.Event)
    """The client was told of a picture."""
    given_up: asyncio.Event = field(default_factory=asyncio.Event)


class Server:
    """Goes as far with each request as its model says, and then waits for the client to go."""

    def __init__(self) -> None:
        self.requests: dict[str, Request] = {}
        self.arrived_whole: list[str] = []
        """Ids of requests that went on being sent after they were given up."""
        self._open = 0
        self._left = asyncio.Event()

    async def left(self) -> None:
        """Return when no connection is open."""
        while self._open:
            self._left.clear()
            await self._left.wait()

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open += 1
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            await self._answer(reader, writer)
        writer.transport.abort()
        self._open -= 1
        self._left.set()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        left = int(head.partition("content-length: ")[2].partition("\r\n")[0])
        begin = await reader.readexactly(min(left, 80))
        left -= len(begin)
        _, _, _, model, _, _, _, prompt, *_ = begin.decode().split('"')
        # Who is gone already is not waited for.
        request = self.requests.get(prompt[:ID], Request())
        if model == SENDING:
            request.stopped.set()
            await request.given_up.wait()
            await reader.readexactly(left)
            self.arrived_whole.append(prompt[:ID])
            return
        await reader.readexactly(left)
        writer.write(_SENT[model])
        await writer.drain()
        request.stopped.set()
        if model != "whole":
            await reader.read(1)


@contextmanager
def full_port() -> Iterator[int]:
    """A port whose queue of connections is full: a further one gets no answer."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(listener.getsockname())
        try:
            yield listener.getsockname()[1]
        finally:
            for one in waiting:
                one.close()


@dataclass
class Bench:
    """The server, and clients of it and of a port that never answers."""

    server: Server
    client: ImagesClient
    unanswered: ImagesClient
    folder: Path
    dice: random.Random
    numbers: Iterator[int] = field(default_factory=itertools.count)

    @contextmanager
    def request(self) -> Iterator[tuple[str, Request]]:
        """A request that both sides know of, and its id."""
        request_id = f"{next(self.numbers):0{ID}}"
        request = self.server.requests[request_id] = Request()
        try:
            yield request_id, request
        finally:
            request.given_up.set()
            del self.server.requests[request_id]

    async def picture(self, request_id: str, request: Request, moment: str = "whole") -> bytes:
        """The picture of one generation, which comes to no end where `moment` is not "whole"."""
        spool = Spool(lambda number: self.folder / f"{request_id}-{number}.part")
        client = self.unanswered if moment == "connecting" else self.client
        model = moment if moment in _SENT or moment == SENDING else "whole"
        prompt = request_id + (LARGE if moment == SENDING else "")
        try:
            generation = await client.generate(
                model, prompt, {}, spool=spool, told=lambda _: request.heard.set()
            )
            assert generation.images[0].file is not None
            return generation.images[0].file.read_bytes()
        finally:
            spool.discard()

    async def give_up(self, moment: str) -> None:
        """Begin a request, and give it up at that moment or a little later."""
        with self.request() as (request_id, request):
            task = asyncio.create_task(self.picture(request_id, request, moment))
            await self._come_to(moment, request)
            for _ in range(self.dice.choice((0, 0, 1, 2, 4, 8))):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait({task})
            if not task.cancelled():
                assert moment == "whole"
                assert task.result() == PICTURE

    async def _come_to(self, moment: str, request: Request) -> None:
        match moment:
            case "before it begins":
                return
            case "connecting" | "whole":
                # Anywhere between the beginning and the end of what has no step to wait for.
                await asyncio.sleep(self.dice.uniform(0, 0.03))
            case "in a stream":
                await request.heard.wait()
            case _:
                await request.stopped.wait()

    async def go_on(self, over: asyncio.Event) -> int:
        """How many pictures came, one after the other, until the others were over."""
        for count in itertools.count(1):
            with self.request() as request:
                assert await self.picture(*request) == PICTURE
            if over.is_set():
                return count
        raise AssertionError

    async def cycles(self, count: int) -> int:
        """Give up so many requests, beside a few that go on; how many of those there were."""
        over = asyncio.Event()
        beside = [asyncio.create_task(self.go_on(over)) for _ in range(RUNNING)]
        moments = [MOMENTS[number % len(MOMENTS)] for number in range(count)]
        self.dice.shuffle(moments)
        slots = asyncio.Semaphore(AT_A_TIME)

        async def one(moment: str) -> None:
            async with slots:
                await self.give_up(moment)

        await asyncio.gather(*map(one, moments))
        over.set()
        completed = sum(await asyncio.gather(*beside))
        await self.server.left()
        return completed


@asynccontextmanager
async def bench_in(folder: Path) -> AsyncIterator[Bench]:
    server = Server()
    listener = socket.create_server(("127.0.0.1", 0))
    # Little of what is sent fits into the kernel: who does not read stops the sender.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)

    def client_of(port: int) -> ImagesClient:
        base = f"http://127.0.0.1:{port}/v1"
        return ImagesClient(EndpointSettings(base_url=base, timeout=60.0), canary())

    with full_port() as port:
        async with await asyncio.start_server(server.talk, sock=listener):
            clients = client_of(listener.getsockname()[1]), client_of(port)
            yield Bench(server, *clients, folder, random.Random(20261122))


@dataclass(frozen=True)
class Held:
    """What this process holds."""

    descriptors: int
    tasks: int
    memory: int
    """Bytes."""

    @classmethod
    def now(cls) -> Held:
        gc.collect()
        descriptors = len(os.listdir("/proc/self/fd"))
        return cls(descriptors, len(asyncio.all_tasks()), tracemalloc.get_traced_memory()[0])


@pytest.fixture
def traced(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Memory is counted, and pytest is given no records to hold."""
    caplog.set_level(logging.WARNING, "tui")
    tracemalloc.start()
    yield
    tracemalloc.stop()


@pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="counts descriptors in /proc, as Linux has it"
)
@pytest.mark.usefixtures("traced")
@pytest.mark.parametrize(
    "count", [300, pytest.param(1000, marks=pytest.mark.soak)], ids=["some", "all"]
)
async def test_requests_given_up_leave_nothing_behind(tmp_path: Path, count: int) -> None:
    async with bench_in(tmp_path) as bench:
        await bench.cycles(WARM_UP)
        before = Held.now()
        completed = await bench.cycles(count)
        after = Held.now()
        assert (after.descriptors, after.tasks) == (before.descriptors, before.tasks)
        assert after.memory < before.memory + GROWTH
        assert completed > RUNNING
        assert bench.server.arrived_whole == []
        assert not bench.server.requests
        assert os.listdir(tmp_path) == []
        with bench.request() as request:
            assert await bench.picture(*request) == PICTURE
