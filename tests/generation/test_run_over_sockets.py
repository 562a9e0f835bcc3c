"""One job against servers of every kind: waited for, streamed, cut short, and never sent twice."""

from __future__ import annotations

import asyncio
import base64
import json
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial
from io import BytesIO
from pathlib import Path

import pytest
from msgspec.structs import replace
from PIL import Image

from tests.api.origins import (
    Answer,
    Origin,
    Received,
    canary,
    free_port,
    in_turn,
    raw,
    reply,
    serving,
    success,
)
from tests.api.test_streams import HEAD as EVENTS
from tests.api.test_streams import completed, event, failed, succeeded
from tests.demo.forms import received_form
from tui.api.client import ImagesClient
from tui.config import EndpointSettings
from tui.generation import sending
from tui.generation.holding import HeldPictures
from tui.generation.progress import Pause, Preview, Progress
from tui.generation.request import GenerationRequest, new_entry
from tui.generation.run import run_job
from tui.history.entry import MASK, Entry, EntryReference
from tui.history.store import HistoryStore
from tui.paths import Paths


def png(shade: int, side: int = 300) -> bytes:
    """A picture too noisy to be small."""
    file = BytesIO()
    noise = bytes((index * 7919 * (shade + 3)) % 251 for index in range(side * side * 3))
    Image.frombytes("RGB", (side, side), noise).save(file, "PNG", compress_level=0)
    return file.getvalue()


PICTURES = [png(shade) for shade in range(3)]
ITEMS = [{"b64_json": base64.b64encode(picture).decode()} for picture in PICTURES]
ACCEPTED = reply(200, success(data=ITEMS[:1]))


@dataclass
class Bench:
    """Runs jobs against one server, and keeps all that they tell."""

    store: HistoryStore
    request: GenerationRequest
    card: object
    told: list[Progress] = field(default_factory=list)
    states: list[Entry] = field(default_factory=list)
    previews: list[bytes] = field(default_factory=list)
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    pictures: HeldPictures | None = None

    async def run(self, settings: EndpointSettings) -> Entry:
        async def open_client(name: str) -> ImagesClient:
            return ImagesClient(settings, canary())

        entry = new_entry(self.request, self.card)
        self.store.write(entry)
        self.states.append(entry)
        return await run_job(
            entry,
            open_client,
            self.store,
            self._follow,
            self._hear,
            partial(setattr, self, "pictures"),
        )

    async def until(self, met: Callable[[], bool]) -> None:
        async with self.changed:
            await self.changed.wait_for(met)

    @property
    def statuses(self) -> list[str]:
        return [entry.status for entry in self.states]

    @property
    def entry(self) -> Entry:
        """The last state told, which is on the disk."""
        (entry,) = self.store.newest().entries
        assert entry == self.states[-1]
        return entry

    def bytes_of(self, entry: Entry) -> list[bytes]:
        return [self.store.absolute(image.file).read_bytes() for image in entry.images]

    def _follow(self, entry: Entry) -> None:
        self.states.append(entry)
        self._wake()

    def _hear(self, progress: Progress) -> None:
        self.told.append(progress)
        if isinstance(progress, Preview):
            self.previews.append(progress.path.read_bytes())
        self._wake()

    def _wake(self) -> None:
        async def wake() -> None:
            async with self.changed:
                self.changed.notify_all()

        self._waking = asyncio.ensure_future(wake())


@pytest.fixture
def bench(store: HistoryStore, request_of, card) -> Bench:
    return Bench(store, request_of(), card)


@pytest.fixture
async def serve() -> AsyncIterator[Callable[[Answer], AsyncIterator[Origin]]]:
    async with AsyncExitStack() as running:

        async def start(answer: Answer) -> Origin:
            return await running.enter_async_context(serving(answer))

        yield start


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "SHORTEST_WAIT", 0.0)
    monkeypatch.setattr(sending, "CONNECTING_PAUSES", (0.0, 0.0))


def leftovers(paths: Paths) -> list[str]:
    return [path.name for path in paths.images.rglob("*") if path.suffix == ".part"]


LIMITED = {"error": {"message": "slow down", "type": "rate_limit_error"}}


async def test_an_endpoint_that_asks_to_wait_is_asked_once_more(serve, bench, at_once):
    origin = await serve(in_turn(reply(429, LIMITED, Retry_After="0"), ACCEPTED))
    entry = await bench.run(origin.settings())
    assert entry.status == "done"
    assert bench.statuses[:4] == ["queued", "running", "queued", "running"]
    (pause,) = bench.told
    assert isinstance(pause, Pause)
    assert pause.reason == "rate_limited"
    keys = [request.headers["idempotency-key"] for request in origin.requests]
    assert len(keys) == 2
    assert len(set(keys)) == 1
    uuid.UUID(keys[0])


async def test_a_wait_that_nobody_wants_to_hear_of_is_kept(serve, bench, at_once):
    origin = await serve(in_turn(reply(429, LIMITED, Retry_After="0"), ACCEPTED))

    async def open_client(name: str) -> ImagesClient:
        return ImagesClient(origin.settings(), canary())

    entry = new_entry(bench.request, bench.card)
    bench.store.write(entry)
    entry = await run_job(entry, open_client, bench.store, lambda entry: None)
    assert (entry.status, origin.posts) == ("done", 2)


async def test_an_edit_that_is_sent_again_is_the_same_bytes(serve, bench, paths, at_once):
    origin = await serve(in_turn(reply(429, LIMITED, Retry_After="0"), raw(b"")))
    file = "images/references/a.png"
    bench.store.absolute(file).parent.mkdir(parents=True)
    bench.store.absolute(file).write_bytes(PICTURES[0])
    reference = EntryReference("mine.png", file=file)
    bench.request = replace(bench.request, references=(reference, replace(reference, role=MASK)))
    entry = await bench.run(origin.settings(references="edits"))
    first, second = origin.requests
    assert first.target == second.target == "/v1/images/edits"
    assert first.body == second.body
    assert first.headers == second.headers
    assert [part.name for part in received_form(first)][-2:] == ["image", "mask"]
    assert b"mine" not in first.body
    assert (entry.status, entry.error.charged) == ("unknown", "maybe")


async def test_an_endpoint_that_asks_to_wait_again_is_left_alone(serve, bench, at_once):
    origin = await serve(reply(429, LIMITED, Retry_After="0"))
    entry = await bench.run(origin.settings())
    assert (entry.status, entry.error.kind, entry.error.charged) == ("failed", "rate_limited", "no")
    assert (entry.error.status, json.loads(entry.error.body)) == (429, LIMITED)
    assert origin.posts == 2


@pytest.mark.parametrize("seconds", ["-1", "NaN", "1e400", "121", "soon", ""])
async def test_without_a_usable_time_the_user_decides(serve, bench, seconds):
    origin = await serve(reply(429, LIMITED, Retry_After=seconds))
    entry = await bench.run(origin.settings())
    assert (entry.status, entry.error.kind) == ("failed", "rate_limited")
    assert origin.posts == 1
    assert not bench.told


async def test_giving_up_while_waiting_is_a_cancelled_request(serve, bench):
    origin = await serve(reply(429, LIMITED, Retry_After="60"))
    job = asyncio.create_task(bench.run(origin.settings()))
    await bench.until(lambda: bool(bench.told))
    assert bench.told[0].seconds_left == 60
    assert (bench.entry.status, bench.entry.response) == ("queued", None)
    job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await job
    assert bench.entry.status == "cancelled"
    assert origin.posts == 1


async def test_nobody_listening_is_tried_three_times_and_was_never_sent(bench, at_once):
    settings = EndpointSettings(base_url=f"http://127.0.0.1:{free_port()}/v1")
    entry = await bench.run(settings)
    assert (entry.status, entry.error.kind, entry.error.charged) == ("failed", "not_sent", "no")
    assert [progress.reason for progress in bench.told] == ["not_sent", "not_sent"]


async def test_a_server_that_comes_back_gets_the_request_once(serve, bench, at_once, monkeypatch):
    refusing = free_port()
    origin = await serve(ACCEPTED)
    settings = EndpointSettings(base_url=f"http://127.0.0.1:{refusing}/v1")
    clients = [ImagesClient(settings, canary()), ImagesClient(origin.settings(), canary())]

    class Moving:
        """A client whose server is up from the second request on."""

        async def generate(self, *args, **more):
            return await clients.pop(0).generate(*args, **more)

    async def open_client(name: str) -> Moving:
        return Moving()

    entry = new_entry(bench.request, bench.card)
    bench.store.write(entry)
    entry = await run_job(entry, open_client, bench.store, bench._follow, bench._hear)
    assert entry.status == "done"
    assert origin.posts == 1


async def test_streamed_pictures_are_in_history_before_the_stream_ends(serve, bench, paths):
    may_end = asyncio.Event()

    async def answer(request: Received, writer: asyncio.StreamWriter) -> None:
        writer.write(EVENTS + succeeded(0, **ITEMS[0]) + failed(1))
        await writer.drain()
        await may_end.wait()
        writer.write(succeeded(2, **ITEMS[2]) + completed())

    origin = await serve(answer)
    job = asyncio.create_task(bench.run(origin.settings()))
    await bench.until(lambda: bool(bench.states and bench.states[-1].images))
    assert bench.entry.status == "running"
    assert bench.bytes_of(bench.entry) == PICTURES[:1]
    may_end.set()
    entry = await job
    assert (entry.status, bench.bytes_of(entry)) == ("partial", [PICTURES[0], PICTURES[2]])
    assert entry.response.notes == ("image 2: may be sensitive",)
    assert not leftovers(paths)


@pytest.mark.parametrize("streams", [False, True])
async def test_what_the_pictures_were_made_from_is_kept(serve, bench, streams):
    told = [
        {"revised_prompt": "a red fox", "seed": 7},
        {"revised_prompt": f" {bench.request.prompt}\n", "seed": 0},
        {},
    ]
    items = [{**item, **facts} for item, facts in zip(ITEMS, told, strict=True)]

    async def answer(request: Received, writer: asyncio.StreamWriter) -> None:
        if streams:
            events = (succeeded(index, **item) for index, item in enumerate(items))
            writer.write(EVENTS + b"".join(events) + completed())
        else:
            await reply(200, success(data=items))(request, writer)

    entry = await bench.run((await serve(answer)).settings())
    assert entry == bench.store.read(entry.id)
    assert [(image.revised_prompt, image.seed) for image in entry.images] == [
        ("a red fox", 7),
        ("", 0),
        ("", None),
    ]


async def test_previews_are_told_and_are_no_results(serve, bench, paths):
    tiny = png(9, side=10)
    name = "image_generation.partial_image"
    heard = asyncio.Event()

    async def answer(request: Received, writer: asyncio.StreamWriter) -> None:
        for number, picture in enumerate((tiny, PICTURES[1])):
            b64 = base64.b64encode(picture).decode()
            if number == 0:
                # One that would have to be fetched is not shown.
                elsewhere = event(name, partial_image_index=9, url="https://elsewhere.example/")
                writer.write(EVENTS + elsewhere)
            writer.write(event(name, partial_image_index=number, b64_json=b64))
            await writer.drain()
        await heard.wait()
        writer.write(completed(**ITEMS[0]))

    origin = await serve(answer)
    job = asyncio.create_task(bench.run(origin.settings()))
    await bench.until(lambda: len(bench.previews) == 2)
    heard.set()
    entry = await job
    assert sorted(bench.previews, key=len) == sorted((tiny, PICTURES[1]), key=len)
    assert (entry.status, bench.bytes_of(entry)) == ("done", PICTURES[:1])
    assert not leftovers(paths)


async def test_giving_up_makes_no_result_of_a_preview(serve, bench, paths):
    async def answer(request: Received, writer: asyncio.StreamWriter) -> None:
        preview = event("image_generation.partial_image", partial_image_index=0, **ITEMS[0])
        writer.write(EVENTS + preview)
        await writer.drain()
        await asyncio.Event().wait()

    origin = await serve(answer)
    job = asyncio.create_task(bench.run(origin.settings()))
    await bench.until(lambda: bool(bench.previews))
    job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await job
    assert (bench.entry.status, bench.entry.images) == ("unknown", ())
    assert not leftovers(paths)


async def test_pictures_that_came_whole_survive_a_broken_answer(serve, bench, paths):
    whole = json.dumps(success(data=ITEMS)).encode()
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
    head += b"Content-Length: %d\r\n\r\n" % len(whole)
    entry = await bench.run((await serve(raw(head + whole[:-9000]))).settings())
    assert (entry.status, bench.bytes_of(entry)) == ("partial", PICTURES[:2])
    assert "broke" in entry.response.notes[0]
    assert not leftovers(paths)


async def test_pictures_that_came_whole_survive_giving_up(serve, bench, paths):
    whole = json.dumps(success(data=ITEMS)).encode()
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"

    async def answer(request: Received, writer: asyncio.StreamWriter) -> None:
        writer.write(head + whole[:-9000])
        await asyncio.Event().wait()

    origin = await serve(answer)
    job = asyncio.create_task(bench.run(origin.settings()))
    while len(leftovers(paths)) < 3:  # noqa: ASYNC110 - the files tell how far it is
        await asyncio.sleep(0.01)
    job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await job
    assert (bench.entry.status, bench.bytes_of(bench.entry)) == ("partial", PICTURES[:2])
    assert [image.file[-6:] for image in bench.entry.images] == ["-1.png", "-2.png"]
    assert not leftovers(paths)


def record(number: int, url: str, **changes: object) -> dict:
    return {
        "id": f"img_{number}", "object": "image", "status": "completed", "url": url,
        "model": "seedream-4-5-251128", "prompt": "a fox in the snow",
        "created_at": 4_000_000_000, "error": None, **changes,
    }  # fmt: skip


def library(origin: Callable[[], Origin], records: list[dict], link: Answer) -> Answer:
    """A server whose link to the picture answers with `link`, and which keeps records."""

    async def answer(request: Received, writer: asyncio.StreamWriter) -> None:
        path = request.target.partition("?")[0]
        if request.method == "POST":
            chosen = reply(
                200, success(data=[{"url": f"{origin().url}/media/a.png?signature=old"}])
            )
        elif path == "/v1/images":
            chosen = reply(200, {"object": "list", "data": records, "has_more": False})
        elif path == "/v1/images/img_1/content":
            chosen = reply(302, b"", Location=f"{origin().url}/media/b.png?signature=new")
        elif path == "/media/b.png":
            chosen = reply(200, PICTURES[0], "image/png")
        else:
            chosen = link
        await chosen(request, writer)

    return answer


@pytest.mark.parametrize("status", [401, 403, 404, 410])
@pytest.mark.parametrize("by", ["address", "request"])
async def test_a_picture_whose_link_is_dead_comes_by_its_record(serve, bench, status, by):
    origins: list[Origin] = []
    url = "{}/media/a.png?signature=fresh" if by == "address" else "{}/media/other.png"
    records: list[dict] = []
    origin = await serve(library(lambda: origins[0], records, reply(status)))
    origins.append(origin)
    other = record(2, "https://elsewhere.example/x.png", prompt="another")
    records += [other, record(1, url.format(origin.url))]
    entry = await bench.run(origin.settings())
    assert (entry.status, bench.bytes_of(entry)) == ("done", PICTURES[:1])
    assert entry.images[0].record == "img_1"
    assert origin.posts == 1
    strangers = [r for r in origin.requests if r.target.startswith("/media")]
    assert strangers
    assert not any("authorization" in request.headers for request in strangers)


@pytest.mark.parametrize(
    "records",
    [
        [],
        [record(1, "https://e.example/1.png"), record(3, "https://e.example/3.png")],
        [record(1, "https://e.example/1.png", status="failed")],
        [record(1, "https://e.example/1.png", created_at=1_000_000_000)],
        [record(1, "https://e.example/1.png", model="glm-image")],
    ],
    ids="none two failed older other-model".split(),
)
async def test_a_record_is_never_guessed(serve, bench, records):
    origins: list[Origin] = []
    origin = await serve(library(lambda: origins[0], records, reply(403)))
    origins.append(origin)
    entry = await bench.run(origin.settings())
    assert (entry.status, entry.error.kind, entry.error.status) == ("failed", "download", 403)
    assert entry.error.charged == "yes"


@pytest.mark.parametrize(
    ("names", "status", "saved"), [("ac", "failed", []), ("ab", "partial", [0])]
)
async def test_a_record_stands_in_only_for_a_picture_that_was_alone(
    serve, bench, names, status, saved
):
    origins: list[Origin] = []
    records = [record(1, "https://e.example/1.png")]

    async def answer(request: Received, writer: asyncio.StreamWriter) -> None:
        if request.method == "POST":
            items = [{"url": f"{origins[0].url}/media/{name}.png"} for name in names]
            await reply(200, success(data=items))(request, writer)
        else:
            await library(lambda: origins[0], records, reply(403))(request, writer)

    origins.append(await serve(answer))
    entry = await bench.run(origins[0].settings())
    assert (entry.status, bench.bytes_of(entry)) == (status, [PICTURES[number] for number in saved])
    assert (entry.error.kind, entry.error.charged) == ("download", "yes")


async def test_giving_up_waits_for_no_picture_that_is_not_here(serve, bench, paths):
    origins: list[Origin] = []

    async def link(request: Received, writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    origin = await serve(library(lambda: origins[0], [], link))
    origins.append(origin)
    job = asyncio.create_task(bench.run(origin.settings(timeout=3600.0)))
    await origin.asked(2)
    job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await job
    assert (bench.entry.status, bench.entry.images) == ("unknown", ())
    assert bench.entry.response.urls == (f"{origin.url}/media/a.png?signature=old",)
    assert not leftovers(paths)


@pytest.mark.parametrize("says", [True, False])
async def test_what_an_answer_says_of_itself_is_kept(serve, bench, says):
    facts = {"model": "another-model"} if says else {"model": None}
    headers = {"X_Request_Id": "r1"} if says else {}
    document = {**success(data=ITEMS[:1]), **facts}
    response = (await bench.run((await serve(reply(200, document, **headers))).settings())).response
    assert (response.request_id, response.served_by, response.urls) == (
        ("r1", "another-model", ()) if says else ("", "", ())
    )
    assert response.sent <= response.received


async def test_a_damaged_picture_is_fetched_again(serve, bench, paths: Path):
    origins: list[Origin] = []
    whole = reply(200, PICTURES[0], "image/png")
    damaged = raw(b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n" + PICTURES[0][:-500])
    origin = await serve(library(lambda: origins[0], [], in_turn(damaged, whole)))
    origins.append(origin)
    entry = await bench.run(origin.settings())
    assert (entry.status, bench.bytes_of(entry)) == ("done", PICTURES[:1])
    assert not [path for path in paths.images.rglob("*") if path.suffix == ".rejected"]
