"""darkroom images: the endpoint's records on the command line, and from one home into another."""

from __future__ import annotations

import json
import os
import signal
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli.conftest import KEY, QUICK, Home, Run, on_terminal
from tests.cli.servers import scripted
from tests.demo.conftest import running
from tests.generation.records import Shelf, unsettled
from tui.demo.server import demo_app


@dataclass
class Server:
    """The demo endpoint on a loopback port, with its records and what it was asked."""

    url: str
    shelf: Shelf
    requests: Counter[str]

    @property
    def downloads(self) -> int:
        return sum(n for what, n in self.requests.items() if what.endswith("/content"))


@pytest.fixture
def server(home: Home, tmp_path: Path) -> Iterator[Server]:
    """The endpoint in use."""
    with unsettled(), running(app := demo_app(tmp_path / "server")) as origin:
        home.use(f"{origin}/v1")
        shelf = Shelf(tmp_path / "server", KEY)
        yield Server(f"{origin}/v1", shelf, app.state.traffic.requests)


def test_records_are_listed_with_their_entries(home: Home, run: Run, server: Server) -> None:
    nothing = run("images")
    assert (nothing.code, nothing.out, nothing.complaints) == (0, "", ["studio has no records"])
    failed = server.shelf.put("owl", error="The \x1b[31mserver had an error.")
    missing = server.shelf.put("a fox in the \x1b[31msnow")
    assert run("generate", "a hare", *QUICK).code == 0
    listed = run("images", "--limit", "2")
    assert listed.code == 0
    first, second = listed.out.splitlines()
    assert home.entry.id in first
    assert missing in second
    assert "not in history" in second
    assert listed.complaints == ["2 records; there are older ones, which --all lists"]
    documents = [json.loads(line) for line in run("images", "--json", "--all").out.splitlines()]
    assert [each["entry"] for each in documents] == [home.entry.id, None, None]
    assert [each["certain"] for each in documents] == [True, None, None]
    assert (documents[2]["id"], documents[2]["status"]) == (failed, "failed")
    assert home.entry.images[0].record == documents[0]["id"], "it knows its record from now on"
    text = run("images", "list", "--all")
    assert "\x1b" not in text.out
    assert "server had an error" in text.out
    assert KEY not in text.out + text.err


def test_one_home_has_what_was_made_in_another(
    home: Home, run: Run, server: Server, tmp_path: Path
) -> None:
    for prompt in ("a fox", "ein Füchslein 🦊", "a fox"):
        assert run("generate", prompt, *QUICK).code == 0
    other = Home(tmp_path / "other")
    other.use(server.url)
    made = {(entry.prompt, entry.images[0].sha256) for entry in home.entries}
    for _ in range(2):
        adopted = other.run("images", "adopt", "--all")
        assert adopted.code == 0, adopted.err
        assert {(entry.prompt, entry.images[0].sha256) for entry in other.entries} == made
        assert len(other.entries) == 3
        assert server.downloads == 3, "nothing is fetched twice"
    assert adopted.out == ""
    assert "nothing is missing" in adopted.err
    for entry in other.entries:
        path = other.store.absolute(entry.images[0].file)
        theirs = [each for each in home.entries if each.images[0].sha256 == entry.images[0].sha256]
        assert path.read_bytes() == home.store.absolute(theirs[0].images[0].file).read_bytes()
    # What history has is copied from there.
    folder = tmp_path / "pictures"
    folder.mkdir()
    downloaded = other.run("images", "download", "--all", "-o", str(folder))
    assert downloaded.code == 0, downloaded.err
    assert sorted(map(str, folder.iterdir())) == sorted(downloaded.out.splitlines())
    assert len(list(folder.iterdir())) == 3
    assert other.run("images", "download", "--all", "-o", str(folder)).out == ""
    assert server.downloads == 3


def test_an_adoption_that_is_killed_is_gone_on_with(home: Home, run: Run, server: Server) -> None:
    ids = {server.shelf.put(f"fox {number}") for number in range(30)}
    with home.started("images", "adopt", "--all") as process:
        assert process.stdout is not None
        process.stdout.readline()
        os.kill(process.pid, signal.SIGKILL)
    ended = [entry for entry in home.entries if entry.status == "done"]
    before = server.downloads
    assert len(ended) < 30
    finished = run("images", "adopt", "--all", "--json")
    assert finished.code == 0, finished.err
    assert len(home.entries) == 30
    assert {entry.status for entry in home.entries} == {"done"}
    assert {entry.images[0].record for entry in home.entries} == ids
    assert server.downloads <= before + 30 - len(ended)
    results = [json.loads(line)["result"] for line in finished.out.splitlines()]
    assert set(results) == {"adopted"}
    assert run("history", "check").code == 0


def test_records_are_adopted_by_their_ids(home: Home, run: Run, server: Server) -> None:
    record_id = server.shelf.put("a fox")
    failed = server.shelf.put("an owl", error="no")
    adopted = run("images", "adopt", record_id, failed, "img_none")
    assert adopted.code == 1
    entries = {entry.status: entry for entry in home.entries}
    path = home.store.absolute(entries["done"].images[0].file)
    assert sorted(adopted.out.splitlines()) == sorted(
        [f"{entries['done'].id}  {path}", entries["failed"].id]
    )
    assert "lists no record img_none" in adopted.err
    again = run("images", "adopt", record_id)
    assert again.code == 0
    assert again.complaints == [f"{record_id}: It is that of entry {entries['done'].id}."]
    assert len(home.entries) == 2


def test_a_picture_is_downloaded_under_the_name_it_is_given(
    home: Home, run: Run, server: Server, tmp_path: Path
) -> None:
    record_id = server.shelf.put("a fox")
    target = tmp_path / "fox.png"
    finished = run("images", "download", record_id, "-o", str(target))
    assert (finished.code, finished.out) == (0, f"{target}\n")
    assert target.read_bytes().startswith(b"\x89PNG")
    assert home.entries == ()
    again = run("images", "download", record_id, "-o", str(target))
    assert (again.code, again.complaints) == (2, [f"{target} exists"])
    assert run("images", "download", record_id, "-o", f"{tmp_path}/none/").code == 2


def test_records_are_deleted_after_a_question(home: Home, run: Run, server: Server) -> None:
    first, second, third = (server.shelf.put(f"fox {number}") for number in range(3))
    assert run("images", "adopt", first).code == 0
    for arguments in ([first], ["--all"], []):
        refused = run("images", "delete", *arguments)
        assert (refused.code, refused.out) == (2, "")
    terminal = on_terminal(home, "images", "delete", first, second)
    terminal.wait_for(b"Delete?")
    terminal.send(b"n\n")
    assert terminal.finish() == 1
    assert len(server.shelf.ids) == 3
    deleted = run("images", "delete", first, second, "--yes")
    assert deleted.code == 0
    assert deleted.out.endswith(f"{first}\n{second}\n")
    assert "1 picture is nowhere else" in deleted.err
    assert server.shelf.ids == [third]
    response = home.entry.response
    assert response is not None
    assert response.removed == (first,)
    assert home.store.absolute(home.entry.images[0].file).is_file()
    assert run("images", "delete", "--all", "--yes").code == 0
    assert server.shelf.ids == []


def test_what_the_endpoint_does_not_do_is_said(home: Home, run: Run) -> None:
    for status, code, said in (
        (404, 1, "keeps no list"), (405, 1, "keeps no list"), (401, 3, "key"), (500, 1, "no such"),
    ):  # fmt: skip
        error = {"error": {"message": "no such thing", "type": "x"}}
        with scripted(lambda *_, status=status, error=error: (status, error)) as endpoint:  # type: ignore[misc]
            home.use(endpoint.base_url)
            finished = run("images")
            assert (finished.code, finished.out) == (code, "")
            assert said in finished.err
    assert run("images", "adopt").code == 2
    assert run("images", "frobnicate").code == 2
