"""No map of the screen is left behind, and everything is where it is and knows it."""

from __future__ import annotations

import gc
import weakref

import pytest
from textual import events
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.geometry import Region
from textual.pilot import Pilot
from textual.strip import Strip
from textual.widgets import Static

from tui.frugal_app import FrugalApp
from tui.widgets.sparing_compositor import SparingCompositor


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
        await pilot.pause()
        if (gone := seen()) is not None:
            # Textual's widgets have rings of their own; what lays them out adds none.
            holders = [each for each in gc.get_referrers(gone) if isinstance(each, dict | set)]
            assert not any(gone in each for each in holders)


async def test_everything_is_where_it_is_whether_scrolled_resized_or_asked_for() -> None:
    async with Column().run_test(size=(40, 10)) as pilot:
        screen = pilot.app.screen
        assert isinstance(screen._compositor, SparingCompositor)
        last = pilot.app.query_one("#line-19")
        assert last.region.y == 19
        pilot.app.query_one(VerticalScroll).scroll_to(y=10, animate=False)
        await pilot.pause()
        assert screen.find_widget(last).region == Region(0, 9, 38, 1)
        assert screen.get_widget_at(0, 9)[0] is last
        await pilot.resize_terminal(30, 12)
        await pilot.pause()
        assert screen.find_widget(last).region == Region(0, 11, 28, 1)
        assert len(screen._compositor.full_map) >= 22
        assert last in screen._compositor.visible_widgets


class Telling(Static):
    """Keeps what it was told, and whether it was drawn."""

    def __init__(self, text: str) -> None:
        super().__init__(text, id=text)
        self.told: set[str] = set()

    def on_resize(self, event: events.Resize) -> None:
        self.told.add(f"{event.size.width} wide")

    def on_show(self) -> None:
        self.told.add("shown")

    def on_hide(self) -> None:
        self.told.add("hidden")

    def render_lines(self, crop: Region) -> list[Strip]:
        self.told.add("drawn")
        return super().render_lines(crop)


class Beside(FrugalApp):
    """A list to scroll beside what comes and goes."""

    CSS = "Screen { layout: horizontal } VerticalScroll, Telling { width: 1fr }"

    def compose(self) -> ComposeResult:
        with VerticalScroll():
            yield Static("line\n" * 20)
        yield Telling("one")
        yield Telling("two")

    async def told_when_displayed(
        self, pilot: Pilot[None], displayed: bool
    ) -> tuple[set[str], set[str]]:
        """What both are told when the first comes or goes while something else is scrolled."""
        one, two = self.query(Telling)
        one.told, two.told = set(), set()
        self.query_one(VerticalScroll).scroll_relative(y=1, animate=False, force=True)
        one.display = displayed
        # As when the list has its turn first.
        self.screen._clear_arrangement_cache()
        self.screen._refresh_layout(scroll=True)
        assert (one in self.screen._compositor.full_map) == displayed
        await pilot.pause()
        return one.told, two.told


async def test_who_comes_or_goes_while_something_is_scrolled_is_told_and_drawn() -> None:
    app = Beside()
    async with app.run_test(size=(60, 10)) as pilot:
        one, two = await app.told_when_displayed(pilot, displayed=False)
        assert (one, two) == ({"hidden"}, {"30 wide", "drawn"})
        one, two = await app.told_when_displayed(pilot, displayed=True)
        assert (one, two) == ({"shown", "20 wide", "drawn"}, {"20 wide", "drawn"})
