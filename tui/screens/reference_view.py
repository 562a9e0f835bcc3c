"""A reference as large as the screen, as it would be sent."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import Static

from tui.generation.reference_desk import ReferenceState
from tui.generation.reference_slots import numbers_of
from tui.generation.reference_words import changed_words, sent_words
from tui.text import one_line, showable
from tui.widgets.image_view import ImageView
from tui.widgets.key_bar import KeyBar
from tui.widgets.plain import assembled
from tui.widgets.steady import Steady
from tui.widgets.zoom_view import ZoomView, percent


class ReferenceView(Steady, Screen[None]):
    """Shows the very pixels that are sent, one reference after the other."""

    CSS_PATH = "../styles/reference.tcss"
    AUTO_FOCUS = "#view"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,space", "close", "close", id="close-reference"),
        Binding("n,pagedown,full_stop", "turn(1)", "next", id="next-reference"),
        Binding("p,pageup,comma", "turn(-1)", "previous", id="previous-reference"),
    ]

    view = getters.query_one("#view", ZoomView)

    def __init__(self, states: Sequence[ReferenceState], index: int, previews: Path) -> None:
        """`states` are those of all references, and the one of that `index`, which is ready, is
        seen first; `previews` is the folder where pictures, scaled, are kept.
        """
        super().__init__()
        self._numbers = numbers_of(state.reference for state in states)
        self._states = {n: each for n, each in enumerate(states) if each.prepared is not None}
        self._index = index
        self._previews = previews

    def compose(self) -> ComposeResult:
        yield ZoomView(previews=self._previews, id="view")
        yield Static(id="reference-caption")
        yield KeyBar()

    def on_mount(self) -> None:
        self._show()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return action != "turn" or len(self._states) > 1

    def action_close(self) -> None:
        self.dismiss(None)

    def action_turn(self, steps: int) -> None:
        """Show the next one, or the one before."""
        order = list(self._states)
        self._index = order[(order.index(self._index) + steps) % len(order)]
        self._show()

    @on(ZoomView.Turned)
    def _turned(self, event: ZoomView.Turned) -> None:
        self.action_turn(event.steps)

    @on(ZoomView.Zoomed)
    @on(ImageView.Settled)
    def _seen(self) -> None:
        self._show_caption()

    def _show(self) -> None:
        prepared = self._states[self._index].prepared
        assert prepared is not None
        self.view.show(prepared.file, prepared.sha256)
        self._show_caption()

    def _show_caption(self) -> None:
        state = self._states[self._index]
        assert state.prepared is not None
        seen = f" · {percent(self.view.zoom, self.view.frame)}" if self.view.frame else ""
        name = one_line(state.reference.name, limit=100)
        words = one_line(f"{sent_words(state.prepared)}{seen}")
        changes = one_line(state.objection or changed_words(state.prepared))
        self.query_one("#reference-caption", Static).update(
            assembled(
                (showable(f" {self._numbers[self._index]} "), "bold $background on $accent"),
                (showable(f" {name}  "), "$foreground"),
                (showable(f"{words}  "), "$foreground"),
                (changes, "$text-quiet"),
            ),
            layout=False,
        )
