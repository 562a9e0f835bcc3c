"""A compositor that leaves no map of the screen behind each time that it is laid out."""

from __future__ import annotations

import textual.screen
from textual._compositor import Compositor, CompositorMap
from textual.geometry import Size
from textual.widget import Widget


class SparingCompositor(Compositor):
    """Empties what a map was made in.

    The function with which Textual (8.2) does so calls itself, and so lives on with all it has
    made until Python looks for garbage: where each widget is, those of closed screens among them,
    which came to half of all garbage.
    """

    def _arrange_root(
        self, root: Widget, size: Size, visible_only: bool = True
    ) -> tuple[CompositorMap, set[Widget]]:
        made_map, made_widgets = super()._arrange_root(root, size, visible_only)
        arranged = dict(made_map), set(made_widgets)
        made_map.clear()
        made_widgets.clear()
        return arranged


def use_sparing_compositors() -> None:
    """Have the screens of this process use such."""
    textual.screen.Compositor = SparingCompositor  # type: ignore[attr-defined]
