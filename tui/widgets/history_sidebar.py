"""The history sidebar: entries newest first, two lines each, drawn line by line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from msgspec import Struct
from rich.cells import cell_len, set_cell_size
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
from tui.config import DEMO
from tui.generation.queue import Job
from tui.history.entry import Entry, Status
from tui.history.wording import age, day, mark, outcome
from tui.text import Shown, one_line, showable
from tui.widgets.plain import plain, segment

TICK = 1.0
LINES_PER_ENTRY = 2
_MARK_STYLES: dict[Status, str] = {
    "queued": "history--running",
    "running": "history--running",
    "done": "history--good",
    "partial": "history--doubtful",
    "failed": "history--bad",
    "cancelled": "history--detail",
    "unknown": "history--doubtful",
}
EMPTY = (
    Shown("Nothing made yet."),
    Shown("Write a prompt, then send it;"),
    Shown("what comes is kept here."),
)


class _Line(Struct, frozen=True):
    """What a line of the view shows: a heading, or line `part` of entry number `index`."""

    heading: str = ""
    index: int = -1
    part: int = 0


class HistorySidebar(ScrollView, can_focus=True):
    """Shows entries and says which one was chosen. Entries are set, never fetched."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "history--heading",
        "history--detail",
        "history--cursor",
        "history--cursor-blurred",
        "history--shown",
        "history--good",
        "history--bad",
        "history--doubtful",
        "history--running",
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Load", id="load-entry"),
        Binding("x", "stop", "Stop waiting", id="stop-job"),
        Binding("up,k", "move(-1)", "Up", show=False, id="history-up"),
        Binding("down,j", "move(1)", "Down", show=False, id="history-down"),
        Binding("pageup", "move_page(-1)", "Page up", show=False, id="history-page-up"),
        Binding("pagedown", "move_page(1)", "Page down", show=False, id="history-page-down"),
        Binding("home,g", "move_to(0)", "Newest", show=False, id="history-newest"),
        Binding("end,G", "move_to(-1)", "Oldest", show=False, id="history-oldest"),
    ]

    cursor: reactive[int] = reactive(0)
    """Index of the entry under the cursor, 0 for the newest."""
    shown: reactive[str] = reactive("")
    """Id of the entry whose picture is on screen."""
    _tick: Timer

    @dataclass
    class Chosen(Message):
        """An entry shall be loaded."""

        entry: Entry

    @dataclass
    class StopWanted(Message):
        """The job of an entry shall not be waited for any longer."""

        entry: Entry

    def __init__(
        self,
        cards: Callable[[str], ModelCard],
        clock: Callable[[], datetime],
        *,
        id: str | None = None,
    ) -> None:
        """`cards` gives the card of a model id, `clock` the local time."""
        super().__init__(id=id)
        self._cards = cards
        self._clock = clock
        self._entries: list[Entry] = []
        self._lines: list[_Line] = []
        self._jobs: dict[str, Job] = {}
        self._unreadable = 0
        self._ground = Style.null()
        self.border_title = "History"

    @property
    def entries(self) -> tuple[Entry, ...]:
        """What is listed, newest first."""
        return tuple(self._entries)

    def on_mount(self) -> None:
        self._tick = self.set_interval(TICK, self.refresh, pause=True)
        self._lay_out()

    def show_entries(self, entries: Sequence[Entry], unreadable: int) -> None:
        """Show `entries`, newest first; `unreadable` files hold no entry."""
        with self._cursor_kept():
            self._entries = list(entries)
            self._unreadable = unreadable

    def put(self, entry: Entry) -> None:
        """Show `entry` at the top, or in place of its older state."""
        with self._cursor_kept():
            for index, known in enumerate(self._entries):
                if known.id == entry.id:
                    self._entries[index] = entry
                    return
            self._entries.insert(0, entry)

    def show_jobs(self, jobs: Sequence[Job]) -> None:
        """Tell which entries are under way, so that their seconds can be shown."""
        self._jobs = {job.id: job for job in jobs}
        if self._jobs:
            self._tick.resume()
        else:
            self._tick.pause()
        self.refresh()

    def action_choose(self) -> None:
        if self._entries:
            self.post_message(self.Chosen(self._entries[self.cursor]))

    def action_stop(self) -> None:
        self.post_message(self.StopWanted(self._entries[self.cursor]))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "stop":
            return bool(self._entries) and self._entries[self.cursor].id in self._jobs
        return True

    def action_move(self, steps: int) -> None:
        self._go(self.cursor + steps)

    def action_move_page(self, pages: int) -> None:
        self._go(self.cursor + pages * max(1, self.size.height // LINES_PER_ENTRY - 1))

    def action_move_to(self, index: int) -> None:
        self._go(index % max(1, len(self._entries)))

    def on_click(self, event: events.Click) -> None:
        line = event.y - self.gutter.top + self.scroll_offset.y
        if 0 <= line < len(self._lines) and self._lines[line].index >= 0:
            self.cursor = self._lines[line].index
            self.action_choose()

    def watch_cursor(self) -> None:
        self._scroll_to_cursor()
        self.refresh()

    def watch_shown(self) -> None:
        self.refresh()

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
        width = self.size.width
        if not self._entries:
            return self._empty_line(y, width)
        number = y + self.scroll_offset.y
        if number >= len(self._lines):
            return Strip.blank(width, self._ground)
        line = self._lines[number]
        if line.index < 0:
            style = self._ground + self._style("history--heading")
            return Strip([segment(_fit(showable(f" {line.heading}"), width), style)], width)
        return self._entry_line(self._entries[line.index], line, width)

    def _entry_line(self, entry: Entry, line: _Line, width: int) -> Strip:
        style = self._row_style(line.index, entry)
        if line.part == 0:
            mark_style = style + self._style(_MARK_STYLES[entry.status])
            text = one_line(entry.prompt, limit=width) or Shown("(no prompt)")
            segments = [
                segment(showable(f" {mark(entry)} "), mark_style),
                segment(_fit(text, width - 4), style),
                segment(Shown(" "), style),
            ]
        else:
            detail = style + self._style("history--detail")
            left, right = map(one_line, self._detail(entry))
            segments = [
                segment(Shown("   "), style),
                segment(_fit(left, width - 4 - cell_len(right)), detail),
                segment(right, detail),
                segment(Shown(" "), detail),
            ]
        return Strip(segments, width).adjust_cell_length(width, style)

    def _detail(self, entry: Entry) -> tuple[str, str]:
        card = self._cards(entry.model)
        job = self._jobs.get(entry.id)
        if job is not None and job.started is None:
            return "waiting for its turn", ""
        if job is not None and job.pause is not None:
            return job.pause.words, ""
        if job is not None:
            typical = card.typical_seconds
            about = f" of about {typical:.0f}" if typical and entry.endpoint != DEMO else ""
            return f"{job.elapsed:.0f} s{about}", ""
        since = age(entry.created, self._clock())
        return outcome(entry) or one_line(card.name, limit=60), since

    def _row_style(self, index: int, entry: Entry) -> Style:
        style = self._ground
        if entry.id == self.shown:
            style += self._style("history--shown")
        if index == self.cursor:
            name = "history--cursor" if self.has_focus else "history--cursor-blurred"
            style += Style(bgcolor=self.get_component_rich_style(name).bgcolor)
        return style

    def _style(self, name: str) -> Style:
        """What the component style sets, and nothing of what lies beneath it."""
        return self.get_component_rich_style(name, partial=True)

    def _empty_line(self, y: int, width: int) -> Strip:
        top = max(0, (self.size.height - len(EMPTY)) // 2)
        text = EMPTY[y - top] if 0 <= y - top < len(EMPTY) else Shown("")
        style = self._ground + self._style("history--detail")
        return Strip([segment(_fit(showable(text.center(width)), width), style)], width)

    def _lay_out(self) -> None:
        lines: list[_Line] = []
        heading = ""
        now = self._clock()
        for index, entry in enumerate(self._entries):
            if (name := day(entry.created, now)) != heading:
                heading = name
                lines.append(_Line(heading=heading))
            lines += (_Line(index=index, part=part) for part in range(LINES_PER_ENTRY))
        self._lines = lines
        self.virtual_size = Size(self.size.width, len(lines))
        count = f"{len(self._entries):,}"
        broken = f" · {self._unreadable} unreadable" if self._unreadable else ""
        subtitle = f"{count}{broken}" if self._entries or broken else ""
        self.border_subtitle = plain(showable(subtitle))
        self.refresh()

    @contextmanager
    def _cursor_kept(self) -> Iterator[None]:
        """Keep the cursor on its entry, or at the top, while the entries change."""
        at_top = self.cursor == 0
        kept = self._entries[self.cursor].id if self._entries else ""
        try:
            yield
        finally:
            self._lay_out()
            ids = [entry.id for entry in self._entries]
            self.set_reactive(
                HistorySidebar.cursor, 0 if at_top or kept not in ids else ids.index(kept)
            )
            self._scroll_to_cursor()

    def _go(self, index: int) -> None:
        self.cursor = max(0, min(index, len(self._entries) - 1))

    def _scroll_to_cursor(self) -> None:
        for number, line in enumerate(self._lines):
            if line.index == self.cursor:
                top = number - 1 if self._lines[number - 1].index < 0 else number
                height = number + LINES_PER_ENTRY - top
                self.scroll_to_region(Region(0, top, 1, height), animate=False, force=True)
                return


def _fit(text: Shown, width: int) -> Shown:
    """`text` in exactly `width` cells, with an ellipsis where it was cut."""
    if width <= 0:
        return Shown("")
    if cell_len(text) > width:
        text = showable(set_cell_size(text, width - 1).rstrip() + "…")
    return showable(set_cell_size(text, width))
