"""What an entry was made from, and what was made from it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import ClassVar

from textual import events, getters, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from tui.catalog.card import ModelCard
from tui.history.comparing import compare
from tui.history.entry import Entry
from tui.history.lineage import Family
from tui.screens.difference import DifferenceScreen
from tui.text import Shown, one_line
from tui.widgets.key_bar import KeyBar
from tui.widgets.lineage_tree import LineageTree
from tui.widgets.plain import plain
from tui.widgets.steady import Steady, open_over

TITLE = Shown("Lineage")


class LineageScreen(Steady, ModalScreen[str | None]):
    """Dismisses with the id of the entry that was chosen, or None."""

    CSS_PATH = "../styles/lineage.tcss"
    AUTO_FOCUS = "#lineage"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("D", "difference", "changes", id="kin-difference"),
        Binding("escape,q", "close", "close", id="close-lineage"),
    ]

    lineage = getters.query_one("#lineage", LineageTree)

    def __init__(
        self,
        family: Family,
        current: str,
        cards: Callable[[str], ModelCard],
        clock: Callable[[], datetime],
    ) -> None:
        """`current` is the id of the entry whose family it is; `clock` gives the local time."""
        super().__init__()
        self._family = family
        self._current = current
        self._cards = cards
        self._clock = clock

    def compose(self) -> ComposeResult:
        with Vertical(id="lineage-frame") as frame:
            frame.border_title = plain(TITLE)
            frame.border_subtitle = plain(one_line(_count(self._family)))
            yield LineageTree(self._family, self._current, self._cards, self._clock, id="lineage")
        yield KeyBar()

    def on_click(self, event: events.Click) -> None:
        if event.widget is self:
            self.dismiss(None)

    @on(LineageTree.Chosen)
    def _chosen(self, event: LineageTree.Chosen) -> None:
        self.dismiss(event.entry_id)

    def action_close(self) -> None:
        self.dismiss(None)

    def action_difference(self) -> None:
        """Show what was changed on the way from its parent to the entry under the cursor."""
        pair = self._pair()
        if pair is not None:
            self._compare(*pair)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return action != "difference" or not self.is_mounted or self._pair() is not None

    def _pair(self) -> tuple[Entry, Entry] | None:
        """The parent of the entry under the cursor, and that entry, where both are there still."""
        entries, kin = self._family.entries, self.lineage.kin
        before, after = entries.get(kin.parent), entries.get(kin.id)
        return None if before is None or after is None else (before, after)

    @work(group="load", description="Compares two entries", exclusive=True, exit_on_error=False)
    async def _compare(self, before: Entry, after: Entry) -> None:
        comparison = await asyncio.to_thread(compare, before, after)
        open_over(self, DifferenceScreen(comparison))


def _count(family: Family) -> str:
    shown = len(family.lineage.kin)
    if not family.lineage.is_whole:
        return f"the nearest {shown}; there are more"
    return "1 entry" if shown == 1 else f"{shown} entries"
