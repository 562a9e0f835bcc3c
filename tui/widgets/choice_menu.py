"""A menu of values that opens over a field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.screen import ModalScreen
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tui.text import Shown, showable
from tui.widgets.plain import plain
from tui.widgets.steady import Steady

_BORDERS = 2


class ChoiceMenu(Steady, ModalScreen[int | None]):
    """Dismisses with the index of the chosen line, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Close", id="close-menu"),
    ]

    def __init__(
        self,
        lines: Sequence[Shown],
        chosen: int,
        anchor: Region,
        reasons: Mapping[int, Shown] | None = None,
    ) -> None:
        """`anchor` is the field, in screen cells; the menu opens below it, or above.

        `reasons` has why a line had better not be chosen, by its index: it is dimmed, and says so.
        """
        super().__init__()
        self._lines = lines
        self._reasons = reasons or {}
        self._chosen = chosen
        self._anchor = anchor

    def compose(self) -> ComposeResult:
        yield OptionList(*map(self._option, range(len(self._lines))))

    def on_mount(self) -> None:
        options = self.query_one(OptionList)
        options.highlighted = self._chosen
        self._place(options)

    def on_resize(self) -> None:
        self._place(self.query_one(OptionList))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option_index)

    def on_click(self, event: events.Click) -> None:
        if event.widget is self:
            self.dismiss(None)

    def action_cancel(self) -> None:
        self.dismiss(None)

    def _option(self, index: int) -> Option:
        return Option(plain(self._text(index), "$text-quiet" if index in self._reasons else ""))

    def _text(self, index: int) -> Shown:
        reason = self._reasons.get(index)
        return showable(f" {self._lines[index]} " + (f"· {reason} " if reason else ""))

    def _place(self, options: OptionList) -> None:
        screen, anchor = self.app.size, self._anchor
        height = min(len(self._lines) + _BORDERS, max(screen.height - 2, 3))
        width = max(anchor.width, self._longest() + 2)
        below = screen.height - anchor.bottom
        top = anchor.bottom if height <= below or below >= anchor.y else anchor.y - height
        left = min(anchor.x, screen.width - width)
        options.styles.height = height
        options.styles.width = min(width, screen.width)
        options.styles.offset = (max(0, left), max(0, min(top, screen.height - height)))

    def _longest(self) -> int:
        return max((cell_len(self._text(index)) for index in range(len(self._lines))), default=0)
