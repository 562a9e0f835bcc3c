"""The client of one endpoint."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal
from urllib.parse import urlencode

from tui.api import errors, refusals, wire
from tui.api.addresses import Address, BadAddress, read_address, read_base_url
from tui.api.downloads import Credentials, Downloader
from tui.api.errors import ApiError
from tui.api.http import REDIRECTS, Lost, NotSent, Outgoing, Transport, exchange
from tui.api.reply import Reply
from tui.api.results import (
    Download,
    GeneratedImage,
    Generation,
    Record,
    RecordPage,
    ReferenceImage,
    RemoteModel,
)
from tui.config import JSON, EndpointSettings
from tui.keys import Secret
from tui.scrub import EVERY_SECRET, secret_values

__all__ = [
    "Download",
    "GeneratedImage",
    "Generation",
    "ImagesClient",
    "Record",
    "RecordPage",
    "ReferenceImage",
    "RemoteModel",
]

GENERATION_LIMIT = 128 * 1024 * 1024
LISTING_LIMIT = 16 * 1024 * 1024
LISTING_DEADLINE = 60.0
LONGEST_TIMEOUT = 24 * 60 * 60.0
MAX_PAGE = 100

_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_HEADER_VALUE = re.compile(r"[\x20-\x7e]*")
_OWN_HEADERS = frozenset(
    "accept-encoding connection content-length content-type host te trailer transfer-encoding"
    " upgrade user-agent".split()
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
        self._base = _base(settings)
        self._headers = _headers(settings)
        self._timeout = _timeout(settings)
        self._scrubber = EVERY_SECRET
        self._scrubber.learn(secret_values(settings.headers))
        self._downloader = Downloader(self._base, self._scrubber, transport)

    async def generate(
        self,
        model: str,
        prompt: str,
        parameters: Mapping[str, JSON],
        references: Sequence[ReferenceImage] = (),
    ) -> Generation:
        """Send one POST, never a second, and give the pictures it made, at least one.

        Takes up to the endpoint's `timeout`. Once anything may have been sent, cancelling it does
        not cancel the work at the endpoint, nor the charge.
        """
        try:
            body = await asyncio.to_thread(
                wire.request_body, self._settings, model, prompt, parameters, references
            )
        except wire.UnfitRequest as error:
            raise _unfit(error) from None
        reply = await self._answer("POST", "/images/generations", body=body, paid=True)
        return await asyncio.to_thread(wire.read_generation, reply, self._base.url, self._scrubber)

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
        reply = await self._answer("GET", "/images", query)
        return await asyncio.to_thread(wire.read_records, reply, self._base.url, self._scrubber)

    async def content_url(self, record_id: str) -> str:
        """A fresh address of a record's picture, good for about an hour."""
        path = f"/images/{_segment(record_id)}/content"
        reply = await self._answer("GET", path, {"format": "url"}, or_redirect=True)
        return wire.read_content_url(reply, self._base.url, self._scrubber)

    async def delete(self, record_id: str) -> None:
        """Delete a record and its picture at the endpoint."""
        reply = await self._answer("DELETE", f"/images/{_segment(record_id)}")
        if not wire.read_deleted(reply):
            raise refusals.misunderstood(
                reply, self._scrubber, "The endpoint says that it did not delete the record.",
                paid=False,
            )  # fmt: skip

    async def models(self) -> tuple[RemoteModel, ...]:
        """The models the endpoint lists, those that make no images included."""
        reply = await self._answer("GET", "/models")
        return await asyncio.to_thread(wire.read_models, reply, self._scrubber)

    async def download(self, url: str, target: Path) -> Download:
        """Fetch a picture into `target`, a new file of mode 0600 that is on the disk at return.

        Raises FileExistsError when `target` is taken and OSError when it cannot be written; after
        any failure `target` is gone. The key is sent only where `url` is the endpoint's own
        `/images/{id}/content`.
        """
        if self._is_content(url):
            credentials = Credentials(self._key, self._headers)
            return await self._downloader.fetch(url, target, credentials=credentials)
        return await self._downloader.fetch(url, target)

    async def download_record(self, record_id: str, target: Path) -> Download:
        """Fetch a record's picture as `download` does; the redirect to it gets no key."""
        return await self.download(f"{self._base.url}/images/{_segment(record_id)}/content", target)

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

    async def _answer(
        self,
        method: str,
        path: str,
        query: Mapping[str, str | int] | None = None,
        *,
        body: bytes | None = None,
        paid: bool = False,
        or_redirect: bool = False,
    ) -> Reply:
        """The reply of status 2xx to one request. Raises ApiError for every other outcome."""
        base = self._base
        headers = {**self._headers, "Accept": "application/json"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        address = Address(
            base.scheme, base.host, base.port, base.path + path,
            f"?{urlencode(query)}" if query else "",
        )  # fmt: skip
        deadline = self._timeout if paid else LISTING_DEADLINE
        outgoing = Outgoing(method, address, headers, self._key, body, read_timeout=deadline)
        try:
            reply = await exchange(
                outgoing,
                self._transport,
                deadline=deadline,
                limit=GENERATION_LIMIT if paid else LISTING_LIMIT,
            )
        except NotSent as error:
            raise errors.not_sent(base.host, str(error)) from None
        except Lost as error:
            raise errors.lost(base.host, str(error), paid=paid) from None
        redirected = or_redirect and reply.status in REDIRECTS
        if not redirected and not 200 <= reply.status < 300:
            raise await asyncio.to_thread(refusals.refusal, reply, self._scrubber, paid=paid)
        return reply


def _base(settings: EndpointSettings) -> Address:
    try:
        return read_base_url(settings.base_url)
    except BadAddress as error:
        raise errors.bad_settings(
            f"The endpoint's base_url cannot be used: {error}.",
            "Correct base_url in config.toml; it ends in /v1 and begins with https://.",
        ) from None


def _headers(settings: EndpointSettings) -> Mapping[str, str]:
    for name, value in settings.headers.items():
        if not _HEADER_NAME.fullmatch(name) or not _HEADER_VALUE.fullmatch(value):
            reason = "holds characters that no header can carry"
        elif name.lower() in _OWN_HEADERS:
            reason = "is not for the configuration to set"
        else:
            continue
        raise errors.bad_settings(
            f"The endpoint's header {name!r} {reason}.", "Correct headers in config.toml."
        )
    return settings.headers


def _timeout(settings: EndpointSettings) -> float:
    if not settings.timeout > 0:
        raise errors.bad_settings(
            "The endpoint's timeout is not a number above 0.", "Correct timeout in config.toml."
        )
    return min(settings.timeout, LONGEST_TIMEOUT)


def _segment(record_id: str) -> str:
    try:
        return wire.record_path(record_id)
    except wire.UnfitRequest as error:
        raise _unfit(error) from None


def _unfit(error: wire.UnfitRequest) -> ApiError:
    return ApiError(
        "invalid_request", str(error), hint="Nothing was sent; change the request, then send it."
    )
