"""A number of images, and in how many requests they are asked for."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.widgets import Input, Static

from tui.catalog.card import Parameter
from tui.config import JSON
from tui.generation.counts import SPREADS, Sharing, Spread
from tui.text import one_line
from tui.widgets.data_message import DataMessage
from tui.widgets.fields.number import NumberField
from tui.widgets.picks import Pick, Picks
from tui.widgets.plain import plain


class CountField(NumberField):
    """A line to type a number in, and for more than one image what that amounts to.

    Where the model gives several images at once, the ways to ask for them can be picked from.
    """

    class SpreadChosen(DataMessage):
        """Another way to share out the images was picked."""

        spread: Spread

    def __init__(self, parameter: Parameter, value: JSON = None) -> None:
        super().__init__(parameter, value)
        self._sharing = Sharing()
        self._picks: Picks | None = None
        self._note: Static | None = None

    def compose(self) -> ComposeResult:
        yield from super().compose()
        yield from self._beneath()

    def show_sharing(self, sharing: Sharing) -> None:
        """Show in how many requests the images are asked for, and what that means."""
        if sharing == self._sharing:
            return
        self._sharing = sharing
        if not self.query(Input):
            return
        if missing := self._beneath():
            self.mount_all(missing, after=self.query_one(Input))
        if self._picks is not None and self._note is not None:
            if self._picks.has_focus and not sharing.is_choice:
                self.query_one(Input).focus()
            self._picks.show(self._groups())
            self._picks.display = sharing.is_choice
            self._note.update(plain(one_line(sharing.meaning(), limit=200)))
            self._note.display = bool(sharing.meaning())

    @on(Picks.Picked)
    def _picked(self, event: Picks.Picked) -> None:
        event.stop()
        for spread in SPREADS:
            if spread == event.key:
                self.post_message(self.SpreadChosen(spread))

    def _beneath(self) -> list[Picks | Static]:
        """What is missing beneath the line, once there is anything to say there."""
        if self._note is not None or not self._sharing.meaning():
            return []
        self._picks = Picks(self._groups())
        self._picks.display = self._sharing.is_choice
        self._note = Static(
            plain(one_line(self._sharing.meaning(), limit=200)), classes="field--note"
        )
        return [self._picks, self._note]

    def _groups(self) -> list[list[Pick]]:
        sharing = self._sharing
        ways: dict[Spread, int] = {
            "together": len(sharing.together),
            "apart": len(sharing.apart),
        }
        return [
            [
                Pick(
                    spread,
                    one_line(f"{number} request{'s' if number > 1 else ''}"),
                    spread == sharing.spread,
                )
                for spread, number in ways.items()
            ]
        ]
