"""The size of a picture: typed, from a menu, or put together from how large and what shape."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from tui.catalog.card import Parameter
from tui.catalog.shapes import (
    in_tier,
    ratio_in_use,
    ratios_of,
    sides_of,
    tier_in_use,
    tiers_of,
    turned,
)
from tui.catalog.validation import options, written
from tui.config import JSON
from tui.text import Shown, one_line
from tui.widgets.fields.typed import TypedField
from tui.widgets.picks import Pick, Picks

TURN_MARK = Shown("⇄")
_TURN, _TIER, _RATIO = "turn", "tier ", "ratio "


class SizeField(TypedField):
    """A line to type in, and beneath it what can be picked: tiers, ratios, and turning them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+t", "turn", "turn", id="turn-size"),
    ]

    def __init__(self, parameter: Parameter, value: JSON = None) -> None:
        super().__init__(parameter, value)
        self._is_upright = False
        """Which way the ratios are offered; a square says nothing of it."""

    def menu(self) -> Sequence[tuple[JSON, str]]:
        return [(value, written(self.parameter, value)) for value in options(self.parameter)]

    def compose(self) -> ComposeResult:
        yield from super().compose()
        if groups := self._groups():
            yield Picks(groups)

    def hold(self, value: JSON) -> None:
        super().hold(value)
        self._put_picks()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "turn":
            return self._can_turn()
        return super().check_action(action, parameters)

    def action_turn(self) -> None:
        """Turn the size, or where it is a square or a name, the ratios that are offered."""
        if other := turned(self.parameter, self.shown_value):
            self.set_value(other)
        else:
            self._is_upright = not self._is_upright
            self._put_picks()

    @on(Picks.Picked)
    def _picked(self, event: Picks.Picked) -> None:
        event.stop()
        parameter, value = self.parameter, self.shown_value
        if event.key == _TURN:
            self.action_turn()
        elif event.key.startswith(_TIER):
            self.set_value(in_tier(parameter, value, event.key.removeprefix(_TIER)))
        else:
            ratio = event.key.removeprefix(_RATIO)
            self.set_value(self._ratios()[ratio])

    def _ratios(self) -> dict[str, str]:
        tier = tier_in_use(self.parameter, self.shown_value)
        return ratios_of(self.parameter, tier, upright=self._is_upright)

    def _can_turn(self) -> bool:
        value = self.shown_value
        if turned(self.parameter, value) is not None:
            return True
        sides = sides_of(value)
        if sides is not None and sides[0] != sides[1]:
            return False
        tier = tier_in_use(self.parameter, value)
        return ratios_of(self.parameter, tier, upright=True) != ratios_of(
            self.parameter, tier, upright=False
        )

    def _put_picks(self) -> None:
        for picks in self.query(Picks):
            picks.show(self._groups())

    def _groups(self) -> list[list[Pick]]:
        parameter, value = self.parameter, self.shown_value
        sides = sides_of(value)
        if sides is not None and sides[0] != sides[1]:
            self._is_upright = sides[1] > sides[0]
        tier, ratio = tier_in_use(parameter, value), ratio_in_use(value)
        tiers = [Pick(_TIER + name, one_line(name), name == tier) for name in tiers_of(parameter)]
        ratios = [Pick(_RATIO + name, one_line(name), name == ratio) for name in self._ratios()]
        if ratios:
            ratios.append(Pick(_TURN, TURN_MARK, is_enabled=self._can_turn()))
        return [group for group in (tiers, ratios) if group]
