"""Records deleted at their endpoint; entries that have their pictures keep them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from msgspec import Struct
from msgspec.structs import replace

from tui.api.client import ImagesClient
from tui.api.errors import ApiError, ErrorKind
from tui.generation.record_owners import Owner
from tui.generation.undisturbed import finished_in_thread
from tui.history.desk import HistoryDesk
from tui.history.entry import Entry, Response, UnreadableEntry

_FOR_ALL: frozenset[ErrorKind] = frozenset({"auth", "not_sent"})
"""What would befall the others, too."""
_NO_DELETION = frozenset({405, 501})
"""Statuses of an endpoint that does not delete."""


class Removal(Struct, frozen=True):
    """What became of records that were to be deleted, by their ids."""

    deleted: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    """Those that the endpoint did not have any more."""
    failed: tuple[tuple[str, ApiError], ...] = ()
    untried: tuple[str, ...] = ()
    """Those that were left after a failure that is about all."""

    @property
    def is_complete(self) -> bool:
        """Whether none is left."""
        return not (self.failed or self.untried)


async def remove_records(
    client: ImagesClient,
    record_ids: Sequence[str],
    told: Callable[[Removal], object] = lambda _: None,
) -> Removal:
    """Delete records, one after the other; `told` hears how far it has come after each.

    Failures are results. Where it is cancelled, what `told` heard last is what was done, but for
    the one that was being deleted.
    """
    removal = Removal()
    record_ids = list(dict.fromkeys(record_ids))
    for number, record_id in enumerate(record_ids, start=1):
        try:
            await client.delete(record_id)
        except ApiError as error:
            if error.status in (404, 410):
                removal = replace(removal, gone=(*removal.gone, record_id))
            else:
                removal = replace(removal, failed=(*removal.failed, (record_id, error)))
                if error.kind in _FOR_ALL or error.status in _NO_DELETION:
                    return replace(removal, untried=tuple(record_ids[number:]))
        else:
            removal = replace(removal, deleted=(*removal.deleted, record_id))
        told(removal)
    return removal


async def note_removed(
    desk: HistoryDesk, owners: Mapping[str, Owner], record_ids: Sequence[str]
) -> list[Entry]:
    """Note in the entries that certainly have these records that they are deleted; the entries.

    One that cannot be changed stays as it is: its record is looked for, and not found.
    """
    changed: list[Entry] = []
    for record_id in record_ids:
        owner = owners.get(record_id)
        if owner is None or not owner.is_certain or owner.is_trashed:
            continue
        with suppress(OSError, UnreadableEntry):
            changed.append(await finished_in_thread(_note, desk, owner.entry.id, record_id))
        await asyncio.sleep(0)
    return changed


def _note(desk: HistoryDesk, entry_id: str, record_id: str) -> Entry:
    def noted(entry: Entry) -> Entry:
        response = entry.response or Response()
        removed = tuple(dict.fromkeys([*response.removed, record_id]))
        return replace(entry, response=replace(response, removed=removed))

    return desk.change(entry_id, noted)
