"""Pictures on their way to the client: links to them, and their bytes."""

from __future__ import annotations

import asyncio
import time
from functools import partial
from pathlib import Path

from starlette.datastructures import URL
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from tui.demo.errors import no_such_image
from tui.demo.faults import Faults, operation_of
from tui.demo.faults.downloads import Download, changed_download
from tui.demo.faults.pages import object_store_error
from tui.demo.incoming import FAULT_IN_LINK, faults_met, faults_named
from tui.demo.links import LinkError, Links
from tui.demo.records import Record, Records

LINK_SECONDS = 24 * 3600
FRESH_LINK_SECONDS = 3600
MEDIA_TYPES = {".jpg": "image/jpeg", ".png": "image/png"}


class Media:
    """The pictures of `records`, under signed links and as bytes.

    `origin` is "https://host" where links lead elsewhere than to where the request came in.
    """

    def __init__(
        self, records: Records, links: Links, faults: Faults, *, origin: str | None
    ) -> None:
        self._records = records
        self._links = links
        self._faults = faults
        self._origin = origin

    def link(
        self, request: Request, picture: str, expires: int, *, origin: str | None = None
    ) -> str:
        """A link that opens `picture` until `expires`, in seconds since 1970; call it in a thread.

        The download's faults that `request` names are played by the link.
        """
        origin = origin or self._origin_for(request)
        link = origin + self._links.sign(picture, expires)
        named = [k for k in faults_named(request) or () if operation_of(k) == "download"]
        return f"{link}&{FAULT_IN_LINK}={','.join(named)}" if named else link

    def link_of(self, request: Request, record: Record) -> str | None:
        """The link to the record's first picture, if it has one; call it in a thread."""
        if not record.pictures:
            return None
        return self.link(request, record.pictures[0], record.created_at + LINK_SECONDS)

    def fresh_link(self, request: Request, picture: str, *, elsewhere: bool = False) -> str:
        """A link for the next hour, on another origin where it is to be; call it in a thread."""
        origin = other_origin(self._origin_for(request)) if elsewhere else None
        expires = int(time.time()) + FRESH_LINK_SECONDS
        return self.link(request, picture, expires, origin=origin)

    def read(self, record_id: str, picture: str) -> bytes:
        """The bytes of a record's picture; raises Refusal, 404, where it was deleted since."""
        path = self._records.picture(picture)
        if path is None:
            raise no_such_image(record_id)
        return path.read_bytes()

    async def open_link(self, request: Request) -> Response:
        """The picture that a link leads to, if the link is good."""
        if self._refuses_keys(request) and "authorization" in request.headers:
            # S3 refuses a signed link that comes with a key as well.
            return object_store_error(400, "InvalidArgument", "Only one auth mechanism allowed")
        picture = request.path_params["picture"]
        query = request.query_params
        check = partial(self._links.check, picture, query.get("expires", ""))
        try:
            await asyncio.to_thread(check, query.get("signature", ""), now=time.time())
        except LinkError as error:
            return object_store_error(403, error.code, error.message)
        return await self.send(request, picture)

    async def send(
        self, request: Request, picture: str, *, filename: str | None = None
    ) -> Response:
        """The picture's bytes; an attachment where there is a `filename`."""
        path = await asyncio.to_thread(self._records.picture, picture)
        if path is None:
            return object_store_error(404, "NoSuchKey", "There is no such picture.")
        media_type = MEDIA_TYPES[path.suffix]
        for kind in faults_met(request, self._faults, "download"):
            if answer := await asyncio.to_thread(self._befallen, request, kind, path):
                return answer
        return FileResponse(path, media_type=media_type, filename=filename)

    def _befallen(self, request: Request, kind: str, path: Path) -> Response | None:
        elsewhere = self.fresh_link(request, path.name, elsewhere=True)
        download = Download(request, path, MEDIA_TYPES[path.suffix], elsewhere)
        return changed_download(kind, download, self._faults)

    def _refuses_keys(self, request: Request) -> bool:
        kind = "content-cross-origin-302"
        return self._faults.plays(kind) or kind in (faults_named(request) or ())

    def _origin_for(self, request: Request) -> str:
        return (self._origin or str(request.base_url)).rstrip("/")


def other_origin(origin: str) -> str:
    """The same server under another name, which to a client is another origin."""
    url = URL(origin)
    name = "localhost" if url.hostname == "127.0.0.1" else "127.0.0.1"
    return str(url.replace(hostname=name)).rstrip("/")
