"""What becomes of answers on their way: generations, listings and downloads alike."""

from __future__ import annotations

import asyncio
import gzip
import socket
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from tests.demo.conftest import Connect, generation_begun
from tests.demo.faults.conftest import REQUEST, Demo, noise
from tests.demo.faults.exchange import asking, beginning, chunks, whole
from tui.demo.connection import RawAnswer, play_raw
from tui.demo.faults import KINDS, Faults
from tui.demo.faults.kinds import WIRE
from tui.demo.faults.wire import BOMB, LARGE
from tui.demo.server import demo_app
from tui.demo.traffic import GENERATIONS

PICTURE = noise()
MEGABYTE = 1_000_000


class Route:
    """An operation over the socket, as it is and with a fault."""

    def __init__(self, demo: Demo, operation: str) -> None:
        self._demo = demo
        self._operation = operation

    @contextmanager
    def asked(self, kind: str | None) -> Iterator[socket.socket]:
        """The connection once the request has been sent."""
        url, method, request = self._request(*([] if kind is None else [kind]))
        with asking(url, method, **request) as connection:
            yield connection

    @property
    def right(self) -> bytes:
        """The body as it should be."""
        with self.asked(None) as connection:
            return whole(connection).body

    def _request(self, *kinds: str) -> tuple[str, str, dict[str, Any]]:
        if self._operation == "generate":
            return self._demo.origin + GENERATIONS, "POST", self._demo.request(*kinds)
        headers = self._demo.headers(*(f"{self._operation}-{kind}" for kind in kinds))
        if self._operation == "list":
            # A listing of one record stays as it is.
            return f"{self._demo.origin}/v1/images?limit=1&order=asc", "GET", {"headers": headers}
        return self._link, "GET", {"headers": headers}

    @property
    def _link(self) -> str:
        return self._demo.link(self._demo.keep(PICTURE))


Check = Callable[[socket.socket, bytes], None]


def reset(connection: socket.socket, right: bytes) -> None:
    answer = whole(connection)
    assert (answer.data, answer.end) == (b"", "reset")


def closed(connection: socket.socket, right: bytes) -> None:
    answer = whole(connection)
    assert (answer.data, answer.end) == (b"", "closed")


def half_of_its_length(connection: socket.socket, right: bytes) -> None:
    answer = whole(connection)
    length = int(answer.one("content-length"))
    assert (len(answer.body), answer.end) == (length // 2, "closed")
    assert right.startswith(answer.body)


def half_of_a_chunk(connection: socket.socket, right: bytes) -> None:
    answer = whole(connection)
    assert answer.one("transfer-encoding") == "chunked"
    with pytest.raises(ValueError, match="cut"):
        chunks(answer.body)


def half_without_length(connection: socket.socket, right: bytes) -> None:
    answer = whole(connection)
    assert answer.all("content-length") == answer.all("transfer-encoding") == []
    assert answer.end == "closed"
    assert answer.body == right[: len(right) // 2]


def half_and_reset(connection: socket.socket, right: bytes) -> None:
    answer = whole(connection)
    assert answer.end == "reset"
    assert len(answer.body) < len(right)


def bytes_one_by_one(connection: socket.socket, right: bytes) -> None:
    came = beginning(connection, 2_000).partition(b"\r\n\r\n")[2]
    drops = chunks(came[: len(came) // 6 * 6] + b"0\r\n\r\n")
    assert {len(drop) for drop in drops} == {1}
    assert right.startswith(b"".join(drops)[: len(right)])


def header_byte_by_byte(connection: socket.socket, right: bytes) -> None:
    head = beginning(connection, 500)
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"\r\n\r\n" not in head
    assert head.endswith(b"xxx")


def more_and_more(connection: socket.socket, right: bytes) -> None:
    assert right in beginning(connection, len(right) + 20 * MEGABYTE)


def two_hundred_megabytes(connection: socket.socket, right: bytes) -> None:
    came = beginning(connection, len(right))
    head, _, body = came.partition(b"\r\n\r\n")
    assert f"Content-Length: {LARGE}".encode() in head
    count, buffer = len(body), bytearray(MEGABYTE)
    while size := connection.recv_into(buffer):
        count += size
    assert count == LARGE == 200 * MEGABYTE


def bomb(connection: socket.socket, right: bytes) -> None:
    head, _, body = beginning(connection, 70_000).partition(b"\r\n\r\n")
    assert b"\r\nContent-Encoding: gzip" in head
    assert len(zlib.decompressobj(31).decompress(body)) > 900 * len(body)


def no_gzip(connection: socket.socket, right: bytes) -> None:
    answer = whole(connection)
    assert answer.one("content-encoding") == "gzip"
    with pytest.raises(gzip.BadGzipFile):
        gzip.decompress(answer.body)


def length_says(more: Callable[[int], int]) -> Check:
    def check(connection: socket.socket, right: bytes) -> None:
        answer = whole(connection)
        assert (len(answer.body), answer.end) == (len(right), "closed")
        assert int(answer.one("content-length")) == more(len(right))

    return check


def two_lengths(connection: socket.socket, right: bytes) -> None:
    first, second = whole(connection).all("content-length")
    assert first != second


def no_number(connection: socket.socket, right: bytes) -> None:
    assert whole(connection).one("content-length") == "many"


def odd_chunk(connection: socket.socket, right: bytes) -> None:
    with pytest.raises(ValueError, match="many"):
        chunks(whole(connection).body)


def huge_chunk(connection: socket.socket, right: bytes) -> None:
    size, _, rest = whole(connection).body.partition(b"\r\n")
    assert (int(size, 16), len(rest)) == (2**64 - 1, len(right))


def long_header(connection: socket.socket, right: bytes) -> None:
    assert len(whole(connection).one("x-long")) == MEGABYTE


def no_http(connection: socket.socket, right: bytes) -> None:
    data = whole(connection).data
    assert data
    assert not data.startswith(b"HTTP/")


CHECKS: dict[str, Check] = {
    "reset": reset,
    "close": closed,
    "cut-length": half_of_its_length,
    "cut-chunk": half_of_a_chunk,
    "cut-unsized": half_without_length,
    "cut-reset": half_and_reset,
    "drip": bytes_one_by_one,
    "drip-header": header_byte_by_byte,
    "endless": more_and_more,
    "large": two_hundred_megabytes,
    "gzip-bomb": bomb,
    "gzip-broken": no_gzip,
    "length-long": length_says(lambda length: length + 1_000),
    "length-short": length_says(lambda length: length // 2),
    "length-twice": two_lengths,
    "length-odd": no_number,
    "chunk-odd": odd_chunk,
    "chunk-huge": huge_chunk,
    "header-long": long_header,
    "not-http": no_http,
}
OPERATIONS = ("generate", "list", "download")
PLAYED = [
    (operation, kind)
    for operation in OPERATIONS
    for kind in WIRE
    if (kind if operation == "generate" else f"{operation}-{kind}") in KINDS
]


@pytest.mark.parametrize(
    ("operation", "kind"), [played for played in PLAYED if played[1] != "hang"]
)
def test_an_answer_is_spoilt_on_its_way(demo: Demo, operation: str, kind: str) -> None:
    route = Route(demo, operation)
    right = route.right
    with route.asked(kind) as connection:
        CHECKS[kind](connection, right)


def test_a_bomb_is_good_gzip_to_its_end(demo: Demo) -> None:
    with Route(demo, "list").asked("gzip-bomb") as connection:
        pending = whole(connection).body
    unpacker, count = zlib.decompressobj(31), 0
    while not unpacker.eof:
        count += len(unpacker.decompress(pending, 16 * MEGABYTE))
        pending = unpacker.unconsumed_tail
    assert count == BOMB


@pytest.mark.parametrize("operation", OPERATIONS)
def test_no_answer_comes_however_long_one_waits(demo: Demo, operation: str) -> None:
    route = Route(demo, operation)
    with route.asked("hang") as connection:
        # Once another is answered, this one could have been.
        assert route.right
        connection.setblocking(False)
        with pytest.raises(BlockingIOError):
            connection.recv(1)


def test_all_that_can_happen_on_the_way_is_shown() -> None:
    assert {*CHECKS, "hang"} == set(WIRE)


def test_the_endpoint_goes_on_when_a_client_has_had_enough(demo: Demo) -> None:
    for kind in ("endless", "drip", "gzip-bomb", "hang", "large"):
        with Route(demo, "generate").asked(kind):
            pass
    assert demo.get("/v1/models").status_code == 200


# In process there is no socket.


@pytest.mark.parametrize(
    "kind", [kind for operation, kind in PLAYED if operation == "list" and kind != "hang"]
)
async def test_in_process_the_connection_is_lost(
    connect: Connect, tmp_path: Path, kind: str
) -> None:
    client = connect(demo_app(tmp_path, faults=Faults.parse([f"list-{kind}"])))
    with pytest.raises(ConnectionResetError):
        await client.get("/v1/images")


async def test_in_process_no_answer_comes_either(connect: Connect, tmp_path: Path) -> None:
    app = demo_app(tmp_path, faults=Faults.parse(["hang"]))
    request = asyncio.create_task(connect(app).post(GENERATIONS, json=REQUEST))
    await generation_begun()
    while not app.state.traffic.carried_out:  # noqa: ASYNC110 - nothing tells of it
        await asyncio.sleep(0)
    assert not request.done()
    request.cancel()
    with pytest.raises(asyncio.CancelledError):
        await request


async def test_a_client_that_hears_of_no_exceptions_gets_an_answer_that_breaks_off(
    tmp_path: Path,
) -> None:
    app = demo_app(tmp_path, faults=Faults.parse(["reset-early"]))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://demo") as client:
        headers = {"authorization": "Bearer sk-demo"}
        answer = await client.post(GENERATIONS, json=REQUEST, headers=headers)
    assert (answer.headers["content-length"], answer.content) == ("1", b"")


class _Closed:
    """The connection of a client that has gone, as uvicorn holds it."""

    def __init__(self) -> None:
        self.transport = self
        self.flow = SimpleNamespace(write_paused=False)
        self.written = b""
        self._socket = socket.socket()
        self._socket.close()
        self._gone = asyncio.Event()

    def write(self, data: bytes) -> None:
        self.written += data

    def get_extra_info(self, _: str) -> socket.socket:
        return self._socket

    def abort(self) -> None:
        self._gone.set()

    async def send(self, _: Any) -> None:
        raise AssertionError

    async def receive(self) -> dict[str, str]:
        await self._gone.wait()
        return {"type": "http.disconnect"}


async def test_a_client_that_is_quicker_to_close_is_no_failure() -> None:
    connection = _Closed()
    answer = RawAnswer([b"HTTP/1.1 200 OK\r\n"], reset=True)
    await play_raw(answer, connection.receive, connection.send)
    assert connection.written == b"HTTP/1.1 200 OK\r\n"
