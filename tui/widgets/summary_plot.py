"""What history adds up to as bars: columns over time, or a line a model. Drawn line by line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import ClassVar, TypeAlias

from rich.cells import cell_len
from rich.style import Style
from textual import events
from textual.geometry import Region
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from tui.history.statistics import By, Summary
from tui.text import Shown, one_line, showable
from tui.widgets.data_message import DataMessage
from tui.widgets.entry_words import fitted
from tui.widgets.plain import segment
from tui.widgets.plot_bars import (
    Bar,
    Columns,
    Measure,
    bar_of,
    columns_for,
    place_label,
    place_of,
    scale_words,
    top_of,
)

CAPTIONS: dict[Measure, str] = {
    "images": "Images by {by}",
    "spend": "Spend by {by}; ? is an unknown price",
    "seconds": "Seconds by {by}: median, paler 95 %",
    "success": "Success by {by}: all pictures came",
}
LONGEST_NAME = 200
"""Characters, more than a line has cells."""
EIGHTHS = 8
_RISING = " ▁▂▃▄▅▆▇█"
_GROWING = " ▏▎▍▌▋▊▉█"
_LINE, _HALF_LINE = "━", "╸"
"""Where a bar lies close to the next: blocks would become one."""
_FLOOR = "▁"
_RULE = "▔"
_DOUBT = "?"
_BEYOND_LEFT, _BEYOND_RIGHT = "‹", "›"
_LEAST_NAME = 8
_LEAST_WITH_MIDDLE = 6
"""Lines of columns from which on there is a rule in the middle."""

_Cell: TypeAlias = tuple[str, str, str]
"""A character, the component style of its colour, and the one of what lies behind it."""


class SummaryPlot(Widget):
    """Shows one number of each summary; the one under the cursor stands out."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "plot--bar",
        "plot--more",
        "plot--current",
        "plot--current-more",
        "plot--rule",
        "plot--label",
        "plot--name",
        "plot--doubtful",
    }

    cursor: reactive[int] = reactive(0)
    """Index of the summary that stands out."""

    class Chosen(DataMessage):
        """A bar was clicked: that of the summary `index`."""

        index: int

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._by: By = "day"
        self._measure: Measure = "images"
        self._words: tuple[Shown, ...] = ()
        self._bars: list[Bar] = []
        self._places: list[int] = []
        self._index_at: dict[int, int] = {}
        self._top = 1.0
        self._longest_name = 0
        self._longest_words = 0
        self._edge = 0
        self._columns: Columns | None = None
        self._axis = 0
        self._first_line = 0
        self._styles: dict[tuple[str, str], Style] = {}

    def show(
        self, rows: Sequence[Summary], by: By, measure: Measure, words: Sequence[Shown] = ()
    ) -> None:
        """Show `measure` of `rows`, newest first or the largest first; without any, `words`."""
        self._by, self._measure, self._words = by, measure, tuple(words)
        self._bars = [bar_of(row, measure) for row in rows]
        self._places = [] if by == "model" else [place_of(row.name, by) for row in rows]
        self._index_at = {place: index for index, place in enumerate(self._places)}
        self._top = top_of(self._bars, measure)
        if by == "model" and measure != "success":
            # Numbers stand behind the bars, so that no round one is needed for a scale.
            self._top = max((bar.reach for bar in self._bars), default=0.0) or 1.0
        self._longest_name = max((cell_len(_name(bar)) for bar in self._bars), default=0)
        self._longest_words = max((len(bar.words) for bar in self._bars), default=0)
        self._edge = self._places[0] if self._places else 0
        self._first_line = 0
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        index = self._index_under(event.x - self.gutter.left, event.y - self.gutter.top - 1)
        if index is not None:
            self.post_message(self.Chosen(index))

    def render_lines(self, crop: Region) -> list[Strip]:
        # The same for all lines.
        self._styles = {}
        self._lay_out()
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        width = self.content_size.width
        if not self._bars:
            return self._words_line(y)
        if y == 0:
            cells = self._caption(width)
        elif self._columns is None:
            cells = self._level_bar(y - 1, width)
        elif y == self.content_size.height - 1:
            cells = self._labels(self._columns, width)
        else:
            cells = self._across(self._columns, y - 1, width)
        return self._strip(cells, width)

    def _lay_out(self) -> None:
        """Settle which bars are seen, and where."""
        width, lines = self.content_size.width, self.content_size.height - 1
        self._columns = None
        if not self._bars:
            return
        cursor = min(self.cursor, len(self._bars) - 1)
        if self._by == "model":
            seen = max(1, (lines + 1) // self._line_pitch)
            first = min(self._first_line, max(0, len(self._bars) - seen))
            self._first_line = max(cursor - seen + 1, min(first, cursor))
            return
        self._axis = max(map(cell_len, self._scale().values())) + 1
        room = max(1, width - self._axis)
        self._columns = columns_for(self._places, self._places[cursor], self._edge, room)
        self._edge = self._columns.last

    @property
    def _line_pitch(self) -> int:
        """Lines from one model to the next."""
        return 2 if 2 * len(self._bars) <= self.content_size.height else 1

    def _index_under(self, x: int, line: int) -> int | None:
        """The bar at a cell beneath the caption."""
        if not self._bars:
            return None
        if self._columns is not None:
            place = self._columns.place_at(x - self._axis)
            return self._index_at.get(place) if x >= self._axis else None
        index = self._first_line + line // self._line_pitch
        return index if line >= 0 and index < len(self._bars) else None

    def _caption(self, width: int) -> list[_Cell]:
        bar = self._bars[min(self.cursor, len(self._bars) - 1)]
        right = fitted_to(one_line(f"{bar.name}: {bar.words}", limit=LONGEST_NAME), width)
        left = one_line(CAPTIONS[self._measure].format(by=self._by))
        room = max(0, width - cell_len(right) - 2)
        gap = showable(" " * (width - room - cell_len(right)))
        return [
            *_written(fitted(left, room), "plot--label"),
            *_written(gap, "plot--label"),
            *_written(right, "plot--name"),
        ]

    def _scale(self) -> dict[int, str]:
        """What is written beside the lines of columns, by the line that it stands in."""
        lines = max(1, self.content_size.height - 2)
        words = {0: scale_words(self._top, self._measure)}
        middle = self._top / 2
        is_a_number = self._measure != "images" or middle.is_integer()
        if lines >= _LEAST_WITH_MIDDLE and lines % 2 == 0 and is_a_number:
            words[lines // 2] = scale_words(middle, self._measure)
        return words

    def _across(self, columns: Columns, line: int, width: int) -> list[_Cell]:
        """One line of all columns, 0 the highest."""
        lines = self.content_size.height - 2
        words = self._scale().get(line, "")
        ground = _RULE if words else _FLOOR if line == lines - 1 else " "
        cells: list[_Cell] = [(ground, "plot--rule", "")] * (width - self._axis)
        height = lines - 1 - line
        for place in range(columns.first, columns.last + 1):
            if (index := self._index_at.get(place)) is None:
                continue
            start = columns.start(place)
            if (cell := self._column_cell(index, height, lines)) is not None:
                cells[start : start + columns.width] = [cell] * columns.width
            if self._bars[index].is_doubtful and self._doubt_height(index, lines) == height:
                cells[start + (columns.width - 1) // 2] = (_DOUBT, "plot--doubtful", "")
        return [*self._beside(words), *cells]

    def _beside(self, words: str) -> list[_Cell]:
        """Words of the scale, at the left of columns."""
        return _written(showable(f"{words.rjust(self._axis - 1)} "), "plot--label")

    def _column_cell(self, index: int, height: int, lines: int) -> _Cell | None:
        """What a column has `height` cells above the floor; None where it does not reach."""
        bar = self._bars[index]
        if bar.value is None:
            return None
        full = max(1, round(bar.value / self._top * lines * EIGHTHS)) - height * EIGHTHS
        reach = round(bar.reach / self._top * lines * EIGHTHS) - height * EIGHTHS
        return self._cell(index, full, reach, _RISING)

    def _cell(self, index: int, full: int, reach: int, blocks: str) -> _Cell | None:
        """A cell of which `full` eighths are filled, and paler those up to `reach`."""
        is_current = index == self.cursor
        name, paler = "plot--bar", "plot--more"
        if is_current:
            name, paler = "plot--current", "plot--current-more"
        if full >= EIGHTHS:
            # As ground, since blocks of some fonts leave gaps.
            return " ", "", name
        if full > 0:
            behind = paler if full < EIGHTHS <= reach else ""
            return blocks[full], name, behind
        if reach >= EIGHTHS:
            return " ", "", paler
        return (blocks[reach], paler, "") if reach > 0 else None

    def _doubt_height(self, index: int, lines: int) -> int:
        """How many cells above the floor the sign of doubt stands: on top, if there is room."""
        value = self._bars[index].value
        if value is None:
            return 0
        reach = max(1, round(value / self._top * lines * EIGHTHS))
        return min(lines - 1, -(-reach // EIGHTHS))

    def _labels(self, columns: Columns, width: int) -> list[_Cell]:
        """Days or weeks beneath the columns; what is under the cursor comes before others."""
        room = width - self._axis
        cells: list[_Cell] = [(" ", "", "")] * room
        left, right = 0, room
        if columns.first > self._places[-1]:
            cells[0], left = (_BEYOND_LEFT, "plot--label", ""), 2
        if columns.last < self._places[0]:
            cells[-1], right = (_BEYOND_RIGHT, "plot--label", ""), room - 2
        current = self._places[min(self.cursor, len(self._places) - 1)]
        wanted = [current, *(place for place in columns.labelled(self._by) if place != current)]
        for place in wanted:
            text = place_label(place, self._by)
            start = columns.start(place) + (columns.width - len(text) + 1) // 2
            start = max(left, min(start, right - len(text)))
            around = cells[max(left, start - 1) : start + len(text) + 1]
            if all(character == " " for character, *_ in around):
                name = "plot--name" if place == current else "plot--label"
                cells[start : start + len(text)] = [(letter, name, "") for letter in text]
        return [*self._beside("0"), *cells[:room]]

    def _level_bar(self, line: int, width: int) -> list[_Cell]:
        """A line of the bars that lie, one a model, with its name before and its number behind."""
        index, rest = divmod(line, self._line_pitch)
        index += self._first_line
        if rest or index >= len(self._bars):
            return []
        bar = self._bars[index]
        name_room = min(self._longest_name, max(_LEAST_NAME, width // 3))
        room = max(1, width - name_room - self._longest_words - 2)
        cells = self._laid(index, room, is_thick=self._line_pitch > 1)
        is_current = index == self.cursor
        return [
            *_written(fitted(_name(bar), name_room), "plot--name" if is_current else "plot--label"),
            (" ", "", ""),
            *cells,
            *([(" ", "", "")] if cells else []),
            *self._number(bar, "plot--name" if is_current else "plot--label"),
        ]

    def _laid(self, index: int, room: int, *, is_thick: bool) -> list[_Cell]:
        """The bar of a model in at most `room` cells; where it `is_thick`, as high as a line."""
        bar = self._bars[index]
        scale = room / self._top * (EIGHTHS if is_thick else 2)
        full, reach = round((bar.value or 0.0) * scale), round(bar.reach * scale)
        if bar.value:
            full, reach = max(1, full), max(1, reach)
        if is_thick:
            done = range(0, reach, EIGHTHS)
            cells = [self._cell(index, full - each, reach - each, _GROWING) for each in done]
            return [cell for cell in cells if cell is not None]
        name, paler = ("current", "current-more") if index == self.cursor else ("bar", "more")
        return [
            *[(_LINE, f"plot--{name}", "")] * (full // 2),
            *[(_HALF_LINE, f"plot--{name}", "")] * (full % 2),
            *[(_LINE, f"plot--{paler}", "")] * (-(-reach // 2) - -(-full // 2)),
        ]

    def _number(self, bar: Bar, name: str) -> list[_Cell]:
        known, plus, unknown = bar.words.rpartition("+ ")
        if not bar.is_doubtful:
            return _written(one_line(bar.words), name)
        before = one_line(known)
        return [
            *_written(showable(f"{before} {plus}" if before else ""), name),
            *_written(one_line(unknown), "plot--doubtful"),
        ]

    def _words_line(self, y: int) -> Strip:
        width, height = self.content_size
        top = max(0, (height - len(self._words)) // 2)
        text = self._words[y - top] if 0 <= y - top < len(self._words) else Shown("")
        return self._strip(
            _written(fitted(showable(text.center(width)), width), "plot--label"), width
        )

    def _strip(self, cells: Iterable[_Cell], width: int) -> Strip:
        runs = groupby(cells, key=lambda cell: cell[1:])
        pieces = [
            segment(showable("".join(text for text, *_ in run)), self._style(*names))
            for names, run in runs
        ]
        return Strip(pieces).adjust_cell_length(width, self._style("", ""))

    def _style(self, name: str, behind: str) -> Style:
        style = self._styles.get((name, behind))
        if style is None:
            style = self.rich_style
            if name:
                style += self._component(name)
            if behind:
                style += Style(bgcolor=self._component(behind).color)
            self._styles[name, behind] = style
        return style

    def _component(self, name: str) -> Style:
        """Colour and emphasis of a component, and nothing of what lies beneath it."""
        styles = self.get_component_styles(name)
        colour = self.background_colors[1] + styles.color
        return Style(color=colour.rich_color) + styles.text_style


def fitted_to(text: Shown, width: int) -> Shown:
    """`text`, cut where it is longer than `width` cells."""
    return fitted(text, width) if cell_len(text) > width else text


def _name(bar: Bar) -> Shown:
    return one_line(bar.name, limit=LONGEST_NAME)


def _written(text: Shown, name: str) -> list[_Cell]:
    """Text as one cell that is as wide as it is; nothing where there is no text."""
    return [(text, name, "")] if text else []
