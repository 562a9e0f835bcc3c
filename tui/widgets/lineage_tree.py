"""The tree of an entry's family: two lines each, drawn line by line."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.reactive import reactive
from textual.strip import Strip

from tui.catalog.card import ModelCard
from tui.history.entry import Entry, Status
from tui.history.lineage import Family, Kin
from tui.history.wording import age, mark, outcome
from tui.text import Shown, one_line, showable
from tui.widgets.data_message import DataMessage
from tui.widgets.line_view import LineView, Piece

LINES_PER_ENTRY = 2
LONGEST_MODEL = 24
LONGEST_LINE = 400
"""Characters, more than a line has cells."""
GONE_MARK = Shown("·")
GONE = Shown("not in history any more")
NO_PROMPT = Shown("(no prompt)")
ALONE = (
    Shown("It was made from no other entry, and none from it."),
    Shown("Load an entry, change it and send: what comes stands below it here."),
)
_GAP = Shown("  ")
_MARK_STYLES: dict[Status, str] = {
    "queued": "lineage--running",
    "running": "lineage--running",
    "done": "",
    "partial": "lineage--doubtful",
    "failed": "lineage--bad",
    "cancelled": "lineage--detail",
    "unknown": "lineage--doubtful",
}


class LineageTree(LineView, can_focus=True):
    """Shows a family, and says which entry of it was chosen."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "lineage--guide",
        "lineage--detail",
        "lineage--current",
        "lineage--cursor",
        "lineage--cursor-blurred",
        "lineage--bad",
        "lineage--doubtful",
        "lineage--running",
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "choose", id="choose-kin"),
        Binding("up,k", "move(-1)", "Up", show=False, id="lineage-up"),
        Binding("down,j", "move(1)", "Down", show=False, id="lineage-down"),
        Binding("left,h", "go_up", "What it was made from", show=False, id="lineage-parent"),
        Binding("right,l", "go_down", "What was made from it", show=False, id="lineage-child"),
        Binding("pageup", "move_page(-1)", "Page up", show=False, id="lineage-page-up"),
        Binding("pagedown", "move_page(1)", "Page down", show=False, id="lineage-page-down"),
        Binding("home,g", "move_to(0)", "First", show=False, id="lineage-first"),
        Binding("end,G", "move_to(-1)", "Last", show=False, id="lineage-last"),
    ]

    cursor: reactive[int] = reactive(0)
    """Index of the entry under the cursor."""

    class Chosen(DataMessage):
        """An entry was chosen; it is in history still."""

        entry_id: str

    def __init__(
        self,
        family: Family,
        current: str,
        cards: Callable[[str], ModelCard],
        clock: Callable[[], datetime],
        *,
        id: str | None = None,
    ) -> None:
        """`current` is the id of the entry whose family it is; the cursor begins there."""
        super().__init__(id=id)
        self._family = family
        self._current = current
        self._cards = cards
        self._clock = clock
        self._kin = family.lineage.kin
        self._places = {kin.id: index for index, kin in enumerate(self._kin)}
        self.set_reactive(LineageTree.cursor, self._places.get(current, 0))

    @property
    def kin(self) -> Kin:
        """The entry under the cursor."""
        return self._kin[self.cursor]

    def action_choose(self) -> None:
        if self.kin.id in self._family.entries:
            self.post_message(self.Chosen(self.kin.id))

    def action_move(self, steps: int) -> None:
        self._go(self.cursor + steps)

    def action_move_page(self, pages: int) -> None:
        self._go(self.cursor + pages * max(1, self.size.height // LINES_PER_ENTRY - 1))

    def action_move_to(self, index: int) -> None:
        self._go(index % len(self._kin))

    def action_go_up(self) -> None:
        self._go(self._places.get(self.kin.parent, self.cursor))

    def action_go_down(self) -> None:
        following = self.cursor + 1
        if following < len(self._kin) and self._kin[following].parent == self.kin.id:
            self._go(following)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return action != "choose" or self.kin.id in self._family.entries

    def on_click(self, event: events.Click) -> None:
        index = (event.y - self.gutter.top + self.scroll_offset.y) // LINES_PER_ENTRY
        if 0 <= index < len(self._kin):
            self.cursor = index
            if event.chain > 1:
                self.action_choose()

    def watch_cursor(self) -> None:
        self._scroll_to_cursor()
        self.refresh()
        self.refresh_bindings()

    def on_resize(self) -> None:
        lines = len(self._kin) * LINES_PER_ENTRY
        self.virtual_size = Size(self.size.width, lines)
        self._scroll_to_cursor()

    def render_line(self, y: int) -> Strip:
        index, part = divmod(y + self.scroll_offset.y, LINES_PER_ENTRY)
        if index >= len(self._kin):
            return self._sides(self._words_beneath(y), [], self._ground)
        kin = self._kin[index]
        entry = self._family.entries.get(kin.id)
        style = self._ground
        if kin.id == self._current:
            style += self._style("lineage--current")
        if index == self.cursor:
            style = self._under_cursor(style, "lineage--cursor")
        if part:
            return self._sides(self._second_line(kin, entry), [], style)
        if entry is None:
            return self._sides(self._gone_line(kin), [], style)
        return self._sides(self._first_line(kin, entry), self._facts(entry), style)

    def _first_line(self, kin: Kin, entry: Entry) -> list[Piece]:
        return [
            self._guides(kin.guides),
            (showable(f"{mark(entry)} "), _MARK_STYLES[entry.status]),
            (one_line(entry.prompt, limit=LONGEST_LINE) or NO_PROMPT, ""),
        ]

    def _gone_line(self, kin: Kin) -> list[Piece]:
        return [
            self._guides(kin.guides),
            (showable(f"{GONE_MARK} {GONE}"), "lineage--detail"),
        ]

    def _second_line(self, kin: Kin, entry: Entry | None) -> list[Piece]:
        change = self._family.changes.get(kin.id, "")
        words = [kin.id] if entry is None else [outcome(entry), change]
        text = one_line(" · ".join(filter(None, words)), limit=LONGEST_LINE)
        return [self._guides(kin.beneath), (Shown(" "), ""), (text, "lineage--detail")]

    def _facts(self, entry: Entry) -> list[Piece]:
        model = one_line(self._cards(entry.model).name, limit=LONGEST_MODEL)
        since = age(entry.created, self._clock()).rjust(4)
        return [(_GAP, ""), (showable(f"{model}{since} "), "lineage--detail")]

    def _words_beneath(self, y: int) -> list[Piece]:
        number = y - len(self._kin) * LINES_PER_ENTRY - 1
        is_said = len(self._kin) == 1 and 0 <= number < len(ALONE)
        return [(showable(f" {ALONE[number]}"), "lineage--detail")] if is_said else []

    def _guides(self, guides: str) -> Piece:
        """What is left of the guides where the cursor's entry stands far to the right."""
        hidden = max(0, len(self.kin.guides) - self.size.width // 3)
        return showable(f" {guides[hidden:]}"), "lineage--guide"

    def _go(self, index: int) -> None:
        self.cursor = max(0, min(index, len(self._kin) - 1))

    def _scroll_to_cursor(self) -> None:
        region = Region(0, self.cursor * LINES_PER_ENTRY, 1, LINES_PER_ENTRY)
        self.scroll_to_region(region, animate=False, force=True)
