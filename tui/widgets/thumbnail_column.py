"""The thumbnails at the left of a list: those in sight are loaded, in threads, and drawn as tiles.

The list asks for the cells of its lines when it draws them; what is not there yet is wished for by
that, and the list is told when it came.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping

from msgspec import Struct
from msgspec.structs import replace
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.timer import Timer
from textual.widget import Widget

from tui.generation.thumbnails import EntryThumbnails
from tui.history.entry import Status
from tui.history.index_rows import Row
from tui.images.preview import TILE_COLUMNS, TILE_LINES, Tile, TileRequest
from tui.terminal import DEFAULT_CELL_PIXELS
from tui.text import showable
from tui.widgets.kitty_uploads import KittyUploads
from tui.widgets.picture_format import PictureFormat
from tui.widgets.picture_strip import Drawing, KittyDrawing, PictureStrip
from tui.widgets.plain import segment
from tui.widgets.waiting_line import WaitingLine

COLUMNS, LINES = TILE_COLUMNS, TILE_LINES
"""Cells of a thumbnail."""
NARROWEST = 22
"""Cells of a list that has room for thumbnails besides its text."""
AT_ONCE = 2
REST = 0.03
"""Seconds without a new wish before anything is loaded: while a list scrolls, nothing is."""
KEPT = 300

_BLACK = (0, 0, 0)
_EMPTY = showable(" " * TILE_COLUMNS)
_EMPTY_END = showable("▀" * TILE_COLUMNS)


class _Kept(Struct, frozen=True):
    """What came of a wish."""

    request: TileRequest
    row: tuple[Status, int]
    """State and number of pictures of the entry then."""
    tile: Tile | None
    """None where there is none, or not yet."""


class ThumbnailColumn:
    """Loads and keeps the thumbnails of a list."""

    def __init__(
        self,
        host: Widget,
        thumbnails: EntryThumbnails,
        wanted: bool | None,
        *,
        in_sight: Callable[[], Mapping[str, Row]],
        came: Callable[[str], object],
    ) -> None:
        """`host` is the list; `wanted` is None where the user leaves it open.

        `in_sight` gives the rows that the list shows now, by the ids of their entries, and `came`
        is called with the id of an entry whose thumbnail is there.
        """
        self._wanted = wanted
        self._host = host
        self._thumbnails = thumbnails
        self._request = TileRequest("half", DEFAULT_CELL_PIXELS, _BLACK)
        self._in_sight = in_sight
        self._came = came
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._waiting = WaitingLine()
        self._loading: set[str] = set()
        self._rest: Timer | None = None
        self._uploads = KittyUploads(host)
        self._empty = Style.null()

    @property
    def can_be_shown(self) -> bool:
        """Whether the terminal shows pictures at all."""
        return self._request.graphics != "off"

    @property
    def is_wanted(self) -> bool:
        """Whether the user wants thumbnails; who leaves it open has them where they are pictures.

        In half cells they are a few spots of colour, and cost a third of the entries that a list
        shows.
        """
        return self._request.graphics == "kitty" if self._wanted is None else self._wanted

    def has_room(self, width: int) -> bool:
        """Whether thumbnails stand in a list of that many cells across."""
        return self.is_wanted and self.can_be_shown and width >= NARROWEST

    def on_mount(self) -> None:
        """To be called when the list is mounted."""
        self._uploads.watch()

    def draw_in(self, format: PictureFormat) -> None:
        """Draw thumbnails that way from now on."""
        background = self._request.background
        self._request = TileRequest(format.graphics, format.cell_pixels, background)

    def on_unmount(self) -> None:
        """To be called when the list goes."""
        for kept in self._kept.values():
            self._let_go(kept)
        self._uploads.close()

    def turn(self) -> None:
        """Want thumbnails, or want them no longer."""
        self._wanted = not self.is_wanted
        self._waiting.clear()
        # What could not be shown may be there by now.
        for entry_id in [id for id, kept in self._kept.items() if kept.tile is None]:
            del self._kept[entry_id]

    def begin(self, ground: Style, empty: Style) -> None:
        """Draw on `ground` from now on, and in the background of `empty` what is not there."""
        red, green, blue = ground.bgcolor.get_truecolor() if ground.bgcolor else _BLACK
        self._request = replace(self._request, background=(red, green, blue))
        self._empty = Style(color=empty.bgcolor, bgcolor=empty.bgcolor)

    # Drawing

    def cells(self, row: Row | None, part: int, style: Style) -> list[Segment]:
        """Line `part` of the thumbnail of an entry, which is wished for where it is lacking."""
        tile = self._tile(row) if row is not None else None
        is_last = part == LINES - 1
        if tile is not None:
            cells = tile.lines[part]
        elif is_last:
            cells = [segment(_EMPTY_END, Style(color=self._empty.bgcolor))]
        else:
            cells = [segment(_EMPTY, self._empty)]
        if is_last:
            return list(Segment.apply_style(cells, Style(bgcolor=style.bgcolor)))
        return list(cells)

    def in_pixels(self, strip: Strip, row: Row, part: int, style: Style, start: int) -> Strip:
        """`strip`, a line of the list that is drawn now, with its thumbnail in pixels where the
        terminal can be given them; `start` is the thumbnail's column at the first cell.
        """
        kept = self._kept.get(row.id)
        picture = kept.tile.kitty if kept is not None and kept.tile is not None else None
        if picture is None or not self._host.screen.is_active:
            return strip
        drawing = KittyDrawing(picture, TILE_COLUMNS, self._uploads.upload)
        return PictureStrip(strip, _OnGround(drawing, style), part, start, 0, 0)

    @property
    def has_pixels(self) -> bool:
        """Whether the terminal draws thumbnails in pixels; `in_pixels` does nothing otherwise."""
        return self._request.graphics == "kitty"

    # Loading

    def _tile(self, row: Row) -> Tile | None:
        """The tile of an entry, or one drawn otherwise until the right one is there."""
        kept = self._kept.get(row.id)
        if kept is not None:
            self._kept.move_to_end(row.id)
        if row.images and not self._is_settled(kept, row):
            self._wish(row.id)
        return kept.tile if kept is not None else None

    def _is_settled(self, kept: _Kept | None, row: Row) -> bool:
        if kept is None or kept.request != self._request:
            return False
        # What could not be shown is tried again when there is news of its entry.
        return kept.tile is not None or kept.row == (row.status, row.images)

    def _wish(self, entry_id: str) -> None:
        if entry_id in self._loading or not self._waiting.add(entry_id):
            return
        if self._rest is None:
            self._rest = self._host.set_timer(REST, self._rested, name="thumbnails")
        else:
            self._rest.reset()

    def _rested(self) -> None:
        self._rest = None
        self._waiting.end_batch()
        self._start()

    def _start(self) -> None:
        if not self._host.is_attached:
            return
        in_sight = self._in_sight()
        while len(self._loading) < AT_ONCE:
            entry_id = self._waiting.take(in_sight)
            if entry_id is None:
                return
            self._loading.add(entry_id)
            self._host.run_worker(
                self._load(in_sight[entry_id]),
                group="thumbnails",
                description="Loads a thumbnail",
                exit_on_error=False,
            )

    async def _load(self, row: Row) -> None:
        request, tile = self._request, None
        try:
            tile = await asyncio.to_thread(self._thumbnails.tile, row.id, request)
        finally:
            # Whatever came of it: it is not tried again and again.
            self._loading.discard(row.id)
            self._keep(row.id, _Kept(request, (row.status, row.images), tile))
            self._start()
        self._came(row.id)

    def _keep(self, entry_id: str, kept: _Kept) -> None:
        if (before := self._kept.pop(entry_id, None)) is not None:
            self._let_go(before)
        self._kept[entry_id] = kept
        while len(self._kept) > KEPT:
            self._let_go(self._kept.popitem(last=False)[1])

    def _let_go(self, kept: _Kept) -> None:
        if kept.tile is not None:
            self._uploads.remove(kept.tile.kitty)


class _OnGround:
    """A drawing with the background of its line, which shows where it is clear."""

    def __init__(self, drawing: Drawing, style: Style) -> None:
        self.columns = drawing.columns
        self._drawing = drawing
        self._colour = style.bgcolor

    def draw(self, row: int, first: int, last: int, x: int, y: int) -> str:
        text = self._drawing.draw(row, first, last, x, y)
        if self._colour is None or self._colour.is_default:
            return text
        red, green, blue = self._colour.get_truecolor()
        return f"\x1b[48;2;{red};{green};{blue}m{text}\x1b[49m"
