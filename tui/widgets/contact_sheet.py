"""The contact sheet: pictures side by side, drawn line by line; those on screen are loaded.

In pixels where the terminal has kitty's graphics, and in half cells otherwise. Sixel pictures stay
where they were drawn when what lies beneath them is written anew or scrolled, so that a grid of
them that scrolls would leave pieces behind: there, too, it is half cells.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping
from typing import ClassVar

from msgspec.structs import replace
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from tui.generation.thumbnails import EntryThumbnails
from tui.history.entry_keys import key_of
from tui.history.index_rows import Row
from tui.history.listed import Listed
from tui.images.preview import Tile, TileRequest
from tui.images.tiles import tile_fit
from tui.terminal import DEFAULT_CELL_PIXELS
from tui.text import Shown, one_line, showable
from tui.widgets.data_message import DataMessage
from tui.widgets.entry_words import NO_PROMPT, fitted
from tui.widgets.history_sidebar import HistorySidebar, Wish
from tui.widgets.long_list import LongList
from tui.widgets.picture_format import PictureFormat, follow_format
from tui.widgets.picture_strip import Drawn, PictureStrip
from tui.widgets.plain import segment
from tui.widgets.sheet_grid import WIDTHS, SheetGrid, sheet_grid
from tui.widgets.tile_loader import TileLoader, TileMemory, state_of

AT_ONCE = 3
"""Pictures that are loaded at the same time, at most."""
KEPT = 600
MEDIUM = 1
NOTHING_FOUND = Shown("No pictures here.")
READING = Shown("Reading…")
NOT_SHOWN = Shown("not shown")
COMING = Shown("…")
_BLACK = (0, 0, 0)
_BLANK = Shown(" ")
_MARK = Shown("▌")
_STAR = Shown("★ ")
_TOGETHER = 0.04
"""Seconds in which pictures that come are collected before they are drawn."""
_FARTHEST = 400
"""Pictures further than this from what is on screen have their rows let go of."""

Picture = tuple[str, int]
"""The id of an entry, and which of its pictures, from 1."""


class SheetMemory:
    """What a contact sheet begins with that was open before."""

    def __init__(self) -> None:
        self.tiles = TileMemory[Picture]()
        self.cell_size: int | None = None
        """An index of `WIDTHS`, where one was chosen."""


class ContactSheet(LongList, can_focus=True):
    """Shows pictures and says, as the history list does, what is wanted of their entries.

    Pictures are set; the rows of their entries that it lacks are asked for.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "sheet--caption",
        "sheet--caption-current",
        "sheet--cursor",
        "sheet--cursor-blurred",
        "sheet--mark",
        "sheet--star",
        "sheet--no-picture",
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "wish('view')", "view", id="view-entry"),
        Binding("full_stop", "wish('star')", "star", key_display=".", id="star-entry"),
        Binding("x", "mark", "mark", id="mark-entry"),
        Binding("X", "mark_range", "Mark from the last mark", show=False, id="mark-range"),
        Binding("0", "rate(0)", "No rating", show=False, id="rate-0"),
        Binding("1", "rate(1)", "rate", key_display="1-5", id="rate-1"),
        Binding("2", "rate(2)", "Rate 2", show=False, id="rate-2"),
        Binding("3", "rate(3)", "Rate 3", show=False, id="rate-3"),
        Binding("4", "rate(4)", "Rate 4", show=False, id="rate-4"),
        Binding("5", "rate(5)", "Rate 5", show=False, id="rate-5"),
        Binding("t", "wish('tags')", "Tags", show=False, id="tag-entry"),
        Binding("e", "wish('note')", "Note", show=False, id="note-entry"),
        Binding("o", "wish('open')", "open outside", id="open-entry"),
        Binding(
            "R", "wish('refer')", "reference", tooltip="Use as reference", id="use-as-reference"
        ),
        Binding("plus,equals_sign", "size(1)", "larger", key_display="+", id="sheet-larger"),
        Binding("minus", "size(-1)", "smaller", key_display="-", id="sheet-smaller"),
        Binding("delete", "wish('discard')", "To the trash", show=False, id="discard-entry"),
        Binding("ctrl+z,u", "undo", "Undo", show=False, id="undo-history"),
        Binding("left,h", "move(-1)", "Left", show=False, id="sheet-left"),
        Binding("right,l", "move(1)", "Right", show=False, id="sheet-right"),
        Binding("up,k", "move_row(-1)", "Up", show=False, id="sheet-up"),
        Binding("down,j", "move_row(1)", "Down", show=False, id="sheet-down"),
        Binding("pageup", "move_page(-1)", "Page up", show=False, id="sheet-page-up"),
        Binding("pagedown", "move_page(1)", "Page down", show=False, id="sheet-page-down"),
        Binding("home,g", "move_to(0)", "First", show=False, id="sheet-first"),
        Binding("end,G", "move_to(-1)", "Last", show=False, id="sheet-last"),
    ]

    cursor: reactive[int] = reactive(0)
    """Index of the picture under the cursor."""
    cell_size: reactive[int] = reactive(MEDIUM, init=False, repaint=False)
    """How large cells are; an index of `WIDTHS`."""

    class RowsWanted(DataMessage):
        """Rows are about to be shown that are not there yet."""

        keys: tuple[int, ...]

    class Moved(Message):
        """Another picture is under the cursor, or there are others now."""

    def __init__(
        self,
        thumbnails: EntryThumbnails,
        memory: SheetMemory | None = None,
        *,
        id: str | None = None,
    ) -> None:
        """`memory` is what is left of a sheet that was closed, and is to be of this one."""
        super().__init__(id=id)
        self._memory = memory or SheetMemory()
        if self._memory.cell_size is not None:
            self.set_reactive(ContactSheet.cell_size, self._memory.cell_size)
        self._listed = Listed()
        self._is_known = False
        self._tiles = TileLoader[Picture](
            self,
            TileRequest("half", DEFAULT_CELL_PIXELS, _BLACK, whole=True),
            lambda picture, request: thumbnails.tile(picture[0], request, picture[1]),
            in_sight=self._pictures_in_sight,
            came=self._picture_came,
            at_once=AT_ONCE,
            most=KEPT,
            memory=self._memory.tiles,
        )
        width = WIDTHS[self.cell_size]
        self._grid = SheetGrid(0, 1, width, width)
        self._drawn: dict[int, list[list[Segment]]] = {}
        """The lines of the cells that are drawn now."""
        self._came: set[Picture] = set()
        """Pictures that are to be drawn, since they are there now."""
        self._in_sight: dict[Picture, object] | None = None
        """None where it has to be found out anew."""

    @property
    def count(self) -> int:
        """How many pictures there are."""
        return len(self._listed)

    @property
    def current(self) -> Picture | None:
        """The picture under the cursor."""
        return self._picture(self.cursor) if self.cursor < self.count else None

    @property
    def chosen(self) -> tuple[str, ...]:
        """The ids that an action is for: of the marked entries, or else of the one under the
        cursor."""
        current = self.current
        return self._listed.marked or ((current[0],) if current is not None else ())

    @property
    def marks(self) -> frozenset[int]:
        """The keys of all marked entries, here or not."""
        return self._listed.marks

    def on_mount(self) -> None:
        self._tiles.on_mount()
        follow_format(self, self._draw_in)

    def on_unmount(self) -> None:
        self._tiles.on_unmount()

    def on_resize(self) -> None:
        self._lay_out()
        self._scroll_to_cursor()

    def mark_only(self, keys: Iterable[int]) -> None:
        """Have these entries marked, and no others."""
        self._listed.mark_only(keys)
        self.refresh()

    def show_pictures(
        self, keys: array[int], rows: Mapping[int, Row], *, cursor: int | None = None
    ) -> None:
        """Show pictures of entries by their keys, newest first, a key once for each picture.

        `rows` are what is known of them. The cursor goes to the first picture of the entry of the
        key `cursor`; without one, it stays where it is.
        """
        is_first, self._is_known = not self._is_known, True
        stays = self.current if cursor is None else None
        key = self._listed.keys[self.cursor] if stays is not None else cursor
        self._listed.show(keys, rows, is_filtered=True, under_way=())
        place = self._listed.place(key) if key is not None else 0
        if stays is not None and key is not None and self._listed.holds(key):
            place = min(place + stays[1], self._listed.end(key)) - 1
        if is_first and self._memory.cell_size is None:
            self.set_reactive(ContactSheet.cell_size, self._size_for_all())
        self._lay_out()
        self.set_reactive(ContactSheet.cursor, max(0, min(place, self.count - 1)))
        self._cursor_set()
        self._ask_for_rows()

    def put_rows(self, rows: Mapping[int, Row]) -> None:
        """Have rows that were asked for."""
        self._listed.put_rows(rows)
        self._in_sight = None
        self.refresh()

    def put(self, row: Row) -> None:
        """Show `row`, which is newer than what the index has, where its entry is here."""
        self._listed.put(row)
        self._in_sight = None
        self.refresh()

    def drop(self, ids: Iterable[str]) -> None:
        """Show these entries no longer; the cursor stays where it is."""
        self._listed.drop(ids)
        self._lay_out()
        self.set_reactive(ContactSheet.cursor, max(0, min(self.cursor, self.count - 1)))
        self._cursor_set()
        self._ask_for_rows()

    def go_to(self, picture: Picture) -> None:
        """Put the cursor on a picture, if it is here."""
        index = self._listed.index(key_of(picture[0]))
        if index is not None:
            end = self._listed.end(self._listed.keys[index])
            self._go(min(index + picture[1], end) - 1)

    def action_wish(self, wish: Wish) -> None:
        if (current := self.current) is not None:
            ids = (current[0],) if wish in ("note", "open", "view") else self.chosen
            # Of other entries than the one under the cursor it is the first.
            number = current[1] if ids == (current[0],) else 1
            self.post_message(HistorySidebar.Wished(wish, ids, number))

    def action_rate(self, rating: int) -> None:
        if self.chosen:
            self.post_message(HistorySidebar.Rated(self.chosen, rating))

    def action_undo(self) -> None:
        self.post_message(HistorySidebar.UndoWanted())

    def action_mark(self) -> None:
        """Mark the entry under the cursor, or take its mark away, and go on to the next entry."""
        if self._listed:
            self._listed.turn_mark(self.cursor)
            self._go(self._listed.end(self._listed.keys[self.cursor]))
            self._tell_marks()

    def action_mark_range(self) -> None:
        """Mark all from the last mark to the cursor."""
        if self._listed:
            self._listed.mark_to(self.cursor)
            self._tell_marks()

    def action_size(self, steps: int) -> None:
        self.cell_size = max(0, min(self.cell_size + steps, len(WIDTHS) - 1))

    def action_move(self, steps: int) -> None:
        self._go(self.cursor + steps)

    def action_move_row(self, rows: int) -> None:
        """Go up or down in the column; in the last row, at least to the last picture."""
        across, target = self._grid.across, self.cursor + rows * self._grid.across
        last = self.count - 1
        if target > last and self.cursor // across == last // across:
            return
        if target >= 0:
            self._go(target)

    def action_move_page(self, pages: int) -> None:
        rows = max(1, self.size.height // self._grid.height)
        target = self.cursor + pages * rows * self._grid.across
        self._go(target if target >= 0 else self.cursor % self._grid.across)

    def action_move_to(self, index: int) -> None:
        self._go(index % max(1, self.count))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ("wish", "rate", "mark", "mark_range"):
            return bool(self._listed)
        return True

    def on_click(self, event: events.Click) -> None:
        column, line = event.x - self.gutter.left, event.y - self.gutter.top
        index = self._grid.cell_at(column, line + int(self.scroll_offset.y))
        if index is None:
            return
        if event.chain > 1 and index == self.cursor:
            self.action_wish("view")
        self.cursor = index

    def watch_cursor(self, old: int, new: int) -> None:
        for index in (old, new):
            self._refresh_cell(index)
        self._cursor_set()

    def watch_cell_size(self) -> None:
        self._memory.cell_size = self.cell_size
        self._lay_out()
        self._scroll_to_cursor()
        self._ask_for_rows()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self._in_sight = None
        self._ask_for_rows()

    # Drawing

    def render_lines(self, crop: Region) -> list[Strip]:
        strips = super().render_lines(crop)
        if self._tiles.request.graphics != "kitty":
            return strips
        numbers = zip(strips, crop.line_range, strict=True)
        return [self._in_pixels(strip, y, crop.x) for strip, y in numbers]

    def _begin_lines(self) -> None:
        super()._begin_lines()
        self._drawn.clear()
        background = self._ground.bgcolor
        red, green, blue = background.get_truecolor() if background else _BLACK
        columns, lines = self._grid.room
        self._tiles.request = replace(
            self._tiles.request, background=(red, green, blue), columns=columns, lines=lines
        )

    def render_line(self, y: int) -> Strip:
        width, line = self.size.width, y + int(self.scroll_offset.y)
        if not self._listed:
            words = (NOTHING_FOUND if self._is_known else READING,)
            return self._empty_line(words, y, "sheet--caption")
        grid = self._grid
        row, part = divmod(line, grid.height)
        pieces = [segment(showable(" " * grid.margin), self._ground)]
        for index in range(row * grid.across, (row + 1) * grid.across):
            if part == 0:
                pieces += self._edge(index)
            elif index < self.count:
                if (lines := self._drawn.get(index)) is None:
                    lines = self._drawn[index] = self._cell_lines(index)
                pieces += lines[part - 1]
        return Strip(pieces).adjust_cell_length(width, self._ground)

    def _edge(self, index: int) -> list[Segment]:
        """The line above a cell, which is the one beneath the cell over it."""
        above = index - self._grid.across
        ends = None
        if index == self.cursor and index < self.count:
            ends = "╭╮"
        elif above == self.cursor:
            ends = "╰╯"
        width = self._grid.width
        if ends is None:
            return [segment(showable(" " * width), self._ground)]
        text = showable(f"{ends[0]}{'─' * (width - 2)}{ends[1]}")
        return [segment(text, self._cursor_style)]

    def _cell_lines(self, index: int) -> list[list[Segment]]:
        """The lines of a cell, without the edge above it."""
        key = self._listed.keys[index]
        row, is_current = self._listed.row(key), index == self.cursor
        room, lines = self._grid.room
        side = segment(_BLANK, self._ground)
        if is_current:
            side = segment(Shown("│"), self._cursor_style)
        left = side
        if self._listed.is_marked(key):
            left = segment(_MARK, self._ground + self._style("sheet--mark"))
        if row is None:
            inner = [[segment(showable(" " * room), self._ground)]] * lines
        else:
            inner = self._picture_lines(index, row)
        inner = [*inner, self._caption(index, row, room)]
        return [[left, *pieces, side] for pieces in inner]

    def _caption(self, index: int, row: Row | None, room: int) -> list[Segment]:
        name = "sheet--caption-current" if index == self.cursor else "sheet--caption"
        style = self._ground + self._style(name)
        if row is None:
            return [segment(fitted(COMING, room), style)]
        star = _STAR if row.starred else Shown("")
        words = f"{row.rating}/5 " if row.rating else ""
        _, number = self._picture(index)
        words += f"#{number} " if row.images > 1 else ""
        text = one_line(f"{words}{one_line(row.head, limit=2 * room) or NO_PROMPT}")
        room -= cell_len(star)
        return [
            segment(star, self._ground + self._style("sheet--star")),
            segment(fitted(text, room), style),
        ]

    def _picture_lines(self, index: int, row: Row) -> list[list[Segment]]:
        """The lines of a cell's picture; until that is there, of a block of its size."""
        room, lines = self._grid.room
        picture = self._picture(index)
        tile = self._tiles.tile(picture, state_of(row))
        if tile is not None and self._fits(tile):
            columns, cells = tile.columns, tile.lines
        else:
            columns, cells = self._block(row, has_failed=self._tiles.has_failed(picture))
        left, above = (room - columns) // 2, (lines - len(cells)) // 2
        before = segment(showable(" " * left), self._ground)
        after = segment(showable(" " * (room - left - columns)), self._ground)
        free = [segment(showable(" " * room), self._ground)]
        drawn = [[before, *line, after] for line in cells]
        return [free] * above + drawn + [free] * (lines - above - len(cells))

    def _block(self, row: Row, *, has_failed: bool) -> tuple[int, tuple[list[Segment], ...]]:
        """What stands for a picture that is not there: its columns and lines."""
        width, height = row.width or 4, row.height or 3
        lies = tile_fit(max(1, width), max(1, height), self._tiles.request)
        style = self._ground + self._style("sheet--no-picture")
        words = NOT_SHOWN if has_failed else Shown("")
        texts = [words if line == lies.rows // 2 else Shown("") for line in range(lies.rows)]
        return lies.columns, tuple(
            [segment(fitted(showable(text.center(lies.columns)), lies.columns), style)]
            for text in texts
        )

    def _in_pixels(self, strip: Strip, y: int, x: int) -> Strip:
        """`strip`, line `y` from column `x` on, with its pictures in pixels."""
        grid = self._grid
        row, part = divmod(y + int(self.scroll_offset.y), grid.height)
        room, lines = grid.room
        drawn: list[Drawn] = []
        for index in range(row * grid.across, min((row + 1) * grid.across, self.count)):
            kept = self._tiles.kept.get(self._picture(index))
            tile = kept.tile if kept is not None else None
            if tile is None or not self._fits(tile):
                continue
            line = part - 1 - (lines - len(tile.lines)) // 2
            drawing = self._tiles.drawing(self._picture(index))
            if drawing is not None and 0 <= line < len(tile.lines):
                left = grid.left_of(index) + 1 + (room - tile.columns) // 2
                drawn.append(Drawn(drawing, line, left - x))
        return PictureStrip(strip, drawn) if drawn else strip

    @property
    def _cursor_style(self) -> Style:
        name = "sheet--cursor" if self.has_focus else "sheet--cursor-blurred"
        return self._ground + self._style(name)

    # What is where

    def _picture(self, index: int) -> Picture:
        key = self._listed.keys[index]
        return self._listed.id_of(key), index - self._listed.place(key) + 1

    def _fits(self, tile: Tile) -> bool:
        """Whether a tile was made for a cell no larger than they are now."""
        room, lines = self._grid.room
        return tile.columns <= room and len(tile.lines) <= lines

    def _pictures_in_sight(self) -> dict[Picture, object]:
        """The pictures on screen, each with the state of its entry."""
        if not self.region.area:
            return {}
        if self._in_sight is None:
            self._in_sight = {}
            for index in range(*self._span(0)):
                row = self._listed.row(self._listed.keys[index])
                if row is not None:
                    self._in_sight[self._picture(index)] = state_of(row)
        return self._in_sight

    def _span(self, rows: int) -> tuple[int, int]:
        """The cells on screen, and so many rows before and after, as first and end index."""
        top, around = int(self.scroll_offset.y), rows * self._grid.height
        return self._grid.cells_between(top - around, top + self.size.height + around)

    def _draw_in(self, format: PictureFormat) -> None:
        self._tiles.draw_in(format)
        self._lay_out()
        self._scroll_to_cursor()

    def _grid_of(self, cell_size: int) -> SheetGrid:
        width, height = self.scrollable_content_region.size
        pixels = self._tiles.request.cell_pixels
        return sheet_grid(self.count, max(1, width), height, cell_size, pixels)

    def _size_for_all(self) -> int:
        """The largest cells with which all pictures are in sight at once, or the usual ones."""
        height = self.scrollable_content_region.height
        larger = range(len(WIDTHS) - 1, MEDIUM, -1)
        return next((size for size in larger if self._grid_of(size).lines <= height), MEDIUM)

    def _lay_out(self) -> None:
        width = self.scrollable_content_region.width
        self._grid = self._grid_of(self.cell_size)
        self.virtual_size = Size(width, self._grid.lines)
        self._in_sight = None
        self.refresh()

    def _picture_came(self, picture: Picture) -> None:
        # A frame for each would take longer than the pictures do.
        if not self._came:
            self.set_timer(_TOGETHER, self._draw_those_that_came, name="came")
        self._came.add(picture)

    def _draw_those_that_came(self) -> None:
        came, self._came = self._came, set()
        for entry_id, number in came:
            first = self._listed.index(key_of(entry_id))
            if first is not None:
                self._refresh_cell(first + number - 1)

    def _refresh_cell(self, index: int) -> None:
        """Have a cell drawn anew, with all of its edge, where it is on screen."""
        grid = self._grid
        cell = Region(grid.left_of(index), grid.top_of(index), grid.width, grid.height + 1)
        shown = cell.translate((0, -int(self.scroll_offset.y)))
        shown = shown.intersection(Region(0, 0, *self.size))
        if shown.area:
            self.refresh(shown.translate(self.gutter.top_left))

    def _go(self, index: int) -> None:
        self.cursor = max(0, min(index, self.count - 1))

    def _cursor_set(self) -> None:
        self._scroll_to_cursor()
        self.post_message(self.Moved())

    def _scroll_to_cursor(self) -> None:
        if self._listed:
            top = self._grid.top_of(self.cursor)
            cell = Region(0, top, 1, min(self._grid.height + 1, max(1, self.size.height)))
            self.scroll_to_region(cell, animate=False, force=True)

    def _tell_marks(self) -> None:
        self.refresh()
        self.post_message(HistorySidebar.MarksSet(self.marks))
        self.post_message(self.Moved())

    def _ask_for_rows(self) -> None:
        """Ask for the rows that are on screen, and for those around it, where they are missing."""
        first, end = self._span(0)
        self._listed.let_go(max(0, first - _FARTHEST), end + _FARTHEST)
        if self._listed.lacks(*self._span(1)):
            wanted = self._listed.ask(max(0, first - _FARTHEST // 4), end + _FARTHEST // 4)
            self.post_message(self.RowsWanted(wanted))
