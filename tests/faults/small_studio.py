"""A studio without a screen, for runs in which it is killed.

`python -m tests.faults.small_studio` starts one for each line of JSON, a Plan, and prints its
process id; for the line "wait", the id and the exit code of one that has ended. All of them are
forked from here, so that a start costs next to nothing.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

# What a job needs is loaded before anything is forked.
import tui.generation.reconcile
import tui.generation.run
import tui.history.index
import tui.images.verify  # noqa: F401
from tests.api.origins import canary
from tests.faults.harm import Harms, Point
from tui.api import downloads
from tui.api.client import ImagesClient
from tui.api.errors import ApiError
from tui.api.http import tls_context
from tui.catalog.card import ModelCard
from tui.catalog.loading import load_catalogue
from tui.config import BudgetCaps, Config, EndpointSettings, QueueSettings
from tui.generation import holding, look_times, sending
from tui.generation.job_desk import JobDesk
from tui.generation.lost import Look, is_doubtful, is_lost
from tui.generation.request import GenerationRequest
from tui.history.desk import HistoryDesk
from tui.history.entry import Entry
from tui.history.index import HistoryIndex
from tui.paths import Paths

# The cap is never reached, but each job is held to it.
CONFIG = Config(queue=QueueSettings(at_once=3), budget=BudgetCaps(day_usd=100_000.0))
LONGEST_LIFE = 30
"""Seconds that a studio may take which is harmed."""
LOOKS_AFTER = (0.02, 0.1)
"""Seconds after which what became unknown is looked for."""
MODEL = "kling-image-o1"


class Press(Struct, frozen=True):
    """A press of the send key, `pause` seconds after the one before."""

    prompt: str
    parameters: dict[str, Any] = {}
    fault: str = ""
    """Which the endpoint plays for it; empty for none."""
    pause: float = 0.0


class Plan(Struct, frozen=True):
    """What a studio does from its start to its end."""

    home: str
    base_url: str
    reports: str
    """A pipe that it tells of each step, in lines: `pressing`, `pressed`, `queued`, …"""
    presses: tuple[Press, ...] = ()
    settles: bool = False
    """Whether it looks for everything that may have been charged, as a person does in the end."""
    impatience: float = 0.5
    """Seconds that it waits for an answer."""
    harm: Point | None = None
    """What befalls it; what it came to is told in a file beside its reports then."""
    clock: float = 0.0
    """Seconds by which its clock is ahead, where it has one of its own."""


Begun = Callable[[Plan, ModelCard, Harms | None], Coroutine[Any, Any, None]]


class SmallStudio:
    """A studio that carries out a plan."""

    def __init__(self, plan: Plan, card: ModelCard) -> None:
        home = Path(plan.home)
        self._plan = plan
        self._card = card
        self._reports = os.open(plan.reports, os.O_WRONLY)
        self._paths = Paths(home, home, home)
        self._paths.prepare()
        self._began = datetime.now(UTC)
        self._history = HistoryDesk(self._paths, lambda: datetime.now().astimezone())
        self._news = asyncio.Event()
        self._desk = JobDesk(
            self._paths,
            self._history,
            CONFIG,
            self._open_client,
            lambda model: card,
            changed=lambda job: self._follow(job.entry),
            mended=self._follow,
            found=lambda look: self._say("looked", look.result),
            told=self._news.set,
        )

    async def live(self) -> None:
        """Carry out the plan, and end."""
        desk = self._desk
        async with asyncio.TaskGroup() as tasks:
            working = tasks.create_task(desk.work())
            await desk.take_up(self._began)
            desk.queue.resume()
            for press in self._plan.presses:
                await asyncio.sleep(press.pause)
                self._say("pressing", press.prompt)
                request = GenerationRequest(
                    press.fault or "well", MODEL, press.prompt, press.parameters
                )
                try:
                    job = await desk.submit(request, self._card)
                except OSError:
                    self._say("refused", press.prompt)
                else:
                    self._say("pressed", job.id)
            await desk.queue.finished()
            await self._looks_ended()
            if self._plan.settles:
                await self._settle()
            working.cancel()
        if self._plan.harm is not None:
            # As who looks at history does.
            with suppress(OSError):
                HistoryIndex(self._paths.index).follow(self._history.store)
        self._history.close()

    async def _looks_ended(self) -> None:
        """Return once nothing is looked for by itself any more."""
        while any(ended.is_sought for ended in self._desk.board.ended):
            self._news.clear()
            await self._news.wait()

    async def _settle(self) -> None:
        """Look for all that has no pictures, and choose where it is not certain."""
        for entry in await asyncio.to_thread(self._without_pictures):
            look = await self._desk.look_again(entry.id)
            # What was found of a group may be all there is; the rest may be another's.
            if look.result == "ambiguous" and not entry.images:
                chosen = await self._chosen(look)
                if chosen is not None:
                    await self._desk.look_again(entry.id, (chosen,))

    async def _chosen(self, look: Look) -> str | None:
        """The record that a person takes, who looks at the pictures: the first that is new."""
        entries = self._history.store.newest().entries
        known = {image.sha256 for entry in entries for image in entry.images}
        client = await self._open_client(look.entry.endpoint)
        target = Path(f"{self._plan.reports}-picture")
        for record in look.candidates:
            with suppress(ApiError):
                download = await client.download_record(record.id, target)
                await asyncio.to_thread(target.unlink)
                if download.sha256 not in known:
                    return record.id
        return None

    def _without_pictures(self) -> list[Entry]:
        store = self._history.store
        entries = store.newest().entries
        lost = [entry for entry in entries if is_lost(entry, store.locks) or is_doubtful(entry)]
        return sorted(lost, key=lambda entry: entry.id)

    async def _open_client(self, endpoint: str) -> ImagesClient:
        return client_of(self._plan, endpoint)

    def _follow(self, entry: Entry) -> None:
        self._say(entry.status, entry.id)

    def _say(self, *words: str) -> None:
        # Nobody may listen any more.
        with suppress(BrokenPipeError):
            os.write(self._reports, f"{' '.join(words)}\n".encode())


def client_of(plan: Plan, endpoint: str) -> ImagesClient:
    """A client of the endpoint that plays the fault of that name; of one that is well, else."""
    kind = "" if endpoint == "well" or plan.settles else endpoint
    settings = EndpointSettings(
        base_url=plan.base_url,
        timeout=plan.impatience if kind else 60.0,
        download_timeout=plan.impatience if kind else 60.0,
        headers={"X-Fault": kind} if kind else {},
    )
    return ImagesClient(settings, canary())


def _live(plan: Plan, card: ModelCard, begun: Begun) -> None:
    """Be a studio, and end."""
    code = 1
    harms = None
    if plan.harm is not None:
        harms = Harms(Path(plan.home), plan.harm)
        # Whatever stands still does not do so for ever.
        signal.alarm(LONGEST_LIFE)
        if not plan.harm.harm:
            harms.audit()
    try:
        asyncio.run(begun(plan, card, harms))
        code = 0
    finally:
        if code:
            sys.excepthook(*sys.exc_info())  # type: ignore[arg-type]
            sys.stderr.flush()
        if harms is not None:
            Path(f"{plan.reports}-harm").write_text(harms.report())
        os._exit(code)


async def _begun(plan: Plan, card: ModelCard, harms: Harms | None) -> None:
    try:
        studio = SmallStudio(plan, card)
    except OSError:
        if plan.harm is None:
            raise
        # The program says so, and ends.
        return
    await studio.live()


def main(begun: Begun = _begun) -> None:
    """Fork a studio for each line of standard input, and tell when it has ended."""
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    logging.getLogger("tui").addHandler(logging.NullHandler())
    tls_context()
    sending.SHORTEST_WAIT = 0.0
    sending.CONNECTING_PAUSES = (0.0, 0.0)
    downloads.PAUSES = (0.0, 0.0)
    holding.PAUSES = (0.01,)
    look_times.AFTER = LOOKS_AFTER
    card = load_catalogue(Path(os.devnull)).card(MODEL)
    for line in sys.stdin:
        if line.strip() == "wait":
            child, status = os.wait()
            print(child, os.waitstatus_to_exitcode(status), flush=True)
            continue
        plan = msgspec.json.decode(line, type=Plan)
        child = os.fork()
        if child == 0:
            _live(plan, card, begun)
        print(child, flush=True)


if __name__ == "__main__":
    main()
