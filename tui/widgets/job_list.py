"""The jobs that run, wait and ended badly, drawn line by line."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from rich.cells import cell_len
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.timer import Timer

from tui.catalog.card import ModelCard
from tui.generation.lost import MAYBE
from tui.generation.queue import EndedJob, Job, JobBoard
from tui.history.wording import MARKS, advice, outcome
from tui.text import Shown, one_line, showable
from tui.widgets.data_message import DataMessage
from tui.widgets.entry_words import NO_PROMPT, fitted, job_words
from tui.widgets.line_view import LineView
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


class JobList(LineView, can_focus=True):
    """Shows a board, and says what is wanted of its jobs."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "jobs--detail",
        "jobs--running",
        "jobs--doubtful",
        "jobs--bad",
        "jobs--cursor",
        "jobs--cursor-blurred",
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "turn_pause", "pause", id="pause-queue"),
        Binding("c", "stop", "stop", id="stop-waiting"),
        Binding("e", "edit", "edit", id="edit-job"),
        Binding("K,shift+up", "shift(-1)", "sooner", id="job-sooner"),
        Binding("J,shift+down", "shift(1)", "later", id="job-later"),
        Binding("f", "to_front", "to the front", id="job-to-front"),
        Binding("s", "save_again", "save now", id="save-again"),
        Binding("w", "save_elsewhere", "save elsewhere", id="save-elsewhere"),
        Binding("r", "send_again", "resend", id="send-again"),
        Binding("l", "look_again", "look again", id="look-again"),
        Binding("a", "adopt", "choose which", id="choose-record"),
        Binding("d", "give_up", "give up", id="give-up"),
        Binding("x,delete", "clear", "clear", id="clear-job"),
        Binding("X", "clear_all", "Clear all", show=False, id="clear-jobs"),
        Binding("enter", "choose", "show", id="choose-job"),
        Binding("up,k", "move(-1)", "Up", show=False, id="jobs-up"),
        Binding("down,j", "move(1)", "Down", show=False, id="jobs-down"),
        Binding("home,g", "move(-1000000)", "First", show=False, id="jobs-first"),
        Binding("end,G", "move(1000000)", "Last", show=False, id="jobs-last"),
    ]

    cursor: reactive[int] = reactive(0)
    """Index of the job under the cursor."""
    _tick: Timer

    class Moved(Message):
        """Another job, or the same with other news, is under the cursor."""

    class PauseTurned(Message):
        """The queue shall pause, or go on."""

    class Shifted(DataMessage):
        """A job that waits shall move in the order, to the front for steps below 0."""

        job_id: str
        steps: int

    class Stopped(DataMessage):
        """A job shall be waited for no longer, or not run at all."""

        job_id: str

    class EditWanted(DataMessage):
        """The request of a job that waits shall come back into the form, and not be sent."""

        job_id: str

    class Chosen(DataMessage):
        """The entry of a job shall be shown in history."""

        job_id: str

    class SaveWanted(DataMessage):
        """What a job could not save shall be tried again now, or be put elsewhere."""

        job_id: str
        elsewhere: bool

    class SendAgainWanted(DataMessage):
        """The request of a job that ended shall be sent once more."""

        ended: EndedJob

    class LookWanted(DataMessage):
        """The pictures of a job that ended shall be looked for."""

        job_id: str

    class RecordWanted(DataMessage):
        """The user wants to say which record is that of a lost job."""

        ended: EndedJob

    class GivenUp(DataMessage):
        """A lost job shall be looked for no longer."""

        job_id: str

    class Cleared(DataMessage):
        """A job that ended shall not be shown any more."""

        job_id: str

    class AllCleared(Message):
        """Nothing shall wait, and nothing that ended be shown."""

    def __init__(
        self, board: JobBoard, cards: Callable[[str], ModelCard], *, id: str | None = None
    ) -> None:
        """`cards` gives the card of a model id."""
        super().__init__(id=id)
        self._board = board
        self._cards = cards

    @property
    def job(self) -> Job | None:
        """The job under the cursor, where it runs or waits."""
        row = self._row
        return row if isinstance(row, Job) else None

    @property
    def ended(self) -> EndedJob | None:
        """The job under the cursor, where it has ended."""
        row = self._row
        return row if isinstance(row, EndedJob) else None

    @property
    def _rows(self) -> tuple[Job | EndedJob, ...]:
        return (*self._board.jobs, *self._board.ended)

    @property
    def _row(self) -> Job | EndedJob | None:
        rows = self._rows
        return rows[self.cursor] if self.cursor < len(rows) else None

    @property
    def cursor_region(self) -> Region:
        """Where the job under the cursor is, in screen cells."""
        top = self.cursor * LINES_PER_JOB - int(self.scroll_offset.y)
        content = self.content_region
        return Region(content.x, content.y + max(0, top), content.width, LINES_PER_JOB)

    def on_mount(self) -> None:
        self._tick = self.set_interval(TICK, self.refresh)

    def show(self, board: JobBoard) -> None:
        """Show `board`; the cursor stays on its job, or else where it is."""
        before, self._board = self._row, board
        ids = [row.id for row in self._rows]
        if before is not None and before.id in ids:
            self.cursor = ids.index(before.id)
        else:
            self.cursor = max(0, min(self.cursor, len(ids) - 1))
        self._lay_out()
        self.post_message(self.Moved())

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        job, ended = self.job, self.ended
        if action == "stop":
            return job is not None
        if action == "choose":
            return self._row is not None
        if action in ("edit", "shift", "to_front"):
            return job is not None and job in self._board.waiting
        if action == "turn_pause":
            return bool(self._board.jobs) or not self._board.goes_on
        if action in ("save_again", "save_elsewhere"):
            return job is not None and job.pause is not None and job.pause.reason == "not_saved"
        if action in ("send_again", "clear"):
            return ended is not None
        if action == "look_again":
            return ended is not None and (ended.is_lost or ended.may_be_charged)
        if action == "adopt":
            return ended is not None and ended.look is not None and bool(ended.look.candidates)
        if action == "give_up":
            return ended is not None and ended.is_lost
        if action == "clear_all":
            return bool(self._board.waiting or self._board.ended)
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

    def action_save_again(self) -> None:
        if self.job is not None:
            self.post_message(self.SaveWanted(self.job.id, elsewhere=False))

    def action_save_elsewhere(self) -> None:
        if self.job is not None:
            self.post_message(self.SaveWanted(self.job.id, elsewhere=True))

    def action_send_again(self) -> None:
        if self.ended is not None:
            self.post_message(self.SendAgainWanted(self.ended))

    def action_look_again(self) -> None:
        if self.ended is not None:
            self.post_message(self.LookWanted(self.ended.id))

    def action_adopt(self) -> None:
        if self.ended is not None:
            self.post_message(self.RecordWanted(self.ended))

    def action_give_up(self) -> None:
        if self.ended is not None:
            self.post_message(self.GivenUp(self.ended.id))

    def action_clear(self) -> None:
        if self.ended is not None:
            self.post_message(self.Cleared(self.ended.id))

    def action_clear_all(self) -> None:
        self.post_message(self.AllCleared())

    def action_choose(self) -> None:
        if self._row is not None:
            self.post_message(self.Chosen(self._row.id))

    def action_move(self, steps: int) -> None:
        self.cursor = max(0, min(self.cursor + steps, len(self._rows) - 1))

    def on_click(self, event: events.Click) -> None:
        index = (event.y - self.gutter.top + int(self.scroll_offset.y)) // LINES_PER_JOB
        if 0 <= index < len(self._rows):
            self.cursor = index
            if event.chain > 1:
                self.action_choose()

    def watch_cursor(self) -> None:
        region = Region(0, self.cursor * LINES_PER_JOB, 1, LINES_PER_JOB)
        self.scroll_to_region(region, animate=False, force=True)
        self.refresh()
        self.refresh_bindings()
        self.post_message(self.Moved())

    def on_resize(self) -> None:
        self._lay_out()

    def render_line(self, y: int) -> Strip:
        width, rows = self.size.width, self._rows
        if not rows:
            return self._empty_line(EMPTY, y, "jobs--detail")
        index, part = divmod(y + int(self.scroll_offset.y), LINES_PER_JOB)
        if index >= len(rows):
            return Strip.blank(width, self._ground)
        row, style = rows[index], self._ground
        if index == self.cursor:
            style = self._under_cursor(style, "jobs--cursor")
        if part == 0:
            return self._prompt_line(row, index, width, style)
        state, tone = self._ended_state(row) if isinstance(row, EndedJob) else self._state(row)
        detail = style + self._style("jobs--detail")
        room = max(0, width - 5)
        cells = [segment(Shown("    "), style), segment(fitted(state, room), style + tone)]
        return Strip([*cells, segment(_BLANK, detail)]).adjust_cell_length(width, style)

    def _prompt_line(self, row: Job | EndedJob, index: int, width: int, style: Style) -> Strip:
        sign, tone = self._sign(row, index)
        model = one_line(self._cards(row.entry.model).name, limit=LONGEST_MODEL)
        room = max(0, width - cell_len(sign) - cell_len(model) - 3)
        prompt = one_line(row.entry.prompt, limit=width + 1) or NO_PROMPT
        cells = [
            segment(sign, style + tone),
            segment(fitted(prompt, room), style),
            segment(Shown("  "), style),
            segment(model, style + self._style("jobs--detail")),
            segment(_BLANK, style),
        ]
        return Strip(cells).adjust_cell_length(width, style)

    def _sign(self, row: Job | EndedJob, index: int) -> tuple[Shown, Style]:
        """What stands before a prompt: the place in the order, or a state's mark."""
        if isinstance(row, EndedJob):
            return showable(f"  {MARKS[row.entry.status]} "), self._ended_tone(row)
        running = len(self._board.running)
        if index < running:
            return Shown("  ● "), self._style("jobs--running")
        return showable(f"{index - running + 1:>3} "), self._style("jobs--detail")

    def _state(self, job: Job) -> tuple[Shown, Style]:
        """What a job is at, and how that looks."""
        board, endpoint = self._board, job.entry.endpoint
        if job in board.running:
            words = job_words(job, self._cards(job.entry.model))
            where = one_line(endpoint, limit=60)
            return showable(f"{words} · {where}"), self._style("jobs--running")
        if hindered := self._hindrance_words(job):
            return hindered, self._style("jobs--doubtful")
        where = one_line(endpoint, limit=60)
        return showable(f"waits for its turn at {where}"), self._style("jobs--detail")

    def _hindrance_words(self, job: Job) -> Shown | None:
        board = self._board
        match board.hindrance(job):
            case "held":
                return Shown("left from last time; space sends it")
            case "stopped":
                return one_line(f"stopped: {board.stopped[job.entry.endpoint]}", limit=200)
            case "paused":
                return Shown("paused")
            case "budget":
                return Shown("waits for the budget")
            case _:
                return None

    def _ended_state(self, ended: EndedJob) -> tuple[Shown, Style]:
        """How a job ended, and how that looks."""
        return one_line(ended_words(ended), limit=400), self._ended_tone(ended)

    def _ended_tone(self, ended: EndedJob) -> Style:
        names = {"failed": "bad", "cancelled": "detail"}
        return self._style(f"jobs--{names.get(ended.entry.status, 'doubtful')}")

    def _lay_out(self) -> None:
        lines = len(self._rows) * LINES_PER_JOB
        self.virtual_size = Size(self.size.width, lines)
        self.refresh()
        self.refresh_bindings()


def ended_words(ended: EndedJob) -> str:
    """How a job ended, and what was found of it since. Holds outside text."""
    entry, look = ended.entry, ended.look
    parts = [outcome(entry)]
    if look is not None:
        parts.append(look.text)
    elif entry.error is not None:
        parts.append(f"{entry.error.message} {advice(entry.error)}")
    elif ended.is_lost:
        parts.append(MAYBE)
    told = ": ".join(filter(None, parts))
    return f"{told} It is looked for." if ended.is_sought else told
