"""A studio without a screen, for runs in which it is killed.

`python -m tests.faults.small_studio` starts one for each line of JSON, a Plan, and prints its
process id; for the line "wait", the id and the exit code of one that has ended. All of them are
forked from here, so that a start costs next to nothing.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

# What a job needs is loaded before anything is forked.
import tui.generation.run
import tui.images.verify  # noqa: F401
from tests.api.origins import canary
from tui.api import downloads
from tui.api.client import ImagesClient
from tui.api.errors import ApiError
from tui.api.http import tls_context
from tui.catalog.card import ModelCard
from tui.catalog.loading import load_catalogue
from tui.config import EndpointSettings, QueueSettings
from tui.generation import sending
from tui.generation.left_over import left_over
from tui.generation.queue import Job, JobQueue
from tui.generation.reconcile import Look, Reconciler, is_doubtful, is_lost
from tui.generation.request import GenerationRequest
from tui.history.desk import HistoryDesk
from tui.history.entry import Entry
from tui.history.unended import find_unended
from tui.paths import Paths

AT_ONCE = 3
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


class _Studio:
    def __init__(self, plan: Plan, card: ModelCard) -> None:
        home = Path(plan.home)
        self._plan = plan
        self._card = card
        self._reports = os.open(plan.reports, os.O_WRONLY)
        self._paths = Paths(home, home, home)
        self._paths.prepare()
        self._began = datetime.now(UTC)
        self._desk = HistoryDesk(self._paths, lambda: datetime.now().astimezone())
        self._reconciler = Reconciler(self._paths, self._desk.store, self._open_client)

    async def live(self) -> None:
        queue = JobQueue(
            self._desk.store, self._open_client, self._follow, QueueSettings(at_once=AT_ONCE)
        )
        async with asyncio.TaskGroup() as tasks:
            working = tasks.create_task(queue.work())
            looking = tasks.create_task(self._look())
            left = await asyncio.to_thread(left_over, self._desk, self._began)
            queue.adopt(left.queued)
            queue.resume()
            for press in self._plan.presses:
                await asyncio.sleep(press.pause)
                self._say("pressing", press.prompt)
                request = GenerationRequest(
                    press.fault or "well", MODEL, press.prompt, press.parameters
                )
                job = await queue.submit(request, self._card)
                self._say("pressed", job.id)
            await queue.finished()
            await looking
            working.cancel()
        await self._look()
        self._desk.close()

    async def _look(self) -> None:
        """Look once for each lost entry; for all that has no pictures, where the plan says so."""
        for entry in await asyncio.to_thread(self._lost):
            look = await self._reconciler.look(entry.id, again=self._plan.settles)
            if look.result == "ambiguous" and self._plan.settles:
                self._say("looked", look.result)
                # What was found of a group may be all there is; the rest may be another's.
                chosen = None if entry.images else await self._chosen(look)
                if chosen is None:
                    continue
                look = await self._reconciler.look(entry.id, (chosen,), again=True)
            self._say("looked", look.result)

    async def _chosen(self, look: Look) -> str | None:
        """The record that a person takes, who looks at the pictures: the first that is new."""
        entries = self._desk.store.newest().entries
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

    def _lost(self) -> list[Entry]:
        store = self._desk.store
        if self._plan.settles:
            entries = [
                e for e in store.newest().entries if is_lost(e, store.locks) or is_doubtful(e)
            ]
        else:
            unended = find_unended(self._paths, store)
            entries = [entry for entry in unended if is_lost(entry, store.locks)]
        return sorted(entries, key=lambda entry: entry.id)

    async def _open_client(self, endpoint: str) -> ImagesClient:
        kind = "" if endpoint == "well" or self._plan.settles else endpoint
        settings = EndpointSettings(
            base_url=self._plan.base_url,
            timeout=self._plan.impatience if kind else 60.0,
            download_timeout=self._plan.impatience if kind else 60.0,
            headers={"X-Fault": kind} if kind else {},
        )
        return ImagesClient(settings, canary())

    def _follow(self, job: Job) -> None:
        self._say(job.entry.status, job.id)

    def _say(self, *words: str) -> None:
        # Nobody may listen any more.
        with suppress(BrokenPipeError):
            os.write(self._reports, f"{' '.join(words)}\n".encode())


def main() -> None:
    """Fork a studio for each line of standard input, and tell when it has ended."""
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    tls_context()
    sending.SHORTEST_WAIT = 0.0
    sending.CONNECTING_PAUSES = (0.0, 0.0)
    downloads.PAUSES = (0.0, 0.0)
    card = load_catalogue(Path(os.devnull)).card(MODEL)
    for line in sys.stdin:
        if line.strip() == "wait":
            child, status = os.wait()
            print(child, os.waitstatus_to_exitcode(status), flush=True)
            continue
        plan = msgspec.json.decode(line, type=Plan)
        child = os.fork()
        if child == 0:
            code = 1
            try:
                asyncio.run(_Studio(plan, card).live())
                code = 0
            finally:
                if code:
                    sys.excepthook(*sys.exc_info())  # type: ignore[arg-type]
                    sys.stderr.flush()
                os._exit(code)
        print(child, flush=True)


if __name__ == "__main__":
    main()
