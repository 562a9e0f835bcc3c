"""Connections for httpcore straight on asyncio: large answers in large pieces.

httpcore's own way through anyio stops and starts the reading for each 64 KB, which for an answer
of 300 MB takes longer than everything else together.
"""

# ruff: noqa: ASYNC109 - the signatures are httpcore's

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import httpcore

from tui.api.connecting import connected

PIECE = 1024 * 1024
"""Bytes that are read at once, at most."""
_FIRST_PIECE = 64 * 1024
"""Bytes that are read at once until so many have come at once: most answers are short."""
_HELD = 4 * PIECE

httpcore.AsyncHTTP11Connection.READ_NUM_BYTES = PIECE

# glibc gives blocks of this size back to the system when they are freed, and the next is fetched
# anew page by page: more time than all that is done with its bytes. Once a larger block was freed
# it keeps them (mallopt(3) on M_MMAP_THRESHOLD). This one is never touched, and costs nothing.
bytearray(16 * PIECE)


class Network(httpcore.AsyncNetworkBackend):
    """Opens TCP connections on the running event loop."""

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        loop = asyncio.get_running_loop()
        with _raising(httpcore.ConnectTimeout, httpcore.ConnectError):
            async with asyncio.timeout(timeout):
                connection = await connected(host, port, local_address)
                transport, protocol = await loop.create_connection(_Receiver, sock=connection)
            for option in socket_options or ():
                transport.get_extra_info("socket").setsockopt(*option)
        return Stream(transport, protocol)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class Stream(httpcore.AsyncNetworkStream):
    """One connection, plain or with TLS."""

    def __init__(self, transport: asyncio.Transport, receiver: _Receiver) -> None:
        self._transport = transport
        self._receiver = receiver

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """What has come, as soon as anything has; empty at the end."""
        with _raising(httpcore.ReadTimeout, httpcore.ReadError):
            if not self._receiver.is_ready:
                async with asyncio.timeout(timeout):
                    await self._receiver.arrival()
            return self._receiver.take(max_bytes)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        if not buffer:
            return
        with _raising(httpcore.WriteTimeout, httpcore.WriteError):
            self._receiver.check()
            self._transport.write(buffer)
            async with asyncio.timeout(timeout):
                await self._receiver.room()
            self._receiver.check()

    async def aclose(self) -> None:
        self._transport.close()
        try:
            await asyncio.sleep(0)
        finally:
            # Nobody is waited for who may not be there any more.
            self._transport.abort()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.AsyncNetworkStream:
        loop = asyncio.get_running_loop()
        with _raising(httpcore.ConnectTimeout, httpcore.ConnectError):
            try:
                async with asyncio.timeout(timeout):
                    transport = await loop.start_tls(
                        self._transport,
                        self._receiver,
                        ssl_context,
                        server_hostname=server_hostname,
                    )
            except BaseException:
                self._transport.abort()
                raise
        assert transport is not None
        self._receiver.connection_made(transport)
        return Stream(transport, self._receiver)

    def get_extra_info(self, info: str) -> Any:
        names = {"client_addr": "sockname", "server_addr": "peername"}
        if info == "is_readable":
            return self._receiver.is_ready
        return self._transport.get_extra_info(names.get(info, info))


class _Receiver(asyncio.BufferedProtocol):
    """Holds what came and was not read yet, and stops the transport when that is much."""

    def __init__(self) -> None:
        self._buffer = memoryview(bytearray(_FIRST_PIECE))
        self._pieces: deque[bytes] = deque()
        self._size = 0
        self._paused = False
        self._ended = False
        self._error: Exception | None = None
        self._arrived = asyncio.Event()
        self._writable = asyncio.Event()
        self._writable.set()

    @property
    def is_ready(self) -> bool:
        """Whether there is something to take, be it the end."""
        return bool(self._pieces) or self._ended

    async def arrival(self) -> None:
        """Return when there is something to take."""
        self._arrived.clear()
        if not self.is_ready:
            await self._arrived.wait()

    def take(self, most: int) -> bytes:
        """What came first, `most` bytes at most; empty at the end. Raises OSError."""
        if not self._pieces:
            self.check()
            return b""
        piece = self._pieces.popleft()
        if len(piece) > most:
            self._pieces.appendleft(piece[most:])
            piece = piece[:most]
        self._size -= len(piece)
        if self._paused and self._size < _HELD and not self._ended:
            self._paused = False
            self._transport.resume_reading()
        return piece

    async def room(self) -> None:
        """Return when the transport takes more, or never will."""
        await self._writable.wait()

    def check(self) -> None:
        """Raise OSError where the connection is gone for a reason."""
        if self._error is not None:
            raise self._error

    # What asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._is_tls = transport.get_extra_info("ssl_object") is not None

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        self._pieces.append(bytes(self._buffer[:nbytes]))
        self._size += nbytes
        if nbytes == len(self._buffer) < PIECE:
            self._buffer = memoryview(bytearray(PIECE))
        if self._size >= _HELD and not self._paused:
            self._paused = True
            self._transport.pause_reading()
        self._arrived.set()

    def eof_received(self) -> bool:
        self._ended = True
        self._arrived.set()
        # A server may be done with its answer before it has read the request.
        return not self._is_tls

    def connection_lost(self, exc: Exception | None) -> None:
        self._ended = True
        self._error = self._error or exc
        self._arrived.set()
        self._writable.set()

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()


@contextmanager
def _raising(
    late: type[httpcore.TimeoutException], failed: type[httpcore.NetworkError]
) -> Iterator[None]:
    """Let what goes wrong with a socket be one of httpcore's exceptions."""
    try:
        yield
    except TimeoutError as error:
        # Also what the system says after its own patience.
        raise late(str(error)) from error
    except OSError as error:
        raise failed(str(error)) from error
