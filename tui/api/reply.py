"""An endpoint's answer, as it came."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Literal

from tui.scrub import EVERY_SECRET

Ending = Literal["whole", "cut", "late", "oversized"]
"""How a body ended: whole, connection lost, deadline passed, or larger than allowed."""

_BREACHES: dict[Ending, str] = {
    "whole": "",
    "cut": "The connection broke in the middle of the answer.",
    "late": "The answer did not end in the time allowed.",
    "oversized": "The answer is larger than any answer should be.",
}
_REQUEST_ID_HEADERS = ("x-request-id", "request-id", "x-tt-logid", "x-amzn-requestid", "cf-ray")
_REQUEST_ID = re.compile(r"[\x21-\x7e]{1,200}")
_NUMBER = re.compile(r"[0-9]{1,12}(\.[0-9]{1,12})?")
_LONGEST_PAUSE = 24 * 60 * 60.0


@dataclass(frozen=True, slots=True)
class Reply:
    """Status, headers by lower-case name, and as much of the body as came."""

    status: int
    headers: Mapping[str, str]
    body: bytes | bytearray = field(repr=False)
    ending: Ending = "whole"

    @property
    def request_id(self) -> str | None:
        """What the endpoint, or the gateway before it, calls the request."""
        for name in _REQUEST_ID_HEADERS:
            value = self.headers.get(name, "").strip()
            if _REQUEST_ID.fullmatch(value):
                # Some servers send back whatever they were sent.
                return EVERY_SECRET.text(value)
        return None

    @property
    def media_type(self) -> str | None:
        """Content-Type without its parameters, in lower case."""
        return media_type(self.headers)

    @property
    def breach(self) -> str:
        """Why the body is not whole, as a sentence; empty when it is."""
        return _BREACHES[self.ending]

    @property
    def retry_after(self) -> float | None:
        """Seconds the endpoint asks to wait, 0 to a day; None when absent or meaningless."""
        milliseconds = _seconds(self.headers.get("retry-after-ms", ""))
        if milliseconds is not None:
            return _bearable(milliseconds / 1000)
        value = self.headers.get("retry-after", "")
        seconds = _seconds(value)
        if seconds is None:
            seconds = _until(value, self.headers.get("date", ""))
        return None if seconds is None else _bearable(seconds)


def media_type(headers: Mapping[str, str]) -> str | None:
    """Content-Type without its parameters, in lower case."""
    return headers.get("content-type", "").partition(";")[0].strip().lower() or None


def _seconds(text: str) -> float | None:
    # `strip` takes control characters for blanks, which `float` does not.
    number = _NUMBER.fullmatch(text.strip())
    return float(number[0]) if number else None


def _bearable(seconds: float) -> float | None:
    return seconds if seconds <= _LONGEST_PAUSE else None


def _until(text: str, sent: str) -> float | None:
    """Seconds from the server's own clock, where it tells its time, to the HTTP date `text`."""
    moment = _http_date(text)
    if moment is None:
        return None
    now = _http_date(sent) or datetime.now(UTC)
    return max(0.0, (moment - now).total_seconds())


def _http_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, IndexError, TypeError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
