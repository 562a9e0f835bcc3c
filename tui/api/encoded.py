"""Base64 as servers write it, decoded piece by piece."""

from __future__ import annotations

import binascii
import re

import pybase64

LONGEST_HEAD = 256
"""Characters within which a data URL comes to its comma."""

CANNOT_BE_DECODED = "its base64 cannot be decoded"
_DATA_URL = re.compile(rb"\s*data:([^,]{0,200}),", re.IGNORECASE)
_BLANKS = b" \t\r\n\v\f"
_PLAIN = bytes.maketrans(b"-_", b"+/")


class BadEncoding(Exception):
    """Text that is no base64; the text of this says why."""


class Decoder:
    """Bytes out of base64 that comes in pieces.

    A data URL's head, blanks, the URL-safe alphabet and lacking padding are tolerated. After
    BadEncoding nothing more can be decoded.
    """

    def __init__(self) -> None:
        self._rest = b""
        self._past_head = False
        self._padded = False

    def feed(self, piece: bytes) -> bytes:
        """What `piece` adds. Raises BadEncoding."""
        if not self._past_head:
            piece = self._rest + piece
            if len(piece) < LONGEST_HEAD:
                self._rest = piece
                return b""
            piece, self._rest = _headless(piece), b""
            self._past_head = True
        return self._decode(piece, last=False)

    def finish(self) -> bytes:
        """What the end adds. Raises BadEncoding."""
        rest, self._rest = self._rest, b""
        if not self._past_head:
            self._past_head = True
            rest = _headless(rest)
        return self._decode(rest, last=True)

    def _decode(self, piece: bytes, *, last: bool) -> bytes:
        if not last and not self._padded:
            # Nearly all text is plain, and is then looked at by the decoder alone.
            try:
                return self._decode_plain(piece)
            except binascii.Error:
                pass
        return self._decode_tolerantly(self._rest + piece, last=last)

    def _decode_plain(self, piece: bytes) -> bytes:
        begin = -len(self._rest) % 4
        end = len(piece) - (len(piece) - begin) % 4
        if end < begin:
            self._rest += piece
            return b""
        head = pybase64.b64decode(self._rest + piece[:begin], validate=True)
        data = pybase64.b64decode(memoryview(piece)[begin:end], validate=True)
        self._rest = piece[end:]
        self._padded = piece.endswith(b"=", 0, end)
        return head + data if head else data

    def _decode_tolerantly(self, whole: bytes, *, last: bool) -> bytes:
        text = whole.translate(_PLAIN, _BLANKS)
        core = text.rstrip(b"=")
        if self._padded and core:
            raise BadEncoding("it goes on after its end")
        self._padded = self._padded or len(core) < len(text)
        if last or self._padded:
            self._rest = b""
            core += b"=" * (-len(core) % 4)
        else:
            end = len(core) - len(core) % 4
            core, self._rest = core[:end], core[end:]
        try:
            return pybase64.b64decode(core, validate=True)
        except binascii.Error:
            raise BadEncoding(CANNOT_BE_DECODED) from None


def is_data_url(text: bytes) -> bool:
    """Whether `text` begins like a data URL."""
    return _DATA_URL.match(text) is not None


def _headless(text: bytes) -> bytes:
    head = _DATA_URL.match(text)
    if head is None:
        return text
    if b";base64" not in head[1].lower():
        raise BadEncoding("its data URL is not base64")
    return text[head.end() :]
