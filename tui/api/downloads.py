"""Pictures fetched from wherever an endpoint keeps them, without its key."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from tui.api.addresses import Address, BadAddress, read_address
from tui.api.errors import ApiError
from tui.api.http import Incoming, Lost, NotSent, Outgoing, Transport, opened
from tui.api.part import Part, Unwanted, new_part
from tui.api.patience import Patience
from tui.api.reach import Reach
from tui.api.redirects import Trail
from tui.api.refusals import refusal
from tui.api.reply import Reply
from tui.api.results import Download
from tui.api.spool import IMAGE_LIMIT
from tui.api.unfit import Check, Unfit
from tui.api.wire import read_content_url
from tui.keys import Secret
from tui.scrub import BODY_LIMIT, Scrubber

__all__ = ["Check", "Credentials", "Downloader", "Unfit"]

DEADLINE = 180.0
PAUSES = (0.5, 1.5)
"""Seconds before the second and the third attempt; attempts are free."""
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
    each further attempt that gets nowhere, PAUSES by default. `deadline` is for all attempts at
    one file together, in seconds.
    """

    def __init__(
        self,
        endpoint: Address,
        scrubber: Scrubber,
        transport: Transport | None = None,
        pauses: Sequence[float] | None = None,
        deadline: float = DEADLINE,
    ) -> None:
        self._endpoint = endpoint
        self._reach = Reach(endpoint)
        self._scrubber = scrubber
        self._transport = transport
        self._pauses = PAUSES if pauses is None else pauses
        self._deadline = deadline

    async def fetch(
        self,
        url: str,
        target: Path,
        *,
        credentials: Credentials | None = None,
        check: Check | None = None,
    ) -> Download:
        """Fetch `url` into `target`, a new private file that is on the disk at return.

        `credentials` are given when `url` is part of the API; they go to the endpoint's own origin
        and to the first address only. Where an attempt breaks off, the next one goes on if the
        server can tell that it is the same file.

        `check` looks at the whole file in a thread. When it raises Unfit the file is fetched anew,
        until it comes as it came before or there are no more attempts; then Unfit is raised, and
        `target` stays, with the bytes that are unfit.

        Raises ApiError, FileExistsError when `target` is taken, and OSError when it cannot be
        written; `target` is then not left behind. The status of the ApiError is 401, 403, 404 or
        410 when the address is dead, and another one of the same file may not be.
        """
        outgoing, of_api = self._first(url, credentials)
        with new_part(target, IMAGE_LIMIT) as part:
            try:
                return await self._persist(outgoing, part, _Checks(check, target), of_api=of_api)
            except ApiError:
                if part.unfit is not None:
                    raise part.unfit from None
                raise

    def _first(self, url: str, credentials: Credentials | None) -> tuple[Outgoing, bool]:
        """The first request, and whether it asks the API itself."""
        try:
            address = read_address(url.strip())
        except BadAddress as error:
            raise _not_fetched(error) from None
        if credentials is None or address.origin != self._endpoint.origin:
            return Outgoing("GET", address), False
        return Outgoing("GET", address, credentials.headers, credentials.key), True

    async def _persist(
        self, outgoing: Outgoing, part: Part, checks: _Checks, *, of_api: bool
    ) -> Download:
        """Try until the file is whole and fit. Raises ApiError and Unfit when it does not come."""
        patience = Patience(self._pauses)
        end = asyncio.get_running_loop().time() + self._deadline
        pause = 0.0
        while True:
            resumed, size = bool(part.request), part.size
            failure: ApiError | Unfit
            try:
                async with asyncio.timeout_at(end) as limit:
                    await asyncio.sleep(pause)
                    download = await self._attempt(outgoing, part, of_api=of_api)
            except TimeoutError:
                if not limit.expired():
                    raise
                raise _failed(
                    f"The picture did not come within {self._deadline:g} seconds."
                ) from None
            except _Transient as error:
                failure = error.failure
            else:
                unfit = await checks.verdict(download)
                if unfit is None:
                    return download
                part.begin_anew()
                part.unfit = unfit
                failure = unfit
            further = patience.pause(progress=resumed and part.size > size)
            if further is None or checks.are_settled:
                raise failure
            pause = further

    async def _attempt(self, outgoing: Outgoing, part: Part, *, of_api: bool) -> Download:
        """Follow redirects to the file and take it; after the first address without the key."""
        trail = Trail(outgoing.address)
        while True:
            address = outgoing.address
            request = replace(
                outgoing,
                headers={**outgoing.headers, **part.request},
                judge=await self._admitted(address),
            )
            try:
                async with opened(request, self._transport_to(address)) as incoming:
                    if incoming.status in (200, 206) and not (of_api and incoming.is_json):
                        return await part.take(incoming, address)
                    location = await self._location(address, incoming, part, of_api=of_api)
            except (NotSent, Lost) as error:
                raise _Transient(
                    _failed(f"The picture could not be fetched from {address.host}: {error}.")
                ) from None
            except BadAddress as error:
                raise _not_fetched(error) from None
            except Unwanted as error:
                raise _failed(str(error)) from None
            try:
                outgoing, of_api = Outgoing("GET", trail.follow(location)), False
            except BadAddress as error:
                raise _failed(
                    f"The picture's address redirects to one not fetched: {error}."
                ) from None

    async def _admitted(self, address: Address) -> Callable[[str], None] | None:
        """What judges the connection to `address`. Raises ApiError where it is not to be asked."""
        try:
            return await self._reach.admit(address)
        except BadAddress as error:
            raise _not_fetched(error) from None

    async def _location(
        self, address: Address, incoming: Incoming, part: Part, *, of_api: bool
    ) -> str:
        """Where the answer, which is not the file, points. Raises ApiError."""
        if incoming.redirect is not None:
            return incoming.redirect
        reply = await incoming.read(BODY_LIMIT)
        if reply.status == 200:
            return read_content_url(reply, address.url, self._scrubber)
        raise self._refused(address, reply, part, of_api=of_api)

    def _refused(self, address: Address, reply: Reply, part: Part, *, of_api: bool) -> Exception:
        if of_api:
            failure = refusal(reply, self._scrubber, paid=False)
        else:
            reason = f"could not be fetched from {address.host}"
            if reply.status in _GONE:
                reason = "has an address that expired or is not public"
            failure = _failed(
                f"The picture {reason} ({reply.status}).",
                status=reply.status,
                body=self._scrubber.body(reply.body),
            )
        if reply.status in _TRANSIENT:
            return _Transient(failure)
        if part.request and reply.status not in _GONE:
            # It may be the range that it does not like.
            part.begin_anew()
            return _Transient(failure)
        return failure

    def _transport_to(self, address: Address) -> Transport | None:
        return self._transport if address.origin == self._endpoint.origin else None


class _Checks:
    """What a caller's `check` says of the file at `path`, each time that it came whole."""

    def __init__(self, check: Check | None, path: Path) -> None:
        self._check = check
        self._path = path
        self._digests: set[str] = set()
        self.are_settled = False
        """Whether the same bytes were found unfit twice: another attempt would bring them too."""

    async def verdict(self, download: Download) -> Unfit | None:
        if self._check is None:
            return None
        try:
            await asyncio.to_thread(self._check, self._path)
        except Unfit as unfit:
            self.are_settled = download.sha256 in self._digests
            self._digests.add(download.sha256)
            return unfit
        return None


def _not_fetched(error: BadAddress) -> ApiError:
    return _failed(f"The picture's address is not fetched: {error}.")


def _failed(message: str, *, status: int | None = None, body: str = "") -> ApiError:
    return ApiError("download", message, status=status, hint=_FETCH_AGAIN, charged="yes", body=body)
