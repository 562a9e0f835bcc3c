"""Screens that stay on their feet however fast keys and clicks come."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from textual import events
from textual._callback import invoke
from textual.await_complete import AwaitComplete
from textual.command import CommandPalette
from textual.geometry import Size
from textual.screen import Screen
from textual.widget import Widget

from tui.widgets.yielding import Yielding

Result = TypeVar("Result")

if TYPE_CHECKING:
    _Base = Screen[Any]
else:
    # Textual takes styles from the first base that is a node, so that this may not be one.
    _Base = object


class Steady(Yielding, _Base):
    """To be named before the class of a screen."""

    def dismiss(self, result: Any = None) -> AwaitComplete:
        """Dismiss the screen, once.

        Textual takes away whichever screen is on top: a second time, of a double click or of keys
        typed ahead, that is the one beneath, and it fails where there is none.
        """
        if self.app.screen is not self:
            return AwaitComplete()
        return super().dismiss(result)

    def call_after_refresh(self, callback: Callable[..., object], *args: Any, **named: Any) -> bool:
        """Call `callback` once the screen was drawn, unless it is closed by then.

        Textual leaves that to the screen on top, which may be another one: it came to a screen that
        had no widgets any more (8.2).
        """
        return super().call_after_refresh(self._call_if_open, partial(callback, *args, **named))

    def _refresh_layout(self, size: Size | None = None, scroll: bool = False) -> None:
        """Lay out, and draw at once; where the screen has a new size, draw as the next thing.

        It is styled anew for its size first, and others have their turn in between.
        """
        if size is None or not self.app._dom_ready:
            super()._refresh_layout(size, scroll)
            return
        with self.app.batch_update():
            super()._refresh_layout(size, scroll)

    async def _call_if_open(self, callback: Callable[[], object]) -> None:
        if self.is_running and not self._pruning:
            await invoke(callback)

    def _forward_event(self, event: events.Event) -> None:
        # While a form is built anew, the screen still shows fields that are no longer in it, and
        # Textual fails over a click on one (8.2).
        if isinstance(event, events.MouseDown) and not self._is_on_a_live_widget(event):
            return
        super()._forward_event(event)

    def _is_on_a_live_widget(self, event: events.MouseDown) -> bool:
        widget, _ = self.get_widget_and_offset_at(event.x, event.y)
        return widget is None or widget.is_attached


def open_over(
    widget: Widget,
    screen: Screen[Result],
    then: Callable[[Result | None], None] | None = None,
) -> None:
    """Push `screen`, unless the screen of `widget` has another one over it already.

    Clicks that come faster than screens open would else open one over the other.
    """
    if widget.app.screen is widget.screen:
        widget.app.push_screen(screen, then)


def when_settled(widgets: Iterable[Widget | None], then: Callable[[], object]) -> None:
    """Call `then` once `widgets`, and all that they lie in, dealt with what was on its way.

    A key with priority overtakes those typed before it, which still wait in the widget that has
    the focus: a request sent at once would lack the end of its prompt.
    """
    nodes = [
        node for widget in widgets if widget is not None for node in widget.ancestors_with_self
    ]
    queues = [node for node in nodes if isinstance(node, Widget)]
    # Twice each: dealing with a key leaves a message of its own behind what waited already.
    _in_turn([node for node in queues for _ in range(2)], then)


def _in_turn(queues: list[Widget], then: Callable[[], object]) -> None:
    while queues:
        first, *queues = queues
        if first.call_later(_in_turn, queues, then):
            return
        # It is being removed, and takes nothing more.
    then()


class Palette(Steady, CommandPalette):
    """The command palette."""
