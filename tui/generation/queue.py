"""The job queue: what was asked for, in order, a few at a time."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from tui.catalog.card import ModelCard
from tui.config import QueueSettings
from tui.generation.budget import Budget, Decision, OverBudget
from tui.generation.holding import HeldPictures
from tui.generation.lost import Look, is_open
from tui.generation.progress import Pause, Preview, Progress
from tui.generation.request import GenerationRequest, new_entry
from tui.generation.turns import USUAL, Place, Turns
from tui.history.entry import UNFINISHED, Entry, Failure
from tui.history.store import HistoryStore

if TYPE_CHECKING:
    from tui.api.client import ImagesClient

_log = logging.getLogger(__name__)

_STOPS = ("auth", "no_credit")
"""Kinds of failure that every other request to the endpoint would meet as well."""
_FROZEN_KEY = "api_key_frozen"
"""The code of a refusal that is not about the model alone (Token360, 403)."""


class Job(Struct, eq=False):
    """A request on its way; `entry` follows its state."""

    entry: Entry
    started: float | None = None
    """Monotonic seconds at which it began to run."""
    pause: Pause | None = None
    """Set while it waits before its request is sent again."""
    preview: Path | None = None
    """A picture that is not finished; the file lasts as long as the job."""
    usual_seconds: float | None = None
    """What the last runs of its model took, half of them less; known once it runs, if ever."""
    warning: Decision | None = None
    """Set where most of a cap of the budget is used by it and those before."""
    is_agreed: bool = False
    """Whether the user agreed that it may go above a cap of the budget."""
    is_given_up: bool = False
    """Whether the user stopped waiting for it, or left while it ran."""
    _task: asyncio.Task[Entry] | None = None
    _pictures: HeldPictures | None = None

    @property
    def id(self) -> str:
        return self.entry.id

    @property
    def elapsed(self) -> float:
        """Seconds it has been running; 0 while it waits."""
        return 0.0 if self.started is None else time.monotonic() - self.started


Listener = Callable[[Job], None]
OpenClient = Callable[[str], "Awaitable[ImagesClient]"]
UsualSeconds = Callable[[Entry], float | None]
"""Gives what the last runs of an entry's model took. May touch the disk."""


class EndedJob(Struct, frozen=True, gc=False):
    """A job that ended without all its pictures, and what was found of them since."""

    entry: Entry
    look: Look | None = None
    """What the last look for it found."""
    is_sought: bool = False
    """Whether it is looked for by itself."""

    @property
    def id(self) -> str:
        return self.entry.id

    @property
    def is_lost(self) -> bool:
        """Whether nobody knows what became of it."""
        return is_open(self.entry)

    @property
    def may_be_charged(self) -> bool:
        """Whether to send it again may be to pay twice."""
        return self.entry.may_cost


Hindrance: TypeAlias = Literal["", "held", "stopped", "paused", "budget"]
"""What keeps a job that waits from its turn: an earlier run left it, its endpoint is not asked any
more, all is paused, or the budget is used up."""


class Standing(Struct, frozen=True):
    """A job that waits or runs, and what keeps it from its turn."""

    job: Job
    hindrance: Hindrance


class JobBoard(Struct, frozen=True):
    """All that there is to show of a queue at a moment."""

    running: tuple[Job, ...] = ()
    """In the order in which they began."""
    waiting: tuple[Job, ...] = ()
    """In the order in which they will run."""
    held: frozenset[str] = frozenset()
    """Ids of those that an earlier run of the program left, which wait until `resume`."""
    is_paused: bool = False
    stopped: Mapping[str, str] = {}
    """Why nothing more is sent to an endpoint until `resume`, by its name."""
    refusal: Decision | None = None
    """What the budget says against the job that comes next; nothing is sent until `resume`."""
    ended: tuple[EndedJob, ...] = ()
    """Those that ended without all their pictures, the latest first, until they are cleared."""

    @property
    def jobs(self) -> tuple[Job, ...]:
        """All that wait or run, those that run first."""
        return self.running + self.waiting

    def hindrance(self, job: Job) -> Hindrance:
        """What keeps `job` from its turn; empty where nothing does, or where it runs."""
        if job in self.running:
            return ""
        if job.id in self.held:
            return "held"
        if job.entry.endpoint in self.stopped:
            return "stopped"
        if self.is_paused:
            return "paused"
        return "" if self.refusal is None else "budget"

    @property
    def standings(self) -> dict[str, Standing]:
        """All that wait or run, by their ids."""
        running = {job.id: Standing(job, "") for job in self.running}
        return running | {job.id: Standing(job, self.hindrance(job)) for job in self.waiting}

    @property
    def goes_on(self) -> bool:
        """Whether there is nothing to resume."""
        return not (self.is_paused or self.held or self.stopped or self.refusal)


class JobQueue:
    """Takes requests at any time and runs them; every change is told to the listener.

    `work` runs the jobs, for as long as it is awaited; nothing is sent while nobody awaits it.
    """

    def __init__(
        self,
        store: HistoryStore,
        open_client: OpenClient,
        listener: Listener,
        settings: QueueSettings = USUAL,
        budget: Budget | None = None,
        usual: UsualSeconds | None = None,
    ) -> None:
        self._store = store
        self._open_client = open_client
        self._listener = listener
        self._jobs: dict[str, Job] = {}
        self._turns = Turns(settings)
        self._budget = budget
        self._usual = usual
        self._refused: tuple[Job, Decision] | None = None
        self._news = asyncio.Event()
        self._idle = asyncio.Event()
        self._can_run = False
        self._idle.set()

    @property
    def jobs(self) -> tuple[Job, ...]:
        """Jobs that wait or run, oldest first."""
        return tuple(self._jobs.values())

    @property
    def waiting(self) -> tuple[Job, ...]:
        """Jobs that wait, in the order in which they will run."""
        return tuple(self._jobs[id] for id in self._turns.waiting)

    @property
    def is_paused(self) -> bool:
        """Whether no job begins until `resume`."""
        return self._turns.is_paused

    @property
    def stopped(self) -> Mapping[str, str]:
        """Why nothing more is sent to an endpoint until `resume`, by its name."""
        return self._turns.stopped

    @property
    def board(self) -> JobBoard:
        """The queue as it is now."""
        waiting = self.waiting
        ids = {job.id for job in waiting}
        return JobBoard(
            running=tuple(job for job in self.jobs if job.id not in ids),
            waiting=waiting,
            held=frozenset(filter(self._turns.is_held, ids)),
            is_paused=self.is_paused,
            stopped=dict(self.stopped),
            refusal=self._refused[1] if self._refused else None,
        )

    def is_held(self, job_id: str) -> bool:
        """Whether a job, left by an earlier run of the program, waits until `resume`."""
        return self._turns.is_held(job_id)

    async def submit(
        self, request: GenerationRequest, card: ModelCard, *, agreed: bool = False
    ) -> Job:
        """Write the entry of `request` to the disk, and only then queue its job.

        `agreed` is whether the user agreed that it may go above a cap. Raises OverBudget, and
        OSError when the entry cannot be written; there is no job then.
        """
        entry = new_entry(request, card)
        job = Job(entry, is_agreed=agreed)
        if refusal := await asyncio.to_thread(self._reserve_and_write, job):
            raise OverBudget(refusal)
        _log.info(
            "job %s queued: %s at %s, %d references",
            job.id,
            entry.model,
            entry.endpoint,
            entry.reference_count,
        )
        self._enter(job, is_held=False)
        return job

    def adopt(self, entries: Iterable[Entry]) -> tuple[Job, ...]:
        """Queue what an earlier run of the program left queued; nothing is sent until `resume`."""
        jobs = tuple(Job(entry) for entry in entries if entry.id not in self._jobs)
        for job in jobs:
            self._enter(job, is_held=True)
        return jobs

    def pause(self) -> None:
        """Begin no further job until `resume`; those that run go on."""
        self._turns.is_paused = True
        self._tell_all()

    def resume(self) -> None:
        """Go on, with what an earlier run left as well, and with all endpoints.

        Who was told that the next job goes above a cap has agreed to it.
        """
        if self._refused is not None:
            job, decision = self._refused
            job.is_agreed |= decision.verdict == "ask"
            self._refused = None
        self._turns.resume()
        self._news.set()
        self._tell_all()

    def move(self, job_id: str, steps: int) -> None:
        """Move a job that waits, towards the front for steps below 0, as far as it goes."""
        self._turns.move(job_id, steps)
        self._news.set()
        self._tell_all()

    async def stop(self, job_id: str) -> None:
        """Stop a job: one that waits is cancelled, one that was sent is no longer waited for.

        Raises OSError where the entry of one that waits cannot be written; it waits on then.
        """
        job = self._jobs.get(job_id)
        if job is None:
            return
        if job._task is not None:
            job.is_given_up = True
            job._task.cancel()
            await asyncio.wait({job._task})
            if job.entry.status not in UNFINISHED:
                return
        # Not begun while its end is written; or it was just about to begin.
        is_held = self._turns.is_held(job_id)
        self._turns.remove(job_id)
        entry = replace(job.entry, status="cancelled")
        try:
            entry = await asyncio.to_thread(self._store.write_outcome, entry)
        except OSError:
            self._add_turn(job, is_held=is_held)
            raise
        self._follow(job, entry)

    def save_again(self, job_id: str) -> None:
        """Have a job whose pictures the disk refused try again now."""
        if (job := self._jobs.get(job_id)) is not None and job._pictures is not None:
            job._pictures.save_again()

    async def save_elsewhere(self, job_id: str, folder: Path) -> tuple[Path, ...]:
        """Put copies of what a job could not save into `folder`; their places.

        The job goes on trying. What is raised is as in HeldPictures.save_elsewhere.
        """
        job = self._jobs.get(job_id)
        if job is None or job._pictures is None:
            return ()
        return await job._pictures.save_elsewhere(folder)

    async def withdraw(self, job_id: str) -> Entry | None:
        """Take a job that waits out of the queue, cancelled; its entry, or None where none waits.

        Raises OSError where that cannot be written; it waits on then.
        """
        job = self._jobs.get(job_id)
        if job is None or job_id not in self._turns.waiting:
            return None
        await self.stop(job_id)
        return job.entry if job.entry.status == "cancelled" else None

    async def work(self) -> None:
        """Run jobs as their turns come, until cancelled.

        Jobs that have not begun by then stay queued on the disk.
        """
        async with asyncio.TaskGroup() as runs:
            while True:
                self._news.clear()
                while self._refused is None and (job_id := self._turns.take()) is not None:
                    runs.create_task(self._run(self._jobs[job_id]))
                wakes_at = self._turns.wakes_at
                with suppress(TimeoutError):
                    async with asyncio.timeout(_seconds_until(wakes_at)):
                        await self._news.wait()

    async def finished(self) -> None:
        """Return when no job waits or runs."""
        await self._idle.wait()

    def _enter(self, job: Job, *, is_held: bool) -> None:
        self._jobs[job.id] = job
        self._idle.clear()
        self._add_turn(job, is_held=is_held)
        self._listener(job)

    def _forget(self, job: Job) -> None:
        self._jobs.pop(job.id, None)
        if self._refused is not None and self._refused[0] is job:
            self._refused = None
            self._news.set()
        if not self._jobs:
            self._idle.set()

    def _add_turn(self, job: Job, *, is_held: bool) -> None:
        place = Place(job.id, job.entry.endpoint, job.entry.model)
        self._turns.add(place, is_held=is_held)
        self._news.set()

    def _reserve_and_write(self, job: Job) -> Decision | None:
        """Reserve what a job may cost, and write its entry; why it may not be sent, if so."""
        if refusal := self._reserve(job):
            return refusal
        try:
            self._store.write(job.entry)
        except OSError:
            self._release(job)
            raise
        return None

    async def _learn_usual_seconds(self, job: Job) -> None:
        if self._usual is not None:
            with suppress(OSError):
                job.usual_seconds = await asyncio.to_thread(self._usual, job.entry)

    def _reserve(self, job: Job) -> Decision | None:
        """Reserve what a job may cost, or keep it reserved; why it may not be sent, if so.

        May touch the disk.
        """
        if self._budget is None:
            return None
        decision = self._budget.reserve(job.entry, agreed=job.is_agreed)
        if decision.verdict not in ("allowed", "warn"):
            return decision
        job.warning = decision if decision.verdict == "warn" else None
        return None

    def _release(self, job: Job) -> None:
        if self._budget is not None:
            self._budget.release(job.id)

    def _put_back(self, job: Job, refusal: Decision) -> None:
        """Have a job wait that the budget refuses, and all that would come after it."""
        _log.info("job %s is not sent: the budget says %s", job.id, refusal.verdict)
        self._turns.put_back(job.id)
        if self._refused is None:
            self._refused = job, refusal
        self._tell_all()

    async def _run(self, job: Job) -> None:
        # Imported here since it brings httpx along; in a thread, since another one that is at it
        # already would be waited for.
        if not self._can_run:
            await asyncio.to_thread(import_module, "tui.generation.run")
            self._can_run = True
        from tui.generation.run import run_job

        refusal = None
        if self._budget is not None:
            refusal = await asyncio.to_thread(self._reserve, job)
        if not self._turns.is_running(job.id):
            # It was stopped meanwhile.
            self._release(job)
            return
        if refusal is not None:
            self._put_back(job, refusal)
            return
        job.started = time.monotonic()
        job._task = asyncio.create_task(
            run_job(
                job.entry,
                self._open_client,
                self._store,
                partial(self._follow, job),
                partial(self._hear, job),
                partial(setattr, job, "_pictures"),
            )
        )
        try:
            # Meanwhile: an index that is busy must not hold up what is sent.
            await self._learn_usual_seconds(job)
            await asyncio.wait({job._task})
        except asyncio.CancelledError:
            job.is_given_up = True
            job._task.cancel()
            await asyncio.wait({job._task})
            raise
        finally:
            # They hold what tells the job of its progress, and so the job.
            job._pictures = None
            if job.entry.status in UNFINISHED and job._task.done() and not job._task.cancelled():
                # Another program is at it.
                self._release(job)
                self._forget(job)
                self._listener(job)
            self._turns.ended(job.id, is_success=job.entry.status in ("done", "partial"))
            self._news.set()

    def _follow(self, job: Job, entry: Entry) -> None:
        _log_change(job, entry)
        job.entry = entry
        job.pause = None
        if entry.images or entry.status not in UNFINISHED:
            job.preview = None
        if entry.status not in UNFINISHED:
            if self._budget is not None:
                self._budget.settle(entry)
            self._forget(job)
            if entry.error is not None and self._concerns_others(entry, entry.error):
                self._turns.stop(entry.endpoint, entry.error.message)
        self._listener(job)

    def _concerns_others(self, entry: Entry, failure: Failure) -> bool:
        """Whether those that wait for the entry's endpoint would fail the same way."""
        if failure.kind == "not_sent":
            # One alone may be tried again without more ado.
            return self._turns.waits_for(entry.endpoint)
        return _concerns_all(failure)

    def _hear(self, job: Job, progress: Progress) -> None:
        match progress:
            case Pause():
                job.pause = progress
                if progress.reason == "rate_limited":
                    self._turns.rest(job.entry.endpoint, progress.until)
            case Preview(path):
                job.preview = path
        self._listener(job)

    def _tell_all(self) -> None:
        for job in self.jobs:
            self._listener(job)


def _concerns_all(failure: Failure) -> bool:
    """Whether every other request to the endpoint would fail the same way."""
    if failure.kind == "forbidden":
        return _FROZEN_KEY in failure.body
    return failure.kind in _STOPS


def _seconds_until(moment: float | None) -> float | None:
    return None if moment is None else max(0.0, moment - time.monotonic())


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
