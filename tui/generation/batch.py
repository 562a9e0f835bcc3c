"""The run of a batch: each line once, a few at a time, and after a kill only those not yet sent."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from msgspec import Struct

from tui.generation.batch_file import BatchLine
from tui.generation.batch_marks import BatchMarks, Mark, line_keys
from tui.generation.budget import Budget
from tui.generation.progress import Progress
from tui.generation.request import new_entry
from tui.history.entry import Entry, UnreadableEntry
from tui.history.store import HistoryStore

if TYPE_CHECKING:
    from tui.api.client import ImagesClient

STOPPING = frozenset(
    {"auth", "no_credit", "forbidden", "not_sent", "rate_limited", "not_saved", "internal"}
)
"""Kinds of failure that the other lines would meet too."""


class Planned(Struct, frozen=True):
    """A line, and what is known of an earlier run of it."""

    line: BatchLine
    key: str
    before: str = ""
    """The id of its entry, if it was or may have been sent: it is not sent again."""
    unsure: bool = False
    """Whether nobody knows what became of that entry."""
    waiting: Entry | None = None
    """The entry that waits for it, written and not sent."""


class BatchEnd(Struct, frozen=True):
    """How far a batch came."""

    entries: tuple[Entry, ...]
    """Of the lines that were begun, as they ended."""
    stopped: str = ""
    """Why the others were not; a sentence, empty where all were begun."""


def plan_batch(
    lines: Iterable[BatchLine], marks: Mapping[str, Mark], store: HistoryStore
) -> tuple[Planned, ...]:
    """What is left to do of `lines`. Touches the disk.

    A line is sent again only where it is certain that nothing was, or that nothing was charged.
    """
    lines = tuple(lines)
    planned = zip(lines, line_keys(lines), strict=True)
    return tuple(_planned(line, key, marks.get(key), store) for line, key in planned)


async def run_batch(
    planned: Iterable[Planned],
    endpoint: str,
    marks: BatchMarks,
    store: HistoryStore,
    open_client: Callable[[str], Awaitable[ImagesClient]],
    budget: Budget,
    ended: Callable[[Planned, Entry], None],
    told: Callable[[Progress], None],
    *,
    agreed: bool = False,
    at_once: int = 4,
) -> BatchEnd:
    """Send every line that was not sent before, `at_once` at a time.

    It ends early where the budget is used up, or with a failure that all would meet; lines on
    their way are waited for. `agreed` is whether the user agreed to go above a cap. Raises OSError
    when a mark or an entry cannot be written, with that line not sent, and what `ended` raises.
    """
    run = _Run(endpoint, marks, store, open_client, budget, ended, told, agreed)
    await run.all_of(iter([each for each in planned if not each.before]), at_once)
    return BatchEnd(tuple(run.entries), run.stopped)


class _Run:
    def __init__(
        self,
        endpoint: str,
        marks: BatchMarks,
        store: HistoryStore,
        open_client: Callable[[str], Awaitable[ImagesClient]],
        budget: Budget,
        ended: Callable[[Planned, Entry], None],
        told: Callable[[Progress], None],
        agreed: bool,
    ) -> None:
        self.entries: list[Entry] = []
        self.stopped = ""
        self._endpoint = endpoint
        self._marks = marks
        self._store = store
        self._open_client = open_client
        self._budget = budget
        self._ended = ended
        self._told = told
        self._agreed = agreed
        self._failure: OSError | None = None

    async def all_of(self, waiting: Iterator[Planned], at_once: int) -> None:
        async with asyncio.TaskGroup() as runners:
            for _ in range(at_once):
                runners.create_task(self._each(waiting))
        if self._failure is not None:
            raise self._failure

    async def _each(self, waiting: Iterator[Planned]) -> None:
        # Imported here since it brings httpx along.
        from tui.generation.run import run_job

        for planned in waiting:
            if self.stopped or self._failure:
                return
            entry = planned.waiting or new_entry(
                planned.line.draft.request(self._endpoint, planned.line.card), planned.line.card
            )
            decision = await asyncio.to_thread(self._budget.reserve, entry, agreed=self._agreed)
            if decision.verdict not in ("allowed", "warn"):
                self.stopped = decision.sentence
                return
            try:
                await asyncio.to_thread(self._enter, planned, entry)
            except OSError as error:
                self._budget.release(entry.id)
                self._failure = error
                return
            entry = await run_job(
                entry, self._open_client, self._store, self._budget.settle, self._told
            )
            self._budget.settle(entry)
            self.entries.append(entry)
            try:
                self._ended(planned, entry)
            except OSError as error:
                # Nobody hears of it any longer; the others that were sent are waited for.
                self._failure = error
            if entry.error is not None and entry.error.kind in STOPPING and not entry.images:
                self.stopped = "The other lines would meet the same."

    def _enter(self, planned: Planned, entry: Entry) -> None:
        """Mark the line and write its entry, in the order that a kill at any moment allows."""
        if planned.waiting is None:
            self._marks.put(Mark(planned.key, entry.id))
            self._store.write(entry)
        self._marks.put(Mark(planned.key, entry.id, written=True))


def _planned(line: BatchLine, key: str, mark: Mark | None, store: HistoryStore) -> Planned:
    if mark is None:
        return Planned(line, key)
    try:
        entry = store.read(mark.entry)
    except FileNotFoundError:
        # One that was written was deleted since, and may have been sent before.
        return Planned(line, key, before=mark.entry if mark.written else "")
    except (OSError, UnreadableEntry):
        return Planned(line, key, before=mark.entry)
    if entry.status == "queued":
        return Planned(line, key, waiting=entry)
    if not entry.may_cost:
        return Planned(line, key)
    return Planned(line, key, before=entry.id, unsure=entry.status in ("running", "unknown"))
