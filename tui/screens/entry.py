"""Everything of an entry, without touching the form."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.generation.actual import Difference
from tui.history.entry import Entry
from tui.history.entry_facts import entry_facts
from tui.text import Shown, one_line, showable
from tui.widgets.fact_rows import FactRow
from tui.widgets.key_bar import KeyBar
from tui.widgets.plain import plain
from tui.widgets.steady import Steady

LONGEST_VALUE = 2000
LONGEST_PROMPT = 6000
"""Characters that are shown; to draw more would be felt, and the editor holds it all."""
TITLE = Shown("Entry")
NO_PROMPT = Shown("(no prompt)")


class EntryScreen(Steady, ModalScreen[None]):
    """Shows an entry's prompt and facts."""

    CSS_PATH = "../styles/entry.tcss"
    AUTO_FOCUS = "#entry"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,i", "close", "close", id="close-entry"),
    ]

    def __init__(self, entry: Entry, differences: tuple[Difference, ...]) -> None:
        """`differences` is what came otherwise than it was asked for."""
        super().__init__()
        self._entry = entry
        self._differences = differences

    def compose(self) -> ComposeResult:
        entry = self._entry
        with VerticalScroll(id="entry") as frame:
            frame.border_title = plain(TITLE)
            yield Static(
                plain(showable(entry.prompt, limit=LONGEST_PROMPT) or NO_PROMPT), id="entry-prompt"
            )
            for fact in entry_facts(entry):
                yield FactRow(fact.name, plain(showable(fact.value, limit=LONGEST_VALUE)))
            for difference in self._differences:
                text = f"asked for {difference.asked}, came as {difference.came}"
                yield FactRow(difference.what, plain(one_line(text, limit=LONGEST_VALUE)))
        yield KeyBar()

    def on_click(self, event: events.Click) -> None:
        if event.widget is self:
            self.dismiss(None)

    def action_close(self) -> None:
        self.dismiss(None)
