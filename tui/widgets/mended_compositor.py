"""A compositor that leaves no map of the screen behind, and tells all widgets where they are."""

from __future__ import annotations

import textual.screen
from textual._compositor import Compositor, CompositorMap, ReflowResult
from textual.geometry import Size
from textual.widget import Widget


class MendedCompositor(Compositor):
    """Empties what a map was made in, and knows what widgets were told last."""

    def __init__(self) -> None:
        super().__init__()
        self._told: CompositorMap = {}

    def reflow(self, parent: Widget, size: Size) -> ReflowResult:
        """Lay out anew, and give those that are hidden, that are shown, and that have another size.

        While something is scrolled, and when somebody asks where a widget is just afterwards,
        Textual (8.2) makes a map as well. Who came or went with that one was not told, and would
        never be, since nothing seems to have changed by now: a picture was not shown at all.
        """
        before = self._full_map
        result = super().reflow(parent, size)
        now, told = self._full_map, self._told
        self._told = now
        # Unlike Textual's own, which would make it once more.
        self._full_map_invalidated = False
        if before is told:
            return result
        changes = now.items() ^ told.items()
        if size.region not in self._dirty_regions:
            places = (place.clip.intersection(place.region) for _, place in changes)
            self._dirty_regions |= set(filter(None, places))
        resized = {
            widget
            for widget, place in changes
            if widget in now and widget in told and told[widget].region.size != place.region.size
        }
        return ReflowResult(
            hidden=result.hidden | (told.keys() - now.keys() - self.widgets),
            shown=result.shown | (now.keys() - told.keys()),
            resized=result.resized | resized,
        )

    def clear(self) -> None:
        super().clear()
        self._told = {}

    def _arrange_root(
        self, root: Widget, size: Size, visible_only: bool = True
    ) -> tuple[CompositorMap, set[Widget]]:
        # The function with which Textual does so calls itself, and so lives on with all it has made
        # until Python looks for garbage: where each widget is, those of closed screens among them,
        # which came to half of all garbage.
        made_map, made_widgets = super()._arrange_root(root, size, visible_only)
        arranged = dict(made_map), set(made_widgets)
        made_map.clear()
        made_widgets.clear()
        return arranged


def use_mended_compositors() -> None:
    """Have the screens of this process use such."""
    textual.screen.Compositor = MendedCompositor  # type: ignore[attr-defined]
