"""Opens the screens that show pictures alone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from textual.screen import Screen

from tui.catalog.card import ModelCard
from tui.screens.copy_folder import CopyFolder
from tui.screens.entries import Entries, Refused
from tui.screens.picture_walk import PictureWalk, Sight
from tui.widgets.history_sidebar import HistorySidebar
from tui.widgets.steady import open_over


class PictureViews:
    """Opens a picture as large as the screen, or two beside each other."""

    def __init__(
        self,
        screen: Screen[None],
        sidebar: Callable[[], HistorySidebar],
        entries: Entries,
        *,
        card_of: Callable[[str], ModelCard],
        clock: Callable[[], datetime],
        open_file: Callable[[Path], object],
        refer: Callable[[Sight], object],
    ) -> None:
        """`open_file` opens a picture with the system's viewer; `refer` adds one to the references
        of the draft."""
        self._screen = screen
        self._sidebar = sidebar
        self._entries = entries
        self._card_of = card_of
        self._clock = clock
        self._open_file = open_file
        self._refer = refer
        self._walk = PictureWalk(sidebar, entries)
        self._copies = CopyFolder()

    async def view(
        self, entry_id: str, number: int, left: Callable[[Sight], object] | None
    ) -> None:
        """Show a picture of an entry; `left` is told which one was seen last. Raises Refused."""
        over = self._screen.app.screen
        # In a thread, since it takes a moment the first time.
        await asyncio.to_thread(_load_viewer)
        from tui.screens.viewer import ViewerFacts, ViewerScreen

        facts = ViewerFacts(
            walk=self._walk,
            path_of=self._entries.path_of,
            card_of=self._card_of,
            clock=self._clock,
            open_file=self._open_file,
            compare=self.open_comparison,
            refer=self._refer,
            copies=self._copies,
            previews=self._entries.previews,
        )
        sight = await self._walk.begin(entry_id, number)

        def closed(last: Sight | None) -> None:
            seen = last or sight
            self._sidebar().go_to(seen.entry.id)
            if left is not None:
                left(seen)

        if not isinstance(over, ViewerScreen):
            open_over(over, ViewerScreen(facts, sight), closed)

    async def compare(self, pair: tuple[str, str] | None, current: str) -> None:
        """Compare the first pictures of two entries, or of one and what it is to be compared with.

        Raises Refused.
        """
        if pair is None:
            one = await self._walk.begin(current)
            other = await self._walk.other(one)
            if other is None:
                raise Refused("There is no other picture to compare with.")
        else:
            one, other = [await self._walk.begin(entry_id) for entry_id in pair]
        await self.open_comparison(self._screen, one, other)

    async def open_comparison(self, screen: Screen[Any], one: Sight, other: Sight) -> None:
        """Compare two pictures, on a screen over `screen`."""
        await asyncio.to_thread(_load_viewer)
        from tui.history.comparing import compare
        from tui.screens.compare import CompareFacts, CompareScreen

        older, newer = sorted((one, other), key=lambda sight: (sight.entry.id, sight.number))
        comparison = await asyncio.to_thread(compare, older.alone, newer.alone)
        facts = CompareFacts(
            sights=(older, newer),
            comparison=comparison,
            path_of=self._entries.path_of,
            card_of=self._card_of,
            refer=self._refer,
            previews=self._entries.previews,
        )
        open_over(screen, CompareScreen(facts))


def _load_viewer() -> None:
    import tui.screens.compare
    import tui.screens.viewer  # noqa: F401
