"""News of jobs on their way to the screens: what comes close together is shown at once.

With many jobs under way there are hundreds of changes a second, and each would be drawn.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from tui.generation.lost import Look
from tui.generation.queue import Job, JobBoard
from tui.history.entry import Entry
from tui.screens.studio import StudioScreen

if TYPE_CHECKING:
    from textual.app import App

GATHERED = 0.1
"""Seconds from one showing to the next."""


class JobNews:
    """Takes news at any time on the event loop, and shows the first at once."""

    def __init__(
        self,
        app: App[None],
        studio: StudioScreen,
        board: Callable[[], JobBoard],
        shown: Callable[[], object],
    ) -> None:
        """`shown` is called after each showing."""
        self._app = app
        self._studio = studio
        self._board = board
        self._shown = shown
        self._jobs: dict[str, Job] = {}
        self._mended: dict[str, Entry] = {}
        self._looks: list[Look] = []
        self._due: float | None = None
        """When the next showing is, in monotonic seconds, if there is news."""
        self._last = self._last_picture = -GATHERED

    def job(self, job: Job) -> None:
        """A job has a new state; `job` follows it until it is shown.

        A picture that came is not kept waiting by other news.
        """
        # Of pictures that came together the last one is shown.
        self._jobs.pop(job.id, None)
        self._jobs[job.id] = job
        if job.entry.images:
            self._show_from(self._last_picture + GATHERED)
        else:
            self.board()

    def mended(self, entry: Entry) -> None:
        """A look for a lost job changed its entry."""
        self._mended[entry.id] = entry
        self.board()

    def look(self, look: Look) -> None:
        """A lost job was looked for."""
        self._looks.append(look)
        self.board()

    def board(self) -> None:
        """What there is to show of the jobs is something else."""
        self._show_from(self._last + GATHERED)

    def _show_from(self, moment: float) -> None:
        """Show what there is at that moment, at once if it is past, unless it is shown earlier."""
        if self._due is not None and self._due <= moment:
            return
        self._due = moment
        wait = moment - time.monotonic()
        if wait > 0:
            self._app.set_timer(wait, self._show)
        else:
            self._app.call_later(self._show)

    def _show(self) -> None:
        if self._due is None:
            # It was shown before the timer that was set first.
            return
        self._due, self._last = None, time.monotonic()
        jobs, mended, looks = self._jobs, self._mended, self._looks
        self._jobs, self._mended, self._looks = {}, {}, []
        if any(job.entry.images for job in jobs.values()):
            self._last_picture = self._last
        # There may be news until the very end, when the screen is already taken apart.
        if not self._studio.is_up:
            return
        views = self._studio.job_views
        with self._app.batch_update():
            if jobs:
                views.show_jobs(tuple(jobs.values()))
            for entry in mended.values():
                views.show_mended(entry)
            for look in looks:
                views.show_look(look)
            views.show_queue(self._board())
            self._shown()
