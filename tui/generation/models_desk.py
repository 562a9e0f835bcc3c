"""The catalogue of the endpoint in use: what is known of it at once, and what it answers anew."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from tui.api.endpoints import is_demo, key_at_a_glance
from tui.api.errors import ApiError
from tui.catalog.loading import Catalogue
from tui.config import Config, EndpointSettings, settings_of
from tui.generation.live_catalogue import live_catalogue
from tui.generation.model_offers import Answer, Offers, ask, nothing_known
from tui.generation.offers_cache import keep_offers, kept_offers
from tui.paths import Paths

if TYPE_CHECKING:
    from tui.api.client import ImagesClient

_MOST_NAMED = 4


class Known(Struct, frozen=True):
    """What is known of the models of an endpoint."""

    endpoint: str
    settings: EndpointSettings
    """Of the endpoint, as it was asked by."""
    catalogue: Catalogue
    news: str = ""
    """A sentence about what is new, gone, or not to be had, where that was asked for."""
    failure: ApiError | None = None
    """Why the endpoint's list could not be read."""


class ModelsDesk:
    """Finds out what endpoints offer, from the cache or by asking, which costs nothing."""

    def __init__(
        self,
        catalogue: Catalogue,
        paths: Paths,
        client_of: Callable[[str], Awaitable[ImagesClient]],
    ) -> None:
        """`catalogue` has the cards without any endpoint, `client_of` gives an endpoint's client.

        `client_of` may raise ApiError.
        """
        self.catalogue = catalogue
        self._paths = paths
        self._client_of = client_of

    async def known(self, name: str, config: Config, *, anew: bool = False) -> AsyncIterator[Known]:
        """What is known of the endpoint `name`: from the cache, then from itself if that is old.

        It is not asked where that would ask a keyring or a command for its key, nor without one.
        With `anew` it is asked in any case, and what comes of it is told.
        """
        if anew:
            yield await self.refreshed(name, config)
            return
        settings = settings_of(name, config)
        kept = await asyncio.to_thread(self._kept, name, settings)
        if kept is not None:
            yield await self._as_known(name, settings, kept)
            if kept.is_fresh(datetime.now(UTC)):
                return
        if await asyncio.to_thread(_has_key_at_hand, name, settings, self._paths):
            answer = await self._ask(name, settings, kept)
            yield await self._as_known(name, settings, answer.offers, answer.failure)

    async def refreshed(self, name: str, config: Config) -> Known:
        """What the endpoint `name` offers now, and in one sentence how that differs."""
        settings = settings_of(name, config)
        kept = await asyncio.to_thread(self._kept, name, settings)
        answer = await self._ask(name, settings, kept)
        known = await self._as_known(name, settings, answer.offers, answer.failure)
        before = None
        if kept is not None:
            before = await asyncio.to_thread(live_catalogue, self.catalogue, kept)
        return replace(known, news=_news(name, before, known.catalogue, answer))

    def _kept(self, name: str, settings: EndpointSettings) -> Offers | None:
        return kept_offers(self._paths.catalogue, name, settings)

    async def _ask(self, name: str, settings: EndpointSettings, kept: Offers | None) -> Answer:
        try:
            client = await self._client_of(name)
        except ApiError as error:
            return Answer(kept or nothing_known(), error)
        answer = await ask(client, kept)
        if answer.is_worth_keeping:
            folder = self._paths.catalogue
            await asyncio.to_thread(keep_offers, folder, name, settings, answer.offers)
        return answer

    async def _as_known(
        self,
        name: str,
        settings: EndpointSettings,
        offers: Offers,
        failure: ApiError | None = None,
    ) -> Known:
        catalogue = await asyncio.to_thread(live_catalogue, self.catalogue, offers)
        return Known(name, settings, catalogue, failure=failure)


def kept_catalogue(catalogue: Catalogue, name: str, config: Config, paths: Paths) -> Catalogue:
    """`catalogue` as the cache has it for the endpoint `name`; nobody is asked."""
    return live_catalogue(catalogue, kept_offers(paths.catalogue, name, settings_of(name, config)))


def _has_key_at_hand(name: str, settings: EndpointSettings, paths: Paths) -> bool:
    if is_demo(settings):
        return True
    finding = key_at_a_glance(name, settings, os.environ, paths)
    return finding is None or finding.state == "found"


def _news(name: str, before: Catalogue | None, after: Catalogue, answer: Answer) -> str:
    if (failure := answer.failure) is not None:
        # What other failures advise is for who wants to send a picture.
        parts = [failure.message, failure.hint if failure.kind == "auth" else ""]
        parts.append("What was known of them stays." if answer.offers.listed else "")
        return f"The models of {name} could not be listed: {' '.join(filter(None, parts))}"
    ids = _offered(after)
    if not ids:
        return f"{name} lists no models that make pictures."
    parts = [f"{name} offers {_count(len(ids))}"]
    if before is not None:
        earlier = _offered(before)
        new = [id for id in ids if id not in earlier]
        gone = [id for id in earlier if id not in ids]
        parts += [f"new: {_named(new)}"] if new else []
        parts += [f"gone: {_named(gone)}"] if gone else []
        if not new and not gone:
            parts.append("nothing changed")
    if answer.public_failure is not None:
        parts.append(f"its public catalogue could not be read: {answer.public_failure.message}")
    return f"{'; '.join(parts).rstrip('.')}."


def _offered(catalogue: Catalogue) -> list[str]:
    return [id for id in catalogue.cards if catalogue.offers(id)]


def _count(number: int) -> str:
    return f"{number} model{'s' if number != 1 else ''}"


def _named(ids: list[str]) -> str:
    more = len(ids) - _MOST_NAMED
    return ", ".join(ids[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
