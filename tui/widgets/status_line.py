"""The line at the top: where requests go, what is running, what today cost."""

from __future__ import annotations

from msgspec import Struct
from textual.content import Content
from textual.reactive import reactive
from textual.timer import Timer
from textual.widget import Widget

from tui.generation.queue import Job
from tui.history.spending import Spending
from tui.text import one_line

TICK = 1.0


class Status(Struct, frozen=True):
    """What the line says, apart from the jobs."""

    endpoint: str
    """The endpoint's name, with what should be known of it."""
    model: str
    spent_today: Spending = Spending()
    unseen: int = 0
    """Pictures that arrived while the user looked at another."""


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
        right = Content.assemble(*self._right_parts())
        room = max(0, self.size.width - right.cell_length - 1)
        left = Content.assemble(
            (" Darkroom ", "bold $accent"),
            (f"· {one_line(self.status.endpoint, limit=200)} ", "$foreground"),
            (f"· {one_line(self.status.model, limit=80)}", "$text-quiet"),
        ).truncate(room, ellipsis=True)
        return Content.assemble(left.extend_right(room - left.cell_length), right, " ")

    def _right_parts(self) -> list[tuple[str, str]]:
        parts: list[tuple[str, str]] = []
        if self.status.unseen:
            parts.append((f"{self.status.unseen} new  ", "bold $accent"))
        running = [job for job in self.jobs if job.started is not None]
        waiting = len(self.jobs) - len(running)
        if running:
            seconds = " ".join(f"{job.elapsed:.0f} s" for job in running)
            parts.append((f"{len(running)} running ", "$accent"))
            parts.append((f"{seconds}  ", "$foreground"))
        if waiting:
            parts.append((f"{waiting} waiting  ", "$text-quiet"))
        parts.append((f"today {self.status.spent_today}", "$text-quiet"))
        return parts
