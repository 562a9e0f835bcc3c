"""Server-sent events, read as they come; pictures in their data are lifted out of it.

The format is that of the HTML standard, section 9.2, its UTF-8 alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from tui.api.lifting import Lifter
from tui.api.spool import Spool

_LONGEST_FIELD = 256
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Event:
    """One event: its name, which may be empty, and its data, usually JSON."""

    name: str
    data: bytes


class EventReader:
    """Takes a stream of events in pieces. `size` is what is held of an event without its end."""

    def __init__(self, spool: Spool | None) -> None:
        self._spool = spool
        self._lifter = Lifter(spool)
        self._name = ""
        self._has_data = False
        self._field = b""
        """The beginning of a line whose field is not known yet."""
        self._in_data = False
        self._in_line = False
        self._skip_blank = False
        self._value = bytearray()
        self._is_name = False
        self._after_return = False
        self._begun = False

    @property
    def size(self) -> int:
        return len(self._lifter.text) + len(self._value)

    def feed(self, piece: bytes) -> list[Event]:
        """The events that end in the next piece."""
        if not self._begun:
            piece = self._field + piece
            self._field = b""
            if len(piece) < len(_BOM) and _BOM.startswith(piece):
                self._field = piece
                return []
            self._begun = True
            piece = piece.removeprefix(_BOM)
        events = []
        position = 0
        while position < len(piece):
            if self._after_return and piece[position] == 0x0A:
                position += 1
                self._after_return = False
                continue
            self._after_return = False
            end = _end_of_line(piece, position)
            self._take(piece[position : len(piece) if end < 0 else end])
            if end < 0:
                break
            self._after_return = piece[end] == 0x0D
            position = end + 1
            if event := self._end_line():
                events.append(event)
        return events

    def close(self) -> Event | None:
        """The event that lacks only its blank line, if its data came whole."""
        return self._end_line() or self._dispatch()

    def abandon(self) -> None:
        """Give up what has not come to its end."""
        self._lifter.close()

    def _take(self, part: bytes) -> None:
        """A part of a line, without its end."""
        if not part:
            return
        if not self._in_line:
            self._field += part
            colon = self._field.find(b":")
            if colon < 0 and len(self._field) <= _LONGEST_FIELD:
                return
            name = self._field[:colon] if colon >= 0 else self._field
            part = self._field[colon + 1 :] if colon >= 0 else b""
            self._begin_line(name)
            self._field = b""
        if self._skip_blank and part:
            self._skip_blank = False
            part = part.removeprefix(b" ")
        if self._in_data:
            self._lifter.feed(part)
        elif self._is_name:
            self._value += part[:_LONGEST_FIELD]

    def _begin_line(self, name: bytes) -> None:
        self._in_line = self._skip_blank = True
        self._value.clear()
        self._in_data = name == b"data"
        self._is_name = name == b"event"
        if self._in_data:
            if self._has_data:
                self._lifter.feed(b"\n")
            self._has_data = True

    def _end_line(self) -> Event | None:
        """What the end of a line means; a blank one ends the event."""
        if not self._in_line and self._field:
            self._begin_line(self._field)
            self._field = b""
        if not self._in_line:
            return self._dispatch()
        if self._is_name:
            self._name = bytes(self._value[:_LONGEST_FIELD]).decode("utf-8", "replace")
        self._in_line = self._in_data = False
        return None

    def _dispatch(self) -> Event | None:
        lifter, name, had_data = self._lifter, self._name, self._has_data
        self._lifter = Lifter(self._spool)
        self._name, self._has_data = "", False
        lifter.close()
        return Event(name, bytes(lifter.text)) if had_data else None


def _end_of_line(piece: bytes, position: int) -> int:
    """The place of the next CR or LF; -1 where there is none."""
    feed = piece.find(b"\n", position)
    back = piece.find(b"\r", position, None if feed < 0 else feed)
    return feed if back < 0 else back
