"""Who works on an entry: one job or one look at a time, in whichever process."""

from __future__ import annotations

import asyncio

from tui.generation.saving import undisturbed
from tui.history.locks import Lock, Locks


class Ownership:
    """The lock of one entry, taken and given back in threads."""

    def __init__(self, locks: Locks, name: str) -> None:
        self._locks = locks
        self._name = name
        self._taking: asyncio.Future[Lock | None] | None = None

    async def take(self, patience: float = 0.0) -> Lock | None:
        """The lock; None where another has it for `patience` seconds more.

        `release` must follow, even after a cancellation.
        """
        work = asyncio.to_thread(self._locks.take, self._name, patience)
        self._taking = asyncio.ensure_future(work)
        return await asyncio.shield(self._taking)

    async def release(self) -> None:
        """Give back what was taken, if anything was."""
        taking, self._taking = self._taking, None
        if taking is not None:
            await undisturbed(_release(taking))


async def _release(taking: asyncio.Future[Lock | None]) -> None:
    lock = await taking
    if lock is not None:
        await asyncio.to_thread(lock.release)
