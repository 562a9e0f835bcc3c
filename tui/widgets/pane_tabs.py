"""The tabs that stand in for panes where the terminal is too narrow to show them all."""

from __future__ import annotations

from typing import Any

from textual import events
from textual.content import Content
from textual.reactive import reactive
from textual.screen import Screen
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


def turn_pane(screen: Screen[Any], old: str, new: str) -> None:
    """Have a screen that has tabs show the pane `new`, where it shows one at a time."""
    screen.remove_class(f"-pane-{old}", update=False)
    screen.add_class(f"-pane-{new}", update=False)
    if screen.is_mounted:
        # At once, or the next key would still go where the focus was; and once for both, since it
        # takes a while.
        screen.app.stylesheet.update(screen)
        screen.query_one(PaneTabs).chosen = new
