"""Pictures as tiles, loaded in threads for a widget of which only a part is in sight.

The widget asks for the tiles that it draws; what is not there yet is wished for by that, and the
widget is told when it came. What is out of sight by the time its turn comes is not loaded.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from typing import Generic, TypeVar

from msgspec import Struct
from msgspec.structs import replace
from textual.timer import Timer
from textual.widget import Widget

from tui.history.index_rows import Row
from tui.images.preview import Tile, TileRequest
from tui.widgets.kitty_uploads import KittyUploads
from tui.widgets.picture_format import PictureFormat
from tui.widgets.picture_strip import KittyDrawing
from tui.widgets.waiting_line import WaitingLine

REST = 0.03
"""Seconds without a new wish before anything is loaded: while a list scrolls, nothing is."""

_REMEMBERED_CELLS = 20_000
"""The most that a screen has, about."""
_DRAWN_CELLS = 1_000
"""Of tiles that are ready to be drawn, besides those in sight: each cell is several objects then,
which Python goes through whenever it looks for garbage."""

Key = TypeVar("Key", bound=Hashable)


def state_of(row: Row) -> tuple[str, int]:
    """The state of an entry: with another one, it may have a picture that it had not."""
    return row.status, row.images


class Kept(Struct, frozen=True):
    """What came of a wish."""

    request: TileRequest
    state: object
    """What the picture's entry was like then."""
    tile: Tile | None
    """None where there is none, or not yet."""

    @property
    def cells(self) -> int:
        """Of the screen, that the tile takes."""
        return 0 if self.tile is None else self.tile.cells


class _Drawn(Struct, frozen=True):
    """A tile that is ready to be drawn."""

    made_of: Tile
    tile: Tile


class TileMemory(Generic[Key]):
    """Tiles by their keys, those that were drawn last at the end."""

    def __init__(self) -> None:
        self.kept: OrderedDict[Key, Kept] = OrderedDict()

    def limit(self, cells: int) -> None:
        """Keep those that were drawn last, as many as take so many cells of the screen."""
        taken = sum(kept.cells for kept in self.kept.values())
        while taken > cells:
            taken -= self.kept.popitem(last=False)[1].cells


class TileLoader(Generic[Key]):
    """Loads and keeps the tiles of a widget's pictures, each of which goes by a key."""

    def __init__(
        self,
        host: Widget,
        request: TileRequest,
        load: Callable[[Key, TileRequest], Tile | None],
        *,
        in_sight: Callable[[], Mapping[Key, object]],
        came: Callable[[Key], object],
        at_once: int,
        most: int,
        memory: TileMemory[Key] | None = None,
    ) -> None:
        """`host` is the widget. `load` is called in threads, in `at_once` of them at most;
        `in_sight` gives the keys of what the widget shows now, and with each the state of its
        entry: where that is another, what could not be shown is tried again. `came` is called with
        the key of a picture whose tile is there. `most` tiles are kept, in `memory` where what is
        shown now is to be there soon another time.
        """
        self.request = request
        """How tiles are drawn from now on."""
        self._memory = memory or TileMemory()
        self.kept = self._memory.kept
        self._host = host
        self._load_tile = load
        self._in_sight = in_sight
        self._came = came
        self._at_once = at_once
        self._most = most
        self._waiting = WaitingLine[Key]()
        self._loading: set[Key] = set()
        self._workers = 0
        self._rest: Timer | None = None
        self._uploads = KittyUploads(host)
        self._drawn: dict[Key, _Drawn] = {}
        """Those whose tiles are ready to be drawn."""

    def on_mount(self) -> None:
        """To be called when the widget is mounted."""
        self._uploads.watch()

    def draw_in(self, format: PictureFormat) -> None:
        """Draw tiles that way from now on."""
        graphics, cell_pixels = format.graphics, format.cell_pixels
        self.request = replace(self.request, graphics=graphics, cell_pixels=cell_pixels)

    def on_unmount(self) -> None:
        """To be called when the widget goes."""
        for kept in self.kept.values():
            self._let_go(kept)
        self._uploads.close()
        self._drawn.clear()
        self._memory.limit(_REMEMBERED_CELLS)

    def forget_wishes(self) -> None:
        """Load nothing more that is wished for by now, and try again what could not be shown."""
        self._waiting.clear()
        for key in [key for key, kept in self.kept.items() if kept.tile is None]:
            del self.kept[key]

    def tile(self, key: Key, state: object) -> Tile | None:
        """The tile of a picture, or one drawn otherwise until the right one is there."""
        kept = self.kept.get(key)
        if kept is not None:
            self.kept.move_to_end(key)
        if not self._is_settled(kept, state):
            self._wish(key)
        return self._drawn_tile(key, kept) if kept is not None else None

    def _drawn_tile(self, key: Key, kept: Kept) -> Tile | None:
        """The tile with its lines as they are drawn."""
        if kept.tile is None:
            return None
        drawn = self._drawn.get(key)
        if drawn is None or drawn.made_of is not kept.tile:
            drawn = _Drawn(kept.tile, replace(kept.tile, lines=tuple(kept.tile.lines)))
            self._drawn[key] = drawn
            self._limit_drawn()
        return drawn.tile

    def _limit_drawn(self) -> None:
        if sum(drawn.tile.cells for drawn in self._drawn.values()) > _DRAWN_CELLS:
            in_sight = self._in_sight()
            self._drawn = {key: drawn for key, drawn in self._drawn.items() if key in in_sight}

    def drawing(self, key: Key) -> KittyDrawing | None:
        """A picture's tile in pixels, where the terminal can be given them now."""
        kept = self.kept.get(key)
        tile = kept.tile if kept is not None else None
        if tile is None or tile.kitty is None or not self._host.screen.is_active:
            return None
        return KittyDrawing(tile.kitty, tile.columns, self._uploads.upload)

    def has_failed(self, key: Key) -> bool:
        """Whether a picture was looked for and cannot be shown."""
        kept = self.kept.get(key)
        return kept is not None and kept.tile is None

    def _is_settled(self, kept: Kept | None, state: object) -> bool:
        if kept is None or kept.request != self.request:
            return False
        # What could not be shown is tried again when there is news of its entry.
        return kept.tile is not None or kept.state == state

    def _wish(self, key: Key) -> None:
        if key in self._loading or not self._waiting.add(key):
            return
        if self._rest is None:
            self._rest = self._host.set_timer(REST, self._rested, name="tiles")
        else:
            self._rest.reset()

    def _rested(self) -> None:
        self._rest = None
        self._waiting.end_batch()
        self._start()

    def _start(self) -> None:
        if not self._host.is_attached:
            return
        for _ in range(min(len(self._waiting), self._at_once - self._workers)):
            self._workers += 1
            self._host.run_worker(
                self._load_waiting(),
                group="tiles",
                description="Loads small pictures",
                exit_on_error=False,
            )

    async def _load_waiting(self) -> None:
        try:
            while self._host.is_attached:
                in_sight = self._in_sight()
                key = self._waiting.take(in_sight)
                if key is None:
                    return
                await self._load(key, in_sight[key])
        finally:
            self._workers -= 1
            self._start()

    async def _load(self, key: Key, state: object) -> None:
        request, tile = self.request, None
        self._loading.add(key)
        try:
            tile = await asyncio.to_thread(self._load_tile, key, request)
        finally:
            # Whatever came of it: it is not tried again and again.
            self._loading.discard(key)
            self._keep(key, Kept(request, state, tile))
        self._came(key)

    def _keep(self, key: Key, kept: Kept) -> None:
        if (before := self.kept.pop(key, None)) is not None:
            self._let_go(before)
        self.kept[key] = kept
        while len(self.kept) > self._most:
            self._let_go(self.kept.popitem(last=False)[1])

    def _let_go(self, kept: Kept) -> None:
        if kept.tile is not None:
            self._uploads.remove(kept.tile.kitty)
