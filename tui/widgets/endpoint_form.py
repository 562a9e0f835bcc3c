"""The form of an endpoint's settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import get_args

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Button, Input, Static

from tui.catalog.card import Parameter
from tui.config import DEMO, JSON, ImageEncoding, ImageField, ReferenceWay, ResponseFormat
from tui.generation.endpoint_draft import Draft
from tui.generation.endpoint_troubles import Trouble
from tui.generation.endpoint_values import KEY_KINDS, NO_KEY_WANTED, PLACE, SOURCES, STORED
from tui.text import Shown, one_line
from tui.widgets.data_message import DataMessage
from tui.widgets.endpoint_fields import LinesField, PlaceField, SuggestingField
from tui.widgets.fields.field import Field
from tui.widgets.fields.kinds import field_for
from tui.widgets.plain import plain

REHEARSAL = Shown(
    "The rehearsal within Darkroom: it wants no key, sends nothing anywhere, and costs nothing."
    " There is nothing to set."
)
_PLACE_HINTS = {
    "variable": Shown("OPENAI_API_KEY"),
    "file": Shown("~/.keys/server"),
    "keyring": Shown("name of its service"),
    "command": Shown("pass show server"),
    STORED: Shown("kept by darkroom key set"),
    NO_KEY_WANTED: Shown("—"),
}
_FIXED_PLACE = Shown("as config.toml has it")


def _text(name: str, label: str, help: str) -> Parameter:
    return Parameter(name=name, kind="text", label=label, help=help)


def _choice(name: str, label: str, choices: Sequence[str], help: str) -> Parameter:
    values = tuple(choices)
    return Parameter(
        name=name, kind="choice", label=label, choices=values, default=values[0], help=help
    )


def _switch(name: str, label: str, help: str) -> Parameter:
    return Parameter(name=name, kind="switch", label=label, default=False, help=help)


GROUPS: dict[Shown, tuple[Parameter, ...]] = {
    Shown("Server"): (
        _text("name", "Name", "What you call it. It stays: entries and stored keys go by it."),
        _text("base_url", "Base URL", "Its address, up to and including /v1."),
        _text("default_model", "Default model", "The model to begin with here."),
    ),
    Shown("Key"): (
        _choice("key", "Key from", KEY_KINDS, "Where its key is; what stores one comes after it."),
        _text(PLACE, "Place", "What leads to the key there, and never the key itself."),
    ),
    Shown("Seconds to wait"): (
        _text(
            "timeout", "Timeout", "For a picture, from the first byte sent to the last received."
        ),
        _text("connect_timeout", "Connect timeout", "For a connection, proxy and TLS included."),
        _text("download_timeout", "Download timeout", "For one picture, all attempts together."),
    ),
    Shown("Pictures"): (
        _choice(
            "response_format",
            "Response format",
            get_args(ResponseFormat),
            "Sent with every request; omit sends none.",
        ),
        _choice(
            "references",
            "References",
            get_args(ReferenceWay),
            "In a field of the request, or as files to /images/edits, which takes masks too.",
        ),
        _choice(
            "image_field",
            "Image field",
            get_args(ImageField),
            "The request field that carries reference images.",
        ),
        _choice(
            "image_encoding",
            "Image encoding",
            get_args(ImageEncoding),
            "How reference images are written into that field.",
        ),
        _switch(
            "image_always_array",
            "Always an array",
            "Whether a single reference is sent as an array of one.",
        ),
    ),
    Shown("Requests"): (
        _switch(
            "native_params",
            "Native parameters",
            "Lets Token360 hand the parameters to the model's vendor as they are.",
        ),
        _text("headers", "Headers", "Sent with every request: Name: value, one a line."),
        _text("extra", "Extra JSON", 'Merged into every request body: { "name": value }.'),
    ),
}
LABELS = {parameter.name: parameter.label for group in GROUPS.values() for parameter in group}


class Note(Static, can_focus=True):
    """Words in place of fields; what has the focus there too."""


class EndpointForm(Vertical):
    """Shows a draft, and says what the user makes of it."""

    class Edited(DataMessage):
        """A field holds something else; None is an empty text."""

        field: str
        value: JSON

    class SavePressed(Message):
        """The save button was pressed."""

    def __init__(self, models: Sequence[tuple[str, str]], *, id: str | None = None) -> None:
        """`models` are ids and names to suggest, in order."""
        super().__init__(id=id)
        self._models = [(model, f"{name} · {model}") for model, name in models]
        self._kind = ""
        self._last: Widget | None = None
        self.border_title = "Settings"

    @property
    def last_edited(self) -> Widget | None:
        """What had the focus here last."""
        return self._last

    def compose(self) -> ComposeResult:
        yield Note(plain(REHEARSAL), id="rehearsal")
        with VerticalScroll(id="settings", can_focus=False):
            for title, parameters in GROUPS.items():
                yield Static(plain(title), classes="settings--heading")
                for parameter in parameters:
                    yield self._field(parameter)
                if title == "Key":
                    yield Static(id="key-note")
        with Horizontal(id="saving"):
            with Vertical(id="words"):
                yield Static(id="help")
                yield Static(id="state")
            yield Button("Save  ctrl+j", id="save", variant="primary")

    def show_draft(self, draft: Draft) -> None:
        """Show another draft, or the same as it was saved."""
        self.border_title = plain(one_line(draft.name or "New endpoint", limit=80))
        self.set_class(draft.id == DEMO, "-rehearsal")
        for field in self.query(Field):
            value = draft.value(field.parameter.name)
            field.show(None if value == "" else value)
        self.query_one("#field-name Input", Input).disabled = not draft.is_new
        self._ask_place(draft)

    def show_state(
        self, draft: Draft, troubles: Mapping[str, Trouble], state: str, key_note: str
    ) -> None:
        """Show `troubles` beside their fields, and how the draft and its key stand."""
        if draft.key_kind != self._kind:
            self._ask_place(draft)
        for field in self.query(Field):
            trouble = troubles.get(field.parameter.name)
            field.show_problem(trouble.text if trouble else "")
        self.query_one("#state", Static).update(plain(one_line(state, limit=200)))
        note = self.query_one("#key-note", Static)
        note.update(plain(one_line(key_note, limit=300)))
        note.display = bool(key_note)
        self.set_class(draft.is_changed, "-unsaved")

    def go_to(self, field: str = "") -> None:
        """Put the focus into `field`, or into the first that can be changed."""
        if self.has_class("-rehearsal"):
            self.screen.set_focus(self.query_one(Note))
            return
        for candidate in self.query(Field):
            name = candidate.parameter.name
            inputs = [node for node in (candidate, *candidate.query("*")) if node.focusable]
            if inputs and name in (field, field or name):
                self.screen.set_focus(inputs[0])
                return

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        self._last = event.widget
        nodes = event.widget.ancestors_with_self
        field = next((node for node in nodes if isinstance(node, Field)), None)
        text = field.parameter.help if field is not None else ""
        self.query_one("#help", Static).update(plain(one_line(text, limit=200)))

    @on(Field.Changed)
    def _changed(self, event: Field.Changed) -> None:
        event.stop()
        self.post_message(self.Edited(event.name, event.value))

    @on(Button.Pressed, "#save")
    def _save_pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.post_message(self.SavePressed())

    def _field(self, parameter: Parameter) -> Field:
        match parameter.name:
            case "default_model":
                return SuggestingField(parameter, None, lambda: self._models)
            case "place":
                return PlaceField(parameter, None)
            case "headers" | "extra":
                return LinesField(parameter, None)
        return field_for(parameter, None)

    def _ask_place(self, draft: Draft) -> None:
        self._kind = draft.key_kind
        field = self.query_one(PlaceField)
        field.show(draft.value(PLACE) or None)
        field.ask(_PLACE_HINTS.get(self._kind, _FIXED_PLACE), is_open=self._kind in SOURCES)
