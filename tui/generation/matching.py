"""Which of the endpoint's records belongs to an entry: found by what both know, never guessed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from tui.api.client import ImagesClient, Record
from tui.history.entry import Entry
from tui.history.traces import bare_address
from tui.text import storable

NEWEST = 100
"""Records looked at."""
CLOCKS_DIFFER = timedelta(seconds=60)
"""A record may seem to be so much older than the request that made it."""


async def find_record(client: ImagesClient, entry: Entry) -> Record | None:
    """The record of what `entry` sent; None when none, or more than one, could be it.

    Raises ApiError when the endpoint's records cannot be listed.
    """
    page = await client.records(limit=NEWEST)
    return match_record(entry, page.records)


def match_record(entry: Entry, records: Iterable[Record]) -> Record | None:
    """The one of `records` that `entry` made, by the address of its picture or by its request."""
    response = entry.response
    if response is None or response.sent is None:
        return None
    completed = [record for record in records if record.status == "completed"]
    addresses = set(map(bare_address, response.urls))
    by_address = [
        record for record in completed if record.url and bare_address(record.url) in addresses
    ]
    if by_address:
        return by_address[0] if len(by_address) == 1 else None
    models = {entry.model, response.served_by}
    prompt = storable(entry.prompt).strip()
    by_request = [
        record
        for record in completed
        if record.model in models
        and storable(record.prompt).strip() == prompt
        and record.created >= response.sent - CLOCKS_DIFFER
    ]
    return by_request[0] if len(by_request) == 1 else None
