"""What shall be deleted: the records at the endpoint, the entries here, or both."""

from __future__ import annotations

from typing import ClassVar, Literal, TypeAlias

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

Where: TypeAlias = Literal["there", "here", "both"]
TITLE = Shown("Delete")
ASKED = Shown("What shall be deleted?")


class RemovalQuestion(Steady, ModalScreen[Where | None]):
    """Dismisses with what shall be deleted, or None.

    Enter says nothing, as with any question.
    """

    CSS_PATH = "../styles/question.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t", "answer('there')", "there, at the endpoint", id="delete-there"),
        Binding("h", "answer('here')", "here, into the trash", id="delete-here"),
        Binding("b", "answer('both')", "both", id="delete-both"),
        Binding("n,escape", "cancel", "nothing", id="delete-nothing"),
    ]

    def __init__(self, text: Shown, *, has_entries: bool) -> None:
        """`text` says what will be lost; `has_entries` where there are some here."""
        super().__init__()
        self._text = text
        self._has_entries = has_entries

    def compose(self) -> ComposeResult:
        with Vertical(id="question") as box:
            box.border_title = plain(TITLE)
            yield Static(plain(self._text), id="question-text")
            yield Static(plain(ASKED), id="question-asked")
        yield KeyBar()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return self._has_entries or parameters not in (("here",), ("both",))

    def on_click(self, event: events.Click) -> None:
        if event.widget is self:
            self.dismiss(None)

    def action_answer(self, where: Where) -> None:
        """Answer, and go."""
        self.dismiss(where)

    def action_cancel(self) -> None:
        self.dismiss(None)
