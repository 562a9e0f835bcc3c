"""The list of history: entries newest first, two lines each or three, the cursor on one of them."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import ClassVar

from rich.style import Style
from textual.geometry import Region, Size
from textual.reactive import reactive
from textual.strip import Strip
from textual.timer import Timer

from tui.catalog.card import ModelCard
from tui.generation.queue import JobBoard, Standing
from tui.generation.thumbnails import EntryThumbnails
from tui.history.day_lines import DayLines, Line
from tui.history.entry_keys import key_of
from tui.history.index_rows import Row
from tui.history.listed import Listed
from tui.text import Shown
from tui.widgets.data_message import DataMessage
from tui.widgets.entry_lines import EntryLines
from tui.widgets.long_list import LongList
from tui.widgets.picture_format import PictureFormat, follow_format
from tui.widgets.thumbnail_column import LINES, ThumbnailColumn

TICK = 1.0
AGES = 60.0
"""Seconds after which ages are shown anew."""
LINES_PER_ENTRY = 2
_FARTHEST = 400
"""Rows further than this from what is on screen are let go of."""
EMPTY = (
    Shown("Nothing made yet."),
    Shown("Write a prompt, send it:"),
    Shown("what comes is kept here."),
)
READING = (Shown("Reading…"),)
NOTHING_FOUND = (Shown("Nothing found."), Shown("escape shows all again."))


class HistoryList(LongList):
    """Shows rows, which are set; those that it lacks are asked for."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "history--heading",
        "history--detail",
        "history--cursor",
        "history--cursor-blurred",
        "history--shown",
        "history--good",
        "history--bad",
        "history--doubtful",
        "history--running",
        "history--no-thumbnail",
    }

    cursor: reactive[int] = reactive(0)
    """Index of the entry under the cursor, 0 for the newest."""
    shown: reactive[str] = reactive("", repaint=False)
    """Id of the entry whose picture is on screen."""
    _tick: Timer

    class RowsWanted(DataMessage):
        """Rows are about to be shown that are not there yet."""

        keys: tuple[int, ...]

    class Moved(DataMessage):
        """Another entry is under the cursor, or it changed; empty for none."""

        entry_id: str

    def __init__(
        self,
        cards: Callable[[str], ModelCard],
        clock: Callable[[], datetime],
        thumbnails: EntryThumbnails,
        has_thumbnails: bool | None,
        *,
        id: str | None = None,
    ) -> None:
        """`cards` gives the card of a model id, `clock` the local time; `has_thumbnails` is None
        where the user leaves that open.
        """
        super().__init__(id=id)
        self._clock = clock
        self._listed = Listed()
        self._is_known = False
        self._thumbnails = ThumbnailColumn(
            self,
            thumbnails,
            has_thumbnails,
            in_sight=self._rows_in_sight,
            came=self._refresh_entry,
        )
        self._drawn = EntryLines(cards, clock, self._thumbnails, self._style)
        self._lines = DayLines((), clock(), LINES_PER_ENTRY)
        self._jobs: dict[str, Standing] = {}
        self._width = 0
        self._abilities = (False, False)

    @property
    def count(self) -> int:
        """How many entries are listed."""
        return len(self._listed)

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of what is listed, newest first."""
        return self._listed.ids

    @property
    def rows(self) -> tuple[Row, ...]:
        """Those of the listed rows that are there already, newest first."""
        return self._listed.rows

    @property
    def current(self) -> str:
        """Id of the entry under the cursor; empty for none."""
        listed = self._listed
        return listed.id_of(listed.keys[self.cursor]) if listed else ""

    @property
    def cursor_region(self) -> Region:
        """The lines of the entry under the cursor, in cells of the screen."""
        if not self._listed:
            return self.region
        end = self._lines.end_of(self.cursor) - int(self.scroll_offset.y)
        inner = self.content_region
        height = self._entry_height
        return Region(inner.x, inner.y + end - height, inner.width, height)

    @property
    def marked(self) -> tuple[str, ...]:
        """Ids of the marked entries that are listed, newest first."""
        return self._listed.marked

    @property
    def chosen(self) -> tuple[str, ...]:
        """What an action is for: the marked entries, or else the one under the cursor."""
        return self.marked or tuple(filter(None, (self.current,)))

    @property
    def marks(self) -> frozenset[int]:
        """Keys of all marked entries, listed or not."""
        return self._listed.marks

    def on_mount(self) -> None:
        self._tick = self.set_interval(TICK, self._refresh_jobs, pause=True)
        self.set_interval(AGES, self.refresh)
        self._thumbnails.on_mount()
        follow_format(self, self._draw_in)

    def on_unmount(self) -> None:
        self._thumbnails.on_unmount()

    def show_found(
        self, keys: array[int], rows: Mapping[int, Row], *, is_filtered: bool, is_new: bool
    ) -> None:
        """List `keys`, newest first, of which `rows` are known.

        `is_filtered` where there are entries that are not listed; `is_new` where something else was
        searched for before, so that the cursor begins at the top.
        """
        self._is_known = True
        with self._cursor_following(to_top=is_new):
            self._listed.show(keys, rows, is_filtered=is_filtered, under_way=self._jobs)
        if is_new:
            self.refresh()
        self._ask_for_rows()

    def put_rows(self, rows: Mapping[int, Row]) -> None:
        """Have rows that were asked for."""
        before = self._row
        self._listed.put_rows(rows)
        self.refresh()
        if self._row != before:
            self.post_message(self.Moved(self.current))

    def put(self, *rows: Row) -> None:
        """Show `rows`, which are newer than what the index has."""
        self._is_known = True
        before = self._row
        if all(self._listed.holds(key_of(row.id)) for row in rows):
            for row in rows:
                self._listed.put(row)
                self._refresh_entry(row.id)
            if self._row != before:
                self._follow_abilities()
                self.post_message(self.Moved(self.current))
            return
        with self._cursor_following():
            for row in rows:
                self._listed.put(row)

    def drop(self, ids: Iterable[str]) -> None:
        """List these entries no longer; the cursor stays where it is."""
        self._listed.drop(ids)
        self._lay_out()
        self.set_reactive(HistoryList.cursor, max(0, min(self.cursor, self.count - 1)))
        self._cursor_set()

    def mark_only(self, keys: Iterable[int]) -> None:
        """Have these entries marked, and no others."""
        self._listed.mark_only(keys)
        self.refresh()

    def show_jobs(self, board: JobBoard) -> None:
        """Tell which entries are under way, so that their seconds can be shown."""
        before, self._jobs = self._jobs, board.standings
        if self._jobs:
            self._tick.resume()
        else:
            self._tick.pause()
        self._follow_abilities()
        for entry_id in before.keys() | self._jobs.keys():
            if before.get(entry_id) != self._jobs.get(entry_id):
                self._refresh_entry(entry_id)

    def go_to(self, entry_id: str) -> bool:
        """Put the cursor on an entry; whether it is listed."""
        index = self._listed.index(key_of(entry_id))
        if index is not None:
            self.cursor = index
        return index is not None

    def place_of(self, entry_id: str) -> tuple[int, bool]:
        """The index that an entry has in the list, or would have; and whether it is listed."""
        key = key_of(entry_id)
        return self._listed.place(key), self._listed.holds(key)

    def id_at(self, index: int) -> str:
        """The id of an entry by its index; empty where its row, that is not there, would tell."""
        return self._listed.id_of(self._listed.keys[index])

    def has_no_picture(self, index: int) -> bool:
        """Whether it is known that an entry has none."""
        row = self._listed.row(self._listed.keys[index])
        return row is not None and not row.images

    def watch_cursor(self) -> None:
        self._cursor_set()

    def watch_shown(self, old: str, new: str) -> None:
        for entry_id in filter(None, (old, new)):
            self._refresh_entry(entry_id)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self._ask_for_rows()

    def on_resize(self) -> None:
        self._lay_out()
        self._scroll_to_cursor()

    def render_lines(self, crop: Region) -> list[Strip]:
        strips = super().render_lines(crop)
        if not (self._shows_thumbnails and self._thumbnails.has_pixels):
            return strips
        lines = zip(strips, crop.line_range, strict=True)
        return [self._in_pixels(strip, y, crop.x) for strip, y in lines]

    def _begin_lines(self) -> None:
        super()._begin_lines()
        self._width = self.size.width
        self._thumbnails.begin(self._ground, self._style("history--no-thumbnail"))

    def render_line(self, y: int) -> Strip:
        width = self._width
        if not self._listed:
            return self._empty_line(self._words, y, "history--detail")
        number = y + self.scroll_offset.y
        if number >= len(self._lines):
            return Strip.blank(width, self._ground)
        line = self._lines[number]
        if line.index < 0:
            return self._drawn.heading(line.heading, width, self._ground)
        key = self._listed.keys[line.index]
        row = self._listed.row(key)
        if row is None:
            return self._drawn.coming(line.part, width, self._ground)
        return self._drawn.line(
            row,
            line.part,
            width,
            self._row_style(line.index, row),
            is_marked=self._listed.is_marked(key),
            job=self._jobs.get(row.id),
        )

    @property
    def _page(self) -> int:
        """Entries that a page holds, less one that stays in sight."""
        return max(1, self.size.height // self._entry_height - 1)

    def _draw_in(self, format: PictureFormat) -> None:
        with self._cursor_at_rest():
            self._thumbnails.draw_in(format)
        self.refresh()
        self.refresh_bindings()

    @contextmanager
    def _cursor_at_rest(self) -> Iterator[None]:
        """Keep the cursor where it is on screen, though entries may become taller or lower."""
        height, end = self._entry_height, self.cursor_region.bottom
        yield
        if self._entry_height != height:
            self._lay_out()
            self.scroll_relative(y=self.cursor_region.bottom - end, animate=False, force=True)
            self._scroll_to_cursor()

    @property
    def _shows_thumbnails(self) -> bool:
        return self._thumbnails.has_room(self.size.width)

    @property
    def _entry_height(self) -> int:
        """Lines of an entry."""
        return LINES if self._shows_thumbnails else LINES_PER_ENTRY

    @property
    def _row(self) -> Row | None:
        """The row under the cursor, if it is there already."""
        return self._listed.row(self._listed.keys[self.cursor]) if self._listed else None

    def _in_pixels(self, strip: Strip, y: int, x: int) -> Strip:
        """`strip`, line `y` from column `x` on, with its thumbnail in pixels."""
        number = y + int(self.scroll_offset.y)
        if not self._listed or number >= len(self._lines):
            return strip
        line = self._lines[number]
        row = self._listed.row(self._listed.keys[line.index]) if line.index >= 0 else None
        if row is None:
            return strip
        style = self._row_style(line.index, row)
        return self._thumbnails.in_pixels(strip, row, line.part, style, x)

    def _row_style(self, index: int, row: Row) -> Style:
        style = self._ground
        if row.id == self.shown:
            style += self._style("history--shown")
        if index == self.cursor:
            style = self._under_cursor(style, "history--cursor")
        return style

    @property
    def _words(self) -> tuple[Shown, ...]:
        """What stands where nothing is listed."""
        if self._listed.is_filtered:
            return NOTHING_FOUND
        return EMPTY if self._is_known else READING

    def _rows_in_sight(self) -> dict[str, Row]:
        """The rows on screen, by the ids of their entries."""
        if not (self._shows_thumbnails and self.region.area):
            return {}
        first, end = self._span(0)
        rows = filter(None, map(self._listed.row, self._listed.keys[first:end]))
        return {row.id: row for row in rows}

    def _refresh_jobs(self) -> None:
        for entry_id in self._jobs:
            self._refresh_entry(entry_id)

    def _refresh_entry(self, entry_id: str) -> None:
        """Have the lines of an entry drawn anew, where they are on screen."""
        if (index := self._listed.index(key_of(entry_id))) is not None:
            height, end = self._entry_height, self._lines.end_of(index)
            if 0 < end - int(self.scroll_offset.y) < self.size.height + height:
                self.refresh_lines(end - height, height)

    @contextmanager
    def _cursor_following(self, *, to_top: bool = False) -> Iterator[None]:
        """Keep the cursor on its entry, or at the top, while what is listed changes."""
        listed, before = self._listed, (self.current, self._row)
        is_at_top = self.cursor == 0 or to_top
        kept = listed.keys[self.cursor] if listed else 0
        seen = self._in_sight()
        yield
        self._follow_lines()
        if self._in_sight() != seen:
            self.refresh()
        # Where its entry is gone, on what stands next to it.
        place = 0 if is_at_top else min(listed.place(kept), len(listed) - 1)
        self.set_reactive(HistoryList.cursor, max(0, place))
        if (self.current, self._row) == before:
            self._scroll_to_cursor()
        else:
            self._cursor_set()

    def _cursor_set(self) -> None:
        """Follow the cursor, which is on another entry now."""
        self._scroll_to_cursor()
        self.refresh()
        self._follow_abilities()
        self.post_message(self.Moved(self.current))

    def _follow_abilities(self) -> None:
        """Have the keys shown anew where other keys work now; at each step it would be felt."""
        could, self._abilities = self._abilities, (bool(self._listed), self.current in self._jobs)
        if self._abilities != could:
            self.refresh_bindings()

    def _lay_out(self) -> None:
        self._follow_lines()
        self.refresh()

    def _follow_lines(self) -> None:
        self._lines = DayLines(self._listed.keys, self._clock(), self._entry_height)
        self.virtual_size = Size(self.size.width, len(self._lines))

    def _in_sight(self) -> tuple[bool, bool, list[tuple[Line, Row | None]]]:
        """What the lines on screen are drawn from."""
        listed, lines, top = self._listed, self._lines, int(self.scroll_offset.y)
        sight = [lines[number] for number in range(top, min(top + self.size.height, len(lines)))]
        rows = [
            (line, listed.row(listed.keys[line.index]) if line.index >= 0 else None)
            for line in sight
        ]
        return self._is_known, listed.is_filtered, rows

    def _go(self, index: int) -> None:
        self.cursor = max(0, min(index, self.count - 1))

    def _scroll_to_cursor(self) -> None:
        if self._listed:
            top, end = self._lines.top_of(self.cursor), self._lines.end_of(self.cursor)
            self.scroll_to_region(Region(0, top, 1, end - top), animate=False, force=True)

    def _ask_for_rows(self) -> None:
        """Ask for the rows that are on screen, and for those around it, where they are missing."""
        # Where nothing is ever lacking, new entries bring their rows with them all day.
        self._listed.let_go(*self._span(_FARTHEST))
        if self._listed.lacks(*self._span(self._page + 2)):
            self.post_message(self.RowsWanted(self._listed.ask(*self._span(_FARTHEST // 4))))

    def _span(self, around: int) -> tuple[int, int]:
        """The entries on screen, and so many before and after, as first and end index."""
        lines = len(self._lines)
        if not lines:
            return 0, 0
        top = min(int(self.scroll_offset.y), lines - 1)
        bottom = min(top + max(1, self.size.height), lines) - 1
        first = max(self._lines[top].index, self._lines[min(top + 1, lines - 1)].index, 0)
        last = max(self._lines[bottom].index, self._lines[max(0, bottom - 1)].index, first)
        return max(0, first - around), min(self.count, last + 1 + around)
