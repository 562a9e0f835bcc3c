"""The run of a batch: each line once, whatever becomes of the program."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import pytest
from msgspec.structs import replace

from tests.generation.conftest import Endpoint
from tests.history.entries import DONE, FAILED
from tui.catalog.loading import load_catalogue
from tui.config import BudgetCaps
from tui.generation.batch import BatchEnd, Planned, plan_batch, run_batch
from tui.generation.batch_file import BatchLine, read_batch
from tui.generation.batch_marks import BatchMarks, Mark, line_keys, read_marks
from tui.generation.budget import Budget
from tui.generation.draft import Draft
from tui.history.entry import Entry, Failure, Status
from tui.history.store import HistoryStore

EndpointWith = Callable[..., Endpoint]


def lines(*prompts: str) -> tuple[BatchLine, ...]:
    base = Draft("kling-image-o1", values={"kling-image-o1": {"size": "1k"}})
    text = "\n".join(prompts or ["a fox", "an owl", "a hare"])
    return read_batch(text.encode(), base, load_catalogue(Path("no-cards-here"))).lines


async def run(
    wanted: tuple[BatchLine, ...],
    path: Path,
    store: HistoryStore,
    endpoint: Endpoint,
    name: str = "studio",
    agreed: bool = False,
    **caps: float,
) -> BatchEnd:
    with BatchMarks(path) as marks:
        planned = plan_batch(wanted, marks.marks, store)
        budget = Budget(BudgetCaps(**caps), lambda _: {})
        return await run_batch(
            planned,
            name,
            marks,
            store,
            endpoint.open_client,
            budget,
            lambda planned, entry: None,
            lambda progress: None,
            agreed=agreed,
        )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "batches" / "a.jsonl"


async def test_every_line_is_sent_once_and_never_again(
    endpoint_with: EndpointWith, store: HistoryStore, path: Path
) -> None:
    endpoint = endpoint_with()
    wanted = lines("a fox", "an owl", "a fox", "a hare", "a hen", "a cow", "a dog")
    end = await run(wanted, path, store, endpoint)
    assert sorted(entry.prompt for entry in end.entries) == sorted(
        line.draft.prompt for line in wanted
    )
    assert {entry.status for entry in end.entries} == {"done"}
    assert (await run(wanted, path, store, endpoint)).entries == ()
    assert endpoint.posts == len(store.newest().entries) == 7
    end = await run((*lines("a new one"), *wanted), path, store, endpoint)
    assert [entry.prompt for entry in end.entries] == ["a new one"]


async def test_what_was_interrupted_goes_on_with_what_was_not_sent(
    endpoint_with: EndpointWith, store: HistoryStore, path: Path
) -> None:
    endpoint = endpoint_with(latency=60.0)
    wanted = lines(*(f"fox {number}" for number in range(9)))
    running = asyncio.create_task(run(wanted, path, store, endpoint))
    await endpoint.transport.posted.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    unknown = [entry for entry in store.newest().entries if entry.status == "unknown"]
    assert unknown
    end = await run(wanted, path, store, endpoint_with())
    assert len(end.entries) == 9 - len(unknown)
    prompts = [entry.prompt for entry in [*end.entries, *unknown]]
    assert sorted(prompts) == [line.draft.prompt for line in wanted]


def _plan_for(store: HistoryStore, entry: Entry | None, *, written: bool = True) -> Planned:
    (line,) = lines("a fox")
    (key,) = line_keys([line])
    if entry is not None:
        store.write(entry)
    (planned,) = plan_batch([line], {key: Mark(key, DONE.id, written)}, store)
    return planned


@pytest.mark.parametrize("status", get_args(Status))
def test_only_what_was_certainly_not_charged_is_sent_again(
    store: HistoryStore, status: Status
) -> None:
    planned = _plan_for(store, replace(DONE, status=status))
    assert bool(planned.before) == (status not in ("queued", "cancelled"))
    assert planned.unsure == (status in ("running", "unknown"))
    assert (planned.waiting is not None) == (status == "queued")


@pytest.mark.parametrize(("charged", "again"), [("no", True), ("maybe", False), ("yes", False)])
def test_a_failure_is_tried_again_if_it_was_free(
    store: HistoryStore, charged: Any, again: bool
) -> None:
    failed = replace(FAILED, error=Failure("auth", "…", charged=charged))
    assert _plan_for(store, failed).before == ("" if again else DONE.id)


def test_an_entry_that_was_deleted_was_sent_and_one_never_written_was_not(
    store: HistoryStore,
) -> None:
    assert _plan_for(store, None).before == DONE.id
    assert _plan_for(store, None, written=False).before == ""


def test_an_entry_that_cannot_be_read_may_have_been_sent(store: HistoryStore) -> None:
    store.write(DONE)
    store.entry_path(DONE.id).write_bytes(b"cut off")
    assert _plan_for(store, None).before == DONE.id


async def test_an_entry_that_waits_is_sent_as_it_is_and_no_second_is_made(
    endpoint_with: EndpointWith, store: HistoryStore, path: Path
) -> None:
    (line,) = lines("a fox")
    (key,) = line_keys([line])
    waiting = replace(
        DONE,
        status="queued",
        model=line.card.id,
        prompt="a fox",
        parameters={"size": "1k"},
        images=(),
        references=(),
        response=None,
    )
    store.write(waiting)
    with BatchMarks(path) as marks:
        marks.put(Mark(key, waiting.id))
    end = await run((line,), path, store, endpoint_with())
    assert [entry.id for entry in end.entries] == [waiting.id]
    assert [entry.status for entry in store.newest().entries] == ["done"]
    assert read_marks(path)[key].written


async def test_a_mark_and_an_entry_are_on_the_disk_before_anything_is_sent(
    endpoint_with: EndpointWith, store: HistoryStore, path: Path
) -> None:
    endpoint = endpoint_with()
    (entry,) = (await run(lines("a fox"), path, store, endpoint)).entries
    assert endpoint.transport.statuses_at_post == [("running",)]
    (mark,) = read_marks(path).values()
    assert (mark.entry, mark.written) == (entry.id, True)


async def test_what_cannot_be_marked_is_not_sent(
    endpoint_with: EndpointWith, store: HistoryStore, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(marks: BatchMarks, mark: Mark) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(BatchMarks, "put", full)
    endpoint = endpoint_with()
    with pytest.raises(OSError, match="No space"):
        await run(lines(), path, store, endpoint)
    assert endpoint.posts == 0
    assert store.newest().entries == ()


async def test_the_budget_ends_a_batch_and_the_rest_goes_on_another_day(
    endpoint_with: EndpointWith, store: HistoryStore, path: Path
) -> None:
    wanted = lines(*(f"fox {number}" for number in range(40)))
    price = wanted[0].card.price
    assert price is not None
    assert price.usd_per_image is not None
    cap = price.usd_per_image * 5
    endpoint = endpoint_with()
    end = await run(wanted, path, store, endpoint, session_usd=cap)
    assert len(end.entries) == endpoint.posts == 5
    assert "for this session is reached" in end.stopped
    end = await run(wanted, path, store, endpoint)
    assert (len(end.entries), endpoint.posts, end.stopped) == (35, 40, "")


async def test_a_failure_that_all_would_meet_ends_the_batch(
    endpoint_with: EndpointWith, store: HistoryStore, path: Path
) -> None:
    wanted = lines(*(f"fox {number}" for number in range(40)))
    endpoint = endpoint_with("402")
    end = await run(wanted, path, store, endpoint)
    assert end.stopped
    assert 1 <= endpoint.posts <= 8
    assert {entry.status for entry in end.entries} == {"failed"}
    assert len((await run(wanted, path, store, endpoint_with())).entries) == 40


async def test_a_listener_that_is_gone_ends_a_batch_and_loses_nothing(
    endpoint_with: EndpointWith, store: HistoryStore, path: Path
) -> None:
    def gone(planned: Planned, entry: Entry) -> None:
        raise BrokenPipeError(32, "Broken pipe")

    wanted = lines(*(f"fox {number}" for number in range(20)))
    endpoint = endpoint_with()
    with BatchMarks(path) as marks, pytest.raises(BrokenPipeError):
        planned = plan_batch(wanted, marks.marks, store)
        budget = Budget(BudgetCaps(), lambda _: {})
        await run_batch(
            planned, "studio", marks, store, endpoint.open_client, budget, gone, lambda _: None
        )
    entries = store.newest().entries
    assert {entry.status for entry in entries} == {"done"}
    assert endpoint.posts == len(entries) < 20
