"""JSON from servers of every dialect: a wrong type in one field costs that field alone."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime

from tui.config import JSON
from tui.decoding import from_json
from tui.text import storable

_MILLISECONDS_FROM = 1e11
_LARGEST_INTEGER = 2**63 - 1
_MOST_DIGITS = 400


class Unreadable(Exception):
    """Bytes that are no JSON document."""


def parse(body: bytes | bytearray) -> JSON:
    """`body` as JSON in UTF-8, -16 or -32, with or without a byte order mark.

    NaN is tolerated, and so are numbers of any length and bytes that are no UTF-8. Raises
    Unreadable.
    """
    try:
        document: JSON = from_json(body)
    except RecursionError:
        raise Unreadable from None
    except ValueError:
        document = _parse_tolerantly(body)
    return document


def _parse_tolerantly(body: bytes | bytearray) -> JSON:
    try:
        written = body.decode(json.detect_encoding(body), "replace")
        document: JSON = json.loads(written, parse_int=_whole_number)
    except (ValueError, RecursionError):
        raise Unreadable from None
    return document


def _whole_number(digits: str) -> int | float:
    # Python refuses to read, or to write, an integer of thousands of digits.
    return int(digits) if len(digits) <= _MOST_DIGITS else math.inf


def text(value: object) -> str:
    """`value` if it is text, a number as text, otherwise empty."""
    if isinstance(value, str):
        # Most text is ASCII, which the check answers at once, megabytes of base64 included.
        return value if value.isascii() else storable(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return ""


def table(value: object) -> Mapping[str, JSON]:
    """`value` if it is an object, otherwise an empty one."""
    return value if isinstance(value, dict) else {}


def integer(value: object) -> int | None:
    """A whole number from 0 to 2⁶³ - 1, which is what TOML and SQLite hold."""
    if isinstance(value, float) and math.isfinite(value) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value <= _LARGEST_INTEGER else None


def moment(value: object) -> datetime | None:
    """Seconds or milliseconds since 1970, or an ISO 8601 date, as a time in UTC."""
    if isinstance(value, str):
        when = _moment_of_text(value.strip())
    elif isinstance(value, int | float) and not isinstance(value, bool):
        when = _moment_of_number(value)
    else:
        when = None
    # The first and the last year do not begin and end in every zone, nor a little earlier or later.
    return when if when is not None and 1 < when.year < 9999 else None


def _moment_of_number(value: float) -> datetime | None:
    try:
        seconds = value / 1000 if value > _MILLISECONDS_FROM else value
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _moment_of_text(value: str) -> datetime | None:
    if value.isascii() and value.isdigit() and len(value) <= 16:
        return _moment_of_number(int(value))
    try:
        when = datetime.fromisoformat(value)
        return when.astimezone(UTC) if when.tzinfo else when.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
