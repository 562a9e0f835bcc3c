"""The line at the top: where requests go, what is running, what today cost."""

from __future__ import annotations

from msgspec import Struct
from textual.content import Content
from textual.reactive import reactive
from textual.timer import Timer
from textual.widget import Widget

from tui.generation.queue import Job
from tui.history.spending import Spending
from tui.text import Shown, one_line, showable
from tui.widgets.plain import assembled

TICK = 1.0


class Status(Struct, frozen=True):
    """What the line says, apart from the jobs."""

    endpoint: str
    """The endpoint's name, with what should be known of it."""
    model: str
    spent_today: Spending = Spending()
    unseen: int = 0
    """Pictures that arrived while the user looked at another."""
    goes_on: bool = True
    """Whether the queue sends what waits."""


class StatusLine(Widget):
    """Endpoint and model at the left; running jobs with their seconds, and money, at the right."""

    status: reactive[Status] = reactive(Status("", ""))
    jobs: reactive[tuple[Job, ...]] = reactive((), always_update=True)
    _tick: Timer

    def on_mount(self) -> None:
        self._tick = self.set_interval(TICK, self.refresh, pause=True)

    def watch_jobs(self, jobs: tuple[Job, ...]) -> None:
        if not self.is_mounted:
            return
        if jobs:
            self._tick.resume()
        else:
            self._tick.pause()

    def render(self) -> Content:
        right = assembled(*self._right_parts())
        room = max(0, self.size.width - right.cell_length - 1)
        left = assembled(
            (Shown(" Darkroom "), "bold $accent"),
            (showable(f"· {one_line(self.status.endpoint, limit=200)} "), "$foreground"),
            (showable(f"· {one_line(self.status.model, limit=80)}"), "$text-quiet"),
        ).truncate(room, ellipsis=True)
        return assembled(left.extend_right(room - left.cell_length), right, Shown(" "))

    def _right_parts(self) -> list[tuple[Shown, str]]:
        parts: list[tuple[Shown, str]] = []
        if self.status.unseen:
            parts.append((showable(f"+{self.status.unseen} new, f7  "), "bold $accent"))
        running = [job for job in self.jobs if job.started is not None]
        waiting = len(self.jobs) - len(running)
        if running:
            seconds = " ".join(f"{job.elapsed:.0f} s" for job in running)
            parts.append((showable(f"{len(running)} running "), "$accent"))
            parts.append((showable(f"{seconds}  "), "$foreground"))
        if waiting:
            goes_on = self.status.goes_on
            words = showable(f"{waiting} waiting{'' if goes_on else ' for you, f4'}  ")
            parts.append((words, "$text-quiet" if goes_on else "$warning"))
        parts.append((showable(f"today {self.status.spent_today.at_length}"), "$text-quiet"))
        return parts
