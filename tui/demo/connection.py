"""Losing a connection on purpose."""

from __future__ import annotations

import socket
import struct

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

SERVER_SEND = "darkroom.server_send"
"""The key in an ASGI scope under which the server's own `send` lies."""

_NO_LINGER = struct.pack("ii", 1, 0)


class LostConnection(Response):
    """No answer: the connection is reset under uvicorn, a transport error in process."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # uvicorn's `send` is a method of the object that holds the connection; in process there
        # is no connection to lose.
        cycle = getattr(scope.get(SERVER_SEND), "__self__", None)
        transport = getattr(cycle, "transport", None)
        if transport is None:
            # httpx is the client whose process this is: it raises the error to its caller.
            from httpx import ReadError

            raise ReadError("The connection was reset.")
        # Without lingering the kernel sends RST instead of closing in good order.
        raw = transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        transport.abort()
        while (await receive())["type"] != "http.disconnect":
            pass
