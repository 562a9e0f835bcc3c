"""The history pane: a line to search in, saved searches, and the list of what was found."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.geometry import Size
from textual.message import Message
from textual.reactive import Reactive
from textual.timer import Timer
from textual.widgets import Input, Static

from tui.catalog.card import ModelCard
from tui.generation.thumbnails import EntryThumbnails
from tui.history.desk import Found, HistoryDesk
from tui.history.index_rows import Row
from tui.text import Shown, one_line, showable
from tui.widgets.data_message import DataMessage
from tui.widgets.entry_details import EntryDetails
from tui.widgets.history_sidebar import HistorySidebar
from tui.widgets.pane_edge import HasEdge
from tui.widgets.picks import Pick, Picks
from tui.widgets.plain import plain
from tui.widgets.steady import open_over

SEARCH_HINT = Shown("words, 'word, !not, model: star: date:7d")
NAME_TITLE = Shown("Name of this search")
NAME_HINT = Shown("Enter: keep")
OTHER_NAME_HINT = Shown("Enter: keep. Without a name: forget it")
_AFTER_LETTER = 0.15
"""Seconds after which nothing more is typed for now."""
_AFTER_NEWS = 0.15
"""Seconds in which news from the disk are collected."""


class SearchLine(Input):
    """A line to type a query in."""

    virtual_size = Reactive(Size(0, 0))
    """Other than in Textual, no reason to lay out the whole screen at each letter."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "all", id="end-search"),
        Binding("down,enter", "to_list", "to the list", id="search-to-list"),
        Binding("ctrl+s", "save", "save", id="save-search"),
    ]

    class Left(Message):
        """The user no longer searches."""

    class ToList(Message):
        """The user goes on in what was found."""

    class SaveWanted(Message):
        """What is searched for shall have a name."""

    def watch_virtual_size(self, size: Size) -> None:
        self._scroll_update(size)

    def action_leave(self) -> None:
        self.post_message(self.Left())

    def action_save(self) -> None:
        self.post_message(self.SaveWanted())

    def action_to_list(self) -> None:
        self.post_message(self.ToList())


class HistoryPane(HasEdge, Vertical):
    """Asks the desk, in threads, for what the list shows."""

    EDGE = "history"
    SIDE = "right"

    class Unusable(DataMessage):
        """History cannot be read; the text says why."""

        problem: str

    class Changed(Message):
        """Entries came, went, or are others now, here or in another program."""

    class Searched(Message):
        """Something else is searched for."""

    class SearchNamed(DataMessage):
        """A search shall be kept by a name, in place of the one that was called `was`.

        An empty name: it shall be kept no more.
        """

        name: str
        query: str
        was: str

    class _News(Message):
        """The follower saw changes."""

    def __init__(
        self,
        desk: HistoryDesk,
        cards: Callable[[str], ModelCard],
        clock: Callable[[], datetime],
        has_thumbnails: bool | None,
        *,
        id: str | None = None,
    ) -> None:
        """`cards` gives the card of a model id, `clock` the local time."""
        super().__init__(id=id)
        self._desk = desk
        self._cards = cards
        self._clock = clock
        self._has_thumbnails = has_thumbnails
        self._query = ""
        self._listed_for: str | None = None
        self._go_to = ""
        self._news: Timer | None = None
        self._searches: dict[str, str] = {}
        self._counts: dict[str, int] = {}
        self._count = ""
        self._problem = ""
        self.border_title = "History"

    @property
    def entries(self) -> HistorySidebar:
        """The list."""
        return self.query_one(HistorySidebar)

    @property
    def details(self) -> EntryDetails:
        """What stands beneath the list while `has_details`."""
        return self.query_one(EntryDetails)

    @property
    def has_details(self) -> bool:
        """Whether the details of an entry are shown."""
        return self.has_class("-details")

    @has_details.setter
    def has_details(self, value: bool) -> None:
        if not value and self.details.has_focus:
            self.screen.set_focus(self.entries)
        self.set_class(value, "-details")

    @property
    def query_text(self) -> str:
        """What is searched for; empty where all entries are listed."""
        return self._query

    @property
    def is_reading(self) -> bool:
        """Whether it is not known yet what there is."""
        return self._listed_for is None

    def compose(self) -> ComposeResult:
        yield SearchLine(compact=True, placeholder=SEARCH_HINT, id="search")
        yield Static(id="search-problem")
        yield Picks(id="searches")
        thumbnails = EntryThumbnails(self._desk)
        wanted = self._has_thumbnails
        yield HistorySidebar(self._cards, self._clock, thumbnails, wanted, id="history")
        yield EntryDetails(self._clock, id="details")

    def open(self, query: str = "", cursor: str = "") -> None:
        """Begin to list what there is, with the cursor on the entry `cursor` if it is found."""
        self._go_to = cursor
        self._set_query(query)
        self._follow_disk()

    def go_to(self, entry_id: str) -> None:
        """Put the cursor on an entry, among all of them where it is not listed now."""
        if not self.entries.go_to(entry_id):
            self._go_to = entry_id
            self._set_query("")

    def begin_search(self) -> None:
        """Show the line to search in, and put the focus there."""
        self.add_class("-searching")
        line = self.query_one(SearchLine)
        self.screen.set_focus(line)
        line.select_all()

    def show_searches(self, searches: Mapping[str, str]) -> None:
        """Offer saved searches, by name."""
        self._searches = dict(searches)
        self.set_class(bool(searches), "-saved")
        self._put_searches()
        self._count_searches()

    @on(SearchLine.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if event.value.strip() != self._query:
            self._query = event.value.strip()
            self._put_searches()
            self._search()
            self.post_message(self.Searched())

    @on(SearchLine.Left)
    def _search_left(self, event: SearchLine.Left) -> None:
        event.stop()
        self._set_query("")
        self.screen.set_focus(self.entries)

    @on(SearchLine.SaveWanted)
    def _save_wanted(self, event: SearchLine.SaveWanted) -> None:
        from tui.widgets.text_prompt import TextPrompt

        event.stop()
        query = self._query
        if not query:
            return
        was = next((name for name, saved in self._searches.items() if saved == query), "")

        def named(name: str | None) -> None:
            if name is not None and (name.strip() or was):
                self.post_message(self.SearchNamed(name.strip(), query, was))

        hint = OTHER_NAME_HINT if was else NAME_HINT
        open_over(self, TextPrompt(NAME_TITLE, was, hint), named)

    @on(SearchLine.ToList)
    def _to_list(self, event: SearchLine.ToList) -> None:
        event.stop()
        self.screen.set_focus(self.entries)

    @on(EntryDetails.Left)
    def _details_left(self, event: EntryDetails.Left) -> None:
        event.stop()
        self.screen.set_focus(self.entries)

    @on(HistorySidebar.SearchWanted)
    def _search_wanted(self, event: HistorySidebar.SearchWanted) -> None:
        event.stop()
        self.begin_search()

    @on(HistorySidebar.Left)
    def _list_left(self, event: HistorySidebar.Left) -> None:
        event.stop()
        self._set_query("")

    @on(HistorySidebar.RowsWanted)
    def _rows_wanted(self, event: HistorySidebar.RowsWanted) -> None:
        event.stop()
        self._bring_rows(event.keys)

    @on(Picks.Picked)
    def _search_picked(self, event: Picks.Picked) -> None:
        event.stop()
        query = self._searches.get(event.key, "")
        # Once more leaves it.
        self._set_query("" if query == self._query else query)
        self.screen.set_focus(self.entries)

    @on(_News)
    def _hear_news(self, event: _News) -> None:
        event.stop()
        if self._news is None:
            self._news = self.set_timer(_AFTER_NEWS, self._take_news)

    def _take_news(self) -> None:
        self._news = None
        self._search()
        self._count_searches()
        self.post_message(self.Changed())

    def _set_query(self, query: str) -> None:
        self._query = query
        line = self.query_one(SearchLine)
        with self.prevent(Input.Changed):
            line.value = one_line(query, limit=400)
        self.set_class(bool(query), "-searching")
        self._put_searches()
        self._search()
        self.post_message(self.Searched())

    @work(group="search", description="Searches history", exclusive=True, exit_on_error=False)
    async def _search(self) -> None:
        query, stopped = self._query, threading.Event()
        try:
            if self._listed_for != query:
                first = await asyncio.to_thread(self._desk.first, query)
                self._show(first)
                if first.is_whole:
                    return
                if query:
                    # Another letter may follow; to show all there are would be in its way.
                    await asyncio.sleep(_AFTER_LETTER)
            self._show(await asyncio.to_thread(self._desk.all, query, stopped.is_set))
        except OSError as error:
            self._tell(f"History cannot be searched: {error}")
        finally:
            stopped.set()

    @work(group="rows", description="Reads rows of history", exit_on_error=False)
    async def _bring_rows(self, keys: Sequence[int]) -> None:
        try:
            rows: dict[int, Row] = await asyncio.to_thread(self._desk.rows, keys)
        except OSError as error:
            self._tell(f"History cannot be read: {error}")
        else:
            self.entries.put_rows(rows)

    @work(group="counts", description="Counts saved searches", exclusive=True, exit_on_error=False)
    async def _count_searches(self) -> None:
        for name, query in tuple(self._searches.items()):
            try:
                self._counts[name] = await asyncio.to_thread(self._desk.count, query)
            except OSError:
                return
            self._put_searches()

    @work(group="follow", thread=True, description="Opens history", exit_on_error=False)
    def _follow_disk(self) -> None:
        try:
            self._desk.follow(
                lambda: self.post_message(self._News()),
                lambda problem: self.post_message(self.Unusable(problem)),
            )
        except OSError as error:
            self.post_message(self.Unusable(str(error)))

    def _show(self, found: Found) -> None:
        # A slow answer may be to a question that was typed over since.
        if found.text != self._query or not self.is_mounted:
            return
        is_first, is_new = self.is_reading, self._listed_for != found.text
        self._listed_for = found.text
        entries = self.entries
        entries.show_found(found.keys, found.rows, is_filtered=bool(found.text), is_new=is_new)
        if self._go_to and (entries.go_to(self._go_to) or found.is_whole):
            self._go_to = ""
        if found.is_whole or is_first:
            # Until then those of the query before stay: they would change with each letter.
            self._tell("; ".join(found.problems))
            self._put_count(found)
        if is_new:
            self._draw()

    def _draw(self) -> None:
        """Draw the list now: Textual does it at its screen's next turn, up to 33 ms away."""
        screen, entries = self.screen, self.entries
        if screen.is_current:
            entries._repaint_required = False
            screen._dirty_widgets.add(entries)
            screen._on_timer_update()

    def _put_count(self, found: Found) -> None:
        number = f"{len(found.keys):,}{'' if found.is_whole else '+'}"
        parts = [f"{number} found" if found.text else number] if found.keys or found.text else []
        if found.unreadable:
            parts.append(f"{found.unreadable} unreadable")
        if (count := " · ".join(parts)) != self._count:
            # It has the whole pane drawn anew.
            self._count = count
            self.border_subtitle = plain(showable(count))

    def _tell(self, problem: str) -> None:
        if problem != self._problem:
            # It has the whole screen laid out anew.
            self._problem = problem
            line = self.query_one("#search-problem", Static)
            line.update(plain(one_line(problem, limit=300)))
            line.display = bool(problem)

    def _put_searches(self) -> None:
        self.query_one("#searches", Picks).show(
            [
                [
                    Pick(name, one_line(self._search_text(name), limit=40), query == self._query)
                    for name, query in self._searches.items()
                ]
            ]
        )

    def _search_text(self, name: str) -> str:
        count = self._counts.get(name)
        return name if count is None else f"{name} {count:,}"
