"""The session on the disk: soon, whole, and only when something changed."""

from __future__ import annotations

import errno
import os
import stat
import threading
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue

import pytest

from tui.files import write_durably
from tui.generation import session_keeper
from tui.generation.draft import Draft
from tui.generation.session import Session, encode_session
from tui.generation.session_keeper import LARGEST_SESSION, SessionKeeper
from tui.paths import Paths, find_paths

NEVER = 1000.0


def _session(prompt: str) -> Session:
    return Session(Draft(model="m", prompt=prompt))


def _kept(path: Path) -> str | None:
    """The prompt of the session in the file, as the next start would read it."""
    session = SessionKeeper(path).read()
    return None if session is None else session.draft.prompt


def _until(condition: Callable[[], bool]) -> None:
    pause = threading.Event()
    for _ in range(3000):
        if condition():
            return
        pause.wait(0.01)
    raise AssertionError("did not come true")


def _counted_writes(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    written: list[bytes] = []

    def write(path: Path, data: bytes) -> None:
        written.append(data)
        write_durably(path, data)

    monkeypatch.setattr(session_keeper, "write_durably", write)
    return written


def test_the_file_lies_in_the_data_folder(tmp_path: Path) -> None:
    assert find_paths({"DARKROOM_HOME": str(tmp_path)}).session == tmp_path / "session.toml"


def test_a_session_is_on_the_disk_soon_without_being_closed(paths: Paths) -> None:
    keeper = SessionKeeper(paths.session)
    assert keeper.read() is None
    keeper.keep(_session("a fox"))
    _until(lambda: _kept(paths.session) == "a fox")
    keeper.keep(_session("a fox in the snow"))
    _until(lambda: _kept(paths.session) == "a fox in the snow")
    assert stat.S_IMODE(paths.session.stat().st_mode) == 0o600
    keeper.close()


def test_a_keeper_has_one_thread_and_closing_ends_it(paths: Paths) -> None:
    before = set(threading.enumerate())
    keeper = SessionKeeper(paths.session)
    assert set(threading.enumerate()) == before
    for number in range(10):
        keeper.keep(_session(str(number)))
    (thread,) = set(threading.enumerate()) - before
    assert thread.daemon
    keeper.close()
    assert not thread.is_alive()
    keeper.close()
    keeper.keep(_session("too late"))
    assert set(threading.enumerate()) == before
    assert _kept(paths.session) == "9"


def test_closing_writes_the_newest_alone_and_does_not_wait_for_more(
    paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = _counted_writes(monkeypatch)
    keeper = SessionKeeper(paths.session, settle=NEVER)
    for number in range(100):
        keeper.keep(_session(str(number)))
    keeper.close()
    assert written == [encode_session(_session("99"))]


def test_closing_what_kept_nothing_leaves_nothing(paths: Paths) -> None:
    SessionKeeper(paths.session).close()
    assert not paths.session.exists()


def test_what_did_not_change_is_not_written_again(
    paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = SessionKeeper(paths.session)
    first.keep(_session("a fox"))
    first.close()
    written = _counted_writes(monkeypatch)
    second = SessionKeeper(paths.session)
    assert second.read() == _session("a fox")
    second.keep(_session("a fox"))
    second.close()
    assert written == []


def test_keeping_does_not_wait_for_the_disk(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    reached, free = threading.Event(), threading.Event()

    def hang(path: Path, data: bytes) -> None:
        reached.set()
        free.wait()
        write_durably(path, data)

    monkeypatch.setattr(session_keeper, "write_durably", hang)
    keeper = SessionKeeper(paths.session, settle=0)
    keeper.keep(_session("first"))
    reached.wait()
    for number in range(100):
        keeper.keep(_session(str(number)))
    assert not paths.session.exists()
    free.set()
    keeper.close()
    assert _kept(paths.session) == "99"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0" * 500,
        encode_session(_session("cut"))[:-5],
        encode_session(_session("later")).replace(b"format = 1", b"format = 2"),
        b"x" * (LARGEST_SESSION + 1),
    ],
    ids=["empty", "zeros", "torn", "later", "large"],
)
def test_a_file_that_cannot_be_read_is_spared(paths: Paths, data: bytes) -> None:
    paths.session.write_bytes(data)
    keeper = SessionKeeper(paths.session)
    assert keeper.read() is None
    assert paths.session.read_bytes() == data
    keeper.keep(_session("a fox"))
    keeper.close()
    assert _kept(paths.session) == "a fox"
    assert (paths.data / "session.unread.toml").read_bytes() == data


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_what_is_no_file_is_no_session(paths: Paths, make: Callable[[Path], None]) -> None:
    make(paths.session)
    keeper = SessionKeeper(paths.session)
    assert keeper.read() is None
    keeper.keep(_session("a fox"))
    keeper.close()
    assert _kept(paths.session) == "a fox"


def test_a_disk_that_is_full_is_told_once_and_tried_again(
    paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_full = True

    def fsync(descriptor: int) -> None:
        if is_full:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        original(descriptor)

    original = os.fsync
    monkeypatch.setattr(os, "fsync", fsync)
    told: SimpleQueue[str] = SimpleQueue()
    written = _counted_writes(monkeypatch)
    keeper = SessionKeeper(paths.session, told.put, settle=0)
    sentence = "What you are writing is not kept for the next start: No space left on device."
    for attempt in (1, 2):
        keeper.keep(_session("a fox"))
        _until(lambda attempt=attempt: len(written) == attempt)  # type: ignore[misc]
    assert told.get() == sentence
    is_full = False
    keeper.keep(_session("a fox"))
    _until(lambda: _kept(paths.session) == "a fox")
    assert told.empty()
    is_full = True
    keeper.keep(_session("another"))
    assert told.get() == sentence
    is_full = False
    keeper.close()
    assert _kept(paths.session) == "another", "closing tries once more"
    assert [path.name for path in paths.data.iterdir() if path.suffix == ".tmp"] == []


def test_a_data_folder_that_is_gone_is_told(tmp_path: Path) -> None:
    told: SimpleQueue[str] = SimpleQueue()
    folder = tmp_path / "data"
    folder.write_text("a file where the folder was")
    keeper = SessionKeeper(folder / "session.toml", told.put, settle=0)
    assert keeper.read() is None
    keeper.keep(_session("a fox"))
    assert "Not a directory" in told.get()
    folder.unlink()
    keeper.close()
    assert _kept(folder / "session.toml") == "a fox"


def test_a_session_that_cannot_be_written_is_told_and_the_last_one_stays(paths: Paths) -> None:
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    told: SimpleQueue[str] = SimpleQueue()
    keeper = SessionKeeper(paths.session, told.put, settle=0)
    keeper.keep(_session("a fox"))
    _until(lambda: _kept(paths.session) == "a fox")
    keeper.keep(Session(Draft(model="m", values={"m": {"deep": deep}})))  # type: ignore[dict-item]
    assert "a parameter cannot be written" in told.get()
    keeper.close()
    assert _kept(paths.session) == "a fox"
