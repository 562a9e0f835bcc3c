"""From picture to picture, in the order in which the history lists their entries."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from msgspec import Struct
from msgspec.structs import replace

from tui.history.entry import Entry, EntryImage
from tui.screens.entries import Entries, Refused
from tui.widgets.history_sidebar import HistorySidebar


class Sight(Struct, frozen=True):
    """A picture of an entry."""

    entry: Entry
    """It has pictures."""
    number: int = 0
    """Index of the picture."""

    @property
    def image(self) -> EntryImage:
        return self.entry.images[self.number]

    @property
    def alone(self) -> Entry:
        """The entry as if it had this picture only."""
        return replace(self.entry, images=(self.image,))


class PictureWalk:
    """Goes through what is listed now, whatever comes or goes meanwhile."""

    def __init__(self, sidebar: Callable[[], HistorySidebar], entries: Entries) -> None:
        self._sidebar = sidebar
        self._entries = entries

    async def begin(self, entry_id: str, number: int = 0) -> Sight:
        """A picture of an entry, by its index. Raises Refused where there is none."""
        entry = await self._entries.read(entry_id)
        if not entry.images:
            raise Refused("This entry has no picture.")
        return Sight(entry, min(number, len(entry.images) - 1))

    async def step(self, sight: Sight, steps: int) -> Sight | None:
        """The next picture, or the one before for -1; None where there are no more.

        First those of the entry, then those of the entries beneath it in the list, or above.
        """
        number = sight.number + steps
        if 0 <= number < len(sight.entry.images):
            return Sight(sight.entry, number)
        index, is_listed = self._sidebar().place_of(sight.entry.id)
        index += steps if is_listed or steps < 0 else 0
        while 0 <= index < (sidebar := self._sidebar()).count:
            entry_id = sidebar.id_at(index)
            if entry_id and not sidebar.has_no_picture(index):
                with suppress(Refused):
                    found = await self._entries.read(entry_id)
                    if found.images:
                        return Sight(found, 0 if steps > 0 else len(found.images) - 1)
            index += steps
        return None

    def position(self, sight: Sight) -> tuple[int, int]:
        """Where the entry stands in the list, from 1, or 0; and how many are listed."""
        sidebar = self._sidebar()
        index, is_listed = sidebar.place_of(sight.entry.id)
        return index + 1 if is_listed else 0, sidebar.count

    async def other(self, sight: Sight) -> Sight | None:
        """A picture to compare with: of the same entry, or what it was made from, or the next."""
        count = len(sight.entry.images)
        if count > 1:
            return Sight(sight.entry, (sight.number + 1) % count)
        if sight.entry.parent:
            with suppress(Refused):
                return await self.begin(sight.entry.parent)
        return await self.step(sight, 1) or await self.step(sight, -1)
