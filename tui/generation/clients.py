"""One client an endpoint, opened when first needed, and anew when its settings changed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tui.config import Config, EndpointSettings
from tui.paths import Paths

if TYPE_CHECKING:
    from tui.api.client import ImagesClient


class Clients:
    """Opens clients by endpoint name, and closes them together.

    A client whose endpoint was changed stays open to the end: a job may still use it.
    """

    def __init__(self, config: Config, paths: Paths) -> None:
        self._config = config
        self._paths = paths
        self._open: dict[str, ImagesClient] = {}
        self._opened_with: dict[str, EndpointSettings] = {}
        self._former: list[ImagesClient] = []
        self._opening = asyncio.Lock()

    def follow(self, config: Config) -> None:
        """Open clients as `config` has their endpoints from now on."""
        self._config = config

    async def get(self, endpoint: str) -> ImagesClient:
        """The client of `endpoint`. Raises ApiError when its key is missing or it is unknown."""
        async with self._opening:
            settings = self._config.endpoints.get(endpoint)
            if endpoint not in self._open or self._opened_with[endpoint] != settings:
                client = await asyncio.to_thread(self._connect, endpoint, settings)
                if endpoint in self._open:
                    self._former.append(self._open[endpoint])
                self._open[endpoint] = client
                assert settings is not None
                self._opened_with[endpoint] = settings
            return self._open[endpoint]

    async def aclose(self) -> None:
        """Close every client that was opened."""
        while self._open:
            _, client = self._open.popitem()
            await client.aclose()
        while self._former:
            await self._former.pop().aclose()

    def _connect(self, endpoint: str, settings: EndpointSettings | None) -> ImagesClient:
        # Importing httpx takes a sixth of a second, and a key's command may take longer.
        from tui.api.endpoints import open_client
        from tui.api.errors import ApiError

        if settings is None:
            raise ApiError(
                kind="invalid_request",
                message=f"There is no endpoint called {endpoint}.",
                hint="Add it to config.toml, or choose another.",
            )
        return open_client(endpoint, settings, self._paths)
