"""The seed of a model that takes one: drawn anew, the same again, or the next one."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.widgets import Input

from tui.catalog.card import Parameter
from tui.config import JSON
from tui.generation.seeds import SEED_MODES, SeedMode
from tui.text import Shown, one_line
from tui.widgets.data_message import DataMessage
from tui.widgets.fields.number import NumberField
from tui.widgets.picks import Pick, Picks

AGAIN_MARK = Shown("↺")
_AGAIN = "again"
_MODE_WORDS: dict[SeedMode, Shown] = {
    "random": Shown("random"),
    "fixed": Shown("fixed"),
    "next": Shown("next"),
}


class SeedField(NumberField):
    """A line to type a seed in, and beneath it the ways to come by one."""

    class ModeChosen(DataMessage):
        """Another way to come by a seed was picked."""

        mode: SeedMode

    def __init__(self, parameter: Parameter, value: JSON = None) -> None:
        super().__init__(parameter, value)
        self._mode: SeedMode = "random" if value is None else "fixed"
        self._last: int | None = None

    @property
    def preface(self) -> str:
        return "" if self._last is None else f"{AGAIN_MARK} is the last one again."

    def compose(self) -> ComposeResult:
        yield from super().compose()
        yield Picks(self._groups())

    def show_mode(self, mode: SeedMode, last: int | None) -> None:
        """Show how the next seed comes about, and which was sent last."""
        self._mode, self._last = mode, last
        self._put_picks()

    def hold(self, value: JSON) -> None:
        super().hold(value)
        self._put_picks()

    def step_from(self) -> JSON:
        return self._last if self.shown_value is None else self.shown_value

    def take_nearest(self) -> None:
        """Take the last seed again where none is typed."""
        if self.query_one(Input).value or self._last is None:
            super().take_nearest()
        else:
            self.set_value(self._last)

    @on(Picks.Picked)
    def _picked(self, event: Picks.Picked) -> None:
        event.stop()
        if event.key == _AGAIN:
            self.set_value(self._last)
            return
        for mode in SEED_MODES:
            if mode == event.key:
                self.post_message(self.ModeChosen(mode))

    def _put_picks(self) -> None:
        for picks in self.query(Picks):
            picks.show(self._groups())

    def _groups(self) -> list[list[Pick]]:
        modes = [Pick(mode, _MODE_WORDS[mode], mode == self._mode) for mode in SEED_MODES]
        if self._last is None or self._last == self.shown_value:
            return [modes]
        return [modes, [Pick(_AGAIN, one_line(f"{AGAIN_MARK} {self._last}"))]]
