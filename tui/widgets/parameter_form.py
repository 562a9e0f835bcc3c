"""The parameter form: what the chosen model's card offers, its price, and the send button."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial

from msgspec import Struct
from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.geometry import Region
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Button, Static

from tui.catalog.card import ModelCard
from tui.generation.form_state import FormState
from tui.generation.reference_slots import Slots
from tui.generation.thumbnails import FileThumbnails
from tui.text import Shown, one_line
from tui.widgets.data_message import DataMessage
from tui.widgets.field_list import FieldList
from tui.widgets.fields.extra import AddParameter
from tui.widgets.fields.row import FormRow
from tui.widgets.pane_edge import HasEdge
from tui.widgets.plain import plain
from tui.widgets.price_line import PriceLine
from tui.widgets.reference_slots import ReferenceSlots
from tui.widgets.steady import open_over
from tui.widgets.value_button import ValueButton

NOT_OFFERED = Shown("not offered here")
NOT_LISTED = Shown("Not in the endpoint's list.")
ANOTHER_MODEL = Shown("Another model…")


class ModelChoice(Struct, frozen=True):
    """A model that the form can be set to."""

    id: str
    name: str
    is_offered: bool = True
    """False for one that the endpoint is known not to list."""


class ParameterForm(HasEdge, Vertical):
    """Shows a `FormState`; what the user sets goes out as messages of its rows."""

    EDGE = "form"
    SIDE = "left"

    class ModelChosen(DataMessage):
        """Another model was picked."""

        model: str

    class ModelStepped(DataMessage):
        """A model so many steps further on is wanted; `neighbour` says which that is."""

        steps: int

    class SendPressed(Message):
        """The send button was pressed."""

    def __init__(
        self,
        models: Sequence[ModelChoice],
        thumbnails: FileThumbnails | None = None,
        *,
        id: str | None = None,
    ) -> None:
        """`models` are those to choose from, in order; `thumbnails` makes the small pictures of
        references, and without it there are none.
        """
        super().__init__(id=id)
        self._thumbnails = thumbnails
        self._models = tuple(models)
        self._card: ModelCard | None = None
        self._help = ""
        # Two who show a card at the same moment would mount the fields of both.
        self._building = asyncio.Lock()
        self.border_title = "Parameters"

    def compose(self) -> ComposeResult:
        yield ValueButton(id="model")
        yield Static(plain(NOT_LISTED), id="offer")
        yield FieldList(self._thumbnails, id="fields")
        yield Static(id="help")
        yield PriceLine(id="price")
        yield Button("Send  ctrl+j", id="send", variant="primary")

    @property
    def unreadable(self) -> tuple[str, ...]:
        """A sentence for each row that holds what cannot be sent."""
        return self.query_one(FieldList).unreadable

    def point_out(self) -> None:
        """Show at each row what `unreadable` says of it."""
        self.query_one(FieldList).point_out()

    async def show_card(self, state: FormState) -> None:
        """Show the fields of the card of `state`, which may be another one."""
        await self._build(state)

    async def follow_card(self, state: FormState) -> None:
        """Show the card of `state`, the same as before, of which more is known now.

        What is being typed stays.
        """
        await self._build(state, keeps_typing=True)

    def show_state(self, state: FormState) -> None:
        """Show what changed in `state`, for the card that is shown."""
        self.query_one(FieldList).show_state(state)

    def show_references(self, slots: Slots, *, can_undo: bool) -> None:
        """Show the references of the draft, of which one may be brought back with `can_undo`."""
        self.query_one(FieldList).show_references(slots, can_undo=can_undo)

    def show_models(self, models: Sequence[ModelChoice]) -> None:
        """Offer `models` from now on."""
        self._models = tuple(models)

    def neighbour(self, model: str, steps: int) -> str:
        """The id of the model `steps` further on from `model`, of those that are offered."""
        ids = [choice.id for choice in self._choices() if choice.is_offered or choice.id == model]
        return ids[(ids.index(model) + steps) % len(ids)] if model in ids else ids[0]

    def show_offer(self, is_offered: bool | None) -> None:
        """Say so where the endpoint is known not to list the model; it may have it all the same."""
        # The line takes the place of the blank one beneath the model: nothing else moves.
        self.set_class(is_offered is False, "-unlisted")

    def show_price(self, asked: str, price: str, beside: str) -> None:
        """Say what sending asks for and costs, and beside it what else is known of money."""
        line = self.query_one(PriceLine)
        line.asked, line.price, line.beside = asked, price, beside

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        self._show_help(event.widget)

    def on_descendant_blur(self) -> None:
        self.call_after_refresh(self._show_help_of_focus)

    @on(ReferenceSlots.Moved)
    def _slot_changed(self, event: ReferenceSlots.Moved) -> None:
        event.stop()
        self._show_help_of_focus()

    @on(Button.Pressed, "#send")
    def _send_pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.post_message(self.SendPressed())

    @on(ValueButton.Pressed)
    def _open_models(self, event: ValueButton.Pressed) -> None:
        from tui.widgets.choice_menu import ChoiceMenu

        event.stop()
        models = self._choices()
        lines = [*(one_line(model.name, limit=60) for model in models), ANOTHER_MODEL]
        reasons = {index: NOT_OFFERED for index, model in enumerate(models) if not model.is_offered}
        menu = ChoiceMenu(lines, self._index_in(models), self._anchor, reasons)
        # The list may be another one by the time that a line is chosen.
        open_over(self, menu, partial(self._line_chosen, models))

    @on(ValueButton.Stepped)
    def _step_model(self, event: ValueButton.Stepped) -> None:
        event.stop()
        # Counted from here, a step taken while the one before is still under way would be lost.
        self.post_message(self.ModelStepped(event.steps))

    async def _build(self, state: FormState, *, keeps_typing: bool = False) -> None:
        async with self._building:
            self._card = state.card
            self.query_one("#model", ValueButton).value = state.card.name
            await self.query_one(FieldList).show_card(state, keeps_typing=keeps_typing)
            self._show_help_of_focus()

    def _show_help_of_focus(self) -> None:
        self._show_help(self.screen.focused)

    def _show_help(self, focused: Widget | None) -> None:
        """Show what to know about the row that has the focus, or else about the model."""
        text = self._card.help if self._card is not None else ""
        for node in focused.ancestors_with_self if focused is not None else ():
            if isinstance(node, FormRow | AddParameter | ReferenceSlots):
                text = node.help
        if text != self._help:
            self._help = text
            self.query_one("#help", Static).update(plain(one_line(text, limit=300)))

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
        from tui.widgets.model_id_prompt import ModelIdPrompt

        if index is None:
            return
        if index < len(models):
            self.post_message(self.ModelChosen(models[index].id))
        else:
            open_over(self, ModelIdPrompt(self._anchor), self._id_typed)

    def _id_typed(self, id: str | None) -> None:
        if id is not None:
            self.post_message(self.ModelChosen(id))
