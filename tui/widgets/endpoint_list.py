"""The list of endpoints: two lines each, drawn line by line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from tui.generation.endpoint_desk import Row, Tone
from tui.generation.endpoint_draft import DraftId
from tui.text import Shown, one_line, showable
from tui.widgets.data_message import DataMessage
from tui.widgets.line_view import LineView, Piece
from tui.widgets.plain import plain

LINES_PER_ROW = 2
USED_MARK = Shown("●")
_TONE_STYLES: dict[Tone, str] = {
    "good": "endpoints--good",
    "bad": "endpoints--bad",
    "quiet": "endpoints--detail",
}


class EndpointList(LineView, can_focus=True):
    """Shows rows, and says which one is under the cursor."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "endpoints--detail",
        "endpoints--bad",
        "endpoints--good",
        "endpoints--used",
        "endpoints--used-name",
        "endpoints--unsaved",
        "endpoints--cursor",
        "endpoints--cursor-blurred",
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "change", id="change-endpoint"),
        Binding("up,k", "move(-1)", "Up", show=False, id="endpoints-up"),
        Binding("down,j", "move(1)", "Down", show=False, id="endpoints-down"),
        Binding("pageup", "move(-5)", "Page up", show=False, id="endpoints-page-up"),
        Binding("pagedown", "move(5)", "Page down", show=False, id="endpoints-page-down"),
        Binding("home,g", "move(-100000)", "First", show=False, id="endpoints-first"),
        Binding("end,G", "move(100000)", "Last", show=False, id="endpoints-last"),
    ]

    cursor: reactive[int] = reactive(0)
    """Index of the row under the cursor."""

    class Moved(DataMessage):
        """Another row is under the cursor."""

        id: DraftId

    class Opened(Message):
        """The row under the cursor shall be changed."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._rows: list[Row] = []
        self.border_title = "Endpoints"

    def show_rows(self, rows: Sequence[Row], chosen: DraftId) -> None:
        """Show `rows`, the cursor on the one of id `chosen`."""
        self._rows = list(rows)
        ids = [row.id for row in rows]
        index = ids.index(chosen) if chosen in ids else 0
        self.set_reactive(EndpointList.cursor, index)
        self.virtual_size = Size(self.size.width, len(rows) * LINES_PER_ROW)
        unsaved = sum(row.is_unsaved for row in rows)
        self.border_subtitle = plain(one_line(f"{unsaved} unsaved" if unsaved else ""))
        self._scroll_to_cursor()
        self.refresh()

    def action_open(self) -> None:
        self.post_message(self.Opened())

    def action_move(self, steps: int) -> None:
        self._go(self.cursor + steps)

    def on_click(self, event: events.Click) -> None:
        line = event.y - self.gutter.top + self.scroll_offset.y
        if 0 <= line < len(self._rows) * LINES_PER_ROW:
            self._go(line // LINES_PER_ROW)

    def watch_cursor(self) -> None:
        self._scroll_to_cursor()
        self.refresh()

    def on_resize(self) -> None:
        self.virtual_size = Size(self.size.width, len(self._rows) * LINES_PER_ROW)
        self._scroll_to_cursor()

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        index, part = divmod(y + self.scroll_offset.y, LINES_PER_ROW)
        if index >= len(self._rows):
            return Strip.blank(width, self._ground)
        row = self._rows[index]
        style = self._ground
        if index == self.cursor:
            style = self._under_cursor(style, "endpoints--cursor")
        left, right = self._name_line(row) if part == 0 else self._detail_line(row)
        return self._sides(left, [*right, (Shown(" "), "")] if right else [], style)

    def _name_line(self, row: Row) -> tuple[list[Piece], list[Piece]]:
        mark = USED_MARK if row.is_used else Shown(" ")
        name = "endpoints--used-name" if row.is_used else ""
        note = "endpoints--unsaved" if row.is_unsaved else "endpoints--detail"
        left = [
            (showable(f" {mark} "), "endpoints--used"),
            (one_line(row.name, limit=200), name),
        ]
        return left, [(one_line(row.note), note)] if row.note else []

    def _detail_line(self, row: Row) -> tuple[list[Piece], list[Piece]]:
        left = [(showable(f"   {one_line(row.where, limit=200)}"), "endpoints--detail")]
        if row.key:
            left.append((Shown(" · "), "endpoints--detail"))
            left.append((one_line(row.key), _TONE_STYLES[row.tone]))
        return left, [(Shown("in use"), "endpoints--used")] if row.is_used else []

    def _go(self, index: int) -> None:
        index = max(0, min(index, len(self._rows) - 1))
        if self._rows and index != self.cursor:
            self.cursor = index
            self.post_message(self.Moved(self._rows[index].id))

    def _scroll_to_cursor(self) -> None:
        region = Region(0, self.cursor * LINES_PER_ROW, 1, LINES_PER_ROW)
        self.scroll_to_region(region, animate=False, force=True)
