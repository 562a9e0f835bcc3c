"""The queue: many jobs, none lost, none sent by surprise."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from tests.generation.conftest import Endpoint
from tui.catalog.card import ModelCard
from tui.generation.queue import RUNNING_AT_ONCE, Job, JobQueue
from tui.generation.request import GenerationRequest
from tui.history.store import HistoryStore

EndpointWith = Callable[..., Endpoint]
RequestOf = Callable[..., GenerationRequest]


class Watcher:
    """Keeps every state that a queue told of, and waits for one to come."""

    def __init__(self) -> None:
        self.states: list[tuple[str, str]] = []
        self._news = asyncio.Event()

    def __call__(self, job: Job) -> None:
        self.states.append((job.id, job.entry.status))
        self._news.set()

    async def count(self, status: str, number: int) -> None:
        while len({id for id, known in self.states if known == status}) < number:
            self._news.clear()
            await self._news.wait()


@asynccontextmanager
async def _working(queue: JobQueue) -> AsyncIterator[None]:
    worker = asyncio.create_task(queue.work())
    try:
        yield
    finally:
        worker.cancel()
        await asyncio.wait({worker})


async def test_the_entry_is_on_the_disk_before_there_is_a_job(
    endpoint_with: EndpointWith, store: HistoryStore, request_of: RequestOf, card: ModelCard
) -> None:
    endpoint = endpoint_with()
    queue = JobQueue(store, endpoint.open_client, lambda job: None)
    job = await queue.submit(request_of(), card)
    assert store.read(job.id).status == "queued"
    assert queue.jobs == (job,)
    assert endpoint.posts == 0, "nobody works the queue yet"


async def test_many_jobs_run_a_few_at_a_time_and_all_end(
    endpoint_with: EndpointWith, store: HistoryStore, request_of: RequestOf, card: ModelCard
) -> None:
    endpoint, watcher = endpoint_with(), Watcher()
    queue = JobQueue(store, endpoint.open_client, watcher)
    jobs = [await queue.submit(request_of(f"fox {n}"), card) for n in range(2 * RUNNING_AT_ONCE)]
    async with _working(queue):
        await queue.finished()
    ended = [store.read(job.id) for job in jobs]
    assert [(entry.status, entry.error) for entry in ended] == [("done", None)] * len(jobs)
    assert max(s.count("running") for s in endpoint.transport.statuses_at_post) <= RUNNING_AT_ONCE
    assert endpoint.posts == len(jobs)
    assert queue.jobs == ()


async def test_a_waiting_job_that_is_stopped_is_never_sent(
    endpoint_with: EndpointWith, store: HistoryStore, request_of: RequestOf, card: ModelCard
) -> None:
    endpoint = endpoint_with()
    queue = JobQueue(store, endpoint.open_client, lambda job: None)
    job = await queue.submit(request_of(), card)
    await queue.stop(job.id)
    async with _working(queue):
        await queue.finished()
    assert store.read(job.id).status == "cancelled"
    assert endpoint.posts == 0


async def test_leaving_makes_sent_jobs_unknown_and_keeps_waiting_ones_queued(
    endpoint_with: EndpointWith, store: HistoryStore, request_of: RequestOf, card: ModelCard
) -> None:
    endpoint, watcher = endpoint_with(latency=600), Watcher()
    queue = JobQueue(store, endpoint.open_client, watcher)
    jobs = [await queue.submit(request_of(), card) for _ in range(RUNNING_AT_ONCE + 2)]
    async with _working(queue):
        await watcher.count("running", RUNNING_AT_ONCE)
    statuses = [store.read(job.id).status for job in jobs]
    assert statuses == ["unknown"] * RUNNING_AT_ONCE + ["queued"] * 2


async def test_a_stopped_job_leaves_its_place_to_the_next(
    endpoint_with: EndpointWith, store: HistoryStore, request_of: RequestOf, card: ModelCard
) -> None:
    endpoint, watcher = endpoint_with(latency=600), Watcher()
    queue = JobQueue(store, endpoint.open_client, watcher)
    jobs = [await queue.submit(request_of(), card) for _ in range(RUNNING_AT_ONCE + 1)]
    async with _working(queue):
        await watcher.count("running", RUNNING_AT_ONCE)
        await queue.stop(jobs[0].id)
        await watcher.count("running", RUNNING_AT_ONCE + 1)
    assert store.read(jobs[0].id).status == "unknown"
