"""A search in an endpoint's records for what one lost entry made, and its adoption.

Records are claimed in the entry, on the disk, before any of their pictures is fetched, and while
nobody else chooses: so no two entries adopt the same one, and a search that is cut off is taken up
again by the next.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Container, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from tui.api.client import GeneratedImage, ImagesClient, Record
from tui.api.errors import ApiError
from tui.files import rename_durably, settle
from tui.generation.choosing import (
    COMPLETED,
    FAILED,
    NEAR,
    Asked,
    Choice,
    Claims,
    asked_for,
    choose,
    concerns,
)
from tui.generation.lost import MAYBE, Look, NotARecord
from tui.generation.ownership import CHOOSING, Ownership
from tui.generation.picture_facts import entry_image
from tui.generation.record_listing import keeps_no_list
from tui.generation.saving import PictureSaver
from tui.generation.undisturbed import finished_in_thread
from tui.history.check import place_of_picture
from tui.history.entry import UNFINISHED, Entry, EntryImage, Failure, Response, Status, now
from tui.history.mentions import find_mentions
from tui.history.store import HistoryStore
from tui.history.traces import bare_address
from tui.images.verify import NotAnImage, extension, verify_image
from tui.paths import Paths

MOST_PAGES = 20
PATIENCE = 30.0
"""Seconds to wait for others who choose records."""
_PICTURES = frozenset({"png", "jpg", "webp"})
_PARTS = frozenset({"part", "answer.part"})


class Keeper:
    """Writes what is found into entries; `changed` hears of it after it is on the disk."""

    def __init__(
        self, paths: Paths, store: HistoryStore, changed: Callable[[Entry], object]
    ) -> None:
        self.paths = paths
        self.store = store
        self._changed = changed

    async def change(self, entry_id: str, *, note: str = "", **changes: Any) -> Entry:
        """Make `changes` to the entry as it is on the disk, and give it. Raises OSError.

        `records` and `served_by` are those of its response; the latter stays where it is known.
        """

        def changed(known: Entry) -> Entry:
            fields = dict(changes)
            response = known.response or Response()
            served_by = response.served_by or fields.pop("served_by", "")
            fields.pop("served_by", None)
            response = replace(
                response,
                records=fields.pop("records", response.records),
                served_by=served_by,
                notes=(*response.notes, note) if note else response.notes,
            )
            return replace(known, response=response, **fields)

        entry = await finished_in_thread(self.store.change, entry_id, changed)
        self._changed(entry)
        return entry


class RecordSearch:
    """One search for one entry, whose lock the caller holds."""

    def __init__(self, keeper: Keeper, client: ImagesClient, entry: Entry, asked: Asked) -> None:
        self.entry = entry
        """As it is on the disk."""
        self._keeper = keeper
        self._client = client
        self._asked = asked
        self._saver = PictureSaver(client, keeper.store, entry.id)

    async def run(self, adopt: Sequence[str] = ()) -> Look:
        """Adopt what is the entry's beyond doubt, or the records that `adopt` names.

        Raises ApiError, NotAnImage, OSError and NotARecord; the entry is still lost then.
        """
        if self.entry.status in UNFINISHED:
            await self._change(status="unknown", error=_cut_off())
        await self._keep_what_is_here()
        if not adopt and self._is_complete:
            return await self._adopted("its pictures had come before its end was written")
        if not adopt and await self._fetch_addresses():
            return await self._adopted("fetched afterwards from where the answer had said")
        try:
            records = await self._records({*adopt, *self._claimed_earlier()})
        except ApiError as error:
            if not keeps_no_list(error):
                raise
            text = f"{self.entry.endpoint} keeps no list of what it made. {MAYBE}"
            return Look(self.entry, "no_listing", text)
        choice = await self._claim(records, adopt)
        if not choice.chosen:
            return self._nothing(choice)
        return await self._adopt(choice.chosen)

    async def take(self, record: Record) -> Look:
        """Adopt a record that the entry has claimed, and that is all it will ever have.

        Raises as `run` does.
        """
        await self._keep_what_is_here()
        if not self.entry.images:
            return await self._adopt((record,))
        images = tuple(replace(each, record=each.record or record.id) for each in self.entry.images)
        await self._change(images=images)
        return await self._adopted("found in the endpoint's records", record.model)

    @property
    def _is_complete(self) -> bool:
        return len(self.entry.images) >= max(self._asked.images, asked_for(self.entry).images)

    async def _keep_what_is_here(self) -> None:
        """Add pictures that came whole, and that nobody could write into the entry any more."""
        found = await asyncio.to_thread(self._unnamed)
        if found:
            await self._change(images=tuple(sorted((*self.entry.images, *found), key=_number)))

    def _unnamed(self) -> list[EntryImage]:
        store, found = self._keeper.store, []
        example = store.image_name(self.entry.id, 1, "png")
        named = {image.file for image in self.entry.images}
        folder = example.rpartition("/")[0]
        # Pictures before parts: one may be here as both.
        paths = store.absolute(example).parent.glob(f"{self.entry.id}-*")
        for path in sorted(paths, key=lambda path: path.suffix == ".part"):
            name = f"{folder}/{path.name}"
            place = place_of_picture(name)
            if place is None or name in named:
                continue
            with suppress(NotAnImage, OSError):
                if place.rest in _PICTURES:
                    found.append(entry_image(name, verify_image(path)))
                elif place.rest in _PARTS and (image := self._finished(path, place.number)):
                    found.append(image)
        return found

    def _finished(self, part: Path, number: int) -> EntryImage | None:
        """A picture that came whole, and was not given its name any more; None if it is there.

        Raises NotAnImage for what is none, which is left to a check of the history, and OSError.
        """
        facts = verify_image(part)
        name = self._keeper.store.image_name(self.entry.id, number, extension(facts.format))
        target = self._keeper.store.absolute(name)
        if target.exists() or any(facts.sha256 == image.sha256 for image in self.entry.images):
            return None
        with part.open("rb+") as file:
            settle(file)
        rename_durably(part, target)
        return entry_image(name, facts)

    async def _fetch_addresses(self) -> bool:
        """Fetch what lay where the answer had said; whether all of it is there now."""
        urls = self.entry.response.urls if self.entry.response else ()
        for number, url in enumerate(urls, start=1):
            if number in self._numbers():
                continue
            try:
                await self._fetch(GeneratedImage(url=url), None, number)
            except (ApiError, NotAnImage):
                return False
        return bool(urls)

    async def _records(self, named: Container[str]) -> list[Record]:
        """The endpoint's records since a day before the entry was sent that concern it, or are
        `named`: of thousands a few. Raises ApiError.
        """
        assert self.entry.response is not None
        assert self.entry.response.sent is not None
        earliest = self.entry.response.sent - NEAR
        found: list[Record] = []
        seen: set[str] = set()
        after: str | None = None
        for _ in range(MOST_PAGES):
            page = await self._client.records(limit=100, after=after)
            fresh = [record for record in page.records if record.id not in seen]
            seen.update(record.id for record in fresh)
            found += (each for each in fresh if each.id in named or concerns(each, self.entry))
            times = [record.created for record in fresh if record.created.year > 1970]
            is_past = bool(times) and max(times) < earliest
            after = page.last_id
            if is_past or not (page.has_more and fresh and after):
                break
        return found

    async def _claim(self, records: Sequence[Record], adopt: Sequence[str]) -> Choice:
        """Choose records, and write down that they are the entry's, while nobody else does."""
        known = {record.id: record for record in records}
        if not adopt and (earlier := self._claimed_earlier()):
            return Choice(tuple(known.get(each) or _unlisted(each) for each in earlier))
        choosing = Ownership(self._keeper.store.locks, CHOOSING)
        try:
            if not await choosing.take(PATIENCE):
                raise ApiError("gateway", "Another Darkroom has been choosing records for long.")
            others = await asyncio.to_thread(self._others, records)
            if adopt:
                choice = self._named(adopt, known, others)
            else:
                choice = choose(self.entry, self._asked, records, others)
            if choice.chosen:
                had = (image.record for image in self.entry.images if image.record)
                ids = dict.fromkeys([*had, *(record.id for record in choice.chosen)])
                await self._change(records=tuple(ids))
        finally:
            await choosing.release()
        return choice

    def _claimed_earlier(self) -> list[str]:
        """Records that were claimed, and whose pictures are not here."""
        records = self.entry.response.records if self.entry.response else ()
        had = {image.record for image in self.entry.images}
        return [record for record in records if record not in had]

    def _others(self, records: Sequence[Record]) -> list[Entry]:
        """The other entries that speak of one of `records`, or asked for the same."""
        texts = {self.entry.prompt.strip()}
        for record in records:
            texts.add(record.id)
            if record.url:
                texts.add(bare_address(record.url)[1].strip("/"))
        mentions = find_mentions(self._keeper.paths, texts)
        return [entry for entry in mentions if entry.id != self.entry.id]

    def _named(
        self, adopt: Sequence[str], known: dict[str, Record], others: Sequence[Entry]
    ) -> Choice:
        claims = Claims(others)
        for name in adopt:
            record = known.get(name)
            if record is None:
                raise NotARecord(f"{self.entry.endpoint} lists no record {name} of that time")
            if claims.covers(record):
                raise NotARecord(f"the record {name} is another entry's")
            if record.status not in (COMPLETED, FAILED):
                raise NotARecord(f"the record {name} is {record.status}")
        return Choice(tuple(known[name] for name in dict.fromkeys(adopt)))

    async def _adopt(self, records: Sequence[Record]) -> Look:
        made = [record for record in records if record.status != FAILED]
        for record in made:
            await self._fetch(GeneratedImage(url=record.url), record)
        failed = [record for record in records if record.status == FAILED]
        if not self.entry.images:
            return await self._failed(failed[0])
        notes = ["found afterwards in the endpoint's records"]
        notes += [f"record {each.id} failed: {each.error or 'no reason given'}" for each in failed]
        return await self._adopted("; ".join(notes), made[0].model if made else "")

    async def _fetch(
        self, image: GeneratedImage, record: Record | None, number: int | None = None
    ) -> None:
        """Save a picture and add it to the entry, unless the entry has the same one already."""
        numbers = self._numbers()
        number = number or next(n for n in range(1, len(numbers) + 2) if n not in numbers)
        kept = await self._saver.save(image, number, None, record=record)
        same = next((i for i in self.entry.images if i.sha256 == kept.sha256), None)
        if same is not None:
            await asyncio.to_thread(self._keeper.store.absolute(kept.file).unlink)
            kept = replace(same, record=same.record or kept.record)
        others = (each for each in self.entry.images if each.file != kept.file)
        await self._change(images=tuple(sorted((*others, kept), key=_number)))

    async def _adopted(self, note: str, served_by: str = "") -> Look:
        images, promised = len(self.entry.images), asked_for(self.entry).images
        text = f"{note[0].upper()}{note[1:]}."
        status: Status = "done"
        if images < promised:
            status = "partial"
            note += f"; {images} of {promised} pictures"
            text += f" {images} of {promised} pictures; the others may have been charged."
        await self._change(status=status, error=None, note=note, served_by=served_by)
        return Look(self.entry, "adopted", text)

    async def _failed(self, record: Record) -> Look:
        why = record.error or "The endpoint's record says that it failed, and not why."
        error = Failure(
            kind="server",
            message=why,
            hint="The endpoint's record says so: change the request, or send it again.",
            charged="maybe",
        )
        note = f"record {record.id} failed"
        await self._change(status="failed", error=error, note=note, served_by=record.model)
        return Look(self.entry, "failed", f"It failed at the endpoint: {why}")

    def _nothing(self, choice: Choice) -> Look:
        name = self.entry.endpoint
        if choice.is_being_made:
            return Look(self.entry, "being_made", f"{name} is still making it.")
        if not choice.candidates:
            return Look(self.entry, "nothing", f"{name} lists no such picture. {MAYBE}")
        count = len(choice.candidates)
        text = f"A record of {name} may be meant." if count == 1 else (
            f"{count} records of {name} may be meant."
        )  # fmt: skip
        return Look(self.entry, "ambiguous", text, choice.candidates)

    async def _change(self, **changes: Any) -> None:
        self.entry = await self._keeper.change(self.entry.id, **changes)

    def _numbers(self) -> set[int]:
        return {_number(image) for image in self.entry.images}


def _cut_off() -> Failure:
    return Failure(
        kind="unknown_outcome",
        message="Darkroom ended before the answer came.",
        hint="The picture may have been made and charged: look for it before sending again.",
        charged="maybe",
    )


def _unlisted(record_id: str) -> Record:
    """A record that was claimed, and is not among those listed now."""
    return Record(record_id, COMPLETED, "", "", now(), None, None)


def _number(image: EntryImage) -> int:
    place = place_of_picture(image.file)
    return place.number if place else 0
