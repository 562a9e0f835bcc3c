"""darkroom jobs and reconcile: what waits or is unknown is listed, and lost pictures are found."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.cli.conftest import KEY, QUICK, Home, Run
from tests.cli.servers import served
from tui.history.entry import Entry, Failure, Response, new_id, now

PROMPT = "a fox in the \x1b[31msnow"


@pytest.fixture
def losing(home: Home, tmp_path: Path) -> Iterator[str]:
    """The endpoint in use loses every answer after it has made the picture."""
    with served(tmp_path / "server", "--fault", "close") as url:
        home.use(url)
        yield url


def unknown(home: Home, **changes: object) -> Entry:
    """An entry on the disk that was sent, and whose answer was lost."""
    at = now()
    entry = Entry(
        id=new_id(at), created=at, status="unknown", endpoint="studio", model="kling-image-o1",
        prompt=PROMPT, response=Response(sent=at), parameters={"size": "1k"},
        error=Failure("unknown_outcome", "No answer came.", charged="maybe"),
    )  # fmt: skip
    entry = replace(entry, **changes)
    home.store.write(entry)
    return entry


def test_a_lost_picture_is_found(home: Home, run: Run, losing: str) -> None:
    assert run("generate", PROMPT, *QUICK).code == 4
    entry = home.entry
    jobs = run("jobs")
    assert (jobs.code, jobs.complaints[0]) == (0, "1 unknown")
    assert entry.id in jobs.out
    assert "\x1b" not in jobs.out
    finished = run("reconcile")
    assert finished.code == 0, finished.err
    (image,) = home.entry.images
    assert finished.out == f"{home.store.absolute(image.file)}\n"
    assert home.entry.status == "done"
    assert finished.complaints == [f"{entry.id}: Found afterwards in the endpoint's records."]
    assert run("jobs").complaints == ["nothing waits, runs or is unknown"]
    again = run("reconcile")
    assert (again.code, again.out) == (0, "")
    assert again.complaints == ["no entry's outcome is unknown"]
    again = run("reconcile", entry.id)
    assert (again.code, again.out) == (0, "")
    assert "nothing to look for" in again.err
    assert KEY not in jobs.out + jobs.err + finished.out + finished.err


def test_what_may_be_meant_is_listed_and_chosen(home: Home, run: Run, losing: str) -> None:
    for size in ("1k", "2k"):
        assert run("generate", PROMPT, "-m", "kling-image-o1", "-p", f"size={size}").code == 4
    newest, oldest = home.entries
    finished = run("reconcile", newest.id, "--json")
    assert finished.code == 4
    document = json.loads(finished.out)
    assert (document["result"], document["entry"]["id"]) == ("ambiguous", newest.id)
    first, second = (record["id"] for record in document["candidates"])
    listed = run("reconcile", newest.id)
    assert (listed.code, listed.out) == (4, "")
    assert "\x1b" not in listed.err
    assert f"darkroom reconcile {newest.id} --adopt RECORD" in listed.complaints[0]
    assert [line.split()[0] for line in listed.complaints[1:]] == [first, second]
    assert run("reconcile", newest.id, "--adopt", "img_none").code == 2
    chosen = run("reconcile", newest.id, "--adopt", second)
    assert chosen.code == 0, chosen.err
    taken = run("reconcile", oldest.id, "--adopt", second)
    assert (taken.code, taken.out) == (2, "")
    assert "another entry's" in taken.err
    assert run("reconcile").code == 0
    assert [entry.images[0].record for entry in home.entries] == [second, first]


def test_what_is_not_found_is_said_and_given_up(home: Home, run: Run, losing: str) -> None:
    entry = unknown(home)
    finished = run("reconcile")
    assert (finished.code, finished.out) == (4, "")
    assert "may have been made and charged" in finished.err
    assert f"darkroom generate --from {entry.id}" in finished.err
    assert home.entry == entry
    finished = run("reconcile", entry.id, "--give-up", "--json")
    assert finished.code == 0, finished.err
    assert json.loads(finished.out)["result"] == "given_up"
    assert (home.entry.status, home.entry.error and home.entry.error.charged) == ("failed", "maybe")
    assert run("reconcile").complaints == ["no entry's outcome is unknown"]
    assert run("reconcile", entry.id).code == 4


def test_an_endpoint_without_a_list_says_so(home: Home, run: Run, tmp_path: Path) -> None:
    with served(tmp_path / "server", "--fault", "list-404") as url:
        home.use(url)
        unknown(home)
        finished = run("reconcile")
    assert finished.code == 4
    assert "keeps no list" in finished.err


def test_an_endpoint_that_is_gone_leaves_it_unknown(home: Home, run: Run) -> None:
    home.use("http://127.0.0.1:9/v1")
    entry = unknown(home)
    other = unknown(home, endpoint="nowhere")
    finished = run("reconcile")
    assert finished.code == 4
    assert [line.partition(":")[0] for line in finished.complaints] == sorted([entry.id, other.id])
    assert sorted(entry.id for entry in home.entries) == sorted([entry.id, other.id])
    assert {entry.status for entry in home.entries} == {"unknown"}


def test_jobs_by_their_states(home: Home, run: Run) -> None:
    home.folder.mkdir()
    queued = unknown(home, status="queued", response=None, error=None)
    running = unknown(home, status="running", error=None)
    left = unknown(home, status="running", error=None)
    lost = unknown(home)
    unknown(home, status="done", error=None)
    lock = home.store.locks.take(running.id)
    assert lock is not None
    try:
        finished = run("jobs", "--json")
    finally:
        lock.release()
    states = {found["id"]: found["state"] for found in map(json.loads, finished.out.splitlines())}
    assert states == {
        queued.id: "waits", running.id: "runs", left.id: "unknown", lost.id: "unknown",
    }  # fmt: skip
    assert finished.complaints[0] == "1 waits, 1 runs, 2 unknown"


@pytest.mark.parametrize(
    "arguments",
    [("--give-up",), ("--adopt", "img_1"), ("one", "two", "--adopt", "img_1"), ("nothing",),
     ("one", "--adopt", "img_1", "--give-up")],
)  # fmt: skip
def test_wrong_usage_changes_nothing(home: Home, run: Run, arguments: tuple[str, ...]) -> None:
    home.folder.mkdir()
    entry = unknown(home)
    finished = run("reconcile", *arguments)
    assert (finished.code, finished.out) == (2, "")
    assert home.entry == entry
