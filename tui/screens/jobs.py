"""What runs, what waits, and what ended badly or is lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, TypeAlias

from textual import events, getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Static

from tui.api.results import Record
from tui.catalog.card import ModelCard
from tui.generation.budget import Decision
from tui.generation.job_desk import JobDesk
from tui.generation.queue import JobBoard
from tui.history.entry import Entry
from tui.screens.job_actions import JobActions
from tui.text import Shown, one_line, showable
from tui.widgets.choice_menu import ChoiceMenu
from tui.widgets.job_list import JobList, ended_words
from tui.widgets.key_bar import KeyBar
from tui.widgets.plain import plain
from tui.widgets.steady import Steady, open_over

TITLE = Shown("Jobs")
Wanted: TypeAlias = str | Entry | None
"""The id of a job whose entry shall be shown, an entry that shall be edited, or nothing."""


class JobsScreen(Steady, ModalScreen[Wanted]):
    """Dismisses with what the studio shall show."""

    CSS_PATH = "../styles/jobs.tcss"
    AUTO_FOCUS = "#jobs"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,f4", "close", "close", key_display="esc", id="close-jobs"),
    ]

    jobs = getters.query_one("#jobs", JobList)

    def __init__(
        self,
        desk: JobDesk,
        actions: JobActions,
        cards: Callable[[str], ModelCard],
    ) -> None:
        """`cards` gives the card of a model id."""
        super().__init__()
        self._desk = desk
        self._actions = actions
        self._cards = cards
        self._needed: tuple[Widget, ...] = ()

    def compose(self) -> ComposeResult:
        with Vertical(id="jobs-frame") as frame:
            frame.border_title = plain(TITLE)
            yield Static(id="jobs-pause")
            yield JobList(self._desk.board, self._cards, id="jobs")
            yield Static(id="jobs-words")
        yield KeyBar()

    def on_mount(self) -> None:
        self._needed = (self.jobs, *self.query(Static))
        self._show_state()

    def follow(self) -> None:
        """Show the board as it is now."""
        # Its widgets go one after the other when it closes.
        if self._needed and all(widget.is_attached for widget in self._needed):
            self.jobs.show(self._desk.board)
            self._show_state()

    def on_click(self, event: events.Click) -> None:
        if event.widget is self:
            self.dismiss(None)

    def action_close(self) -> None:
        self.dismiss(None)

    @on(JobList.Moved)
    def _show_words(self) -> None:
        """Say at length what the job under the cursor waits for, or how it ended."""
        ended = self.jobs.ended
        words = self.query_one("#jobs-words", Static)
        job = self.jobs.job
        text = Shown("")
        if ended is not None:
            text = one_line(ended_words(ended), limit=1000)
        elif job is not None and job.pause is not None and job in self._desk.board.running:
            text = showable(job.pause.sentences)
        words.display = bool(text)
        words.update(plain(text))

    @on(JobList.Chosen)
    def _chosen(self, event: JobList.Chosen) -> None:
        self.dismiss(event.job_id)

    @on(JobList.PauseTurned)
    def _turn_pause(self) -> None:
        queue = self._desk.queue
        if queue.board.goes_on:
            queue.pause()
        else:
            self._actions.resume()
        self.follow()

    @on(JobList.Shifted)
    def _shift(self, event: JobList.Shifted) -> None:
        self._desk.queue.move(event.job_id, event.steps)
        self.follow()

    @on(JobList.Stopped)
    def _stop(self, event: JobList.Stopped) -> None:
        self._actions.stop(event.job_id)

    @on(JobList.EditWanted)
    def _edit(self, event: JobList.EditWanted) -> None:
        self._actions.edit(event.job_id, self.dismiss)

    @on(JobList.SaveWanted)
    def _save(self, event: JobList.SaveWanted) -> None:
        if event.elsewhere:
            self._actions.save_elsewhere(event.job_id)
        else:
            self._desk.queue.save_again(event.job_id)

    @on(JobList.SendAgainWanted)
    def _send_again(self, event: JobList.SendAgainWanted) -> None:
        self._actions.send_again(event.ended)

    @on(JobList.LookWanted)
    def _look_again(self, event: JobList.LookWanted) -> None:
        self._actions.look_again(event.job_id)

    @on(JobList.GivenUp)
    def _give_up(self, event: JobList.GivenUp) -> None:
        self._actions.give_up(event.job_id)

    @on(JobList.Cleared)
    def _clear(self, event: JobList.Cleared) -> None:
        self._desk.clear(event.job_id)

    @on(JobList.AllCleared)
    def _clear_all(self) -> None:
        self._actions.clear_all()

    @on(JobList.RecordWanted)
    def _ask_record(self, event: JobList.RecordWanted) -> None:
        """Have the user say which of the endpoint's records a lost job made."""
        look = event.ended.look
        if look is None:
            return

        def chosen(index: int | None) -> None:
            if index is not None:
                self._actions.look_again(event.ended.id, look.candidates[index].id)

        lines = [record_words(record) for record in look.candidates]
        open_over(self, ChoiceMenu(lines, 0, self.jobs.cursor_region), chosen)

    def _show_state(self) -> None:
        board = self._desk.board
        counts = [f"{len(board.running)} running", f"{len(board.waiting)} waiting"]
        if board.ended:
            counts.append(f"{len(board.ended)} ended badly")
        self.query_one("#jobs-frame").border_subtitle = plain(showable(" · ".join(counts)))
        line = self.query_one("#jobs-pause", Static)
        line.update(plain(one_line(_why_not(board), limit=600)))
        line.display = not board.goes_on


def record_words(record: Record) -> Shown:
    """A record as one of several to choose from: when it was made, of what."""
    made = record.created.astimezone()
    when = f"{made:%Y-%m-%d %H:%M:%S}" if record.created.year > 1970 else "no known time"
    return one_line(f"{when} · {record.model} · {record.prompt}", limit=70)


def _why_not(board: JobBoard) -> str:
    """Why some of what waits is not sent, and what to do about it."""
    parts = [f"{name}: {reason}" for name, reason in board.stopped.items()]
    if board.held:
        count = len(board.held)
        what = "1 request was" if count == 1 else f"{count} requests were"
        parts.append(f"{what} left waiting last time; nothing of it is sent by itself.")
    if board.is_paused:
        parts.append("Paused.")
    if board.refusal is not None:
        parts.append(_against(board.refusal))
    return " ".join([*parts, "Space: go on."])


def _against(refusal: Decision) -> str:
    """What the budget says against the job that comes next, and what to do about it."""
    if refusal.verdict == "ask":
        return f"{refusal.sentence} To go on is to agree."
    scope = refusal.standing.scope if refusal.standing else "day"
    return f"{refusal.sentence} Raise {scope}_usd in config.toml first."
