"""A picture in a pane, by whatever graphics the terminal has."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from rich.style import Style
from textual import work
from textual.content import Content
from textual.geometry import Region, Size
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget
from textual.worker import Worker, WorkerState

from tui.history.wording import file_size
from tui.images.originals import Originals
from tui.images.preview import HALF_CELLS, PreviewRequest
from tui.images.zoom import WHOLE, Frame, Zoom
from tui.terminal import DEFAULT_CELL_PIXELS, USUAL_SIXEL_LIMITS, Graphics, SixelLimits
from tui.text import Shown, one_for_one, one_line, showable
from tui.widgets.data_message import DataMessage
from tui.widgets.kitty_uploads import KittyUploads
from tui.widgets.picture_format import PictureFormat, follow_format
from tui.widgets.picture_strip import Drawing, Drawn, KittyDrawing, PictureStrip, SixelDrawing
from tui.widgets.plain import plain, segment
from tui.widgets.preview_loader import PreviewLoader

if TYPE_CHECKING:
    from tui.images.preview import Preview

_LONGEST_NAME = 60
_PATIENCE = 0.15
"""Seconds after which it is said that a picture takes a while; the one before stays until then."""
_SCROLLING = 0.25
"""Seconds between two pictures below which somebody goes through many of them."""
_REST = 0.03
"""Seconds that one is looked at, in passing, before work on it begins."""


class ImageView(Widget):
    """Shows one image file, as large as it fits, and never waits for it on the event loop.

    It is drawn in the format of the application, and in half cells where that has none.
    """

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {"image-view--place"}
    """Where a picture is going to be."""
    DEFAULT_CSS = """
    ImageView {
        width: 1fr;
        height: 1fr;
        color: $text-muted;
    }
    ImageView > .image-view--place {
        background: $panel;
    }
    """

    graphics: reactive[Graphics] = reactive[Graphics]("half", init=False, repaint=False)
    """How pictures are drawn; off: a line of text in their place."""
    cell_pixels: reactive[tuple[int, int]] = reactive(
        DEFAULT_CELL_PIXELS, init=False, repaint=False
    )
    """Width and height of the terminal's cells."""
    sixel_limits: reactive[SixelLimits] = reactive(USUAL_SIXEL_LIMITS, init=False, repaint=False)
    empty_hint: reactive[Shown] = reactive(Shown(""))
    """What is said while there is no picture."""

    class Settled(DataMessage):
        """What `show` asked for is on the screen."""

        path: Path
        problem: str
        """Why the image cannot be shown; empty when it is."""

    def __init__(
        self,
        *,
        empty_hint: Shown = Shown(""),
        originals: Originals | None = None,
        previews: Path | None = None,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        """`originals` is for views that show the same pictures, `previews` the folder where
        pictures, scaled, are kept for the next time.
        """
        super().__init__(id=id, classes=classes)
        self.set_reactive(ImageView.empty_hint, empty_hint)
        self._path: Path | None = None
        self._zoom = WHOLE
        self._sha256 = ""
        self._wanted: PreviewRequest | None = None
        self._settled: PreviewRequest | None = None
        self._preview: Preview | None = None
        self._problem = ""
        self._preparing = False
        self._asked_at = self._outdated_at = 0.0
        self._rest_until = 0.0
        self._uploads = KittyUploads(self)
        self._previews = PreviewLoader(
            lambda old: self._uploads.remove(old.kitty), originals=originals, folder=previews
        )

    @property
    def path(self) -> Path | None:
        """The image that is shown, or is to be."""
        return self._path

    @property
    def sha256(self) -> str:
        """That of the image's file, as far as it is known."""
        return self._sha256

    @property
    def zoom(self) -> Zoom:
        """What of the image is shown, or is to be."""
        return self._zoom

    @property
    def frame(self) -> Frame | None:
        """The image and the room it is seen in; None while its size is not known."""
        wanted, settled, preview = self._wanted, self._settled, self._preview
        if wanted is None or settled is None or preview is None or settled.path != wanted.path:
            return None
        return self.frame_for((preview.width, preview.height))

    def frame_for(self, picture: tuple[int, int]) -> Frame | None:
        """An image of that width and height in the room there is now; None without any."""
        request = self._wanted
        if request is None or request.graphics == "off":
            return None
        # What draws has mostly been loaded by now, in a thread.
        from tui.images.prepare import frame_of

        return frame_of(request, picture)

    @property
    def cell_dots(self) -> tuple[int, int]:
        """Width and height of a cell in the smallest things that can be drawn."""
        return HALF_CELLS if self.graphics == "half" else self.cell_pixels

    def show(self, path: Path | None, sha256: str = "", zoom: Zoom = WHOLE) -> None:
        """Show what `zoom` shows of the image in the file `path`, or none. Returns at once.

        `sha256` is that of the file's bytes, as far as it is known. What was shown stays until the
        new picture is ready, or it is clear that it takes a while.
        """
        self._path, self._zoom = path, zoom
        self._sha256 = sha256
        if self._problem:
            self._wanted = self._settled = None  # It may have gone away.
        self._follow()

    def watch_graphics(self) -> None:
        self.refresh()
        self._follow()

    def watch_cell_pixels(self) -> None:
        self._follow()

    def watch_sixel_limits(self) -> None:
        self._follow()

    def on_mount(self) -> None:
        self._uploads.watch()
        follow_format(self, self._draw_in)

    def on_resize(self) -> None:
        self._follow()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        if self.is_attached:
            self._follow()

    def on_unmount(self) -> None:
        self._previews.stop()
        for preview in self._previews:
            self._uploads.remove(preview.kitty)
        self._uploads.close()
        # A screen that was closed lies about until Python looks for garbage, and its pictures are
        # most of what there is to go through then.
        self._preview = None
        self._previews.forget()
        self._styles_cache.clear()

    def _draw_in(self, format: PictureFormat) -> None:
        self.graphics = format.graphics
        self.cell_pixels = format.cell_pixels
        self.sixel_limits = format.sixel_limits

    # What is to be shown, and preparing it

    def _follow(self) -> None:
        """See to it that what is wanted now gets shown."""
        wanted = self._request()
        if wanted == self._wanted:
            return
        self._wanted = wanted
        self._previews.stop()
        if wanted is None:
            self._settle(None, None)
            return
        now = time.monotonic()
        is_scrolling = now - self._asked_at < _SCROLLING
        self._asked_at = now
        self._rest_until = now + _REST if is_scrolling else now
        if not self._preparing:
            self._preparing = True
            self._outdated_at = now
            self._prepare_wanted()

    def _request(self) -> PreviewRequest | None:
        room = self.room
        if self._path is None or not room.area:
            return None
        return PreviewRequest(
            path=self._path,
            columns=room.width,
            rows=room.height,
            cell_pixels=self.cell_pixels,
            graphics=self.graphics,
            background=self.background_colors[1].rgb,
            sixel_limits=self.sixel_limits,
            zoom=self._zoom,
            sha256=self._sha256,
        )

    @property
    def room(self) -> Size:
        """Columns and rows for the picture."""
        width, height = self.content_size
        if (
            height
            and self.graphics == "sixel"
            and self.content_region.bottom >= self.screen.size.height
        ):
            # A sixel picture on the last row makes some terminals scroll.
            height -= 1
        return Size(width, height)

    @work(group="image-view", exit_on_error=False)
    async def _prepare_wanted(self) -> None:
        # One picture at a time, whatever happens meanwhile: then the one wanted by now.
        try:
            while (request := self._wanted) is not None and request != self._settled:
                patience = self._outdated_at + _PATIENCE - time.monotonic()
                if (rest := self._rest_until - time.monotonic()) > 0:
                    if patience <= 0:
                        self._say_that_it_takes_a_while(None)
                    await asyncio.sleep(rest)
                    continue
                preview = await self._previews.load(
                    request,
                    self.app.console.color_system,
                    max(0.0, patience),
                    self._say_that_it_takes_a_while,
                )
                if request == self._wanted and preview is not None:
                    self._settle(request, preview)
        finally:
            self._preparing = False

    def _say_that_it_takes_a_while(self, place: Preview | None) -> None:
        """Show the place of the picture, as far as that is known."""
        same = self._settled and self._wanted and self._settled.path == self._wanted.path
        if not same and (self._settled or place):
            self._settle(None, place)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        if event.state is WorkerState.ERROR and event.worker.group == "image-view":
            error = type(event.worker.error).__name__
            self._settle(self._wanted, f"an unexpected error ({error}); the file is unharmed")

    def _settle(self, request: PreviewRequest | None, outcome: Preview | str | None) -> None:
        self._settled = request
        self._problem = outcome if isinstance(outcome, str) else ""
        self._preview = None if isinstance(outcome, str) else outcome
        self.refresh()
        if request is not None:
            self.post_message(self.Settled(request.path, self._problem))

    # Drawing

    def render_line(self, y: int) -> Strip:
        width, height = self.content_size
        style = self.visual_style.rich_style
        if lines := self._text_lines(width):
            line = y - (height - len(lines)) // 2
            if not 0 <= line < len(lines):
                return Strip.blank(width, style)
            text = Strip([segment(one_for_one(lines[line].plain), style)])
            return next(iter(Strip.align([text], style, width, 1, "center", "top")))
        if self._preview is None:
            return Strip.blank(width, style)
        x, first = self._corner(self._preview)
        if not 0 <= y - first < self._preview.rows:
            return Strip.blank(width, style)
        cells = self._cells(self._preview, y - first)
        if x < 0:
            return cells.crop(-x, width - x)
        return cells.crop_pad(self._preview.columns, x, width - x - self._preview.columns, style)

    def _cells(self, preview: Preview, row: int) -> Strip:
        if preview.half:
            return Strip(preview.half[row], preview.columns)
        return Strip.blank(preview.columns, self.get_component_rich_style("image-view--place"))

    def render_lines(self, crop: Region) -> list[Strip]:
        strips = super().render_lines(crop)
        preview = self._preview
        if preview is None or not preview.half or self._text():
            return strips
        drawing = self._drawing(preview)
        if drawing is None and (self.screen.is_active or not self._fits(preview)):
            return strips
        corner = self._picture_region(preview).offset - self.region.offset
        for index, line in enumerate(crop.line_range):
            if not 0 <= (row := line - corner.y) < preview.rows:
                continue
            strip, start = strips[index], crop.x - corner.x
            if drawing is not None:
                x, y = self.region.x + crop.x, self.region.y + line
                strips[index] = PictureStrip(strip, [Drawn(drawing, row, -start)], x, y)
            else:
                # Textual dims what is under a modal screen segment by segment, 40 µs for each.
                tiles = Strip(preview.mosaic[row], preview.columns)
                strips[index] = _overlaid(strip, tiles, -start)
        return strips

    def _drawing(self, preview: Preview) -> Drawing | None:
        """The picture in pixels, where the terminal can be given them now."""
        if not self._fits(preview) or not self.screen.is_active or self.app.is_inline:
            return None
        if self.graphics == "kitty" and preview.kitty:
            return KittyDrawing(preview.kitty, preview.columns, self._uploads.upload)
        if self.graphics == "sixel" and preview.sixel and self._is_wholly_visible():
            background = Style(bgcolor=self.background_colors[1].rich_color)
            blank_row = Strip.blank(preview.columns, background).render(self.app.console)
            region = self._picture_region(preview)
            return SixelDrawing(preview.sixel, region, blank_row, self._picture_is_out)
        return None

    def _corner(self, preview: Preview) -> tuple[int, int]:
        """Column and row of the content where the picture begins; negative when it is larger."""
        room = self.room
        return (room.width - preview.columns) // 2, (room.height - preview.rows) // 2

    def _picture_region(self, preview: Preview) -> Region:
        x, y = self._corner(preview)
        return Region(x, y, preview.columns, preview.rows).translate(self.content_region.offset)

    def _fits(self, preview: Preview) -> bool:
        """Whether the picture was made for a pane no larger than this; a new one is on its way."""
        return preview.columns <= self.room.width and preview.rows <= self.room.height

    def _is_wholly_visible(self) -> bool:
        return self.region == self.screen.find_widget(self).visible_region

    def _picture_is_out(self) -> None:
        self.call_later(self._repaint_what_covers)

    def _repaint_what_covers(self) -> None:
        """Bring to the front what lies above the picture, such as a notification."""
        if self._preview is None or not self.is_attached:
            return
        picture = self._picture_region(self._preview)
        # Textual has no public list of the widgets above another.
        for widget, (region, clip) in self.screen._compositor.visible_widgets.items():
            if widget is self:
                break
            if region.intersection(clip).overlaps(picture):
                widget.refresh()

    # Text in place of a picture

    def _text_lines(self, width: int) -> list[Content]:
        text = self._text()
        return plain(text).wrap(width) if text and width > 0 else []

    def _text(self) -> Shown:
        if self._path is None:
            return self.empty_hint
        if self._problem:
            return showable(
                f"{_name(self._path)} cannot be shown: {one_line(self._problem, limit=200)}"
            )
        if self._preview is None:
            return Shown("…")
        if self.graphics == "off" or not self._preview.rows:
            size = f"{self._preview.width}×{self._preview.height}"
            return showable(f"{_name(self._path)} · {size} · {file_size(self._preview.bytes)}")
        return Shown("")


def _overlaid(strip: Strip, cells: Strip, x: int) -> Strip:
    """`strip` with `cells` in place of its own from column `x` on, which may be negative."""
    end = x + cells.cell_length
    return Strip.join(
        [
            strip.crop(0, max(0, x)),
            cells.crop(max(0, -x), strip.cell_length - x),
            strip.crop(end) if end < strip.cell_length else Strip([]),
        ]
    )


def _name(path: Path) -> str:
    return one_line(path.name, limit=_LONGEST_NAME)
