"""One client an endpoint, opened when first needed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tui.config import Config
from tui.paths import Paths

if TYPE_CHECKING:
    from tui.api.client import ImagesClient


class Clients:
    """Opens clients by endpoint name, and closes them together."""

    def __init__(self, config: Config, paths: Paths) -> None:
        self._config = config
        self._paths = paths
        self._open: dict[str, ImagesClient] = {}
        self._opening = asyncio.Lock()

    async def get(self, endpoint: str) -> ImagesClient:
        """The client of `endpoint`. Raises ApiError when its key is missing or it is unknown."""
        async with self._opening:
            if endpoint not in self._open:
                self._open[endpoint] = await asyncio.to_thread(self._connect, endpoint)
            return self._open[endpoint]

    async def aclose(self) -> None:
        """Close every client that was opened."""
        while self._open:
            _, client = self._open.popitem()
            await client.aclose()

    def _connect(self, endpoint: str) -> ImagesClient:
        # Importing httpx takes a sixth of a second, and a key's command may take longer.
        from tui.api.endpoints import open_client
        from tui.api.errors import ApiError

        settings = self._config.endpoints.get(endpoint)
        if settings is None:
            raise ApiError(
                kind="invalid_request",
                message=f"There is no endpoint called {endpoint}.",
                hint="Add it to config.toml, or choose another.",
            )
        return open_client(endpoint, settings, self._paths)
