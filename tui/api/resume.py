"""A file fetched in several goes: which answers are parts of one and the same file.

RFC 9110, sections 8.8 (validators), 13.1.5 (If-Range) and 14 (ranges).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

_STRONG_ETAG = re.compile(r'"[\x21\x23-\x7e]{0,1000}"')
_SPAN = re.compile(
    r"bytes (?P<start>[0-9]{1,18})-(?P<last>[0-9]{1,18})/(?P<total>[0-9]{1,18})", re.IGNORECASE
)
_HTTP_DATE = re.compile(r"[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9:]{8} GMT")
_LENGTH = re.compile(r"[0-9]{1,18}")
# A file that was changed so shortly before it was sent may change again within the second.
_SETTLED = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Span:
    """The bytes `start` to `stop` - 1 of a file of `total` bytes."""

    start: int
    stop: int
    total: int


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a file: its strong ETag, or else its Last-Modified, and its size in bytes.

    `total` is None as long as no answer has told the size.
    """

    validator: str
    total: int | None

    def request(self, start: int) -> dict[str, str]:
        """The headers that ask for this version from `start` on, or for all of a newer one."""
        return {"Range": f"bytes={start}-", "If-Range": self.validator}

    def continued(self, headers: Mapping[str, str], start: int) -> Span | None:
        """What an answer of status 206 holds of this version; None unless it begins at `start`."""
        span = read_span(headers.get("content-range", ""))
        if span is None or span.start != start or self.total not in (None, span.total):
            return None
        if is_encoded(headers) or not self._is_of(headers):
            return None
        return span

    def _is_of(self, headers: Mapping[str, str]) -> bool:
        if self.validator.startswith('"'):
            return headers.get("etag", "").strip() == self.validator
        modified = headers.get("last-modified", self.validator).strip()
        return "etag" not in headers and modified == self.validator


def read_version(headers: Mapping[str, str]) -> Version | None:
    """The version that an answer of status 200 holds; None when its rest cannot be asked for."""
    if is_encoded(headers) or headers.get("accept-ranges", "").strip().lower() == "none":
        return None
    validator = headers.get("etag", "").strip()
    if "etag" not in headers:
        validator = _settled_date(headers)
    elif not _STRONG_ETAG.fullmatch(validator):
        return None
    return Version(validator, read_length(headers)) if validator else None


def read_span(content_range: str) -> Span | None:
    """The value of a Content-Range header; None when it is not one of bytes, with a total."""
    found = _SPAN.fullmatch(content_range.strip())
    if found is None:
        return None
    span = Span(int(found["start"]), int(found["last"]) + 1, int(found["total"]))
    return span if span.start < span.stop <= span.total else None


def read_length(headers: Mapping[str, str]) -> int | None:
    """The value of Content-Length in bytes; None when there is none that can be read."""
    value = headers.get("content-length", "").strip()
    return int(value) if _LENGTH.fullmatch(value) else None


def encoding_of(headers: Mapping[str, str]) -> str:
    """The value of Content-Encoding in lower case; empty for a body that comes as it is."""
    encoding = headers.get("content-encoding", "").strip().lower()
    return "" if encoding == "identity" else encoding


def is_encoded(headers: Mapping[str, str]) -> bool:
    """Whether the bytes of the body are not those of the file."""
    return encoding_of(headers) != ""


def _settled_date(headers: Mapping[str, str]) -> str:
    """Last-Modified where it tells versions apart; otherwise nothing."""
    value = headers.get("last-modified", "").strip()
    modified, sent = _http_date(value), _http_date(headers.get("date", ""))
    if modified is None or sent is None or sent - modified < _SETTLED:
        return ""
    return value


def _http_date(text: str) -> datetime | None:
    if not _HTTP_DATE.fullmatch(text):
        return None
    try:
        return parsedate_to_datetime(text)
    except ValueError:
        return None
