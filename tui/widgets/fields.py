"""Fields of the parameter form: one line each, the label at the left, the value at the right."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Input, Static

from tui.catalog.card import Parameter
from tui.catalog.validation import options, read_value, written
from tui.config import JSON
from tui.text import Shown, one_line
from tui.widgets.choice_menu import ChoiceMenu
from tui.widgets.plain import assembled, plain

MENU_MARK = Shown("▾")
_FITS_AN_ID = re.compile(r"[A-Za-z0-9-]+")


class ValueButton(Widget, can_focus=True):
    """A value that opens a menu or steps to its neighbour."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space,down", "press", "Choose", id="choose-value"),
        Binding("left", "step(-1)", "Previous value", show=False, id="previous-value"),
        Binding("right", "step(1)", "Next value", show=False, id="next-value"),
    ]

    value: reactive[str] = reactive("")

    @dataclass
    class Pressed(Message):
        """The menu is wanted."""

    @dataclass
    class Stepped(Message):
        """A neighbouring value is wanted."""

        steps: int

    def render(self) -> Content:
        room = max(0, self.size.width - 2)
        text = plain(one_line(self.value, limit=200)).truncate(room, ellipsis=True)
        return assembled(text.extend_right(room - text.cell_length), Shown(" "), MENU_MARK)

    def action_press(self) -> None:
        self.post_message(self.Pressed())

    def action_step(self, steps: int) -> None:
        self.post_message(self.Stepped(steps))

    def on_click(self, event: events.Click) -> None:
        event.stop()
        self.post_message(self.Pressed())


class Field(Vertical):
    """One parameter. Says what was set through `Changed`; what it shows is set with `show`."""

    @dataclass
    class Changed(Message):
        """The user set the parameter; None leaves it to the model."""

        name: str
        value: JSON

    @dataclass
    class Unreadable(Message):
        """The user typed what cannot be a value of the parameter."""

        name: str
        problem: str

    problem: reactive[str] = reactive("", init=False)
    """A sentence beneath the field; empty when its value is legal."""
    nearest: JSON = None
    """The nearest legal value, which Enter takes; None if there is none."""

    def __init__(self, parameter: Parameter, value: JSON) -> None:
        name = parameter.name.replace("_", "-")
        # A card's name may be anything that a request field can be; a widget's id may not.
        super().__init__(id=f"field-{name}" if _FITS_AN_ID.fullmatch(name) else None)
        self.parameter = parameter
        self._value = value
        self._problem_line: Static | None = None

    def compose(self) -> ComposeResult:
        with Horizontal(classes="field--row"):
            yield Static(plain(one_line(self.parameter.label, limit=40)), classes="field--label")
            yield from self.compose_editor()

    def compose_editor(self) -> ComposeResult:
        """The widgets that show and edit the value."""
        raise NotImplementedError

    def show(self, value: JSON) -> None:
        """Show `value`, set elsewhere, without saying that it changed."""
        raise NotImplementedError

    def show_problem(self, problem: str, nearest: JSON = None) -> None:
        """Say what is wrong with the value, and which legal one Enter would take."""
        self.nearest = nearest
        if nearest is not None:
            problem = f"{problem}. Enter: {written(self.parameter, nearest)}"
        self.problem = problem

    def watch_problem(self, problem: str) -> None:
        self.set_class(bool(problem), "-problem")
        if self._problem_line is None:
            # Mounted when first needed: most fields never are wrong.
            self._problem_line = Static(classes="field--problem")
            self.mount(self._problem_line)
        self._problem_line.update(plain(one_line(problem, limit=200)))


class ChoiceField(Field):
    """A parameter with a closed list of values."""

    def compose_editor(self) -> ComposeResult:
        yield ValueButton(classes="field--value")

    def on_mount(self) -> None:
        self.show(self._value)

    def show(self, value: JSON) -> None:
        self._value = value
        self.query_one(ValueButton).value = written(self.parameter, value)

    @on(ValueButton.Pressed)
    def _open_menu(self, event: ValueButton.Pressed) -> None:
        event.stop()
        values = options(self.parameter)
        if len(values) <= 2:
            self._step(1)
            return
        lines = [one_line(written(self.parameter, value), limit=80) for value in values]
        menu = ChoiceMenu(lines, self._index(), self.query_one(ValueButton).region)
        self.app.push_screen(menu, self._chosen)

    @on(ValueButton.Stepped)
    def _stepped(self, event: ValueButton.Stepped) -> None:
        event.stop()
        self._step(event.steps)

    def _chosen(self, index: int | None) -> None:
        if index is not None:
            self._set(options(self.parameter)[index])

    def _step(self, steps: int) -> None:
        values = options(self.parameter)
        self._set(values[(self._index() + steps) % len(values)])

    def _index(self) -> int:
        values = options(self.parameter)
        return values.index(self._value) if self._value in values else 0

    def _set(self, value: JSON) -> None:
        self.show(value)
        self.post_message(self.Changed(self.parameter.name, value))


class TypedField(Field):
    """A parameter that is typed: a number, a size, a text. Sizes and lists offer a menu too."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "lower", "Choose or lower", show=False, id="lower-value"),
        Binding("up", "raise", "Raise", show=False, id="raise-value"),
    ]

    def compose_editor(self) -> ComposeResult:
        hint = written(self.parameter, None)
        yield Input(compact=True, placeholder=one_line(hint, limit=40), classes="field--value")
        if options(self.parameter):
            yield ValueMenuMark(plain(MENU_MARK), classes="field--menu")

    def on_mount(self) -> None:
        self.show(self._value)

    def show(self, value: JSON) -> None:
        self._value = value
        field = self.query_one(Input)
        with self.prevent(Input.Changed):
            field.value = "" if value is None else one_line(written(self.parameter, value))

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        text = event.value.strip()
        try:
            value = read_value(self.parameter, text) if text else None
        except ValueError as error:
            self.post_message(self.Unreadable(self.parameter.name, str(error)))
        else:
            self._value = value
            self.post_message(self.Changed(self.parameter.name, value))

    @on(Input.Submitted)
    def _take_nearest(self, event: Input.Submitted) -> None:
        event.stop()
        if self.problem and self.nearest is not None:
            self._set(self.nearest)

    @on(Input.Blurred)
    def _tidy(self) -> None:
        if not self.problem:
            self.show(self._value)

    def action_lower(self) -> None:
        if options(self.parameter):
            self.open_menu()
        else:
            self._step(-1)

    def action_raise(self) -> None:
        self._step(1)

    def open_menu(self) -> None:
        """Offer the values that the card names."""
        values = options(self.parameter)
        lines = [one_line(written(self.parameter, value), limit=80) for value in values]
        chosen = values.index(self._value) if self._value in values else 0
        anchor = self.query_one(Input).region
        self.app.push_screen(ChoiceMenu(lines, chosen, anchor), self._chosen)

    def _chosen(self, index: int | None) -> None:
        if index is not None:
            self._set(options(self.parameter)[index])

    def _step(self, steps: int) -> None:
        if self.parameter.kind not in ("integer", "number"):
            return
        start = self._value if isinstance(self._value, int | float) else self.parameter.minimum
        value = (start or 0) + steps * (self.parameter.step or 1)
        if self.parameter.minimum is not None:
            value = max(value, self.parameter.minimum)
        if self.parameter.maximum is not None:
            value = min(value, self.parameter.maximum)
        self._set(int(value) if self.parameter.kind == "integer" else value)

    def _set(self, value: JSON) -> None:
        self.show(value)
        self.post_message(self.Changed(self.parameter.name, value))


class ValueMenuMark(Static):
    """The mark beside a typed value that opens its menu."""

    def on_click(self, event: events.Click) -> None:
        event.stop()
        field = self.query_ancestor(TypedField)
        field.open_menu()


def field_for(parameter: Parameter, value: JSON) -> Field:
    """The field that fits the parameter's kind."""
    closed = parameter.kind in ("choice", "switch", "group")
    return (ChoiceField if closed else TypedField)(parameter, value)
