"""What the fields of all parameters have in common: a label, a value, and where it comes from."""

from __future__ import annotations

import re

from textual.content import Content

from tui.catalog.card import Parameter
from tui.catalog.validation import written
from tui.config import JSON
from tui.text import Shown, one_line
from tui.widgets.data_message import DataMessage
from tui.widgets.fields.row import FormRow
from tui.widgets.plain import assembled, plain

IGNORED_MARK = Shown("*")
_FITS_AN_ID = re.compile(r"[A-Za-z0-9-]+")
_LABEL_LIMIT = 40


class Field(FormRow):
    """One parameter. Says what was set through `Changed`; what it shows is set with `show`.

    It draws its label itself, and its value where nothing is typed: the fewer widgets a form has,
    the sooner it is there.
    """

    class Changed(DataMessage):
        """The user set the parameter; None leaves it to the model."""

        name: str
        value: JSON

    class Unreadable(DataMessage):
        """The user typed what cannot be a value of the parameter."""

        name: str
        problem: str

    nearest: JSON = None
    """The nearest legal value, which Enter takes; None if there is none."""

    def __init__(self, parameter: Parameter, value: JSON = None) -> None:
        """`value` is what was set; None where the model is left to choose."""
        name = parameter.name.replace("_", "-")
        super().__init__(
            # A card's name may be anything that a request field can be; a widget's id may not.
            id=f"field-{name}" if _FITS_AN_ID.fullmatch(name) else None,
            classes="-set" if value is not None else None,
        )
        self.parameter = parameter
        self._value = value
        self._violation = ""

    @property
    def label(self) -> str:
        return self.parameter.label

    @property
    def help(self) -> str:
        ignored = self.parameter.ignored
        remark = f"{IGNORED_MARK} {ignored}" if ignored else ""
        return " ".join(filter(None, (self.preface, self.parameter.help, remark)))

    @property
    def preface(self) -> str:
        """What its help begins with."""
        return ""

    @property
    def is_set(self) -> bool:
        return self._value is not None

    @property
    def shown_value(self) -> JSON:
        """What was set, or else what the model does when nothing is."""
        return self.parameter.default if self._value is None else self._value

    @property
    def problem(self) -> str:
        return self.unreadable or self._violation

    def show(self, value: JSON) -> None:
        """Show `value`, set elsewhere, in place of whatever is shown or typed."""
        self.hold(value)
        self.unreadable = ""
        self.put_value()
        self.put_problem()

    def follow(self, value: JSON) -> None:
        """Show `value` unless the field has it already, so that typing is not disturbed."""
        if value != self._value or type(value) is not type(self._value):
            self.show(value)

    def set_value(self, value: JSON) -> None:
        """Show `value`, and say that the user set it."""
        self.show(value)
        self.post_message(self.Changed(self.parameter.name, value))

    def reset(self) -> None:
        self.set_value(None)

    def show_problem(self, problem: str, nearest: JSON = None) -> None:
        """Say what is wrong with the value, and which legal one Enter would take."""
        self.nearest = nearest
        if nearest is not None:
            problem = f"{problem}. Enter: {written(self.parameter, nearest)}"
        if problem != self._violation:
            self._violation = problem
            self.put_problem()

    def hold(self, value: JSON) -> None:
        """Have `value` from now on, however it is shown."""
        self._value = value
        if self.has_class("-set") != self.is_set:
            self.set_class(self.is_set, "-set")
            self.refresh_bindings()

    def put_value(self) -> None:
        """Draw `shown_value`."""
        self.refresh()

    def render(self) -> Content:
        width = self.label_width
        room = max(0, width - 1)
        mark = assembled(Shown(" "), IGNORED_MARK) if self.parameter.ignored else assembled()
        label = plain(one_line(self.label, limit=_LABEL_LIMIT))
        label = label.truncate(room - mark.cell_length, ellipsis=True).stylize(".field--label")
        head = assembled(label, mark.stylize("$warning"))
        head = head.pad_right(max(0, width - head.cell_length))
        return assembled(head, self.render_value(max(0, self.size.width - width)))

    def render_value(self, width: int) -> Content:
        """What stands in `width` cells right of the label, beneath any widget there."""
        return assembled()
