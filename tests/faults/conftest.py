"""The run of jobs against the demo endpoint on a real port, which plays the faults they name."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.api.origins import canary
from tests.demo.conftest import running, tiny_picture
from tui.api.client import ImagesClient
from tui.catalog.card import ModelCard
from tui.catalog.loading import load_catalogue
from tui.config import EndpointSettings
from tui.demo.faults import Faults
from tui.demo.server import demo_app
from tui.demo.traffic import Traffic
from tui.generation.progress import Progress
from tui.generation.request import GenerationRequest, new_entry
from tui.generation.run import run_job
from tui.history.entry import Entry
from tui.history.store import HistoryStore
from tui.paths import Paths

PATIENCE = 60.0
"""Seconds that clients wait for an answer or a picture that comes."""
IMPATIENCE = 0.5
"""Seconds that they wait for what never comes to its end."""
FAULTS = {"retry_seconds": 0.01, "slow_seconds": 0.05, "drip_seconds": 0.05}
"""Times of the endpoint, in seconds: of what drips, little has come after IMPATIENCE."""


_ENDLESS = ("hang", "drip", "drip-header", "stall")


def patience_with(*kinds: str) -> float:
    """Seconds to wait where these faults are played."""
    return IMPATIENCE if any(kind.endswith(_ENDLESS) for kind in kinds) else PATIENCE


@dataclass
class Demo:
    """The endpoint: its base URL, and what it was asked and did."""

    base_url: str
    traffic: Traffic

    def settings(self, *kinds: str, patience: float = PATIENCE) -> EndpointSettings:
        """How to reach it so that it plays the faults `kinds`."""
        return EndpointSettings(
            base_url=self.base_url,
            timeout=patience,
            download_timeout=patience,
            headers={"X-Fault": ",".join(kinds)} if kinds else {},
        )


@pytest.fixture(scope="package", autouse=True)
def tiny_pictures() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tui.demo.generation.paint", tiny_picture)
        yield


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a client waits for before it tries again is over at once."""
    monkeypatch.setattr("tui.generation.sending.SHORTEST_WAIT", 0.0)
    monkeypatch.setattr("tui.generation.sending.CONNECTING_PAUSES", (0.0, 0.0))
    monkeypatch.setattr("tui.api.downloads.PAUSES", (0.0, 0.0))


@pytest.fixture(autouse=True)
def unknown_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names that nobody has are not looked up in any network."""
    system = socket.getaddrinfo

    def look_up(host: Any, *args: Any, **options: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name and name.endswith(".invalid"):
            raise socket.gaierror(socket.EAI_NONAME, "not known")
        return system(host, *args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


@pytest.fixture(scope="package")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    app = demo_app(tmp_path_factory.mktemp("demo"), faults=Faults(**FAULTS))
    with running(app) as origin:
        yield Demo(f"{origin}/v1", app.state.traffic)


@pytest.fixture(scope="session")
def card(tmp_path_factory: pytest.TempPathFactory) -> ModelCard:
    return load_catalogue(tmp_path_factory.mktemp("no-cards")).card("kling-image-o1")


@dataclass
class Bench:
    """Runs one job, and keeps what it tells."""

    store: HistoryStore
    paths: Paths
    card: ModelCard
    told: list[Progress] = field(default_factory=list)

    async def run(self, settings: EndpointSettings, prompt: str, **parameters: Any) -> Entry:
        """The entry of a job as it ended, which is what history has on the disk."""

        async def open_client(name: str) -> ImagesClient:
            return ImagesClient(settings, canary())

        request = GenerationRequest("demo", self.card.id, prompt, {"size": "1k", **parameters})
        entry = new_entry(request, self.card)
        self.store.write(entry)
        entry = await run_job(entry, open_client, self.store, lambda _: None, self.told.append)
        assert self.store.read(entry.id) == entry
        return entry

    def files(self, suffix: str) -> list[Path]:
        return [path for path in self.paths.images.rglob("*") if path.suffix == suffix]


@pytest.fixture
def bench(store: HistoryStore, paths: Paths, card: ModelCard) -> Bench:
    return Bench(store, paths, card)
