"""Answers below HTTP: bytes that go to the socket as they are, connections that are lost."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterable, AsyncIterator, Iterable
from contextlib import suppress
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

_RAW = "darkroom.raw"
_NO_LINGER = struct.pack("ii", 1, 0)
_START_OF_AN_ANSWER = {
    "type": "http.response.start",
    "status": 200,
    "headers": [(b"content-type", b"application/json"), (b"content-length", b"1")],
}

Pieces = AsyncIterable[bytes] | Iterable[bytes]


class RawAnswer(Response):
    """What the socket is given instead of an answer; then it is closed, or reset.

    It is the application that then calls `play_raw`, with the server's own `send`.
    """

    def __init__(self, pieces: Pieces = (), *, reset: bool = False) -> None:
        super().__init__()
        self.pieces = pieces
        self.reset = reset

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope[_RAW] = self


class NoAnswer(Response):
    """Nothing at all, for as long as the client waits."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await _until_gone(receive)


def raw_answer(scope: Scope) -> RawAnswer | None:
    """The raw answer that the request was given, if it was."""
    answer = scope.get(_RAW)
    return answer if isinstance(answer, RawAnswer) else None


async def play_raw(answer: RawAnswer, receive: Receive, send: Send) -> None:
    """Write `answer` to the connection behind `send` under uvicorn, until the client is gone.

    In process there is no socket: ConnectionResetError is raised. A client in process that is
    spared exceptions of the application gets an answer that breaks off before its first byte.
    """
    # uvicorn's `send` is a method of the object that holds the connection.
    connection = getattr(send, "__self__", None)
    if getattr(connection, "transport", None) is None:
        await send(_START_OF_AN_ANSWER)
        raise ConnectionResetError("The connection was reset.")
    writing = asyncio.create_task(_write(answer, connection))
    gone = asyncio.create_task(_until_gone(receive))
    try:
        await asyncio.wait((writing, gone), return_when=asyncio.FIRST_COMPLETED)
        if writing.done():
            await writing
            await gone
    finally:
        for task in (writing, gone):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def _write(answer: RawAnswer, connection: Any) -> None:
    transport = connection.transport
    async for piece in _each(answer.pieces):
        transport.write(piece)
        if connection.flow.write_paused:
            await connection.flow.drain()
        # Even where all is taken at once, others want their turn.
        await asyncio.sleep(0)
    if answer.reset:
        # Without lingering the kernel sends RST instead of closing in good order.
        raw = transport.get_extra_info("socket")
        # It is closed where the client was quicker.
        with suppress(OSError):
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        transport.abort()
    else:
        transport.close()


async def _each(pieces: Pieces) -> AsyncIterator[bytes]:
    if isinstance(pieces, AsyncIterable):
        async for piece in pieces:
            yield piece
    else:
        for piece in pieces:
            yield piece


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
