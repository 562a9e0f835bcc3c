"""What today has cost, added up again whenever it may have changed."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from tui.history.desk import HistoryDesk
from tui.history.resting import rest_after
from tui.history.spending import Spending
from tui.screens.studio import StudioScreen

if TYPE_CHECKING:
    from textual.app import App
    from textual.worker import Worker


class TodaysSpending:
    """Adds up in a thread, one run at a time, with rests: each looks at all files of the day."""

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
            self._worker: Worker[None] = self._app.run_worker(
                self._add_up, group="spending", description="Adds up today", exit_on_error=False
            )

    async def _add_up(self) -> None:
        async with self._running:
            self._is_wanted = False
            spent, busy = await asyncio.to_thread(self._ask)
            if self._studio.is_up:
                self._studio.show_spending(spent)
            await asyncio.sleep(rest_after(busy))

    def _ask(self) -> tuple[Spending, float]:
        """The sum, and the seconds of the processor's time that it took."""
        began = time.thread_time()
        return self._history.spent_today(), time.thread_time() - began
