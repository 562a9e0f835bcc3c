"""A parameter that no card lists: its name and its value are typed, and sent as they are."""

from __future__ import annotations

from typing import ClassVar

from msgspec import Struct
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input

from tui.catalog.extras import EXTRA_KINDS, ExtraKind, extra_text, kind_meant, kind_of, read_extra
from tui.config import JSON
from tui.text import Shown, one_line
from tui.widgets.data_message import DataMessage
from tui.widgets.fields.row import FormRow
from tui.widgets.picks import Pick, Picks
from tui.widgets.plain import plain

ADD = Shown("+ parameter")
HELP = "A request field that is not above, by its own name: sent as it is, and not checked."
_REMOVE = "remove"
_REMOVE_MARK = Shown("×")
_KIND_WORDS: dict[ExtraKind, Shown] = {
    "string": Shown("string"),
    "integer": Shown("int"),
    "number": Shown("number"),
    "boolean": Shown("bool"),
    "JSON": Shown("JSON"),
}


class TypedExtra(Struct, frozen=True):
    """What is typed into an `ExtraField`."""

    name: str
    text: str
    kind: ExtraKind | None
    """As it was picked; None where it follows the text."""


class ExtraField(FormRow):
    """Says what is typed; whether that can be sent is the form's to say."""

    class Edited(DataMessage):
        """Its name, its kind or its value is another."""

        field: ExtraField

    class Removed(DataMessage):
        """The user no longer wants it."""

        field: ExtraField

    def __init__(self, name: str = "", value: JSON = None) -> None:
        super().__init__()
        self.sent_as = name
        """The name that its value is sent under; empty while there is nothing to send."""
        self.name_typed = name
        self.text_typed = "" if value is None else extra_text(value)
        self._kind: ExtraKind | None = None if value is None else kind_of(value)
        self._is_unfinished = False

    @property
    def kind(self) -> ExtraKind:
        """What its value is: as was picked, or else what it looks like."""
        return self._kind or kind_meant(self.text_typed)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is typed yet."""
        return not self.name_typed and not self.text_typed.strip()

    @property
    def label(self) -> str:
        return self.name_typed or "Parameter"

    @property
    def help(self) -> str:
        return HELP

    @property
    def is_set(self) -> bool:
        return True

    @property
    def problem(self) -> str:
        # Who has not come to the value yet need not be told that it is missing.
        return "" if self._is_unfinished else self.unreadable

    @property
    def typed(self) -> TypedExtra:
        """What is typed into it."""
        return TypedExtra(self.name_typed, self.text_typed, self._kind)

    def type_in(self, typed: TypedExtra) -> None:
        """Have `typed` in it, as if the user typed it."""
        self._kind = typed.kind
        self.query_one(".extra--name", Input).value = typed.name
        self.query_one(".extra--value", Input).value = typed.text

    def read(self) -> JSON:
        """Its value. Raises ValueError, with a sentence for the user."""
        return read_extra(self.kind, self.text_typed)

    def show(self, value: JSON) -> None:
        """Show a value that was set elsewhere."""
        self._kind, self.text_typed = kind_of(value), extra_text(value)
        editor = self.query_one(".extra--value", Input)
        with self.prevent(Input.Changed):
            editor.value = one_line(self.text_typed)
        self._put_kind()

    def show_unreadable(self, problem: str) -> None:
        """Say why it cannot be sent as it is; empty when it can."""
        self.unreadable = problem
        self._is_unfinished = not self.name_typed or not self.text_typed.strip()
        self.put_problem()

    def point_out(self) -> None:
        self._is_unfinished = False
        self.put_problem()

    def reset(self) -> None:
        self.post_message(self.Removed(self))

    def compose(self) -> ComposeResult:
        with Horizontal(classes="extra--row"):
            yield self._editor(self.name_typed, Shown("name"), "extra--name")
            yield self._editor(self.text_typed, Shown("value"), "extra--value")
        yield Picks(self._groups())

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if event.input.has_class("extra--name"):
            self.name_typed = event.value.strip()
        else:
            self.text_typed = event.value
        self._put_kind()
        self.post_message(self.Edited(self))

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.screen.focus_next()

    @on(Picks.Picked)
    def _picked(self, event: Picks.Picked) -> None:
        event.stop()
        if event.key == _REMOVE:
            self.post_message(self.Removed(self))
            return
        for kind in EXTRA_KINDS:
            if kind == event.key:
                self._kind = kind
        self._put_kind()
        self.post_message(self.Edited(self))

    def _editor(self, text: str, hint: Shown, name: str) -> Input:
        # What an editor begins with is nothing that the user typed.
        with self.prevent(Input.Changed):
            return Input(one_line(text), compact=True, placeholder=hint, classes=name)

    def _put_kind(self) -> None:
        self.query_one(Picks).show(self._groups())

    def _groups(self) -> list[list[Pick]]:
        kinds = [Pick(kind, _KIND_WORDS[kind], kind == self.kind) for kind in EXTRA_KINDS]
        return [[*kinds, Pick(_REMOVE, _REMOVE_MARK)]]


class AddParameter(Widget, can_focus=True):
    """The line that makes room for another extra parameter."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "add", "add a parameter", id="add-parameter"),
    ]

    class Wanted(Message):
        """Another one is wanted."""

    @property
    def help(self) -> str:
        """What to know before one is added."""
        return HELP

    def render(self) -> Content:
        return plain(ADD)

    def action_add(self) -> None:
        self.post_message(self.Wanted())

    def on_click(self, event: events.Click) -> None:
        event.stop()
        self.action_add()
