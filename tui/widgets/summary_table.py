"""The table of what history adds up to: a line a day, week or model, and their total."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.reactive import reactive
from textual.strip import Strip

from tui.history.statistics import By, Summary
from tui.history.summary_words import HEADINGS, columns_of
from tui.text import Shown, one_line, showable
from tui.widgets.data_message import DataMessage
from tui.widgets.entry_words import fitted
from tui.widgets.long_list import LongList
from tui.widgets.plain import segment

LONGEST_NAME = 200
"""Characters, more than a line has cells."""
FIXED_LINES = 2
"""The headings above and the total beneath stay where they are."""
_LEAST_NAME = 10
_GAPS = (5, 2)
"""Cells between columns where there is room, and where there is not."""
_DOUBT = "?"


class SummaryTable(LongList, can_focus=True):
    """Shows summaries, and says which one is under the cursor."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "summaries--heading",
        "summaries--total",
        "summaries--doubtful",
        "summaries--cursor",
        "summaries--cursor-blurred",
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False, id="summaries-up"),
        Binding("down,j", "move(1)", "Down", show=False, id="summaries-down"),
        Binding("pageup", "move_page(-1)", "Page up", show=False, id="summaries-page-up"),
        Binding("pagedown", "move_page(1)", "Page down", show=False, id="summaries-page-down"),
        Binding("home,g", "move_to(0)", "First", show=False, id="summaries-first"),
        Binding("end,G", "move_to(-1)", "Last", show=False, id="summaries-last"),
    ]

    cursor: reactive[int] = reactive(0)
    """Index of the summary under the cursor."""

    class Moved(DataMessage):
        """The cursor is on the summary `index` now."""

        index: int

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._by: By = "day"
        self._rows: list[Summary] = []
        self._total: Summary | None = None
        self._numbers: dict[int, tuple[Shown, ...]] = {}
        self._widths: list[int] = []
        self._name_width = 0

    def show(self, rows: Sequence[Summary], total: Summary | None, by: By) -> None:
        """Show `rows` and what they add up to; the cursor stays on what it is on."""
        before = self._rows[self.cursor].name if self.cursor < len(self._rows) else None
        self._by, self._rows, self._total = by, list(rows), total
        self._numbers = {}
        self._measure()
        names = [row.name for row in rows]
        self.cursor = names.index(before) if before is not None and before in names else 0
        self._lay_out()

    def action_move(self, steps: int) -> None:
        self.go_to(self.cursor + steps)

    def action_move_page(self, pages: int) -> None:
        self.go_to(self.cursor + pages * max(1, self.size.height - FIXED_LINES - 1))

    def action_move_to(self, index: int) -> None:
        self.go_to(index % max(1, len(self._rows)))

    def go_to(self, index: int) -> None:
        """Put the cursor on a summary."""
        self.cursor = max(0, min(index, len(self._rows) - 1))

    def on_click(self, event: events.Click) -> None:
        line = event.y - self.gutter.top
        if 0 < line < self.size.height - 1:
            index = line - 1 + int(self.scroll_offset.y)
            if index < len(self._rows):
                self.cursor = index

    def watch_cursor(self) -> None:
        self._scroll_to_cursor()
        self.refresh()
        self.post_message(self.Moved(self.cursor))

    def on_resize(self) -> None:
        self._lay_out()

    def render_line(self, y: int) -> Strip:
        style, width = self._ground, self.size.width
        if self._total is None or not self._rows:
            return Strip.blank(width, style)
        if y == 0:
            heading = style + self._style("summaries--heading")
            return self._line(one_line(self._by), [one_line(word) for word in HEADINGS], heading)
        # The total follows the last line, until it would leave the screen.
        if y == min(self.size.height - 1, len(self._rows) + 1):
            total = style + self._style("summaries--total")
            return self._line(one_line(self._total.name), _numbers(self._total), total)
        index = y - 1 + int(self.scroll_offset.y)
        if index >= len(self._rows):
            return Strip.blank(width, style)
        if index == self.cursor:
            style = self._under_cursor(style, "summaries--cursor")
        row = self._rows[index]
        return self._line(one_line(row.name, limit=LONGEST_NAME), self._numbers_of(index), style)

    def _line(self, name: Shown, numbers: Sequence[Shown], style: Style) -> Strip:
        width = self.size.width
        gap = self._gap(width)
        room = max(_LEAST_NAME, width - sum(self._widths) - gap * len(self._widths) - 2)
        cells = [segment(Shown(" "), style)]
        cells.append(segment(fitted(name, min(self._name_width, room)), style))
        doubtful = style + self._style("summaries--doubtful")
        for number, column in zip(numbers, self._widths, strict=True):
            known, plus, unknown = number.rpartition("+ ")
            if not unknown.endswith(_DOUBT):
                known, unknown = number, ""
            blank = " " * (gap + column - cell_len(number))
            cells.append(segment(showable(f"{blank}{known}{plus if unknown else ''}"), style))
            if unknown:
                cells.append(segment(showable(unknown), doubtful))
        return Strip(cells).adjust_cell_length(width, style)

    def _gap(self, width: int) -> int:
        wide, tight = _GAPS
        need = 2 + self._name_width + sum(self._widths) + wide * len(self._widths)
        return wide if need <= width else tight

    def _numbers_of(self, index: int) -> tuple[Shown, ...]:
        if index not in self._numbers:
            self._numbers[index] = _numbers(self._rows[index])
        return self._numbers[index]

    def _measure(self) -> None:
        """Find how wide the columns are."""
        total = [self._total] if self._total is not None else []
        lines = [*map(columns_of, [*self._rows, *total]), HEADINGS]
        self._widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        names = [self._by, *(row.name for row in [*self._rows, *total])]
        self._name_width = max(cell_len(one_line(name, limit=LONGEST_NAME)) for name in names)

    def _lay_out(self) -> None:
        self.virtual_size = Size(self.size.width, len(self._rows) + FIXED_LINES)
        self._scroll_to_cursor()
        self.refresh()

    def _scroll_to_cursor(self) -> None:
        seen = max(1, self.size.height - FIXED_LINES)
        top = int(self.scroll_offset.y)
        wanted = max(self.cursor - seen + 1, min(top, self.cursor))
        if wanted != top:
            self.scroll_to(y=wanted, animate=False, force=True)


def _numbers(row: Summary) -> tuple[Shown, ...]:
    return tuple(one_line(word) for word in columns_of(row))
