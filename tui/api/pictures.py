"""One item of a generation: a picture in any of the shapes in which servers give it."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping

from tui.api.addresses import BadAddress, joined, read_address
from tui.api.complaint import read_document
from tui.api.reading import table, text
from tui.api.results import GeneratedImage
from tui.config import JSON
from tui.scrub import Scrubber

IMAGE_LIMIT = 64 * 1024 * 1024
_ERROR_LIMIT = 300

_DATA_URL = re.compile(r"data:[^,]{0,200},", re.IGNORECASE)
_SLICE = 1 << 20
_MAGIC = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF", b"GIF8")
_SERVER_FILE = re.compile(
    r"file:|[a-z]:[\\/]|~/|\\\\|/(home|root|tmp|var|usr|opt|mnt|srv|Users|private)/", re.IGNORECASE
)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)


class BadPicture(Exception):
    """An item without a usable picture; the text says why."""


def read_picture(item: JSON, base_url: str, scrubber: Scrubber) -> GeneratedImage:
    """One item as a picture; one without says why."""
    fields: Mapping[str, JSON] = {"url": item} if isinstance(item, str) else table(item)
    url: str | None = None
    data: bytes | None = None
    problem = error_words(fields["error"], scrubber) if fields.get("error") else ""
    try:
        if encoded := fields.get("b64_json"):
            data = _decoded(text(encoded))
    except BadPicture as error:
        problem = problem or str(error)
    try:
        if address := text(fields.get("url")).strip():
            url, embedded = _located(address, base_url)
            data = data or embedded
    except BadPicture as error:
        problem = problem or str(error)
    if url or data:
        return GeneratedImage(url=url, data=data)
    return GeneratedImage(error=scrubber.text(problem) or "the item holds no picture")


def error_words(error: JSON, scrubber: Scrubber) -> str:
    """What the endpoint says in an `error`, in a few words; never empty."""
    complaint = read_document(error)
    words = complaint.message or complaint.type or complaint.code or "the endpoint gives no reason"
    return scrubber.text(words)[:_ERROR_LIMIT]


def _located(value: str, base_url: str) -> tuple[str | None, bytes | None]:
    """What `url` means: an address, or the picture itself. Raises BadPicture."""
    if _DATA_URL.match(value):
        return None, _decoded(value)
    if (data := _bare_picture(value)) is not None:
        return None, data
    return absolute_url(value, base_url), None


def absolute_url(value: str, base_url: str) -> str:
    """The address that `value` stands for, made absolute. Raises BadPicture."""
    if _SERVER_FILE.match(value):
        raise BadPicture(
            "the endpoint named a file on its own disk; set response_format to b64_json"
        )
    absolute = _SCHEME.match(value) is not None or value.startswith("//")
    try:
        return read_address(value if absolute else joined(f"{base_url}/", value)).url
    except BadAddress as error:
        raise BadPicture(f"the endpoint gave an address that is not fetched: {error}") from None


def _bare_picture(value: str) -> bytes | None:
    """The bytes of base64 that stands where an address should; None for anything else."""
    try:
        beginning = base64.b64decode(_alphabet(value[:24]) + "====")
        return _decoded(value) if beginning.startswith(_MAGIC) else None
    except (binascii.Error, ValueError, BadPicture):
        return None


def _decoded(encoded: str) -> bytes:
    """The bytes of base64, with a data URL's head, blanks and lacking padding tolerated."""
    if head := _DATA_URL.match(encoded):
        if ";base64" not in head[0].lower():
            raise BadPicture("the picture's data URL is not base64")
        encoded = encoded[head.end() :]
    if len(encoded) * 3 // 4 > IMAGE_LIMIT + 1024:
        raise BadPicture(f"the picture is larger than {IMAGE_LIMIT >> 20} MiB")
    encoded = _alphabet("".join(encoded.split()))
    encoded += "=" * (-len(encoded) % 4)
    try:
        # A slice at a time: decoding holds the interpreter lock.
        data = b"".join(
            base64.b64decode(encoded[start : start + _SLICE], validate=True)
            for start in range(0, len(encoded), _SLICE)
        )
    except (binascii.Error, ValueError):
        raise BadPicture("the picture's base64 cannot be decoded") from None
    if not data:
        raise BadPicture("the picture's base64 is empty")
    return data


def _alphabet(encoded: str) -> str:
    """The URL-safe alphabet as the plain one, without padding."""
    return encoded.replace("-", "+").replace("_", "/").rstrip("=")
