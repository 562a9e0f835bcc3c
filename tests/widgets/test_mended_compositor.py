"""No map of the screen is left behind, and everything is where it is and knows it."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from functools import partial

import pytest
from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.geometry import Region
from textual.widgets import Static

from tests.screens.waiting import until
from tui.frugal_app import FrugalApp
from tui.widgets.mended_compositor import MendedCompositor


class Column(FrugalApp):
    """Twenty lines of which ten are seen."""

    def compose(self) -> ComposeResult:
        with VerticalScroll():
            for number in range(20):
                yield Static(f"line {number}", id=f"line-{number}")


@pytest.mark.usefixtures("nothing_looks_for_garbage")
async def test_a_widget_that_is_gone_is_let_go_without_a_look_for_garbage() -> None:
    async with Column().run_test(size=(40, 10)) as pilot:
        line = pilot.app.query_one("#line-3")
        seen = weakref.ref(line)
        await line.remove()
        del line

        def is_on_a_map() -> bool:
            # Textual's widgets have rings of their own; what lays them out adds none.
            holders = gc.get_referrers(seen())
            return any(seen() in each for each in holders if isinstance(each, dict))

        await until(pilot, lambda: seen() is None or not is_on_a_map(), "no map that has it")


async def test_everything_is_where_it_is_whether_scrolled_resized_or_asked_for() -> None:
    async with Column().run_test(size=(40, 10)) as pilot:
        screen = pilot.app.screen
        assert isinstance(screen._compositor, MendedCompositor)
        last = pilot.app.query_one("#line-19")
        assert last.region.y == 19
        pilot.app.query_one(VerticalScroll).scroll_to(y=10, animate=False)
        await until(pilot, lambda: screen.find_widget(last).region == Region(0, 9, 38, 1))
        assert screen.get_widget_at(0, 9)[0] is last
        await pilot.resize_terminal(30, 12)
        await until(pilot, lambda: screen.find_widget(last).region == Region(0, 11, 28, 1))
        assert len(screen._compositor.full_map) >= 22
        assert last in screen._compositor.visible_widgets


class Telling(Static):
    """Keeps what it was told."""

    def __init__(self, text: str) -> None:
        super().__init__(text, id=text)
        self.told: set[str] = set()

    def on_resize(self, event: events.Resize) -> None:
        self.told.add(f"{event.size.width} wide")

    def on_show(self) -> None:
        self.told.add("shown")

    def on_hide(self) -> None:
        self.told.add("hidden")


class Beside(FrugalApp):
    """A list to scroll beside what comes and goes."""

    CSS = "Screen { layout: horizontal } VerticalScroll, Telling { width: 1fr } #three { width: 9 }"

    def compose(self) -> ComposeResult:
        with VerticalScroll():
            yield Static("line\n" * 20)
        yield Telling("one")
        yield Telling("two")
        with Vertical(id="three"):
            yield Telling("four")
            yield Telling("five")

    def do(self, change: Callable[[], object], *, is_asked: bool) -> list[set[str]]:
        """Do something while something else is scrolled, or between that and when somebody asks
        where something is; gives what is told to each.
        """
        told = [each.told for each in self.query(Telling)]
        for each in told:
            each.clear()
        change()
        if not is_asked:
            self._forget_where_all_is()
        compositor = self.screen._compositor
        compositor.reflow_visible(self.screen, self.screen.size)
        compositor._dirty_regions.clear()  # Drawn, as far as is known by then.
        if is_asked:
            self._forget_where_all_is()
        assert compositor.full_map
        return told

    def _forget_where_all_is(self) -> None:
        for node in self.query("*"):
            node._clear_arrangement_cache()
        self.screen._clear_arrangement_cache()


@pytest.mark.parametrize("is_asked", [True, False])
async def test_who_comes_or_goes_while_something_is_scrolled_is_told(is_asked: bool) -> None:
    app = Beside()
    async with app.run_test(size=(60, 10)) as pilot:
        one = app.query_one("#one")

        def display(displayed: bool) -> None:
            one.display = displayed

        told = app.do(partial(display, False), is_asked=is_asked)
        await until(pilot, lambda: told[:2] == [{"hidden"}, {"26 wide"}], "the rest is told")
        app.do(partial(display, True), is_asked=is_asked)
        both = [{"shown", "17 wide"}, {"17 wide"}]
        await until(pilot, lambda: told[:2] == both, "both are told")


@pytest.mark.parametrize("is_asked", [True, False])
async def test_what_moves_while_something_is_scrolled_is_drawn(is_asked: bool) -> None:
    app = Beside()
    async with app.run_test(size=(60, 10)):
        above, below = app.query_one("#four"), app.query_one("#five")

        def make_taller() -> None:
            above.styles.height = 3

        app.do(make_taller, is_asked=is_asked)
        compositor, old = app.screen._compositor, Region(51, 1, 9, 1)
        compositor.reflow(app.screen, app.screen.size)
        assert {old, below.region} <= compositor._dirty_regions
        assert below.region == Region(51, 3, 9, 1)
