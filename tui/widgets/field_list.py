"""The rows of the parameter form: a field for each parameter of a card, and extra parameters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar

from msgspec import Struct
from textual import events, getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Input, Static
from textual.widgets.input import Selection

from tui.catalog.card import ModelCard
from tui.catalog.extras import name_fault
from tui.catalog.validation import Violation
from tui.config import JSON
from tui.generation.counts import IMAGES
from tui.generation.form_state import FormState
from tui.generation.reference_slots import Slots
from tui.generation.references import takes_references
from tui.generation.thumbnails import FileThumbnails
from tui.text import Shown, showable
from tui.widgets.data_message import DataMessage
from tui.widgets.fields.count import CountField
from tui.widgets.fields.extra import AddParameter, ExtraField, TypedExtra
from tui.widgets.fields.field import Field
from tui.widgets.fields.kinds import field_for
from tui.widgets.fields.row import FormRow
from tui.widgets.fields.seed import SeedField
from tui.widgets.fields.typed import TypedField
from tui.widgets.plain import plain
from tui.widgets.reference_slots import ReferenceSlots

NO_PARAMETERS = Shown("This model takes a prompt and nothing else.")
_MOST_KEPT = 3
"""Lines about values that wait for other models."""
_SLIM, _BROAD = 28, 56
"""Widths below which labels are short, and from which all values stand in one column."""
_LOW = 14
"""Heights below which small pictures would be all there is to see."""


class Unfinished(Struct, frozen=True):
    """What was typed for a model and is no value yet; it waits there for who comes back."""

    fields: dict[str, str]
    """Texts by parameter name."""
    extras: tuple[TypedExtra, ...]


class FieldList(VerticalScroll, can_focus=False):
    """Follows a `FormState`. Fields that two cards have in common stay from one to the next."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+r,delete,backspace", "reset", "reset", id="reset-value"),
    ]

    class ExtraSet(DataMessage):
        """An extra parameter was set, called otherwise, or removed."""

        was: str
        """What it was called until now; empty for a new one."""
        name: str
        """What it is called; empty for none any more."""
        value: JSON

    references = getters.query_one("#references", ReferenceSlots)

    def __init__(self, thumbnails: FileThumbnails | None = None, *, id: str | None = None) -> None:
        """`thumbnails` makes the small pictures of references; without it there are none."""
        super().__init__(id=id)
        self._thumbnails = thumbnails
        self._card: ModelCard | None = None
        self._is_bare = False
        """Whether the model takes nothing but a prompt."""
        self._unfinished: dict[str, Unfinished] = {}
        self._kept: tuple[str, ...] = ()

    @property
    def rows(self) -> tuple[FormRow, ...]:
        """Everything that can be set, from top to bottom."""
        return tuple(child for child in self.children if isinstance(child, FormRow))

    @property
    def fields(self) -> tuple[Field, ...]:
        """The fields of the card's parameters."""
        return tuple(row for row in self.rows if isinstance(row, Field))

    @property
    def extras(self) -> tuple[ExtraField, ...]:
        """The rows of extra parameters."""
        return tuple(row for row in self.rows if isinstance(row, ExtraField))

    @property
    def focused_row(self) -> FormRow | None:
        """The row that has the focus."""
        return next((row for row in self.rows if row.has_focus or row.has_focus_within), None)

    @property
    def unreadable(self) -> tuple[str, ...]:
        """A sentence for each row that holds what cannot be sent."""
        return tuple(f"{row.label}: {row.unreadable}" for row in self.rows if row.unreadable)

    def point_out(self) -> None:
        """Show at each row what `unreadable` says of it."""
        for row in self.rows:
            if row.unreadable:
                row.point_out()

    def compose(self) -> ComposeResult:
        yield Static(plain(NO_PARAMETERS), id="no-parameters")
        yield AddParameter(id="add-parameter")
        yield ReferenceSlots(self._thumbnails, id="references")
        yield Static(id="kept")

    async def show_card(self, state: FormState, *, keeps_typing: bool = False) -> None:
        """Show the rows for `state`, in place of whatever is there.

        With `keeps_typing` its card is of the same model as the one before, of which more is known
        now: what is being typed stays.
        """
        before, card = self._card, state.card
        is_same_model = keeps_typing or (before is not None and before.id == card.id)
        if before is not None and not is_same_model:
            self._put_aside(before)
        typing = self._being_typed() if keeps_typing else None
        # Until the rows are there, they follow no state.
        self._card = None
        staying = _staying(self.fields, card, is_same_model=is_same_model)
        gone = [row for row in self.fields if row.parameter.name not in staying]
        gone_extras = [
            row
            for row in self.extras
            if (row.sent_as not in state.extras if row.sent_as else not is_same_model)
        ]
        async with self.batch():
            await self.remove_children([*gone, *gone_extras])
            await self._mount_fields(staying, state)
            await self._mount_extras(state)
            nothing = all(parameter is IMAGES for parameter in card.parameters)
            self._is_bare = nothing and not takes_references(card)
            self.query_one("#no-parameters").display = self._is_bare
        self._card = card
        if not keeps_typing:
            self._show_anew(state)
        if not is_same_model:
            await self._bring_back(card)
        self.show_state(state)
        if typing is not None:
            self._type_on(*typing)

    def show_state(self, state: FormState) -> None:
        """Show what changed in `state`; what is being typed stays.

        One for another card than the rows are for is left to `show_card`.
        """
        if state.card is not self._card and state.card != self._card:
            return
        found = {violation.parameter: violation for violation in reversed(state.violations)}
        for field in self.fields:
            field.follow(state.values.get(field.parameter.name))
            _show_violation(field, found.get(field.parameter.name))
            _show_beside(field, state)
        if state.kept != self._kept:
            self._kept = state.kept
            lines = "\n".join(state.kept[:_MOST_KEPT])
            kept = self.query_one("#kept", Static)
            kept.update(plain(showable(lines, limit=400)))
            kept.display = bool(state.kept)

    def show_references(self, slots: Slots, *, can_undo: bool) -> None:
        """Show the references of the draft, of which one may be brought back with `can_undo`."""
        self.references.show(slots, can_undo=can_undo)
        # That the model takes nothing but a prompt is said already.
        self.references.display = bool(slots.slots or slots.is_taken or not self._is_bare)

    def on_resize(self, event: events.Resize) -> None:
        self.set_class(event.size.width < _SLIM, "-slim")
        self.set_class(event.size.width >= _BROAD, "-broad")
        self.references.show_low(event.size.height < _LOW)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        row = self.focused_row
        return action != "reset" or (row is not None and row.is_set)

    def action_reset(self) -> None:
        """Leave what has the focus to the model again."""
        if (row := self.focused_row) is not None:
            row.reset()

    @on(AddParameter.Wanted)
    async def _add_extra(self, event: AddParameter.Wanted) -> None:
        event.stop()
        row = ExtraField()
        await self.mount(row, before="#add-parameter")
        self.screen.set_focus(row.query(Input).first())

    @on(ExtraField.Removed)
    async def _remove_extra(self, event: ExtraField.Removed) -> None:
        event.stop()
        row = event.field
        if row.sent_as:
            self.post_message(self.ExtraSet(row.sent_as, "", None))
        if row is self.focused_row:
            self.screen.set_focus(self.query_one(AddParameter))
        await row.remove()

    @on(ExtraField.Edited)
    def _judge_extra(self, event: ExtraField.Edited) -> None:
        event.stop()
        row, value, problem = event.field, None, ""
        if self._card is None or row.parent is not self:
            return
        others = {other.name_typed for other in self.extras if other is not row}
        if not row.is_empty:
            problem = name_fault(self._card, row.name_typed, others)
            try:
                value = row.read()
            except ValueError as error:
                problem = problem or str(error)
        was, row.sent_as = row.sent_as, "" if problem or row.is_empty else row.name_typed
        if was or row.sent_as:
            self.post_message(self.ExtraSet(was, row.sent_as, value if row.sent_as else None))
        row.show_unreadable(problem)

    async def _mount_fields(self, staying: Mapping[str, Field], state: FormState) -> None:
        """Mount what is missing of the card's fields, between those that are there."""
        run: list[Field] = []
        for parameter in state.card.parameters:
            field = staying.get(parameter.name)
            if field is None:
                field = field_for(parameter, state.values.get(parameter.name))
                _show_beside(field, state)
                run.append(field)
            elif run:
                await self.mount_all(run, before=field)
                run = []
        if run:
            await self.mount_all(run, before="#no-parameters")

    async def _mount_extras(self, state: FormState) -> None:
        there = {row.sent_as for row in self.extras}
        rows = [ExtraField(name, v) for name, v in state.extras.items() if name not in there]
        if rows:
            await self.mount_all(rows, before="#add-parameter")

    def _show_anew(self, state: FormState) -> None:
        """Show the values of `state` whatever is typed."""
        for field in self.fields:
            value = state.values.get(field.parameter.name)
            if field.unreadable:
                field.show(value)
            else:
                field.follow(value)
        for row in self.extras:
            if row.sent_as:
                row.show(state.extras[row.sent_as])

    def _put_aside(self, card: ModelCard) -> None:
        """Keep what is typed and is no value yet, for who comes back to the model of `card`."""
        fields = {
            field.parameter.name: field.typed_text
            for field in self.fields
            if isinstance(field, TypedField) and field.unreadable
        }
        extras = tuple(row.typed for row in self.extras if not (row.sent_as or row.is_empty))
        if fields or extras:
            self._unfinished[card.id] = Unfinished(fields, extras)

    async def _bring_back(self, card: ModelCard) -> None:
        """Type again what was put aside for the model of `card`."""
        unfinished = self._unfinished.pop(card.id, None)
        if unfinished is None:
            return
        for field in self.fields:
            text = unfinished.fields.get(field.parameter.name)
            if isinstance(field, TypedField) and text is not None:
                field.type_in(text)
        for typed in unfinished.extras:
            row = ExtraField()
            await self.mount(row, before="#add-parameter")
            row.type_in(typed)

    def _being_typed(self) -> tuple[str, str, Selection] | None:
        """The parameter that is being typed, its text, and what of that is selected."""
        row, editor = self.focused_row, self.screen.focused
        if not isinstance(row, Field) or not isinstance(editor, Input):
            return None
        return row.parameter.name, editor.value, editor.selection

    def _type_on(self, name: str, text: str, selection: Selection) -> None:
        """Put what was typed back where it was, if there is such a field now."""
        for field in self.fields:
            if field.parameter.name == name and isinstance(field, TypedField):
                field.type_in(text, selection)


def _staying(fields: Iterable[Field], card: ModelCard, *, is_same_model: bool) -> dict[str, Field]:
    """Those of `fields`, by name, that do for `card` as they are, and stand in its order."""
    names = [parameter.name for parameter in card.parameters]
    staying: dict[str, Field] = {}
    reached = -1
    for field in fields:
        name = field.parameter.name
        if field.parameter != card.parameter(name) or names.index(name) < reached:
            continue
        if is_same_model or not field.unreadable:
            staying[name] = field
            reached = names.index(name)
    return staying


def _show_beside(field: Field, state: FormState) -> None:
    """Show what a field has beside its value."""
    if isinstance(field, SeedField):
        field.show_mode(state.seed_mode, state.last_seed)
    elif isinstance(field, CountField):
        field.show_sharing(state.sharing)


def _show_violation(field: Field, violation: Violation | None) -> None:
    if violation is None:
        field.show_problem("")
    else:
        field.show_problem(violation.message, violation.nearest)
