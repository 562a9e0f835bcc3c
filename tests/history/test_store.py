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
from threading import Event
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.history.entries import CREATED, DONE, EXAMPLE, ID, at, entry_id
from tests.history.test_entry import HOSTILE, any_text
from tui.history.entry import Entry, UnreadableEntry, encode_entry
from tui.history.store import _LOCK_PATIENCE, LARGEST_ENTRY, HistoryStore, Stamp
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
    with pytest.raises(UnreadableEntry) as raised:
        store.read(id)
    assert repr(id) in str(raised.value)


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


WHY = {
    "another id": f"holds the entry {entry_id(CREATED, 5)}",
    "nine megabytes": "larger than an entry can be",
    **dict.fromkeys(("FIFO", "folder", "dangling link"), "not a regular file"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_file_that_is_no_entry_is_counted_and_left_while_others_load(
    store: HistoryStore, name: str
) -> None:
    newer, older = at(CREATED + timedelta(hours=1)), at(CREATED - timedelta(days=400))
    store.write(newer)
    store.write(older)
    path = store.entry_path(ID)
    path.parent.mkdir(parents=True, exist_ok=True)
    BROKEN[name](path)
    before = _state(path)

    listing = store.newest()
    assert listing.entries == (newer, older)
    assert listing.unreadable == (path,)
    assert dict(store.stamps("2026/11/22")).keys() == {f"{newer.id}.toml", path.name}
    with pytest.raises((UnreadableEntry, OSError)) as raised:
        store.read(ID)
    assert str(raised.value) == WHY.get(name, str(raised.value))

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
        with pytest.raises(UnreadableEntry, match=r"^written by a later version of D"):
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
    assert (raised.value.errno, raised.value.strerror) in (
        (errno.EFBIG, "it is larger than an entry can be"),
        (errno.EINVAL, "its parameters cannot be written"),
    )
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


@pytest.fixture
def is_waited_for(monkeypatch: pytest.MonkeyPatch) -> Event:
    """Set once somebody waits for a lock."""
    event, flock = Event(), fcntl.flock

    def locking(descriptor: int, operation: int) -> None:
        try:
            flock(descriptor, operation)
        except BlockingIOError:
            event.set()
            raise

    monkeypatch.setattr(fcntl, "flock", locking)
    return event


def _is_locked(path: Path) -> bool:
    """Whether somebody holds the file, or the folder, that lies there now."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def test_who_waited_for_an_entry_changes_what_was_put_in_its_place(
    store: HistoryStore, is_waited_for: Event
) -> None:
    def starring(entry: Entry) -> Entry:
        assert _is_locked(store.entry_path(entry.id))
        return replace(entry, starred=True)

    store.write(DONE)
    held = os.open(store.entry_path(DONE.id), os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(store.change, DONE.id, starring)
        is_waited_for.wait(60)
        store.write(replace(DONE, note="in between"))
        os.close(held)
        changed = waiting.result()
    assert (changed.starred, changed.note) == (True, "in between")
    assert store.read(DONE.id) == changed


def test_who_waited_for_an_entry_that_was_not_there_keeps_what_was_put_there(
    store: HistoryStore, is_waited_for: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    day = store.entry_path(DONE.id).parent
    day.mkdir(parents=True)
    held = os.open(day, os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(store.write_outcome, DONE)
        is_waited_for.wait(60)
        store.write(replace(DONE, status="running", starred=True))
        write = store.write

        def writing(entry: Entry) -> None:
            assert _is_locked(store.entry_path(entry.id))
            write(entry)

        monkeypatch.setattr(store, "write", writing)
        os.close(held)
        assert waiting.result().starred
    assert store.read(DONE.id) == replace(DONE, starred=True)


@pytest.mark.parametrize("is_held", [True, False])
def test_who_stands_still_with_an_entry_and_a_system_without_locks_hold_nobody_up(
    store: HistoryStore, monkeypatch: pytest.MonkeyPatch, is_held: bool
) -> None:
    store.write(DONE)
    held = os.open(store.entry_path(DONE.id), os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)
    if is_held:
        monkeypatch.setattr("tui.history.store._LOCK_PATIENCE", 0.02)
    else:
        monkeypatch.setattr(fcntl, "flock", _refuse_lock)
    try:
        assert store.change(DONE.id, lambda entry: replace(entry, starred=True)).starred
    finally:
        os.close(held)
    assert store.read(DONE.id).starred


def _refuse_lock(descriptor: int, operation: int) -> None:
    raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))


def test_an_entry_that_goes_while_somebody_waits_for_it_is_missing(
    store: HistoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.write(DONE)
    flock, day, write = fcntl.flock, store.entry_path(DONE.id).parent, store.write

    def removing(descriptor: int, operation: int) -> None:
        store.remove(DONE.id)
        flock(descriptor, operation)

    def writing(entry: Entry) -> None:
        assert _is_locked(day)
        write(entry)

    with monkeypatch.context() as patch:
        patch.setattr(fcntl, "flock", removing)
        with pytest.raises(FileNotFoundError):
            store.change(DONE.id, lambda entry: replace(entry, starred=True))
        store.remove(DONE.id)
        assert _files(day) == []
        store.write(replace(DONE, starred=True))
        patch.setattr(store, "write", writing)
        assert store.write_outcome(DONE) == DONE
    assert store.read(DONE.id) == DONE


@pytest.mark.parametrize("is_whole", [True, False])
def test_what_is_only_a_link_to_an_entry_is_read_and_replaced(
    store: HistoryStore, tmp_path: Path, is_whole: bool
) -> None:
    elsewhere = tmp_path / "elsewhere.toml"
    path = _put(store, encode_entry(DONE))
    if is_whole:
        path.rename(elsewhere)
    else:
        path.unlink()
    path.symlink_to(elsewhere)
    outcome = store.write_outcome(replace(DONE, status="failed"))
    assert store.read(DONE.id) == outcome
    assert not path.is_symlink()
    assert elsewhere.exists() is is_whole
    assert store.change(DONE.id, lambda entry: replace(entry, starred=True)).starred


def test_a_pipe_in_the_place_of_an_entry_holds_nobody_up(store: HistoryStore) -> None:
    path = store.entry_path(DONE.id)
    path.parent.mkdir(parents=True)
    os.mkfifo(path)
    with pytest.raises(UnreadableEntry, match=r"^not a regular file$"):
        store.read(DONE.id)
    assert store.write_outcome(DONE) == store.read(DONE.id)
    assert stat.S_ISFIFO(path.with_name(f"{ID} (unreadable).toml").stat().st_mode)


def test_a_wait_for_an_entry_that_is_broken_off_leaves_nothing_open(
    store: HistoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.write(DONE)
    opened: list[int] = []

    def interrupted(descriptor: int, operation: int) -> None:
        opened.append(descriptor)
        raise KeyboardInterrupt

    monkeypatch.setattr(fcntl, "flock", interrupted)
    with pytest.raises(KeyboardInterrupt):
        store.change(DONE.id, lambda entry: entry)
    with pytest.raises(OSError, match=os.strerror(errno.EBADF)):
        os.fstat(opened[0])


def test_no_descriptor_is_left_open_by_changes(store: HistoryStore) -> None:
    folder = Path("/dev/fd")
    store.write_outcome(DONE)
    before = len(list(folder.iterdir()))
    for number in range(3):
        store.write_outcome(at(CREATED, number))
        store.change(DONE.id, lambda entry, number=number: replace(entry, rating=number))
    assert len(list(folder.iterdir())) == before


def test_a_change_that_changes_nothing_writes_nothing(store: HistoryStore) -> None:
    store.write(DONE)
    before = _state(store.entry_path(DONE.id))
    assert store.change(DONE.id, lambda entry: entry) == DONE
    assert _state(store.entry_path(DONE.id)) == before


def test_an_outcome_of_an_entry_that_is_not_there_is_written(store: HistoryStore) -> None:
    assert store.write_outcome(DONE) == DONE
    assert store.read(DONE.id) == DONE
    assert [path.name for path in _files(store.entry_path(DONE.id).parent)] == [f"{ID}.toml"]


def test_what_is_thrown_away_while_it_is_listed_is_not_listed(
    store: HistoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    newest, older, oldest = (at(CREATED, number) for number in (3, 2, 1))
    yesterday = at(CREATED - timedelta(days=1))
    for entry in (newest, older, oldest, yesterday):
        store.write(entry)
    read = store.read_file

    def reading(day: str, name: str) -> Entry:
        entry = read(day, name)
        for gone in (older, yesterday):
            store.remove(gone.id)
        if store.entry_path(yesterday.id).parent.is_dir():
            store.entry_path(yesterday.id).parent.rmdir()
        return entry

    monkeypatch.setattr(store, "read_file", reading)
    listing = store.newest()
    assert (listing.entries, listing.unreadable) == ((newest, oldest), ())


def test_a_limit_ends_a_listing(store: HistoryStore) -> None:
    entries = [at(CREATED + timedelta(minutes=minute)) for minute in (3, 2, 1)]
    for entry in entries:
        store.write(entry)
    for limit in (0, 1, 2, 3, 4):
        assert list(store.newest(limit).entries) == entries[:limit]


def test_days_are_listed_newest_first_and_the_stamps_of_their_files(store: HistoryStore) -> None:
    entries = [at(CREATED, 2), at(CREATED, 1), at(CREATED - timedelta(days=1))]
    for entry in entries:
        store.write(entry)
    assert store.days() == ["2026/11/22", "2026/11/21"]
    paths = [store.entry_path(entry.id) for entry in entries]
    paths[0].with_name("notes.txt").write_text("mine")
    paths[0].with_name("1.toml").symlink_to("nowhere")
    stamps = dict(store.stamps("2026/11/22"))
    assert stamps.keys() == {*(path.name for path in paths[:2]), "1.toml"}
    facts = paths[0].stat()
    assert stamps[paths[0].name] == Stamp(facts.st_ctime_ns, facts.st_size, facts.st_ino)
    os.utime(paths[0], ns=(0, 0))
    assert dict(store.stamps("2026/11/22"))[paths[0].name].changed > facts.st_ctime_ns - 1
    os.utime(paths[0], ns=(0, 2 * facts.st_ctime_ns))
    assert dict(store.stamps("2026/11/22"))[paths[0].name].changed == 2 * facts.st_ctime_ns
    with pytest.raises(FileNotFoundError):
        list(store.stamps("2026/11/20"))


def test_the_stamp_of_one_file_is_that_which_it_has_among_all(store: HistoryStore) -> None:
    store.write(DONE)
    path = store.entry_path(DONE.id)
    (path.parent / "nowhere.toml").symlink_to("missing")
    stamps = dict(store.stamps("2026/11/22"))
    assert {name: store.stamp("2026/11/22", name) for name in stamps} == stamps
    assert stamps.keys() == {path.name, "nowhere.toml"}
    assert store.stamp("2026/11/22", "missing.toml") is None
    assert store.stamp("2026/11/21", path.name) is None
    assert store.stamp(f"2026/11/22/{path.name}", "x.toml") is None
    with pytest.raises(OSError, match="too long"):
        store.stamp("2026/11/22", f"{'x' * 300}.toml")


def test_the_name_of_an_entry_is_where_it_lies_below_the_data_folder(store: HistoryStore) -> None:
    assert store.absolute(store.entry_name(ID)) == store.entry_path(ID)
