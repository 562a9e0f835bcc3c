"""Each lost answer ends with its picture, none is adopted twice, and nothing is sent for it."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from tests.api.origins import CANARY, canary
from tests.faults.conftest import Bench, Demo, patience_with
from tests.generation.test_run_over_sockets import leftovers
from tui.api.client import ImagesClient
from tui.config import EndpointSettings
from tui.generation.reconcile import Look, NotARecord, Reconciler, is_lost
from tui.generation.request import GenerationRequest, new_entry
from tui.history.check import examine
from tui.history.entry import Entry, Response, now
from tui.history.store import HistoryStore
from tui.history.trash import Trash
from tui.paths import Paths

LOSING = (
    "reset", "close", "hang", "cut-length", "cut-chunk", "cut-reset", "drip", "drip-header",
    "gzip-broken", "length-long", "not-http", "502-html", "504-nginx", "524-html", "truncated-json",
    "garbage", "empty-200", "sse-cut",
)  # fmt: skip
"""Faults that lose the answer after the picture is made, or may do so."""


@pytest.fixture
def prompt(request: pytest.FixtureRequest) -> str:
    """Another for each test: the endpoint, and so its records, are those of all."""
    return f"a fox, for {request.node.name}"


@pytest.fixture
def reconciler(demo: Demo, paths: Paths, store: HistoryStore) -> Reconciler:
    return reconciling(demo.settings(), paths, store)


def reconciling(settings: EndpointSettings, paths: Paths, store: HistoryStore) -> Reconciler:
    async def open_client(name: str) -> ImagesClient:
        return ImagesClient(settings, canary())

    return Reconciler(paths, store, open_client)


async def lost(bench: Bench, demo: Demo, prompt: str, kind: str = "close", **more: Any) -> Entry:
    entry = await bench.run(demo.settings(kind, patience=patience_with(kind)), prompt, **more)
    assert entry.status == "unknown"
    return entry


def check_found(bench: Bench, look: Look, *, images: int = 1) -> None:
    entry = look.entry
    assert (look.result, entry.status, entry.error) == ("adopted", "done", None), look.text
    assert entry == bench.store.read(entry.id)
    assert len(entry.images) == images
    assert all(bench.store.absolute(image.file).is_file() for image in entry.images)
    assert entry.response is not None
    assert entry.response.notes
    assert not leftovers(bench.paths)
    assert not examine(bench.paths, now().timestamp()).problems


@pytest.mark.parametrize("kind", LOSING)
async def test_each_lost_answer_ends_with_its_picture(
    bench: Bench, demo: Demo, reconciler: Reconciler, prompt: str, kind: str
) -> None:
    entry = await bench.run(demo.settings(kind, patience=patience_with(kind)), prompt)
    if entry.status == "done":
        # Enough of it came for the picture to be had.
        assert (await reconciler.look(entry.id)).result == "settled"
        return
    made = demo.traffic.carried_out[prompt]
    posts = demo.traffic.posts
    look = await reconciler.look(entry.id, again=entry.status != "unknown")
    assert demo.traffic.posts == posts
    if made:
        check_found(bench, look)
        assert look.entry.images[0].record
    else:
        assert look.result == "nothing"
        assert bench.store.read(entry.id).status == entry.status
    again = await reconciler.look(entry.id)
    assert again.result == ("settled" if made or entry.status != "unknown" else "nothing")


async def test_two_alike_that_were_lost_both_get_their_own(
    bench: Bench, demo: Demo, reconciler: Reconciler, prompt: str
) -> None:
    entries = await asyncio.gather(*(lost(bench, demo, prompt) for _ in range(2)))
    looks = await asyncio.gather(*(reconciler.look(entry.id) for entry in entries))
    for look in looks:
        check_found(bench, look)
    assert len({look.entry.images[0].record for look in looks}) == 2


async def test_where_it_matters_who_gets_which_a_person_chooses(
    bench: Bench, demo: Demo, reconciler: Reconciler, prompt: str
) -> None:
    one, other = [await lost(bench, demo, prompt, size=each) for each in ("1k", "2k")]
    look = await reconciler.look(one.id)
    assert (look.result, len(look.candidates)) == ("ambiguous", 2)
    assert bench.store.read(one.id) == one
    first, second = look.candidates
    check_found(bench, await reconciler.look(one.id, (second.id,)))
    with pytest.raises(NotARecord, match="another entry's"):
        await reconciler.look(other.id, (second.id,))
    with pytest.raises(NotARecord, match="lists no record"):
        await reconciler.look(other.id, ("img_none",))
    look = await reconciler.look(other.id)
    check_found(bench, look)
    assert look.entry.images[0].record == first.id


async def test_of_one_record_and_two_that_may_have_made_it_neither_is_guessed(
    bench: Bench, demo: Demo, reconciler: Reconciler, prompt: str
) -> None:
    one = await lost(bench, demo, prompt)
    other = await lost(bench, demo, prompt, "close-early")
    for entry in (one, other):
        look = await reconciler.look(entry.id)
        assert (look.result, len(look.candidates)) == ("ambiguous", 1)


async def test_what_another_entry_has_by_its_address_is_left_alone(
    bench: Bench, demo: Demo, reconciler: Reconciler, prompt: str, store: HistoryStore
) -> None:
    done = await bench.run(demo.settings(), prompt)
    assert done.response is not None
    assert done.response.urls
    entry = await lost(bench, demo, prompt, "close-early")
    assert (await reconciler.look(entry.id)).result == "nothing"
    # Nor does it become free when that entry is thrown away.
    Trash(bench.paths, store).discard(done.id, now().date())
    assert (await reconciler.look(entry.id)).result == "nothing"


async def test_what_another_entry_may_have_made_is_not_guessed(
    bench: Bench, demo: Demo, reconciler: Reconciler, prompt: str
) -> None:
    done = await bench.run(demo.settings("ok-b64"), prompt)
    assert done.status == "done"
    entry = await lost(bench, demo, prompt, "close-early")
    assert (await reconciler.look(entry.id)).result == "ambiguous"


async def test_where_the_clock_was_wrong_a_picture_that_is_here_is_not_adopted_once_more(
    bench: Bench, demo: Demo, reconciler: Reconciler, prompt: str, store: HistoryStore
) -> None:
    behind = timedelta(minutes=14)
    done = await bench.run(demo.settings("ok-b64"), prompt)
    entry = await lost(bench, demo, prompt, "close-early")
    for each in (done, entry):
        known = each.response
        assert known is not None
        assert known.sent is not None
        received = known.received - behind if known.received else None
        response = replace(known, sent=known.sent - behind, received=received)
        store.write(replace(each, response=response))
    assert (await reconciler.look(entry.id)).result == "ambiguous"


async def test_a_job_that_was_killed_is_found_and_one_that_runs_is_left(
    bench: Bench, demo: Demo, reconciler: Reconciler, prompt: str, store: HistoryStore
) -> None:
    entry = await lost(bench, demo, prompt)
    running = replace(entry, status="running", error=None)
    store.write(running)
    lock = store.locks.take(entry.id)
    assert lock is not None
    assert not is_lost(running, store.locks)
    assert (await reconciler.look(entry.id)).result == "busy"
    assert (await reconciler.give_up(entry.id)).result == "busy"
    assert store.read(entry.id) == running
    lock.release()
    assert is_lost(running, store.locks)
    check_found(bench, await reconciler.look(entry.id))


async def test_a_job_that_was_killed_and_left_nothing_is_unknown(
    bench: Bench, reconciler: Reconciler, prompt: str, store: HistoryStore
) -> None:
    entry = new_entry(GenerationRequest("demo", bench.card.id, prompt, {"size": "1k"}), bench.card)
    store.write(replace(entry, status="running", response=Response(sent=now())))
    look = await reconciler.look(entry.id)
    assert (look.result, look.entry.status) == ("nothing", "unknown")
    assert look.entry.error is not None
    assert look.entry.error.charged == "maybe"
    assert "charged" in look.text
    look = await reconciler.give_up(entry.id)
    assert (look.result, look.entry.status) == ("given_up", "failed")
    assert store.read(entry.id) == look.entry
    assert (await reconciler.look(entry.id)).result == "settled"
    assert (await reconciler.give_up(entry.id)).result == "settled"
    assert (await reconciler.look(entry.id, again=True)).result == "nothing"


async def test_what_was_never_sent_is_not_looked_for(
    bench: Bench, reconciler: Reconciler, prompt: str, store: HistoryStore
) -> None:
    entry = new_entry(GenerationRequest("demo", bench.card.id, prompt, {"size": "1k"}), bench.card)
    store.write(entry)
    assert not is_lost(entry, store.locks)
    assert (await reconciler.look(entry.id)).result == "settled"


@pytest.mark.parametrize("kind", ["list-404", "list-405"])
async def test_an_endpoint_without_a_list_ends_it(
    bench: Bench, demo: Demo, paths: Paths, store: HistoryStore, prompt: str, kind: str
) -> None:
    entry = await lost(bench, demo, prompt)
    look = await reconciling(demo.settings(kind), paths, store).look(entry.id)
    assert look.result == "no_listing"
    assert "charged" in look.text
    assert store.read(entry.id) == entry


@pytest.mark.parametrize("kind", ["list-500", "list-reset", "list-garbage", "list-hang"])
async def test_a_list_that_does_not_come_changes_nothing(
    bench: Bench, demo: Demo, paths: Paths, store: HistoryStore, prompt: str, kind: str,
    monkeypatch: pytest.MonkeyPatch, reconciler: Reconciler,
) -> None:  # fmt: skip
    monkeypatch.setattr("tui.api.client.LISTING_DEADLINE", 0.5 if kind == "list-hang" else 60.0)
    entry = await lost(bench, demo, prompt)
    look = await reconciling(demo.settings(kind), paths, store).look(entry.id)
    assert look.result == "no_answer"
    assert store.read(entry.id) == entry
    monkeypatch.undo()
    check_found(bench, await reconciler.look(entry.id))


@pytest.mark.parametrize("kind", ["list-three-pages", "list-odd"])
async def test_in_lists_of_other_things_nothing_is_found(
    bench: Bench, demo: Demo, paths: Paths, store: HistoryStore, prompt: str, kind: str
) -> None:
    entry = await lost(bench, demo, prompt)
    look = await reconciling(demo.settings(kind), paths, store).look(entry.id)
    assert look.result == "nothing"
    assert store.read(entry.id) == entry


@pytest.mark.parametrize("kind", ["list-no-urls", "list-forever"])
async def test_odd_lists_are_read_all_the_same(
    bench: Bench, demo: Demo, paths: Paths, store: HistoryStore, prompt: str, kind: str
) -> None:
    entry = await lost(bench, demo, prompt)
    check_found(bench, await reconciling(demo.settings(kind), paths, store).look(entry.id))


@pytest.mark.parametrize("kind", ["content-404", "content-not-ready"])
async def test_without_content_the_listed_address_will_do(
    bench: Bench, demo: Demo, paths: Paths, store: HistoryStore, prompt: str, kind: str
) -> None:
    entry = await lost(bench, demo, prompt)
    check_found(bench, await reconciling(demo.settings(kind), paths, store).look(entry.id))


@pytest.mark.parametrize("kind", ["download-404", "download-reset", "download-html"])
async def test_a_picture_that_does_not_come_is_kept_for_later(
    bench: Bench, demo: Demo, paths: Paths, store: HistoryStore, prompt: str, kind: str,
    reconciler: Reconciler,
) -> None:  # fmt: skip
    entry = await lost(bench, demo, prompt)
    look = await reconciling(demo.settings(kind), paths, store).look(entry.id)
    assert (look.result, look.entry.status) == ("no_answer", "unknown")
    assert store.read(entry.id).response.records  # type: ignore[union-attr]
    # It is claimed: another that asked for the same does not take it away.
    other = await lost(bench, demo, prompt, "close-early")
    assert (await reconciler.look(other.id)).result == "nothing"
    assert (await reconciler.look(entry.id)).result == "adopted"


async def test_of_several_pictures_as_many_as_there_are_records_come_back(
    bench: Bench, demo: Demo, reconciler: Reconciler, prompt: str
) -> None:
    entry = await lost(bench, demo, prompt, n=3)
    look = await reconciler.look(entry.id)
    assert (look.result, look.entry.status, len(look.entry.images)) == ("adopted", "partial", 1)
    assert "1 of 3" in look.text
    assert "1 of 3" in look.entry.response.notes[-1]  # type: ignore[union-attr]


async def test_pictures_whose_addresses_are_known_all_come_back(
    bench: Bench, demo: Demo, reconciler: Reconciler, prompt: str, store: HistoryStore
) -> None:
    done = await bench.run(demo.settings(), prompt, n=3)
    assert len(done.images) == 3
    for image in done.images[1:]:
        store.absolute(image.file).unlink()
    store.write(replace(done, status="running", images=done.images[:1]))
    look = await reconciler.look(done.id)
    check_found(bench, look, images=3)
    assert [image.sha256 for image in look.entry.images] == [i.sha256 for i in done.images]


async def test_a_picture_on_the_disk_is_not_fetched_again(
    bench: Bench, demo: Demo, reconciler: Reconciler, prompt: str, store: HistoryStore
) -> None:
    done = await bench.run(demo.settings("ok-b64"), prompt)
    store.write(replace(done, status="running", images=()))
    look = await reconciler.look(done.id)
    check_found(bench, look)
    assert look.entry.images[0].sha256 == done.images[0].sha256


async def test_a_picture_that_came_whole_and_was_not_named_any_more_is_kept(
    bench: Bench, demo: Demo, reconciler: Reconciler, prompt: str, store: HistoryStore
) -> None:
    done = await bench.run(demo.settings("ok-b64"), prompt, n=3)
    files = [store.absolute(image.file) for image in done.images]
    files[1].rename(files[1].with_name(f"{done.id}-2.answer.part"))
    # One came in part, and one is there twice.
    files[2].with_name(f"{done.id}-3.part").write_bytes(files[2].read_bytes())
    files[0].with_name(f"{done.id}-4.part").write_bytes(files[0].read_bytes()[:-9])
    store.write(replace(done, status="running", images=done.images[:1]))
    look = await reconciler.look(done.id)
    assert (look.result, look.entry.status) == ("adopted", "done")
    assert [image.sha256 for image in look.entry.images] == [i.sha256 for i in done.images]
    assert [path.name[-7:] for path in sorted(bench.files(".part"))] == ["-3.part", "-4.part"]


@pytest.mark.parametrize(("off", "result"), [(-50, "adopted"), (-7200, "ambiguous"),
                                             (3000, "adopted"), (7200, "ambiguous")])  # fmt: skip
async def test_clocks_may_differ_a_little_and_more_is_asked_about(
    bench: Bench, demo: Demo, reconciler: Reconciler, prompt: str, store: HistoryStore,
    off: int, result: str,
) -> None:  # fmt: skip
    entry = await lost(bench, demo, prompt)
    response = entry.response
    assert response is not None
    assert response.sent is not None
    sent = response.sent - timedelta(seconds=off)
    store.write(replace(entry, response=replace(response, sent=sent)))
    look = await reconciler.look(entry.id)
    assert look.result == result
    if result == "ambiguous":
        check_found(bench, await reconciler.look(entry.id, (look.candidates[0].id,)))


async def test_what_the_user_changed_meanwhile_stays(
    bench: Bench, demo: Demo, reconciler: Reconciler, prompt: str, store: HistoryStore
) -> None:
    entry = await lost(bench, demo, prompt)
    store.write(replace(entry, starred=True, note="mine", unknown={"later": 1}))
    look = await reconciler.look(entry.id)
    assert (look.entry.starred, look.entry.note, look.entry.unknown) == (True, "mine", {"later": 1})


PROGRAM = """
import asyncio, itertools, os, signal, sys
from pathlib import Path
from tests.api.origins import canary
from tui.api.client import ImagesClient
from tui.config import EndpointSettings
from tui.generation import record_search, saving
from tui.generation.reconcile import Reconciler
from tui.history.store import HistoryStore
from tui.paths import Paths

home, url, entry_id, moment = Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4])
moments = itertools.count(1)

def passing():
    if next(moments) == moment:
        os.kill(os.getpid(), signal.SIGKILL)

def killing(holder, name):
    inner = getattr(holder, name)
    def call(*arguments, **more):
        passing()
        given = inner(*arguments, **more)
        passing()
        return given
    setattr(holder, name, call)

killing(saving, "rename_durably")
killing(HistoryStore, "change")
killing(ImagesClient, "records")

async def main():
    async def open_client(name):
        return ImagesClient(EndpointSettings(base_url=url), canary())
    paths = Paths(home, home, home)
    look = await Reconciler(paths, HistoryStore(paths), open_client).look(entry_id)
    print(look.result, flush=True)

asyncio.run(main())
"""


def looking(paths: Paths, demo: Demo, entry: Entry, moment: int = 0) -> subprocess.Popen[str]:
    """A process of its own that looks for `entry`, and is killed at a moment, counted from 1."""
    arguments = [str(paths.data), demo.base_url, entry.id, str(moment)]
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *arguments],
        stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": os.getcwd()},
    )  # fmt: skip


async def test_killed_at_any_moment_it_is_taken_up_again(
    bench: Bench, demo: Demo, paths: Paths, reconciler: Reconciler, prompt: str
) -> None:
    records = set()
    for moment in range(1, 100):
        entry = await lost(bench, demo, f"{prompt} {moment}")
        process = looking(paths, demo, entry, moment)
        said, _ = await asyncio.to_thread(process.communicate)
        if process.returncode == 0:
            break
        assert process.returncode == -signal.SIGKILL
        look = await reconciler.look(entry.id)
        if look.result == "settled":
            assert look.entry.status == "done"
        else:
            check_found(bench, look)
        (image,) = look.entry.images
        assert not (image.record and image.record in records)
        records.add(image.record)
        assert len(bench.files(".jpg")) + len(bench.files(".png")) == moment
    assert said == "adopted\n"
    assert moment > 8
    assert CANARY not in said


async def test_two_processes_at_once_adopt_it_once(
    bench: Bench, demo: Demo, paths: Paths, prompt: str, store: HistoryStore
) -> None:
    entry = await lost(bench, demo, prompt)
    both = [looking(paths, demo, entry) for _ in range(2)]
    said = sorted([(await asyncio.to_thread(each.communicate))[0].strip() for each in both])
    assert "adopted" in said
    assert set(said) <= {"adopted", "busy", "settled"}
    assert said.count("adopted") == 1
    entry = store.read(entry.id)
    assert (entry.status, len(entry.images)) == ("done", 1)
    assert len(entry.response.notes) == 1  # type: ignore[union-attr]


async def test_a_job_that_another_process_has_sent_is_not_sent_again(
    bench: Bench, demo: Demo, prompt: str, store: HistoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tui.generation import run

    monkeypatch.setattr(run, "PATIENCE", 0.0)
    request = GenerationRequest("demo", bench.card.id, prompt, {"size": "1k"})
    entry = new_entry(request, bench.card)
    store.write(entry)
    states: list[Entry] = []

    async def open_client(name: str) -> ImagesClient:
        return ImagesClient(demo.settings(), canary())

    lock = store.locks.take(entry.id)
    assert lock is not None
    await run.run_job(entry, open_client, store, states.append)
    assert demo.traffic.posts_by_prompt[prompt] == 0
    lock.release()
    done = await run.run_job(entry, open_client, store, states.append)
    assert done.status == "done"
    assert await run.run_job(entry, open_client, store, states.append) == done
    assert demo.traffic.posts_by_prompt[prompt] == 1
