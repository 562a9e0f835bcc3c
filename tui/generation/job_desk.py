"""All jobs of a running program: queued and run, ended and looked for, within the budget."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING

from msgspec.structs import replace

from tui.catalog.card import ModelCard
from tui.config import Config, load_config
from tui.generation.budget import Budget
from tui.generation.left_over import LeftOver, left_over
from tui.generation.lost import Look
from tui.generation.lost_jobs import LostJobs
from tui.generation.queue import EndedJob, Job, JobBoard, JobQueue, OpenClient
from tui.generation.record_match import RecordMatch
from tui.generation.request import GenerationRequest, expected_cost
from tui.history.desk import HistoryDesk
from tui.history.entry import UNFINISHED, Entry
from tui.paths import Paths

if TYPE_CHECKING:
    from tui.generation.choosing import Asked
    from tui.generation.reconcile import Reconciler
    from tui.generation.record_owners import RecordOwners

MOST_ENDED = 500
"""Ended jobs that are kept for the panel; all of them are in history."""


class JobDesk:
    """Takes requests, runs them, and looks for what is lost, while `work` is awaited.

    `changed` hears of each new state of a job, `mended` of an entry that a look for it changed,
    `found` of what each look found, and `told` when the board is another in some other way.
    """

    def __init__(
        self,
        paths: Paths,
        history: HistoryDesk,
        config: Config,
        open_client: OpenClient,
        cards: Callable[[str], ModelCard],
        *,
        changed: Callable[[Job], object],
        mended: Callable[[Entry], object],
        found: Callable[[Look], object],
        told: Callable[[], object],
    ) -> None:
        """`cards` gives the card of a model id."""
        self._paths = paths
        self._history = history
        self._open_client = open_client
        self._cards = cards
        self._changed = changed
        self._mended = mended
        self._found = found
        self.told = told
        self._ended: dict[str, EndedJob] = {}
        self._caps = config.budget
        self.budget = Budget(config.budget, history.charges_today)
        self.queue = JobQueue(
            history.store,
            open_client,
            self._follow_job,
            config.queue,
            self.budget,
            lambda entry: history.usual_seconds(entry.endpoint, entry.model),
        )
        self._lost = LostJobs(self._reconciler, self._follow_look, self.told)
        self._match = RecordMatch(history, open_client, self._owners, mended)

    @property
    def board(self) -> JobBoard:
        """All there is to show, as it is now."""
        sought = self._lost.sought
        ended = [replace(each, is_sought=each.id in sought) for each in self._ended.values()]
        return replace(self.queue.board, ended=tuple(reversed(ended)))

    async def work(self) -> None:
        """Run jobs and look for lost ones, until cancelled; sent ones are unknown then."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.queue.work())
            tasks.create_task(self._lost.work())
            tasks.create_task(self._match.work())

    async def take_up(self, before: datetime) -> tuple[Job, ...]:
        """Have what earlier runs left waiting or lost, before that moment; the jobs that wait."""
        left = LeftOver()
        with suppress(OSError):
            left = await asyncio.to_thread(left_over, self._history, before)
        for entry in left.lost:
            self._put_ended(entry)
        self._lost.take_up(left.lost)
        jobs = self.queue.adopt(left.queued)
        self.told()
        return jobs

    async def submit(
        self, request: GenerationRequest, card: ModelCard, *, agreed: bool = False
    ) -> Job:
        """Queue a request; as JobQueue.submit, which says what is raised."""
        return await self.queue.submit(request, card, agreed=agreed)

    async def objections(
        self, requests: Sequence[GenerationRequest], card: ModelCard
    ) -> tuple[str, ...]:
        """What the budget has against sending `requests` together, a sentence for each cap.

        Nothing where a cap is reached already: then `submit` refuses the first of them.
        """
        return await asyncio.to_thread(self._objections, _prices(requests, card))

    async def make_room(self, requests: Sequence[GenerationRequest], card: ModelCard) -> None:
        """The user was told of these objections, and agreed."""
        known = [price for price in _prices(requests, card) if price is not None]
        await asyncio.to_thread(self.budget.make_room, sum(known))

    async def send_again(self, ended: EndedJob, *, agreed: bool = False) -> Job:
        """Queue the request of an ended job again, as a job of its own. Raises as `submit`."""
        entry = ended.entry
        request = GenerationRequest(
            endpoint=entry.endpoint,
            model=entry.model,
            prompt=entry.prompt,
            parameters=entry.parameters,
            references=entry.references,
            parent=entry.id,
        )
        job = await self.submit(request, self._cards(entry.model), agreed=agreed)
        if not ended.is_lost:
            self.clear(ended.id)
        return job

    async def look_again(self, job_id: str, adopt: Sequence[str] = ()) -> Look:
        """Look for the pictures of an ended job now, or take the records that are named.

        What is raised is as in Reconciler.look.
        """
        return await self._lost.look(job_id, adopt)

    async def give_up(self, job_id: str) -> Look:
        """Look for a lost job no longer. Raises as Reconciler.give_up does."""
        return await self._lost.give_up(job_id)

    def clear(self, job_id: str) -> None:
        """Take an ended job off the board; its entry stays as it is."""
        if self._ended.pop(job_id, None) is not None:
            self.told()

    async def clear_all(self) -> None:
        """Cancel all that waits, and take all that ended off the board.

        Raises OSError where the entry of one that waits cannot be written; it waits on then.
        """
        for job in self.queue.waiting:
            await self.queue.withdraw(job.id)
        self._ended.clear()
        self.told()

    def read_caps(self) -> None:
        """Follow the caps that config.toml has now. Touches the disk. Raises ConfigError."""
        caps = load_config(self._paths.config_file).budget
        if caps != self._caps:
            self._caps = caps
            self.budget.change_caps(caps)

    def _objections(self, prices: Sequence[float | None]) -> tuple[str, ...]:
        standings = [self.budget.standing("session"), self.budget.standing("day")]
        if any(s.cap_usd is not None and s.committed_usd >= s.cap_usd for s in standings):
            return ()
        return self.budget.objections(prices)

    def _follow_job(self, job: Job) -> None:
        entry = job.entry
        if entry.status not in UNFINISHED and entry.status != "done":
            self._put_ended(entry)
            if entry.status == "unknown":
                self._lost.watch(entry.id)
        if entry.status in ("done", "partial"):
            self._match.ended(entry)
        self._changed(job)

    def _follow_look(self, look: Look) -> None:
        entry = look.entry
        if entry.status == "done":
            self._ended.pop(entry.id, None)
        elif entry.id in self._ended or look.result in ("given_up", "ambiguous"):
            self._ended[entry.id] = _ended(entry, look)
        self._found(look)

    def _follow_entry(self, entry: Entry) -> None:
        """A look changed an entry."""
        self.budget.settle(entry)
        if entry.id in self._ended:
            self._ended[entry.id] = _ended(entry, self._ended[entry.id].look)
        self._mended(entry)

    def _put_ended(self, entry: Entry) -> None:
        self._ended[entry.id] = _ended(entry)
        while len(self._ended) > MOST_ENDED:
            del self._ended[next(iter(self._ended))]

    def _owners(self) -> RecordOwners:
        from tui.generation.record_owners import RecordOwners

        return RecordOwners(self._paths, self._history, self._asked)

    def _asked(self, entry: Entry) -> Asked:
        from tui.generation.choosing import asked_by_card

        return asked_by_card(entry, self._cards(entry.model))

    def _reconciler(self) -> Reconciler:
        from tui.generation.reconcile import Reconciler

        return Reconciler(
            self._paths,
            self._history.store,
            self._open_client,
            asked=self._asked,
            changed=self._follow_entry,
        )


def _ended(entry: Entry, look: Look | None = None) -> EndedJob:
    """An ended job without what the server answered: of hundreds that may be megabytes, and the
    entry's file has it."""
    if entry.error is not None and entry.error.body:
        entry = replace(entry, error=replace(entry.error, body=""))
    return EndedJob(entry, look and replace(look, entry=entry))


def _prices(requests: Sequence[GenerationRequest], card: ModelCard) -> list[float | None]:
    """What each of `requests` is believed to cost, in US dollars."""
    costs = [expected_cost(request, card) for request in requests]
    return [cost.estimate_usd if cost else None for cost in costs]
