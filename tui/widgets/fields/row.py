"""A row of a form: what is right of its label, and beneath it what is wrong."""

from __future__ import annotations

from typing import ClassVar

from textual.widget import Widget
from textual.widgets import Static

from tui.text import one_line
from tui.widgets.plain import plain


class FormRow(Widget):
    """Something that can be set. The form shows `help` while the focus is within."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"field--label"}

    unreadable: str = ""
    """Why what is typed is no value; empty when it is one."""
    _problem_line: Static | None = None

    @property
    def label(self) -> str:
        """What the row is called on screen."""
        raise NotImplementedError

    @property
    def help(self) -> str:
        """What to know before setting it."""
        return ""

    @property
    def is_set(self) -> bool:
        """Whether the user set a value, which `reset` gives back."""
        return False

    @property
    def problem(self) -> str:
        """The sentence beneath the row; empty when all is well."""
        return self.unreadable

    @property
    def label_width(self) -> int:
        """Cells left of the value."""
        width = self.get_component_styles("field--label").width
        return int(width.value) if width is not None else 0

    def reset(self) -> None:
        """Leave what the row sets to the model again."""

    def point_out(self) -> None:
        """Show `unreadable`, even if it was not worth a word so far."""

    def put_problem(self) -> None:
        """Draw `problem` as it is now."""
        problem = self.problem
        if self._problem_line is None:
            if not problem:
                return
            # Mounted when first needed: most rows never are wrong.
            self._problem_line = Static(classes="field--problem")
            self.mount(self._problem_line)
        if self.has_class("-problem") != bool(problem):
            self.set_class(bool(problem), "-problem")
        self._problem_line.update(plain(one_line(problem, limit=200)))
