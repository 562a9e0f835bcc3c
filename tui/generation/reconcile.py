"""Reconciling lost jobs with what their endpoints keep. Nothing here ever sends a request again."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

from tui.api.client import ImagesClient
from tui.api.errors import ApiError
from tui.generation.choosing import Asked, asked_for
from tui.generation.look_times import next_look
from tui.generation.lost import (
    GIVEN_UP,
    MAYBE,
    SETTLED,
    Look,
    NotARecord,
    is_doubtful,
    is_lost,
    is_open,
    may_be_running,
)
from tui.generation.ownership import Ownership
from tui.generation.record_search import Keeper, RecordSearch
from tui.history.entry import Entry, Failure, Status, UnreadableEntry
from tui.history.store import HistoryStore
from tui.images.verify import NotAnImage
from tui.paths import Paths

__all__ = ["SETTLED", "Look", "NotARecord", "Reconciler", "is_doubtful", "is_lost"]

BUSY = "Another Darkroom, or a job that still runs, is at work on it."
_log = logging.getLogger(__name__)


class Reconciler:
    """Looks for lost jobs, through clients that `open_client` gives by endpoint.

    `asked` tells of an entry what its model is called, and how many pictures there may be.
    `changed` hears of every state of an entry, after it is on the disk.
    """

    def __init__(
        self,
        paths: Paths,
        store: HistoryStore,
        open_client: Callable[[str], Awaitable[ImagesClient]],
        *,
        asked: Callable[[Entry], Asked] = asked_for,
        changed: Callable[[Entry], object] = lambda _: None,
    ) -> None:
        self._store = store
        self._open_client = open_client
        self._asked = asked
        self._keeper = Keeper(paths, store, changed)

    async def look(self, entry_id: str, adopt: Sequence[str] = (), *, again: bool = False) -> Look:
        """Look once for what the lost entry made, and adopt what is its beyond doubt.

        `adopt` names the records that a person has chosen instead. With `again`, an entry that was
        given up, or lacks some of its pictures, is looked for as well. Failures are results, but
        for NotARecord, and for an entry that cannot be read: FileNotFoundError, OSError or
        UnreadableEntry.
        """
        async with self._alone_with(entry_id) as (entry, is_free):
            if not is_free:
                return Look(entry, "busy", BUSY)
            if not (is_open(entry) or (again and is_doubtful(entry))):
                return Look(entry, "settled", "There is nothing to look for.")
            look = await self._look(entry, adopt)
        _log.info("look for %s: %s, %d candidates", entry_id, look.result, len(look.candidates))
        return look

    async def watch(
        self,
        entry_id: str,
        told: Callable[[Look], object],
        *,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> Look | None:
        """Look at the times of `next_look`, from now on, until it is settled; the last look.

        Each look is told. It ends as well where the entry cannot be read any more; None where it
        never could. `clock` gives seconds, also those that the machine sleeps.
        """
        since, last = clock(), None
        look: Look | None = None
        while (due := next_look(since, last)) is not None:
            await sleep(max(0.0, due - clock()))
            try:
                look = await self.look(entry_id)
            except (OSError, UnreadableEntry):
                break
            told(look)
            if look.result in SETTLED:
                break
            last = max(clock(), due)
        return look

    async def give_up(self, entry_id: str) -> Look:
        """End a lost entry without its pictures: failed, or partial where it has some.

        It stays in history, and says that it may have been charged. Raises as `look` does.
        """
        async with self._alone_with(entry_id) as (entry, is_free):
            if not is_free:
                return Look(entry, "busy", BUSY)
            if not is_open(entry):
                return Look(entry, "settled", "There is nothing to give up.")
            why = entry.error.message if entry.error else "No answer came."
            failure = Failure(GIVEN_UP, why, f"Given up. {MAYBE}", charged="maybe")
            status: Status = "partial" if entry.images else "failed"
            note = "given up: not found in the endpoint's records"
            try:
                entry = await self._keeper.change(entry_id, status=status, error=failure, note=note)
            except OSError as error:
                return _not_saved(entry, error)
            return Look(entry, "given_up", f"Given up. {MAYBE}")

    async def _look(self, entry: Entry, adopt: Sequence[str]) -> Look:
        try:
            client = await self._open_client(entry.endpoint)
        except ApiError as error:
            return Look(entry, "no_answer", f"{error.message} {error.hint}".strip())
        search = RecordSearch(self._keeper, client, entry, self._asked(entry))
        try:
            return await search.run(adopt)
        except ApiError as error:
            return Look(search.entry, "no_answer", f"{error.message} {MAYBE}")
        except NotAnImage as error:
            text = f"What came is no picture: {error}. The bytes are kept, ending in .rejected."
            return Look(search.entry, "no_answer", text)
        except OSError as error:
            return _not_saved(search.entry, error)

    @asynccontextmanager
    async def _alone_with(self, entry_id: str) -> AsyncIterator[tuple[Entry, bool]]:
        """The entry as it is on the disk, and whether it is ours alone to look at."""
        ownership = Ownership(self._store.locks, entry_id)
        try:
            is_ours = await ownership.take()
            entry = await asyncio.to_thread(self._store.read, entry_id)
            yield entry, is_ours and (ownership.is_real or not may_be_running(entry))
        finally:
            await ownership.release()


def _not_saved(entry: Entry, error: OSError) -> Look:
    reason = error.strerror or str(error)
    return Look(entry, "not_saved", f"It cannot be saved: {reason}. Make room, then look again.")
