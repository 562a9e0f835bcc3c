"""All that is known of an entry, drawn line by line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import ClassVar, Literal, TypeAlias

from msgspec import Struct
from rich.cells import cell_len, set_cell_size
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip

from tui.catalog.card import ModelCard
from tui.generation.actual import differences, in_words
from tui.history.entry import Entry
from tui.history.entry_facts import entry_facts
from tui.history.wording import age
from tui.text import Shown, one_line, showable
from tui.widgets.line_view import LineView
from tui.widgets.pane_edge import HasEdge
from tui.widgets.plain import plain, segment

LONGEST_PROMPT = 40_000
"""Characters; to wrap more would be felt."""
LONGEST_VALUE = 4000
LONGEST_ANSWER = 400
NAME_COLUMNS = ((50, 18), (30, 13))
"""Cells of a pane, and of its names then; in a narrower one values stand beneath their names."""
NO_PROMPT = Shown("(no prompt)")
EMPTY = (
    Shown("No entry is chosen."),
    Shown("Here stands all that is known of the one"),
    Shown("that is under the cursor of the history."),
)
_BLANK = Shown("")
_WIDEST = 2
"""Cells that a character may need; a line of fewer would lose it."""

Tone = Literal["", "detail", "bad", "doubtful"]
"""What a line is, as the end of a component style's name."""
_TONES: dict[str, Tone] = {
    "failed": "bad",
    "partial": "doubtful",
    "unknown": "doubtful",
    "cancelled": "detail",
}


class Row(Struct, frozen=True):
    """A fact as it is shown; without a name it has the whole width."""

    name: Shown
    value: Shown
    tone: Tone = ""


_Line: TypeAlias = tuple[Shown, Shown, Tone]
"""A name, what stands right of it, and how that looks."""


class EntryDetails(HasEdge, LineView, can_focus=True):
    """Shows one entry, or says what it would show."""

    EDGE = "details"
    SIDE = "top"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "to the list", id="leave-details"),
        Binding("i", "close", "close", id="close-details"),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "details--name",
        "details--detail",
        "details--bad",
        "details--doubtful",
    }

    class Left(Message):
        """The user goes back to the list."""

    class Closed(Message):
        """The user wants to see no details."""

    def __init__(self, clock: Callable[[], datetime], *, id: str | None = None) -> None:
        """`clock` gives the local time."""
        super().__init__(id=id)
        self._clock = clock
        self._entry: Entry | None = None
        self._rows: Sequence[Row] = ()
        self._lines: list[_Line] = []
        self._width = 0
        self.border_title = "Details"

    @property
    def entry(self) -> Entry | None:
        """What is shown."""
        return self._entry

    def show(self, entry: Entry | None, card: ModelCard | None) -> None:
        """Show `entry`, whose model's card is `card`, or that there is none.

        The same entry again, with other facts, stays where it was scrolled to.
        """
        before, self._entry = self._entry, entry
        self._rows = () if entry is None else tuple(_rows(entry, card, self._clock()))
        self._lay_out()
        if before is None or entry is None or before.id != entry.id:
            self.scroll_home(animate=False, immediate=True)

    def action_leave(self) -> None:
        self.post_message(self.Left())

    def action_close(self) -> None:
        self.post_message(self.Closed())

    def on_resize(self) -> None:
        if self.size.width != self._width:
            self._lay_out()

    def render_line(self, y: int) -> Strip:
        width, ground = self.size.width, self._ground
        if self._entry is None:
            return self._empty_line(EMPTY, y, "details--detail")
        number = y + self.scroll_offset.y
        if number >= len(self._lines):
            return Strip.blank(width, ground)
        name, text, tone = self._lines[number]
        style = ground + self._style(f"details--{tone}") if tone else ground
        parts = [segment(text, style)]
        if name:
            parts.insert(0, segment(name, ground + self._style("details--name")))
        return Strip(parts).adjust_cell_length(width, ground)

    def _lay_out(self) -> None:
        self._width = self.size.width
        self._lines = list(_wrapped(self._rows, self._width)) if self._width else []
        self.virtual_size = Size(self._width, len(self._lines))
        self.refresh()


def _rows(entry: Entry, card: ModelCard | None, now: datetime) -> Iterator[Row]:
    prompt = showable(entry.prompt, limit=LONGEST_PROMPT)
    yield Row(_BLANK, prompt or NO_PROMPT, "" if prompt else "detail")
    left_out = len(entry.prompt) - LONGEST_PROMPT
    if left_out > 0:
        yield Row(_BLANK, showable(f"{left_out:,} characters more"), "detail")
    yield Row(_BLANK, _BLANK)
    facts = entry_facts(entry)
    for fact in facts:
        if fact.is_request:
            yield _row(fact.name, fact.value)
    for difference in differences(entry, card) if card is not None else ():
        # A revised prompt is among the facts, the whole of it.
        if difference.what != "prompt":
            number = f" (picture {difference.image})" if difference.image else ""
            yield _row("not as asked", f"{in_words(difference)}{number}", "doubtful")
    yield Row(_BLANK, _BLANK)
    for fact in facts:
        if fact.is_request:
            continue
        told = f"{fact.value}, {_ago(entry, now)}" if fact.name == "created" else fact.value
        tone = _TONES.get(entry.status, "") if fact.name in ("state", "error") else ""
        yield _row(fact.name, told, tone)
    if entry.error is not None and entry.error.body:
        status = "" if entry.error.status is None else f"status {entry.error.status}: "
        body = one_line(entry.error.body, limit=LONGEST_ANSWER)
        yield _row("answer", f"{status}{body}", "detail")


def _row(name: str, value: str, tone: Tone = "") -> Row:
    return Row(one_line(name, limit=60), showable(value, limit=LONGEST_VALUE), tone)


def _ago(entry: Entry, now: datetime) -> str:
    since = age(entry.created, now)
    return "just now" if since == "now" else f"{since} ago"


def _wrapped(rows: Sequence[Row], width: int) -> Iterator[_Line]:
    """The lines of `rows`: names beside their values, or above them where there is little room."""
    column = next((cells for least, cells in NAME_COLUMNS if width >= least), 0)
    for row in rows:
        room = width - column if row.name else width
        lines = [showable(line.plain) for line in plain(row.value).wrap(max(_WIDEST, room))]
        name = row.name
        if name and not column:
            yield name, _BLANK, ""
            name = _BLANK
        for line in lines or [_BLANK]:
            yield _column(name, column) if row.name and column else _BLANK, line, row.tone
            name = _BLANK


def _column(name: Shown, width: int) -> Shown:
    """A name as wide as its column, with an ellipsis where it was cut."""
    if cell_len(name) >= width:
        name = showable(set_cell_size(name, width - 2).rstrip() + "…")
    return showable(set_cell_size(name, width))
