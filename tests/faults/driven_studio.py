"""A small studio that does what it is told, command by command, until it is killed.

It is forked as the others are. It connects to the socket that its plan names for reports, and
answers each line of JSON, a Command, with another one, an Answer.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta, tzinfo
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from tests.faults.harm import Harms, Point
from tests.faults.small_studio import CONFIG, MODEL, Plan, Press, client_of, main
from tui.api.client import ImagesClient
from tui.catalog.card import ModelCard
from tui.generation.job_desk import JobDesk
from tui.generation.queue import Job
from tui.generation.request import GenerationRequest
from tui.history import entry as entries
from tui.history.desk import HistoryDesk
from tui.history.entry import Entry, UnreadableEntry
from tui.paths import Paths

LONGEST_LIFE = 120
"""Seconds after which one that stands still is ended."""


class Command(Struct, frozen=True):
    """What a studio is to do."""

    do: str
    """The name of one of the methods of DrivenStudio that begin with `do_`."""
    id: str = ""
    press: Press | None = None
    harm: Point | None = None
    """What befalls it meanwhile: the next such call, whatever its number."""
    number: int = 0


class Answer(Struct, frozen=True):
    """What became of a command."""

    result: str = ""
    id: str = ""
    candidates: tuple[str, ...] = ()
    left_waiting: tuple[str, ...] = ()
    """Jobs of earlier runs that wait for the user."""


class _Clock(datetime):
    """A clock that can be set."""

    off = timedelta()

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        return datetime.now(tz) + cls.off


class DrivenStudio:
    """The desk of jobs and that of history, as the studio has them."""

    def __init__(self, plan: Plan, card: ModelCard, harms: Harms) -> None:
        self._plan = plan
        self._card = card
        self._harms = harms
        self._news = asyncio.Event()
        entries.datetime = _Clock  # type: ignore[misc, assignment]

    async def live(self) -> None:
        """Do what is told until nobody tells anything any more."""
        paths = Paths(*[self._harms.home] * 3)
        paths.prepare()
        self._history = history = HistoryDesk(paths, lambda: _Clock.now().astimezone())
        self._desk = desk = JobDesk(
            paths,
            history,
            CONFIG,
            self._open_client,
            lambda model: self._card,
            changed=lambda job: self._news.set(),
            mended=lambda entry: self._news.set(),
            found=lambda look: self._news.set(),
            told=self._news.set,
        )
        reader, writer = await asyncio.open_unix_connection(self._plan.reports)
        working = asyncio.create_task(desk.work())
        await asyncio.sleep(0)
        self._off(self._plan.clock)
        await desk.take_up(entries.now())
        await self._at_rest()
        self._tell(writer, Answer("begun", left_waiting=tuple(sorted(desk.board.held))))
        while line := await reader.readline():
            command = msgspec.json.decode(line, type=Command)
            if command.harm is not None:
                self._harms.harm_next(command.harm.call, command.harm.about, command.harm.harm)
            do: Callable[[Command], Any] = getattr(self, f"do_{command.do}")
            answer: Answer = await do(command)
            self._harms.harm_no_more()
            self._tell(writer, replace(answer, left_waiting=tuple(sorted(desk.board.held))))
        working.cancel()
        with suppress(asyncio.CancelledError):
            await working
        history.close()

    async def do_press(self, command: Command) -> Answer:
        """Press the send key, and see what becomes of it."""
        press = command.press
        assert press is not None
        request = GenerationRequest(press.fault or "well", MODEL, press.prompt, press.parameters)
        try:
            job = await self._desk.submit(request, self._card)
        except OSError:
            return Answer("refused")
        await self._at_rest()
        return Answer(job.entry.status, job.id)

    async def do_send_again(self, command: Command) -> Answer:
        """Send what has ended once more."""
        for ended in self._desk.board.ended:
            if ended.id == command.id:
                try:
                    job = await self._desk.send_again(ended)
                except OSError:
                    return Answer("refused")
                await self._at_rest()
                return Answer(job.entry.status, job.id)
        return Answer("absent")

    async def do_go_on(self, command: Command) -> Answer:
        """Go on with what waits."""
        self._desk.queue.resume()
        await self._at_rest()
        return Answer("done")

    async def do_look(self, command: Command) -> Answer:
        """Look for what was lost."""
        try:
            look = await self._desk.look_again(command.id)
        except (OSError, UnreadableEntry):
            return Answer("absent")
        return Answer(look.result, candidates=tuple(record.id for record in look.candidates))

    async def do_give_up(self, command: Command) -> Answer:
        """Look no longer."""
        try:
            look = await self._desk.give_up(command.id)
        except (OSError, UnreadableEntry):
            return Answer("absent")
        return Answer(look.result)

    async def do_discard(self, command: Command) -> Answer:
        """Throw an entry away."""
        return await self._on_history(self._history.discard, command.id)

    async def do_restore(self, command: Command) -> Answer:
        """Take an entry back out of the trash."""
        return await self._on_history(self._history.restore, command.id)

    async def do_rate(self, command: Command) -> Answer:
        """Give an entry so many stars."""

        def rated(entry_id: str) -> Entry:
            return self._history.change(
                entry_id, lambda entry: replace(entry, rating=command.number)
            )

        return await self._on_history(rated, command.id)

    async def do_make_room(self, command: Command) -> Answer:
        """Let there be room on the disk again."""
        self._harms.is_full = False
        await self._at_rest()
        return Answer("done")

    async def do_stop(self, command: Command) -> Answer:
        """Wait no longer for what runs."""
        for job in self._desk.board.running:
            await self._desk.queue.stop(job.id)
        await self._at_rest()
        return Answer("done")

    async def do_set_clock(self, command: Command) -> Answer:
        """Let it be so many seconds later than it is."""
        self._off(command.number)
        return Answer("done")

    async def _on_history(self, action: Callable[[str], object], entry_id: str) -> Answer:
        try:
            await asyncio.to_thread(action, entry_id)
        except FileNotFoundError:
            return Answer("absent")
        except (OSError, UnreadableEntry):
            return Answer("refused")
        return Answer("done")

    async def _at_rest(self) -> None:
        """Return when nothing goes on any more without the user."""
        while not self._is_at_rest():
            self._news.clear()
            await self._news.wait()

    def _is_at_rest(self) -> bool:
        board = self._desk.board
        if any(ended.is_sought for ended in board.ended):
            return False
        if board.running and not (self._harms.is_full and all(map(_waits_for_room, board.running))):
            return False
        return all(board.hindrance(job) for job in board.waiting)

    async def _open_client(self, endpoint: str) -> ImagesClient:
        return client_of(self._plan, endpoint)

    def _off(self, seconds: float) -> None:
        _Clock.off = timedelta(seconds=seconds)

    def _tell(self, writer: asyncio.StreamWriter, answer: Answer) -> None:
        writer.write(msgspec.json.encode(answer) + b"\n")


def _waits_for_room(job: Job) -> bool:
    return job.pause is not None and job.pause.reason == "not_saved"


async def _begun(plan: Plan, card: ModelCard, harms: Harms | None) -> None:
    assert harms is not None
    signal.alarm(LONGEST_LIFE)
    await DrivenStudio(plan, card, harms).live()


if __name__ == "__main__":
    main(_begun)
