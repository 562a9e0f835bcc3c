"""A picture that keys and the mouse make larger, smaller, and move."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import ClassVar

from textual import events, on, work
from textual.binding import Binding, BindingType
from textual.geometry import Offset

from tui.images.zoom import (
    ACTUAL,
    CENTRE,
    WHOLE,
    Frame,
    Point,
    Zoom,
    panned,
    scale_of,
    stepped,
    zoomed_to,
)
from tui.widgets.data_message import DataMessage
from tui.widgets.image_view import ImageView

PARTS = 8
"""Steps that move by all that is seen."""
REST = 0.3
"""Seconds after which a picture is made ready to be seen in parts."""


class ZoomView(ImageView, can_focus=True):
    """Shows any part of an image, from the pixels of the file."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "plus,equals_sign", "zoom(1)", "in", key_display="+", tooltip="Zoom in", id="zoom-in"
        ),
        Binding(
            "minus,underscore",
            "zoom(-1)",
            "out",
            key_display="-",
            tooltip="Zoom out",
            id="zoom-out",
        ),
        Binding("1,z", "actual", "1:1", tooltip="Each pixel as it is", id="zoom-actual"),
        Binding("0", "whole", "fit", tooltip="The whole picture", id="zoom-whole"),
        Binding("left,h", "pan(-1, 0)", "To the left", show=False, id="pan-left"),
        Binding("right,l", "pan(1, 0)", "To the right", show=False, id="pan-right"),
        Binding("up,k", "pan(0, -1)", "Up", show=False, id="pan-up"),
        Binding("down,j", "pan(0, 1)", "Down", show=False, id="pan-down"),
    ]

    class Zoomed(DataMessage):
        """The user sees another part of the picture, or it larger or smaller."""

        view: ZoomView
        zoom: Zoom

    class Turned(DataMessage):
        """The user went on to a side where there is no more of the picture, since all is seen."""

        steps: int
        """1 to the right, -1 to the left."""

    _drag: tuple[Offset, Zoom] | None = None
    """Where on the screen the mouse took hold, and what was seen then."""

    @on(ImageView.Settled)
    def _look_ahead(self) -> None:
        if self.zoom.is_whole and self.frame is not None and self.path is not None:
            self._make_ready(self.path)

    @work(group="ready", description="Decodes ahead", exclusive=True, exit_on_error=False)
    async def _make_ready(self, path: Path) -> None:
        # Who goes from picture to picture does not look closer.
        await asyncio.sleep(REST)
        if path == self.path:
            await self._previews.make_ready(path, self.background_colors[1].rgb)

    def action_zoom(self, steps: int) -> None:
        self._step(steps, CENTRE)

    def action_actual(self) -> None:
        """Show each pixel of the picture as one of the screen's, or of its half cells."""
        frame = self.frame
        self._go(Zoom(ACTUAL) if frame is None else zoomed_to(self.zoom, frame, ACTUAL))

    def action_whole(self) -> None:
        self._go(WHOLE)

    def action_pan(self, right: int, down: int) -> None:
        """Move by a part of what is seen; where that is all, sideways is on to another picture."""
        frame = self.frame
        if self.zoom.is_whole:
            if right:
                self.post_message(self.Turned(right))
        elif frame is not None:
            steps = (max(1, side // PARTS) for side in frame.room)
            across, along = steps
            self._go(panned(self.zoom, frame, right * across, down * along))

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self._step_at(1, event)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self._step_at(-1, event)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        if event.button == 1 and not self.zoom.is_whole:
            self._drag = event.screen_offset, self.zoom
            self.capture_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        frame = self.frame
        if self._drag is None or frame is None:
            return
        # From where it took hold: so the picture stays beneath the pointer.
        (x, y), zoom = self._drag
        columns, lines = x - event.screen_x, y - event.screen_y
        across, down = self.cell_dots
        self._go(panned(zoom, frame, columns * across, lines * down))

    def on_mouse_up(self) -> None:
        self._let_go()

    def on_mouse_release(self) -> None:
        self._drag = None

    def _let_go(self) -> None:
        if self._drag is not None:
            self._drag = None
            self.release_mouse()

    def _step(self, steps: int, at: Point) -> None:
        if (frame := self.frame) is not None:
            self._go(stepped(self.zoom, frame, steps, at))

    def _step_at(self, steps: int, event: events.MouseEvent) -> None:
        """Step, with what the mouse points at staying there."""
        event.stop()
        if (frame := self.frame) is not None:
            x, y = event.screen_offset - self.content_region.offset
            # The picture lies in the middle, also where it cannot fill the room.
            across = (x + 0.5 - self.room.width / 2) * self.cell_dots[0] / frame.room[0]
            down = (y + 0.5 - self.room.height / 2) * self.cell_dots[1] / frame.room[1]
            self._step(steps, (_share(across), _share(down)))

    def _go(self, zoom: Zoom) -> None:
        if zoom != self.zoom and self.path is not None:
            self.show(self.path, self.sha256, zoom)
            self.post_message(self.Zoomed(self, zoom))


def _share(from_middle: float) -> float:
    return min(1.0, max(0.0, from_middle + 0.5))


def percent(zoom: Zoom, frame: Frame) -> str:
    """How large a picture is seen: 100 % is a dot of the screen for each pixel."""
    share = scale_of(zoom, frame) * 100
    return f"{share:.0f} %" if share >= 10 else f"{share:.1f} %"
