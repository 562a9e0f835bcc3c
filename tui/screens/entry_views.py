"""What the studio shows of an entry: its facts, family and changes, copies, its picture."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TypeAlias

from textual.screen import Screen

from tui.catalog.card import ModelCard
from tui.config import Config
from tui.history.entry import Entry
from tui.screens.entries import Entries, Refused
from tui.screens.picture_views import PictureViews
from tui.screens.picture_walk import Sight
from tui.text import Shown, one_line, showable
from tui.viewer import NoViewer, open_in_viewer
from tui.widgets.history_pane import HistoryPane
from tui.widgets.history_sidebar import HistorySidebar
from tui.widgets.steady import open_over

View: TypeAlias = Callable[[], Awaitable[None]]
REST = 0.03
"""Seconds for which the cursor is still before the details follow it."""
COPIES = (Shown("Prompt"), Shown("Path of the picture"), Shown("Id"), Shown("curl command"))
OPENING = "opening"
"""The workers that end with a screen over the studio."""


class EntryViews:
    """Opens one at a time; a later wish takes the place of an earlier one."""

    def __init__(
        self,
        screen: Screen[None],
        pane: Callable[[], HistoryPane],
        entries: Entries,
        *,
        card_of: Callable[[str], ModelCard],
        clock: Callable[[], datetime],
        config: Callable[[], Config],
        refer: Callable[[Sight], object],
    ) -> None:
        """`refer` adds a picture to the references of the draft."""
        self._screen = screen
        self._pane = pane
        self._entries = entries
        self._card_of = card_of
        self._clock = clock
        self._config = config
        self._pictures = PictureViews(
            screen,
            lambda: self._sidebar,
            entries,
            card_of=card_of,
            clock=clock,
            open_file=self.open_file,
            refer=refer,
        )

    def turn_details(self) -> None:
        """Show everything of the entry under the cursor, or that no more."""
        self._pane().has_details = not self._pane().has_details
        self.follow_cursor()

    def follow_cursor(self) -> None:
        """Have the details, where they are shown, of what is under the cursor now."""
        if self._pane().has_details:
            self._screen.run_worker(
                self._show_details(),
                group="details",
                description="Shows all of an entry",
                exclusive=True,
                exit_on_error=False,
            )

    def show_family(self, entry_id: str) -> None:
        """Show what an entry was made from, and what was made from it."""
        self._open(partial(self._show_family, entry_id))

    def compare(self, ids: Sequence[str], current: str) -> None:
        """Show what changed between two entries: those that are marked, or one and its parent."""
        self._open(partial(self._compare, ids, current))

    def view(
        self, entry_id: str, number: int = 0, left: Callable[[Sight], object] | None = None
    ) -> None:
        """Show a picture of an entry as large as the screen; `left` is told which was seen last."""
        self._open(partial(self._pictures.view, entry_id, number, left))

    def compare_pictures(self, ids: Sequence[str], current: str) -> None:
        """Compare pictures of two entries: those that are marked, or one and what it came from."""
        self._open(partial(self._compare_pictures, ids, current))

    def open_picture(self, entry_id: str, number: int = 1) -> None:
        """Open a picture of an entry outside, the first or the one of that number."""
        self._begin(partial(self._open_picture, entry_id, number))

    def open_file(self, path: Path) -> None:
        """Open a picture with the system's viewer."""
        self._screen.run_worker(
            partial(self._open_file, path),
            thread=True,
            group="viewer",
            description="Opens a picture",
            exit_on_error=False,
        )

    def ask_copy(self, entry_id: str) -> None:
        """Let the user choose what to copy of an entry."""
        from tui.widgets.choice_menu import ChoiceMenu

        sidebar = self._sidebar

        def chosen(index: int | None) -> None:
            if index is not None:
                self._begin(partial(self._copy, entry_id, index))

        open_over(sidebar, ChoiceMenu(COPIES, 0, sidebar.cursor_region), chosen)

    def leave(self) -> None:
        """The user is elsewhere: a screen that is still on its way does not open any more."""
        # It would take the keys that are meant for what is there now.
        self._screen.workers.cancel_group(self._screen, OPENING)

    def _open(self, view: View) -> None:
        self._begin(view, OPENING)

    def _begin(self, view: View, group: str = "views") -> None:
        self._screen.run_worker(
            self._told(view),
            group=group,
            description="Shows an entry",
            exclusive=True,
            exit_on_error=False,
        )

    async def _told(self, view: View) -> None:
        try:
            await view()
        except Refused as refusal:
            self._screen.notify(one_line(str(refusal), limit=300), severity="warning")

    @property
    def _sidebar(self) -> HistorySidebar:
        return self._pane().entries

    async def _show_details(self) -> None:
        # A cursor that is held down goes on in a moment.
        await asyncio.sleep(REST)
        pane, entry, card = self._pane(), None, None
        with suppress(Refused):
            if pane.entries.current:
                entry = await self._entries.read(pane.entries.current)
                card = self._card_of(entry.model)
        pane.details.show(entry, card)

    async def _show_family(self, entry_id: str) -> None:
        from tui.screens.lineage import LineageScreen

        family = await self._entries.family(entry_id)
        screen = LineageScreen(family, entry_id, self._card_of, self._clock)

        def chosen(other: str | None) -> None:
            if other is not None:
                self._pane().go_to(other)

        open_over(self._sidebar, screen, chosen)

    async def _compare(self, ids: Sequence[str], current: str) -> None:
        from tui.history.comparing import compare
        from tui.screens.difference import DifferenceScreen

        entries = await self._entries.read_all(await self._pair(ids, current))
        older, newer = sorted(entries, key=lambda entry: entry.id)
        comparison = await asyncio.to_thread(compare, older, newer)
        open_over(self._sidebar, DifferenceScreen(comparison))

    async def _compare_pictures(self, ids: Sequence[str], current: str) -> None:
        await self._pictures.compare(_marked_pair(ids, current), current)

    async def _pair(self, ids: Sequence[str], current: str) -> tuple[str, str]:
        """The two entries to compare."""
        if (pair := _marked_pair(ids, current)) is not None:
            return pair
        parent = (await self._entries.read(current)).parent
        if not parent:
            raise Refused("It was not made from another entry. Mark one with x to compare with.")
        return parent, current

    async def _open_picture(self, entry_id: str, number: int) -> None:
        self.open_file(self._picture_of(await self._entries.read(entry_id), number))

    def _open_file(self, path: Path) -> None:
        try:
            open_in_viewer(path)
        except NoViewer as problem:
            self._screen.app.call_from_thread(
                self._screen.notify,
                showable(str(problem)),
                title="Not opened",
                severity="warning",
            )

    async def _copy(self, entry_id: str, what: int) -> None:
        entry = await self._entries.read(entry_id)
        text = await asyncio.to_thread(self._text_of, entry, what)
        self._screen.app.copy_to_clipboard(text)
        self._screen.notify("Copied.", timeout=3)

    def _text_of(self, entry: Entry, what: int) -> str:
        match what:
            case 0:
                return entry.prompt
            case 1:
                return str(self._picture_of(entry))
            case 2:
                return entry.id
            case _:
                return self._curl(entry)

    def _picture_of(self, entry: Entry, number: int = 1) -> Path:
        if not entry.images:
            raise Refused("This entry has no picture.")
        image = entry.images[min(number, len(entry.images)) - 1]
        return self._entries.path_of(image.file)

    def _curl(self, entry: Entry) -> str:
        # These bring the client's code along, which nothing on screen needs.
        from tui.api.endpoints import find_settings
        from tui.api.errors import ApiError
        from tui.api.wire import UnfitRequest
        from tui.config import ConfigError
        from tui.generation.curl import curl_command

        try:
            settings = find_settings(self._config(), entry.endpoint)
            return curl_command(entry, settings, self._entries.path_of)
        except ApiError as error:
            raise Refused(error.message) from error
        except (ConfigError, UnfitRequest, OSError) as error:
            raise Refused(str(error)) from error


def _marked_pair(ids: Sequence[str], current: str) -> tuple[str, str] | None:
    """The two entries that are marked, or a marked one and the current; None without marks."""
    marked = [entry_id for entry_id in ids if entry_id != current]
    if len(marked) > 2 or (len(marked) == 2 and current in ids):
        raise Refused("More than two are marked. Escape takes the marks away.")
    if len(marked) == 2:
        return marked[0], marked[1]
    return (marked[0], current) if marked else None
