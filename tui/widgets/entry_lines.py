"""The lines of entries in a list: two each, or three where a thumbnail stands beside them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tui.catalog.card import ModelCard
from tui.generation.queue import Standing
from tui.history.entry import Status
from tui.history.index_rows import Row
from tui.history.wording import mark
from tui.text import Shown, showable
from tui.widgets.entry_words import fitted, head_lines, state_words
from tui.widgets.plain import segment
from tui.widgets.thumbnail_column import COLUMNS, ThumbnailColumn

_MARK_STYLES: dict[Status, str] = {
    "queued": "history--running",
    "running": "history--running",
    "done": "history--good",
    "partial": "history--doubtful",
    "failed": "history--bad",
    "cancelled": "history--detail",
    "unknown": "history--doubtful",
}
_MARKED = Shown("▌")
_BLANK = Shown(" ")


class EntryLines:
    """Draws them, line by line, each as wide as the list is."""

    def __init__(
        self,
        cards: Callable[[str], ModelCard],
        clock: Callable[[], datetime],
        thumbnails: ThumbnailColumn,
        style: Callable[[str], Style],
    ) -> None:
        """`cards` gives the card of a model id, `clock` the local time, `style` what a component
        style sets."""
        self._cards = cards
        self._clock = clock
        self._thumbnails = thumbnails
        self._style = style

    def heading(self, heading: str, width: int, ground: Style) -> Strip:
        """The line above the entries of a day."""
        style = ground + self._style("history--heading")
        return Strip([segment(fitted(showable(f" {heading}"), width), style)], width)

    def coming(self, part: int, width: int, ground: Style) -> Strip:
        """Line `part` of an entry whose row is not there yet."""
        style = ground + self._style("history--detail")
        text = Shown("   …") if part == 0 else _BLANK
        has_thumbnail = self._thumbnails.has_room(width)
        cells = self._thumbnails.cells(None, part, style) if has_thumbnail else []
        return Strip([*cells, segment(fitted(text, width), style)]).adjust_cell_length(width, style)

    def line(
        self,
        row: Row,
        part: int,
        width: int,
        style: Style,
        *,
        is_marked: bool,
        job: Standing | None,
    ) -> Strip:
        """Line `part` of an entry; `job` is its own, where it is under way."""
        bar = _MARKED if is_marked else _BLANK
        before = [segment(bar, style + self._style("history--running"))]
        room = width - 4
        has_thumbnail = self._thumbnails.has_room(width)
        if has_thumbnail:
            before = [*self._thumbnails.cells(row, part, style), *before]
            room -= COLUMNS
        heads = head_lines(row, room, most=2 if has_thumbnail else 1)
        texts: list[Segment] = []
        if part < len(heads):
            texts = self._head(row, part, fitted(heads[part], room), style)
        elif part == len(heads):
            texts = self._state(row, job, room, style, is_tight=has_thumbnail)
        return Strip([*before, *texts]).adjust_cell_length(width, style)

    def _head(self, row: Row, part: int, text: Shown, style: Style) -> list[Segment]:
        mark_style = style + self._style(_MARK_STYLES[row.status])
        sign = showable(f"{mark(row)} ") if part == 0 else Shown("  ")
        return [segment(sign, mark_style), segment(text, style), segment(_BLANK, style)]

    def _state(
        self, row: Row, job: Standing | None, room: int, style: Style, *, is_tight: bool
    ) -> list[Segment]:
        detail = style + self._style("history--detail")
        card = self._cards(row.model)
        # Beside a thumbnail there is little room, and the heading has the day.
        left, right = state_words(row, job, card, self._clock(), room, is_tight=is_tight)
        gap = " " if right else ""
        return [
            segment(Shown("  "), style),
            segment(showable(fitted(left, room - cell_len(gap + right)) + gap), detail),
            segment(right, detail),
            segment(_BLANK, detail),
        ]
