"""What an application would hold on to of widgets that are long gone."""

from __future__ import annotations

from typing import Any

from textual.app import App
from textual.signal import Signal


def forget_the_gone(app: App[Any]) -> None:
    """Have the application tell nothing more to nodes that were removed.

    Textual holds on to whoever listens to its signals or watches its values until the next time
    that there is something to tell, and so to their screens, and all that is on those (8.2).
    """
    for signal in vars(app).values():
        if isinstance(signal, Signal):
            for node in list(signal._subscriptions):
                if not node.is_running:
                    signal.unsubscribe(node)
    for watchers in getattr(app, "__watchers", {}).values():
        watchers[:] = [(node, tell) for node, tell in watchers if node.is_running]
