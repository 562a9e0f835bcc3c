"""darkroom history: listing, searching, showing and starring."""

from __future__ import annotations

import hashlib
import json
from contextlib import closing
from datetime import timedelta

import pytest
from msgspec.structs import replace

from tests.cli.conftest import Home, Run, on_terminal
from tests.history.entries import CREATED, DONE, EXAMPLE, FAILED, at
from tui.history.entry import Entry, EntryImage, EntryReference, new_id, now
from tui.history.store import HistoryStore

HOSTILE = "a fox\n\x1b[31m\x9b2J \u202egnp.xof\x07"


def _written(store: HistoryStore, *entries: Entry) -> None:
    for entry in entries:
        store.write(entry)


def _with_files(store: HistoryStore, contents: bytes = b"picture") -> Entry:
    """An entry on the disk, its picture and its reference beside it."""
    sha256 = hashlib.sha256(contents).hexdigest()
    image = EntryImage("images/fox.png", sha256, len(contents), 8, 8, "png")
    reference = EntryReference("sketch.png", sha256, "images/references/sketch.png")
    entry = replace(DONE, images=(image,), references=(reference,))
    for file in (image.file, reference.file):
        path = store.absolute(file)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(contents)
    store.write(entry)
    return entry


def test_entries_are_listed_newest_first_a_line_each(home: Home, run: Run) -> None:
    created = now()
    older = replace(
        DONE,
        id=new_id(created - timedelta(hours=3)),
        prompt="an owl " * 30,
        created=created - timedelta(hours=3),
        starred=True,
    )
    newer = replace(FAILED, id=new_id(created), created=created, prompt="a fox\nin the snow")
    _written(home.store, older, newer)
    finished = run("history")
    assert (finished.code, finished.err) == (0, "")
    assert finished.out.splitlines() == [
        f"✕ {newer.id}   now  refused by filter       a fox in the snow",
        f"★ {older.id}    3h  seedream-4.5            {('an owl ' * 30).strip()}",
    ]


def test_a_line_fits_the_terminal(home: Home) -> None:
    _written(home.store, replace(DONE, prompt="a fox in the snow " * 10))
    with closing(on_terminal(home, "history")) as terminal:
        assert terminal.finish() == 0
    (line,) = terminal.written.decode().splitlines()
    assert len(line) == 80
    assert line.endswith("…")


def test_twenty_are_listed_unless_another_limit_is_given(home: Home, run: Run) -> None:
    entries = [at(CREATED + timedelta(seconds=number)) for number in range(22)]
    _written(home.store, *entries)
    assert len(run("history").out.splitlines()) == 20
    assert len(run("history", "--limit", "22").out.splitlines()) == 22
    (line,) = run("history", "lighthouse", "--limit", "1").out.splitlines()
    assert entries[-1].id in line
    assert run("history", "--limit", "0").code == 2


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (["fox"], "fox owl"),
        (["FOX", "owl"], "owl"),
        (["owl fox"], "owl"),
        (["kling"], "crab"),
        (["list", "show"], "show"),
        (["with", "check"], "show"),
        (["zebra"], ""),
    ],
)
def test_a_query_is_words_of_prompt_or_model(
    home: Home, run: Run, query: list[str], found: str
) -> None:
    prompts = {
        "fox": "A Fox",
        "owl": "a fox and an owl",
        "crab": "a crab",
        "show": "a show with a check",
    }
    for number, (name, prompt) in enumerate(prompts.items()):
        model = "kling-image-o1" if name == "crab" else "seedream-4.5"
        entry = at(CREATED - timedelta(seconds=number))
        _written(home.store, replace(entry, prompt=prompt, model=model))
    finished = run("history", *query, "--json")
    assert finished.code == 0
    documents = [json.loads(line) for line in finished.out.splitlines()]
    assert [document["prompt"] for document in documents] == [
        prompts[name] for name in found.split()
    ]


def test_a_verb_can_be_searched_for(home: Home, run: Run) -> None:
    shown = replace(DONE, prompt="a show")
    _written(home.store, shown, replace(at(CREATED, 7), prompt="a fox"))
    (line,) = run("history", "--", "show").out.splitlines()
    assert shown.id in line


def test_an_empty_listing_says_where_it_looked(home: Home, run: Run) -> None:
    finished = run("history")
    assert (finished.code, finished.out) == (0, "")
    assert finished.complaints == [f"no entry in {home.folder}/history"]
    _written(home.store, DONE)
    finished = run("history", "zebra")
    assert finished.complaints == [f"no entry in {home.folder}/history is as asked"]


def test_reading_writes_nothing(home: Home, run: Run) -> None:
    for command in (["history"], ["history", "show", "4f2a9c"], ["history", "check"]):
        run(*command)
    assert not home.folder.exists()


def test_json_is_one_object_a_line_whatever_the_prompt_holds(home: Home, run: Run) -> None:
    _written(home.store, replace(DONE, prompt=HOSTILE), at(CREATED - timedelta(days=1)))
    finished = run("history", "--json")
    first, second = finished.out.splitlines()
    assert json.loads(first)["prompt"] == HOSTILE
    assert json.loads(first)["starred"] is False
    assert json.loads(second)["prompt"] == DONE.prompt
    assert not set("\x1b\x9b\u202e\x07") & set(finished.out)
    _written(home.store, replace(DONE, prompt="端雪"))
    assert "端雪" in run("history", "--json").out


def test_what_is_shown_cannot_act_on_the_terminal(home: Home, run: Run) -> None:
    _written(home.store, replace(DONE, prompt=HOSTILE, note="\x9b2J"))
    for command in (["history"], ["history", "show", DONE.id], ["history", "star", DONE.id]):
        finished = run(*command)
        assert finished.code == 0
        assert not set("\x1b\x9b\u202e\x07") & set(finished.out), command
        assert "<U+202E>" in finished.out


def test_an_entry_is_shown_as_its_file_has_it(home: Home, run: Run) -> None:
    path = home.store.entry_path(DONE.id)
    path.parent.mkdir(parents=True)
    path.write_text(f"{EXAMPLE}\n[later]\nkey = 1\n", "utf-8")
    for part in (DONE.id, "4f2a9c"):
        finished = run("history", "show", part)
        assert (finished.code, finished.err) == (0, "")
        assert finished.out == path.read_text("utf-8")


def test_an_entry_is_shown_as_json(home: Home, run: Run) -> None:
    entry = _with_files(home.store)
    document = json.loads(run("history", "show", entry.id, "--json").out)
    assert document["images"][0]["path"] == str(home.folder / "images" / "fox.png")
    doctored = replace(entry.images[0], file="../../etc/passwd")
    _written(home.store, replace(entry, images=(doctored,)))
    document = json.loads(run("history", "show", entry.id, "--json").out)
    assert document["images"][0]["path"] is None


def test_a_part_of_several_ids_names_none(home: Home, run: Run) -> None:
    older, newer = at(CREATED), at(CREATED + timedelta(seconds=1))
    _written(home.store, older, newer)
    finished = run("history", "show", "2026")
    assert (finished.code, finished.out) == (2, "")
    assert finished.complaints == [f"2 entries match 2026; the newest is {newer.id}"]
    assert run("history", "show", "zebra").complaints == ["no entry zebra"]


def test_a_star_is_given_and_taken(home: Home, run: Run) -> None:
    _written(home.store, DONE)
    finished = run("history", "star", "4f2a9c")
    assert finished.code == 0
    assert finished.out.startswith(f"★ {DONE.id}")
    assert home.entry == replace(DONE, starred=True)
    assert json.loads(run("history", "star", DONE.id, "--json").out)["starred"] is False
    assert home.entry == DONE


def test_an_entry_of_a_later_version_is_not_starred(home: Home, run: Run) -> None:
    path = home.store.entry_path(DONE.id)
    path.parent.mkdir(parents=True)
    path.write_text(EXAMPLE.replace("format = 1", "format = 2"), "utf-8")
    before = path.read_bytes()
    finished = run("history", "star", DONE.id)
    assert (finished.code, finished.out) == (1, "")
    (complaint,) = finished.complaints
    assert "later version" in complaint
    assert path.read_bytes() == before


def test_a_broken_entry_is_counted_and_left_alone(home: Home, run: Run) -> None:
    _with_files(home.store)
    broken = home.store.entry_path(at(CREATED, 7).id)
    broken.write_text("format = 1\nid = ", "utf-8")
    finished = run("history")
    assert finished.code == 0
    assert len(finished.out.splitlines()) == 1
    assert finished.complaints == [
        "1 file cannot be read, and left alone; see darkroom history check"
    ]
    assert run("history", "show", broken.stem).code == 1
    assert run("history", "star", broken.stem).code == 1
    check = run("history", "check")
    assert check.code == 1
    assert check.out.startswith(f"{broken}: cannot be read: cut off")
    assert check.complaints == ["2 entries, 1 problem"]
    assert broken.read_text() == "format = 1\nid = "
