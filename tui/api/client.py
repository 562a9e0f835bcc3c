"""The client of one endpoint."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Literal

from tui.api import errors, refusals, wire
from tui.api.addresses import BadAddress, read_address
from tui.api.answers import GenerationAnswer
from tui.api.downloads import Check, Credentials, Downloader, Unfit
from tui.api.errors import ApiError
from tui.api.http import (
    REDIRECTS,
    Body,
    Collector,
    Lost,
    NotSent,
    Outgoing,
    Transport,
    exchange,
)
from tui.api.pictures import PictureReader
from tui.api.public_catalogue import PublicCatalogue
from tui.api.public_models import PublicModel
from tui.api.reply import Reply
from tui.api.results import (
    Arrival,
    Download,
    GeneratedImage,
    Generation,
    Record,
    RecordPage,
    ReferenceImage,
    RemoteModel,
)
from tui.api.settings_check import base_address, check_settings, usable_headers
from tui.api.spool import Spool
from tui.config import JSON, EndpointSettings
from tui.keys import Secret
from tui.scrub import EVERY_SECRET, secret_values

__all__ = [
    "Arrival",
    "Check",
    "Download",
    "GeneratedImage",
    "Generation",
    "ImagesClient",
    "Record",
    "RecordPage",
    "ReferenceImage",
    "RemoteModel",
    "Spool",
    "Unfit",
]

LISTING_LIMIT = 16 * 1024 * 1024
LISTING_DEADLINE = 60.0
MAX_PAGE = 100
NO_EDITS = (
    "The server may have no /images/edits. If it takes references in a field, set references to"
    " field in the endpoint's settings, then send again."
)


class ImagesClient:
    """Everything an endpoint can do, as calls; safe to use from many tasks at once.

    Every call raises ApiError and nothing else, but for what `download` says of its file.
    `transport` replaces the network for the endpoint's own origin. The constructor raises ApiError
    when the settings cannot be used.
    """

    def __init__(
        self, settings: EndpointSettings, key: Secret | None, transport: Transport | None = None
    ) -> None:
        self._settings = settings
        self._key = key
        self._transport = transport
        check_settings(settings)
        self._base = base_address(settings)
        self._headers = usable_headers(settings)
        self._scrubber = EVERY_SECRET
        self._scrubber.learn(secret_values(settings.headers))
        self._downloader = Downloader(
            self._base, self._scrubber, transport, deadline=settings.download_timeout
        )

    async def generate(
        self,
        model: str,
        prompt: str,
        parameters: Mapping[str, JSON],
        references: Sequence[ReferenceImage] = (),
        *,
        spool: Spool | None = None,
        told: Callable[[Arrival], None] | None = None,
        idempotency_key: str = "",
    ) -> Generation:
        """Send one POST, never a second, and give the pictures it made, at least one.

        Pictures inside the answer go to files of `spool`, which are the caller's then; without it
        they stay in memory. `told` hears of those that come before the end. Takes up to the
        endpoint's `timeout`. Once anything may have been sent, cancelling it does not cancel the
        work at the endpoint, nor the charge.
        """
        write = partial(
            wire.generation_request, self._settings, model, prompt, parameters, references
        )
        try:
            # References have megabytes.
            written = await asyncio.to_thread(write) if references else write()
        except wire.UnfitRequest as error:
            raise _unfit(error) from None
        headers = {
            "Accept": "application/json, text/event-stream",
            "Content-Type": written.content_type,
        }
        if idempotency_key:
            headers["Idempotency-Key"] = idempotency_key
        if self._settings.native_params:
            headers["Token360-Native-Params"] = "true"
        pictures = PictureReader(self._base.url, self._scrubber, spool)
        answer = GenerationAnswer(pictures, told)
        request = _Request(
            written.method, written.path, headers=headers, body=written.body, into=answer
        )
        try:
            reply = await self._answer(request)
        except ApiError as error:
            if written.path == wire.EDITS and _is_missing(error):
                error.hint = NO_EDITS
            raise
        try:
            return await answer.generation(reply)
        except ApiError:
            if spool is not None and spool.error is not None:
                raise spool.error from None
            raise

    async def records(
        self,
        *,
        limit: int = 20,
        after: str | None = None,
        before: str | None = None,
        order: Literal["asc", "desc"] = "desc",
    ) -> RecordPage:
        """A page of 1 to 100 records, by time of creation; `after` and `before` are record ids.

        An endpoint that keeps no records answers with status 404 or 405.
        """
        query: dict[str, str | int] = {"limit": min(max(limit, 1), MAX_PAGE), "order": order}
        if after:
            query["after"] = after
        if before:
            query["before"] = before
        reply = await self._answer(_Request("GET", "/images", query))
        return await asyncio.to_thread(wire.read_records, reply, self._base.url, self._scrubber)

    async def content_url(self, record_id: str) -> str:
        """A fresh address of a record's picture, good for about an hour."""
        path = f"/images/{_segment(record_id)}/content"
        reply = await self._answer(_Request("GET", path, {"format": "url"}), or_redirect=True)
        return wire.read_content_url(reply, self._base.url, self._scrubber)

    async def delete(self, record_id: str) -> None:
        """Delete a record and its picture at the endpoint."""
        reply = await self._answer(_Request("DELETE", f"/images/{_segment(record_id)}"))
        if not wire.read_deleted(reply):
            raise refusals.misunderstood(
                reply, self._scrubber, "The endpoint says that it did not delete the record.",
                paid=False,
            )  # fmt: skip

    async def models(self) -> tuple[RemoteModel, ...]:
        """The models the endpoint lists, those that make no images included."""
        reply = await self._answer(_Request("GET", "/models"))
        return await asyncio.to_thread(wire.read_models, reply, self._scrubber)

    async def public_models(self) -> tuple[PublicModel, ...]:
        """What the public catalogue in the settings, if there is one, says; it gets no key."""
        if not self._settings.catalogue:
            return ()
        catalogue = PublicCatalogue(self._settings.catalogue, self._base, self._transport)
        return await catalogue.read()

    async def download(self, url: str, target: Path, check: Check | None = None) -> Download:
        """Fetch a picture into `target`, a new file of mode 0600 that is on the disk at return.

        `check` looks at it in a thread, and raises Unfit where it shall be fetched anew; Unfit is
        raised in the end if that does not help, and `target` stays then. Raises FileExistsError
        when `target` is taken and OSError when it cannot be written; after any other failure
        `target` is gone. The key is sent only where `url` is the endpoint's own
        `/images/{id}/content`.
        """
        credentials = Credentials(self._key, self._headers) if self._is_content(url) else None
        return await self._downloader.fetch(url, target, credentials=credentials, check=check)

    async def download_record(
        self, record_id: str, target: Path, check: Check | None = None
    ) -> Download:
        """Fetch a record's picture as `download` does; the redirect to it gets no key."""
        url = f"{self._base.url}/images/{_segment(record_id)}/content"
        return await self.download(url, target, check)

    async def aclose(self) -> None:
        """Release the transport; connections of calls that ended are closed already."""
        if self._transport is not None:
            await self._transport.aclose()

    def _is_content(self, url: str) -> bool:
        try:
            address = read_address(url.strip())
        except BadAddress:
            return False
        return (
            address.origin == self._base.origin
            and address.path.startswith(f"{self._base.path}/images/")
            and address.path.endswith("/content")
            and ".." not in address.path
        )

    async def _answer(self, request: _Request, *, or_redirect: bool = False) -> Reply:
        """The reply of status 2xx to one request. Raises ApiError for every other outcome."""
        base, paid = self._base, request.body is not None
        headers = {**self._headers, "Accept": "application/json", **request.headers}
        address = wire.api_address(base, request.path, request.query)
        deadline = self._settings.timeout if paid else LISTING_DEADLINE
        outgoing = Outgoing(
            request.method, address, headers, self._key, request.body,
            read_timeout=deadline, connect_timeout=self._settings.connect_timeout,
        )  # fmt: skip
        into = request.into or Body(LISTING_LIMIT)
        try:
            reply = await exchange(outgoing, self._transport, deadline=deadline, into=into)
        except NotSent as error:
            raise errors.not_sent(base.host, str(error), passing=error.passing) from None
        except Lost as error:
            raise errors.lost(base.host, str(error), paid=paid) from None
        redirected = or_redirect and reply.status in REDIRECTS
        if not redirected and not 200 <= reply.status < 300:
            raise await asyncio.to_thread(refusals.refusal, reply, self._scrubber, paid=paid)
        return reply


@dataclass(frozen=True, slots=True)
class _Request:
    """A request to the API; one with a body costs money. It is read `into` memory by default."""

    method: str
    path: str
    query: Mapping[str, str | int] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | None = field(default=None, repr=False)
    into: Collector | None = None


def _is_missing(error: ApiError) -> bool:
    """Whether the endpoint has nothing under the path that it was asked for."""
    return error.kind == "invalid_request" and error.status in (404, 405)


def _segment(record_id: str) -> str:
    try:
        return wire.record_path(record_id)
    except wire.UnfitRequest as error:
        raise _unfit(error) from None


def _unfit(error: wire.UnfitRequest) -> ApiError:
    return ApiError(
        "invalid_request", str(error), hint="Nothing was sent; change the request, then send it."
    )
