"""How large the studio's panes are: as the style sheet has them, or as their edges were moved."""

from __future__ import annotations

from typing import Literal

from msgspec.structs import replace
from textual.css.scalar import Scalar
from textual.screen import Screen
from textual.widget import Widget

from tui.generation.session import PaneSizes
from tui.widgets.pane_edge import Edge

WIDE = 100
"""Columns from which on panes stand side by side."""
_PANES: dict[Edge, str] = {
    "history": "#history-pane",
    "details": "#details",
    "form": "#parameters",
    "prompt": "#prompt",
}
"""The pane that an edge makes larger or smaller."""
_NARROWEST = {"history": 20, "form": 26, "centre": 24}
_LOWEST = 3
_LEFT_OVER = 9
"""Rows that stay for what shares the screen with a pane."""


class PaneLayout:
    """Gives panes the sizes that were wished for, as far as there is room."""

    def __init__(self, screen: Screen[None], sizes: PaneSizes) -> None:
        self._screen = screen
        self.sizes = sizes

    def fit(self) -> None:
        """Follow the size of the screen."""
        (width, height), wish = self._screen.size, self.sizes
        is_wide = width >= WIDE
        room = width - _NARROWEST["centre"]
        history = _within(wish.history, _NARROWEST["history"], room - _NARROWEST["form"])
        _set(self._pane_of("history"), "width", history if is_wide else 0)
        room -= _columns(self._pane_of("history"))
        form = _within(wish.form, _NARROWEST["form"], room)
        _set(self._pane_of("form"), "width", form if is_wide else 0)
        rows = height - _LEFT_OVER
        _set(self._pane_of("details"), "height", _within(wish.details, _LOWEST, rows))
        _set(self._pane_of("prompt"), "height", _within(wish.prompt, _LOWEST, rows))

    def move(self, edge: Edge, cells: int) -> None:
        """Move an edge to the right or down by so many cells."""
        pane = self._pane_of(edge)
        is_wide = self._screen.size.width >= WIDE
        match edge:
            case "history" if is_wide:
                self.sizes = replace(self.sizes, history=max(1, _columns(pane) + cells))
            case "form" if is_wide:
                self.sizes = replace(self.sizes, form=max(1, _columns(pane) - cells))
            case "prompt":
                self.sizes = replace(self.sizes, prompt=max(1, _rows(pane) + cells))
            case "details":
                self.sizes = replace(self.sizes, details=max(1, _rows(pane) - cells))
            case _:
                return
        self.fit()

    def push(self, columns: int, rows: int) -> None:
        """Move an edge of the pane with the focus to the right, or else down."""
        focused, history = self._screen.focused, self._pane_of("history")
        in_history = focused is not None and history in focused.ancestors_with_self
        if columns:
            self.move("history" if in_history else "form", columns)
        else:
            self.move("details" if in_history else "prompt", rows)

    def reset(self) -> None:
        """Have all panes as the style sheet has them."""
        self.sizes = PaneSizes()
        self.fit()

    def _pane_of(self, edge: Edge) -> Widget:
        return self._screen.query_one(_PANES[edge])


def _set(pane: Widget, side: Literal["width", "height"], cells: int) -> None:
    """Give a side of `pane` so many cells; as many as the style sheet says for 0."""
    setattr(pane.styles, side, cells or None)


def _columns(pane: Widget) -> int:
    """The columns that `pane` is to have, which it may not have yet."""
    return _cells(pane.styles.width, pane.outer_size.width)


def _rows(pane: Widget) -> int:
    """The rows that `pane` is to have, which it may not have yet."""
    return _cells(pane.styles.height, pane.outer_size.height)


def _cells(size: Scalar | None, now: int) -> int:
    return int(size.value) if size is not None and size.is_cells else now


def _within(wish: int, least: int, most: int) -> int:
    """`wish` between two limits; 0 where nothing is wished for, or where there is no room."""
    return 0 if not wish or most < least else max(least, min(wish, most))
