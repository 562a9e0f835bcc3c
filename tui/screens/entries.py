"""Entries read and changed for a screen: in threads, and failing with a sentence."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from tui.history.desk import HistoryDesk
from tui.history.entry import Entry, UnreadableEntry

if TYPE_CHECKING:
    from tui.history.lineage import Family

Result = TypeVar("Result")


MOST_OWN = 200
"""Entries of this program's own jobs that are kept besides the disk's, the latest."""


class Refused(Exception):
    """Something could not be done; the text, which holds outside text, says why."""


class Entries:
    """What the desk does, awaited. Every call may raise Refused."""

    def __init__(self, desk: HistoryDesk) -> None:
        self._desk = desk
        self._own: dict[str, Entry] = {}

    @property
    def previews(self) -> Path:
        """The folder where pictures, scaled, are kept for the next time."""
        return self._desk.previews

    def remember(self, entry: Entry) -> None:
        """Have an entry of this program's own job, which a disk that fails may lose.

        The last ones are kept.
        """
        self._own.pop(entry.id, None)
        self._own[entry.id] = entry
        while len(self._own) > MOST_OWN:
            del self._own[next(iter(self._own))]

    async def read(self, entry_id: str) -> Entry:
        """The entry of that id, as it is on the disk."""
        try:
            return await self._do(partial(self._desk.read, entry_id))
        except Refused:
            if entry_id in self._own:
                return self._own[entry_id]
            raise

    async def read_all(self, ids: Sequence[str]) -> list[Entry]:
        """The entries of those ids."""
        return [await self.read(entry_id) for entry_id in ids]

    async def family(self, entry_id: str) -> Family:
        """What an entry was made from, and what was made from it."""
        return await self._do(partial(self._desk.family, entry_id))

    async def change(self, entry_id: str, change: Callable[[Entry], Entry]) -> tuple[Entry, Entry]:
        """Change an entry; as it was on the disk just before, and as it is now."""
        before: list[Entry] = []

        def changed(entry: Entry) -> Entry:
            before.append(entry)
            return change(entry)

        after = await self._do(partial(self._desk.change, entry_id, changed))
        return before[-1], after

    async def discard(self, entry_id: str) -> None:
        """Move an entry and its pictures into the trash."""
        await self._do(partial(self._desk.discard, entry_id))
        # Or it could be loaded all the same.
        self._own.pop(entry_id, None)

    async def restore(self, entry_id: str) -> Entry:
        """Take an entry out of the trash again."""
        return await self._do(partial(self._desk.restore, entry_id))

    def path_of(self, file: str) -> Path:
        """Where a file lies that an entry names."""
        try:
            return self._desk.store.absolute(file)
        except ValueError as error:
            raise Refused(str(error)) from error

    @staticmethod
    async def _do(action: Callable[[], Result]) -> Result:
        try:
            return await asyncio.to_thread(action)
        except FileNotFoundError as error:
            raise Refused("It is not in history any more.") from error
        except OSError as error:
            raise Refused(str(error.strerror or error)) from error
        except UnreadableEntry as error:
            raise Refused(str(error)) from error
