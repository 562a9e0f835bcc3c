"""The routes of the demo endpoint."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from tui.demo import answers
from tui.demo.errors import no_such_image, not_valid
from tui.demo.faults import Faults
from tui.demo.faults.bodies import JSON
from tui.demo.faults.other_routes import (
    changed_link,
    changed_listing,
    invented_page,
    not_deleted,
    other_route,
)
from tui.demo.faults.wire import Answer, befallen
from tui.demo.generating import Generations, json_answer
from tui.demo.incoming import (
    ListQuery,
    bearer_key,
    content_form,
    faults_met,
    list_query,
    wanted_picture,
)
from tui.demo.links import FOLDER as MEDIA
from tui.demo.links import Links
from tui.demo.media import FRESH_LINK_SECONDS, Media
from tui.demo.public_models import public_models
from tui.demo.records import Page, Records, UnknownCursorError
from tui.demo.traffic import EDITS, GENERATIONS, Traffic
from tui.demo.work import Workshop

PAINTERS = 2


class Endpoint:
    """The routes and what they share: the folder, the faults, the work in hand.

    `latency` is in seconds; `media_origin` as for `demo_app`.
    """

    def __init__(
        self,
        folder: Path,
        *,
        latency: float,
        faults: Faults,
        media_origin: str | None,
        traffic: Traffic,
    ) -> None:
        self._records = Records(folder)
        self._faults = faults
        self._media = Media(self._records, Links(folder), faults, origin=media_origin)
        self._workshop = Workshop(PAINTERS)
        self._generations = Generations(
            self._records,
            self._media,
            self._workshop,
            faults=faults,
            traffic=traffic,
            latency=latency,
        )

    def routes(self) -> list[Route]:
        return [
            Route(GENERATIONS, self.generate, methods=["POST"]),
            Route(EDITS, self.edit, methods=["POST"]),
            Route("/v1/images", self.list_images, methods=["GET"]),
            Route("/v1/images/{image_id}/content", self.content, methods=["GET"]),
            Route("/v1/images/{image_id}", self.delete, methods=["DELETE"]),
            Route("/v1/models", self.models, methods=["GET"]),
            Route("/public/models", self.public_models, methods=["GET"]),
            Route(f"{MEDIA}/{{picture}}", self.media, methods=["GET"]),
        ]

    @asynccontextmanager
    async def lifespan(self, _: Starlette) -> AsyncIterator[None]:
        """Under a server: what was begun is finished before the server stops."""
        yield
        await self._workshop.close()

    async def generate(self, request: Request) -> Response:
        """POST /v1/images/generations"""
        return await self._generations.answer(request)

    async def edit(self, request: Request) -> Response:
        """POST /v1/images/edits"""
        return await self._generations.answer_edit(request)

    async def list_images(self, request: Request) -> Response:
        """GET /v1/images"""
        key = bearer_key(request)
        faults = faults_met(request, self._faults, "list")
        if answer := _answer_of(faults):
            return answer
        query = list_query(request)
        try:
            page = await asyncio.to_thread(self._page, key, query, faults)
        except UnknownCursorError:
            cursor = "before" if query.after is None else "after"
            raise not_valid(cursor, "there is no image with this id") from None
        url_of = partial(self._media.link_of, request)
        listing = await asyncio.to_thread(answers.listing, page, url_of)
        for kind in faults:
            listing = changed_listing(kind, listing)
        response = json_answer(listing)
        for kind in faults:
            wire = Answer(bytes(response.body), JSON, b" ", self._faults.drip_seconds)
            response = befallen(kind.removeprefix("list-"), wire) or response
        return response

    async def content(self, request: Request) -> Response:
        """GET /v1/images/{image_id}/content"""
        key = bearer_key(request)
        faults = faults_met(request, self._faults, "content")
        if answer := _answer_of(faults):
            return answer
        form = content_form(request)
        image_id = request.path_params["image_id"]
        record = await asyncio.to_thread(self._records.find, key, image_id)
        if record is None:
            raise no_such_image(image_id)
        if not record.pictures:
            return json_answer(answers.not_ready(record), 400)
        picture = wanted_picture(request, record)
        if form == "binary":
            return await self._media.send(request, picture, filename=picture)
        elsewhere = "content-cross-origin-302" in faults
        link = partial(self._media.fresh_link, request, picture, elsewhere=elsewhere)
        url = await asyncio.to_thread(link)
        for kind in faults:
            url = changed_link(kind, url)
        if form == "redirect":
            return RedirectResponse(url, 302)
        about = {"url": url, "image_id": record.id, "expires_in": FRESH_LINK_SECONDS}
        return json_answer(about)

    async def delete(self, request: Request) -> Response:
        """DELETE /v1/images/{image_id}"""
        key = bearer_key(request)
        faults = faults_met(request, self._faults, "delete")
        if answer := _answer_of(faults):
            return answer
        image_id = request.path_params["image_id"]
        if "delete-kept" in faults:
            return not_deleted(image_id)
        if not await asyncio.to_thread(self._records.delete, key, image_id):
            raise no_such_image(image_id)
        return json_answer({"id": image_id, "object": "image", "deleted": True})

    async def models(self, request: Request) -> Response:
        """GET /v1/models"""
        bearer_key(request)
        faults = faults_met(request, self._faults, "models")
        return _answer_of(faults) or json_answer(answers.models())

    async def public_models(self, request: Request) -> Response:
        """GET /public/models: no key"""
        return json_answer(public_models(request))

    async def media(self, request: Request) -> Response:
        """GET /media/{picture}: no key, but a signed link"""
        return await self._media.open_link(request)

    def _page(self, key: str, query: ListQuery, faults: tuple[str, ...]) -> Page:
        page = invented_page if "list-three-pages" in faults else partial(self._records.page, key)
        return page(limit=query.limit, order=query.order, after=query.after, before=query.before)


def _answer_of(faults: tuple[str, ...]) -> Response | None:
    return next((answer for kind in faults if (answer := other_route(kind))), None)
