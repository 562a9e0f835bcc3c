"""What the endpoint answered to a request that failed, word for word."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.history.entry import Failure
from tui.text import showable
from tui.widgets.key_bar import KeyBar
from tui.widgets.plain import plain
from tui.widgets.steady import Steady


class AnswerScreen(Steady, ModalScreen[None]):
    """Shows the body kept with a failure: without secrets, the first 64 KB of it."""

    CSS_PATH = "../styles/answer.tcss"
    AUTO_FOCUS = "#answer"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "close", "close", id="close-answer"),
    ]

    def __init__(self, failure: Failure) -> None:
        super().__init__()
        self._failure = failure

    def compose(self) -> ComposeResult:
        status = "" if self._failure.status is None else f" · status {self._failure.status}"
        with VerticalScroll(id="answer") as frame:
            frame.border_title = plain(showable(f"The endpoint's answer{status}"))
            frame.border_subtitle = "keys and picture data taken out"
            yield Static(plain(showable(self._failure.body)))
        yield KeyBar()

    def on_click(self, event: events.Click) -> None:
        if event.widget is self:
            self.dismiss(None)

    def action_close(self) -> None:
        self.dismiss(None)
