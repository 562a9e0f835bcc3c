"""Entries by number: keys of 64 bits that sort as the ids do, and so by time."""

from __future__ import annotations

import re
import zlib
from contextlib import suppress
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(2030, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_RANDOM_BITS = 24
_SPAN = 1 << (62 - _RANDOM_BITS)
_ID = re.compile(
    r"([0-9]{4})([0-9]{2})([0-9]{2})T([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{3})-([0-9a-f]{6})"
)


def made_at(entry_id: str) -> datetime | None:
    """When the entry of that id was made, as the id says; None where there is no such time."""
    if match := _ID.fullmatch(entry_id):
        year, month, day, hour, minute, second, milliseconds = map(int, match.groups()[:-1])
        with suppress(ValueError):
            return datetime(year, month, day, hour, minute, second, milliseconds * 1000, tzinfo=UTC)
    return None


def key_of(entry_id: str) -> int:
    """A whole number of 64 bits that sorts as `entry_id` does, and no other id has.

    That is so for the years 2021 to 2038; entries of others come after all of these, in no order.
    """
    if (moment := made_at(entry_id)) is not None:
        count = (moment - _EPOCH) // _MILLISECOND
        if abs(count) < _SPAN:
            return (count << _RANDOM_BITS) | int(entry_id[-6:], 16)
    return -(1 << 63) + zlib.crc32(entry_id.encode())


def moment_of(key: int) -> datetime | None:
    """When the entry of `key` was made; None for one whose key does not tell."""
    count = key >> _RANDOM_BITS
    return _EPOCH + count * _MILLISECOND if abs(count) < _SPAN else None


def first_key(moment: datetime) -> int:
    """The smallest key that an entry made at `moment` or later may have."""
    count = (moment - _EPOCH) // _MILLISECOND
    return max(-_SPAN, min(count, _SPAN)) << _RANDOM_BITS


def id_of(key: int) -> str | None:
    """The id whose key is `key`; None where the key does not tell."""
    moment = moment_of(key)
    if moment is None:
        return None
    milliseconds = moment.microsecond // 1000
    return f"{moment:%Y%m%dT%H%M%S}{milliseconds:03d}-{key & (1 << _RANDOM_BITS) - 1:06x}"
