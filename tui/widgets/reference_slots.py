"""The references in the parameter form: a slot for each, and the line that adds one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal

from msgspec import Struct
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from tui.generation.reference_slots import ADD_HELP, Slot, Slots, Tone
from tui.generation.thumbnails import FileThumbnails
from tui.history.entry import MASK
from tui.images.preview import Tile, TileRequest
from tui.text import Shown, one_line, showable
from tui.widgets.data_message import DataMessage
from tui.widgets.entry_words import fitted
from tui.widgets.picture_format import PictureFormat, follow_format
from tui.widgets.plain import plain, segment
from tui.widgets.thumbnail_column import COLUMNS, LINES, NARROWEST, TileColumn

Wish = Literal[
    "add", "clipboard", "view", "remove", "undo", "treatment", "retry", "mention", "mask",
    "sooner", "later",
]  # fmt: skip

LABEL = Shown("References")
ADD = Shown("+ add")
_BLANK = Shown(" ")
_LONGEST = 400
_MOST_REMARKS = 4
"""Lines of a sentence at a slot; the help line has all of it."""
_LEAST_NAME = 12
"""Cells that are left for a name, or nothing stands right of it."""
_BROAD = 56
"""Cells from which name and facts stand on one line."""


class _Line(Struct, frozen=True):
    """A line as it is drawn."""

    slot: int
    """Index of the slot; -1 for what is above them all, their number for the line that adds."""
    part: int
    left: Shown
    style: str
    right: Shown = Shown("")


class ReferenceSlots(Widget, can_focus=True):
    """Follows `Slots`, and says what the user wants of them."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "field--label",
        "slots--name",
        "slots--facts",
        "slots--doubtful",
        "slots--bad",
        "slots--cursor",
        "slots--no-picture",
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "wish('view')", "view", id="view-reference"),
        Binding("enter,space", "wish('add')", "choose files", id="add-reference"),
        Binding("x,delete,backspace", "wish('remove')", "remove", id="remove-reference"),
        Binding("t", "wish('treatment')", "treatment", id="treat-reference"),
        Binding("m", "wish('mention')", "mention", id="mention-reference"),
        Binding("M", "wish('mask')", "mask", id="reference-mask"),
        Binding("r", "wish('retry')", "retry", id="retry-reference"),
        Binding("K,alt+up", "wish('sooner')", "up", id="reference-sooner"),
        Binding("J,alt+down", "wish('later')", "down", id="reference-later"),
        Binding("ctrl+z,u", "wish('undo')", "undo", id="undo-reference"),
        Binding("v,ctrl+v", "wish('clipboard')", "clipboard", id="paste-reference"),
        Binding("up,k", "move(-1)", "Up", show=False, id="references-up"),
        Binding("down,j", "move(1)", "Down", show=False, id="references-down"),
        Binding("home", "move(-1000)", "First", show=False, id="references-first"),
        Binding("end", "move(1000)", "Last", show=False, id="references-last"),
    ]

    class Wished(DataMessage):
        """Something is wanted of the reference at an index, or of another one."""

        wish: Wish
        index: int
        """That of the line that adds is their number."""

    class Pasted(DataMessage):
        """Text was pasted, or files were dropped."""

        text: str

    class Moved(Message):
        """Another slot is under the cursor, or there is something else to know of it."""

    def __init__(self, thumbnails: FileThumbnails | None = None, *, id: str | None = None) -> None:
        """`thumbnails` makes small pictures of what is sent; without it there are none."""
        super().__init__(id=id)
        self._slots = Slots()
        self._lines: tuple[_Line, ...] = ()
        self._laid_out_for = 0
        self._cursor = 0
        self._can_undo = False
        self._is_low = False
        self._files = thumbnails
        self._pictures = TileColumn(
            self, self._load, in_sight=self._in_sight, came=lambda _: self.refresh()
        )

    @property
    def cursor(self) -> int:
        """Index of the slot under the cursor; their number for the line that adds."""
        return min(self._cursor, len(self._slots.slots))

    @property
    def help(self) -> str:
        """What to know of what is under the cursor."""
        if self.slot is None:
            return self._slots.note or ADD_HELP
        return self.slot.help or self._slots.note

    @property
    def slot(self) -> Slot | None:
        """The slot under the cursor."""
        slots = self._slots.slots
        return slots[self.cursor] if self.cursor < len(slots) else None

    def show(self, slots: Slots, *, can_undo: bool) -> None:
        """Show `slots`; `can_undo` says whether one was taken away that can be brought back."""
        if slots == self._slots and can_undo == self._can_undo:
            return
        before, self._slots, self._can_undo = self._slots, slots, can_undo
        self.can_focus = slots.is_taken or bool(slots.slots)
        count = len(slots.slots)
        # From slot to slot, however many are taken away; and on the line that adds, however many
        # are added.
        is_on_slot = self._cursor < len(before.slots) or not slots.is_taken
        self._cursor = max(0, min(self._cursor, count - 1)) if is_on_slot else count
        self._follow(is_other=len(before.slots) != count)

    def show_low(self, is_low: bool) -> None:
        """Have no pictures where a form is so low that they would be all there is to see."""
        if is_low != self._is_low:
            self._is_low = is_low
            self._follow(is_other=True)

    def go_to(self, index: int) -> None:
        """Put the cursor on a slot."""
        self._cursor = max(0, min(index, self._last))
        self._follow(is_other=True)

    def on_mount(self) -> None:
        self._pictures.on_mount()
        follow_format(self, self._draw_in)

    def on_unmount(self) -> None:
        self._pictures.on_unmount()

    def on_focus(self) -> None:
        self.refresh()
        self._show_cursor()

    def on_blur(self) -> None:
        self.refresh()

    def on_resize(self) -> None:
        self._lay_out(self.size.width)
        if self.has_focus:
            # Only now there is a place to scroll to.
            self.call_after_refresh(self._show_cursor)

    def on_paste(self, event: events.Paste) -> None:
        event.stop()
        self.post_message(self.Pasted(event.text))

    def on_click(self, event: events.Click) -> None:
        event.stop()
        if 0 <= event.y < len(self._lines):
            line = self._lines[event.y]
            if line.slot < 0 and (self._slots.slots or not self._slots.is_taken):
                return
            was, self._cursor = self.cursor, max(0, line.slot)
            self._follow(is_other=True)
            if self.slot is None or was == self.cursor:
                self.press()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        slot = self.slot
        match parameters:
            case ("clipboard",):
                return self._slots.is_taken
            case ("undo",):
                return self._can_undo
            case ("add",):
                return slot is None
            case ("mention",):
                return slot is not None and slot.number != MASK
            case ("mask",):
                return slot is not None and (self._slots.takes_masks or slot.number == MASK)
            case ("remove" | "treatment" | "view",):
                return slot is not None
            case ("retry",):
                return slot is not None and slot.tone == "bad"
            case ("sooner",):
                return slot is not None and self.cursor > 0
            case ("later",):
                return slot is not None and self.cursor < len(self._slots.slots) - 1
        return True

    def press(self) -> None:
        """See the picture under the cursor, or choose another one."""
        self.action_wish("add" if self.slot is None else "view")

    def action_wish(self, wish: Wish) -> None:
        index = self.cursor
        if wish in ("sooner", "later"):
            # The cursor stays with what is moved.
            self._cursor += 1 if wish == "later" else -1
        self.post_message(self.Wished(wish, index))

    def action_move(self, steps: int) -> None:
        self.go_to(self.cursor + steps)

    # Lines

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        self._lay_out(width)
        return len(self._lines)

    @property
    def _last(self) -> int:
        """The last place for the cursor."""
        count = len(self._slots.slots)
        return count if self._slots.is_taken else max(0, count - 1)

    def _follow(self, *, is_other: bool) -> None:
        """Have everything as it is now; `is_other` where other keys may work."""
        height = len(self._lines)
        self._laid_out_for = 0
        self._lay_out(self.size.width)
        self.refresh(layout=len(self._lines) != height)
        self.refresh_bindings()
        self.post_message(self.Moved())
        if is_other and self.has_focus:
            self.call_after_refresh(self._show_cursor)

    def _lay_out(self, width: int) -> None:
        if width == self._laid_out_for or width <= 0:
            return
        self._laid_out_for = width
        slots = self._slots
        lines = [self._title(width)]
        if slots.note and (slots.slots or not slots.is_taken):
            style = "slots--doubtful" if slots.is_taken else "slots--facts"
            lines += [_Line(-1, 0, text, style) for text in _wrapped(slots.note, width, 3)]
            if not slots.slots:
                # There is nothing else to say.
                lines = lines[1:]
        for index, slot in enumerate(slots.slots):
            lines += self._slot_lines(index, slot, width)
        if slots.slots and slots.is_taken:
            lines.append(_Line(len(slots.slots), 0, ADD, "slots--facts"))
        self._lines = tuple(lines)

    def _title(self, width: int) -> _Line:
        slots = self._slots
        title = one_line(slots.title)
        if slots.slots or not slots.is_taken:
            return _Line(-1, 0, LABEL, "field--label", title)
        return _Line(0, 0, fitted(LABEL, min(width, self._label_width)), "field--label", ADD)

    def _slot_lines(self, index: int, slot: Slot, width: int) -> list[_Line]:
        head = f"{slot.number} {slot.name}"
        if not self._slots.is_taken:
            return [_Line(index, 0, one_line(head, limit=_LONGEST), "slots--facts")]
        # Beneath the name, where no picture stands before them.
        indent = 0 if self._has_pictures(width) else len(slot.number) + 1
        room = width - (COLUMNS + 1 if self._has_pictures(width) else 0)
        name, facts = one_line(head, limit=_LONGEST), one_line(slot.facts, limit=_LONGEST)
        if cell_len(facts) > room - indent:
            facts = one_line(slot.few_facts) or facts
        if width >= _BROAD:
            lines = [_Line(index, 0, name, "slots--name", facts)]
        else:
            lines = [_Line(index, 0, name, "slots--name")]
            if facts:
                lines.append(_Line(index, 0, showable(f"{'':{indent}}{facts}"), "slots--facts"))
        most = 1 if slot.tone == "quiet" else _MOST_REMARKS
        lines += [
            _Line(index, 0, showable(f"{'':{indent}}{text}"), _STYLES[slot.tone])
            for text in _wrapped(slot.remark, room - indent, most)
        ]
        least = LINES if self._has_pictures(width) else 1 if width >= _BROAD else 2
        lines += [_Line(index, 0, Shown(""), "slots--facts")] * (least - len(lines))
        return [
            _Line(line.slot, part, line.left, line.style, line.right)
            for part, line in enumerate(lines)
        ]

    @property
    def _label_width(self) -> int:
        width = self.get_component_styles("field--label").width
        return int(width.value) if width is not None else 0

    # Drawing

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        self._lay_out(width)
        ground = self.visual_style.rich_style
        if not 0 <= y < len(self._lines):
            return Strip.blank(width, ground)
        line = self._lines[y]
        colour, quiet = self._part(line.style), self._part("slots--facts")
        if line.slot < 0:
            return Strip(_sides(line, width, ground, colour, quiet))
        is_here = self.has_focus and line.slot == self.cursor
        style = ground
        if is_here:
            style += Style(bgcolor=self.get_component_rich_style("slots--cursor").bgcolor)
        if self.slot is None and not self._slots.slots:
            # Label and button on one line, as the rows of the parameters have it.
            left = segment(line.left, ground + colour)
            rest = fitted(line.right, min(len(ADD), max(0, width - cell_len(line.left))))
            after = max(0, width - cell_len(line.left) - cell_len(rest))
            button = segment(rest, style + (self._part("slots--name") if is_here else quiet))
            return Strip([left, button, *Strip.blank(after, ground)])
        if line.slot == len(self._slots.slots):
            button = segment(ADD, style + (self._part("slots--name") if is_here else quiet))
            return Strip([button, *Strip.blank(max(0, width - len(ADD)), ground)])
        if not self._has_pictures(width):
            return Strip(_sides(line, width, style, colour, quiet))
        room = max(0, width - COLUMNS - 1)
        return Strip(
            [
                *self._picture_cells(line, style),
                segment(_BLANK, style),
                *_sides(line, room, style, colour, quiet),
            ]
        )

    def render_lines(self, crop: Region) -> list[Strip]:
        ground = self.visual_style.rich_style
        self._pictures.begin(ground, self._part("slots--no-picture"))
        strips = super().render_lines(crop)
        if not (self._pictures.has_pixels and self._has_pictures(self.size.width)):
            return strips
        for index, y in enumerate(crop.line_range):
            line = self._lines[y] if 0 <= y < len(self._lines) else None
            slot = self._slot_of(line)
            if line is not None and slot is not None and line.part < LINES and slot.sha256:
                style = ground
                if self.has_focus and line.slot == self.cursor:
                    style += Style(bgcolor=self.get_component_rich_style("slots--cursor").bgcolor)
                strips[index] = self._pictures.tile_in_pixels(
                    strips[index], slot.sha256, line.part, style, crop.x
                )
        return strips

    def _picture_cells(self, line: _Line, style: Style) -> Sequence[Segment]:
        slot = self._slot_of(line)
        if line.part >= LINES or slot is None:
            return list(Strip.blank(COLUMNS, style))
        key = slot.sha256 if slot.file is not None else None
        return self._pictures.tile_cells(key, key, line.part, style)

    def _slot_of(self, line: _Line | None) -> Slot | None:
        slots = self._slots.slots
        return slots[line.slot] if line is not None and 0 <= line.slot < len(slots) else None

    def _part(self, name: str) -> Style:
        return self.get_component_rich_style(name, partial=True)

    def _has_pictures(self, width: int) -> bool:
        """Whether there is room for small pictures, and the terminal shows any."""
        return (
            self._files is not None
            and self._slots.is_taken
            and self._pictures.can_be_shown
            and width >= NARROWEST
            and not self._is_low
        )

    def _load(self, key: str, request: TileRequest) -> Tile | None:
        # In a thread: what the widget shows by then may be something else.
        files, slots = self._files, self._slots.slots
        file = next((slot.file for slot in slots if slot.sha256 == key), None)
        return None if files is None or file is None else files.tile(file, key, request)

    def _in_sight(self) -> Mapping[str, object]:
        if not (self._has_pictures(self.size.width) and self.region.area):
            return {}
        seen = self.screen.find_widget(self).visible_region.translate(-self.region.offset)
        shown = {line.slot for line in self._lines[max(0, seen.y) : max(0, seen.bottom)]}
        slots = self._slots.slots
        keys = [slots[index].sha256 for index in sorted(shown) if 0 <= index < len(slots)]
        return dict(zip(keys, keys, strict=True))

    def _draw_in(self, format: PictureFormat) -> None:
        self._pictures.draw_in(format)
        self._follow(is_other=True)

    def _show_cursor(self) -> None:
        """Have what is under the cursor in sight."""
        shown = [y for y, line in enumerate(self._lines) if line.slot == self.cursor]
        if shown and self.is_attached:
            region = Region(0, shown[0], self.size.width, len(shown))
            if isinstance(self.parent, Widget):
                there = region.translate(self.virtual_region.offset)
                self.parent.scroll_to_region(there, animate=False, force=True)


_STYLES: dict[Tone, str] = {
    "quiet": "slots--facts",
    "doubtful": "slots--doubtful",
    "bad": "slots--bad",
}


def _wrapped(text: str, width: int, most: int) -> list[Shown]:
    """`text` in lines of `width` cells, `most` of them; the last may be cut."""
    if not text or width <= 0:
        return []
    lines = plain(one_line(text, limit=_LONGEST)).wrap(width)
    shown = [one_line(line.plain) for line in lines]
    if len(shown) > most:
        rest = " ".join(shown[most - 1 :])
        shown = [*shown[: most - 1], one_line(rest)]
    return shown


def _sides(line: _Line, width: int, style: Style, colour: Style, quiet: Style) -> list[Segment]:
    """A line of two sides; the left one is cut where there is not room for both."""
    if not line.right or cell_len(line.right) > width - _LEAST_NAME:
        return [segment(fitted(line.left, width), style + colour)]
    return [
        segment(fitted(line.left, width - cell_len(line.right) - 1), style + colour),
        segment(_BLANK, style),
        segment(line.right, style + quiet),
    ]
