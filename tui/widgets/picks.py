"""A row of words to pick from, wrapped where it is too long."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from msgspec import Struct
from rich.cells import cell_len
from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from tui.text import Shown, showable
from tui.widgets.data_message import DataMessage
from tui.widgets.plain import assembled

_GROUP_GAP = 2


class Pick(Struct, frozen=True):
    """A word that can be picked."""

    key: str
    """What it goes by in `Picks.Picked`."""
    text: Shown
    is_current: bool = False
    """Whether it says what is so already."""
    is_enabled: bool = True


class Place(Struct, frozen=True):
    """Where a pick is drawn."""

    pick: int
    """Its index, over all groups."""
    line: int
    start: int
    """Its first column."""
    end: int
    """The column after its last."""


class Picks(Widget, can_focus=True):
    """Groups of picks, one cursor over them all; the keys and the mouse pick."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "pick", "pick", id="pick"),
        Binding("left", "move(-1)", "Left", show=False, id="pick-left"),
        Binding("right", "move(1)", "Right", show=False, id="pick-right"),
    ]

    class Picked(DataMessage):
        """A word was picked."""

        key: str

    def __init__(self, groups: Sequence[Sequence[Pick]] = (), *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._groups = tuple(map(tuple, groups))
        self._cursor = 0

    @property
    def picks(self) -> tuple[Pick, ...]:
        """All picks, in their order."""
        return tuple(pick for group in self._groups for pick in group)

    def show(self, groups: Sequence[Sequence[Pick]]) -> None:
        """Offer `groups`, each from left to right."""
        before, width = self._groups, self.size.width
        key = self.picks[self._cursor].key if self._cursor < len(self.picks) else ""
        self._groups = tuple(map(tuple, groups))
        if self._groups == before:
            return
        keys = [pick.key for pick in self.picks]
        self._cursor = keys.index(key) if key in keys else self._first()
        height = _height(places(before, width))
        self.refresh(layout=_height(places(self._groups, width)) != height)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return _height(places(self._groups, width))

    def render(self) -> Content:
        parts: list[Shown | tuple[Shown, str]] = []
        line, column = 0, 0
        for place in places(self._groups, self.size.width):
            if place.line > line:
                parts.append(Shown("\n"))
                line, column = place.line, 0
            parts.append(showable(" " * (place.start - column)))
            parts.append((self.picks[place.pick].text, self._style(place.pick)))
            column = place.end
        return assembled(*parts)

    def on_focus(self) -> None:
        self._cursor = self._first()

    def on_click(self, event: events.Click) -> None:
        event.stop()
        for place in places(self._groups, self.size.width):
            if place.line == event.y and place.start <= event.x < place.end:
                self._cursor = place.pick
                self.action_pick()

    def action_move(self, steps: int) -> None:
        enabled = [index for index, pick in enumerate(self.picks) if pick.is_enabled]
        if enabled:
            here = enabled.index(self._cursor) if self._cursor in enabled else 0
            self._cursor = enabled[(here + steps) % len(enabled)]
            self.refresh()

    def action_pick(self) -> None:
        if self._cursor < len(self.picks) and self.picks[self._cursor].is_enabled:
            self.post_message(self.Picked(self.picks[self._cursor].key))

    def _first(self) -> int:
        """Where the cursor begins: at what is so, or else at the first."""
        return next((index for index, pick in enumerate(self.picks) if pick.is_current), 0)

    def _style(self, index: int) -> str:
        pick = self.picks[index]
        style = "bold underline $accent" if pick.is_current else "$text-quiet"
        if not pick.is_enabled:
            style = "dim $text-quiet"
        return f"{style} on $accent 25%" if self.has_focus and index == self._cursor else style


def places(groups: Sequence[Sequence[Pick]], width: int) -> list[Place]:
    """Where the picks go in lines of `width` cells.

    A group begins a new line where it does not fit into what is left of one.
    """
    found: list[Place] = []
    line, column, index = 0, 0, 0
    for group in groups:
        lengths = [cell_len(pick.text) for pick in group]
        if column and column + _GROUP_GAP + sum(lengths) + len(lengths) - 1 > width:
            line, column = line + 1, 0
        for number, length in enumerate(lengths):
            gap = (1 if number else _GROUP_GAP) if column else 0
            if column and column + gap + length > width:
                line, column, gap = line + 1, 0, 0
            found.append(Place(index, line, column + gap, column + gap + length))
            column += gap + length
            index += 1
    return found


def _height(placed: Sequence[Place]) -> int:
    return placed[-1].line + 1 if placed else 0
