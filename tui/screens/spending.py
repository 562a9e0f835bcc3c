"""What today has cost, added up again whenever it may have changed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tui.history.desk import HistoryDesk
from tui.screens.studio import StudioScreen

if TYPE_CHECKING:
    from textual.app import App


class TodaysSpending:
    """Adds up in a thread, one run at a time: each looks at all files of the day."""

    def __init__(self, app: App[None], studio: StudioScreen, history: HistoryDesk) -> None:
        self._app = app
        self._studio = studio
        self._history = history
        self._is_wanted = False
        self._running = asyncio.Lock()

    def follow(self) -> None:
        """Show the sum as it is now."""
        if not self._is_wanted:
            self._is_wanted = True
            self._app.run_worker(
                # Not called yet: at the end of the program it may never be.
                self._add_up,
                group="spending",
                description="Adds up today",
                exit_on_error=False,
            )

    async def _add_up(self) -> None:
        async with self._running:
            self._is_wanted = False
            spent = await asyncio.to_thread(self._history.spent_today)
        if self._studio.is_up:
            self._studio.show_spending(spent)
