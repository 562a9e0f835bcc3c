"""One job, on every way it can end."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace
from PIL import Image

from tests.generation.conftest import KEY, Endpoint
from tui.api.client import GeneratedImage, Generation, ImagesClient
from tui.catalog.card import ModelCard
from tui.generation.holding import HeldPictures
from tui.generation.request import GenerationRequest, new_entry
from tui.generation.run import run_job
from tui.history.entry import Entry, EntryReference, Failure, Status
from tui.history.store import HistoryStore
from tui.images.prepared import Limits
from tui.images.references import keep_reference, prepare_reference
from tui.paths import Paths

EndpointWith = Callable[..., Endpoint]
RequestOf = Callable[..., GenerationRequest]


def reads_well(failure: Failure | None) -> bool:
    """Whether what is said of a failure, and what to do next, are sentences."""
    assert failure is not None
    sentence = re.compile(r"[A-Z][a-z]*[ '](?!.*[A-Z]{5}).*[a-z.)”]", re.DOTALL)
    return all(map(sentence.fullmatch, (failure.message, failure.hint)))


async def _run(
    endpoint: Endpoint, store: HistoryStore, request: GenerationRequest, card: ModelCard
) -> tuple[Entry, list[str]]:
    entry = new_entry(request, card)
    store.write(entry)
    states: list[str] = []

    def changed(entry: Entry) -> None:
        assert store.read(entry.id) == entry, "what is told is on the disk already"
        states.append(entry.status)

    return await run_job(entry, endpoint.open_client, store, changed), states


async def test_a_job_goes_from_queued_over_running_to_done(
    endpoint_with: EndpointWith, store: HistoryStore, request_of: RequestOf, card: ModelCard
) -> None:
    endpoint = endpoint_with()
    entry, states = await _run(endpoint, store, request_of(n=2), card)
    assert states == ["running", "running", "running", "running", "done"]
    assert endpoint.transport.statuses_at_post == [("running",)]
    assert len(entry.images) == 2
    assert entry.response is not None
    assert entry.response.served_by
    assert entry.response.usage["generated_images"] == 2
    assert entry.seconds is not None
    for image in entry.images:
        path = store.absolute(image.file)
        assert hashlib.sha256(path.read_bytes()).hexdigest() == image.sha256
        with Image.open(path) as picture:
            assert picture.size == (image.width, image.height)
        assert path.stat().st_mode & 0o777 == 0o600
    assert store.read(entry.id) == entry


@pytest.mark.parametrize(
    ("fault", "status", "kind", "charged"),
    [
        ("401", "failed", "auth", "no"),
        ("402", "failed", "no_credit", "no"),
        ("403-frozen", "failed", "forbidden", "no"),
        ("403-waf-html", "failed", "gateway", "no"),
        ("404-model", "failed", "model_not_found", "no"),
        ("413-html", "failed", "too_large", "no"),
        ("429", "failed", "rate_limited", "no"),
        ("429-no-credit", "failed", "no_credit", "no"),
        ("size-400", "failed", "invalid_request", "no"),
        ("moderation-400", "failed", "content_filter", "no"),
        ("500", "unknown", "server", "maybe"),
        ("502-html", "unknown", "gateway", "maybe"),
        ("524-html", "unknown", "gateway", "maybe"),
        ("reset", "unknown", "unknown_outcome", "maybe"),
        ("truncated-json", "unknown", "bad_response", "maybe"),
        ("garbage", "unknown", "bad_response", "maybe"),
        ("download-403", "failed", "download", "yes"),
        ("download-not-image", "failed", "download", "yes"),
        ("download-truncated", "failed", "bad_response", "maybe"),
    ],
)
async def test_a_fault_ends_in_the_entry_and_is_never_posted_again(
    fault: str,
    status: str,
    kind: str,
    charged: str,
    endpoint_with: EndpointWith,
    store: HistoryStore,
    request_of: RequestOf,
    card: ModelCard,
) -> None:
    endpoint = endpoint_with(fault)
    entry, _ = await _run(endpoint, store, request_of(), card)
    assert entry.error is not None
    assert (entry.status, entry.error.kind, entry.error.charged) == (status, kind, charged)
    assert reads_well(entry.error)
    assert KEY not in store.entry_path(entry.id).read_text("utf-8")
    assert endpoint.posts == 1


async def test_bytes_that_are_no_picture_are_kept_aside(
    endpoint_with: EndpointWith,
    store: HistoryStore,
    request_of: RequestOf,
    card: ModelCard,
    paths: Paths,
) -> None:
    await _run(endpoint_with("download-truncated"), store, request_of(), card)
    (kept,) = (path for path in paths.images.rglob("*") if path.is_file())
    assert kept.suffix == ".rejected"
    assert kept.stat().st_size > 0


async def test_one_failed_picture_does_not_cost_the_others(
    endpoint_with: EndpointWith, store: HistoryStore, request_of: RequestOf, card: ModelCard
) -> None:
    entry, _ = await _run(endpoint_with("partial"), store, request_of(n=3), card)
    assert entry.status == "partial"
    assert len(entry.images) == 2
    assert entry.response is not None
    assert "image 3" in entry.response.notes[0]


async def test_a_running_job_that_is_stopped_is_unknown(
    endpoint_with: EndpointWith, store: HistoryStore, request_of: RequestOf, card: ModelCard
) -> None:
    endpoint = endpoint_with(latency=600)
    entry = new_entry(request_of(), card)
    store.write(entry)
    sent = asyncio.Event()
    task = asyncio.create_task(
        run_job(entry, endpoint.open_client, store, lambda entry: sent.set())
    )
    await sent.wait()
    await endpoint.transport.posted.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert store.read(entry.id).status == "unknown"
    assert endpoint.posts == 1


async def test_a_job_stopped_before_it_is_sent_is_cancelled(
    endpoint_with: EndpointWith, store: HistoryStore, request_of: RequestOf, card: ModelCard
) -> None:
    endpoint = endpoint_with()
    entry = new_entry(request_of(), card)
    store.write(entry)
    opening = asyncio.Event()

    async def open_slowly(name: str) -> object:
        opening.set()
        return await asyncio.Event().wait()

    task = asyncio.create_task(run_job(entry, open_slowly, store, lambda entry: None))  # type: ignore[arg-type]
    await opening.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert store.read(entry.id).status == "cancelled"
    assert endpoint.posts == 0


async def test_nothing_is_sent_when_the_entry_cannot_be_written(
    endpoint_with: EndpointWith,
    store: HistoryStore,
    request_of: RequestOf,
    card: ModelCard,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    endpoint = endpoint_with()
    entry = new_entry(request_of(), card)
    store.write(entry)

    def full(entry: Entry) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store, "write", full)
    told: list[Entry] = []
    ended = await run_job(entry, endpoint.open_client, store, told.append)
    assert endpoint.posts == 0
    assert [entry.status for entry in told] == ["failed"]
    assert ended.status == "failed"
    assert ended.error is not None
    assert (ended.error.kind, ended.error.charged) == ("not_saved", "no")
    assert ended.error.message == "Could not be saved: No space left on device"
    assert "Nothing was sent" in ended.error.hint
    assert reads_well(ended.error)


async def test_a_reference_that_is_gone_is_named_and_nothing_is_sent(
    endpoint_with: EndpointWith, store: HistoryStore, request_of: RequestOf, card: ModelCard
) -> None:
    endpoint = endpoint_with()
    reference = EntryReference(name="sketch.png", sha256="0", file="images/references/0.png")
    entry, _ = await _run(endpoint, store, replace(request_of(), references=(reference,)), card)
    assert endpoint.posts == 0
    assert entry.status == "failed"
    assert entry.error is not None
    assert "sketch.png cannot be read: No such file" in entry.error.message
    assert (entry.error.kind, entry.error.charged) == ("invalid_request", "no")
    assert "Nothing was sent" in entry.error.hint
    assert reads_well(entry.error)


async def test_a_reference_goes_along_and_its_copy_stays(
    endpoint_with: EndpointWith,
    store: HistoryStore,
    request_of: RequestOf,
    card: ModelCard,
    paths: Paths,
    tmp_path: Path,
) -> None:
    Image.new("RGB", (640, 480), "orange").save(tmp_path / "sketch.png")
    prepared = prepare_reference(tmp_path / "sketch.png", Limits(), "fitted", paths.references)
    kept = keep_reference(prepared, paths.data)
    reference = EntryReference("sketch.png", kept.sha256, kept.file)
    entry, _ = await _run(
        endpoint_with(), store, replace(request_of(), references=(reference,)), card
    )
    assert entry.status == "done"
    copy = store.absolute(entry.references[0].file)
    assert copy.read_bytes() == (tmp_path / "sketch.png").read_bytes()


async def test_a_failure_is_told_even_when_the_disk_refuses_it(
    endpoint_with: EndpointWith,
    store: HistoryStore,
    request_of: RequestOf,
    card: ModelCard,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    endpoint = endpoint_with("401")
    entry = new_entry(request_of(), card)
    store.write(entry)
    write = store.write

    def full_once_sent(entry: Entry) -> None:
        if endpoint.posts:
            raise OSError(28, "No space left on device")
        write(entry)

    monkeypatch.setattr(store, "write", full_once_sent)
    told: list[Entry] = []
    await run_job(entry, endpoint.open_client, store, told.append)
    assert [entry.status for entry in told] == ["running", "failed"]
    assert endpoint.posts == 1


@pytest.mark.parametrize("status", ["running", "done", "cancelled", None])
async def test_an_entry_that_another_program_was_at_is_not_sent(
    endpoint_with: EndpointWith,
    store: HistoryStore,
    request_of: RequestOf,
    card: ModelCard,
    status: Status | None,
) -> None:
    endpoint = endpoint_with()
    entry = new_entry(request_of(), card)
    known = replace(entry, status=status or "cancelled", note="elsewhere" if status else "")
    if status is not None:
        store.write(known)
    told: list[Entry] = []
    assert await run_job(entry, endpoint.open_client, store, told.append) == known
    assert told == [known]
    assert endpoint.opened == []


async def test_an_entry_that_another_program_looks_at_is_not_sent(
    endpoint_with: EndpointWith,
    store: HistoryStore,
    request_of: RequestOf,
    card: ModelCard,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tui.generation.run.PATIENCE", 0.0)
    endpoint = endpoint_with()
    entry = new_entry(request_of(), card)
    store.write(entry)
    lock = store.locks.take(entry.id)
    assert lock is not None
    assert await run_job(entry, endpoint.open_client, store, lambda entry: None) == entry
    assert endpoint.opened == []
    lock.release()
    await run_job(entry, endpoint.open_client, store, lambda entry: None)
    assert endpoint.opened == [entry.endpoint]


async def test_an_entry_that_cannot_be_read_any_more_is_sent_and_the_file_set_aside(
    endpoint_with: EndpointWith, store: HistoryStore, request_of: RequestOf, card: ModelCard
) -> None:
    endpoint = endpoint_with()
    entry = new_entry(request_of(), card)
    store.write(entry)
    store.entry_path(entry.id).write_bytes(b"half of i")
    ended = await run_job(entry, endpoint.open_client, store, lambda entry: None)
    assert (ended.status, endpoint.posts) == ("done", 1)
    assert [path.read_bytes() for path in store.newest().unreadable] == [b"half of i"]


@pytest.mark.parametrize("is_sent", [False, True])
async def test_a_fault_of_our_own_says_whether_it_was_sent(
    store: HistoryStore, request_of: RequestOf, card: ModelCard, is_sent: bool
) -> None:
    class Broken:
        async def generate(self, *arguments: object, **more: object) -> None:
            raise ZeroDivisionError

    async def open_client(name: str) -> object:
        if is_sent:
            return Broken()
        raise ZeroDivisionError

    entry = new_entry(request_of(), card)
    store.write(entry)
    entry = await run_job(entry, open_client, store, lambda entry: None)  # type: ignore[arg-type]
    assert entry == store.read(entry.id)
    assert entry.error is not None
    assert entry.error.kind == "internal"
    assert "ZeroDivisionError" in entry.error.message
    assert reads_well(replace(entry.error, message="It failed."))
    assert (entry.status, entry.error.charged) == (
        ("unknown", "maybe") if is_sent else ("failed", "no")
    )
    assert ("records" in entry.error.hint) is is_sent
    assert ("Nothing was sent" in entry.error.hint) is not is_sent


@pytest.mark.parametrize("words", ["", "Too dark."])
async def test_a_generation_without_pictures_may_have_been_charged(
    store: HistoryStore, request_of: RequestOf, card: ModelCard, words: str
) -> None:
    images = (GeneratedImage(error=words),) if words else ()

    class Empty:
        async def generate(self, *arguments: object, **more: object) -> Generation:
            return Generation(None, "a-model", images, {}, None)

    async def open_client(name: str) -> object:
        return Empty()

    entry = new_entry(request_of(), card)
    store.write(entry)
    entry = await run_job(entry, open_client, store, lambda entry: None)  # type: ignore[arg-type]
    assert entry == store.read(entry.id)
    said = f"Image 1: {words}" if words else "The endpoint made no picture."
    assert entry.error is not None
    assert entry.error.message == said.replace("I", "i")
    assert (entry.status, entry.error.kind, entry.error.charged) == (
        ("failed", "bad_response", "maybe")
    )
    assert "silent refusal" in entry.error.hint
    assert reads_well(replace(entry.error, message=said))
    assert entry.response is not None
    assert (entry.response.served_by, entry.response.notes) == (
        ("a-model", (entry.error.message,) if words else ())
    )


async def test_a_job_that_is_stopped_when_its_end_is_written_has_ended(
    endpoint_with: EndpointWith, store: HistoryStore, request_of: RequestOf, card: ModelCard
) -> None:
    entry = new_entry(request_of(), card)
    store.write(entry)

    def changed(entry: Entry) -> None:
        if entry.status == "done":
            task.cancel()

    task = asyncio.create_task(run_job(entry, endpoint_with().open_client, store, changed))
    with pytest.raises(asyncio.CancelledError):
        await task
    ended = store.read(entry.id)
    assert (ended.status, len(ended.images)) == ("done", 1)


async def test_nothing_is_saved_elsewhere_before_anything_came(
    endpoint_with: EndpointWith,
    store: HistoryStore,
    request_of: RequestOf,
    card: ModelCard,
    tmp_path: Path,
) -> None:
    endpoint = endpoint_with("429")
    held: list[HeldPictures] = []
    copies: list[tuple[Path, ...]] = []

    async def open_client(name: str) -> ImagesClient:
        copies.append(await held[0].save_elsewhere(tmp_path))
        return await endpoint.open_client(name)

    entry = new_entry(request_of(), card)
    store.write(entry)
    await run_job(entry, open_client, store, lambda entry: None, begun=held.append)
    assert copies == [()]
