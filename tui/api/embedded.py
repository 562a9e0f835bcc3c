"""A transport to an application in this process, whose answers come piece by piece.

httpx's own waits for the whole of an answer, and what is streamed would all come at the end.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, MutableMapping
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any, TypeAlias

import httpx

if TYPE_CHECKING:
    from starlette.applications import Starlette

Head: TypeAlias = tuple[int, list[tuple[bytes, bytes]]]
"""Status and headers of an answer."""

_PIECES_AHEAD = 4


def embedded(app: Starlette) -> httpx.AsyncBaseTransport:
    """A transport that hands requests to `app`, which lives until the transport is closed."""
    return _Embedded(app)


class _Embedded(httpx.AsyncBaseTransport):
    def __init__(self, app: Starlette) -> None:
        self._app = app
        self._running: AsyncExitStack | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self._running is None:
            self._running = AsyncExitStack()
            await self._running.enter_async_context(self._app.router.lifespan_context(self._app))
        exchange = _Exchange(self._app, request, await request.aread())
        status, headers = await exchange.begin()
        return httpx.Response(status, headers=headers, stream=exchange)

    async def aclose(self) -> None:
        if self._running is not None:
            await self._running.aclose()


class _Exchange(httpx.AsyncByteStream):
    """One request on its way through the application, and the body that comes back."""

    def __init__(self, app: Starlette, request: httpx.Request, body: bytes) -> None:
        self._app = app
        self._request = request
        self._body: bytes | None = body
        self._head: Head = 500, []
        self._started: asyncio.Future[Head] = asyncio.get_running_loop().create_future()
        self._pieces: asyncio.Queue[bytes | None] = asyncio.Queue(_PIECES_AHEAD)
        self._gone = asyncio.Event()
        self._work: asyncio.Task[None] | None = None
        self._failed = False

    async def begin(self) -> Head:
        """Status and headers, once they are there. Raises httpx's RemoteProtocolError."""
        self._work = asyncio.create_task(self._run())
        try:
            return await asyncio.shield(self._started)
        except BaseException:
            await self.aclose()
            raise

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while (piece := await self._pieces.get()) is not None:
            yield piece
        if self._failed:
            raise _failure()

    async def aclose(self) -> None:
        self._gone.set()
        if self._work is not None:
            self._work.cancel()
            await asyncio.wait({self._work})

    async def _run(self) -> None:
        try:
            await self._app(self._scope(), self._receive, self._send)
        except Exception:  # noqa: BLE001 - a server would hide it behind a lost connection
            self._failed = True
        if not self._started.done():
            self._started.set_exception(_failure())
        await self._pieces.put(None)

    def _scope(self) -> dict[str, Any]:
        url = self._request.url
        return {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": self._request.method,
            "headers": [(name.lower(), value) for name, value in self._request.headers.raw],
            "scheme": url.scheme,
            "path": url.path,
            "raw_path": url.raw_path.split(b"?")[0],
            "query_string": url.query,
            "server": (url.host, url.port),
            "client": ("127.0.0.1", 123),
            "root_path": "",
        }

    async def _receive(self) -> dict[str, Any]:
        if self._body is not None:
            body, self._body = self._body, None
            return {"type": "http.request", "body": body, "more_body": False}
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self._head = message["status"], list(message.get("headers", []))
            return
        # Not before: an application that fails in between has sent nothing yet.
        if not self._started.done():
            self._started.set_result(self._head)
        if piece := message.get("body", b""):
            await self._pieces.put(piece)


def _failure() -> httpx.RemoteProtocolError:
    return httpx.RemoteProtocolError("the application failed")
