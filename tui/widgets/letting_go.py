"""What Textual (8.2) would hold on to of screens and lines that are gone, and lets go of here."""

from __future__ import annotations

from functools import _lru_cache_wrapper
from typing import Any

import textual.strip
from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual._segment_tools import make_blank
from textual._styles_cache import StylesCache
from textual.app import App
from textual.color import Color as VisualColor
from textual.css.scalar import Scalar
from textual.filter import ANSIToTruecolor
from textual.geometry import Region
from textual.signal import Signal
from textual.strip import Strip
from textual.style import Style as VisualStyle

_FEW = 256
"""Results that may stay."""
_REMEMBERED: tuple[_lru_cache_wrapper[Any], ...] = (
    Color.downgrade,
    Color.get_ansi_codes,
    Region.__contains__,
    Region.contains_region,
    Region.grow,
    Region.intersection,
    Region.overlaps,
    Region.shrink,
    Region.translate,
    Region.union,
    Scalar.resolve,
    Segment._split_cells,
    Strip.blank,
    Style._add,
    VisualColor.blend,
    VisualColor.from_rich_color,
    vars(VisualColor)["rich_color"].fget,
    VisualStyle.__add__,
    ANSIToTruecolor.truecolor_style,
    make_blank,
)
"""What is asked for in every frame or picture, each time of another place, text or colour.
Not Palette.match: each colour takes it a while."""
_MANY_STYLES = 2_000
"""Of those whose escape sequences are remembered: what is on the screen besides pictures has some
hundred, and each cell of a picture has its own."""


def forget_the_gone(app: App[Any]) -> None:
    """Have the application and its open screens tell nothing more to nodes that were removed.

    Textual holds on to whoever listens to a signal or watches a value until the next time that
    there is something to tell, and so to their screens, and all that is on those.
    """
    for owner in (app, *app.screen_stack):
        for signal in vars(owner).values():
            if isinstance(signal, Signal):
                for node in list(signal._subscriptions):
                    if not node.is_running:
                        signal.unsubscribe(node)
        for watchers in getattr(owner, "__watchers", {}).values():
            watchers[:] = [(node, tell) for node, tell in watchers if node.is_running]
    # What it knows two colours of is kept by what has all lines of a widget, those of a thousand.
    StylesCache.get_inner_outer.cache_clear()


def let_results_go() -> None:
    """Forget what Textual remembers of sums and parts that are quickly worked out again.

    Of each it keeps up to sixteen thousand: tens of thousands of objects that Python goes through
    whenever it looks for garbage.
    """
    for function in _REMEMBERED:
        if function.cache_info().currsize > _FEW:
            function.cache_clear()
    if Strip.render_ansi.cache_info().currsize > _MANY_STYLES:
        Strip.render_ansi.cache_clear()


def let_strips_go() -> None:
    """Have no strip of this process keep what was made of it: parts, and copies in other styles.

    Textual keeps them for the next time that the line is drawn, in seven caches for each line,
    which were an eighth of all objects; and when a line is drawn that nothing covers, the one part
    is the strip itself. Such a ring is left for Python to look for: each picture that was drawn
    came to two thousand objects, and the screen stood still when they were found.
    """
    textual.strip.FIFOCache = _no_cache  # type: ignore[assignment, attr-defined]


class _NoCache:
    """In place of a FIFOCache, and of all of them."""

    __slots__ = ()

    def get(self, key: object, default: object = None) -> object:
        return default

    def __setitem__(self, key: object, value: object) -> None:
        pass


_NOTHING = _NoCache()


def _no_cache(_: int) -> _NoCache:
    return _NOTHING
