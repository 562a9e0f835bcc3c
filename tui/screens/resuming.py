"""Where the studio was left last time, and where it would be left now."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from textual.screen import Screen

from tui.generation.session import PaneSizes, Session
from tui.screens.drafting import Drafting
from tui.screens.entries import Entries, Refused
from tui.screens.shown_entry import ShownEntry
from tui.widgets.history_pane import HistoryPane


class Resuming:
    """Has the studio come back to the session that was left, if there is one."""

    def __init__(
        self,
        screen: Screen[None],
        left: Session | None,
        history: Callable[[], HistoryPane],
        drafting: Drafting,
        shown: ShownEntry,
        entries: Entries,
    ) -> None:
        """`left` is the session that `drafting` has its draft from."""
        self._screen = screen
        self._left = left
        self._history = history
        self._drafting = drafting
        self._shown = shown
        self._entries = entries

    @property
    def pane(self) -> str:
        """The pane that a narrow terminal showed; empty where nothing was left."""
        return self._left.pane if self._left is not None else ""

    def show_left(self) -> None:
        """Show what is at hand of it, before anything is read."""
        if self._left is not None:
            editor = self._drafting.editor
            editor.load_text(self._drafting.draft.prompt)
            editor.move_cursor(editor.document.end)
            self._history().has_details = self._left.details

    def open_history(self) -> None:
        """Begin to list what history holds; the picture shows if it is still there."""
        left = self._left
        if left is None:
            self._history().open()
            return
        self._history().open(left.query, left.cursor)
        if left.shown:
            self._screen.run_worker(
                self._show(left.shown),
                group="show",
                description="Shows an entry again",
                exit_on_error=False,
            )

    def session(self, pane: str, sizes: PaneSizes) -> Session:
        """Where the next start shall begin; `pane` is the one that a narrow terminal shows."""
        history, left = self._history(), self._left
        cursor = history.entries.current if history.entries.cursor else ""
        shown = self._shown.id
        if history.is_reading and left is not None:
            # Nothing is listed yet that could be come back to.
            cursor, shown = left.cursor, shown or left.shown
        return Session(
            self._drafting.written,
            pane=pane,
            shown=shown,
            cursor=cursor,
            query=history.query_text,
            details=history.has_details,
            sizes=sizes,
        )

    async def _show(self, entry_id: str) -> None:
        with suppress(Refused):
            entry = await self._entries.read(entry_id)
            if self._shown.entry is None:
                self._shown.show(entry)
