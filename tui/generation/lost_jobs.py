"""Lost jobs of a running program: each is looked for by itself until it is settled.

Those that become unknown now are looked for at the times of `next_look`, those that earlier runs
left once, and at these times only where they are as fresh.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import timedelta
from importlib import import_module
from typing import TYPE_CHECKING

from tui.generation.look_times import AFTER
from tui.generation.lost import SETTLED, Look
from tui.history.entry import Entry, UnreadableEntry, now

if TYPE_CHECKING:
    from tui.generation.reconcile import Reconciler

AT_ONCE = 2
"""Lost entries of earlier runs that are looked for at the same time."""
_FRESH = timedelta(seconds=AFTER[-1])
_log = logging.getLogger(__name__)


class LostJobs:
    """Looks for lost jobs while `work` is awaited.

    `told` hears what each look found, and `rested` when one is no longer looked for by itself.
    """

    def __init__(
        self,
        open_reconciler: Callable[[], Reconciler],
        told: Callable[[Look], object],
        rested: Callable[[], object],
    ) -> None:
        self._open_reconciler = open_reconciler
        self._told = told
        self._rested = rested
        self._reconciler: Reconciler | None = None
        self._watches: asyncio.TaskGroup | None = None
        self._sought: set[str] = set()
        self._first_looks = asyncio.Semaphore(AT_ONCE)

    @property
    def sought(self) -> frozenset[str]:
        """The ids of those that will be looked for by themselves."""
        return frozenset(self._sought)

    async def work(self) -> None:
        """Look for what `watch` and `take_up` are told of, until cancelled."""
        try:
            async with asyncio.TaskGroup() as self._watches:
                await asyncio.Event().wait()
        finally:
            self._watches = None
            self._sought.clear()

    def watch(self, entry_id: str) -> None:
        """Look for an entry whose outcome has just become unknown."""
        self._begin(entry_id, None)

    def take_up(self, entries: Iterable[Entry]) -> None:
        """Look for what earlier runs of the program lost."""
        for entry in entries:
            self._begin(entry.id, entry)

    async def look(self, entry_id: str, adopt: Sequence[str] = ()) -> Look:
        """Look for an entry now; `adopt` and what is raised are as in Reconciler.look."""
        reconciler = await self._reconciler_loaded()
        look = await reconciler.look(entry_id, adopt, again=True)
        self._told(look)
        return look

    async def give_up(self, entry_id: str) -> Look:
        """End a lost entry without its pictures. Raises as Reconciler.give_up does."""
        reconciler = await self._reconciler_loaded()
        look = await reconciler.give_up(entry_id)
        self._told(look)
        return look

    def _begin(self, entry_id: str, earlier: Entry | None) -> None:
        if self._watches is not None and entry_id not in self._sought:
            self._sought.add(entry_id)
            self._watches.create_task(self._seek(entry_id, earlier))

    async def _seek(self, entry_id: str, earlier: Entry | None) -> None:
        try:
            reconciler = await self._reconciler_loaded()
            if earlier is None or await self._needs_watching(reconciler, earlier):
                await reconciler.watch(entry_id, self._told)
        except Exception as error:  # noqa: BLE001 - one lost entry must not end the others' search
            _log.error("the search for %s met a fault of ours", entry_id, exc_info=error)
        finally:
            self._sought.discard(entry_id)
        self._rested()

    async def _needs_watching(self, reconciler: Reconciler, entry: Entry) -> bool:
        """Look once for what an earlier run lost; whether to look again by itself."""
        async with self._first_looks:
            with suppress(OSError, UnreadableEntry):
                look = await reconciler.look(entry.id)
                self._told(look)
                sent = entry.response.sent if entry.response else None
                is_fresh = sent is not None and now() - sent < _FRESH
                return is_fresh and look.result not in SETTLED
        return False

    async def _reconciler_loaded(self) -> Reconciler:
        if self._reconciler is None:
            # It brings httpx and Pillow along.
            await asyncio.to_thread(import_module, "tui.generation.reconcile")
            self._reconciler = self._open_reconciler()
        return self._reconciler
