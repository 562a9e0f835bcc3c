"""The history sidebar: the list, and what is wanted of its entries."""

from __future__ import annotations

from typing import ClassVar, Literal

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from tui.generation.recall import Part
from tui.widgets.data_message import DataMessage
from tui.widgets.history_list import HistoryList

Wish = Literal[
    "load", "star", "tags", "note", "copy", "discard", "open", "details", "difference", "lineage",
    "sheet", "stop", "view", "compare", "refer",
]  # fmt: skip


class HistorySidebar(HistoryList, can_focus=True):
    """Says what the user wants of the entries that are marked, or of the one under the cursor."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "wish('load')", "load", id="load-entry"),
        Binding("slash", "search", "search", key_display="/", id="search-history"),
        Binding("space", "wish('view')", "view", id="view-entry"),
        Binding("full_stop", "wish('star')", "star", key_display=".", id="star-entry"),
        Binding("c", "wish('stop')", "stop waiting", id="stop-job"),
        Binding("i", "wish('details')", "details", id="entry-details"),
        Binding("D", "wish('difference')", "changes", id="entry-difference"),
        Binding("C", "wish('compare')", "Compare pictures", show=False, id="compare-entries"),
        Binding("R", "wish('refer')", "Use as reference", show=False, id="use-as-reference"),
        Binding("L", "wish('lineage')", "Lineage", show=False, id="entry-lineage"),
        Binding("y", "wish('copy')", "copy", id="copy-entry"),
        Binding("S", "wish('sheet')", "Contact sheet", show=False, id="contact-sheet"),
        Binding("a", "recall('all')", "Load all, stay here", show=False, id="recall-all"),
        Binding("p", "recall('prompt')", "Load the prompt", show=False, id="recall-prompt"),
        Binding("s", "recall('seed')", "Load the seed", show=False, id="recall-seed"),
        Binding("r", "recall('remix')", "Load all but the seed", show=False, id="recall-remix"),
        Binding("d", "recall('size')", "Load the size", show=False, id="recall-size"),
        Binding("n", "recall('model')", "Load the model", show=False, id="recall-model"),
        Binding("0", "rate(0)", "No rating", show=False, id="rate-0"),
        Binding("1", "rate(1)", "Rate 1", show=False, id="rate-1"),
        Binding("2", "rate(2)", "Rate 2", show=False, id="rate-2"),
        Binding("3", "rate(3)", "Rate 3", show=False, id="rate-3"),
        Binding("4", "rate(4)", "Rate 4", show=False, id="rate-4"),
        Binding("5", "rate(5)", "Rate 5", show=False, id="rate-5"),
        Binding("t", "wish('tags')", "Tags", show=False, id="tag-entry"),
        Binding("e", "wish('note')", "Note", show=False, id="note-entry"),
        Binding("o", "wish('open')", "Open outside", show=False, id="open-entry"),
        Binding("x", "mark", "Mark", show=False, id="mark-entry"),
        Binding("X", "mark_range", "Mark from the last mark", show=False, id="mark-range"),
        Binding("v", "thumbnails", "Thumbnails", show=False, id="thumbnails"),
        Binding("delete", "wish('discard')", "To the trash", show=False, id="discard-entry"),
        Binding("ctrl+z,u", "undo", "Undo", show=False, id="undo-history"),
        Binding("escape", "leave", "No marks, no search", show=False, id="leave-search"),
        Binding("up,k", "move(-1)", "Up", show=False, id="history-up"),
        Binding("down,j", "move(1)", "Down", show=False, id="history-down"),
        Binding("pageup", "move_page(-1)", "Page up", show=False, id="history-page-up"),
        Binding("pagedown", "move_page(1)", "Page down", show=False, id="history-page-down"),
        Binding("home,g", "move_to(0)", "Newest", show=False, id="history-newest"),
        Binding("end,G", "move_to(-1)", "Oldest", show=False, id="history-oldest"),
    ]

    class Wished(DataMessage):
        """Something is wanted of entries: of those that are marked, or else of the one under the
        cursor."""

        wish: Wish
        ids: tuple[str, ...]
        number: int = 1
        """Which picture of the entry is meant, where one is."""

    class Recalled(DataMessage):
        """A part of an entry shall come into the draft."""

        entry_id: str
        part: Part

    class Rated(DataMessage):
        """Entries shall have a rating; 0 for none."""

        ids: tuple[str, ...]
        rating: int

    class MarksSet(DataMessage):
        """The entries of these keys shall be marked, and no others."""

        keys: frozenset[int]

    class SearchWanted(Message):
        """The user wants to search."""

    class Left(Message):
        """The user wants all entries again."""

    class UndoWanted(Message):
        """What was last done shall be undone."""

    def action_wish(self, wish: Wish) -> None:
        single = wish in (
            "load", "note", "copy", "open", "details", "lineage", "sheet", "stop", "view",
        )  # fmt: skip
        ids = tuple(filter(None, (self.current,))) if single else self.chosen
        # Details are shown or not, whatever there is to show.
        if ids or wish == "details":
            self.post_message(self.Wished(wish, ids))

    def action_recall(self, part: Part) -> None:
        if self.current:
            self.post_message(self.Recalled(self.current, part))

    def action_rate(self, rating: int) -> None:
        if self.chosen:
            self.post_message(self.Rated(self.chosen, rating))

    def action_search(self) -> None:
        self.post_message(self.SearchWanted())

    def action_thumbnails(self) -> None:
        """Show thumbnails, or show them no longer."""
        with self._cursor_at_rest():
            self._thumbnails.turn()

    def action_undo(self) -> None:
        self.post_message(self.UndoWanted())

    def action_leave(self) -> None:
        """Take the marks away, or else show all entries again."""
        if self._listed.unmark():
            self.refresh()
        else:
            self.post_message(self.Left())

    def action_mark(self) -> None:
        """Mark the entry under the cursor, or take its mark away, and go on to the next."""
        if self._listed:
            self._listed.turn_mark(self.cursor)
            self._go(self.cursor + 1)
            self.refresh()

    def action_mark_range(self) -> None:
        """Mark all from the last mark to the cursor."""
        if self._listed:
            self._listed.mark_to(self.cursor)
            self.refresh()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if parameters == ("stop",):
            return self.current in self._jobs
        if action == "thumbnails":
            return self._thumbnails.can_be_shown
        if action in ("wish", "recall", "rate") and parameters != ("details",):
            return bool(self._listed)
        return True

    def action_move(self, steps: int) -> None:
        self._go(self.cursor + steps)

    def action_move_page(self, pages: int) -> None:
        self._go(self.cursor + pages * self._page)

    def action_move_to(self, index: int) -> None:
        self._go(index % max(1, self.count))

    def on_click(self, event: events.Click) -> None:
        line = event.y - self.gutter.top + self.scroll_offset.y
        if 0 <= line < len(self._lines) and (index := self._lines[line].index) >= 0:
            self.cursor = index
            self.action_wish("load")
