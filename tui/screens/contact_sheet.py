"""The contact sheet: the pictures of a search, of the marked entries, or of one entry."""

from __future__ import annotations

import asyncio
import threading
from array import array
from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar, Literal, TypeAlias

from msgspec import Struct
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Static
from textual.worker import Worker

from tui.generation.thumbnails import EntryThumbnails
from tui.history.desk import HistoryDesk
from tui.history.entry_keys import key_of
from tui.history.index_rows import Row
from tui.text import Shown, one_line, showable
from tui.widgets.contact_sheet import ContactSheet, SheetMemory
from tui.widgets.history_sidebar import HistorySidebar
from tui.widgets.key_bar import KeyBar
from tui.widgets.picks import Pick, Picks
from tui.widgets.plain import plain
from tui.widgets.steady import Steady

TITLE = Shown("Contact sheet")
Scope: TypeAlias = Literal["found", "marked", "entry"]
SCOPES: tuple[Scope, ...] = ("found", "marked", "entry")
_FIRST_ROWS = 200
_AFTER_NEWS = 0.3
"""Seconds in which news of history are collected."""


class SheetFacts(Struct, frozen=True):
    """What a contact sheet begins with."""

    query: str = ""
    """What is searched for in history; empty for all entries."""
    marks: frozenset[int] = frozenset()
    """Keys of the marked entries."""
    current: str = ""
    """Id of the entry under history's cursor; empty for none."""


class ContactSheetScreen(Steady, Screen[None]):
    """The pictures of several entries side by side, over the studio, whose history follows."""

    CSS_PATH = "../styles/contact_sheet.tcss"
    AUTO_FOCUS = "#sheet"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("S", "next_scope", "what is shown", id="sheet-scope"),
        Binding("escape,q", "close", "close", id="close-sheet"),
    ]

    def __init__(
        self,
        desk: HistoryDesk,
        facts: SheetFacts,
        tell: Callable[[Message], object],
        memory: SheetMemory | None = None,
    ) -> None:
        """`tell` gets the history list's messages of what is wanted of entries; `memory` is that
        of the sheets that were open before.
        """
        super().__init__()
        self._desk = desk
        self._facts = facts
        self._tell = tell
        self.sheet = ContactSheet(EntryThumbnails(desk), memory, id="sheet")
        """The grid of pictures."""
        self.sheet.mark_only(facts.marks)
        self._marked = facts.marks
        """The entries that are shown as those that are marked."""
        self._entry = facts.current
        self._scope: Scope = "marked" if facts.marks else "found"
        self._begins = True
        self._is_stale = False
        self._reading: Worker[None] | None = None
        self._problem = ""

    def compose(self) -> ComposeResult:
        with Vertical(id="sheet-frame") as frame:
            frame.border_title = plain(TITLE)
            yield Picks(id="scopes")
            yield Static(id="sheet-problem")
            yield self.sheet
        yield KeyBar()

    def on_mount(self) -> None:
        self._show_state()
        self._reading = self._read()

    def follow(self) -> None:
        """Show what history holds now."""
        self._is_stale = True
        if self.is_attached and (self._reading is None or self._reading.is_finished):
            self._reading = self._read(_AFTER_NEWS)

    def action_next_scope(self) -> None:
        """Show something else: what was found, the marked entries, or the entry at the cursor."""
        scopes = [scope for scope in SCOPES if self._has(scope)]
        place = scopes.index(self._scope) if self._scope in scopes else -1
        self._show_scope(scopes[(place + 1) % len(scopes)])

    def action_close(self) -> None:
        self.dismiss(None)

    @on(Picks.Picked)
    def _scope_picked(self, event: Picks.Picked) -> None:
        event.stop()
        for scope in SCOPES:
            if scope == event.key:
                self._show_scope(scope)
        self.set_focus(self.sheet)

    @on(ContactSheet.Moved)
    def _moved(self, event: ContactSheet.Moved) -> None:
        event.stop()
        self._show_state()

    @on(ContactSheet.RowsWanted)
    def _rows_wanted(self, event: ContactSheet.RowsWanted) -> None:
        event.stop()
        self._bring_rows(event.keys)

    @on(HistorySidebar.Wished)
    def _wished(self, event: HistorySidebar.Wished) -> None:
        event.stop()
        self._tell(HistorySidebar.Wished(event.wish, event.ids, event.number))

    @on(HistorySidebar.Rated)
    def _rated(self, event: HistorySidebar.Rated) -> None:
        event.stop()
        self._tell(HistorySidebar.Rated(event.ids, event.rating))

    @on(HistorySidebar.UndoWanted)
    def _undo_wanted(self, event: HistorySidebar.UndoWanted) -> None:
        event.stop()
        self._tell(HistorySidebar.UndoWanted())

    @on(HistorySidebar.MarksSet)
    def _marks_set(self, event: HistorySidebar.MarksSet) -> None:
        event.stop()
        self._tell(HistorySidebar.MarksSet(event.keys))

    def _show_scope(self, scope: Scope) -> None:
        if not self._has(scope):
            return
        current = self.sheet.current
        if current is not None and self._scope != "entry":
            self._entry = current[0]
        self._scope, self._marked, self._begins = scope, self.sheet.marks, True
        self._show_state()
        self._reading = self._read()

    def _has(self, scope: Scope) -> bool:
        """Whether there may be something in `scope`."""
        if scope == "marked":
            return bool(self.sheet.marks)
        return scope == "found" or bool(self.sheet.current or self._entry)

    @work(group="sheet", description="Finds pictures", exclusive=True, exit_on_error=False)
    async def _read(self, after: float = 0.0) -> None:
        await asyncio.sleep(after)
        await self._read_once()
        while self._is_stale:
            # Many changes may follow one another.
            await asyncio.sleep(_AFTER_NEWS)
            await self._read_once()

    async def _read_once(self) -> None:
        self._is_stale = False
        stopped = threading.Event()
        try:
            keys, rows = await asyncio.to_thread(self._found, stopped.is_set)
        except OSError as error:
            self._problem = f"History cannot be read: {error}"
        else:
            self._problem = ""
            begins = key_of(self._entry) if self._begins and self._entry else None
            self._begins = False
            self.sheet.show_pictures(keys, rows, cursor=begins)
        finally:
            stopped.set()
        self._show_state()

    def _found(self, stopped: Callable[[], bool]) -> tuple[array[int], dict[int, Row]]:
        """The keys of the scope's entries, once for each picture, and some of their rows."""
        if self._scope == "found":
            keys = self._desk.pictures(self._facts.query, stopped)
            return keys, self._desk.rows(dict.fromkeys(keys[:_FIRST_ROWS]))
        wanted = self._marked if self._scope == "marked" else {key_of(self._entry)}
        return _with_pictures(self._desk.rows(wanted))

    @work(group="sheet-rows", description="Reads rows of history", exit_on_error=False)
    async def _bring_rows(self, keys: Sequence[int]) -> None:
        try:
            rows: dict[int, Row] = await asyncio.to_thread(self._desk.rows, keys)
        except OSError as error:
            self._problem = f"History cannot be read: {error}"
            self._show_state()
        else:
            self.sheet.put_rows(rows)

    def _show_state(self) -> None:
        query = one_line(self._facts.query, limit=40)
        names: dict[Scope, Shown] = {
            "found": showable(f"Search: {query}") if query else Shown("All"),
            "marked": showable(f"Marked {len(self.sheet.marks)}"),
            "entry": Shown("This entry"),
        }
        self.query_one(Picks).show(
            [
                [
                    Pick(scope, name, scope == self._scope, is_enabled=self._has(scope))
                    for scope, name in names.items()
                ]
            ]
        )
        line = self.query_one("#sheet-problem", Static)
        line.update(plain(one_line(self._problem, limit=300)))
        line.display = bool(self._problem)
        count = self.sheet.count
        place = f"{self.sheet.cursor + 1:,} of {count:,}" if count else ""
        self.query_one("#sheet-frame").border_subtitle = plain(showable(place))


def _with_pictures(rows: Mapping[int, Row]) -> tuple[array[int], dict[int, Row]]:
    """The keys of `rows`, newest first, once for each picture; and the rows."""
    keys = array("q")
    for key in sorted(rows, reverse=True):
        keys.extend([key] * rows[key].images)
    return keys, dict(rows)
