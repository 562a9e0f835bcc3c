"""After a generation went well, its entry learns which of the endpoint's records is its own.

One listing serves all that ended shortly before. Nothing waits for it, and nothing fails of it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING

from msgspec.structs import replace

from tui.generation.ownership import CHOOSING, Ownership
from tui.generation.undisturbed import finished_in_thread
from tui.history.entry import Entry, EntryImage, Response, UnreadableEntry

if TYPE_CHECKING:
    from tui.api.client import ImagesClient, Record
    from tui.generation.queue import OpenClient
    from tui.generation.record_owners import RecordOwners
    from tui.history.desk import HistoryDesk

REST = 5.0
"""Seconds from the first of a burst of jobs to the listing, and from one listing to the next."""
MOST_LISTED = 100
_PATIENCE = 10.0
_log = logging.getLogger(__name__)


class RecordMatch:
    """Looks for the records of entries that `ended` names, while `work` is awaited."""

    def __init__(
        self,
        desk: HistoryDesk,
        open_client: OpenClient,
        open_owners: Callable[[], RecordOwners],
        changed: Callable[[Entry], object],
        rest: float | None = None,
    ) -> None:
        """`changed` hears of an entry that learned its record, `rest` is REST if not given."""
        self._desk = desk
        self._open_client = open_client
        self._open_owners = open_owners
        self._changed = changed
        self._rest = REST if rest is None else rest
        self._ended: dict[str, Entry] = {}
        self._listless: set[str] = set()
        self._news = asyncio.Event()

    def ended(self, entry: Entry) -> None:
        """A generation went well; takes no time."""
        if entry.endpoint not in self._listless and not knows_records(entry):
            self._ended[entry.id] = entry
            self._news.set()

    async def work(self) -> None:
        """Match what ends, until cancelled."""
        while True:
            await self._news.wait()
            await asyncio.sleep(self._rest)
            self._news.clear()
            ended, self._ended = tuple(self._ended.values()), {}
            for endpoint in dict.fromkeys(entry.endpoint for entry in ended):
                entries = [entry for entry in ended if entry.endpoint == endpoint]
                try:
                    await self._match(endpoint, entries)
                except Exception as error:  # noqa: BLE001 - no job depends on it
                    _log.warning("records were not matched: %s", type(error).__name__)

    async def _match(self, endpoint: str, entries: Sequence[Entry]) -> None:
        # They bring httpx along, which a job has loaded by now.
        await asyncio.to_thread(import_module, "tui.generation.record_owners")
        from tui.api.errors import ApiError
        from tui.generation.record_listing import keeps_no_list

        client: ImagesClient = await self._open_client(endpoint)
        try:
            page = await client.records(limit=MOST_LISTED)
        except ApiError as error:
            if keeps_no_list(error):
                self._listless.add(endpoint)
            return
        choosing = Ownership(self._desk.store.locks, CHOOSING)
        try:
            if await choosing.take(_PATIENCE):
                for entry in await finished_in_thread(self._learn, entries, page.records):
                    self._changed(entry)
        finally:
            await choosing.release()

    def _learn(self, entries: Sequence[Entry], records: Sequence[Record]) -> list[Entry]:
        """Write into the entries which of `records` are theirs beyond doubt; those that changed."""
        self._desk.catch_up([entry.id for entry in entries])
        owners = self._open_owners()
        records = [record for record in records if record.status == "completed"]
        owned = owners.of(records)
        free = [each for each in records if each.id not in owned or not owned[each.id].is_certain]
        makers = owners.may_own(free)
        learned: list[Entry] = []
        for entry in entries:
            theirs = [
                each.id for each in records
                if each.id in owned and owned[each.id].is_certain
                and owned[each.id].entry.id == entry.id
            ] or _only(entry, makers)  # fmt: skip
            if theirs:
                with suppress(OSError, UnreadableEntry):
                    learned.append(
                        self._desk.change(entry.id, partial(with_records, records=theirs))
                    )
        return learned


def _only(entry: Entry, makers: dict[str, list[Entry]]) -> list[str]:
    """The record that `entry` made and nobody else can have, where there is but one."""
    may_be = [id for id, entries in makers.items() if entry.id in (each.id for each in entries)]
    is_sure = len(may_be) == 1 and len(makers[may_be[0]]) == 1
    return may_be if is_sure else []


def knows_records(entry: Entry) -> bool:
    """Whether an entry knows a record of its own already."""
    claimed = entry.response.records if entry.response else ()
    return bool(claimed) or any(image.record for image in entry.images)


def with_records(entry: Entry, records: Sequence[str]) -> Entry:
    """`entry` with its records, where it knows none; a picture that is alone has the only one."""
    if knows_records(entry):
        return entry
    response = replace(entry.response or Response(), records=tuple(records))
    images: tuple[EntryImage, ...] = entry.images
    if len(images) == len(records) == 1:
        images = (replace(images[0], record=records[0]),)
    return replace(entry, response=response, images=images)
