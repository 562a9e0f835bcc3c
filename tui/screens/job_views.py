"""What the studio shows of its jobs: their rows and pictures, and what went wrong."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from textual.screen import Screen

from tui.generation.lost import Look, Result
from tui.generation.queue import Job, JobBoard
from tui.history.desk import HistoryDesk
from tui.history.entry import Entry
from tui.history.index_rows import row_of
from tui.history.wording import advice, outcome
from tui.screens.entries import Entries
from tui.screens.shown_entry import ShownEntry
from tui.text import one_line, showable
from tui.widgets.history_sidebar import HistorySidebar
from tui.widgets.status_line import StatusLine

_TOLD: frozenset[Result] = frozenset({"adopted", "failed", "ambiguous", "not_saved"})
"""What a look for a lost job may find that is news."""
TOLD_ONCE = 5.0
"""Seconds within which the same failure of other jobs is not told again: they show it."""


class JobViews:
    """Has the list and the picture follow, and tells what cannot be seen there."""

    def __init__(
        self,
        screen: Screen[None],
        history: Callable[[], HistorySidebar],
        status: Callable[[], StatusLine],
        entries: Entries,
        desk: HistoryDesk,
        shown: ShownEntry,
        *,
        turned: Callable[[], object],
    ) -> None:
        """`turned` is called when the queue may have stopped or gone on."""
        self._screen = screen
        self._history = history
        self._status = status
        self._entries = entries
        self._desk = desk
        self._shown = shown
        self._turned = turned
        self._told: dict[str, float] = {}
        """Why jobs failed, and when that was said last, in monotonic seconds."""
        self.goes_on = True
        """Whether the queue takes up what waits."""

    def show_jobs(self, jobs: Sequence[Job]) -> None:
        """Follow new states of jobs; of the pictures that came, the last is shown."""
        self._take_in([job.entry for job in jobs])
        self._shown.show_jobs(jobs)
        failed: dict[str, list[Entry]] = {}
        for entry in (job.entry for job in jobs):
            if entry.error is not None and not self._shown.is_on_screen(entry):
                text = f"{showable(entry.error.message, limit=300)} {advice(entry.error)}"
                failed.setdefault(text, []).append(entry)
        for text, entries in failed.items():
            self._tell_failure(text, entries)

    def _tell_failure(self, text: str, entries: Sequence[Entry]) -> None:
        """Say why `entries` failed, once for all that the same befell within a short time."""
        now = time.monotonic()
        self._told = {told: at for told, at in self._told.items() if now - at < TOLD_ONCE}
        is_news, self._told[text] = text not in self._told, now
        if not is_news:
            return
        first = entries[0]
        what = one_line(first.prompt, limit=40)
        if len(entries) > 1:
            what = one_line(f"{what}, and {len(entries) - 1} more")
        title = one_line(f"{what}: {outcome(first)}")
        self._screen.notify(showable(text), title=title, severity="warning")

    def show_mended(self, entry: Entry) -> None:
        """Follow an entry that a look for it changed; it never takes the picture's place."""
        self._take_in([entry])
        self._shown.show_mended(entry)

    def show_look(self, look: Look) -> None:
        """Say what a look for a lost job found, where there is something to say."""
        if look.result == "adopted":
            self._shown.count_adopted(look.entry)
        if look.result in _TOLD:
            title = one_line(one_line(look.entry.prompt, limit=40))
            text = one_line(look.text, limit=300)
            if look.result == "ambiguous":
                text = showable(f"{text} f4: choose which.")
            self._screen.notify(text, title=title)

    def show_queue(self, board: JobBoard) -> None:
        """Follow what runs and waits, and whether it goes on."""
        self._status().jobs = board.jobs
        self._history().show_jobs(board)
        self.goes_on = board.goes_on
        self._turned()

    def _take_in(self, entries: Sequence[Entry]) -> None:
        self._history().put(*map(row_of, entries))
        for entry in entries:
            self._entries.remember(entry)
            self._desk.wrote(entry.id)
