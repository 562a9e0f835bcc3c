"""The desk of jobs: the budget over all of them, and what is looked for by itself."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, closing
from datetime import timedelta

import pytest
from msgspec.structs import replace

from tests.generation.conftest import Endpoint
from tests.generation.job_desks import Heard, RequestOf
from tests.pseudo_terminal import PATIENCE
from tui.catalog.card import ModelCard
from tui.config import BudgetCaps, Config, QueueSettings
from tui.generation.budget import OverBudget
from tui.generation.request import new_entry
from tui.generation.saving import PictureSaver
from tui.history.entry import Response, new_id, now
from tui.history.store import HistoryStore
from tui.paths import Paths

MakeDesk = Callable[..., tuple[Heard, Endpoint]]


@pytest.fixture
async def make_desk(
    paths: Paths, card: ModelCard, endpoint_with: Callable[..., Endpoint]
) -> AsyncIterator[MakeDesk]:
    """Desks, each with an endpoint of its own that plays faults."""
    made: list[Heard] = []

    def make(
        *faults: str, latency: float = 0.0, at_once: int = 4, **caps: float
    ) -> tuple[Heard, Endpoint]:
        config = Config(budget=BudgetCaps(**caps), queue=QueueSettings(at_once=at_once))
        endpoint = endpoint_with(*faults, latency=latency)
        made.append(Heard(paths, endpoint, card, config))
        return made[-1], endpoint

    yield make
    for heard in made:
        with closing(heard.history):
            pass


async def test_forty_jobs_at_once_cannot_together_go_above_the_cap(
    make_desk: MakeDesk, paid: RequestOf, card: ModelCard
) -> None:
    heard, endpoint = make_desk(day_usd=1.00, at_once=8)
    price = (new_entry(paid("one"), card).cost or 0).estimate_usd  # type: ignore[union-attr]
    async with heard.working() as desk:
        requests = [paid(f"fox {number}") for number in range(40)]
        outcomes = await asyncio.gather(
            *(heard.submit(each) for each in requests), return_exceptions=True
        )
        await desk.queue.finished()
    refused = [each for each in outcomes if isinstance(each, OverBudget)]
    assert len(outcomes) - len(refused) == endpoint.posts == int(1.00 / price + 1e-9)
    assert len(refused) + endpoint.posts == 40
    assert endpoint.posts * price <= 1.00
    assert {each.decision.verdict for each in refused} <= {"ask", "stop"}
    assert [job for job in heard.jobs if job.warning is not None]


async def test_what_was_left_waiting_is_held_to_the_budget_too(
    make_desk: MakeDesk, paid: RequestOf, card: ModelCard, store: HistoryStore, paths: Paths
) -> None:
    left = [new_entry(paid(f"fox {number}"), card) for number in range(3)]
    left.sort(key=lambda entry: entry.id)
    for entry in left:
        store.write(entry)
    price = left[0].cost.estimate_usd  # type: ignore[union-attr]
    heard, endpoint = make_desk(at_once=1, session_usd=price * 1.5)
    async with heard.working() as desk:
        jobs = await desk.take_up(now())
        assert [job.id for job in jobs] == [entry.id for entry in left]
        assert endpoint.posts == 0
        desk.queue.resume()
        await heard.until(lambda: desk.board.refusal is not None)
        assert not desk.board.goes_on
        assert (desk.board.refusal.verdict, endpoint.posts) == ("ask", 1)  # type: ignore[union-attr]
        assert [job.id for job in desk.queue.waiting] == [left[1].id, left[2].id]
        desk.queue.resume()  # Told of it, the user agrees.
        await heard.until(lambda: desk.board.refusal is not None)
        assert (desk.board.refusal.verdict, endpoint.posts) == ("stop", 2)  # type: ignore[union-attr]
        desk.queue.resume()  # To a cap that is reached nobody can agree.
        await heard.until(lambda: desk.board.refusal is not None)
        assert endpoint.posts == 2
        paths.config_file.write_text("[budget]\nsession_usd = 100.0\n")
        desk.read_caps()
        desk.queue.resume()
        await desk.queue.finished()
    assert endpoint.posts == 3
    assert {store.read(entry.id).status for entry in left} == {"done"}


async def test_the_refused_job_may_be_cancelled_and_the_next_comes(
    make_desk: MakeDesk,
    paid: RequestOf,
    request_of: RequestOf,
    card: ModelCard,
    store: HistoryStore,
) -> None:
    dear, free = new_entry(paid("fox"), card), new_entry(request_of("owl"), card)
    for entry in (dear, free):
        store.write(entry)
    heard, endpoint = make_desk(at_once=1, job_usd=0.001)
    async with heard.working() as desk:
        await desk.take_up(now())
        desk.queue.resume()
        await heard.until(lambda: desk.board.refusal is not None)
        await desk.queue.stop(dear.id)
        await desk.queue.finished()
    assert store.read(dear.id).status == "cancelled"
    assert store.read(free.id).status == "done"
    assert endpoint.posts == 1


async def test_what_becomes_unknown_is_looked_for_by_itself(
    make_desk: MakeDesk, request_of: RequestOf, store: HistoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The first may come before the job has given its entry back.
    monkeypatch.setattr("tui.generation.look_times.AFTER", (0.0, 0.01, 0.1, 1.0, 10.0))
    heard, endpoint = make_desk("truncated-json")
    async with heard.working() as desk:
        job = await heard.submit(request_of("a fox"))
        await heard.until(lambda: any(look.result == "adopted" for look in heard.looks))
    assert any(each.entry.status == "unknown" for each in heard.jobs) or heard.mended
    assert store.read(job.id).status == "done"
    assert heard.looks[-1].result == "adopted"
    assert desk.board.ended == ()
    assert endpoint.posts == 1


async def test_what_an_earlier_run_lost_is_looked_for_at_the_start(
    make_desk: MakeDesk, request_of: RequestOf, card: ModelCard, store: HistoryStore
) -> None:
    entry = replace(
        new_entry(request_of("a fox"), card), status="running", response=Response(sent=now())
    )
    store.write(entry)
    heard, endpoint = make_desk()
    async with aclosing(await endpoint.open_client("demo")) as client:
        await client.generate(entry.model, entry.prompt, entry.parameters)
    posts = endpoint.posts
    async with heard.working() as desk:
        assert await desk.take_up(now()) == ()
        await heard.until(lambda: bool(heard.looks))
    assert (heard.looks[-1].result, store.read(entry.id).status) == ("adopted", "done")
    assert heard.mended[-1].images
    assert endpoint.posts == posts, "nothing is sent at the start"


async def test_what_cannot_be_looked_for_any_more_says_so(
    make_desk: MakeDesk, request_of: RequestOf, card: ModelCard, store: HistoryStore, paths: Paths
) -> None:
    entry = new_entry(request_of("a fox"), card)
    store.write(replace(entry, status="unknown", response=Response(sent=now())))
    heard, _ = make_desk()
    async with heard.working() as desk:
        await desk.take_up(now())
        assert [ended.is_sought for ended in desk.board.ended] == [True]
        # Before it is looked for, another program spoils it.
        for file in paths.history.rglob("*.toml"):
            file.write_text("no entry")
        heard.news.clear()
        await heard.until(lambda: not desk.board.ended[0].is_sought)
    assert heard.looks == []


async def test_an_ended_job_is_sent_again_as_another(
    make_desk: MakeDesk, request_of: RequestOf, store: HistoryStore
) -> None:
    heard, endpoint = make_desk("moderation-400")
    async with heard.working() as desk:
        job = await heard.submit(request_of("a fox", seed=7))
        await desk.queue.finished()
        (ended,) = desk.board.ended
        assert (ended.id, ended.is_lost, ended.may_be_charged) == (job.id, False, False)
        # What the server answered is in the file; of hundreds of jobs it would be megabytes.
        assert ended.entry.error is not None
        assert ended.entry.error.body == ""
        kept = store.read(job.id).error
        assert kept is not None
        assert "moderation" in kept.body
        again = await desk.send_again(ended)
        await desk.queue.finished()
        assert [each.id for each in desk.board.ended] == [again.id]
    made = store.read(again.id)
    assert (made.parent, made.prompt, made.parameters) == (
        job.id, "a fox", {"size": "1k", "seed": 7},
    )  # fmt: skip
    assert endpoint.posts == 2


async def test_what_a_job_needed_is_let_go_without_a_look_for_garbage(
    make_desk: MakeDesk, request_of: RequestOf
) -> None:
    heard, _ = make_desk()
    gc.collect()
    gc.disable()
    try:
        async with heard.working() as desk:
            for number in range(3):
                await heard.submit(request_of(f"fox {number}"))
            await desk.queue.finished()
            async with asyncio.timeout(PATIENCE):
                while any(isinstance(each, PictureSaver) for each in gc.get_objects()):  # noqa: ASYNC110 - nobody tells of it
                    await asyncio.sleep(0)
        assert {job.entry.status for job in heard.jobs} >= {"done"}
    finally:
        gc.enable()


async def test_a_lost_job_is_given_up_and_cleared(
    make_desk: MakeDesk, request_of: RequestOf, store: HistoryStore
) -> None:
    heard, _ = make_desk(latency=600)
    async with heard.working() as desk:
        job = await heard.submit(request_of("a fox"))
        await heard.until(lambda: any(each.entry.status == "running" for each in heard.jobs))
        await desk.queue.stop(job.id)
        (ended,) = desk.board.ended
        assert ended.is_lost
        assert ended.is_sought
        look = await desk.give_up(job.id)
        assert look.result == "given_up"
        (ended,) = desk.board.ended
        assert (ended.is_lost, ended.may_be_charged) == (False, True)
        desk.clear(job.id)
        assert desk.board.ended == ()
    assert store.read(job.id).status == "failed"


async def test_all_that_waits_is_cancelled_at_once(
    make_desk: MakeDesk, request_of: RequestOf, store: HistoryStore
) -> None:
    heard, _ = make_desk()
    jobs = [await heard.submit(request_of(f"fox {number}")) for number in range(5)]
    await heard.desk.clear_all()
    assert {store.read(job.id).status for job in jobs} == {"cancelled"}
    assert heard.desk.board.jobs == heard.desk.board.ended == ()


async def test_the_usual_seconds_are_those_of_the_last_runs(
    make_desk: MakeDesk, request_of: RequestOf, card: ModelCard, store: HistoryStore
) -> None:
    heard, _ = make_desk()
    for number in range(25):
        began = now() - timedelta(hours=25 - number)
        # The oldest five took a day each.
        seconds = 86_400 if number < 5 else number
        ended = began + timedelta(seconds=seconds)
        store.write(
            replace(
                new_entry(request_of("a fox"), card),
                id=new_id(began),  # Of two in one millisecond either may be the older.
                created=began,
                status="done",
                response=Response(sent=began, received=ended),
            )
        )
    loop = asyncio.get_running_loop()

    def told() -> None:
        loop.call_soon_threadsafe(heard.news.set)

    await asyncio.to_thread(heard.history.follow, told, lambda problem: None)
    usual = heard.history.usual_seconds
    await heard.until(lambda: usual("demo", card.id) == 14.5)
    async with heard.working() as desk:
        job = await heard.submit(request_of("a fox"))
        await desk.queue.finished()
    assert job.usual_seconds == 14.5
