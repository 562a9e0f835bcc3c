"""The job queue: what was asked for, in order, a few at a time."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from tui.catalog.card import ModelCard
from tui.generation.progress import Pause, Preview, Progress
from tui.generation.request import GenerationRequest, new_entry
from tui.history.entry import UNFINISHED, Entry
from tui.history.store import HistoryStore

if TYPE_CHECKING:
    from tui.api.client import ImagesClient

_log = logging.getLogger(__name__)

RUNNING_AT_ONCE = 4


class Job(Struct, eq=False):
    """A request on its way; `entry` follows its state."""

    entry: Entry
    started: float | None = None
    """Monotonic seconds at which it began to run."""
    pause: Pause | None = None
    """Set while it waits before its request is sent again."""
    preview: Path | None = None
    """A picture that is not finished; the file lasts as long as the job."""
    _task: asyncio.Task[Entry] | None = None

    @property
    def id(self) -> str:
        return self.entry.id

    @property
    def elapsed(self) -> float:
        """Seconds it has been running; 0 while it waits."""
        return 0.0 if self.started is None else time.monotonic() - self.started


Listener = Callable[[Job], None]
OpenClient = Callable[[str], "Awaitable[ImagesClient]"]


class JobQueue:
    """Takes requests at any time and runs them; every change is told to the listener.

    `work` runs the jobs, for as long as it is awaited; nothing is sent while nobody awaits it.
    """

    def __init__(self, store: HistoryStore, open_client: OpenClient, listener: Listener) -> None:
        self._store = store
        self._open_client = open_client
        self._listener = listener
        self._jobs: dict[str, Job] = {}
        self._waiting: asyncio.Queue[Job] = asyncio.Queue()

    @property
    def jobs(self) -> tuple[Job, ...]:
        """Jobs that wait or run, oldest first."""
        return tuple(self._jobs.values())

    async def submit(self, request: GenerationRequest, card: ModelCard) -> Job:
        """Write the entry of `request` to the disk, and only then queue its job.

        Raises OSError when the entry cannot be written; there is no job then.
        """
        entry = new_entry(request, card)
        await asyncio.to_thread(self._store.write, entry)
        job = Job(entry)
        _log.info(
            "job %s queued: %s at %s, %d references",
            job.id,
            entry.model,
            entry.endpoint,
            len(entry.references),
        )
        self._jobs[job.id] = job
        self._waiting.put_nowait(job)
        self._listener(job)
        return job

    async def stop(self, job_id: str) -> None:
        """Stop a job: one that waits is cancelled, one that was sent is no longer waited for."""
        job = self._jobs.get(job_id)
        if job is None:
            return
        if job._task is not None:
            job._task.cancel()
            await asyncio.wait({job._task})
            return
        entry = replace(job.entry, status="cancelled")
        self._follow(job, await asyncio.to_thread(self._store.write_outcome, entry))

    async def work(self) -> None:
        """Run jobs as they come, RUNNING_AT_ONCE at most, until cancelled.

        Jobs that have not begun by then stay queued on the disk.
        """
        async with asyncio.TaskGroup() as runners:
            for _ in range(RUNNING_AT_ONCE):
                runners.create_task(self._run_jobs())

    async def finished(self) -> None:
        """Return when no job waits or runs."""
        await self._waiting.join()

    async def _run_jobs(self) -> None:
        while True:
            job = await self._waiting.get()
            if job.id in self._jobs:
                await self._run(job)
            self._waiting.task_done()

    async def _run(self, job: Job) -> None:
        # Imported here since it brings httpx along.
        from tui.generation.run import run_job

        job.started = time.monotonic()
        job._task = asyncio.create_task(
            run_job(
                job.entry,
                self._open_client,
                self._store,
                partial(self._follow, job),
                partial(self._hear, job),
            )
        )
        try:
            await asyncio.wait({job._task})
        except asyncio.CancelledError:
            job._task.cancel()
            await asyncio.wait({job._task})
            raise

    def _follow(self, job: Job, entry: Entry) -> None:
        _log_change(job, entry)
        job.entry = entry
        job.pause = None
        if entry.images or entry.status not in UNFINISHED:
            job.preview = None
        if entry.status not in UNFINISHED:
            self._jobs.pop(job.id, None)
        self._listener(job)

    def _hear(self, job: Job, progress: Progress) -> None:
        match progress:
            case Pause():
                job.pause = progress
            case Preview(path):
                job.preview = path
        self._listener(job)


def _log_change(job: Job, entry: Entry) -> None:
    # The kind and the status alone: an error's message may quote the prompt.
    error = entry.error
    _log.log(
        logging.DEBUG if entry.status == job.entry.status else logging.INFO,
        "job %s %s after %.1f s: %d images, error %s, status %s",
        job.id,
        entry.status,
        job.elapsed,
        len(entry.images),
        error and error.kind,
        error and error.status,
    )
