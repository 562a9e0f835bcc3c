"""Traces of entries: by what one is found again from what its endpoint knows of it.

The id of a record, the address of a picture and the prompt each become a number, which the index
looks up at once; the entry's file then says whether it is really meant.
"""

from __future__ import annotations

from hashlib import blake2b
from urllib.parse import urlsplit

from msgspec import Struct

from tui.history.entry import Entry
from tui.text import storable


class Wanted(Struct, frozen=True):
    """A trace whose entries are looked for, among keys from `first` to `last`."""

    trace: int
    first: int = -(1 << 63)
    last: int = (1 << 63) - 1


def traces_of(entry: Entry) -> frozenset[int]:
    """What `entry` is found by.

    The prompt is a trace only where the entry was sent and knows no record: nothing else would
    lead to it.
    """
    response = entry.response
    records = {image.record for image in entry.images if image.record}
    traces: set[int] = set()
    if response is not None:
        records.update(response.records)
        traces.update(map(of_address, response.urls))
        if response.sent is not None and not records:
            traces.add(of_prompt(entry.prompt))
    return frozenset(traces.union(map(of_record, records)))


def of_record(record_id: str) -> int:
    """The trace of a record, by its id."""
    return _number("record", record_id)


def of_address(url: str) -> int:
    """The trace of a picture, by where it lay."""
    return _number("address", *bare_address(url))


def of_prompt(prompt: str) -> int:
    """The trace of a prompt, however much blank there is around it."""
    return _number("prompt", prompt.strip())


def bare_address(url: str) -> tuple[str, str]:
    """Host and path: the rest of an address is its signature, which differs each time."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "", url
    return parts.netloc, parts.path


def _number(*parts: str) -> int:
    """63 bits, as many as SQLite takes for a whole number from 0 up."""
    text = storable("\0".join(parts)).encode()
    return int.from_bytes(blake2b(text, digest_size=8).digest()) >> 1
