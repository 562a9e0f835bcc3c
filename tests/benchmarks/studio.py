"""The studio for timing: as a program of its own, and in this process on a terminal that shows
nothing but is written to like any other."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec import Struct
from textual import events
from textual.drivers.headless_driver import HeadlessDriver
from textual.geometry import Region
from textual.strip import Strip

from tui.app import DarkroomApp
from tui.catalog.loading import load_catalogue
from tui.config import load_config
from tui.paths import Paths
from tui.setup import Setup
from tui.themes import load_themes
from tui.widgets.history_pane import HistoryPane
from tui.widgets.history_sidebar import HistorySidebar

COMMAND = [str(Path(sys.executable).with_name("darkroom"))]
READY = "ctrl+q"
"""Stands in the first frame, in its last line."""
_KEPT = ("PATH", "HOME", "LANG", "PYTHONPATH")


def environment(home: Path) -> dict[str, str]:
    """What a studio whose folders all lie in `home` is started with."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return {**kept, "TERM": "xterm-256color", "COLORTERM": "truecolor", "DARKROOM_HOME": str(home)}


def studio_app(paths: Paths) -> DarkroomApp:
    """The application on the demo endpoint."""
    return DarkroomApp(
        Setup(
            paths=paths,
            config=load_config(paths.config_file),
            catalogue=load_catalogue(paths.cards),
            themes=load_themes(paths.themes),
            endpoint="demo",
            model="seedream-4.5",
            theme="safelight",
        )
    )


class Drawn(Struct, frozen=True):
    """What the history list looked like when it was last drawn."""

    query: str | None = None
    """What was searched for; None while nothing was listed."""
    top: int = -1
    """The first line that is on screen."""
    count: int = 0
    """How many entries are listed."""
    lacking: int = 0
    """How many of the entries on screen are not there yet."""


class Watched:
    """Tells when the terminal was sent a frame with the history list in some state."""

    def __init__(self) -> None:
        self.drawn = Drawn()
        self._sent = Drawn()
        self._sent_at = 0.0
        self._news = asyncio.Event()

    async def until(self, condition: Callable[[Drawn], bool]) -> float:
        """The time at which the frame was sent for which `condition` holds; now or later."""
        while not condition(self._sent):
            self._news.clear()
            await self._news.wait()
        return self._sent_at

    def wrote(self) -> None:
        if self._sent != self.drawn:
            self._sent, self._sent_at = self.drawn, time.perf_counter()
            self._news.set()


def watch_history(monkeypatch: pytest.MonkeyPatch) -> Watched:
    """Have frames made and written in full for the applications of a test, and look at them."""
    watched = Watched()
    render = HistorySidebar.render_lines

    def noted(sidebar: HistorySidebar, crop: Region) -> list[Strip]:
        strips = render(sidebar, crop)
        watched.drawn = _drawn(sidebar)
        return strips

    monkeypatch.setattr(HistorySidebar, "render_lines", noted)
    monkeypatch.setattr(HeadlessDriver, "is_headless", False)
    monkeypatch.setattr(HeadlessDriver, "write", lambda driver, data: watched.wrote())
    return watched


def press(app: DarkroomApp, key: str, character: str | None = None) -> float:
    """Press a key as the terminal's thread does, and go on at once; when that was."""
    assert app._driver is not None
    event = events.Key(key, character)
    event.set_sender(app)
    pressed = time.perf_counter()
    app._driver.send_message(event)
    return pressed


def _drawn(sidebar: HistorySidebar) -> Drawn:
    pane = sidebar.parent
    assert isinstance(pane, HistoryPane)
    listed = sidebar._listed
    first, end = sidebar._span(0)
    lacking = sum(listed.row(key) is None for key in listed.keys[first:end])
    return Drawn(pane._listed_for, int(sidebar.scroll_offset.y), len(listed), lacking)
