"""What runs and what waits."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import events, getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.catalog.card import ModelCard
from tui.generation.queue import JobBoard
from tui.text import Shown, one_line, showable
from tui.widgets.job_list import JobList
from tui.widgets.key_bar import KeyBar
from tui.widgets.plain import plain
from tui.widgets.steady import Steady

TITLE = Shown("Jobs")


class JobsScreen(Steady, ModalScreen[str | None]):
    """Dismisses with the id of a job whose entry shall be shown, or None.

    What else is wanted goes out as messages of the list.
    """

    CSS_PATH = "../styles/jobs.tcss"
    AUTO_FOCUS = "#jobs"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,f4", "close", "close", id="close-jobs"),
    ]

    jobs = getters.query_one("#jobs", JobList)

    def __init__(self, board: JobBoard, cards: Callable[[str], ModelCard]) -> None:
        """`cards` gives the card of a model id."""
        super().__init__()
        self._board = board
        self._cards = cards

    def compose(self) -> ComposeResult:
        with Vertical(id="jobs-frame") as frame:
            frame.border_title = plain(TITLE)
            yield Static(id="jobs-pause")
            yield JobList(self._board, self._cards, id="jobs")
        yield KeyBar()

    def on_mount(self) -> None:
        self._show_words()

    def show(self, board: JobBoard) -> None:
        """Follow the queue."""
        self._board = board
        if self.is_mounted:
            self.jobs.show(board)
            self._show_words()

    def on_click(self, event: events.Click) -> None:
        if event.widget is self:
            self.dismiss(None)

    @on(JobList.Chosen)
    def _chosen(self, event: JobList.Chosen) -> None:
        event.stop()
        self.dismiss(event.job_id)

    def action_close(self) -> None:
        self.dismiss(None)

    def _show_words(self) -> None:
        board = self._board
        counts = f"{len(board.running)} running · {len(board.waiting)} waiting"
        self.query_one("#jobs-frame").border_subtitle = plain(showable(counts))
        line = self.query_one("#jobs-pause", Static)
        line.update(plain(one_line(_why_not(board), limit=400)))
        line.display = not board.goes_on


def _why_not(board: JobBoard) -> str:
    """Why some of what waits is not sent, and what to do about it."""
    parts = [f"{name}: {reason}" for name, reason in board.stopped.items()]
    if board.held:
        count = len(board.held)
        what = "1 request was" if count == 1 else f"{count} requests were"
        parts.append(f"{what} left waiting last time; nothing of it is sent by itself.")
    if board.is_paused:
        parts.append("Paused.")
    return " ".join([*parts, "Space: go on."])
