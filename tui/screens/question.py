"""A question that is answered by yes or no."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.text import Shown
from tui.widgets.key_bar import KeyBar
from tui.widgets.plain import plain
from tui.widgets.steady import Steady


class QuestionScreen(Steady, ModalScreen[bool]):
    """Dismisses with whether the user said yes.

    Enter says nothing: who presses it once more than meant must not pay for it.
    """

    CSS_PATH = "../styles/question.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", "yes", id="answer-yes"),
        Binding("n,escape", "answer(False)", "no", id="answer-no"),
    ]

    def __init__(self, title: Shown, text: Shown, question: Shown) -> None:
        """`text` is what there is to know before `question` is answered."""
        super().__init__()
        self._title = title
        self._text = text
        self._question = question

    def compose(self) -> ComposeResult:
        with Vertical(id="question") as box:
            box.border_title = plain(self._title)
            yield Static(plain(self._text), id="question-text")
            yield Static(plain(self._question), id="question-asked")
        yield KeyBar()

    def on_click(self, event: events.Click) -> None:
        if event.widget is self:
            self.dismiss(False)

    def action_answer(self, yes: bool) -> None:
        """Answer, and go."""
        self.dismiss(yes)
