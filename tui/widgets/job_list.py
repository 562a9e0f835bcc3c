"""The jobs that run and wait, in the order of their turns, drawn line by line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.timer import Timer

from tui.catalog.card import ModelCard
from tui.generation.queue import Job, JobBoard
from tui.text import Shown, one_line, showable
from tui.widgets.entry_words import NO_PROMPT, fitted, job_words
from tui.widgets.plain import segment

TICK = 1.0
LINES_PER_JOB = 2
LONGEST_MODEL = 24
EMPTY = (
    Shown("Nothing runs, and nothing waits."),
    Shown("What you send while others run stands here until its turn."),
)
_BLANK = Shown(" ")
_TO_FRONT = -1_000_000


class JobList(ScrollView, can_focus=True):
    """Shows a board, and says what is wanted of its jobs."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "jobs--detail",
        "jobs--running",
        "jobs--doubtful",
        "jobs--cursor",
        "jobs--cursor-blurred",
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "turn_pause", "pause or go on", id="pause-queue"),
        Binding("c", "stop", "stop waiting", id="stop-waiting"),
        Binding("e", "edit", "edit", id="edit-job"),
        Binding("K,shift+up", "shift(-1)", "sooner", id="job-sooner"),
        Binding("J,shift+down", "shift(1)", "later", id="job-later"),
        Binding("f", "to_front", "to the front", id="job-to-front"),
        Binding("enter", "choose", "in history", id="choose-job"),
        Binding("up,k", "move(-1)", "Up", show=False, id="jobs-up"),
        Binding("down,j", "move(1)", "Down", show=False, id="jobs-down"),
        Binding("home,g", "move(-1000000)", "First", show=False, id="jobs-first"),
        Binding("end,G", "move(1000000)", "Last", show=False, id="jobs-last"),
    ]

    cursor: reactive[int] = reactive(0)
    """Index of the job under the cursor."""
    _tick: Timer

    @dataclass
    class PauseTurned(Message):
        """The queue shall pause, or go on."""

    @dataclass
    class Shifted(Message):
        """A job that waits shall move in the order, to the front for steps below 0."""

        job_id: str
        steps: int

    @dataclass
    class Stopped(Message):
        """A job shall be waited for no longer, or not run at all."""

        job_id: str

    @dataclass
    class EditWanted(Message):
        """The request of a job that waits shall come back into the form, and not be sent."""

        job_id: str

    @dataclass
    class Chosen(Message):
        """The entry of a job shall be shown in history."""

        job_id: str

    def __init__(
        self, board: JobBoard, cards: Callable[[str], ModelCard], *, id: str | None = None
    ) -> None:
        """`cards` gives the card of a model id."""
        super().__init__(id=id)
        self._board = board
        self._cards = cards
        self._ground = Style.null()

    @property
    def job(self) -> Job | None:
        """The job under the cursor."""
        jobs = self._board.jobs
        return jobs[self.cursor] if self.cursor < len(jobs) else None

    def on_mount(self) -> None:
        self._tick = self.set_interval(TICK, self.refresh)

    def show(self, board: JobBoard) -> None:
        """Show `board`; the cursor stays on its job, or else where it is."""
        before, self._board = self.job, board
        ids = [job.id for job in board.jobs]
        if before is not None and before.id in ids:
            self.cursor = ids.index(before.id)
        else:
            self.cursor = max(0, min(self.cursor, len(ids) - 1))
        self._lay_out()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        job = self.job
        if action in ("stop", "choose"):
            return job is not None
        if action in ("edit", "shift", "to_front"):
            return job is not None and job in self._board.waiting
        if action == "turn_pause":
            return bool(self._board.jobs) or not self._board.goes_on
        return True

    def action_turn_pause(self) -> None:
        self.post_message(self.PauseTurned())

    def action_stop(self) -> None:
        if self.job is not None:
            self.post_message(self.Stopped(self.job.id))

    def action_edit(self) -> None:
        if self.job is not None:
            self.post_message(self.EditWanted(self.job.id))

    def action_shift(self, steps: int) -> None:
        if self.job is not None:
            self.post_message(self.Shifted(self.job.id, steps))

    def action_to_front(self) -> None:
        self.action_shift(_TO_FRONT)

    def action_choose(self) -> None:
        if self.job is not None:
            self.post_message(self.Chosen(self.job.id))

    def action_move(self, steps: int) -> None:
        self.cursor = max(0, min(self.cursor + steps, len(self._board.jobs) - 1))

    def on_click(self, event: events.Click) -> None:
        index = (event.y - self.gutter.top + int(self.scroll_offset.y)) // LINES_PER_JOB
        if 0 <= index < len(self._board.jobs):
            self.cursor = index
            if event.chain > 1:
                self.action_choose()

    def watch_cursor(self) -> None:
        region = Region(0, self.cursor * LINES_PER_JOB, 1, LINES_PER_JOB)
        self.scroll_to_region(region, animate=False, force=True)
        self.refresh()
        self.refresh_bindings()

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def on_resize(self) -> None:
        self._lay_out()

    def render_lines(self, crop: Region) -> list[Strip]:
        # Working it out takes as long as drawing a line, and it is the same for all of them.
        self._ground = self.rich_style
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        width, jobs = self.size.width, self._board.jobs
        if not jobs:
            return self._empty_line(y, width)
        index, part = divmod(y + int(self.scroll_offset.y), LINES_PER_JOB)
        if index >= len(jobs):
            return Strip.blank(width, self._ground)
        job, style = jobs[index], self._ground
        if index == self.cursor:
            name = "jobs--cursor" if self.has_focus else "jobs--cursor-blurred"
            style += Style(bgcolor=self.get_component_rich_style(name).bgcolor)
        if part == 0:
            return self._prompt_line(job, index, width, style)
        state, tone = self._state(job)
        detail = style + self._style("jobs--detail")
        room = max(0, width - 5)
        cells = [segment(Shown("    "), style), segment(fitted(state, room), style + tone)]
        return Strip([*cells, segment(_BLANK, detail)]).adjust_cell_length(width, style)

    def _prompt_line(self, job: Job, index: int, width: int, style: Style) -> Strip:
        is_running = job in self._board.running
        number = index - len(self._board.running) + 1
        sign = Shown("  ● ") if is_running else showable(f"{number:>3} ")
        sign_style = self._style("jobs--running" if is_running else "jobs--detail")
        model = one_line(self._cards(job.entry.model).name, limit=LONGEST_MODEL)
        room = max(0, width - cell_len(sign) - cell_len(model) - 3)
        prompt = one_line(job.entry.prompt, limit=width + 1) or NO_PROMPT
        cells = [
            segment(sign, style + sign_style),
            segment(fitted(prompt, room), style),
            segment(Shown("  "), style),
            segment(model, style + self._style("jobs--detail")),
            segment(_BLANK, style),
        ]
        return Strip(cells).adjust_cell_length(width, style)

    def _state(self, job: Job) -> tuple[Shown, Style]:
        """What a job is at, and how that looks."""
        board, endpoint = self._board, job.entry.endpoint
        if job in board.running:
            words = job_words(job, self._cards(job.entry.model))
            where = one_line(endpoint, limit=60)
            return showable(f"{words} · {where}"), self._style("jobs--running")
        doubtful = self._style("jobs--doubtful")
        if job.id in board.held:
            return Shown("left from last time; space sends it"), doubtful
        if endpoint in board.stopped:
            return one_line(f"stopped: {board.stopped[endpoint]}", limit=200), doubtful
        if board.is_paused:
            return Shown("paused"), doubtful
        where = one_line(endpoint, limit=60)
        return showable(f"waits for its turn at {where}"), self._style("jobs--detail")

    def _empty_line(self, y: int, width: int) -> Strip:
        top = max(0, (self.size.height - len(EMPTY)) // 2)
        text = EMPTY[y - top] if 0 <= y - top < len(EMPTY) else Shown("")
        style = self._ground + self._style("jobs--detail")
        return Strip([segment(fitted(showable(text.center(width)), width), style)], width)

    def _style(self, name: str) -> Style:
        """What the component style sets, and nothing of what lies beneath it."""
        return self.get_component_rich_style(name, partial=True)

    def _lay_out(self) -> None:
        lines = len(self._board.jobs) * LINES_PER_JOB
        self.virtual_size = Size(self.size.width, lines)
        self.refresh()
        self.refresh_bindings()
