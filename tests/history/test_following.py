"""The index follows the files while the program runs, whoever changes them."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from msgspec.structs import replace

from tests.history.entries import CREATED, DONE, at
from tui.history import following
from tui.history.day_folders import DayFolders
from tui.history.entry import Entry, encode_entry
from tui.history.following import HistoryFollower
from tui.history.index import HistoryIndex
from tui.history.index_update import Progress
from tui.history.query import Query
from tui.history.store import HistoryStore
from tui.paths import Paths

EVERYTHING = Query()
PATIENCE = 60.0


@pytest.fixture
def store(paths: Paths) -> HistoryStore:
    return HistoryStore(paths)


class Ears:
    """What a follower tells, and waiting for what comes of it."""

    def __init__(self, index: HistoryIndex) -> None:
        self.index = index
        self.told: list[Progress] = []
        self.failed: list[str] = []
        self._news = threading.Condition()

    def hear(self, progress: Progress) -> None:
        with self._news:
            self.told.append(progress)
            self._news.notify_all()

    def hear_failure(self, problem: str) -> None:
        with self._news:
            self.failed.append(problem)
            self._news.notify_all()

    def wait_for(self, condition: Callable[[], bool]) -> None:
        """Wait until something told makes `condition` true."""
        with self._news:
            assert self._news.wait_for(condition, PATIENCE), (self.told, self.failed)

    def wait_for_ids(self, *ids: str) -> None:
        self.wait_for(lambda: {row.id for row in self.index.search(EVERYTHING)} == set(ids))


@contextmanager
def followed(paths: Paths) -> Iterator[tuple[HistoryFollower, Ears]]:
    index = HistoryIndex(paths.index)
    ears = Ears(index)
    follower = HistoryFollower(index, HistoryStore(paths), ears.hear, ears.hear_failure)
    follower.start()
    try:
        ears.wait_for(lambda: bool(ears.failed) or any(p.is_whole or p.is_away for p in ears.told))
        yield follower, ears
    finally:
        follower.stop()
        index.close()
    assert "history" not in {thread.name for thread in threading.enumerate()}


@pytest.fixture(params=["watched", "looked at"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways to learn of changes, the second as on systems that do not tell."""
    if request.param == "looked at":
        monkeypatch.setattr(following, "FolderWatch", _no_watch)
        monkeypatch.setattr(following, "ROUND", 0.05)
    elif sys.platform != "linux":
        pytest.skip("only Linux tells")
    else:
        # Nothing but what the system tells is looked at.
        monkeypatch.setattr(following, "ROUND", 3600.0)
    return str(request.param)


def _no_watch() -> None:
    raise OSError("not here")


_WRITE = """
import sys
from datetime import timedelta
from pathlib import Path
from tests.history.entries import CREATED, at
from tui.history.store import HistoryStore
from tui.paths import Paths
home = Path(sys.argv[1])
for days in map(int, sys.stdin):
    HistoryStore(Paths(home, home, home)).write(at(CREATED + timedelta(days=days)))
    print("written", flush=True)
"""


def test_what_others_do_is_seen(paths: Paths, store: HistoryStore, way: str) -> None:
    other = subprocess.Popen(
        [sys.executable, "-c", _WRITE, str(paths.data)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    days = [entry.id for entry in map(_on_day, range(60))]

    def write(day: int) -> None:
        assert other.stdin is not None
        assert other.stdout is not None
        other.stdin.write(f"{day}\n")
        other.stdin.flush()
        assert other.stdout.readline() == "written\n"

    write(0)
    with other, followed(paths) as (_, ears):
        ears.wait_for_ids(days[0])
        # Into the same folder, a new one, and one of a month that was not there either.
        store.write(at(CREATED, 7))
        ears.wait_for_ids(days[0], at(CREATED, 7).id)
        store.entry_path(at(CREATED, 7).id).unlink()
        write(1)
        ears.wait_for_ids(*days[:2])
        write(40)
        ears.wait_for_ids(*days[:2], days[40])
        # An editor that replaces, and one that writes in place.
        store.change(days[0], lambda entry: replace(entry, starred=True))
        ears.wait_for(lambda: _starred(ears) == [days[0]])
        path = store.entry_path(days[40])
        path.write_bytes(encode_entry(replace(store.read(days[40]), starred=True)))
        ears.wait_for(lambda: _starred(ears) == [days[40], days[0]])
        for day in (40, 0):
            store.entry_path(days[day]).unlink()
        path.parent.rmdir()
        ears.wait_for_ids(days[1])
        assert ears.failed == []


def _on_day(number: int):
    from datetime import timedelta

    return at(CREATED + timedelta(days=number))


def _starred(ears: Ears) -> list[str]:
    return [row.id for row in ears.index.search(EVERYTHING) if row.starred]


def test_own_entries_are_there_at_a_hint(
    paths: Paths, store: HistoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "FolderWatch", _no_watch)
    monkeypatch.setattr(following, "ROUND", 3600.0)
    with followed(paths) as (follower, ears):
        store.write(DONE)
        follower.hint(DONE.id)
        # The folder came with it, and so all is looked at again in its turn; not before the hint.
        ears.wait_for_ids(DONE.id)
        store.change(DONE.id, lambda entry: replace(entry, starred=True))
        follower.hint(DONE.id)
        ears.wait_for(lambda: _starred(ears) == [DONE.id])


def test_what_another_program_has_put_into_the_index_first_is_told_too(
    paths: Paths, store: HistoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "FolderWatch", _no_watch)
    monkeypatch.setattr(following, "ROUND", 3600.0)
    store.write(DONE)
    other = HistoryIndex(paths.index)
    with followed(paths) as (follower, ears):
        told = len(ears.told)
        store.change(DONE.id, lambda entry: replace(entry, starred=True))
        assert other.follow(store).changed == 1
        follower.hint(DONE.id)
        ears.wait_for(lambda: len(ears.told) > told)
        assert _starred(ears) == [DONE.id]
    other.close()


def test_a_hint_is_heard_while_all_is_still_being_read(
    paths: Paths, store: HistoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        store.write(_on_day(number))
    index = HistoryIndex(paths.index)
    ears = Ears(index)
    read: list[str] = []

    class SlowStore(HistoryStore):
        def stamps(self, day: str):
            read.append(day)
            if len(read) == 1:
                store.write(_on_day(50))
                follower.hint(_on_day(50).id)
            return super().stamps(day)

        def stamp(self, day: str, name: str):
            read.append(name)
            return super().stamp(day, name)

    follower = HistoryFollower(index, SlowStore(paths), ears.hear, ears.hear_failure)
    follower.start()
    ears.wait_for(lambda: any(progress.is_whole for progress in ears.told))
    follower.stop()
    # The new folder was not among those that were known at first, but its entry came second.
    assert read[1] == f"{_on_day(50).id}.toml"
    index.close()


def test_the_newest_of_a_day_are_read_first(paths: Paths, store: HistoryStore) -> None:
    entries = [at(CREATED, number) for number in range(30)]
    for entry in entries:
        store.write(entry)
    read: list[str] = []

    class TellingStore(HistoryStore):
        def read_file(self, day: str, name: str) -> Entry:
            read.append(name)
            return super().read_file(day, name)

    index = HistoryIndex(paths.index)
    index.follow(TellingStore(paths))
    index.close()
    assert read == [store.entry_path(entry.id).name for entry in reversed(entries)]


@pytest.mark.parametrize("harm", ["deleted", "noise", "torn", "emptied"])
def test_an_index_that_is_lost_while_running_is_made_anew(
    paths: Paths, store: HistoryStore, monkeypatch: pytest.MonkeyPatch, harm: str
) -> None:
    monkeypatch.setattr(following, "ROUND", 0.05)
    # Day by day, all would be found again in the end.
    monkeypatch.setattr(following._Rounds, "_swept", lambda _: set())
    # Not of the day that is followed anyway.
    entries = [_on_day(number) for number in range(1, 20)]
    for entry in entries:
        store.write(entry)
    with followed(paths) as (_, ears):
        match harm:
            case "deleted":
                paths.index.unlink()
            case "noise":
                paths.index.write_bytes(b"noise " * 5000)
            case "torn":
                with paths.index.open("r+b") as file:
                    file.seek(4096)
                    file.write(b"\xff" * (paths.index.stat().st_size - 4096))
            case "emptied":
                for end in ("", "-wal", "-shm"):
                    paths.index.with_name(paths.index.name + end).unlink(missing_ok=True)
        store.write(DONE)
        ears.wait_for_ids(DONE.id, *(entry.id for entry in entries))


def test_a_history_that_goes_away_and_comes_back(
    paths: Paths, store: HistoryStore, monkeypatch: pytest.MonkeyPatch, tmp_path
) -> None:
    monkeypatch.setattr(following, "ROUND", 0.05)
    entries = [at(CREATED, number) for number in range(3)]
    for entry in entries:
        store.write(entry)
    with followed(paths) as (_, ears):
        paths.history.rename(tmp_path / "elsewhere")
        ears.wait_for(lambda: ears.told[-1].is_away)
        # The empty folder that a disk was mounted on says nothing of what the disk holds.
        paths.history.mkdir()
        ears.wait_for_ids(*(entry.id for entry in entries))
        paths.history.rmdir()
        (tmp_path / "elsewhere").rename(paths.history)
        store.entry_path(entries[0].id).unlink()
        store.write(DONE)
        ears.wait_for_ids(DONE.id, *(entry.id for entry in entries[1:]))
        assert ears.failed == []
        assert sum(progress.is_away for progress in ears.told) == 1


def test_a_history_that_begins_while_it_is_followed(
    paths: Paths, store: HistoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "ROUND", 0.05)
    if paths.history.exists():
        paths.history.rmdir()
    with followed(paths) as (_, ears):
        store.write(DONE)
        ears.wait_for_ids(DONE.id)
        assert not any(progress.is_away for progress in ears.told)


def test_a_cache_that_cannot_be_used_is_told_once_and_tried_again(
    paths: Paths, store: HistoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "RETRY", 0.01)
    store.write(DONE)
    paths.index.mkdir()
    tries = threading.Event()
    tried: list[None] = []

    class CountingStore(HistoryIndex):
        def follow(self, *args, **kwargs):
            tried.append(None)
            if len(tried) == 5:
                tries.set()
            return super().follow(*args, **kwargs)

    index = CountingStore(paths.index)
    ears = Ears(index)
    follower = HistoryFollower(index, store, ears.hear, ears.hear_failure)
    follower.start()
    assert tries.wait(PATIENCE)
    assert len(ears.failed) == 1
    paths.index.rmdir()
    ears.wait_for_ids(DONE.id)
    follower.stop()
    index.close()


def test_a_follower_stops_in_the_middle_of_its_first_look(
    paths: Paths, store: HistoryStore
) -> None:
    for number in range(5):
        store.write(_on_day(number))
    begun, stopping = threading.Event(), threading.Event()

    class SlowStore(HistoryStore):
        def stamps(self, day: str):
            begun.set()
            assert stopping.wait(PATIENCE)
            return super().stamps(day)

    index = HistoryIndex(paths.index)
    ears = Ears(index)
    follower = HistoryFollower(index, SlowStore(paths), ears.hear, ears.hear_failure)
    follower.start()
    assert begun.wait(PATIENCE)
    stopper = threading.Thread(target=follower.stop)
    stopper.start()
    assert follower._stopping.wait(PATIENCE)
    stopping.set()
    stopper.join(PATIENCE)
    assert not any(progress.is_whole for progress in ears.told)
    # Harmless, whenever it comes.
    follower.hint(DONE.id)
    index.close()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells")
def test_folders_beyond_what_the_system_watches_are_looked_at(
    paths: Paths, store: HistoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "ROUND", 0.05)
    store.write(DONE)

    def add(self: object, folder: str) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(following.FolderWatch, "add", add)
    with followed(paths) as (_, ears):
        store.write(_on_day(3))
        ears.wait_for_ids(DONE.id, _on_day(3).id)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells")
def test_a_day_that_is_told_of_file_by_file_is_looked_through_once_that_is_over(
    paths: Paths, store: HistoryStore
) -> None:
    store.write(DONE)
    day, name = store.entry_place(DONE.id).rsplit("/", 1)
    folders = DayFolders(str(paths.history))
    watch = following._watched(folders)
    assert watch is not None
    rounds = following._Rounds(folders, watch)
    try:
        for number in range(3):
            store.write(at(CREATED, number))
            (paths.history / day / "notes.txt").write_text("not an entry")
            place = store.entry_place(at(CREATED, number).id)
            assert rounds.told_places() == {place}
            assert day not in rounds.next_days()
        (paths.history / day / name).rename(paths.history / "aside.toml")
        assert f"{day}/{name}" in rounds.told_places()
        rounds.next_days()
        assert day in rounds.next_days()
    finally:
        watch.close()
