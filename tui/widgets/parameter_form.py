"""The parameter form: what the chosen model's card offers, its price, and the send button."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.message import Message
from textual.widgets import Button, Static

from tui.catalog.card import ModelCard
from tui.catalog.validation import Violation
from tui.config import JSON
from tui.text import Shown, one_line
from tui.widgets.choice_menu import ChoiceMenu
from tui.widgets.fields import Field, ValueButton, field_for
from tui.widgets.plain import plain

NO_PARAMETERS = Shown("This model takes a prompt and nothing else.")


class ParameterForm(Vertical):
    """Built anew for each card; values come in with `show_card` and go out as messages."""

    @dataclass
    class ModelChosen(Message):
        """Another model was picked."""

        model: str

    @dataclass
    class SendPressed(Message):
        """The send button was pressed."""

    def __init__(self, models: Sequence[tuple[str, str]], *, id: str | None = None) -> None:
        """`models` are the ids and names to choose from, in order."""
        super().__init__(id=id)
        self._models = tuple(models)
        self._card: ModelCard | None = None
        self.border_title = "Parameters"

    def compose(self) -> ComposeResult:
        yield ValueButton(id="model")
        yield VerticalScroll(id="fields", can_focus=False)
        yield Static(id="price")
        yield Button("Send  ctrl+j", id="send", variant="primary")

    async def show_card(self, card: ModelCard, values: Mapping[str, JSON]) -> None:
        """Show the fields of `card`, holding `values` and its own starting values."""
        self.query_one("#model", ValueButton).value = card.name
        shown = {**card.starting_values(), **values}
        if card == self._card:
            for field in self.query(Field):
                field.show(shown.get(field.parameter.name))
            return
        self._card = card
        fields = self.query_one("#fields", VerticalScroll)
        rows = [field_for(p, shown.get(p.name)) for p in card.parameters]
        async with fields.batch():
            await fields.remove_children()
            await fields.mount_all(rows or [Static(plain(NO_PARAMETERS), classes="form--hint")])

    def show_problems(self, violations: Sequence[Violation]) -> None:
        """Show each of `violations` beneath its field, and nothing beneath the others."""
        found = {violation.parameter: violation for violation in reversed(violations)}
        for field in self.query(Field):
            violation = found.get(field.parameter.name)
            if violation is None:
                field.show_problem("")
            else:
                field.show_problem(violation.message, violation.nearest)

    def show_price(self, text: str) -> None:
        """Say what sending will cost."""
        self.query_one("#price", Static).update(plain(one_line(text, limit=200)))

    @on(Button.Pressed, "#send")
    def _send_pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.post_message(self.SendPressed())

    @on(ValueButton.Pressed)
    def _open_models(self, event: ValueButton.Pressed) -> None:
        event.stop()
        lines = [one_line(name, limit=60) for _, name in self._models]
        anchor = self.query_one("#model", ValueButton).region
        self.app.push_screen(ChoiceMenu(lines, self._model_index(), anchor), self._model_chosen)

    @on(ValueButton.Stepped)
    def _step_model(self, event: ValueButton.Stepped) -> None:
        event.stop()
        self._model_chosen((self._model_index() + event.steps) % len(self._models))

    def _model_index(self) -> int:
        ids = [model for model, _ in self._models]
        return ids.index(self._card.id) if self._card and self._card.id in ids else 0

    def _model_chosen(self, index: int | None) -> None:
        if index is not None:
            self.post_message(self.ModelChosen(self._models[index][0]))
