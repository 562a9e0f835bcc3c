"""The public catalogue of models, asked for page by page, without the endpoint's key."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from tui.api import errors
from tui.api.addresses import Address, BadAddress, read_address
from tui.api.errors import ApiError
from tui.api.http import REDIRECTS, Body, Lost, NotSent, Outgoing, Transport, exchange
from tui.api.public_models import PublicModel, read_public_models
from tui.api.reach import Reach
from tui.api.reading import Unreadable, parse
from tui.api.redirects import Trail
from tui.api.reply import Reply

PAGE = 200
"""Models asked for at a time."""
MOST_PAGES = 10
LIMIT = 8 * 1024 * 1024
"""Bytes of one page that are read."""
DEADLINE = 30.0
"""Seconds that all pages may take together."""
_SET_RIGHT = "Correct catalogue in config.toml, or leave it out."


class PublicCatalogue:
    """Reads the catalogue at `address` for the endpoint at the base URL `endpoint`.

    What it may be redirected to, and whether it may lie on a private network, is as for pictures.
    `transport` replaces the network for the endpoint's own origin.
    """

    def __init__(self, address: str, endpoint: Address, transport: Transport | None = None) -> None:
        self._address = address
        self._endpoint = endpoint
        self._reach = Reach(endpoint)
        self._transport = transport

    async def read(self) -> tuple[PublicModel, ...]:
        """The models of all pages. Raises ApiError where not even the first can be read."""
        try:
            first = read_address(self._address.strip())
        except BadAddress as error:
            raise errors.bad_settings(
                f"The endpoint's catalogue cannot be used: {error}.", _SET_RIGHT
            ) from None
        models: dict[str, PublicModel] = {}
        try:
            async with asyncio.timeout(DEADLINE):
                for number in range(1, MOST_PAGES + 1):
                    page = await self._page(first, number)
                    is_news = any(model.id not in models for model in page)
                    models |= {model.id: model for model in page if model.id not in models}
                    # Where pages are not known, each is the first one.
                    if len(page) < PAGE or not is_news:
                        break
        except TimeoutError:
            if not models:
                raise errors.lost(
                    first.host, f"it took longer than {DEADLINE:g} seconds", paid=False
                ) from None
        except ApiError:
            if not models:
                raise
        return tuple(models.values())

    async def _page(self, address: Address, number: int) -> tuple[PublicModel, ...]:
        query = f"{address.query or '?'}{'&' if address.query else ''}size={PAGE}&current={number}"
        reply = await self._followed(replace(address, query=query))
        if reply.status != 200:
            raise _unread(f"answered with status {reply.status}", reply.status)
        if reply.breach:
            raise _unread("did not come whole")
        try:
            models = await asyncio.to_thread(lambda: read_public_models(parse(reply.body)))
        except Unreadable:
            models = None
        if models is None:
            raise _unread("cannot be read")
        return models

    async def _followed(self, address: Address) -> Reply:
        """The answer at `address`, or at where it leads. Raises ApiError."""
        trail = Trail(address)
        while True:
            reply = await self._asked(address)
            if reply.status not in REDIRECTS or "location" not in reply.headers:
                return reply
            try:
                address = trail.follow(reply.headers["location"])
            except BadAddress as error:
                raise _unread(f"redirects to an address that is not asked: {error}") from None

    async def _asked(self, address: Address) -> Reply:
        own = address.origin == self._endpoint.origin
        try:
            judge = await self._reach.admit(address)
            outgoing = Outgoing("GET", address, {"Accept": "application/json"}, judge=judge)
            return await exchange(
                outgoing, self._transport if own else None, deadline=DEADLINE, into=Body(LIMIT)
            )
        except BadAddress as error:
            raise _unread(f"lies at an address that is not asked: {error}") from None
        except NotSent as error:
            raise errors.not_sent(address.host, str(error), passing=error.passing) from None
        except Lost as error:
            raise errors.lost(address.host, str(error), paid=False) from None


def _unread(reason: str, status: int | None = None) -> ApiError:
    return ApiError("bad_response", f"The public catalogue of models {reason}.", status=status)
