"""What is done for history beside the entries: its trash, and the searches that are kept."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING

from textual.notifications import SeverityLevel

from tui.config import ConfigError
from tui.generation.saved_searches import keep_search
from tui.generation.thumbnails import EntryThumbnails
from tui.history.desk import HistoryDesk
from tui.text import one_line
from tui.widgets.history_pane import HistoryPane

if TYPE_CHECKING:
    from textual.app import App


class HistoryKeeping:
    """Does it in threads, and says what came of it."""

    def __init__(self, app: App[None], history: HistoryDesk, config_file: Path) -> None:
        self._app = app
        self._history = history
        self._config_file = config_file

    def empty_trash(self, days: int) -> None:
        """Remove for good what was thrown away more than `days` days ago."""
        self._begin(self._empty_trash(days), "Empties the trash")

    def keep_search(
        self, asked: HistoryPane.SearchNamed, then: Callable[[dict[str, str]], object]
    ) -> None:
        """Write a named search into config.toml; `then` gets all that are there."""
        self._begin(self._keep_search(asked, then), "Keeps a search")

    def _begin(self, work: Coroutine[None, None, None], what: str) -> None:
        self._app.run_worker(work, group="history", description=what, exit_on_error=False)

    async def _empty_trash(self, days: int) -> None:
        try:
            thumbnails = EntryThumbnails(self._history)
            count = await asyncio.to_thread(thumbnails.empty_trash, days)
        except OSError as error:
            self._tell(f"The trash cannot be emptied: {error.strerror or error}.", "Trash")
            return
        if count:
            entries = "1 entry" if count == 1 else f"{count} entries"
            self._tell(f"{entries} removed from the trash, {days} days after.", "Trash")

    async def _keep_search(
        self, asked: HistoryPane.SearchNamed, then: Callable[[dict[str, str]], object]
    ) -> None:
        try:
            searches = await asyncio.to_thread(
                keep_search, self._config_file, asked.name, asked.query, asked.was
            )
        except ConfigError as error:
            self._tell(str(error), "Not kept", severity="warning")
        else:
            then(searches)

    def _tell(self, text: str, title: str, severity: SeverityLevel = "information") -> None:
        self._app.notify(
            one_line(text, limit=300), title=one_line(title, limit=40), severity=severity
        )
