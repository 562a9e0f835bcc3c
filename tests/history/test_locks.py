"""Locks keep processes apart, and go with them."""

from __future__ import annotations

import errno
import fcntl
import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from tui.history import locks as module
from tui.history.locks import Lock, Locks

PROGRAM = """
import sys
from pathlib import Path
from tui.history.locks import Locks
lock = Locks(Path(sys.argv[1])).take("one")
print(lock is not None, flush=True)
sys.stdin.read()
"""


def test_one_at_a_time_and_another_name_is_another_lock(tmp_path: Path) -> None:
    locks = Locks(tmp_path / "locks")
    assert not locks.is_held("one")
    lock = locks.take("one")
    assert lock is not None
    assert lock.is_real
    assert locks.is_held("one")
    assert Locks(tmp_path / "locks").take("one") is None
    other = locks.take("other")
    assert other is not None
    lock.release()
    lock.release()
    assert not locks.is_held("one")
    again = locks.take("one")
    assert again is not None
    again.release()
    other.release()
    assert list((tmp_path / "locks").iterdir()) == []


def test_a_process_that_is_killed_gives_its_lock_back(tmp_path: Path) -> None:
    locks = Locks(tmp_path)
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(tmp_path)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline() == "True\n"
        assert locks.take("one") is None
        assert locks.is_held("one")
        process.kill()
        process.wait()
        assert not locks.is_held("one")
        lock = locks.take("one")
    assert lock is not None
    lock.release()


def test_many_that_take_turns_are_never_two_at_once(tmp_path: Path) -> None:
    inside, most = [0], [0]

    def work() -> None:
        for _ in range(20):
            lock = Locks(tmp_path).take("one", patience=60)
            assert lock is not None
            inside[0] += 1
            most[0] = max(most[0], inside[0])
            inside[0] -= 1
            lock.release()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1]


def test_what_a_killed_holder_left_is_swept_and_nothing_else(tmp_path: Path) -> None:
    locks = Locks(tmp_path)
    (left, other) = (tmp_path / "left.lock", tmp_path / "notes.txt")
    for path in (left, other):
        path.write_text("")
    held = locks.take("held")
    assert held is not None
    now = time.time()
    locks.sweep(now)
    assert left.exists(), "somebody may be about to take it"
    locks.sweep(now + 7200)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["held.lock", "notes.txt"]
    assert locks.is_held("held")
    held.release()
    Locks(tmp_path / "none").sweep(now)


def test_without_locks_everybody_gets_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = spec_from_file_location("locks_elsewhere", str(module.__file__))
    assert spec is not None
    assert spec.loader is not None
    elsewhere = module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "fcntl", None)
    spec.loader.exec_module(elsewhere)
    assert not elsewhere.HAS_LOCKS
    (tmp_path / "left.lock").write_text("")
    _check_unreal(elsewhere.Locks(tmp_path))
    elsewhere.Locks(tmp_path).sweep(time.time() + 7200)
    assert [path.name for path in tmp_path.iterdir()] == ["left.lock"]


def test_a_file_system_without_locks_counts_as_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(descriptor: int, operation: int) -> None:
        opened.append(descriptor)
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    opened: list[int] = []
    monkeypatch.setattr(fcntl, "flock", refuse)
    (tmp_path / "one.lock").write_text("")
    _check_unreal(Locks(tmp_path))
    Locks(tmp_path).sweep(time.time() + 7200)
    assert [path.name for path in tmp_path.iterdir()] == ["one.lock"]
    assert len(opened) == 4
    for descriptor in opened:
        with pytest.raises(OSError, match=os.strerror(errno.EBADF)):
            os.fstat(descriptor)


def test_a_lock_whose_file_its_last_holder_removed_is_taken_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    locks, flock = Locks(tmp_path), fcntl.flock
    before = locks.take("one")
    assert before is not None

    def releasing(descriptor: int, operation: int) -> None:
        before.release()
        flock(descriptor, operation)

    with monkeypatch.context() as patch:
        patch.setattr(fcntl, "flock", releasing)
        after = locks.take("one")
    assert after is not None
    assert locks.is_held("one")
    assert [path.name for path in tmp_path.iterdir()] == ["one.lock"]
    after.release()


def test_a_file_that_somebody_puts_in_the_place_of_a_left_one_is_not_swept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = tmp_path / "left.lock"
    left.write_text("")

    def replacing(descriptor: int, operation: int) -> None:
        left.unlink()
        left.write_text("another's")

    monkeypatch.setattr(fcntl, "flock", replacing)
    Locks(tmp_path).sweep(time.time() + 7200)
    assert left.read_text() == "another's"


def test_a_lock_is_waited_for_as_long_as_patience_says(tmp_path: Path) -> None:
    locks = Locks(tmp_path)
    held = locks.take("one")
    assert held is not None
    assert locks.take("one", patience=0.03) is None
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(locks.take, "one", 60.0)
        held.release()
        assert waiting.result() is not None


def test_a_folder_that_cannot_be_used_is_as_none(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    _check_unreal(Locks(tmp_path / "file"))


def _check_unreal(locks: Locks) -> None:
    taken: list[Lock | None] = [locks.take("one") for _ in range(2)]
    assert [lock is not None and lock.is_real for lock in taken] == [False, False]
    assert not locks.is_held("one")
    for lock in taken:
        assert lock is not None
        lock.release()
