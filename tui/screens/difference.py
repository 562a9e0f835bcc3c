"""What changed from one entry to another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.history.comparing import Change, Comparison, Kind, Run
from tui.text import Shown, one_line, showable
from tui.widgets.fact_rows import FactRow
from tui.widgets.key_bar import KeyBar
from tui.widgets.plain import assembled, plain
from tui.widgets.steady import Steady

LONGEST_VALUE = 2000
LONGEST_PROMPT = 6000
"""Characters of both prompts; to draw more would be felt."""
CONTEXT = 300
"""Characters of what is the same that are shown beside a change in longer ones."""
TITLE = Shown("What changed")
_BLANK = Shown(" ")
ARROW = Shown(" → ")
NOTHING = Shown("–")
SAME_PROMPT = Shown("The same prompt.")
MORE = Shown(" … more has changed than is shown here.")
# Not by colour alone: what went is struck out, what came is underlined.
_STYLES: dict[Kind, str] = {
    "same": "",
    "removed": "strike $error",
    "added": "underline bold $success",
}


class DifferenceScreen(Steady, ModalScreen[None]):
    """Shows a comparison of two entries; what is the same is dim, and can be left out."""

    CSS_PATH = "../styles/difference.tcss"
    AUTO_FOCUS = "#difference"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,D", "close", "close", id="close-difference"),
        Binding("space", "show_same", "what stayed", id="show-same"),
    ]

    def __init__(self, comparison: Comparison) -> None:
        super().__init__()
        self._comparison = comparison

    def compose(self) -> ComposeResult:
        found = self._comparison
        with VerticalScroll(id="difference") as frame:
            frame.border_title = plain(TITLE)
            yield Static(self._prompt(), id="difference-prompt")
            for change in found.facts:
                yield FactRow(change.name, _value(change), is_quiet=change.is_same)
        yield KeyBar()

    def on_click(self, event: events.Click) -> None:
        if event.widget is self:
            self.dismiss(None)

    def action_close(self) -> None:
        self.dismiss(None)

    def action_show_same(self) -> None:
        """Show what is the same in both, or leave it out again."""
        self.toggle_class("-all")

    def _prompt(self) -> Content:
        runs = self._comparison.prompt
        if all(run.kind == "same" for run in runs):
            return plain(SAME_PROMPT)
        return assembled(*_parts(runs))


def _parts(runs: Sequence[Run]) -> Iterator[tuple[Shown, str]]:
    """The runs with their styles, those of long prompts shortened."""
    is_long = sum(len(run.text) for run in runs) > LONGEST_PROMPT
    room = LONGEST_PROMPT
    for run, following in zip_longest(runs, runs[1:]):
        if room <= 0:
            yield MORE, "italic $text-quiet"
            return
        if is_long and run.kind == "same" and len(run.text) > 2 * CONTEXT:
            yield showable(run.text[:CONTEXT]), ""
            left_out = len(run.text) - 2 * CONTEXT
            yield showable(f" … {left_out:,} characters the same … "), "italic $text-quiet"
            yield showable(run.text[-CONTEXT:]), ""
            room -= 2 * CONTEXT
            continue
        text = showable(run.text, limit=min(room, LONGEST_VALUE) if is_long else None)
        yield text, _STYLES[run.kind]
        room -= len(text)
        if run.kind == "removed" and following and following.kind == "added":
            yield _BLANK, ""


def _value(change: Change) -> Content:
    after = one_line(change.after, limit=LONGEST_VALUE) or NOTHING
    if change.is_same:
        return plain(after)
    before = one_line(change.before, limit=LONGEST_VALUE) or NOTHING
    return assembled(before, ARROW, (after, "bold"))
