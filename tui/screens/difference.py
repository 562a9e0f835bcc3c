"""What changed from one entry to another, as a screen."""

from __future__ import annotations

from typing import ClassVar

from textual import events, getters
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

from tui.history.comparing import Comparison
from tui.text import Shown
from tui.widgets.difference_view import DifferenceView
from tui.widgets.key_bar import KeyBar
from tui.widgets.plain import plain
from tui.widgets.steady import Steady

TITLE = Shown("What changed")


class DifferenceScreen(Steady, ModalScreen[None]):
    """Shows a comparison of two entries; what is the same is dim, and can be left out."""

    CSS_PATH = "../styles/difference.tcss"
    AUTO_FOCUS = "#difference"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,D", "close", "close", id="close-difference"),
        Binding("space", "show_same", "what stayed", id="show-same"),
    ]

    difference = getters.query_one("#difference", DifferenceView)

    def __init__(self, comparison: Comparison) -> None:
        super().__init__()
        self._comparison = comparison

    def compose(self) -> ComposeResult:
        view = DifferenceView(self._comparison, id="difference")
        view.border_title = plain(TITLE)
        yield view
        yield KeyBar()

    def on_click(self, event: events.Click) -> None:
        if event.widget is self:
            self.dismiss(None)

    def action_close(self) -> None:
        self.dismiss(None)

    def action_show_same(self) -> None:
        """Show what is the same in both, or leave it out again."""
        self.difference.turn_same()
