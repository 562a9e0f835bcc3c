"""JSON text with the pictures lifted out of it while it is still coming."""

from __future__ import annotations

import re

from tui.api.spool import Sink, Spool

LIFTED_FROM = 64 * 1024
"""Characters from which a string is looked at."""

_CONTENT = re.compile(rb'[^"\\]*(?:\\.[^"\\]*)*', re.DOTALL)
_HEAD = re.compile(rb"\s*data:[^,]{0,200},", re.IGNORECASE)
_BLANK = re.compile(rb"\s|\\[rnt]")
_ALPHABET = re.compile(
    rb"(?:[A-Za-z0-9+/=_-]|\\/|\\u00(?:2[bdf]|3d|0[ad]|5f))*+(?:\\(?:u[0-9a-f]{0,3})?)?",
    re.IGNORECASE,
)
_FEWEST_TO_A_BLANK = 16


class Lifter:
    """Takes a JSON text in pieces and keeps it in `text`, long base64 strings excepted.

    Each of these goes to a file of `spool`, where there is one, and `text` has a mark in its
    place. It relies on nothing but where strings begin and end, so that text which is no JSON
    passes unharmed.
    """

    def __init__(self, spool: Spool | None) -> None:
        self.text = bytearray()
        self._spool = spool
        self._in_string = False
        self._escaped = False
        self._looked_at = False
        self._begin = 0
        self._sink: Sink | None = None

    def feed(self, piece: bytes) -> None:
        """Take the next piece."""
        position = 0
        while position < len(piece):
            if self._in_string:
                position = self._pass_string(piece, position)
            else:
                position = self._pass_structure(piece, position)

    def close(self) -> None:
        """Give up a picture that has no end."""
        if self._sink is not None:
            self._sink.abandon()
            self._sink = None

    def _pass_structure(self, piece: bytes, position: int) -> int:
        quote = piece.find(b'"', position)
        end = len(piece) if quote < 0 else quote + 1
        self.text += piece[position:end]
        if quote >= 0:
            self._in_string = True
            self._looked_at = False
            self._begin = len(self.text)
        return end

    def _pass_string(self, piece: bytes, position: int) -> int:
        end = self._end_of_string(piece, position)
        content = piece[position:] if end < 0 else piece[position:end]
        if self._sink is not None:
            self._sink.write(content)
        else:
            self.text += content
            self._look()
        if end < 0:
            return len(piece)
        if self._sink is not None:
            self.text += self._sink.close().encode()
            self._sink = None
        self.text += b'"'
        self._in_string = False
        return end + 1

    def _end_of_string(self, piece: bytes, position: int) -> int:
        """The place of the closing quote; -1 where the string goes on after `piece`."""
        if self._escaped:
            self._escaped = False
            position += 1
        quote = piece.find(b'"', position)
        if piece.find(b"\\", position, None if quote < 0 else quote) < 0:
            return quote
        found = _CONTENT.match(piece, position)
        assert found is not None
        end = found.end()
        if end < len(piece) and piece[end] == 0x22:
            return end
        self._escaped = end < len(piece)
        return -1

    def _look(self) -> None:
        """Lift the string that has begun, once it is long and looks like a picture."""
        if self._spool is None or self._looked_at or len(self.text) - self._begin < LIFTED_FROM:
            return
        self._looked_at = True
        beginning = bytes(self.text[self._begin :])
        if _looks_like_a_picture(beginning[:LIFTED_FROM]):
            self._sink = self._spool.begin()
        if self._sink is not None:
            del self.text[self._begin :]
            self._sink.write(beginning)


def _looks_like_a_picture(beginning: bytes) -> bool:
    """Whether a string that begins so is base64 rather than words."""
    head = _HEAD.match(beginning)
    text = beginning[head.end() :] if head else beginning
    letters, blanks = _BLANK.subn(b"", text)
    return blanks * _FEWEST_TO_A_BLANK < len(text) and _ALPHABET.fullmatch(letters) is not None
