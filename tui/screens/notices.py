"""The ways in which the studio tells that a job has ended, while it may not even be looked at."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from tui.desktop import DesktopSetting, choose_way, desktop_notice, in_tmux
from tui.terminal import Environment, TerminalFacts
from tui.text import Shown, one_line

if TYPE_CHECKING:
    from textual.app import App

TITLE = "Darkroom"


class StudioSignals:
    """Bell and desktop through the terminal; what goes wrong, on the screen."""

    def __init__(
        self,
        app: App[None],
        send: Callable[[str], None],
        terminal: TerminalFacts,
        environment: Environment = os.environ,
    ) -> None:
        """`send` writes a sequence to the terminal, in step with all else that is written."""
        self._app = app
        self._send = send
        self._terminal = terminal
        self._environment = environment

    def ring(self) -> None:
        """Ring the terminal's bell."""
        self._app.bell()

    def show(self, text: Shown, setting: DesktopSetting) -> None:
        """Have the terminal show `text` on the desktop, where `setting` comes to that."""
        way = choose_way(setting, self._terminal, self._environment)
        if way is not None:
            through_tmux = in_tmux(self._terminal, self._environment)
            self._send(desktop_notice(way, TITLE, text, through_tmux=through_tmux))

    def complain(self, problem: str) -> None:
        """Show `problem` for a while."""
        self._app.notify(
            one_line(problem, limit=400), title="Notices", severity="warning", timeout=15
        )
