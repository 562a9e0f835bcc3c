"""Earlier prompts, one after the other, as a shell has its earlier commands."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import chain
from typing import TYPE_CHECKING

from tui.history.entry import UnreadableEntry
from tui.history.index_rows import HEAD, Row

if TYPE_CHECKING:
    from tui.history.desk import HistoryDesk

_PAGE = 100
_DRAFTS_LEFT = 10
"""Drafts that are remembered after they gave way to another."""


class EarlierPrompts:
    """A walk through the distinct earlier prompts, newest first, that begins at the draft.

    The rules are those of a shell. The draft is the newest place, and is there again after as many
    steps back. Whatever was typed is the draft: a prompt that was edited on the way takes its
    place, and the next step leads from there to the newest earlier prompt again. The draft that
    had to give way is not lost: it comes before those of history. No text is met twice, and blank
    ones never.

    Every call touches the disk and belongs into a thread; OSError is raised where history cannot
    be listed, and the next call tries again.
    """

    def __init__(self, desk: HistoryDesk, written: Callable[[str], str] = str) -> None:
        """`written` gives what an editor holds for a prompt that was sent."""
        self._desk = desk
        self._written = written
        self._lock = threading.Lock()
        self._draft = ""
        self._left: deque[str] = deque(maxlen=_DRAFTS_LEFT)
        self._met: list[str] = []
        """What lies between the draft and the oldest place so far, newest first."""
        self._place = 0
        """How many steps from the draft."""
        self._further: Iterator[str] = iter(())

    def older(self, shown: str) -> str | None:
        """The prompt before the one in the editor, which holds `shown`; None if there is none."""
        with self._lock:
            self._follow(shown)
            if self._place == 0:
                # Anew, since more may have been sent meanwhile.
                self._met.clear()
                self._further = self._earlier()
            if self._place == len(self._met) and not self._meet():
                return None
            self._place += 1
            return self._met[self._place - 1]

    def newer(self, shown: str) -> str | None:
        """The prompt after the one in the editor, at last the draft; None if that is there."""
        with self._lock:
            self._follow(shown)
            if self._place == 0:
                return None
            self._place -= 1
            return self._met[self._place - 1] if self._place else self._draft

    def _follow(self, shown: str) -> None:
        """Take what was typed for the draft."""
        if self._place:
            if _same(shown, self._met[self._place - 1]):
                return
            if _key(self._draft):
                self._left.appendleft(self._draft)
            self._place = 0
        self._draft = shown

    def _meet(self) -> bool:
        """Go one further into the past; whether there was anything."""
        try:
            prompt = next(self._further, None)
        except OSError:
            # A generator that raised has ended.
            self._further = self._earlier()
            raise
        if prompt is not None:
            self._met.append(prompt)
        return prompt is not None

    def _earlier(self) -> Iterator[str]:
        """Prompts that were not met on this walk, newest first."""
        met = {_key(text) for text in (self._draft, *self._met)}
        for text in chain(tuple(self._left), map(self._written, self._sent())):
            key = _key(text)
            if key and key not in met:
                met.add(key)
                yield text

    def _sent(self) -> Iterator[str]:
        """The prompts of history, newest first. The same may come again and again."""
        for row in self._rows():
            if len(row.head) < HEAD:
                yield row.head
                continue
            # Thrown away, perhaps, since it was listed.
            with suppress(OSError, UnreadableEntry):
                yield self._desk.read(row.id).prompt

    def _rows(self) -> Iterator[Row]:
        """The rows of history, newest first; the newest at once, however many there are."""
        found = self._desk.first("", _PAGE)
        yield from (found.rows[key] for key in found.keys if key in found.rows)
        if found.is_whole:
            return
        rest = [key for key in self._desk.all("", lambda: False).keys if key < found.keys[-1]]
        for start in range(0, len(rest), _PAGE):
            page = rest[start : start + _PAGE]
            rows = self._desk.rows(page)
            yield from (rows[key] for key in page if key in rows)


def _key(text: str) -> str:
    """By what texts are compared: an editor has its own signs for the end of a line."""
    return "\n".join(text.splitlines()).strip()


def _same(one: str, other: str) -> bool:
    return one.splitlines() == other.splitlines()
