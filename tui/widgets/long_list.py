"""What a list needs that may be long, is drawn line by line and changes its length often.

Textual lays out the whole screen for each new length, draws the scroll bar anew for each layout,
and for each line that is scrolled. Here all that happens when it shows.
"""

from __future__ import annotations

from textual.geometry import Size
from textual.reactive import Reactive
from textual.scrollbar import ScrollBar

from tui.widgets.line_view import LineView

_STEPS = 8
"""The places in a cell at which a bar may begin."""


class LongList(LineView):
    """A view of lines, of which only those on screen are drawn."""

    virtual_size = Reactive(Size(0, 0))

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._measures: tuple[Size, Size] | None = None

    def watch_virtual_size(self, size: Size) -> None:
        self._scroll_update(size)

    @property
    def vertical_scrollbar(self) -> ScrollBar:
        if self._vertical_scrollbar is None:
            width = self.scrollbar_size_vertical
            bar = LongScrollBar(vertical=True, name="vertical", thickness=width)
            bar.display = False
            self._vertical_scrollbar = bar
            self.app._start_widget(self, bar)
        return self._vertical_scrollbar

    def _scroll_update(self, virtual_size: Size) -> None:
        if (measures := (virtual_size, self.container_size)) != self._measures:
            self._measures = measures
            super()._scroll_update(virtual_size)


class LongScrollBar(ScrollBar):
    """Moves by what can be seen, which may be many lines."""

    def validate_position(self, position: float) -> float:
        farthest = self.window_virtual_size - self.window_size
        step = farthest / max(1, self.size.height * _STEPS)
        if step <= 1 or position >= farthest:
            return super().validate_position(position)
        return position // step * step
