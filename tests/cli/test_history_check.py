"""darkroom history check: what is lost, broken or left over is told, and repaired where it can."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from msgspec.structs import replace
from PIL import Image

from tests.cli.conftest import Home, Run
from tests.history.entries import CREATED, DONE, EXAMPLE, FAILED, ID, at
from tests.images.pictures import write
from tui.generation.repair import NOTE
from tui.history.entry import Entry, EntryImage, EntryReference
from tui.history.store import HistoryStore

ORPHAN = "20261122T070312418-0000aa"


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is so young that it may belong to a job."""
    monkeypatch.setattr("tui.history.check.UNDER_WAY_SECONDS", -60)


def _picture(store: HistoryStore, name: str, colour: str = "orange") -> EntryImage:
    """A picture on the disk, and what its entry would have of it."""
    path = store.absolute(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    write(path, Image.new("RGB", (8, 6), colour))
    data = path.read_bytes()
    return EntryImage(name, hashlib.sha256(data).hexdigest(), len(data), 8, 6, "png")


def _reference(store: HistoryStore, name: str) -> EntryReference:
    return EntryReference("sketch.png", _picture(store, name).sha256, name)


def _whole(store: HistoryStore) -> Entry:
    """An entry on the disk, its picture and its reference beside it."""
    entry = replace(
        DONE,
        images=(_picture(store, store.image_name(ID, 1, "png")),),
        references=(_reference(store, "images/references/sketch.png"),),
    )
    store.write(entry)
    return entry


def test_a_history_in_order_has_no_problems(home: Home, run: Run) -> None:
    _whole(home.store)
    finished = run("history", "check")
    assert (finished.code, finished.out) == (0, "")
    assert finished.complaints == ["1 entry, 0 problems"]


def test_what_has_changed_or_is_missing_is_told(home: Home, run: Run) -> None:
    entry = _whole(home.store)
    picture, reference = entry.images[0].file, entry.references[0].file
    home.store.absolute(picture).write_bytes(b"another")
    home.store.absolute(reference).unlink()
    finished = run("history", "check")
    assert finished.code == 1
    assert finished.out.splitlines() == [
        f"{picture}: has changed since it came",
        f"{reference}: is missing; --repair marks it as missing",
    ]
    assert finished.complaints == ["1 entry, 2 problems, 1 to be repaired with --repair"]
    changed, missing = map(json.loads, run("history", "check", "--json").out.splitlines())
    assert changed == {
        "file": picture,
        "what": "has changed since it came",
        "entry": entry.id,
        "kind": "changed",
        "repair": "",
        "repaired": None,
        "not_repaired": None,
    }
    assert (missing["file"], missing["kind"]) == (reference, "missing")


def test_what_is_missing_is_marked_and_told_no_more_until_it_is_back(home: Home, run: Run) -> None:
    entry = _whole(home.store)
    picture = home.store.absolute(entry.images[0].file)
    away = picture.rename(picture.with_name("elsewhere"))
    finished = run("history", "check", "--repair")
    assert (finished.code, finished.out) == (
        0,
        f"{entry.images[0].file}: is missing; marked as missing\n",
    )
    assert finished.complaints == ["1 entry, 1 problem, 1 repaired"]
    assert home.entry == replace(entry, images=(replace(entry.images[0], missing=True),))
    finished = run("history", "check")
    assert (finished.code, finished.out) == (0, "")
    assert finished.complaints == ["1 entry, 0 problems, 1 known to be missing"]

    away.rename(picture)
    assert "is there again" in run("history", "check").out
    assert run("history", "check", "--repair").code == 0
    assert home.entry == entry


@pytest.mark.parametrize("file", ["../outside.png", "/etc/passwd", "images"])
def test_no_file_outside_the_home_is_read(home: Home, run: Run, file: str) -> None:
    image = EntryImage(file, "0" * 64, 1, 8, 8, "png")
    home.store.write(replace(DONE, images=(image,), references=()))
    (home.folder / "images").mkdir()
    finished = run("history", "check", "--repair")
    assert finished.code == 1
    (line,) = finished.out.splitlines()
    assert line.startswith(f"{file}: ")
    assert "changed" not in line


def test_an_entry_of_a_later_version_is_told_and_is_no_problem(home: Home, run: Run) -> None:
    path = home.store.entry_path(ID)
    path.parent.mkdir(parents=True)
    text = EXAMPLE[: EXAMPLE.index("[[references]]")].replace("format = 1", "format = 2")
    path.write_text(text, "utf-8")
    # It may name it in a way that this version does not know.
    _picture(home.store, home.store.image_name(ID, 1, "png"))
    finished = run("history", "check", "--repair")
    assert finished.code == 0
    (line,) = finished.out.splitlines()
    assert "later version" in line
    assert finished.complaints == ["1 entry, 0 problems"]
    assert path.read_text("utf-8") == text


@pytest.mark.usefixtures("settled")
def test_a_broken_entry_is_left_alone_and_so_are_its_pictures(home: Home, run: Run) -> None:
    path = home.store.entry_path(ID)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"format = 1\nid = ")
    _picture(home.store, home.store.image_name(ID, 1, "png"))
    finished = run("history", "check", "--repair")
    assert finished.code == 1
    assert finished.out.splitlines() == [
        f"{path}: cannot be read: cut off: its last line does not end"
    ]
    assert path.read_bytes() == b"format = 1\nid = "


@pytest.mark.usefixtures("settled")
def test_a_picture_that_its_entry_lacks_is_added_in_order(home: Home, run: Run) -> None:
    names = [home.store.image_name(FAILED.id, number, "png") for number in (1, 2, 10)]
    images = [_picture(home.store, name) for name in names]
    home.store.write(replace(FAILED, images=(images[1],), status="unknown", references=()))
    assert run("history", "check").out.splitlines() == [
        f"{names[0]}: is a picture that its entry does not name; --repair adds it to the entry",
        f"{names[2]}: is a picture that its entry does not name; --repair adds it to the entry",
    ]
    assert run("history", "check", "--repair").code == 0
    assert home.entry == replace(FAILED, images=tuple(images), status="partial", references=())
    assert run("history", "check").complaints == ["1 entry, 0 problems"]


@pytest.mark.usefixtures("settled")
def test_pictures_without_an_entry_get_one(home: Home, run: Run) -> None:
    names = [home.store.image_name(ORPHAN, number, "png") for number in (1, 2)]
    images = tuple(_picture(home.store, name) for name in names)
    finished = run("history", "check", "--repair")
    assert (finished.code, finished.out.splitlines()) == (
        0,
        [
            f"{names[0]}: is a picture that no entry names; entry {ORPHAN} made of it",
            f"{names[1]}: is a picture that no entry names; added to {ORPHAN}",
        ],
    )
    entry = home.entry
    assert (entry.id, entry.created, entry.images) == (ORPHAN, CREATED, images)
    assert (entry.status, entry.note, entry.prompt) == ("done", NOTE, "")
    assert run("history", "check").out == ""
    assert ORPHAN in run("history").out
    assert run("history", "show", ORPHAN).code == 0


@pytest.mark.usefixtures("settled")
def test_what_is_not_of_our_making_is_told_and_left(home: Home, run: Run) -> None:
    store = home.store
    others = [
        "images/2026/11/22/holiday.jpg",
        "images/2026/11/23/20261122T070312418-0000aa-1.png",
        "images/2026/13/45/20261345T070312418-0000aa-1.png",
        "images/references/0123.png",
    ]
    for name in others:
        _picture(store, name)
    (home.folder / "images" / "2026" / ".DS_Store").write_bytes(b"x")
    (home.folder / "images" / "2026" / "notes.txt").write_bytes(b"x")
    before = home.files
    finished = run("history", "check", "--repair")
    assert finished.code == 0
    assert [line.partition(":")[0] for line in finished.out.splitlines()] == others
    assert home.files == before
    assert home.entries == ()


@pytest.mark.usefixtures("settled")
def test_a_name_that_acts_on_the_terminal_is_told_in_one_harmless_line(
    home: Home, run: Run
) -> None:
    folder = home.folder / "images" / "2026"
    folder.mkdir(parents=True)
    (folder / "a\n\x1b[2J.png").write_bytes(b"x")
    (folder / "b\udcff.png").write_bytes(b"x")
    one, other = run("history", "check").out.splitlines()
    assert "\x1b" not in one
    assert other.startswith("images/2026/b\N{REPLACEMENT CHARACTER}.png: ")


@pytest.mark.usefixtures("settled")
def test_what_a_crash_left_over_is_kept_if_it_is_a_picture_and_removed_otherwise(
    home: Home, run: Run
) -> None:
    store = home.store
    store.write(replace(FAILED, status="unknown", references=()))
    day = store.absolute(store.image_name(ID, 1, "png")).parent
    part, answer, copy = (f"{ID}-{end}" for end in ("1.part", "2.answer.part", "3.part"))
    _picture(store, f"images/2026/11/22/{answer}", "teal")
    _picture(store, f"images/2026/11/22/{copy}", "pink")
    (day / part).write_bytes((day / answer).read_bytes()[:30])
    _picture(store, store.image_name(ID, 3, "png"), "navy")
    (day / f"{ID}-1.preview.part").write_bytes((day / answer).read_bytes())
    (day / f"{ID}-4.rejected").write_bytes(b"<html>")
    leftovers = [
        store.entry_path(ID).with_name(f".{ID}.toml.0a1b2c3d.tmp"),
        day / ".sketch.png.0a1b2c3d.part",
        home.folder / ".write-test-0a1b2c3d",
    ]
    for path in leftovers:
        path.write_bytes(b"half of it")
    told = run("history", "check")
    assert (told.code, len(told.out.splitlines())) == (1, 8)
    assert told.complaints == ["1 entry, 8 problems, 8 to be repaired with --repair"]
    assert run("history", "check", "--repair").code == 0
    assert not any(path.exists() for path in leftovers)
    assert sorted(path.name for path in day.iterdir()) == [
        f"{ID}-2.png", f"{ID}-3.png", f"{ID}-4.png", f"{ID}-4.rejected",
    ]  # fmt: skip
    assert [Path(image.file).name for image in home.entry.images] == [
        f"{ID}-2.png", f"{ID}-3.png", f"{ID}-4.png",
    ]  # fmt: skip
    assert run("history", "check").complaints == ["1 entry, 0 problems"]


def test_what_may_belong_to_a_job_under_way_is_left_to_it(home: Home, run: Run) -> None:
    store = home.store
    _picture(store, store.image_name(ORPHAN, 1, "png"))
    _picture(store, f"images/2026/11/22/{ORPHAN}-2.part")
    before = home.files
    finished = run("history", "check", "--repair")
    assert finished.code == 0
    lines = finished.out.splitlines()
    assert len(lines) == 2
    assert all(line.endswith("and may belong to a job under way") for line in lines)
    assert home.files == before


@pytest.mark.usefixtures("settled")
def test_what_is_in_the_trash_has_its_entry(home: Home, run: Run) -> None:
    entry = _whole(home.store)
    run("history", "rm", entry.id)
    # As if the picture could not follow.
    _picture(home.store, entry.images[0].file)
    finished = run("history", "check", "--repair")
    assert (finished.code, finished.out) == (0, "")


def test_a_picture_without_a_sha256_is_told_and_gets_it(home: Home, run: Run) -> None:
    entry = _whole(home.store)
    home.store.write(replace(entry, images=(replace(entry.images[0], sha256=""),)))
    assert run("history", "check").code == 1
    assert run("history", "check", "--repair").code == 0
    assert home.entry == entry


@pytest.mark.usefixtures("settled")
def test_what_cannot_be_repaired_says_why_and_stays(home: Home, run: Run) -> None:
    name = home.store.image_name(ORPHAN, 1, "png")
    path = home.store.absolute(name)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"no picture")
    finished = run("history", "check", "--repair")
    assert finished.code == 1
    assert finished.out.splitlines() == [
        f"{name}: is a picture that no entry names; "
        "not repaired: The file is not a PNG, JPEG or WebP image."
    ]
    assert finished.complaints == ["0 entries, 1 problem, 0 repaired"]
    assert path.read_bytes() == b"no picture"
    assert home.entries == ()


def test_many_entries_that_share_a_reference_each_tell_of_it(home: Home, run: Run) -> None:
    reference = _reference(home.store, "images/references/sketch.png")
    for number in range(3):
        home.store.write(replace(at(CREATED, number), images=(), references=(reference,)))
    home.store.absolute(reference.file).unlink()
    assert len(run("history", "check").out.splitlines()) == 3
    assert run("history", "check", "--repair").complaints == ["3 entries, 3 problems, 3 repaired"]
