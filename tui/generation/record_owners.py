"""Which entries the endpoint's records belong to: asked of the index, decided by their files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import timedelta

from msgspec import Struct

from tui.api.results import Record
from tui.generation.choosing import NEAR, Asked, Claims, asked_for, may_have_made
from tui.generation.lost import is_open
from tui.generation.matching import CLOCKS_DIFFER
from tui.generation.record_match import knows_records
from tui.history.desk import HistoryDesk
from tui.history.entry import Entry, UnreadableEntry
from tui.history.entry_keys import first_key
from tui.history.mentions import find_mentions
from tui.history.traces import Wanted, bare_address, of_address, of_prompt, of_record
from tui.paths import Paths


class Owner(Struct, frozen=True):
    """The entry that has a record, as it was when it was looked for."""

    entry: Entry
    is_certain: bool = True
    """Whether they know of each other; otherwise the entry asked for the same at that time."""
    is_trashed: bool = False
    """Whether the entry lies in the trash."""

    def is_unfinished(self, record_id: str) -> bool:
        """Whether its adoption of the record was cut off."""
        entry = self.entry
        claimed = entry.response.records if entry.response else ()
        return entry.status == "unknown" and record_id in claimed and not self.is_trashed

    @property
    def is_lost(self) -> bool:
        """Whether its answer was lost, so that a look for it may adopt the record."""
        return not self.is_certain and is_open(self.entry)


class RecordOwners:
    """Finds the owners of records. Every call touches the disk, and belongs into a thread.

    A request makes one record: of entries that asked for the same, each is given one only, and the
    records are best asked for newest first.
    """

    def __init__(
        self, paths: Paths, desk: HistoryDesk, asked: Callable[[Entry], Asked] = asked_for
    ) -> None:
        """`asked` tells what the model of an entry is called."""
        self._paths = paths
        self._desk = desk
        self._asked = asked
        self._taken: dict[str, str] = {}
        self._knows_addresses = False
        """Whether pictures lie where the answers said, so that no other way is needed."""

    def of(self, records: Sequence[Record]) -> dict[str, Owner]:
        """The owners of `records` by the records' ids, of those that have one.

        Knows what the index knows. Raises OSError where that cannot be used.
        """
        traced = self._desk.traced([each for record in records for each in _wanted(record)])
        entries = dict(self._read({entry_id for ids in traced.values() for entry_id in ids}))
        owners: dict[str, Owner] = {}
        for record in records:
            for entry in _entries(entries, traced, _certain(record)):
                if Claims([entry]).covers(record):
                    owners[record.id] = Owner(entry)
                    self._taken[entry.id] = record.id
                    urls = entry.response.urls if entry.response else ()
                    self._knows_addresses |= bool(record.url and urls)
                    break
        rest = [record for record in records if record.id not in owners]
        owners |= self._trashed(rest)
        for record in rest:
            if record.id not in owners:
                for entry in _entries(entries, traced, _alike(record)):
                    if self._may_own(entry, record):
                        owners[record.id] = Owner(entry, is_certain=False)
                        self._taken[entry.id] = record.id
                        break
        return owners

    def may_own(self, records: Sequence[Record]) -> dict[str, list[Entry]]:
        """All entries that may have made each of `records`, by its id; not those that know
        records already."""
        traced = self._desk.traced([each for record in records for each in _wanted(record)])
        entries = dict(self._read({entry_id for ids in traced.values() for entry_id in ids}))
        return {
            record.id: [
                entry
                for entry in _entries(entries, traced, _alike(record))
                if not knows_records(entry)
                and may_have_made(record, entry, self._asked(entry).names)
            ]
            for record in records
        }

    def forget(self) -> None:
        """Begin anew, as with a list that is made anew."""
        self._taken.clear()

    def _may_own(self, entry: Entry, record: Record) -> bool:
        if self._taken.get(entry.id, record.id) != record.id or knows_records(entry):
            return False
        if self._knows_addresses and entry.response is not None and entry.response.urls:
            return False
        return may_have_made(record, entry, self._asked(entry).names)

    def _trashed(self, records: Sequence[Record]) -> dict[str, Owner]:
        """The owners that lie in the trash."""
        if not records or not self._paths.trash.is_dir():
            return {}
        texts = [record.id for record in records]
        texts += [bare_address(record.url)[1].strip("/") for record in records if record.url]
        found = [
            (entry, Claims([entry]))
            for entry in find_mentions(self._paths, texts, only_in_trash=True)
        ]
        return {
            record.id: Owner(entry, is_trashed=True)
            for record in records
            for entry, claims in found
            if claims.covers(record)
        }

    def _read(self, ids: Iterable[str]) -> Iterator[tuple[str, Entry]]:
        for entry_id in ids:
            with suppress(OSError, UnreadableEntry):
                yield entry_id, self._desk.read(entry_id)


def _certain(record: Record) -> list[Wanted]:
    """The traces of an entry that knows of `record`."""
    address = [Wanted(of_address(record.url))] if record.url else []
    return [Wanted(of_record(record.id)), *address]


def _alike(record: Record) -> list[Wanted]:
    """The trace of an entry that asked for what `record` is of, at about that time."""
    if not record.prompt.strip() or record.created.year <= 1970:
        return []
    # It may have waited in the queue.
    first = first_key(record.created - NEAR)
    last = first_key(record.created + CLOCKS_DIFFER + timedelta(seconds=1))
    return [Wanted(of_prompt(record.prompt), first, last)]


def _wanted(record: Record) -> list[Wanted]:
    return [*_certain(record), *_alike(record)]


def _entries(
    entries: dict[str, Entry], traced: dict[Wanted, list[str]], wanted: Iterable[Wanted]
) -> Iterator[Entry]:
    for each in wanted:
        for entry_id in traced.get(each, ()):
            if entry_id in entries:
                yield entries[entry_id]
