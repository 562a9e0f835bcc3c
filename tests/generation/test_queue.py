"""The queue: many jobs, none lost, none sent by surprise."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from tests.generation.conftest import Endpoint
from tui.api.client import ImagesClient
from tui.catalog.card import ModelCard
from tui.config import EndpointSettings, QueueSettings
from tui.generation.queue import Job, JobQueue
from tui.generation.request import GenerationRequest
from tui.history.store import HistoryStore

EndpointWith = Callable[..., Endpoint]
RequestOf = Callable[..., GenerationRequest]


AT_ONCE = QueueSettings().at_once


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
    jobs = [await queue.submit(request_of(f"fox {n}"), card) for n in range(2 * AT_ONCE)]
    async with _working(queue):
        await queue.finished()
    ended = [store.read(job.id) for job in jobs]
    assert [(entry.status, entry.error) for entry in ended] == [("done", None)] * len(jobs)
    assert max(s.count("running") for s in endpoint.transport.statuses_at_post) <= AT_ONCE
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
    jobs = [await queue.submit(request_of(), card) for _ in range(AT_ONCE + 2)]
    async with _working(queue):
        await watcher.count("running", AT_ONCE)
    statuses = [store.read(job.id).status for job in jobs]
    assert statuses == ["unknown"] * AT_ONCE + ["queued"] * 2


async def test_a_stopped_job_leaves_its_place_to_the_next(
    endpoint_with: EndpointWith, store: HistoryStore, request_of: RequestOf, card: ModelCard
) -> None:
    endpoint, watcher = endpoint_with(latency=600), Watcher()
    queue = JobQueue(store, endpoint.open_client, watcher)
    jobs = [await queue.submit(request_of(), card) for _ in range(AT_ONCE + 1)]
    async with _working(queue):
        await watcher.count("running", AT_ONCE)
        await queue.stop(jobs[0].id)
        await watcher.count("running", AT_ONCE + 1)
    assert store.read(jobs[0].id).status == "unknown"


async def test_a_job_that_is_stopped_as_it_begins_is_never_sent(
    endpoint_with: EndpointWith, store: HistoryStore, request_of: RequestOf, card: ModelCard
) -> None:
    endpoint = endpoint_with()
    queue = JobQueue(store, endpoint.open_client, lambda job: None)
    job = await queue.submit(request_of(), card)
    async with _working(queue):
        # The worker takes its first step, which gives the job its turn; the job has not begun.
        await asyncio.sleep(0)
        assert queue.waiting == ()
        await queue.stop(job.id)
        await queue.finished()
    assert store.read(job.id).status == "cancelled"
    assert endpoint.posts == 0


async def test_what_an_earlier_run_left_is_not_sent_before_the_user_says_so(
    endpoint_with: EndpointWith, store: HistoryStore, request_of: RequestOf, card: ModelCard
) -> None:
    endpoint, watcher = endpoint_with(), Watcher()
    earlier = JobQueue(store, endpoint.open_client, lambda job: None)
    left = [await earlier.submit(request_of(f"left {n}"), card) for n in range(2)]
    queue = JobQueue(store, endpoint.open_client, watcher)
    adopted = queue.adopt([store.read(job.id) for job in left])
    assert queue.adopt([store.read(left[0].id)]) == (), "once is enough"
    async with _working(queue):
        own = await queue.submit(request_of("own"), card)
        await watcher.count("done", 1)
        assert store.read(own.id).status == "done"
        assert all(map(queue.is_held, (job.id for job in adopted)))
        assert queue.waiting == adopted
        queue.resume()
        await queue.finished()
    assert [store.read(job.id).status for job in left] == ["done", "done"]
    assert endpoint.posts == 3


async def test_a_paused_queue_begins_nothing_and_goes_on_where_it_was(
    endpoint_with: EndpointWith, store: HistoryStore, request_of: RequestOf, card: ModelCard
) -> None:
    endpoint, watcher = endpoint_with(), Watcher()
    queue = JobQueue(store, endpoint.open_client, watcher, QueueSettings(at_once=1))
    queue.pause()
    jobs = [await queue.submit(request_of(f"fox {n}"), card) for n in range(3)]
    queue.move(jobs[2].id, -2)
    assert queue.waiting == (jobs[2], jobs[0], jobs[1])
    async with _working(queue):
        await asyncio.to_thread(store.newest)
        assert endpoint.posts == 0
        queue.resume()
        await queue.finished()
    done = [id for id, status in watcher.states if status == "done"]
    assert list(dict.fromkeys(done)) == [jobs[2].id, jobs[0].id, jobs[1].id]


@pytest.mark.parametrize("fault", ["401", "402", "403-frozen", "403-overdue"])
async def test_what_all_would_meet_stops_the_endpoint_and_not_each_job(
    endpoint_with: EndpointWith,
    store: HistoryStore,
    request_of: RequestOf,
    card: ModelCard,
    fault: str,
) -> None:
    endpoint, watcher = endpoint_with(fault), Watcher()
    queue = JobQueue(store, endpoint.open_client, watcher, QueueSettings(at_once=1))
    jobs = [await queue.submit(request_of(f"fox {n}"), card) for n in range(5)]
    async with _working(queue):
        await watcher.count("failed", 1)
        assert list(queue.stopped) == ["demo"]
        assert queue.waiting == tuple(jobs[1:])
    assert endpoint.posts == 1
    assert [store.read(job.id).status for job in jobs] == ["failed"] + ["queued"] * 4


async def test_an_endpoint_that_cannot_be_reached_does_not_fail_all_that_waits(
    store: HistoryStore, request_of: RequestOf, card: ModelCard
) -> None:
    client = ImagesClient(EndpointSettings(base_url="http://127.0.0.1:1/v1"), None)

    async def open_client(_: str) -> ImagesClient:
        return client

    watcher = Watcher()
    queue = JobQueue(store, open_client, watcher, QueueSettings(at_once=1))
    jobs = [await queue.submit(request_of(f"fox {n}"), card) for n in range(3)]
    async with _working(queue):
        await watcher.count("failed", 1)
        assert list(queue.stopped) == ["demo"]
        assert queue.waiting == tuple(jobs[1:])
        queue.resume()
        await watcher.count("failed", 2)
        assert queue.waiting == (jobs[2],)
        # With nothing behind it, the next one that is sent is simply tried.
        queue.resume()
        await watcher.count("failed", 3)
        assert list(queue.stopped) == []
    assert [store.read(job.id).status for job in jobs] == ["failed"] * 3


async def test_a_model_that_is_not_allowed_stops_nothing_else(
    endpoint_with: EndpointWith, store: HistoryStore, request_of: RequestOf, card: ModelCard
) -> None:
    endpoint = endpoint_with("403-model")
    queue = JobQueue(store, endpoint.open_client, lambda job: None, QueueSettings(at_once=1))
    prompts = ["a frozen lake, disabled lighthouse", "suspended over it"]
    jobs = [await queue.submit(request_of(prompt), card) for prompt in prompts]
    async with _working(queue):
        await queue.finished()
    assert [store.read(job.id).status for job in jobs] == ["failed"] * 2


async def test_an_endpoint_that_asks_to_wait_gets_no_other_request_meanwhile(
    endpoint_with: EndpointWith, store: HistoryStore, request_of: RequestOf, card: ModelCard
) -> None:
    endpoint = endpoint_with("429-once")
    paused: set[str] = set()
    both_pause = asyncio.Event()

    def hear(job: Job) -> None:
        if job.pause is not None:
            paused.add(job.id)
        if len(paused) == 2:
            both_pause.set()

    queue = JobQueue(store, endpoint.open_client, hear, QueueSettings(at_once=2))
    jobs = [await queue.submit(request_of(f"fox {n}"), card) for n in range(3)]
    async with _working(queue):
        await both_pause.wait()
        await queue.stop(jobs[0].id)
        assert queue.waiting == (jobs[2],), "there is room, and it is not its time"
        await queue.finished()
    assert [store.read(job.id).status for job in jobs] == ["cancelled", "done", "done"]
