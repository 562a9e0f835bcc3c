"""darkroom history: marks, the trash, and history out and in."""

from __future__ import annotations

import csv
import json
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.cli.conftest import Home, Run
from tests.history.entries import CREATED, DONE, at
from tests.history.test_transfer import contents, put
from tui.history.entry import Entry, EntryImage


@pytest.fixture
def entries(home: Home) -> list[Entry]:
    """Three entries, newest first, the first with a picture."""
    prompts = ["a fox in the snow", "an owl", "=a formula"]
    made = [
        replace(
            at(CREATED - timedelta(seconds=n), n),
            prompt=prompt,
            tags=("old",),
            images=(),
            references=(),
        )
        for n, prompt in enumerate(prompts)
    ]
    name = home.store.image_name(made[0].id, 1, "png")
    put(home.store, name, b"x")
    digest = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"
    made[0] = replace(made[0], images=(EntryImage(name, digest, 1, 8, 8, "png"),))
    for entry in made:
        home.store.write(entry)
    return made


def test_queries_find_by_fields_too(run: Run, entries: list[Entry]) -> None:
    run("history", "star", entries[1].id)
    lines = run("history", "star:", "!fox").out.splitlines()
    assert [line.split()[1] for line in lines] == [entries[1].id]
    finished = run("history", "seed:many", "owl")
    assert [line.split()[1] for line in finished.out.splitlines()] == [entries[1].id]
    assert finished.complaints == ["seed:many cannot be read; write 42, 100-200, >7."]


def test_marks_are_made_and_taken_away(home: Home, run: Run, entries: list[Entry]) -> None:
    entry_id = entries[0].id
    run("history", "tag", entry_id, "night", " poster ", "night")
    run("history", "rate", entry_id, "4")
    run("history", "note", entry_id, "for the wall")
    document = json.loads(run("history", "star", entry_id, "--json").out)
    assert document["starred"] is True
    entry = home.store.read(entry_id)
    assert (*entry.tags, entry.rating, entry.note, entry.starred) == (
        *entries[0].tags, "night", "poster", 4, "for the wall", True,
    )  # fmt: skip
    assert run("history", "tag", entry_id).out.split() == [*entries[0].tags, "night", "poster"]
    run("history", "tag", entry_id, "--remove", "night", "--remove", entries[0].tags[0])
    run("history", "rate", entry_id, "0")
    run("history", "note", entry_id, "-", stdin=b"from a pipe\n")
    entry = home.store.read(entry_id)
    assert (entry.tags, entry.rating, entry.note) == (("poster",), 0, "from a pipe")
    assert run("history", "rate", entry_id, "6").code == 2
    assert run("history", "tag", entry_id, " ").code == 2
    assert run("history", "tag", "ffffff", "x").code == 2


def test_what_is_removed_comes_back(home: Home, run: Run, entries: list[Entry]) -> None:
    before = contents(home.folder)
    first, second, third = entries
    finished = run("history", "rm", first.id, second.id, first.id)
    assert finished.code == 0
    assert [line.split()[1] for line in finished.out.splitlines()] == [first.id, second.id]
    assert home.entry == third
    assert run("history", "fox").out == ""
    listed = run("history", "trash")
    assert [line.split()[1] for line in listed.out.splitlines()] == [first.id, second.id]
    (document, _) = map(json.loads, run("history", "trash", "--json").out.splitlines())
    assert document["discarded"]
    assert run("history", "restore", first.id, second.id).code == 0
    after = contents(home.folder)
    assert {name: after[name] for name in before} == before
    assert run("history", "restore", first.id).code == 2
    assert run("history", "trash").complaints == [f"nothing in {home.folder}/trash"]


def test_the_trash_is_emptied_when_that_is_said(home: Home, run: Run, entries: list[Entry]) -> None:
    run("history", "rm", entries[0].id)
    assert run("history", "trash", "--older-than", "3").code == 2
    finished = run("history", "trash", "--empty", "--older-than", "30")
    assert finished.complaints == ["0 entries removed for good"]
    finished = run("history", "trash", "--empty")
    assert finished.complaints == ["1 entry removed for good"]
    assert run("history", "restore", entries[0].id).code == 2
    assert len(home.entries) == 2


def test_a_job_under_way_is_not_thrown_away(home: Home, run: Run) -> None:
    home.store.write(replace(DONE, status="running"))
    finished = run("history", "rm", DONE.id)
    assert finished.code == 1
    assert finished.complaints == [f"{DONE.id} is running; nothing was moved"]
    assert home.entry.id == DONE.id


@pytest.mark.parametrize("name", ["out", "out.zip"])
def test_history_goes_out_and_comes_in(
    home: Home, run: Run, entries: list[Entry], tmp_path: Path, name: str
) -> None:
    target = tmp_path / name
    finished = run("history", "export", str(target), "fox")
    assert finished.complaints == [f"1 entry, 1 file written to {target}"]
    assert run("history", "export", str(target)).code == 2
    run("history", "rm", entries[0].id)
    finished = run("history", "import", str(target))
    assert (finished.code, finished.complaints) == (0, ["1 new entry, 1 file, 0 known already"])
    assert list(home.entries) == entries
    finished = run("history", "import", str(target))
    assert finished.complaints == ["0 new entries, 0 files, 1 known already"]
    assert run("history", "import", str(tmp_path / "nowhere")).code == 2


def test_facts_go_out_as_lines_of_json_or_csv(
    run: Run, entries: list[Entry], tmp_path: Path
) -> None:
    printed = run("history", "export", "-").out.splitlines()
    assert [json.loads(line)["id"] for line in printed] == [entry.id for entry in entries]
    target = tmp_path / "facts.jsonl"
    assert run("history", "export", str(target), "owl").code == 0
    assert json.loads(target.read_text())["prompt"] == "an owl"
    table = tmp_path / "facts.csv"
    assert run("history", "export", str(table)).code == 0
    with table.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["id"] for row in rows] == [entry.id for entry in entries]
    assert rows[0]["width"] == "8"
    # No spreadsheet takes it for a formula.
    assert rows[2]["prompt"] == "'=a formula"
    assert run("history", "export", str(table)).code == 2


def test_the_index_is_made_anew(home: Home, run: Run, entries: list[Entry]) -> None:
    run("history", "fox")
    index = home.folder / "index.db"
    index.write_bytes(b"noise" * 1000)
    assert len(run("history", "fox").out.splitlines()) == 1
    finished = run("history", "reindex")
    assert finished.complaints == [f"{len(entries)} entries in {index}"]


def test_a_cache_that_cannot_be_written_does_not_keep_from_searching(
    home: Home, run: Run, entries: list[Entry]
) -> None:
    (home.folder / "index.db").mkdir()
    (line,) = run("history", "owl").out.splitlines()
    assert entries[1].id in line
