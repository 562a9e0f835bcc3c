"""A desk of jobs as the program has it, for tests that listen to it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, Protocol

from tui.api.client import ImagesClient
from tui.catalog.card import ModelCard
from tui.config import Config
from tui.generation.job_desk import JobDesk
from tui.generation.lost import Look
from tui.generation.queue import Job
from tui.generation.request import GenerationRequest
from tui.history.desk import HistoryDesk
from tui.history.entry import Entry
from tui.paths import Paths

RequestOf = Callable[..., GenerationRequest]


class Opens(Protocol):
    """An endpoint, or something on the way to one."""

    async def open_client(self, name: str) -> ImagesClient: ...


class Heard:
    """A desk, and what it told."""

    def __init__(self, paths: Paths, endpoint: Opens, card: ModelCard, config: Config) -> None:
        self.card = card
        self.news = asyncio.Event()
        self.jobs: list[Job] = []
        self.mended: list[Entry] = []
        self.looks: list[Look] = []
        self.history = HistoryDesk(paths, lambda: datetime.now(UTC))
        self.desk = JobDesk(
            paths,
            self.history,
            config,
            endpoint.open_client,
            lambda model: card,
            changed=lambda job: self._hear(self.jobs, job),
            mended=lambda entry: self._hear(self.mended, entry),
            found=lambda look: self._hear(self.looks, look),
            told=self.news.set,
        )

    def _hear(self, heard: list[Any], what: object) -> None:
        heard.append(what)
        self.news.set()

    async def submit(self, request: GenerationRequest) -> Job:
        return await self.desk.submit(request, self.card)

    async def until(self, condition: Callable[[], bool]) -> None:
        while not condition():
            self.news.clear()
            await self.news.wait()

    @asynccontextmanager
    async def working(self) -> AsyncIterator[JobDesk]:
        worker = asyncio.create_task(self.desk.work())
        await asyncio.sleep(0)  # Until it has begun.
        try:
            yield self.desk
        finally:
            worker.cancel()
            await asyncio.wait({worker})
