"""Losing a connection on purpose."""

from __future__ import annotations

import socket
import struct

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

_LOST = "darkroom.lost"
_NO_LINGER = struct.pack("ii", 1, 0)
_START_OF_AN_ANSWER = {
    "type": "http.response.start",
    "status": 200,
    "headers": [(b"content-type", b"application/json"), (b"content-length", b"1")],
}


class LostConnection(Response):
    """No answer. It is the application that then calls `lose`, with the server's own `send`."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope[_LOST] = True


def is_lost(scope: Scope) -> bool:
    """Whether the request was answered with a LostConnection."""
    return _LOST in scope


async def lose(receive: Receive, send: Send) -> None:
    """Reset the connection behind `send` under uvicorn; in process raise ConnectionResetError.

    A client in process that is spared exceptions of the application gets an answer that breaks
    off before its first byte.
    """
    # uvicorn's `send` is a method of the object that holds the connection.
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    if transport is None:
        await send(_START_OF_AN_ANSWER)
        raise ConnectionResetError("The connection was reset.")
    # Without lingering the kernel sends RST instead of closing in good order.
    raw = transport.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
    transport.abort()
    while (await receive())["type"] != "http.disconnect":
        pass
