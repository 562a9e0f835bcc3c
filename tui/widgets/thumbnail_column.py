"""The thumbnails at the left of a list: those in sight are loaded, and drawn as tiles.

The list asks for the cells of its lines when it draws them, and is told when one came.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from msgspec.structs import replace
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from tui.generation.thumbnails import EntryThumbnails
from tui.history.index_rows import Row
from tui.images.preview import TILE_COLUMNS, TILE_LINES, Tile, TileRequest
from tui.terminal import DEFAULT_CELL_PIXELS
from tui.text import showable
from tui.widgets.picture_format import PictureFormat
from tui.widgets.picture_strip import Drawing, Drawn, PictureStrip
from tui.widgets.plain import segment
from tui.widgets.tile_loader import TileLoader, state_of

COLUMNS, LINES = TILE_COLUMNS, TILE_LINES
"""Cells of a thumbnail."""
NARROWEST = 22
"""Cells of a list that has room for thumbnails besides its text."""
AT_ONCE = 2
KEPT = 300

_BLACK = (0, 0, 0)
_EMPTY = showable(" " * TILE_COLUMNS)
_EMPTY_END = showable("▀" * TILE_COLUMNS)


class TileColumn:
    """The tiles of a list's lines, which go by keys."""

    def __init__(
        self,
        host: Widget,
        load: Callable[[str, TileRequest], Tile | None],
        *,
        in_sight: Callable[[], Mapping[str, object]],
        came: Callable[[str], object],
    ) -> None:
        """`host` is the list. `load` is called in threads; `in_sight` gives the keys of what the
        list shows now, each with a state: with another one, what could not be shown is tried again.
        `came` is called with the key of a thumbnail that is there.
        """
        self.tiles = TileLoader[str](
            host,
            TileRequest("half", DEFAULT_CELL_PIXELS, _BLACK),
            load,
            in_sight=in_sight,
            came=came,
            at_once=AT_ONCE,
            most=KEPT,
        )
        self._empty = Style.null()

    @property
    def can_be_shown(self) -> bool:
        """Whether the terminal shows pictures at all."""
        return self.tiles.request.graphics != "off"

    def on_mount(self) -> None:
        """To be called when the list is mounted."""
        self.tiles.on_mount()

    def draw_in(self, format: PictureFormat) -> None:
        """Draw thumbnails that way from now on."""
        self.tiles.draw_in(format)

    def on_unmount(self) -> None:
        """To be called when the list goes."""
        self.tiles.on_unmount()

    def begin(self, ground: Style, empty: Style) -> None:
        """Draw on `ground` from now on, and in the background of `empty` what is not there."""
        red, green, blue = ground.bgcolor.get_truecolor() if ground.bgcolor else _BLACK
        self.tiles.request = replace(self.tiles.request, background=(red, green, blue))
        self._empty = Style(color=empty.bgcolor, bgcolor=empty.bgcolor)

    def tile_cells(self, key: str | None, state: object, part: int, style: Style) -> list[Segment]:
        """Line `part` of the thumbnail of that key, which is wished for where it is lacking; None
        is for a place that has none."""
        tile = self.tiles.tile(key, state) if key is not None else None
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

    def tile_in_pixels(self, strip: Strip, key: str, part: int, style: Style, start: int) -> Strip:
        """`strip`, a line of the list that is drawn now, with its thumbnail in pixels where the
        terminal can be given them; `start` is the thumbnail's column at the first cell.
        """
        drawing = self.tiles.drawing(key)
        if drawing is None:
            return strip
        return PictureStrip(strip, [Drawn(_OnGround(drawing, style), part, -start)])

    @property
    def has_pixels(self) -> bool:
        """Whether the terminal draws thumbnails in pixels; there is no `drawing` otherwise."""
        return self.tiles.request.graphics == "kitty"


class ThumbnailColumn(TileColumn):
    """The tiles of a list's entries, which go by their ids."""

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
        super().__init__(
            host,
            lambda entry_id, request: thumbnails.tile(entry_id, request),
            in_sight=lambda: {entry_id: state_of(row) for entry_id, row in in_sight().items()},
            came=came,
        )
        self._wanted = wanted

    @property
    def is_wanted(self) -> bool:
        """Whether the user wants thumbnails; who leaves it open has them where they are pictures.

        In half cells they are a few spots of colour, and cost a third of the entries that a list
        shows.
        """
        is_kitty = self.tiles.request.graphics == "kitty"
        return is_kitty if self._wanted is None else self._wanted

    def has_room(self, width: int) -> bool:
        """Whether thumbnails stand in a list of that many cells across."""
        return self.is_wanted and self.can_be_shown and width >= NARROWEST

    def turn(self) -> None:
        """Want thumbnails, or want them no longer."""
        self._wanted = not self.is_wanted
        # What could not be shown may be there by now.
        self.tiles.forget_wishes()

    def cells(self, row: Row | None, part: int, style: Style) -> list[Segment]:
        """Line `part` of the thumbnail of an entry, which is wished for where it is lacking."""
        if row is None or not row.images:
            return self.tile_cells(None, None, part, style)
        return self.tile_cells(row.id, state_of(row), part, style)

    def in_pixels(self, strip: Strip, row: Row, part: int, style: Style, start: int) -> Strip:
        """`strip`, a line of the list that is drawn now, with its thumbnail in pixels where the
        terminal can be given them; `start` is the thumbnail's column at the first cell.
        """
        return self.tile_in_pixels(strip, row.id, part, style, start)


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
