"""A compositor that lets go of where things were once they are somewhere else."""

from __future__ import annotations

from typing import Any

import textual.screen
from textual._compositor import Compositor, CompositorMap, ReflowResult
from textual.geometry import Size
from textual.widget import Widget


class SparingCompositor(Compositor):
    """Empties each map that another one has taken the place of.

    The function with which Textual (8.2) makes a map calls itself, and so lives on with all it has
    made until Python looks for garbage: a map of the screen for each time that it is laid out,
    which came to half of all garbage.
    """

    def reflow(self, parent: Widget, size: Size) -> ReflowResult:
        before = self._held()
        result = super().reflow(parent, size)
        self._let_go(before)
        return result

    def reflow_visible(self, parent: Widget, size: Size) -> set[Widget]:
        before = self._held()
        result = super().reflow_visible(parent, size)
        self._let_go(before)
        return result

    @property
    def full_map(self) -> CompositorMap:
        if not self._full_map_invalidated:
            return super().full_map
        before = self._held()
        result = super().full_map
        self._let_go(before)
        return result

    def _held(self) -> tuple[dict[Any, Any] | set[Any] | None, ...]:
        return self._full_map, self._visible_map, self.widgets

    def _let_go(self, before: tuple[dict[Any, Any] | set[Any] | None, ...]) -> None:
        now = self._held()
        for each in before:
            if each is not None and not any(each is other for other in now):
                each.clear()


def use_sparing_compositors() -> None:
    """Have the screens of this process use such."""
    textual.screen.Compositor = SparingCompositor  # type: ignore[attr-defined]
