"""The demo endpoint: the image API, served from a folder.

It is a Starlette application: the studio reaches it in process, `darkroom serve` over loopback.
"""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.types import Message, Receive, Scope, Send

from tui.demo.connection import play_raw, raw_answer
from tui.demo.errors import Refusal, folder_failed, not_routed
from tui.demo.faults import Faults
from tui.demo.routes import Endpoint
from tui.demo.traffic import Traffic
from tui.demo.work import CLOSING_SECONDS

if TYPE_CHECKING:
    import uvicorn

_CLIENT_CLOSED_REQUEST = 499


def demo_app(
    folder: Path,
    *,
    latency: float = 0.0,
    faults: Faults | None = None,
    media_origin: str | None = None,
) -> Starlette:
    """The endpoint over `folder`, where it keeps records and pictures.

    `latency` is in seconds, waited for each generation. Links to pictures lead to
    `media_origin`, "https://host", or else to wherever the request came in. Nothing is written
    before the first generation. A request with an X-Fault header meets the faults named there
    instead of `faults`. `app.state.traffic` is the Traffic, for tests.
    """
    traffic = Traffic()
    endpoint = Endpoint(
        folder,
        latency=latency,
        faults=faults or Faults(),
        media_origin=media_origin,
        traffic=traffic,
    )
    app = _Application(
        routes=endpoint.routes(),
        exception_handlers=dict.fromkeys(
            (Refusal, HTTPException, OSError, ClientDisconnect), _answer_error
        ),
        lifespan=endpoint.lifespan,
    )
    app.state.traffic = traffic
    return app


def http_server(app: Starlette) -> uvicorn.Server:
    """uvicorn, set up for `app`; at its end, generations in hand get a few seconds to finish."""
    import uvicorn

    config = uvicorn.Config(
        app,
        ws="none",
        log_config=None,  # It would write to standard error by itself.
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=CLOSING_SECONDS,
    )
    return uvicorn.Server(config)


class _Application(Starlette):
    """Starlette with a request id on every answer, raw answers, and its traffic counted."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        self.state.traffic.arrived(scope)
        request_id = f"req_{secrets.token_hex(12)}"
        scope.setdefault("state", {})["request_id"] = request_id

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["x-request-id"] = request_id
            await send(message)

        await super().__call__(scope, receive, send_with_id)
        if answer := raw_answer(scope):
            await play_raw(answer, receive, send)


async def _answer_error(request: Request, error: Exception) -> Response:
    match error:
        case Refusal():
            refusal, headers = error, {}
        case HTTPException():
            refusal = not_routed(error.status_code, request.method, request.url.path)
            headers = dict(error.headers or {})
        case OSError():
            refusal, headers = folder_failed(error), {}
        case _:
            return Response(status_code=_CLIENT_CLOSED_REQUEST)
    envelope = {"error": refusal.error(request.state.request_id)}
    return JSONResponse(envelope, refusal.status, headers)
