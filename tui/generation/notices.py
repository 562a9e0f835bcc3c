"""Notices that a job has ended: when the bell rings, what the desktop shows, the user's command.

What ends within a second is told of once: the bell rings for the first, and the desktop gets one
notice for all. The command is run for each of them, one after another.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import subprocess
from collections import Counter, deque
from collections.abc import Callable, Sequence
from typing import Protocol

from tui.catalog.card import ModelCard
from tui.commands import finish, start, stop_commands
from tui.config import NoticeSettings
from tui.desktop import DesktopSetting
from tui.generation.documents import entry_document, json_line
from tui.generation.queue import Job
from tui.history.entry import UNFINISHED, Entry, Status, decode_entry, encode_entry
from tui.history.store import HistoryStore
from tui.history.wording import outcome
from tui.log import OwnWords
from tui.scrub import EVERY_SECRET
from tui.text import Shown, one_line

_log = logging.getLogger(__name__)

MOMENT = 1.0
"""Seconds in which jobs that end are told of together."""
COMMAND_TIMEOUT = 60.0
TO_FINISH = 2.0
"""Seconds that commands have when the studio is left."""
_MOST_TOLD = 1_000
"""Jobs that are remembered as told of: those that may still change are fewer by far."""
_LONGEST_PROMPT = 120
_CONSIDERED = 4000
"""Characters of a prompt that are looked through for secrets: more than are shown."""
_IN_SUM: dict[Status, str] = {
    "done": "done",
    "partial": "in part",
    "failed": "failed",
    "unknown": "unknown",
}

Later = Callable[[float, Callable[[], None]], object]
"""Calls a function so many seconds from now, as the event loop does."""


class Signals(Protocol):
    """The ways of telling something to the user, called on the event loop."""

    def ring(self) -> None:
        """Ring the bell."""

    def show(self, text: Shown, setting: DesktopSetting) -> None:
        """Show `text` on the desktop, where `setting` comes to that."""

    def complain(self, problem: str) -> None:
        """Say that something went wrong with the notices. May hold outside text."""


class CommandFailed(Exception):
    """The user's command did not do its work; the text says why, in words of ours."""


class Notices:
    """Hears of every change of every job, and tells of those that have ended."""

    def __init__(
        self,
        settings: Callable[[], NoticeSettings],
        store: HistoryStore,
        card_of: Callable[[str], ModelCard],
        signals: Signals,
        later: Later | None = None,
    ) -> None:
        """`settings` are asked for at every end; `later` is the running loop's if not given."""
        self._settings = settings
        self._store = store
        self._card_of = card_of
        self._signals = signals
        self._later = later
        self._told: dict[str, None] = {}
        """The jobs that were told of last, by their ids."""
        self._together: list[Entry] | None = None
        """What has ended in this moment; None where there is none."""
        self._to_run: deque[tuple[tuple[str, ...], Entry]] = deque()
        self._runner: asyncio.Task[None] | None = None
        self._failed: set[tuple[str, ...]] = set()
        """Commands whose failure the user was told of."""
        self._is_closed = False

    def job_changed(self, job: Job) -> None:
        """Tell that `job` has ended, if it has; once, however often this is called."""
        if self._is_closed or job.id in self._told or not _is_told(job):
            return
        self._told[job.id] = None
        if len(self._told) > _MOST_TOLD:
            del self._told[next(iter(self._told))]
        settings = self._settings()
        if job.elapsed >= settings.after:
            self._tell(job.entry, settings)
        if settings.command:
            self._to_run.append((settings.command, job.entry))
            if self._runner is None or self._runner.done():
                self._runner = asyncio.create_task(self._run_commands(), name="notices")

    async def close(self) -> None:
        """Tell of nothing more. Commands have two seconds to finish; what is left is ended."""
        self._is_closed = True
        if self._runner is None:
            return
        await asyncio.wait({self._runner}, timeout=TO_FINISH)
        if not self._runner.done():
            _log.warning("the command was not run or ended for %d entries", len(self._to_run) + 1)
            self._to_run.clear()
        while not self._runner.done():
            # One may just be starting.
            await asyncio.to_thread(stop_commands)
            await asyncio.wait({self._runner}, timeout=0.1)

    def _tell(self, entry: Entry, settings: NoticeSettings) -> None:
        if self._together is not None:
            self._together.append(entry)
            return
        self._together = [entry]
        if settings.bell:
            self._signals.ring()
        later = self._later or asyncio.get_running_loop().call_later
        later(MOMENT, self._end_moment)

    def _end_moment(self) -> None:
        together, self._together = self._together, None
        if together and not self._is_closed:
            self._signals.show(in_a_line(together), self._settings().desktop)

    async def _run_commands(self) -> None:
        while self._to_run:
            command, entry = self._to_run.popleft()
            try:
                await asyncio.to_thread(self._run, command, entry)
            except CommandFailed as failure:
                self._hear_of(command, entry, failure)

    def _run(self, command: tuple[str, ...], entry: Entry) -> None:
        # As it is when read again, so that it is the same that `history show` prints.
        entry = decode_entry(encode_entry(entry))
        document = entry_document(entry, self._store, self._card_of(entry.model))
        run_with(command, f"{json_line(document)}\n".encode())

    def _hear_of(self, command: tuple[str, ...], entry: Entry, failure: CommandFailed) -> None:
        if self._is_closed:
            return
        _log.warning("the command %s: %s: job %s", command[0], OwnWords(failure), entry.id)
        if command not in self._failed:
            self._failed.add(command)
            self._signals.complain(
                f"The command {command[0]} {failure}. It stands under [notices] in config.toml. "
                "Further failures are told to the log alone."
            )


def run_with(command: tuple[str, ...], data: bytes) -> None:
    """Run `command` with `data` on its standard input, and wait for its end.

    Raises CommandFailed, also where it takes longer than COMMAND_TIMEOUT, and is ended then.
    """
    try:
        process = start(command, stdin=subprocess.PIPE)
    except FileNotFoundError:
        raise CommandFailed("was not found") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it holds a NUL"
        raise CommandFailed(f"cannot be started: {reason or type(error).__name__}") from None
    try:
        # What it does not read is no failure: the exit status is its own word.
        process.communicate(data, COMMAND_TIMEOUT)
    except subprocess.TimeoutExpired:
        raise CommandFailed(f"took longer than {COMMAND_TIMEOUT:g} s and was ended") from None
    finally:
        finish(process)
    if process.returncode > 0:
        raise CommandFailed(f"failed: exit status {process.returncode}")
    if process.returncode < 0:
        raise CommandFailed(f"was ended by {_signal_name(-process.returncode)}")


def in_a_line(entries: Sequence[Entry]) -> Shown:
    """What became of `entries`: of one its outcome and prompt, of several how many of each."""
    if len(entries) > 1:
        counts = Counter(entry.status for entry in entries)
        parts = [f"{counts[status]} {word}" for status, word in _IN_SUM.items() if counts[status]]
        return one_line(f"{len(entries)} jobs ended: {', '.join(parts)}")
    (entry,) = entries
    prompt = one_line(EVERY_SECRET.text(entry.prompt[:_CONSIDERED]), limit=_LONGEST_PROMPT)
    how = outcome(entry) or "done"
    return one_line(f"{how[0].upper()}{how[1:]}: {prompt}")


def _is_told(job: Job) -> bool:
    """Whether `job` has ended, and not because the user gave it up."""
    status = job.entry.status
    if status in UNFINISHED or status == "cancelled":
        return False
    return status in ("done", "failed") or not job.is_given_up


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
