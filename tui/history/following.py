"""The index kept equal to the files while the program runs, whoever changes them.

Linux tells at once what happens in a folder. Where it cannot (other systems, more folders than it
will watch, other machines on a network folder), the folders are looked at every other second,
which shows files that come, go or are replaced; one that an editor writes in place is found the
same way in the folders that changed last, and within ten minutes in all others. What the system
does not tell of, in a day of whose files it keeps telling, is found once it does no more.
"""

from __future__ import annotations

import os
import selectors
import socket
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress

from tui.history.day_folders import DayFolders, day_of, is_day
from tui.history.folder_watch import FolderWatch
from tui.history.index import HistoryIndex
from tui.history.index_update import Progress
from tui.history.resting import rest_after
from tui.history.store import SUFFIX, HistoryStore

ROUND = 1.5
"""Seconds from one look at all folders to the next."""
SWEEP = 600.0
"""Seconds in which each file has been looked at."""
RETRY = 30.0
"""Seconds until an index that cannot be used is tried again."""
_REST = 0.05
_BUSY = 0.01
"""Seconds of the processor's time from which on a look at a day is followed by a longer rest."""
_WARM_SECONDS = 60.0
_WARM_SECONDS_WATCHED = 4.0
_MOST_WARM = 8
_STOP_PATIENCE = 5.0


class HistoryFollower:
    """Follows the files in a thread of its own, which calls `told` and `failed`.

    `told` hears what became of each look at the files that changed something, of the end of the
    first one, and when the history folder is missing. `failed` hears once, in a sentence, that the
    index cannot be used; `told` hears when it can again. `changed` hears which files, or days, are
    about to be looked at, after all were.
    """

    def __init__(
        self,
        index: HistoryIndex,
        store: HistoryStore,
        told: Callable[[Progress], object],
        failed: Callable[[str], object],
        changed: Callable[[Iterable[str]], object] = lambda _: None,
    ) -> None:
        self._index = index
        self._store = store
        self._told = told
        self._failed = failed
        self._changed = changed
        self._problem = ""
        self._was_away = False
        self._root = os.fspath(store.absolute("history"))
        self._thread = threading.Thread(target=self._run, name="history", daemon=True)
        self._stopping = threading.Event()
        self._hinted: set[str] = set()
        self._waiting = _Waiting()

    def start(self) -> None:
        """Begin to bring the index up to date, and to follow."""
        self._thread.start()

    def hint(self, entry_id: str) -> None:
        """Tell that an entry was written, changed or removed just now. Takes no time."""
        self._hinted.add(self._store.entry_place(entry_id))
        self._waiting.wake()

    def stop(self) -> None:
        """Leave off, within the time that one file takes, and let go of everything."""
        self._stopping.set()
        self._waiting.wake()
        if self._thread.is_alive():
            self._thread.join(_STOP_PATIENCE)
        if not self._thread.is_alive():
            self._waiting.close()

    def _run(self) -> None:
        while not self._stopping.is_set():
            folders = DayFolders(self._root)
            # Before the first look, so that nothing happens unseen after it.
            watch = _watched(folders)
            self._waiting.watch = watch
            try:
                self._follow_all()
                self._problem = ""
                self._keep_following(_Rounds(folders, watch))
            except OSError as error:
                self._fail(error)
            finally:
                self._waiting.watch = None
                if watch is not None:
                    watch.close()

    def _fail(self, error: OSError) -> None:
        problem = str(error)
        if problem != self._problem:
            self._problem = problem
            self._failed(problem)
        self._stopping.wait(RETRY)

    def _follow_all(self) -> None:
        progress = self._index.follow(
            self._store, self._told, self._stopping.is_set, self._take_hints
        )
        if not self._stopping.is_set() and not (progress.is_away and self._was_away):
            self._told(progress)
        self._was_away = progress.is_away

    def _keep_following(self, rounds: _Rounds) -> None:
        """Follow until all must be looked at again."""
        until = time.monotonic() + ROUND
        while not self._stopping.is_set():
            self._waiting.wait(until - time.monotonic())
            places = self._take_hints() | rounds.told_places()
            if is_round := time.monotonic() >= until:
                until = time.monotonic() + ROUND
                if not (rounds.folders.is_same() and self._index.is_whole()):
                    return
                places |= rounds.next_days()
            if places:
                self._rest_after(self._follow_places(places))
            if not is_round:
                # A program that writes much is not run after file by file.
                self._waiting.wait_for_hints(_REST)

    def _follow_places(self, places: set[str]) -> float:
        """The seconds of the processor's time that it took."""
        began = time.thread_time()
        wanted = [place for place in places if is_day(place) or day_of(place) not in places]
        self._changed(wanted)
        newest_first = sorted(wanted, reverse=True)
        self._index.follow_places(self._store, newest_first, self._told, self._stopping.is_set)
        return time.thread_time() - began

    def _rest_after(self, busy: float) -> None:
        if busy > _BUSY:
            self._stopping.wait(rest_after(busy))

    def _take_hints(self) -> set[str]:
        self._waiting.calm()
        places: set[str] = set()
        with suppress(KeyError):
            while True:
                places.add(self._hinted.pop())
        return places


class _Rounds:
    """Decides which days to look at."""

    def __init__(self, folders: DayFolders, watch: FolderWatch | None) -> None:
        self.folders = folders
        self._watch = watch
        self._warm: dict[str, float] = {}
        self._to_sweep: list[str] = []
        self._due = 0.0
        """How many are to be looked at by now."""
        self._told: set[str] = set()
        """The days of whose files the system has told since the last round."""

    def told_places(self) -> set[str]:
        """The entries' files that changed, as the system tells, and days that came or went."""
        told = self._watch.changed() if self._watch else set()
        if told is None:
            self._to_sweep = []
            return set(self.folders.days())
        changed = {(self.folders.place(folder), name) for folder, name in told}
        files = {f"{day}/{name}" for day, name in changed if is_day(day) and name.endswith(SUFFIX)}
        self._told.update(map(day_of, files))
        # Of what else lies in the folder of a day nothing is kept.
        is_elsewhere = any(not (is_day(place) and name) for place, name in changed)
        return files | self._changed() if is_elsewhere else files

    def next_days(self) -> set[str]:
        """The days to look at in this round."""
        changed = self._changed()
        now = time.monotonic()
        # Once more, since some file systems have a coarse clock; and where files that are written
        # in place are not told, for as long as somebody may be at work in that folder.
        warm = {day for day, until in self._warm.items() if until > now}
        until = now + (_WARM_SECONDS if self._watch is None else _WARM_SECONDS_WATCHED)
        last = [*((day, self._warm[day]) for day in warm - changed), *((d, until) for d in changed)]
        self._warm = dict(last[-_MOST_WARM:])
        if self._watch is None:
            warm.update(self.folders.days()[:1])
        # To look through thousands of files each time that one of them changes would take all the
        # time that there is: it is done once nothing more is told.
        told, self._told = self._told, set()
        return ((changed | warm) - told) | self._swept()

    def _changed(self) -> set[str]:
        changed = self.folders.changed()
        if self._watch is not None:
            for day in changed:
                month, year = day[:-3], day[:-6]
                for place in (year, month, day):
                    with suppress(OSError):
                        self._watch.add(self.folders.path(place))
        return changed

    def _swept(self) -> set[str]:
        """A few of all days, or none, so that each has its turn."""
        if not self._to_sweep:
            self._to_sweep = self.folders.days()
        self._due += len(self.folders.days()) * ROUND / SWEEP
        count, self._due = int(self._due), self._due % 1
        swept, self._to_sweep = self._to_sweep[:count], self._to_sweep[count:]
        return set(swept)


def _watched(folders: DayFolders) -> FolderWatch | None:
    """The folders watched by the system; None where it cannot do that, or not for so many."""
    try:
        watch = FolderWatch()
    except OSError:
        return None
    try:
        for path in folders:
            watch.add(path)
    except OSError:
        watch.close()
        return None
    return watch


class _Waiting:
    """Waits for the system to tell of a change, or for another thread to wake."""

    def __init__(self) -> None:
        self.watch: FolderWatch | None = None
        # Not a pipe: what is written to a socket that is closed goes nowhere else.
        self._ear, self._mouth = socket.socketpair()
        for end in (self._ear, self._mouth):
            end.setblocking(False)

    def wait(self, seconds: float) -> None:
        self._wait(seconds, self.watch)

    def wait_for_hints(self, seconds: float) -> None:
        self._wait(seconds, None)

    def wake(self) -> None:
        # One that is full wakes as well.
        with suppress(OSError):
            self._mouth.send(b"\0")

    def calm(self) -> None:
        with suppress(BlockingIOError):
            self._ear.recv(4096)

    def close(self) -> None:
        self._ear.close()
        self._mouth.close()

    def _wait(self, seconds: float, watch: FolderWatch | None) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self._ear, selectors.EVENT_READ)
            if watch is not None:
                selector.register(watch, selectors.EVENT_READ)
            selector.select(max(0.0, seconds))
