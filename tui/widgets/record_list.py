"""The endpoint's records, newest first, two lines each, drawn line by line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import ClassVar, Literal, TypeAlias

from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from tui.catalog.card import ModelCard
from tui.generation.library import Listed
from tui.history.wording import age
from tui.text import Shown, one_line, showable
from tui.widgets.data_message import DataMessage
from tui.widgets.entry_words import NO_PROMPT, fitted
from tui.widgets.line_view import Piece
from tui.widgets.long_list import LongList

LINES_PER_RECORD = 2
Wish: TypeAlias = Literal["view", "adopt", "adopt_all", "edit", "reference", "delete"]
_LONGEST_MODEL = 24
_MARKED = Shown("▌")
_BLANK = Shown(" ")
_MORE = Shown("    older ones…")
_FOR_ROWS: frozenset[Wish] = frozenset({"view", "adopt", "edit", "reference", "delete"})


class RecordList(LongList, can_focus=True):
    """Shows records, and says what is wanted of them."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "records--detail",
        "records--ours",
        "records--missing",
        "records--doubtful",
        "records--bad",
        "records--mark",
        "records--cursor",
        "records--cursor-blurred",
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "wish('view')", "view", id="view-record"),
        Binding("a", "wish('adopt')", "adopt", id="adopt-record"),
        Binding(
            "A",
            "wish('adopt_all')",
            "all",
            tooltip="Adopt all that are missing",
            id="adopt-all-records",
        ),
        Binding("x,m", "mark", "mark", id="mark-record"),
        Binding("e", "wish('edit')", "prompt", id="edit-record-prompt"),
        Binding("r", "wish('reference')", "reference", id="record-as-reference"),
        Binding("d,delete", "wish('delete')", "delete", id="delete-record"),
        Binding("up,k", "move(-1)", "Up", show=False, id="records-up"),
        Binding("down,j", "move(1)", "Down", show=False, id="records-down"),
        Binding("pageup", "move_page(-1)", "Page up", show=False, id="records-page-up"),
        Binding("pagedown", "move_page(1)", "Page down", show=False, id="records-page-down"),
        Binding("home,g", "move(-1000000)", "Newest", show=False, id="records-newest"),
        Binding("end,G", "move(1000000)", "Oldest", show=False, id="records-oldest"),
    ]

    cursor: reactive[int] = reactive(0)
    """Index of the record under the cursor."""

    class Moved(Message):
        """Another record is under the cursor, or there is news of it."""

    class MoreWanted(Message):
        """The end of what was listed is in sight."""

    class Wished(DataMessage):
        """Something shall be done with records; with none, it is about all."""

        wish: Wish
        rows: tuple[Listed, ...]

    def __init__(
        self,
        cards: Callable[[str], ModelCard],
        clock: Callable[[], datetime],
        *,
        takes_references: bool = False,
        id: str | None = None,
    ) -> None:
        """`cards` gives the card of a model id, `clock` the local time; `takes_references` where a
        record can be used as a reference.
        """
        super().__init__(id=id)
        self._cards = cards
        self._clock = clock
        self._takes_references = takes_references
        self._rows: tuple[Listed, ...] = ()
        self._marks: frozenset[str] = frozenset()
        self._is_whole = False
        self._words: tuple[Shown, ...] = ()

    @property
    def row(self) -> Listed | None:
        """The record under the cursor."""
        return self._rows[self.cursor] if self.cursor < len(self._rows) else None

    @property
    def count(self) -> int:
        """How many records are shown."""
        return len(self._rows)

    @property
    def marks(self) -> frozenset[str]:
        """Ids of the marked records."""
        return self._marks

    @property
    def chosen(self) -> tuple[Listed, ...]:
        """What an action is for: the marked records, or else the one under the cursor."""
        marked = tuple(row for row in self._rows if row.id in self._marks)
        if marked or self.row is None:
            return marked
        return (self.row,)

    def show(self, rows: Sequence[Listed], words: Sequence[Shown], *, is_whole: bool) -> None:
        """Show `rows`, or `words` where there are none; the cursor stays on its record.

        `is_whole` where there are no older ones.
        """
        before = self.row
        self._rows, self._words, self._is_whole = tuple(rows), tuple(words), is_whole
        self._marks &= {row.id for row in rows}
        self.virtual_size = Size(self.size.width, self._line_count)
        self.set_reactive(RecordList.cursor, self._place(before))
        self.refresh()
        self.refresh_bindings()
        if self.row != before:
            self.post_message(self.Moved())

    def unmark(self) -> None:
        """Have nothing marked."""
        self._marks = frozenset()
        self.refresh()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "mark":
            return bool(self._rows)
        if action != "wish":
            return True
        wish = parameters[0]
        if wish == "reference":
            row = self.row
            return self._takes_references and row is not None and not row.is_failed
        if wish == "view":
            return self.row is not None and not self.row.is_failed
        if wish == "adopt":
            return any(row.entry is None or row.is_missing for row in self.chosen)
        return bool(self._rows)

    def action_wish(self, wish: Wish) -> None:
        rows = self.chosen if wish in _FOR_ROWS else ()
        if wish in ("view", "edit", "reference"):
            rows = () if self.row is None else (self.row,)
        self.post_message(self.Wished(wish, rows))

    def action_mark(self) -> None:
        """Mark the record under the cursor, or no longer, and go on to the next."""
        if self.row is not None:
            self._marks ^= {self.row.id}
            self.action_move(1)
            self.refresh()
            self.refresh_bindings()

    def action_move(self, steps: int) -> None:
        self.cursor = max(0, min(self.cursor + steps, len(self._rows) - 1))

    def action_move_page(self, steps: int) -> None:
        self.action_move(steps * max(1, self.size.height // LINES_PER_RECORD - 1))

    def on_click(self, event: events.Click) -> None:
        index = (event.y - self.gutter.top + int(self.scroll_offset.y)) // LINES_PER_RECORD
        if 0 <= index < len(self._rows):
            self.cursor = index
            if event.chain > 1 and self.check_action("wish", ("view",)):
                self.action_wish("view")

    def watch_cursor(self) -> None:
        region = Region(0, self.cursor * LINES_PER_RECORD, 1, LINES_PER_RECORD)
        self.scroll_to_region(region, animate=False, force=True)
        self.refresh()
        self.refresh_bindings()
        self.post_message(self.Moved())
        self._ask_for_more()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self._ask_for_more()

    def on_resize(self) -> None:
        self.virtual_size = Size(self.size.width, self._line_count)
        self.refresh()
        self._ask_for_more()

    def render_line(self, y: int) -> Strip:
        if not self._rows:
            return self._empty_line(self._words, y, "records--detail")
        index, part = divmod(y + int(self.scroll_offset.y), LINES_PER_RECORD)
        if index >= len(self._rows):
            text = (
                _MORE if part == 0 and index == len(self._rows) and not self._is_whole else _BLANK
            )
            words = fitted(text, self.size.width)
            return Strip([self._cell((words, "records--detail"), self._ground)])
        row, style = self._rows[index], self._ground
        if index == self.cursor:
            style = self._under_cursor(style, "records--cursor")
        bar: Piece = (_MARKED if row.id in self._marks else _BLANK, "records--mark")
        return self._head(row, bar, style) if part == 0 else self._state(row, bar, style)

    def _head(self, row: Listed, bar: Piece, style: Style) -> Strip:
        sign, tone = sign_of(row)
        prompt = one_line(row.record.prompt, limit=self.size.width + 1) or NO_PROMPT
        left = [bar, (showable(f"{sign} "), f"records--{tone}"), (prompt, "")]
        return self._sides(left, [(_BLANK, "")], style)

    def _state(self, row: Listed, bar: Piece, style: Style) -> Strip:
        record = row.record
        words, tone = state_of(row)
        model = one_line(self._cards(record.model).name, limit=_LONGEST_MODEL)
        since = age(record.created, self._clock()) if record.created.year > 1970 else ""
        left: list[Piece] = [bar, (Shown("  "), ""), (words, f"records--{tone}")]
        if model:
            left.append((showable(f" · {model}"), "records--detail"))
        return self._sides(left, [(showable(f" {since} "), "records--detail")], style)

    @property
    def _line_count(self) -> int:
        rows = len(self._rows)
        return rows * LINES_PER_RECORD + (1 if rows and not self._is_whole else 0)

    def _place(self, before: Listed | None) -> int:
        """Where the cursor is to be: on the record it was on, or where it was."""
        if before is not None:
            for index, row in enumerate(self._rows):
                if row.id == before.id:
                    return index
        return max(0, min(self.cursor, len(self._rows) - 1))

    def _ask_for_more(self) -> None:
        bottom = int(self.scroll_offset.y) + self.size.height
        if self._rows and not self._is_whole and bottom + self.size.height >= self._line_count:
            self.post_message(self.MoreWanted())


def sign_of(row: Listed) -> tuple[str, str]:
    """The one-cell sign of a record, and the end of the component style that it has."""
    if row.is_failed:
        return "✕", "bad"
    if row.is_missing:
        return "○", "missing"
    if row.entry is not None:
        return "●", "ours"
    return ("–", "detail") if row.owner and row.owner.is_trashed else ("◐", "doubtful")


def state_of(row: Listed) -> tuple[Shown, str]:
    """Whose a record is, in few words, and the end of the component style that they have."""
    owner = row.owner
    if row.is_failed:
        reason = one_line(row.record.error or "", limit=300)
        return showable(f"failed: {reason}" if reason else "failed"), "bad"
    if owner is None:
        if row.is_missing:
            return Shown("not in history"), "missing"
        return one_line(row.record.status, limit=20) or Shown("no known state"), "doubtful"
    if owner.is_unfinished(row.id):
        return Shown("adoption was cut off"), "missing"
    if owner.is_trashed:
        return Shown("in the trash"), "detail"
    return (Shown("in history"), "ours") if owner.is_certain else (
        Shown("probably in history"), "doubtful"
    )  # fmt: skip
