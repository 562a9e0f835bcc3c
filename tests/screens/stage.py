"""An application with our themes and nothing in it, for screens and widgets by themselves."""

from __future__ import annotations

from pathlib import Path

from textual.widget import Widget

import tui
from tui.guarded_app import GuardedApp
from tui.themes import load_themes
from tui.widgets.textual_theme import textual_theme


class Stage(GuardedApp):
    """Shows the widgets it is given; screens are pushed."""

    def __init__(self, *widgets: Widget, theme: str = "safelight", css: str = "") -> None:
        """`css` is the name of a file of `tui/styles`, for the widgets."""
        super().__init__()
        self._widgets = widgets
        for file in load_themes(Path("none")).found.values():
            self.register_theme(textual_theme(file))
        self.theme = theme
        if css:
            self.css_path = [Path(tui.__file__).parent / "styles" / css]

    def on_mount(self) -> None:
        self.screen.mount_all(self._widgets)
