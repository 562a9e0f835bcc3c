"""Pictures fetched from wherever an endpoint keeps them, without its key."""

from __future__ import annotations

import asyncio
import hashlib
import random
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import aclosing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from tui.api.addresses import Address, BadAddress, is_global, joined, read_address
from tui.api.errors import ApiError
from tui.api.http import Incoming, Lost, NotSent, Outgoing, Transport, opened
from tui.api.pictures import IMAGE_LIMIT
from tui.api.refusals import refusal
from tui.api.reply import Reply
from tui.api.results import Download
from tui.api.wire import read_content_url
from tui.files import new_file, settle
from tui.keys import Secret
from tui.scrub import BODY_LIMIT, Scrubber

DEADLINE = 180.0
PAUSES = (0.5, 1.5)
"""Seconds before the second and the third attempt; attempts are free."""
MAX_REDIRECTS = 5
_TRANSIENT = frozenset((408, 425, 429, 500, 502, 503, 504))
_GONE = frozenset((401, 403, 404, 410))
_FETCH_AGAIN = "The picture exists and can be fetched again, from here or from the library."


@dataclass(frozen=True, slots=True)
class Credentials:
    """What the endpoint's own origin is sent, and nobody else."""

    key: Secret | None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


class _Transient(Exception):
    """A failure that another attempt may not meet."""

    def __init__(self, failure: ApiError) -> None:
        super().__init__(failure.message)
        self.failure = failure


class Downloader:
    """Fetches files for one endpoint, over any number of connections at a time.

    `endpoint` is its base URL; a picture may lie on a private network only if the endpoint does.
    `transport` replaces the network for the endpoint's own origin. `pauses` are the seconds before
    each further attempt, PAUSES by default.
    """

    def __init__(
        self,
        endpoint: Address,
        scrubber: Scrubber,
        transport: Transport | None = None,
        pauses: Sequence[float] | None = None,
    ) -> None:
        self._endpoint = endpoint
        self._scrubber = scrubber
        self._transport = transport
        self._pauses = PAUSES if pauses is None else pauses

    async def fetch(
        self,
        url: str,
        target: Path,
        *,
        credentials: Credentials | None = None,
    ) -> Download:
        """Fetch `url` into `target`, a new private file that is on the disk at return.

        `credentials` are given when `url` is part of the API; they go to the endpoint's own origin
        and to the first address only. Raises ApiError, FileExistsError when `target` is taken, and
        OSError when it cannot be written; `target` is then not left behind.
        """
        outgoing, of_api = self._first(url, credentials)
        try:
            async with asyncio.timeout(DEADLINE):
                for pause in self._pauses:
                    try:
                        return await self._attempt(outgoing, target, of_api=of_api)
                    except _Transient:
                        await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - jitter
                return await self._attempt(outgoing, target, of_api=of_api)
        except TimeoutError:
            raise _failed(f"The picture did not come within {DEADLINE:g} seconds.") from None
        except _Transient as error:
            raise error.failure from None

    def _first(self, url: str, credentials: Credentials | None) -> tuple[Outgoing, bool]:
        """The first request, and whether it asks the API itself."""
        try:
            address = read_address(url.strip())
        except BadAddress as error:
            raise _failed(f"The picture's address is not fetched: {error}.") from None
        if credentials is None or address.origin != self._endpoint.origin:
            return Outgoing("GET", address), False
        return Outgoing("GET", address, credentials.headers, credentials.key), True

    async def _attempt(self, outgoing: Outgoing, target: Path, *, of_api: bool) -> Download:
        """Follow redirects to the file and save it; after the first address without the key."""
        for _ in range(MAX_REDIRECTS + 1):
            await self._check(outgoing.address)
            try:
                async with opened(outgoing, self._transport_to(outgoing.address)) as incoming:
                    if incoming.status == 200 and not (of_api and incoming.is_json):
                        return await _save(incoming, target)
                    elsewhere = await self._elsewhere(outgoing, incoming, of_api=of_api)
            except (NotSent, Lost) as error:
                host = outgoing.address.host
                raise _Transient(
                    _failed(f"The picture could not be fetched from {host}: {error}.")
                ) from None
            outgoing, of_api = Outgoing("GET", elsewhere), False
        raise _failed(f"The picture's address redirects more than {MAX_REDIRECTS} times.")

    async def _elsewhere(self, outgoing: Outgoing, incoming: Incoming, *, of_api: bool) -> Address:
        """The address that the answer, which is not the file, points at. Raises ApiError."""
        location = incoming.redirect
        if location is None:
            reply = await incoming.read(BODY_LIMIT)
            if reply.status != 200:
                raise self._refused(outgoing, reply, of_api=of_api)
            location = read_content_url(reply, outgoing.address.url, self._scrubber)
        try:
            return read_address(joined(outgoing.address.url, location))
        except BadAddress as error:
            raise _failed(f"The picture's address redirects to one not fetched: {error}.") from None

    def _refused(self, outgoing: Outgoing, reply: Reply, *, of_api: bool) -> Exception:
        if of_api:
            failure = refusal(reply, self._scrubber, paid=False)
        else:
            reason = f"could not be fetched from {outgoing.address.host}"
            if reply.status in _GONE:
                reason = "has an address that expired or is not public"
            failure = _failed(
                f"The picture {reason} ({reply.status}).",
                status=reply.status,
                body=self._scrubber.body(reply.body),
            )
        return _Transient(failure) if reply.status in _TRANSIENT else failure

    def _transport_to(self, address: Address) -> Transport | None:
        return self._transport if address.origin == self._endpoint.origin else None

    async def _check(self, address: Address) -> None:
        """Raise ApiError when the endpoint has no business to point at `address`.

        The name is looked up here and once more by the connection, so a name server in league
        with the endpoint is not stopped; it would gain an unauthenticated GET, the answer to
        which stays on this machine.
        """
        if address.origin == self._endpoint.origin:
            return
        if address.scheme == "http" and self._endpoint.scheme == "https":
            raise _failed("The picture's address is not fetched: it is not https.")
        if address.host == self._endpoint.host:
            return
        if await _is_private(address) and not await _is_private(self._endpoint):
            raise _failed("The picture's address is not fetched: it lies on a private network.")


async def _is_private(address: Address) -> bool:
    """Whether the name leads into a private network; one that leads nowhere does not."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(
            address.host, address.port, type=socket.SOCK_STREAM
        )
    except (OSError, UnicodeError):
        return False
    return not all(is_global(str(socket_address[0])) for *_, socket_address in found)


async def _save(incoming: Incoming, target: Path) -> Download:
    digest = hashlib.sha256()
    size = 0
    with _file_or_nothing(target) as file:
        async with aclosing(incoming.blocks()) as blocks:
            async for block in blocks:
                if not size:
                    _refuse_text(block)
                size += len(block)
                if size > IMAGE_LIMIT:
                    raise _failed(f"The picture is larger than {IMAGE_LIMIT >> 20} MiB.")
                await asyncio.to_thread(_write, file, digest, block)
        if not size:
            raise Lost("it is empty")
        await asyncio.to_thread(settle, file)
    return Download(size, digest.hexdigest(), incoming.media_type)


@contextmanager
def _file_or_nothing(path: Path) -> Iterator[BinaryIO]:
    """A new file, open for writing, that is removed again when the block fails."""
    ours = False
    try:
        with new_file(path) as file:
            ours = True
            yield file
    except BaseException:
        if ours:
            with suppress(OSError):
                path.unlink()
        raise


def _write(file: BinaryIO, digest: hashlib._Hash, block: bytes) -> None:
    digest.update(block)
    file.write(block)


def _refuse_text(beginning: bytes) -> None:
    """No picture begins like a web page or a JSON object, whatever Content-Type says."""
    if beginning.lstrip()[:1] in (b"<", b"{"):
        raise _failed("The picture's address answered with text instead of a picture.")


def _failed(message: str, *, status: int | None = None, body: str = "") -> ApiError:
    return ApiError("download", message, status=status, hint=_FETCH_AGAIN, charged="yes", body=body)
