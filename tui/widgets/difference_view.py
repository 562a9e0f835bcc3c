"""What changed from one entry to another, word by word and fact by fact."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from tui.history.comparing import Change, Comparison, Kind, Run
from tui.text import Shown, one_line, showable
from tui.widgets.fact_rows import FactRow
from tui.widgets.plain import assembled, plain

LONGEST_VALUE = 2000
LONGEST_PROMPT = 6000
"""Characters of both prompts; to draw more would be felt."""
CONTEXT = 300
"""Characters of what is the same that are shown beside a change in longer ones."""
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


class DifferenceView(VerticalScroll):
    """Shows a comparison; what is the same is dim, and can be left out."""

    DEFAULT_CSS = """
    DifferenceView {
        #difference-prompt { margin: 0 0 1 0; }
        FactRow { height: auto; }
        .fact--name { width: 20; color: $text-quiet; }
        .fact--value { width: 1fr; }
        .-quiet { display: none; color: $text-quiet; }
        &.-all .-quiet { display: block; }
    }
    """

    def __init__(self, comparison: Comparison, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._comparison = comparison

    def compose(self) -> ComposeResult:
        yield Static(self._prompt(), id="difference-prompt")
        for change in self._comparison.facts:
            yield FactRow(change.name, _value(change), is_quiet=change.is_same)

    def turn_same(self) -> None:
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
