"""How pictures reach this terminal: one piece of state of the application.

All that shows pictures follows it, on whichever screen it is: an `ImageView` by itself, and any
other widget once it calls, when it is mounted,

    follow_format(self, self._draw_in)

Its method is then called with the `PictureFormat` at once, and again whenever that changes: by the
key that switches graphics, or when the terminal's font is zoomed.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any, ClassVar

from msgspec import Struct
from msgspec.structs import replace
from textual import events
from textual.app import App
from textual.binding import Binding, BindingType
from textual.reactive import reactive
from textual.signal import Signal
from textual.widget import Widget

from tui.terminal import (
    DEFAULT_CELL_PIXELS,
    USUAL_SIXEL_LIMITS,
    Graphics,
    SixelLimits,
    TerminalFacts,
    read_cell_pixels,
)
from tui.text import Shown, showable

NAMES: dict[Graphics, Shown] = {
    "kitty": Shown("kitty's graphics"),
    "sixel": Shown("sixel"),
    "half": Shown("half cells"),
    "off": Shown("none"),
}
"""What the graphics are called, in the order in which the key goes through them."""


NOTICE = 3.0
"""Seconds; the key may be pressed several times."""


class PictureFormat(Struct, frozen=True):
    """How pictures are drawn, and in cells of what size."""

    graphics: Graphics = "half"
    cell_pixels: tuple[int, int] = DEFAULT_CELL_PIXELS
    """Width and height of the terminal's cells."""
    sixel_limits: SixelLimits = USUAL_SIXEL_LIMITS
    through_tmux: bool = False
    """Whether kitty's pictures are for the terminal outside tmux."""


def format_for(
    graphics: Graphics, terminal: TerminalFacts, *, through_tmux: bool = False
) -> PictureFormat:
    """How pictures are drawn in `terminal` when it is `graphics` that were chosen."""
    return PictureFormat(graphics, terminal.cell_pixels, terminal.sixel_limits, through_tmux)


class PictureApp(App[None]):
    """An application that shows pictures, every one of them in the same format."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f9", "switch_graphics", "Graphics", show=False, id="switch-graphics"),
    ]

    picture_format: reactive[PictureFormat] = reactive(PictureFormat(), repaint=False)

    @cached_property
    def exit_signal(self) -> Signal[None]:
        """Is published when the application is to end, while the terminal is still its own."""
        return Signal(self, "exit")

    def exit(self, result: None = None, return_code: int = 0, message: Any = None) -> None:
        """End. What is written when widgets go comes after the terminal was given back, and tmux
        drops what it is to pass on while it draws anew for that reason.
        """
        self.exit_signal.publish(None)
        super().exit(result, return_code, message)

    def action_switch_graphics(self) -> None:
        """Draw all pictures by the next graphics, until the program ends, and say by which."""
        order = list(NAMES)
        place = order.index(self.picture_format.graphics) + 1
        chosen, following = order[place % len(order)], order[(place + 1) % len(order)]
        self.picture_format = replace(self.picture_format, graphics=chosen)
        keys = [key for key, at in self.active_bindings.items() if _switches(at.binding)]
        again = f" {keys[0]} for {NAMES[following]}." if keys else ""
        self.notify(showable(f"Pictures: {NAMES[chosen]}.{again}"), timeout=NOTICE)

    def on_resize(self, _: events.Resize) -> None:
        # Zooming the terminal's font changes its cells as well as its size.
        if not self.is_headless and (cell_pixels := read_cell_pixels()) is not None:
            self.picture_format = replace(self.picture_format, cell_pixels=cell_pixels)


def follow_format(widget: Widget, tell: Callable[[PictureFormat], None]) -> None:
    """Have `tell` called with the format of the application, and with each that comes after it.

    Nothing is called in an application that has none.
    """
    if isinstance(widget.app, PictureApp):
        widget.watch(widget.app, "picture_format", tell)


def before_exit(widget: Widget, act: Callable[[None], None]) -> None:
    """Have `act` called when the application is to end, while the terminal is still its own."""
    if isinstance(widget.app, PictureApp):
        widget.app.exit_signal.subscribe(widget, act, immediate=True)


def _switches(binding: Binding) -> bool:
    return binding.action.removeprefix("app.") == "switch_graphics"
