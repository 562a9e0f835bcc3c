"""Edges between panes, which can be dragged."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from textual import events
from textual.widget import Widget

from tui.widgets.data_message import DataMessage

Edge = Literal["history", "details", "form", "prompt"]
"""Right of the history, above the details, left of the form, and below the prompt."""
Side = Literal["left", "right", "top", "bottom"]

if TYPE_CHECKING:
    _Base = Widget
else:
    # Textual takes styles and keys from the first base that is a node, so that this may not be one.
    _Base = object


class EdgeDragged(DataMessage):
    """The mouse moved an edge, to the right or down by so many cells."""

    edge: Edge
    cells: int


class HasEdge(_Base):
    """To be named before the class of a pane, one side of which can be dragged."""

    EDGE: ClassVar[Edge]
    SIDE: ClassVar[Side]
    _dragged_from: int | None = None

    def on_mouse_down(self, event: events.MouseDown) -> None:
        if self._is_on_edge(event):
            self._dragged_from = self._along(event)
            self.capture_mouse()
            event.stop()
            event.prevent_default()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self._dragged_from is None:
            return
        event.stop()
        event.prevent_default()
        place = self._along(event)
        if place != self._dragged_from:
            self.post_message(EdgeDragged(self.EDGE, place - self._dragged_from))
            self._dragged_from = place

    def on_mouse_up(self, event: events.MouseUp) -> None:
        if self._dragged_from is not None:
            self._dragged_from = None
            self.release_mouse()
            event.stop()
            event.prevent_default()

    def _along(self, event: events.MouseEvent) -> int:
        return event.screen_x if self.SIDE in ("left", "right") else event.screen_y

    def _is_on_edge(self, event: events.MouseEvent) -> bool:
        spacing, region = self.styles.border.spacing, self.region
        x, y = event.screen_x, event.screen_y
        match self.SIDE:
            case "left":
                return bool(spacing.left) and x == region.x
            case "right":
                return bool(spacing.right) and x == region.right - 1
            case "top":
                return bool(spacing.top) and y == region.y
            case "bottom":
                return bool(spacing.bottom) and y == region.bottom - 1
