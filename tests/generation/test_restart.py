"""The program is killed with a job in each of its states, and started again on what it left.

What waited waits on until the user says so, what was sent is looked for, and nothing is sent twice.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import closing, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.generation.conftest import KEY, Endpoint
from tests.generation.job_desks import Heard, Opens, RequestOf
from tui.api.client import ImagesClient
from tui.catalog.card import ModelCard
from tui.config import BudgetCaps, Config, EndpointSettings
from tui.generation import request
from tui.generation.queue import Job
from tui.generation.request import GenerationRequest, new_entry
from tui.history.entry import Entry, now
from tui.history.store import HistoryStore
from tui.history.trash import Trash
from tui.keys import Secret
from tui.paths import Paths

EndpointWith = Callable[..., Endpoint]


class Line(httpx.AsyncBaseTransport):
    """Leads to the endpoint, and stops for ever where the program is to be killed."""

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        before_post: bool = False,
        after_post: bool = False,
        downloads: int = 1_000,
    ) -> None:
        """Stops before or after a POST, or in the middle of the download after so many."""
        self.reached = asyncio.Event()
        self._inner = endpoint.transport
        self._before_post = before_post
        self._after_post = after_post
        self._downloads = downloads

    async def open_client(self, name: str) -> ImagesClient:
        settings = EndpointSettings(base_url="http://demo.invalid/v1")
        return ImagesClient(settings, Secret(KEY, "the test"), self)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        is_post = request.method == "POST"
        if is_post and self._before_post:
            await self.stop()
        response = await self._inner.handle_async_request(request)
        if is_post and self._after_post:
            await response.aread()
            await self.stop()
        if not is_post:
            self._downloads -= 1
            if self._downloads < 0:
                data = await response.aread()
                return httpx.Response(response.status_code, content=self._half(data))
        return response

    async def stop(self) -> None:
        self.reached.set()
        await asyncio.Event().wait()

    async def _half(self, data: bytes) -> AsyncIterator[bytes]:
        yield data[: len(data) // 2]
        await self.stop()


class Home:
    """Where the program is killed, and where it starts again."""

    def __init__(self, paths: Paths, left: Path, card: ModelCard) -> None:
        self._first = paths
        self._left = left
        self._card = card
        self.paths = Paths(left, left, left)
        self.store = HistoryStore(self.paths)
        self._opened: list[Heard] = []

    def open(self, paths: Paths, line: Opens, **caps: float) -> Heard:
        config = Config(budget=BudgetCaps(**caps))
        self._opened.append(Heard(paths, line, self._card, config))
        return self._opened[-1]

    def first(self, line: Opens, **caps: float) -> Heard:
        """The desk of the program that will be killed."""
        return self.open(self._first, line, **caps)

    def kill(self) -> None:
        """What is on the disk at this moment is all that is left."""
        shutil.copytree(
            self._first.data, self._left, dirs_exist_ok=True, copy_function=_copy_what_is_there
        )

    async def killed_at(
        self, reached: asyncio.Event, line: Opens, request: GenerationRequest
    ) -> Job:
        """A job that was under way when the program was killed, once `reached` was set."""
        first = self.first(line)
        async with first.working():
            job = await first.submit(request)
            await reached.wait()
            self.kill()
        return job

    def again(self, endpoint: Endpoint, **caps: float) -> Heard:
        """The desk of the program that starts after that."""
        return self.open(self.paths, endpoint, **caps)

    def close(self) -> None:
        for heard in self._opened:
            heard.history.close()

    def files(self) -> list[str]:
        """Whatever lies among the pictures, by suffix."""
        return sorted(path.suffix for path in self.paths.images.rglob("*") if path.is_file())


def _copy_what_is_there(source: str, target: str) -> None:
    with suppress(FileNotFoundError):  # The program goes on meanwhile.
        shutil.copy2(source, target)


@pytest.fixture
def home(paths: Paths, tmp_path: Path, card: ModelCard) -> Any:
    with closing(Home(paths, tmp_path / "left", card)) as home:
        yield home


async def waits_and_is_sent_once(home: Home, endpoint: Endpoint, job_id: str, posts: int) -> None:
    """After the start it is held; when the user goes on, it is sent, to be the last of `posts`."""
    heard = home.again(endpoint)
    async with heard.working() as desk:
        (job,) = await desk.take_up(now())
        assert job.id == job_id
        assert desk.board.held == {job_id}
        assert desk.board.ended == ()
        assert endpoint.posts == posts - 1
        desk.queue.resume()
        await desk.queue.finished()
    entry = home.store.read(job_id)
    assert (entry.status, entry.error, len(entry.images)) == ("done", None, 1)
    assert endpoint.posts == posts


async def is_looked_for(home: Home, endpoint: Endpoint, job_id: str) -> Entry:
    """After the start it is looked for, and not sent; the entry after that."""
    posts = endpoint.posts
    heard = home.again(endpoint)
    async with heard.working() as desk:
        assert await desk.take_up(now()) == ()
        assert [ended.id for ended in desk.board.ended] == [job_id]
        assert [ended.is_lost for ended in desk.board.ended] == [True]
        await heard.until(lambda: bool(heard.looks))
        desk.queue.resume()
        await desk.queue.finished()
        entry = home.store.read(job_id)
        assert [ended.id for ended in desk.board.ended] == ([] if entry.images else [job_id])
    assert endpoint.posts == posts
    return entry


async def test_queued(home: Home, endpoint_with: EndpointWith, request_of: RequestOf) -> None:
    endpoint = endpoint_with()
    job = await home.first(endpoint).submit(request_of())
    home.kill()
    await waits_and_is_sent_once(home, endpoint, job.id, 1)


async def test_queued_and_the_clock_was_set_back_since(
    home: Home, endpoint_with: EndpointWith, request_of: RequestOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint = endpoint_with()
    with monkeypatch.context() as patch:
        patch.setattr(request, "now", lambda: now() + timedelta(hours=1))
        job = await home.first(endpoint).submit(request_of())
    home.kill()
    await waits_and_is_sent_once(home, endpoint, job.id, 1)


async def test_queued_and_thrown_away_since_by_another_program(
    home: Home, endpoint_with: EndpointWith, request_of: RequestOf
) -> None:
    endpoint = endpoint_with()
    job = await home.first(endpoint).submit(request_of())
    home.kill()
    heard = home.again(endpoint)
    async with heard.working() as desk:
        await desk.take_up(now())
        discarded = Trash(home.paths, home.store).discard(job.id, now().date())
        desk.queue.resume()
        await desk.queue.finished()
    assert [each.entry.status for each in heard.jobs][-1] == "cancelled"
    assert endpoint.posts == 0
    assert home.store.newest().entries == ()
    assert [each.entry for each in Trash(home.paths, home.store).entries()] == [discarded]


async def test_what_killed_programs_left_of_their_locks_goes(
    home: Home, endpoint_with: EndpointWith
) -> None:
    stale = home.paths.locks / "20261122T070312418-4f2a9c.lock"
    stale.parent.mkdir(parents=True)
    stale.touch()
    os.utime(stale, (0, 0))
    heard = home.again(endpoint_with())
    async with heard.working() as desk:
        await desk.take_up(now())
    assert not stale.exists()


async def test_its_turn_has_come_and_the_key_is_waited_for(
    home: Home, endpoint_with: EndpointWith, request_of: RequestOf
) -> None:
    endpoint = endpoint_with()
    line = Line(endpoint)

    class Locked:
        async def open_client(self, name: str) -> ImagesClient:
            await line.stop()
            raise AssertionError

    job = await home.killed_at(line.reached, Locked(), request_of())
    await waits_and_is_sent_once(home, endpoint, job.id, 1)


async def test_running_before_the_request_leaves(
    home: Home, endpoint_with: EndpointWith, request_of: RequestOf
) -> None:
    endpoint = endpoint_with()
    line = Line(endpoint, before_post=True)
    job = await home.killed_at(line.reached, line, request_of())
    assert home.store.read(job.id).status == "running"
    # Nobody can know that it never left: the user decides.
    entry = await is_looked_for(home, endpoint, job.id)
    assert (entry.status, entry.may_cost, endpoint.posts) == ("unknown", True, 0)
    heard = home.again(endpoint)
    async with heard.working() as desk:
        await desk.take_up(now())
        (ended,) = desk.board.ended
        assert ended.may_be_charged
        again = await desk.send_again(ended)
        await desk.queue.finished()
    assert home.store.read(again.id).status == "done"
    assert endpoint.posts == 1


async def test_running_with_the_answer_lost(
    home: Home, endpoint_with: EndpointWith, request_of: RequestOf
) -> None:
    endpoint = endpoint_with()
    line = Line(endpoint, after_post=True)
    job = await home.killed_at(line.reached, line, request_of())
    assert home.store.read(job.id).status == "running"
    entry = await is_looked_for(home, endpoint, job.id)
    assert (entry.status, len(entry.images)) == ("done", 1)
    assert endpoint.posts == 1


async def test_running_with_its_pictures_half_saved(
    home: Home, endpoint_with: EndpointWith, request_of: RequestOf
) -> None:
    endpoint = endpoint_with()
    line = Line(endpoint, downloads=1)
    heard = home.first(line)
    async with heard.working():
        job = await heard.submit(request_of(n=2))
        await line.reached.wait()
        await heard.until(lambda: any(len(each.entry.images) == 1 for each in heard.jobs))
        home.kill()
    left = home.store.read(job.id)
    assert (left.status, len(left.images)) == ("running", 1)
    assert ".part" in home.files()
    entry = await is_looked_for(home, endpoint, job.id)
    # Where the other one lies the answer had said.
    assert (entry.status, len(entry.images)) == ("done", 2)
    assert len({image.sha256 for image in entry.images}) == 2
    assert home.files() == [".png", ".png"]
    assert endpoint.posts == 1


async def test_running_with_its_picture_saved_and_its_end_unwritten(
    home: Home,
    endpoint_with: EndpointWith,
    request_of: RequestOf,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    endpoint = endpoint_with()
    heard = home.first(endpoint)
    store = heard.history.store
    write = store.write_outcome

    def killed_before_the_end(entry: Entry) -> Entry:
        if entry.status == "done":
            home.kill()
        return write(entry)

    monkeypatch.setattr(store, "write_outcome", killed_before_the_end)
    async with heard.working() as desk:
        job = await heard.submit(request_of())
        await desk.queue.finished()
    left = home.store.read(job.id)
    assert (left.status, left.images, home.files()) == ("running", (), [".png"])
    entry = await is_looked_for(home, endpoint, job.id)
    assert (entry.status, len(entry.images)) == ("done", 1)
    assert home.files() == [".png"]
    assert endpoint.posts == 1


async def test_paused_since_the_endpoint_asked_to_wait(
    home: Home, endpoint_with: EndpointWith, request_of: RequestOf
) -> None:
    endpoint = endpoint_with("429-once")
    heard = home.first(endpoint)
    async with heard.working():
        job = await heard.submit(request_of())
        await heard.until(lambda: job.pause is not None)
        home.kill()
    left = home.store.read(job.id)
    assert (left.status, left.response) == ("queued", None)
    await waits_and_is_sent_once(home, endpoint, job.id, 2)


async def test_unknown(home: Home, endpoint_with: EndpointWith, request_of: RequestOf) -> None:
    endpoint = endpoint_with("truncated-json")
    heard = home.first(endpoint)
    async with heard.working() as desk:
        job = await heard.submit(request_of())
        await desk.queue.finished()
        home.kill()
    assert home.store.read(job.id).status == "unknown"
    entry = await is_looked_for(home, endpoint, job.id)
    assert (entry.status, len(entry.images)) == ("done", 1)
    assert endpoint.posts == 1


async def test_held_by_the_budget(
    home: Home,
    endpoint_with: EndpointWith,
    paid: RequestOf,
    card: ModelCard,
    store: HistoryStore,
) -> None:
    endpoint = endpoint_with()
    left = sorted((new_entry(paid(f"fox {n}"), card) for n in range(2)), key=lambda each: each.id)
    for entry in left:
        store.write(entry)
    assert left[0].cost is not None
    cap = left[0].cost.estimate_usd * 1.5
    first = home.first(endpoint, session_usd=cap)
    async with first.working() as desk:
        await desk.take_up(now())
        desk.queue.resume()
        await first.until(lambda: desk.board.refusal is not None and not desk.board.running)
        home.kill()
    assert [home.store.read(entry.id).status for entry in left] == ["done", "queued"]
    heard = home.again(endpoint, day_usd=cap)
    async with heard.working() as desk:
        assert [job.id for job in await desk.take_up(now())] == [left[1].id]
        assert desk.board.held == {left[1].id}
        desk.queue.resume()
        # What was spent before counts on.
        await heard.until(lambda: desk.board.refusal is not None)
        assert desk.board.refusal is not None
        assert (desk.board.refusal.verdict, endpoint.posts) == ("ask", 1)
        desk.queue.resume()
        await desk.queue.finished()
    assert home.store.read(left[1].id).status == "done"
    assert endpoint.posts == 2
