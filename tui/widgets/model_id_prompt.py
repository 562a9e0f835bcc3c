"""A line over the model's own, in which the id of any model is typed."""

from __future__ import annotations

from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.geometry import Region
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from tui.catalog.model_ids import read_model_id
from tui.text import Shown, one_line
from tui.widgets.plain import plain
from tui.widgets.steady import Steady

HINT = Shown("Any that the endpoint knows. Enter: use it")
_HEIGHT = 4
_NARROWEST = 44


class ModelIdPrompt(Steady, ModalScreen[str | None]):
    """Dismisses with an id, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Close", id="close-model-id"),
    ]

    def __init__(self, anchor: Region) -> None:
        """`anchor` is the model's field, in screen cells, which the line covers."""
        super().__init__()
        self._anchor = anchor

    def compose(self) -> ComposeResult:
        with Vertical(id="model-id"):
            yield Input(compact=True, placeholder=Shown("id of a model"))
            yield Static(plain(HINT), id="model-id-note")

    def on_mount(self) -> None:
        self._place()

    def on_resize(self) -> None:
        self._place()

    def on_click(self, event: events.Click) -> None:
        if event.widget is self:
            self.dismiss(None)

    def action_cancel(self) -> None:
        self.dismiss(None)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._note(HINT)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        try:
            id = read_model_id(event.value)
        except ValueError as problem:
            self._note(one_line(str(problem)), is_problem=True)
        else:
            self.dismiss(id)

    def _note(self, text: Shown, *, is_problem: bool = False) -> None:
        note = self.query_one("#model-id-note", Static)
        note.set_class(is_problem, "-problem")
        note.update(plain(text))

    def _place(self) -> None:
        screen, anchor = self.app.size, self._anchor
        box = self.query_one("#model-id", Vertical)
        width = min(max(anchor.width, _NARROWEST), screen.width)
        box.styles.width = width
        box.styles.offset = (
            max(0, min(anchor.x, screen.width - width)),
            max(0, min(anchor.y, screen.height - _HEIGHT)),
        )
