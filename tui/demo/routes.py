"""The routes of the demo endpoint."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.datastructures import URL
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import Route

from tui.demo import answers, fault_answers
from tui.demo.errors import Refusal, folder_failed, no_such_image, not_valid
from tui.demo.faults import Faults, Operation
from tui.demo.generation import Outcome, Ticket, carry_out, fail
from tui.demo.incoming import bearer_key, content_form, list_query, read_body, wanted_picture
from tui.demo.links import FOLDER as MEDIA
from tui.demo.links import LinkError, Links
from tui.demo.records import Record, RecordError, Records, UnknownCursorError
from tui.demo.requests import Generation, read_generation
from tui.demo.work import Workshop

PAINTERS = 2
LINK_SECONDS = 24 * 3600
FRESH_LINK_SECONDS = 3600

_IGNORED_SIZE = (768, 768)
_MEDIA_TYPES = {".jpg": "image/jpeg", ".png": "image/png"}
_SERVER_ERROR = RecordError("The server had an error.", "api_error")


class Endpoint:
    """The routes and what they share: the folder, the faults, the work in hand.

    `latency` is in seconds; `media_origin` as for `demo_app`.
    """

    def __init__(
        self, folder: Path, *, latency: float, faults: Faults, media_origin: str | None
    ) -> None:
        self._records = Records(folder)
        self._links = Links(folder)
        self._latency = latency
        self._faults = faults
        self._media_origin = media_origin
        self._workshop = Workshop(PAINTERS)

    def routes(self) -> list[Route]:
        return [
            Route("/v1/images/generations", self.generate, methods=["POST"]),
            Route("/v1/images", self.list_images, methods=["GET"]),
            Route("/v1/images/{image_id}/content", self.content, methods=["GET"]),
            Route("/v1/images/{image_id}", self.delete, methods=["DELETE"]),
            Route("/v1/models", self.models, methods=["GET"]),
            Route(f"{MEDIA}/{{picture}}", self.media, methods=["GET"]),
        ]

    @asynccontextmanager
    async def lifespan(self, _: Starlette) -> AsyncIterator[None]:
        """Under a server: what was begun is finished before the server stops."""
        yield
        await self._workshop.close()

    async def generate(self, request: Request) -> Response:
        """POST /v1/images/generations"""
        key = bearer_key(request)
        body = await read_body(request)
        fault = self._faults.draw("generate")
        if fault and (answer := await asyncio.to_thread(fault_answers.refusal, fault, body)):
            return answer
        order = _as_fault_has_it(await asyncio.to_thread(read_generation, body), fault)
        ticket = Ticket.issue(key, order, self._records)
        outcome = await self._workshop.carry_through(self._make(ticket, fault))
        if isinstance(outcome, Refusal):
            raise outcome
        return await asyncio.to_thread(self._answer, outcome, self._origin(request), fault)

    async def list_images(self, request: Request) -> Response:
        """GET /v1/images"""
        key = bearer_key(request)
        if answer := self._fault("list"):
            return answer
        query = list_query(request)
        try:
            page = await asyncio.to_thread(
                self._records.page,
                key,
                limit=query.limit,
                order=query.order,
                after=query.after,
                before=query.before,
            )
        except UnknownCursorError:
            cursor = "before" if query.after is None else "after"
            raise not_valid(cursor, "there is no image with this id") from None
        url_of = partial(self._url, self._origin(request))
        return _json(await asyncio.to_thread(answers.listing, page, url_of))

    async def content(self, request: Request) -> Response:
        """GET /v1/images/{image_id}/content"""
        key = bearer_key(request)
        fault = self._faults.draw("content")
        if fault and (answer := fault_answers.other_route(fault)):
            return answer
        form = content_form(request)
        image_id = request.path_params["image_id"]
        record = await asyncio.to_thread(self._records.find, key, image_id)
        if record is None:
            raise no_such_image(image_id)
        if not record.pictures:
            return _json(answers.not_ready(record), 400)
        picture = wanted_picture(request, record)
        if form == "binary":
            return await self._send(picture, filename=picture)
        origin = self._origin(request)
        if fault == "content-cross-origin-302":
            origin = _other_origin(origin)
        expires = int(time.time()) + FRESH_LINK_SECONDS
        url = origin + await asyncio.to_thread(self._links.sign, picture, expires)
        if form == "redirect":
            return RedirectResponse(url, 302)
        return _json({"url": url, "image_id": record.id, "expires_in": FRESH_LINK_SECONDS})

    async def delete(self, request: Request) -> Response:
        """DELETE /v1/images/{image_id}"""
        key = bearer_key(request)
        if answer := self._fault("delete"):
            return answer
        image_id = request.path_params["image_id"]
        if not await asyncio.to_thread(self._records.delete, key, image_id):
            raise no_such_image(image_id)
        return _json({"id": image_id, "object": "image", "deleted": True})

    async def models(self, request: Request) -> Response:
        """GET /v1/models"""
        bearer_key(request)
        return self._fault("models") or _json(answers.models())

    async def media(self, request: Request) -> Response:
        """GET /media/{picture}: no key, but a signed link"""
        if self._faults.plays("content-cross-origin-302") and "authorization" in request.headers:
            # S3 refuses a signed link that comes with a key as well.
            return fault_answers.object_store_error(
                400, "InvalidArgument", "Only one auth mechanism allowed"
            )
        picture = request.path_params["picture"]
        query = request.query_params
        check = partial(self._links.check, picture, query.get("expires", ""))
        try:
            await asyncio.to_thread(check, query.get("signature", ""), now=time.time())
        except LinkError as error:
            return fault_answers.object_store_error(403, error.code, error.message)
        return await self._send(picture)

    async def _make(self, ticket: Ticket, fault: str | None) -> Outcome | Refusal:
        await asyncio.sleep(self._latency + (self._faults.slow_seconds if fault == "slow" else 0))
        lost = 1 if fault == "partial" else 0
        try:
            if fault == "500":
                return await fail(ticket, self._records, self._workshop, _SERVER_ERROR)
            return await carry_out(ticket, self._records, self._workshop, lost=lost)
        except Refusal as refusal:
            return refusal
        except OSError as error:
            return folder_failed(error)

    def _answer(self, outcome: Outcome, origin: str, fault: str | None) -> Response:
        record = outcome.record
        expires = record.created_at + LINK_SECONDS
        urls = [origin + self._links.sign(picture, expires) for picture in record.pictures]
        answer = answers.generation(outcome, urls)
        if fault is None:
            return _json(answer)
        for number, picture in enumerate(outcome.pictures):
            path = f"/v1/images/{record.id}/content" + (f"?variant={number}" if number else "")
            item = answer["data"][number]
            answer["data"][number] = fault_answers.changed_item(fault, item, picture, path)
        whole = _json(answer)
        return fault_answers.lost_answer(fault, bytes(whole.body)) or whole

    async def _send(self, picture: str, filename: str | None = None) -> Response:
        path = await asyncio.to_thread(self._records.picture, picture)
        if path is None:
            return fault_answers.object_store_error(404, "NoSuchKey", "There is no such picture.")
        media_type = _MEDIA_TYPES[path.suffix]
        if fault := self._faults.draw("download"):
            whole = await asyncio.to_thread(path.read_bytes)
            if answer := fault_answers.changed_picture(fault, whole, media_type):
                return answer
        return FileResponse(path, media_type=media_type, filename=filename)

    def _fault(self, operation: Operation) -> Response | None:
        fault = self._faults.draw(operation)
        return fault_answers.other_route(fault) if fault else None

    def _origin(self, request: Request) -> str:
        return (self._media_origin or str(request.base_url)).rstrip("/")

    def _url(self, origin: str, record: Record) -> str | None:
        if not record.pictures:
            return None
        return origin + self._links.sign(record.pictures[0], record.created_at + LINK_SECONDS)


def _as_fault_has_it(order: Generation, fault: str | None) -> Generation:
    match fault:
        case "ok-url" | "url-is-base64" | "url-relative" | "url-filepath":
            return replace(order, response_format="url")
        case "ok-b64":
            return replace(order, response_format="b64_json")
        case "size-ignored":
            width, height = _IGNORED_SIZE
            return replace(order, width=width, height=height)
        case "count-ignored":
            return replace(order, count=1)
    return order


def _other_origin(origin: str) -> str:
    """The same server under another name, which to a client is another origin."""
    url = URL(origin)
    name = "localhost" if url.hostname == "127.0.0.1" else "127.0.0.1"
    return str(url.replace(hostname=name))


def _json(content: Mapping[str, Any], status: int = 200) -> Response:
    return Response(msgspec.json.encode(content), status, media_type="application/json")
