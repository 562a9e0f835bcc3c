"""Adopting records: each that no entry has gets an entry of its own, with its picture.

The entry is on the disk, and says which record it is of, before the picture is fetched. One that
was cut off is taken up by the next adoption, or by a look for lost jobs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from hashlib import blake2b
from typing import Literal

from msgspec import Struct

from tui.api.client import ImagesClient, Record
from tui.api.errors import ApiError
from tui.config import DEMO
from tui.generation.choosing import COMPLETED, FAILED, asked_for
from tui.generation.ownership import CHOOSING, Ownership
from tui.generation.record_owners import Owner, RecordOwners
from tui.generation.record_search import PATIENCE, Keeper, RecordSearch
from tui.generation.saving import NO_CONTENT
from tui.generation.undisturbed import finished_in_thread, undisturbed
from tui.history.desk import HistoryDesk
from tui.history.entry import Cost, Entry, Failure, Response, UnreadableEntry, id_at, new_id, now
from tui.history.locks import Lock
from tui.images.verify import NotAnImage
from tui.paths import Paths

AT_ONCE = 4
"""Pictures that are fetched at the same time."""
CLAIMED_AT_ONCE = 16
"""Records that are claimed together: each claim looks through the history."""
NOTE = "adopted from the endpoint's records"
Result = Literal[
    "adopted", "failed", "had", "likely", "trashed", "being_made", "no_picture", "no_answer",
    "not_saved", "busy",
]  # fmt: skip
DONE: frozenset[Result] = frozenset({"adopted", "failed", "had"})
"""Results after which the record has its entry, and all that there is of it."""


class Adopted(Struct, frozen=True):
    """What became of a record that was to be adopted."""

    record: Record
    result: Result
    text: str
    """A sentence; it may hold outside text."""
    entry: Entry | None = None
    """The record's entry, or the one that may be."""


class Adopter:
    """Adopts records of one endpoint. `changed` hears of entries after they are on the disk."""

    def __init__(
        self,
        paths: Paths,
        desk: HistoryDesk,
        endpoint: str,
        client: ImagesClient,
        owners: RecordOwners,
        changed: Callable[[Entry], object] = lambda _: None,
    ) -> None:
        """`endpoint` is the name of the one that `client` asks."""
        self._desk = desk
        self._store = desk.store
        self._endpoint = endpoint
        self._client = client
        self._owners = owners
        self._changed = changed
        # What is not whole yet, and may be taken back, is no news.
        self._keeper = Keeper(paths, desk.store, lambda _: None)

    async def adopt(
        self, records: Sequence[Record], told: Callable[[Adopted], object] = lambda _: None
    ) -> list[Adopted]:
        """Adopt `records`; `told` hears of each when it is done.

        Never makes a second entry of a record, whoever else adopts at the same time. Failures are
        results; where it is cancelled, nothing half of it stays but for what came whole.
        """
        found: list[Adopted] = []
        records = list({record.id: record for record in records}.values())

        def tell(adopted: Adopted) -> None:
            found.append(adopted)
            told(adopted)

        for start in range(0, len(records), CLAIMED_AT_ONCE):
            await self._adopt(records[start : start + CLAIMED_AT_ONCE], tell)
        return found

    async def _adopt(self, records: Sequence[Record], tell: Callable[[Adopted], object]) -> None:
        claims = [_Claim(record) for record in records]
        slots = asyncio.Semaphore(AT_ONCE)

        async def fetch(claim: _Claim) -> None:
            async with slots:
                try:
                    adopted = await self._fetch(claim)
                finally:
                    await undisturbed(self._let_go(claim))
            tell(adopted)

        try:
            await self._claim(claims)
            for claim in claims:
                if claim.ended is not None:
                    tell(claim.ended)
            async with asyncio.TaskGroup() as tasks:
                for claim in claims:
                    if claim.entry is not None:
                        tasks.create_task(fetch(claim))
        finally:
            for claim in claims:
                await undisturbed(self._let_go(claim))

    async def _claim(self, claims: Sequence[_Claim]) -> None:
        """Write down whose the records are, while nobody else chooses."""
        choosing = Ownership(self._store.locks, CHOOSING)
        try:
            if not await choosing.take(PATIENCE):
                text = "Another Darkroom has been choosing records for long. Try again later."
                for claim in claims:
                    claim.end("busy", text)
                return
            await finished_in_thread(self._claim_all, claims)
        except OSError as error:
            for claim in claims:
                if claim.entry is None:
                    claim.end("not_saved", _not_saved(error))
        finally:
            await choosing.release()

    def _claim_all(self, claims: Sequence[_Claim]) -> None:
        self._desk.catch_up()
        owners = self._owners.of([claim.record for claim in claims])
        for claim in claims:
            try:
                self._claim_one(claim, owners.get(claim.record.id))
            except OSError as error:
                claim.end("not_saved", _not_saved(error))

    def _claim_one(self, claim: _Claim, owner: Owner | None) -> None:
        record = claim.record
        if owner is None:
            if record.status not in (COMPLETED, FAILED):
                claim.end("being_made", f"It is {record.status or 'not ready'} at the endpoint.")
                return
            entry = _claimed_entry(record, self._endpoint)
            with suppress(FileNotFoundError, UnreadableEntry):
                # The index may not have heard of one that another machine adopted.
                known = self._store.read(entry.id)
                if known.response is not None and record.id in known.response.records:
                    self._claim_one(claim, Owner(known))
                    return
                entry = _claimed_entry(record, self._endpoint, new_id(entry.created))
            if self._lock(claim, entry):
                self._store.write(entry)
                claim.is_new = True
        elif owner.is_unfinished(record.id):
            self._lock(claim, owner.entry)
        else:
            claim.end(*_why_not(owner))

    def _lock(self, claim: _Claim, entry: Entry) -> bool:
        claim.lock = self._store.locks.take(entry.id)
        if claim.lock is None:
            claim.end("busy", "Another Darkroom is adopting it.", entry)
            return False
        claim.entry = entry
        return True

    async def _fetch(self, claim: _Claim) -> Adopted:
        """Fetch the picture of what was claimed."""
        record, entry = claim.record, claim.entry
        assert entry is not None
        search = RecordSearch(self._keeper, self._client, entry, asked_for(entry))
        try:
            look = await search.take(record)
        except ApiError as error:
            if error.status in NO_CONTENT and record.url is None:
                text = f"The endpoint gives no picture of this record. {error.message}"
                return Adopted(record, "no_picture", text)
            return Adopted(record, "no_answer", f"{error.message} Try again later.")
        except NotAnImage as error:
            text = f"What came is no picture: {error}. The bytes are kept, ending in .rejected."
            entry = await self._keeper.change(
                entry.id, status="failed", error=Failure("bad_response", text, charged="yes")
            )
            claim.entry = None
            self._changed(entry)
            return Adopted(record, "failed", text, entry)
        except OSError as error:
            return Adopted(record, "not_saved", _not_saved(error))
        except UnreadableEntry as error:
            return Adopted(record, "not_saved", f"Its entry cannot be changed: {error}.")
        claim.entry = None
        self._changed(look.entry)
        if look.result == "failed":
            return Adopted(record, "failed", look.text, look.entry)
        return Adopted(record, "adopted", "Adopted.", look.entry)

    async def _let_go(self, claim: _Claim) -> None:
        """Give a claim back, and take back its entry where that is ours and came to nothing."""
        entry, claim.entry = claim.entry, None
        if entry is not None and claim.is_new:
            with suppress(OSError, UnreadableEntry):
                await asyncio.to_thread(self._remove, entry.id)
        lock, claim.lock = claim.lock, None
        if lock is not None:
            await finished_in_thread(lock.release)

    def _remove(self, entry_id: str) -> None:
        entry = self._store.read(entry_id)
        if entry.status == "unknown" and not entry.images:
            self._store.remove(entry_id)
            self._desk.wrote(entry_id)


class _Claim:
    """A record, and how far its adoption has come."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self.entry: Entry | None = None
        """What is to get the picture; None once it has."""
        self.is_new = False
        self.lock: Lock | None = None
        self.ended: Adopted | None = None

    def end(self, result: Result, text: str, entry: Entry | None = None) -> None:
        self.ended = Adopted(self.record, result, text, entry)


def _claimed_entry(record: Record, endpoint: str, entry_id: str = "") -> Entry:
    """The entry of a record whose picture is not here yet.

    Its id follows from the record, so that machines that share a history make the same one.
    """
    created = record.created
    if created.year <= 1970:
        created = now()
    ending = blake2b(f"{endpoint}\0{record.id}".encode("utf-8", "replace"), digest_size=3)
    return Entry(
        id=entry_id or id_at(created, ending.digest()),
        created=created,
        status="unknown",
        endpoint=endpoint,
        model=record.model,
        prompt=record.prompt,
        response=Response(sent=created, records=(record.id,), notes=(NOTE,)),
        cost=Cost(0.0, "rehearsal") if endpoint == DEMO else None,
        error=Failure(
            kind="unknown_outcome",
            message="Its picture was being fetched from the endpoint's records.",
            hint="Nothing is sent for it: adopt it again in the library, or look for it.",
            charged="yes",
        ),
    )


def _why_not(owner: Owner) -> tuple[Result, str, Entry]:
    """Why a record of `owner` is not adopted."""
    entry = owner.entry
    if owner.is_trashed:
        return "trashed", f"Its entry {entry.id} is in the trash: restore it from there.", entry
    if owner.is_certain:
        return "had", f"It is that of entry {entry.id}.", entry
    if owner.is_lost:
        text = f"It may be that of {entry.id}, whose answer was lost: look for that first."
        return "likely", text, entry
    return "likely", f"Entry {entry.id} asked for the same at that time, and has it.", entry


def _not_saved(error: OSError) -> str:
    return f"It cannot be saved: {error.strerror or error}. Make room, then try again."
