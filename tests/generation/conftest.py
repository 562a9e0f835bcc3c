"""The whole core, from request to files, against the demo endpoint in process."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from msgspec.structs import replace

from tests.demo.conftest import tiny_picture
from tui.api.client import ImagesClient
from tui.catalog.card import ModelCard
from tui.catalog.loading import load_catalogue
from tui.config import EndpointSettings
from tui.demo.faults import Faults
from tui.demo.server import demo_app
from tui.generation.request import GenerationRequest
from tui.history.store import HistoryStore
from tui.keys import Secret
from tui.paths import Paths

KEY = "sk-CANARY-0123456789"


class WatchedTransport(httpx.AsyncBaseTransport):
    """Passes requests on to the endpoint, and keeps what history held when a POST left."""

    def __init__(self, inner: httpx.AsyncBaseTransport, store: HistoryStore) -> None:
        self._inner = inner
        self._store = store
        self.statuses_at_post: list[tuple[str, ...]] = []
        self.posted = asyncio.Event()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            entries = self._store.newest().entries
            self.statuses_at_post.append(tuple(entry.status for entry in entries))
            self.posted.set()
        return await self._inner.handle_async_request(request)


@dataclass
class Endpoint:
    """The demo endpoint with its faults, and what was posted to it."""

    transport: WatchedTransport
    opened: list[str] = field(default_factory=list)

    async def open_client(self, name: str) -> ImagesClient:
        self.opened.append(name)
        settings = EndpointSettings(base_url="http://demo.invalid/v1")
        return ImagesClient(settings, Secret(KEY, "the test"), self.transport)

    @property
    def posts(self) -> int:
        return len(self.transport.statuses_at_post)


@pytest.fixture(scope="package", autouse=True)
def tiny_pictures() -> Iterator[None]:
    """What is tested here is not the painter."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tui.demo.generation.paint", tiny_picture)
        yield


@pytest.fixture
def endpoint_with(paths: Paths, store: HistoryStore) -> Callable[..., Endpoint]:
    def endpoint(*faults: str, latency: float = 0.0) -> Endpoint:
        app = demo_app(paths.demo, latency=latency, faults=Faults.parse(faults))
        return Endpoint(WatchedTransport(httpx.ASGITransport(app=app), store))

    return endpoint


@pytest.fixture
def card(tmp_path: Path) -> ModelCard:
    """A model that makes small pictures quickly."""
    return load_catalogue(tmp_path / "no-cards").card("kling-image-o1")


@pytest.fixture
def request_of(card: ModelCard) -> Callable[..., GenerationRequest]:
    def request(prompt: str = "a fox in the snow", **parameters: object) -> GenerationRequest:
        return GenerationRequest("demo", card.id, prompt, {"size": "1k", **parameters})  # type: ignore[dict-item]

    return request


@pytest.fixture
def paid(request_of: Callable[..., GenerationRequest]) -> Callable[..., GenerationRequest]:
    """Requests that cost something."""

    def request(prompt: str) -> GenerationRequest:
        return replace(request_of(prompt), endpoint="elsewhere")

    return request
