"""The parameter form: what the chosen model's card offers, its price, and the send button."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from msgspec import Struct
from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.geometry import Region
from textual.message import Message
from textual.widgets import Button, Input, Static

from tui.catalog.card import ModelCard
from tui.catalog.validation import Violation
from tui.config import JSON
from tui.text import Shown, one_line
from tui.widgets.choice_menu import ChoiceMenu
from tui.widgets.fields import Field, ValueButton, field_for
from tui.widgets.model_id_prompt import ModelIdPrompt
from tui.widgets.plain import plain

NO_PARAMETERS = Shown("This model takes a prompt and nothing else.")
NOT_OFFERED = Shown("not offered here")
NOT_LISTED = Shown("Not in the endpoint's list.")
ANOTHER_MODEL = Shown("Another model…")


class ModelChoice(Struct, frozen=True):
    """A model that the form can be set to."""

    id: str
    name: str
    is_offered: bool = True
    """False for one that the endpoint is known not to list."""


class _Typed(Struct, frozen=True):
    """What is being typed into the field of a parameter."""

    parameter: str
    text: str
    cursor: int


class ParameterForm(Vertical):
    """Built anew for each card; values come in with `show_card` and go out as messages."""

    @dataclass
    class ModelChosen(Message):
        """Another model was picked."""

        model: str

    @dataclass
    class SendPressed(Message):
        """The send button was pressed."""

    def __init__(self, models: Sequence[ModelChoice], *, id: str | None = None) -> None:
        """`models` are those to choose from, in order."""
        super().__init__(id=id)
        self._models = tuple(models)
        self._card: ModelCard | None = None
        # Two who show a card at the same moment would mount the fields of both.
        self._building = asyncio.Lock()
        self.border_title = "Parameters"

    def compose(self) -> ComposeResult:
        yield ValueButton(id="model")
        yield Static(plain(NOT_LISTED), id="offer")
        yield VerticalScroll(id="fields", can_focus=False)
        yield Static(id="price")
        yield Button("Send  ctrl+j", id="send", variant="primary")

    async def show_card(self, card: ModelCard, values: Mapping[str, JSON]) -> None:
        """Show the fields of `card`, holding `values` and its own starting values."""
        async with self._building:
            await self._show_card(card, values)

    async def follow_card(self, card: ModelCard, values: Mapping[str, JSON]) -> None:
        """Show `card`, of the same model, of which more is known now; what is typed stays."""
        async with self._building:
            if self._card is not None and card.parameters == self._card.parameters:
                self._card = card
                self.query_one("#model", ValueButton).value = card.name
                return
            typed = self._being_typed()
            await self._show_card(card, values)
            if typed is not None:
                self._type_on(typed)

    def show_models(self, models: Sequence[ModelChoice]) -> None:
        """Offer `models` from now on."""
        self._models = tuple(models)

    def show_offer(self, is_offered: bool | None) -> None:
        """Say so where the endpoint is known not to list the model; it may have it all the same."""
        # The line takes the place of the blank one beneath the model: nothing else moves.
        self.set_class(is_offered is False, "-unlisted")

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
        models = self._choices()
        lines = [*(one_line(model.name, limit=60) for model in models), ANOTHER_MODEL]
        reasons = {index: NOT_OFFERED for index, model in enumerate(models) if not model.is_offered}
        menu = ChoiceMenu(lines, self._index_in(models), self._anchor, reasons)
        # The list may be another one by the time that a line is chosen.
        self.app.push_screen(menu, partial(self._line_chosen, models))

    @on(ValueButton.Stepped)
    def _step_model(self, event: ValueButton.Stepped) -> None:
        event.stop()
        here = self._card.id if self._card is not None else ""
        models = [model for model in self._choices() if model.is_offered or model.id == here]
        model = models[(self._index_in(models) + event.steps) % len(models)]
        self.post_message(self.ModelChosen(model.id))

    async def _show_card(self, card: ModelCard, values: Mapping[str, JSON]) -> None:
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

    @property
    def _anchor(self) -> Region:
        return self.query_one("#model", ValueButton).region

    def _choices(self) -> tuple[ModelChoice, ...]:
        """The models to choose from, with the one that is shown, which may have been typed."""
        card = self._card
        if card is None or any(model.id == card.id for model in self._models):
            return self._models
        return (*self._models, ModelChoice(card.id, card.name))

    def _index_in(self, models: Sequence[ModelChoice]) -> int:
        ids = [model.id for model in models]
        return ids.index(self._card.id) if self._card and self._card.id in ids else 0

    def _line_chosen(self, models: Sequence[ModelChoice], index: int | None) -> None:
        if index is None:
            return
        if index < len(models):
            self.post_message(self.ModelChosen(models[index].id))
        else:
            self.app.push_screen(ModelIdPrompt(self._anchor), self._id_typed)

    def _id_typed(self, id: str | None) -> None:
        if id is not None:
            self.post_message(self.ModelChosen(id))

    def _being_typed(self) -> _Typed | None:
        field = next((field for field in self.query(Field) if field.has_focus_within), None)
        editor = self.screen.focused
        if field is None or not isinstance(editor, Input):
            return None
        return _Typed(field.parameter.name, editor.value, editor.cursor_position)

    def _type_on(self, typed: _Typed) -> None:
        """Put what was typed back where it was, if there is such a field now."""
        for field in self.query(Field):
            if field.parameter.name == typed.parameter:
                for editor in field.query(Input):
                    editor.value = typed.text
                    self.screen.set_focus(editor)
                    # After the focus has come, which selects all that is there.
                    editor.call_later(setattr, editor, "cursor_position", typed.cursor)
                return
