"""The history on disk: order, files that are no entries, and what is never touched."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.history.entries import CREATED, DONE, EXAMPLE, ID, at, entry_id
from tests.history.test_entry import HOSTILE, any_text
from tui.history.entry import Entry, UnreadableEntry, encode_entry
from tui.history.store import _LOCK_PATIENCE, LARGEST_ENTRY, HistoryStore
from tui.paths import Paths
from tui.text import storable

LATER = EXAMPLE.replace("format = 1\n", "format = 2\n") + "\n[later]\nkey = true\n"


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if not path.is_dir())


def _put(store: HistoryStore, data: bytes, id: str = ID) -> Path:
    path = store.entry_path(id)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_an_entry_is_one_private_file_in_the_folder_of_its_day(
    store: HistoryStore, tmp_path: Path
) -> None:
    store.write(DONE)
    path = tmp_path / "history" / "2026" / "11" / "22" / f"{ID}.toml"
    assert _files(tmp_path) == [path]
    assert store.entry_path(ID) == path
    assert path.read_bytes() == encode_entry(DONE)
    assert _mode(path) == 0o600
    assert {_mode(folder) for folder in [*path.parents][:4]} == {0o700}


def test_what_was_written_is_read_and_listed(store: HistoryStore) -> None:
    store.write(DONE)
    assert store.read(ID) == DONE
    assert store.newest().entries == (DONE,)
    assert store.newest().unreadable == ()


def test_an_entry_takes_the_place_of_its_older_self(store: HistoryStore, tmp_path: Path) -> None:
    store.write(DONE)
    starred = replace(DONE, starred=True, tags=("keep",))
    store.write(starred)
    assert store.read(ID) == starred
    assert len(_files(tmp_path)) == 1


@settings(max_examples=30)
@given(
    st.lists(st.sampled_from([*HOSTILE, "fox ", "\n"]) | any_text, min_size=1, max_size=8).map(
        "".join
    ),
    st.lists(any_text, max_size=4).map(tuple),
)
def test_a_prompt_of_100_kb_with_anything_in_it_comes_back_from_the_disk(
    tmp_path_factory: pytest.TempPathFactory, text: str, tags: tuple[str, ...]
) -> None:
    folder = tmp_path_factory.getbasetemp() / "prompts"
    store = HistoryStore(Paths(folder, folder, folder))
    prompt = (text * (100_000 // max(1, len(text)) + 1))[:100_000]
    store.write(replace(DONE, prompt=prompt, note=text, tags=tags))
    entry = store.read(ID)
    assert entry.prompt == storable(prompt)
    assert (entry.note, entry.tags) == (storable(text), tuple(map(storable, tags)))


def test_keys_of_a_later_version_survive_in_the_file(store: HistoryStore) -> None:
    path = _put(store, f"{EXAMPLE}later = true\n".replace("[cost]", "[cost]\nlater = 5").encode())
    store.write(replace(store.read(ID), starred=True))
    text = path.read_text()
    assert "later = 5" in text
    assert "later = true" in text
    assert "starred = true" in text


def test_entries_are_listed_newest_first_over_years(store: HistoryStore) -> None:
    moments = [
        datetime(2024, 12, 31, 23, 59, 59, 999_000, UTC),
        datetime(2025, 1, 1, tzinfo=UTC),
        datetime(2025, 9, 30, tzinfo=UTC),
        datetime(2025, 10, 1, tzinfo=UTC),
        datetime(2025, 10, 9, 12, 0, 0, 1_000, UTC),
        datetime(2025, 10, 10, tzinfo=UTC),
        datetime(2026, 11, 22, 7, 3, 12, 418_000, UTC),
        datetime(2026, 11, 22, 7, 3, 12, 419_000, UTC),
        datetime(2034, 1, 2, tzinfo=UTC),
    ]
    entries = [at(moment) for moment in moments]
    for entry in entries[::2] + entries[1::2]:
        store.write(entry)
    newest_first = tuple(reversed(entries))
    assert store.newest().entries == newest_first
    for limit in range(len(entries) + 2):
        assert store.newest(limit).entries == newest_first[:limit]


@pytest.mark.parametrize("name", ["missing", "file", "empty folder"])
def test_a_history_that_cannot_be_read_counts_as_empty(
    store: HistoryStore, tmp_path: Path, name: str
) -> None:
    if name == "file":
        (tmp_path / "history").write_text("mine")
    elif name == "empty folder":
        (tmp_path / "history").mkdir()
    before = _files(tmp_path)
    assert store.newest().entries == ()
    assert _files(tmp_path) == before


def test_a_file_in_place_of_the_history_is_reported_and_left(
    store: HistoryStore, tmp_path: Path
) -> None:
    (tmp_path / "history").write_text("mine")
    with pytest.raises(NotADirectoryError):
        store.write(DONE)
    assert (tmp_path / "history").read_text() == "mine"


def test_a_missing_entry_is_missing(store: HistoryStore) -> None:
    with pytest.raises(FileNotFoundError):
        store.read(ID)


@pytest.mark.parametrize("id", ["", "4f2a9c", "../../../etc/passwd", f"{ID}/../x", f"{ID}\n"])
def test_only_an_id_is_read(store: HistoryStore, id: str) -> None:
    with pytest.raises(UnreadableEntry):
        store.read(id)


BROKEN_BYTES = {
    "empty": b"",
    "zeros": bytes(4096),
    "half": EXAMPLE.encode()[: len(EXAMPLE) // 4],
    "wrong types": EXAMPLE.replace("rating = 0", "rating = 'high'").encode(),
    "nine megabytes": EXAMPLE.encode() + b"\n" * 9 * 1024 * 1024,
    "invalid UTF-8": EXAMPLE.encode().replace(b"lamplight", b"\xff\xfe"),
    "brackets": EXAMPLE.encode() + b"later = " + b"[" * 100_000,
    "five thousand digits": f"{EXAMPLE}later = {'9' * 5000}".encode(),
    "another id": EXAMPLE.replace(ID, entry_id(CREATED, 5)).encode(),
    "not TOML": b"Dear diary,\n",
}


def _make_folder(path: Path) -> None:
    path.mkdir()


def _make_dangling_link(path: Path) -> None:
    path.symlink_to("nowhere")


def _make_link_to_itself(path: Path) -> None:
    path.symlink_to(path.name)


def _make_unreadable(path: Path) -> None:
    # Reading it fails with EIO, for root too.
    path.symlink_to("/proc/self/mem" if Path("/proc/self/mem").exists() else "nowhere")


BROKEN: dict[str, Callable[[Path], object]] = {
    **{name: lambda path, data=data: path.write_bytes(data) for name, data in BROKEN_BYTES.items()},
    "FIFO": os.mkfifo,
    "folder": _make_folder,
    "dangling link": _make_dangling_link,
    "link to itself": _make_link_to_itself,
    "unreadable": _make_unreadable,
}


def _state(path: Path) -> tuple[Any, ...]:
    facts = path.lstat()
    data = path.read_bytes() if stat.S_ISREG(facts.st_mode) else b""
    return facts.st_mode, facts.st_ino, facts.st_mtime_ns, data


@pytest.mark.parametrize("make", BROKEN.values(), ids=BROKEN.keys())
def test_a_file_that_is_no_entry_is_counted_and_left_while_others_load(
    store: HistoryStore, make: Callable[[Path], object]
) -> None:
    newer, older = at(CREATED + timedelta(hours=1)), at(CREATED - timedelta(days=400))
    store.write(newer)
    store.write(older)
    path = store.entry_path(ID)
    path.parent.mkdir(parents=True, exist_ok=True)
    make(path)
    before = _state(path)

    listing = store.newest()
    assert listing.entries == (newer, older)
    assert listing.unreadable == (path,)
    assert list(store.stamps("2026/11/22")) == [f"{newer.id}.toml", path.name]
    with pytest.raises((UnreadableEntry, OSError)):
        store.read(ID)

    store.write(replace(newer, starred=True))
    assert _state(path) == before


def test_files_under_other_names_that_hold_entries_are_counted_and_left(
    store: HistoryStore, tmp_path: Path
) -> None:
    store.write(DONE)
    path = store.entry_path(ID)
    conflict = path.with_name(f"{ID} (conflicted copy).toml")
    moved = tmp_path / "history" / "2025" / "01" / "01" / path.name
    moved.parent.mkdir(parents=True)
    for copy in (conflict, moved):
        copy.write_bytes(path.read_bytes())
    listing = store.newest()
    assert listing.entries == (DONE,)
    assert set(listing.unreadable) == {conflict, moved}
    assert store.resolve("4f2a9c") == ID


def test_what_is_no_entry_file_is_not_looked_at(store: HistoryStore, tmp_path: Path) -> None:
    store.write(DONE)
    day = store.entry_path(ID).parent
    (day / f".{ID}.toml.0a1b2c3d.tmp").write_text("half of it")
    (day / f"{ID}.toml~").write_text("an editor's")
    (tmp_path / "history" / ".git" / "objects" / "ab").mkdir(parents=True)
    (tmp_path / "history" / ".git" / "objects" / "ab" / "x.toml").write_text("git's")
    (tmp_path / "history" / "2025").write_text("mine")
    (tmp_path / "history" / "2026" / "notes.toml").write_text("mine")
    listing = store.newest()
    assert listing.entries == (DONE,)
    assert listing.unreadable == ()


def test_an_entry_of_a_later_version_is_shown_and_never_written(store: HistoryStore) -> None:
    path = _put(store, LATER.encode())
    entry = store.newest().entries[0]
    assert entry.prompt == DONE.prompt
    assert entry.read_only
    for changed in (entry, replace(entry, starred=True)):
        with pytest.raises(UnreadableEntry, match="later version"):
            store.write(changed)
    assert path.read_bytes() == LATER.encode()


def test_an_outcome_never_takes_the_place_of_what_the_user_made(store: HistoryStore) -> None:
    running = replace(DONE, status="running")
    text = encode_entry(replace(running, starred=True, tags=("kept",), note="mine"))
    path = _put(store, text + b"later = true\n")
    assert store.write_outcome(DONE).starred
    entry = store.read(ID)
    assert (entry.status, entry.tags, entry.note) == ("done", ("kept",), "mine")
    assert b"later = true" in path.read_bytes()


def test_an_outcome_is_not_written_over_an_entry_that_is_not_to_be_read_just_now(
    store: HistoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.write(replace(DONE, starred=True, status="running"))
    with monkeypatch.context() as patch:
        patch.setattr(store, "read", _fail)
        with pytest.raises(OSError, match="Input/output error"):
            store.write_outcome(DONE)
    assert store.read(ID).starred


def _fail(entry_id: str) -> Entry:
    raise OSError(errno.EIO, os.strerror(errno.EIO))


@pytest.mark.parametrize("has_links", [True, False])
@pytest.mark.parametrize(
    ("data", "why"), [(b"half of i", "unreadable"), (LATER.encode(), "later version")]
)
def test_what_stands_in_the_way_of_an_outcome_is_set_aside_and_counted(
    store: HistoryStore, monkeypatch: pytest.MonkeyPatch, data: bytes, why: str, has_links: bool
) -> None:
    if not has_links:
        monkeypatch.setattr(Path, "hardlink_to", _refuse_link)
    path = _put(store, data)
    for number in ("", " 2"):
        path.write_bytes(data)
        store.write_outcome(DONE)
        assert store.read(ID).status == "done"
        assert path.with_name(f"{ID} ({why}{number}).toml").read_bytes() == data
    assert len(store.newest().unreadable) == 2


def _refuse_link(path: Path, target: Path) -> None:
    raise PermissionError(errno.EPERM, "Operation not permitted")


def _nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


TOO_MUCH = {
    "text": replace(DONE, prompt="x" * LARGEST_ENTRY),
    "nesting": replace(DONE, parameters={"a": _nested(5_000)}),
    "digits": replace(DONE, parameters={"seed": 10**5000}),
}


@pytest.mark.parametrize("entry", TOO_MUCH.values(), ids=TOO_MUCH.keys())
def test_an_entry_that_could_not_be_read_again_is_not_written(
    store: HistoryStore, entry: Entry
) -> None:
    store.write(DONE)
    with pytest.raises(OSError) as raised:
        store.write(entry)
    assert raised.value.errno in (errno.EFBIG, errno.EINVAL)
    assert raised.value.strerror
    assert store.read(ID) == DONE


@pytest.mark.parametrize("depth", [1, 20, 50, 100, 150, 200, 250, 300, 350])
def test_whatever_is_written_can_be_read_again(store: HistoryStore, depth: int) -> None:
    entry = replace(DONE, parameters={"list": _nested(depth)})
    try:
        store.write(entry)
    except OSError:
        assert depth >= 100
    else:
        assert store.read(ID) == entry


def test_the_largest_entry_that_is_written_is_read(
    store: HistoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.history.store.LARGEST_ENTRY", len(encode_entry(DONE)))
    store.write(DONE)
    assert store.read(ID) == DONE
    with pytest.raises(OSError, match="larger"):
        store.write(replace(DONE, prompt=f"{DONE.prompt}!"))
    assert store.read(ID) == DONE


def test_an_entry_is_found_by_any_part_of_its_id_that_is_its_own(store: HistoryStore) -> None:
    one, other = at(CREATED, 0xAA), at(CREATED + timedelta(days=1), 0xAB)
    store.write(one)
    store.write(other)
    assert store.resolve(one.id) == one.id
    assert store.resolve("0000aa") == one.id
    assert store.resolve("20261123") == other.id
    for text in ("0000a", "2026", ""):
        with pytest.raises(LookupError, match=f"2 entries match.*{other.id}"):
            store.resolve(text)
    for text in ("0000ac", "2027", "*", "../"):
        with pytest.raises(LookupError, match="no entry"):
            store.resolve(text)


def test_only_entries_are_found(store: HistoryStore) -> None:
    store.write(DONE)
    path = store.entry_path(ID)
    path.with_name(f"{ID} (conflicted copy).toml").write_bytes(path.read_bytes())
    path.with_name("notes.toml").write_text("mine")
    assert store.resolve("4f2a9c") == ID
    with pytest.raises(LookupError):
        store.resolve("notes")


def test_an_entry_that_cannot_be_read_is_found_all_the_same(store: HistoryStore) -> None:
    _put(store, b"")
    assert store.resolve("4f2a9c") == ID


def test_pictures_lie_in_the_folder_of_the_day(store: HistoryStore, tmp_path: Path) -> None:
    name = store.image_name(ID, 1, "png")
    assert name == f"images/2026/11/22/{ID}-1.png"
    assert store.absolute(name) == tmp_path / "images" / "2026" / "11" / "22" / f"{ID}-1.png"


@pytest.mark.parametrize(
    "name",
    [
        "/etc/passwd",
        "//etc/passwd",
        "..",
        "../x.png",
        "images/../../x.png",
        "images/2026/..",
        "images/./../..",
        "images/x\0.png",
    ],
)
def test_a_name_that_leads_out_of_the_data_folder_is_refused(
    store: HistoryStore, name: str
) -> None:
    with pytest.raises(ValueError, match="not inside the data folder"):
        store.absolute(name)


@given(st.lists(st.sampled_from(["..", ".", "", "/", "a", "~", "\\", "..x", "\0"])).map("/".join))
def test_every_name_lies_in_the_data_folder_or_is_refused(name: str) -> None:
    folder = Path("/home/someone/data")
    try:
        path = HistoryStore(Paths(folder, folder, folder)).absolute(name)
    except ValueError:
        return
    assert Path(os.path.normpath(path)).is_relative_to(folder)
    assert "\0" not in str(path)


def test_who_holds_one_entry_keeps_nobody_from_another_of_its_day(store: HistoryStore) -> None:
    other = at(CREATED, 7)
    for entry in (DONE, other):
        store.write(entry)
    held = os.open(store.entry_path(DONE.id), os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)
    try:
        began = time.monotonic()
        assert store.change(other.id, lambda entry: replace(entry, starred=True)).starred
        assert time.monotonic() - began < _LOCK_PATIENCE
    finally:
        os.close(held)


def test_who_waited_for_an_entry_changes_what_was_put_in_its_place(store: HistoryStore) -> None:
    store.write(DONE)
    held = os.open(store.entry_path(DONE.id), os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(store.change, DONE.id, lambda entry: replace(entry, starred=True))
        store.write(replace(DONE, note="in between"))
        os.close(held)
        changed = waiting.result()
    assert (changed.starred, changed.note) == (True, "in between")
    assert store.read(DONE.id) == changed
