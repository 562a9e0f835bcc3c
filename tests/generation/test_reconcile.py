"""Lost jobs against servers that keep their records in other ways, and the times of looks."""

from __future__ import annotations

import asyncio
import errno
import math
import os
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest
from msgspec.structs import replace

from tests.api.origins import Answer, Origin, Received, canary, reply, serving
from tests.generation.test_run_over_sockets import PICTURES, leftovers, record
from tui.api.client import ImagesClient
from tui.api.errors import ApiError
from tui.generation import saving
from tui.generation.look_times import AFTER, next_look
from tui.generation.lost import GIVEN_UP, LONGEST
from tui.generation.reconcile import BUSY, Look, Reconciler, is_doubtful, is_lost
from tui.generation.request import new_entry
from tui.history.entry import Entry, EntryImage, Failure, Response, now
from tui.history.store import HistoryStore
from tui.paths import Paths


@pytest.fixture
async def serve() -> AsyncIterator[Callable[[Answer], Any]]:
    async with AsyncExitStack() as running:

        async def start(answer: Answer) -> Origin:
            return await running.enter_async_context(serving(answer))

        yield start


@pytest.fixture
def lost(store: HistoryStore, request_of: Any, card: Any) -> Callable[..., Entry]:
    """Makes entries that were sent, and whose answers were lost."""

    def entry(prompt: str = "a fox in the snow", **parameters: Any) -> Entry:
        failure = Failure("unknown_outcome", "No answer came.", charged="maybe")
        made = replace(
            new_entry(request_of(prompt, **parameters), card),
            status="unknown",
            error=failure,
            response=Response(sent=now()),
        )
        store.write(made)
        return made

    return entry


@pytest.fixture
def reconciler_of(paths: Paths, store: HistoryStore) -> Callable[..., Reconciler]:
    def reconciler(origin: Origin, **more: Any) -> Reconciler:
        async def open_client(name: str) -> ImagesClient:
            return ImagesClient(origin.settings(), canary())

        return Reconciler(paths, store, open_client, **more)

    return reconciler


def listed(entry: Entry, number: int, **changes: Any) -> dict[str, Any]:
    """A record of `entry`."""
    assert entry.response is not None
    assert entry.response.sent is not None
    made = {
        "model": entry.model,
        "prompt": entry.prompt,
        "created_at": int(entry.response.sent.timestamp()) + number,
    }
    return {**record(number, f"http://media.invalid/{number}.png?old", **made), **changes}


def keeping(*records: dict[str, Any]) -> Answer:
    """A server that lists `records`, and gives their pictures by their numbers."""

    async def answer(request: Received, writer: asyncio.StreamWriter) -> None:
        path = request.target.partition("?")[0]
        if path.endswith("/content"):
            number = int(path.split("/")[-2].removeprefix("img_"))
            chosen = reply(200, PICTURES[number], "image/png")
        else:
            chosen = reply(200, {"object": "list", "data": list(records), "has_more": False})
        await chosen(request, writer)

    return answer


async def test_all_the_records_of_one_request_are_adopted(
    serve: Any, lost: Any, reconciler_of: Any, store: HistoryStore, paths: Paths
) -> None:
    entry = lost(n=3)
    told: list[Entry] = []
    origin = await serve(keeping(*(listed(entry, number) for number in (2, 0, 1))))
    look: Look = await reconciler_of(origin, changed=told.append).look(entry.id)
    assert (look.result, look.entry.status) == ("adopted", "done")
    assert [image.record for image in look.entry.images] == ["img_0", "img_1", "img_2"]
    files = [store.absolute(image.file).read_bytes() for image in look.entry.images]
    assert files == PICTURES
    assert [len(each.images) for each in told] == [0, 1, 2, 3, 3]
    assert told[-1] == look.entry == store.read(entry.id)
    assert origin.posts == 0
    assert not leftovers(paths)
    assert not list(paths.locks.iterdir())


async def test_more_records_than_pictures_are_candidates(
    serve: Any, lost: Any, reconciler_of: Any, store: HistoryStore
) -> None:
    entry = lost()
    origin = await serve(keeping(*(listed(entry, number) for number in range(2))))
    reconciler = reconciler_of(origin)
    look = await reconciler.look(entry.id)
    assert (look.result, [each.id for each in look.candidates]) == ("ambiguous", ["img_0", "img_1"])
    look = await reconciler.look(entry.id, ("img_0", "img_1"))
    assert (look.result, len(look.entry.images)) == ("adopted", 2)


@pytest.mark.parametrize("why", ["It was refused: \x1b[31mred", None])
async def test_a_record_that_failed_fails_the_entry(
    serve: Any, lost: Any, reconciler_of: Any, store: HistoryStore, why: str | None
) -> None:
    entry = lost()
    failed = listed(entry, 0, status="failed", url=None, error=why and {"message": why})
    look = await reconciler_of(await serve(keeping(failed))).look(entry.id)
    assert (look.result, look.entry.status) == ("failed", "failed")
    assert look.entry.error is not None
    assert look.entry.error.charged == "maybe"
    assert (why or "failed") in look.entry.error.message
    assert store.read(entry.id) == look.entry


async def test_some_failed_records_leave_the_others(
    serve: Any, lost: Any, reconciler_of: Any
) -> None:
    entry = lost(n=2)
    failed = listed(entry, 1, status="failed", url=None, error={"message": "too dark"})
    origin = await serve(keeping(listed(entry, 0), failed))
    look = await reconciler_of(origin).look(entry.id)
    assert (look.result, look.entry.status, len(look.entry.images)) == ("adopted", "partial", 1)
    assert "too dark" in look.entry.response.notes[-1]


async def test_a_record_that_is_not_ready_is_waited_for(
    serve: Any, lost: Any, reconciler_of: Any, store: HistoryStore
) -> None:
    entry = lost()
    origin = await serve(keeping(listed(entry, 0, status="in_progress", url=None)))
    reconciler = reconciler_of(origin)
    assert (await reconciler.look(entry.id)).result == "being_made"
    assert store.read(entry.id) == entry
    origin.answer = keeping(listed(entry, 0))
    assert (await reconciler.look(entry.id)).result == "adopted"


async def test_a_model_by_another_of_its_names_is_the_same(
    serve: Any, lost: Any, reconciler_of: Any
) -> None:
    from tui.generation.choosing import Asked

    entry = lost()
    origin = await serve(keeping(listed(entry, 0, model="its-other-name")))
    assert (await reconciler_of(origin).look(entry.id)).result == "nothing"
    asked = Asked(frozenset({entry.model, "its-other-name"}), 1)
    look = await reconciler_of(origin, asked=lambda _: asked).look(entry.id)
    assert look.result == "adopted"
    assert look.entry.response.served_by == "its-other-name"


async def test_a_disk_that_refuses_leaves_it_for_later(
    serve: Any, lost: Any, reconciler_of: Any, store: HistoryStore, paths: Paths,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    entry = lost()
    origin = await serve(keeping(listed(entry, 0)))
    reconciler = reconciler_of(origin)

    why = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def refuse(*arguments: Any) -> None:
        raise why

    with monkeypatch.context() as patch:
        patch.setattr(saving, "rename_durably", refuse)
        look = await reconciler.look(entry.id)
    assert (look.result, look.entry.status) == ("not_saved", "unknown")
    assert "saved: No space left on device." in look.text
    with monkeypatch.context() as patch:
        patch.setattr(HistoryStore, "write", refuse)
        assert (await reconciler.look(entry.id)).result == "not_saved"
        why = OSError("it does not say why")
        look = await reconciler.give_up(entry.id)
        assert (look.result, look.entry) == ("not_saved", store.read(entry.id))
        assert "it does not say why" in look.text
    assert (await reconciler.look(entry.id)).result == "adopted"
    assert not leftovers(paths)


async def test_one_at_a_time_is_at_work_on_an_entry(
    serve: Any, lost: Any, reconciler_of: Any, store: HistoryStore
) -> None:
    entry = lost()
    origin = await serve(keeping(listed(entry, 0)))
    reconciler = reconciler_of(origin)
    lock = store.locks.take(entry.id)
    assert lock is not None
    running = replace(entry, status="running")
    assert is_lost(entry, store.locks)
    assert not is_lost(running, store.locks)
    for look in (await reconciler.look(entry.id), await reconciler.give_up(entry.id)):
        assert (look.result, look.entry, look.text) == ("busy", entry, BUSY)
    lock.release()
    assert (store.read(entry.id), origin.requests) == (entry, [])
    assert is_lost(running, store.locks)
    for status in ("queued", "done", "failed", "partial", "cancelled"):
        assert is_lost(replace(entry, status=status), store.locks) is (status == "queued")
    assert not is_lost(replace(entry, response=Response()), store.locks)
    assert not is_lost(replace(entry, response=None), store.locks)
    assert is_doubtful(replace(entry, status="failed"))
    assert not is_doubtful(replace(entry, status="failed", response=None))
    assert (await reconciler.look(entry.id)).result == "adopted"


async def test_without_locks_a_job_may_run_for_as_long_as_one_can(
    serve: Any, lost: Any, reconciler_of: Any, store: HistoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.history.locks.HAS_LOCKS", False)
    entry = replace(lost(), status="running", error=None)
    store.write(entry)
    reconciler = reconciler_of(await serve(keeping(listed(entry, 0))))
    assert (await reconciler.look(entry.id)).result == "busy"
    monkeypatch.setattr("tui.generation.lost.HAS_LOCKS", False)
    assert not is_lost(entry, store.locks)
    assert is_lost(replace(entry, response=Response(sent=now() - LONGEST)), store.locks)
    store.write(replace(entry, response=Response(sent=now() - 2 * LONGEST)))
    assert (await reconciler.look(entry.id)).result == "ambiguous"
    store.write(replace(entry, status="unknown"))
    assert (await reconciler.look(entry.id)).result == "adopted"


async def test_what_is_given_up_has_ended_and_is_looked_for_only_when_told_to(
    serve: Any, lost: Any, reconciler_of: Any, store: HistoryStore
) -> None:
    origin = await serve(keeping())
    told: list[Entry] = []
    reconciler = reconciler_of(origin, changed=told.append)
    bare, partly = lost(), lost(n=2)
    picture = EntryImage("images/a.png", "0" * 64, 1, 1, 1, "png")
    store.write(replace(bare, error=None))
    broken = Failure("unknown_outcome", "The line broke.", charged="maybe")
    store.write(replace(partly, images=(picture,), error=broken))
    for entry, status, why in (
        (bare, "failed", "No answer came."),
        (partly, "partial", "The line broke."),
    ):
        look = await reconciler.give_up(entry.id)
        assert (look.result, look.entry, look.entry.status) == ("given_up", told[-1], status)
        assert store.read(entry.id) == look.entry
        assert "may have been made and charged" in look.text
        assert look.entry.error == Failure(GIVEN_UP, why, look.text, charged="maybe")
        assert "given up" in look.entry.response.notes[-1]
        for again in (await reconciler.give_up(entry.id), await reconciler.look(entry.id)):
            assert (again.result, again.entry) == ("settled", look.entry)
            assert again.text.startswith("There is nothing to ")
        assert not origin.requests
        assert (await reconciler.look(entry.id, again=True)).result == "nothing"
        assert origin.requests
        origin.requests.clear()
    assert (await reconciler.look(lost("another").id)).result == "nothing"


@pytest.mark.parametrize("hint", ["Set one.", ""])
async def test_an_endpoint_that_cannot_be_opened_says_why(
    lost: Any, paths: Paths, store: HistoryStore, hint: str
) -> None:
    async def open_client(name: str) -> ImagesClient:
        assert name == "demo"
        raise ApiError("auth", "There is no key.", hint=hint)

    entry = lost()
    look = await Reconciler(paths, store, open_client).look(entry.id)
    assert (look.result, look.entry) == ("no_answer", entry)
    assert look.text == f"There is no key. {hint}".strip()


async def test_a_look_that_fails_changes_nothing_and_says_what_is_known(
    serve: Any, lost: Any, reconciler_of: Any, store: HistoryStore, paths: Paths
) -> None:
    entry = lost()
    origin = await serve(reply(500, {"error": {"message": "out of order"}}))
    reconciler = reconciler_of(origin)
    look = await reconciler.look(entry.id)
    assert (look.result, look.entry, store.read(entry.id)) == ("no_answer", entry, entry)
    assert "out of order" in look.text
    assert "may have been made and charged" in look.text
    good = keeping(listed(entry, 0))

    async def answer(request: Received, writer: asyncio.StreamWriter) -> None:
        is_picture = request.target.partition("?")[0].endswith("/content")
        await (reply(200, b"\x89PNG no more", "image/png") if is_picture else good)(request, writer)

    origin.answer = answer
    look = await reconciler.look(entry.id)
    assert (look.result, look.entry.status) == ("no_answer", "unknown")
    assert look.entry == store.read(entry.id)
    assert ".rejected" in look.text
    (rejected,) = paths.images.rglob("*.rejected")
    assert rejected.read_bytes() == b"\x89PNG no more"
    origin.answer = good
    assert (await reconciler.look(entry.id)).result == "adopted"


class Clock:
    """A clock that goes on while somebody sleeps by it."""

    def __init__(self) -> None:
        self.time = 1_000.0
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds

    def __call__(self) -> float:
        return self.time


async def test_it_is_looked_for_at_its_times_and_then_no_more(
    serve: Any, lost: Any, reconciler_of: Any
) -> None:
    entry, clock, looks = lost(), Clock(), list[tuple[float, str]]()
    origin = await serve(keeping())

    def told(look: Look) -> None:
        looks.append((clock.time - 1_000, look.result))

    look = await reconciler_of(origin).watch(entry.id, told, clock=clock, sleep=clock.sleep)
    assert looks == [(after, "nothing") for after in AFTER]
    assert look is not None
    assert look.entry == entry


async def test_watching_ends_once_it_is_found(serve: Any, lost: Any, reconciler_of: Any) -> None:
    entry, clock, results = lost(), Clock(), list[str]()
    origin = await serve(keeping())
    reconciler = reconciler_of(origin)

    def told(look: Look) -> None:
        results.append(look.result)
        if len(results) == 2:
            origin.answer = keeping(listed(entry, 0))

    look = await reconciler.watch(entry.id, told, clock=clock, sleep=clock.sleep)
    assert results == ["nothing", "nothing", "adopted"]
    assert look is not None
    assert look.entry.status == "done"
    assert await reconciler.watch("20200101T000000000-000000", told, sleep=clock.sleep) is None


async def test_watching_ends_with_the_last_look_at_what_is_thrown_away(
    serve: Any, lost: Any, reconciler_of: Any, store: HistoryStore
) -> None:
    entry, clock, looks = lost(), Clock(), list[Look]()

    def told(look: Look) -> None:
        looks.append(look)
        store.remove(entry.id)
        # The machine slept, for longer than all looks would have taken.
        clock.time += 20.0

    reconciler = reconciler_of(await serve(keeping()))
    look = await reconciler.watch(entry.id, told, clock=clock, sleep=clock.sleep)
    assert looks == [look]
    assert clock.slept == [5.0, 20.0]


def test_looks_that_were_slept_through_are_not_made_up_for() -> None:
    assert [next_look(0, last) for last in (None, 5, 14.9, 15, 46, 299)] == [
        5, 15, 15, 45, 120, 300,
    ]  # fmt: skip
    assert next_look(0, 300) is None
    assert next_look(0, math.inf) is None
    assert next_look(100, 130) == 145
