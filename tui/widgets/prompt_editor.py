"""The prompt editor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from msgspec import Struct
from textual import events
from textual.binding import Binding, BindingType
from textual.document._document import Location
from textual.message import Message
from textual.reactive import reactive

from tui.catalog.flags import Meaning
from tui.generation.pasted import may_be_references
from tui.text import Shown, one_line
from tui.widgets.data_message import DataMessage
from tui.widgets.pane_edge import HasEdge
from tui.widgets.plain import assembled, plain
from tui.widgets.text_editor import TextEditor

_HINT = Shown("Write what you want to see.")
_TITLE = Shown("Prompt")
_BLANK = Shown(" ")
_CHIP_LIMIT = 60
_FOLLOWED = "$background on $accent"
_WRONG = "$background on $warning"

_SETTLE = 0.1
"""Seconds after a keystroke before words are counted: typing itself stays as quick as it can."""


class Paste(Struct, frozen=True):
    """Text that was pasted, and where in the editor it is."""

    text: str
    start: Location
    end: Location


class PromptEditor(HasEdge, TextEditor):
    """A multi-line editor that counts words and says beside itself what is wrong."""

    EDGE = "prompt"
    SIDE = "bottom"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("alt+up", "older", "Earlier prompt", show=False, id="older-prompt"),
        Binding("alt+down", "newer", "Later prompt", show=False, id="newer-prompt"),
    ]

    problem: reactive[str] = reactive("", init=False)
    """A short sentence of ours, shown in the lower border; empty when all is well."""

    class Edited(DataMessage):
        """The text changed, a moment ago."""

        text: str

    class OlderWanted(Message):
        """The prompt before the one in the editor shall take its place."""

    class NewerWanted(Message):
        """The prompt after the one in the editor, or what was written last, shall be there."""

    class Pasted(DataMessage):
        """What was pasted, and is in the text now, may be meant as references."""

        paste: Paste

    class NothingPasted(Message):
        """There was no text on the clipboard: there may be a picture."""

    class TextWanted(Message):
        """What was taken out as references is text again."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(
            soft_wrap=True,
            show_line_numbers=False,
            highlight_cursor_line=False,
            tab_behavior="focus",
            placeholder=_HINT,
            id=id,
        )
        self._settling = False
        self._taken_out: tuple[str, str] | None = None
        """The text before a paste was taken out of it, and after that."""
        self.show_flags(())

    def put(self, text: str) -> None:
        """Replace all text, as one step that undo takes back."""
        # A single letter would else be one step with what came before it.
        self.history.checkpoint()
        self.replace(text, self.document.start, self.document.end)
        self.history.checkpoint()
        self.move_cursor(self.document.end)

    def insert_words(self, words: str) -> None:
        """Insert `words` at the cursor, apart from those around them."""
        row, column = self.cursor_location
        line = self.document.get_line(row)
        before = " " if column and not line[column - 1].isspace() else ""
        after = " " if line[column : column + 1].isalnum() else ""
        self.history.checkpoint()
        self.insert(f"{before}{words}{after}")
        self.history.checkpoint()

    def take_out(self, paste: Paste) -> bool:
        """Have what was pasted in the text no more, which undo brings back.

        Whether it was there still.
        """
        held = self.document.get_text_range(paste.start, paste.end)
        if held.splitlines() != paste.text.splitlines():
            return False
        before = self.text
        self.history.checkpoint()
        self.delete(paste.start, paste.end)
        self.history.checkpoint()
        self._taken_out = before, self.text
        return True

    def action_undo(self) -> None:
        now = self.text
        super().action_undo()
        if self._taken_out == (self.text, now):
            self._taken_out = None
            self.post_message(self.TextWanted())

    async def _on_paste(self, event: events.Paste) -> None:
        # Textual would have it done by the class beneath, once more.
        event.prevent_default()
        if not event.text:
            self.post_message(self.NothingPasted())
            return
        start = min(self.selection)
        await super()._on_paste(event)
        if may_be_references(event.text):
            self.post_message(self.Pasted(Paste(event.text, start, self.cursor_location)))

    def action_older(self) -> None:
        """Ask for the prompt before this one."""
        self.post_message(self.OlderWanted())

    def action_newer(self) -> None:
        """Ask for the prompt after this one."""
        self.post_message(self.NewerWanted())

    def show_flags(self, meanings: Sequence[Meaning]) -> None:
        """Show what the flags at the end of the prompt mean, as chips in the upper border.

        Of one that cannot be followed there is only the name; the reason stands below.
        """
        chips: list[Shown | tuple[Shown, str]] = []
        for meaning in meanings:
            style = _WRONG if meaning.wrong else _FOLLOWED
            name = f"--{meaning.flag.name}"
            text = one_line(name if meaning.wrong else meaning.text, limit=_CHIP_LIMIT)
            chips += [_BLANK, (_BLANK, style), (text, style), (_BLANK, style)]
        self.border_title = assembled(_TITLE, *chips)

    def on_text_area_changed(self) -> None:
        self.problem = ""
        if not self._settling:
            self._settling = True
            self.set_timer(_SETTLE, self._settled)

    def watch_problem(self) -> None:
        self.set_class(bool(self.problem), "-problem")
        self._show_state()

    def _settled(self) -> None:
        self._settling = False
        self._show_state()
        self.post_message(self.Edited(self.text))

    def _show_state(self) -> None:
        words = len(self.text.split())
        count = f"{words} word{'s' if words != 1 else ''}" if words else ""
        self.border_subtitle = plain(one_line(self.problem or count, limit=200))
