"""A question over the screen that is answered by typing."""

from __future__ import annotations

from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from tui.text import Shown, one_line
from tui.widgets.plain import plain
from tui.widgets.steady import Steady
from tui.widgets.text_editor import TextEditor


class TextPrompt(Steady, ModalScreen[str | None]):
    """Dismisses with what was typed; None where nothing was changed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Close", id="close-prompt"),
        Binding("ctrl+j,alt+enter,ctrl+enter", "keep", "Keep", id="keep-text", priority=True),
    ]

    def __init__(
        self,
        title: Shown,
        text: str,
        hint: Shown,
        *,
        has_lines: bool = False,
        is_offer: bool = False,
    ) -> None:
        """`text` is what the editor begins with; with `has_lines`, Enter begins a new one.

        Where it `is_offer`, `text` may be what is meant, and is an answer as it stands.
        """
        super().__init__()
        self._title = title
        self._text = text
        self._hint = hint
        self._has_lines = has_lines
        self._is_offer = is_offer
        self._begun_with = ""

    def compose(self) -> ComposeResult:
        with Vertical(id="text-prompt") as box:
            box.border_title = plain(self._title)
            if self._has_lines:
                yield TextEditor(self._text, compact=True)
            else:
                yield Input(one_line(self._text), compact=True)
            yield Static(plain(self._hint), id="text-prompt-hint")

    def on_mount(self) -> None:
        # An editor may hold something else than it was given, such as other ends of lines.
        self._begun_with = self._typed()

    def on_click(self, event: events.Click) -> None:
        if event.widget is self:
            self.dismiss(None)

    def action_cancel(self) -> None:
        self.dismiss(None)

    def action_keep(self) -> None:
        """Dismiss with what is typed; None where nothing was."""
        typed = self._typed()
        is_same = typed == self._begun_with and not self._is_offer
        self.dismiss(None if is_same else typed)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_keep()

    def _typed(self) -> str:
        if self._has_lines:
            return self.query_one(TextEditor).text
        return self.query_one(Input).value
