"""The line at the bottom: the keys that work here and now.

One widget that draws text, in place of Textual's Footer, which mounts a widget a key and leaks
them on focus changes (Textual issue 6666).
"""

from __future__ import annotations

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.screen import Screen
from textual.widget import Widget

from tui.text import Shown, one_line
from tui.widgets.plain import assembled

_GAP = Shown("  ")


class KeyBar(Widget):
    """Shows the bindings that are active where the focus is; a click presses the key."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._spans: list[tuple[int, int, str]] = []

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._bindings_updated)

    def _bindings_updated(self, _screen: Screen[object]) -> None:
        self.refresh()

    def render(self) -> Content:
        parts: list[tuple[Shown, str]] = [(Shown(" "), "")]
        self._spans = []
        column = 1
        for key, description, action in self._shown():
            width = cell_len(key) + 1 + cell_len(description)
            if column + width > self.size.width:
                break
            parts += [(key, "bold $footer-key-foreground"), (Shown(" "), "")]
            parts += [(description, "$text-quiet"), (_GAP, "")]
            self._spans.append((column, column + width, action))
            column += width + len(_GAP)
        return assembled(*parts)

    def on_click(self, event: events.Click) -> None:
        for start, end, key in self._spans:
            if start <= event.x < end:
                self.app.simulate_key(key)
                return

    def _shown(self) -> list[tuple[Shown, Shown, str]]:
        """Key as shown, description, and key to press; one binding an action."""
        shown: dict[str, tuple[Shown, Shown, str]] = {}
        for _, binding, enabled, _ in self.screen.active_bindings.values():
            if binding.show and enabled and binding.action not in shown:
                # A key comes from the configuration.
                name = one_line(binding.key_display or binding.key, limit=20)
                shown[binding.action] = (name, one_line(binding.description), binding.key)
        return list(shown.values())
