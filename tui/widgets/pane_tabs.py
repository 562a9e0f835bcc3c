"""The tabs that stand in for panes where the terminal is too narrow to show them all."""

from __future__ import annotations

from textual import events
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from tui.text import Shown, showable
from tui.widgets.data_message import DataMessage
from tui.widgets.plain import assembled


class PaneTabs(Widget):
    """A line of names, one of them chosen."""

    chosen: reactive[str] = reactive("")

    class Chosen(DataMessage):
        """A tab was clicked."""

        name: str

    def __init__(self, tabs: dict[str, Shown], *, id: str | None = None) -> None:
        """`tabs` are the titles by name, from left to right."""
        super().__init__(id=id)
        self._tabs = tabs

    def render(self) -> Content:
        return assembled(
            *(
                (
                    showable(f" {title} "),
                    "bold $accent reverse" if name == self.chosen else "$text-quiet",
                )
                for name, title in self._tabs.items()
            )
        )

    def on_click(self, event: events.Click) -> None:
        end = 0
        for name, title in self._tabs.items():
            end += len(title) + 2
            if event.x < end:
                self.post_message(self.Chosen(name))
                return
