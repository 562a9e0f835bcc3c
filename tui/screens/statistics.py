"""What history adds up to: images, spend, seconds and success, by day, week or model."""

from __future__ import annotations

import asyncio
import threading
from typing import ClassVar, get_args

from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import Screen
from textual.widgets import Input, Static
from textual.worker import Worker

from tui.history.desk import HistoryDesk
from tui.history.statistics import By, Summary, summaries, summary
from tui.history.summary_words import TOTAL
from tui.text import Shown, one_line, showable
from tui.widgets.history_pane import SearchLine
from tui.widgets.key_bar import KeyBar
from tui.widgets.picks import Pick, Picks
from tui.widgets.plain import plain
from tui.widgets.plot_bars import Measure
from tui.widgets.steady import Steady
from tui.widgets.summary_plot import SummaryPlot
from tui.widgets.summary_table import SummaryTable

TITLE = Shown("Statistics")
BY: tuple[By, ...] = get_args(By)
MEASURES: tuple[Measure, ...] = get_args(Measure)
ADDING = Shown("Adding up…")
EMPTY = (
    Shown("Nothing to add up yet."),
    Shown("What you send is counted here, with what it cost and how long it took."),
)
NOTHING_FOUND = (Shown("Nothing found."), Shown("/ changes what is looked for; escape there: all."))
QUERY_HINT = Shown("words, !not, model: date:30d !endpoint:demo leaves out rehearsals")
_AFTER_LETTER = 0.15
"""Seconds after which nothing more is typed for now."""
_AFTER_NEWS = 0.5
"""Seconds in which news of history are collected while it is added up."""


class QueryLine(SearchLine):
    """A line to type a query in that is not kept."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return action != "save"


class StatisticsScreen(Steady, Screen[None]):
    """Reads what counts of all entries in a thread, for as long as it is open."""

    CSS_PATH = "../styles/statistics.tcss"
    AUTO_FOCUS = "#summaries"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("d", "show_by('day')", "day", id="statistics-by-day"),
        Binding("w", "show_by('week')", "week", id="statistics-by-week"),
        Binding("m", "show_by('model')", "model", id="statistics-by-model"),
        Binding("right,l", "step(1)", "next plot", key_display="→", id="next-plot"),
        Binding("left,h", "step(-1)", "Plot before", show=False, id="previous-plot"),
        Binding("slash", "search", "search", key_display="/", id="search-statistics"),
        Binding("escape,q,f6", "close", "close", id="close-statistics"),
    ]

    table = getters.query_one("#summaries", SummaryTable)
    plot = getters.query_one("#plot", SummaryPlot)
    line = getters.query_one("#query", QueryLine)

    def __init__(self, desk: HistoryDesk, query: str = "") -> None:
        """`query` is what is looked for in history; empty for all entries."""
        super().__init__()
        self._desk = desk
        self._query = query.strip()
        self._by: By = "day"
        self._measure: Measure = "images"
        self._found: dict[By, list[Summary]] = {}
        self._total: Summary | None = None
        self._problem = ""
        self._has_failed = False
        self._is_stale = False
        self._adding: Worker[None] | None = None

    def compose(self) -> ComposeResult:
        with Vertical(id="statistics-frame") as frame:
            frame.border_title = plain(TITLE)
            yield Picks(id="choices")
            yield QueryLine(
                one_line(self._query, limit=400), compact=True, placeholder=QUERY_HINT, id="query"
            )
            yield Static(id="query-problem")
            yield SummaryPlot(id="plot")
            yield SummaryTable(id="summaries")
        yield KeyBar()

    def on_mount(self) -> None:
        self.set_class(bool(self._query), "-searching")
        self._show()
        self._adding = self._add_up()

    def follow(self) -> None:
        """Add up again, since history changed."""
        self._is_stale = True
        if self.is_attached and (self._adding is None or self._adding.is_finished):
            self._adding = self._add_up()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        is_typing = isinstance(self.focused, SearchLine)
        return not is_typing or action not in ("show_by", "step", "search", "close")

    def action_show_by(self, by: By) -> None:
        """Have a line a day, week or model."""
        self._by = by
        self._show()

    def action_step(self, steps: int) -> None:
        """Plot another number, the next or the one before."""
        index = MEASURES.index(self._measure) + steps
        self._plot_measure(MEASURES[index % len(MEASURES)])

    def action_search(self) -> None:
        """Show the line to search in, and put the focus there."""
        self.add_class("-searching")
        self.set_focus(self.line)
        self.line.select_all()

    def action_close(self) -> None:
        self.dismiss(None)

    @on(Picks.Picked)
    def _picked(self, event: Picks.Picked) -> None:
        event.stop()
        for by in BY:
            if by == event.key:
                self.action_show_by(by)
        for measure in MEASURES:
            if measure == event.key:
                self._plot_measure(measure)

    @on(SummaryTable.Moved)
    def _moved(self, event: SummaryTable.Moved) -> None:
        event.stop()
        self.plot.cursor = event.index

    @on(SummaryPlot.Chosen)
    def _bar_chosen(self, event: SummaryPlot.Chosen) -> None:
        event.stop()
        self.table.go_to(event.index)
        self.set_focus(self.table)

    @on(SearchLine.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._look_for(event.value, after=_AFTER_LETTER)

    @on(SearchLine.Left)
    def _search_left(self, event: SearchLine.Left) -> None:
        event.stop()
        with self.prevent(Input.Changed):
            self.line.value = ""
        self.remove_class("-searching")
        self.set_focus(self.table)
        self._look_for("")

    @on(SearchLine.ToList)
    def _to_table(self, event: SearchLine.ToList) -> None:
        event.stop()
        self.set_class(bool(self._query), "-searching")
        self.set_focus(self.table)

    def _look_for(self, query: str, *, after: float = 0.0) -> None:
        if query.strip() != self._query:
            self._query = query.strip()
            self._adding = self._add_up(after)

    def _plot_measure(self, measure: Measure) -> None:
        self._measure = measure
        self._show()

    @work(group="statistics", description="Adds up history", exclusive=True, exit_on_error=False)
    async def _add_up(self, after: float = 0.0) -> None:
        """Add up `after` so many seconds, and again where history changes meanwhile."""
        await asyncio.sleep(after)
        self._is_stale = False
        await self._add_up_once()
        while self._is_stale:
            # Many changes may follow one another.
            await asyncio.sleep(_AFTER_NEWS)
            self._is_stale = False
            await self._add_up_once()

    async def _add_up_once(self) -> None:
        query, stopped = self._query, threading.Event()
        found: dict[By, list[Summary]] = {}
        self._has_failed = False
        try:
            counted = await asyncio.to_thread(self._desk.outcomes, query, stopped.is_set)
            total = await asyncio.to_thread(summary, TOTAL, counted.outcomes)
            self._problem = "; ".join(counted.problems)
            while missing := [by for by in BY if by not in found]:
                # What is looked at comes first.
                by = self._by if self._by in missing else missing[0]
                found[by] = await asyncio.to_thread(summaries, counted.outcomes, by)
                self._found, self._total = dict(found), total
                if by == self._by:
                    self._show()
        except OSError as error:
            self._has_failed = True
            self._problem = f"History cannot be added up: {error}"
            self._show()
        finally:
            stopped.set()

    def _show(self) -> None:
        """Show what is known of what was chosen."""
        rows = self._found.get(self._by, [])
        if rows:
            words: tuple[Shown, ...] = ()
        elif self._by not in self._found:
            words = () if self._has_failed else (ADDING,)
        else:
            words = NOTHING_FOUND if self._query else EMPTY
        self.plot.show(rows, self._by, self._measure, words)
        self.table.show(rows, self._total, self._by)
        self.plot.cursor = self.table.cursor
        self.query_one(Picks).show(
            [
                [Pick(by, one_line(by.capitalize()), by == self._by) for by in BY],
                [Pick(one, one_line(one.capitalize()), one == self._measure) for one in MEASURES],
            ]
        )
        self._show_state()

    def _show_state(self) -> None:
        line = self.query_one("#query-problem", Static)
        line.update(plain(one_line(self._problem, limit=300)))
        line.display = bool(self._problem)
        counted = ""
        if self._total is not None:
            entries = self._total.entries
            counted = "1 entry" if entries == 1 else f"{entries:,} entries"
        self.query_one("#statistics-frame").border_subtitle = plain(showable(counted))
