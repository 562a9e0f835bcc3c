"""The endpoint's library: its records beside the entries that have them, and what is done to both.

One of these serves the screen and the commands alike.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial

from msgspec import Struct

from tui.api.client import ImagesClient, Record
from tui.generation.adopting import Adopted, Adopter
from tui.generation.choosing import COMPLETED, FAILED, Asked, asked_for
from tui.generation.record_listing import PAGE, RecordListing
from tui.generation.record_match import knows_records, with_records
from tui.generation.record_owners import Owner, RecordOwners
from tui.generation.record_pictures import RecordPictures
from tui.generation.record_removal import Removal, note_removed, remove_records
from tui.generation.undisturbed import finished_in_thread
from tui.history.desk import HistoryDesk
from tui.history.entry import Entry, UnreadableEntry
from tui.paths import Paths


class Listed(Struct, frozen=True):
    """A record, and the entry that has it."""

    record: Record
    owner: Owner | None = None

    @property
    def id(self) -> str:
        return self.record.id

    @property
    def is_failed(self) -> bool:
        return self.record.status == FAILED

    @property
    def is_missing(self) -> bool:
        """Whether there is a picture of it that no entry has."""
        if self.record.status != COMPLETED:
            return False
        return self.owner is None or self.owner.is_unfinished(self.id)

    @property
    def entry(self) -> Entry | None:
        """The entry that certainly has it, in history and not in the trash."""
        owner = self.owner
        return owner.entry if owner and owner.is_certain and not owner.is_trashed else None


class Library:
    """The records of one endpoint, newest first, as far as they were asked for.

    Its calls raise ApiError where the endpoint fails, and OSError where the history does.
    """

    def __init__(
        self,
        paths: Paths,
        desk: HistoryDesk,
        endpoint: str,
        client: ImagesClient,
        *,
        asked: Callable[[Entry], Asked] = asked_for,
        changed: Callable[[Entry], object] = lambda _: None,
        page: int = PAGE,
    ) -> None:
        """`endpoint` is the name of the one that `client` asks, `asked` tells what the model of an
        entry is called, and `changed` hears of entries after they are on the disk."""
        self.endpoint = endpoint
        self.store = desk.store
        self._desk = desk
        self._client = client
        self._changed = changed
        self._listing = RecordListing(client, page)
        self._owners = RecordOwners(paths, desk, asked)
        self._adopter = Adopter(paths, desk, endpoint, client, self._owners, changed)
        self.pictures = RecordPictures(paths.records, endpoint, client)

    @property
    def is_whole(self) -> bool:
        """Whether there are no older records."""
        return self._listing.is_whole

    async def more(self) -> tuple[Listed, ...]:
        """The next older records; none where there are no more."""
        return await self._learned(await self.with_owners(await self._listing.more()))

    async def newer(self) -> tuple[Listed, ...]:
        """Those made since the newest that is known, newest first."""
        return await self._learned(await self.with_owners(await self._listing.newer()))

    async def all(self) -> AsyncIterator[tuple[Listed, ...]]:
        """All older records, page by page, and in the end those that were made meanwhile."""
        async for page in self._listing.all():
            yield await self._learned(await self.with_owners(page))

    async def find(self, record_ids: Iterable[str]) -> dict[str, Listed]:
        """The records of these ids, in their order, of those that the endpoint lists."""
        wanted = dict.fromkeys(record_ids)
        found: dict[str, Listed] = {}
        async for page in self.all():
            found.update((each.id, each) for each in page if each.id in wanted)
            if len(found) == len(wanted):
                break
        return {record_id: found[record_id] for record_id in wanted if record_id in found}

    async def with_owners(
        self, records: Sequence[Record], *, anew: bool = False
    ) -> tuple[Listed, ...]:
        """`records` with the entries that have them now; `anew` where these are all there are."""
        if not records:
            return ()
        if anew:
            self._owners.forget()
        owners = await asyncio.to_thread(self._owners.of, records)
        return tuple(Listed(record, owners.get(record.id)) for record in records)

    async def _learned(self, listed: tuple[Listed, ...]) -> tuple[Listed, ...]:
        """Have entries that were found by where a picture lay know their records from now on."""
        records: dict[str, list[str]] = {}
        for each in listed:
            entry = each.entry
            if entry is None or entry.read_only or entry.status not in ("done", "partial"):
                continue
            if not knows_records(entry):
                records.setdefault(entry.id, []).append(each.id)
        for entry_id, theirs in records.items():
            # What cannot be written down is found out again.
            with suppress(OSError, UnreadableEntry):
                change = partial(with_records, records=theirs)
                self._changed(await finished_in_thread(self._desk.change, entry_id, change))
        return listed

    async def adopt(
        self, records: Sequence[Record], told: Callable[[Adopted], object] = lambda _: None
    ) -> list[Adopted]:
        """Give each record that no entry has an entry, as Adopter.adopt has it."""
        return await self._adopter.adopt(records, told)

    async def delete(
        self, records: Sequence[Listed], told: Callable[[Removal], object] = lambda _: None
    ) -> Removal:
        """Delete records at the endpoint. Entries that have them keep their pictures, and note it.

        Failures are results. What was deleted before it is cancelled is noted, too.
        """
        owners = {each.id: each.owner for each in records if each.owner is not None}
        so_far = [Removal()]

        def tell(removal: Removal) -> None:
            so_far.append(removal)
            told(removal)

        try:
            removal = await remove_records(self._client, [each.id for each in records], tell)
            so_far.append(removal)
        finally:
            gone = (*so_far[-1].deleted, *so_far[-1].gone)
            for record_id in gone:
                self._listing.forget(record_id)
            await asyncio.to_thread(self.pictures.forget, gone)
            for entry in await note_removed(self._desk, owners, gone):
                self._changed(entry)
        return removal
