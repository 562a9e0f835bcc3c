"""What an application would hold on to of widgets that are long gone."""

from __future__ import annotations

from typing import Any

from textual._styles_cache import StylesCache
from textual.app import App
from textual.signal import Signal


def forget_the_gone(app: App[Any]) -> None:
    """Have the application and its open screens tell nothing more to nodes that were removed.

    Textual holds on to whoever listens to a signal or watches a value until the next time that
    there is something to tell, and so to their screens, and all that is on those (8.2).
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
