"""Generations on their way and done: who asked for them, and what became of them."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

from tui.demo.errors import Refusal, key_reused
from tui.demo.generation import Outcome, Painted, Ticket
from tui.demo.work import Workshop

Result = Outcome | Refusal


class Progress:
    """The pictures of a generation in the order in which they are done."""

    def __init__(self) -> None:
        self._painted: list[Painted] = []
        self._over = False
        self._news = asyncio.Event()

    def tell(self, painted: Painted) -> None:
        """One more is done, or lost."""
        self._painted.append(painted)
        self._wake()

    def end(self) -> None:
        """No more will come."""
        self._over = True
        self._wake()

    async def painted(self) -> AsyncIterator[Painted]:
        """All of them from the first, to any number of listeners."""
        position = 0
        while True:
            news = self._news
            while position < len(self._painted):
                yield self._painted[position]
                position += 1
            if self._over:
                return
            await news.wait()

    def _wake(self) -> None:
        news, self._news = self._news, asyncio.Event()
        news.set()


class Job:
    """A generation that was begun. It goes on whoever listens."""

    def __init__(self, ticket: Ticket, progress: Progress, work: asyncio.Task[Result]) -> None:
        self.ticket = ticket
        self._progress = progress
        self._work = work

    @property
    def was_in_vain(self) -> bool:
        """Whether it made nothing by no fault of the request, so that it may be tried again."""
        if not self._work.done():
            return False
        result = self._work.result()
        if isinstance(result, Refusal):
            return result.status >= 500
        return not result.record.pictures

    async def outcome(self) -> Result:
        """What became of it, or the reason why nothing did."""
        return await asyncio.shield(self._work)

    def painted(self) -> AsyncIterator[Painted]:
        """Its pictures as they are done, from the first."""
        return self._progress.painted()


class Jobs:
    """Begins jobs, and remembers by Idempotency-Key those that it began."""

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop
        self._remembered: dict[tuple[str, str], tuple[bytes, Job]] = {}

    def begin(self, ticket: Ticket, make: Callable[[Progress], Coroutine[Any, Any, Result]]) -> Job:
        """A new job, whose work is `make`; it must not raise."""
        progress = Progress()

        async def work() -> Result:
            try:
                return await make(progress)
            finally:
                progress.end()

        return Job(ticket, progress, self._workshop.begin(work()))

    def find(self, key: str, idempotency_key: str, body: bytes) -> Job | None:
        """The job that `key` began with this Idempotency-Key, if it did.

        Raises Refusal, 422, where it was with another `body`.
        """
        if (key, idempotency_key) not in self._remembered:
            return None
        digest, job = self._remembered[key, idempotency_key]
        if job.was_in_vain:
            return None
        if digest != _digest(body):
            raise key_reused()
        return job

    def remember(self, idempotency_key: str, body: bytes, job: Job) -> None:
        """Let `find` find the job, for as long as this lives."""
        self._remembered[job.ticket.key, idempotency_key] = (_digest(body), job)


def _digest(body: bytes) -> bytes:
    return hashlib.sha256(body).digest()
