"""A long list scrolls and shows its bar as any other view of lines does."""

from __future__ import annotations

import pytest
from textual.app import App, ComposeResult
from textual.containers import Horizontal
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tests.screens.waiting import text_of
from tui.text import one_line
from tui.widgets.long_list import LongList, LongScrollBar
from tui.widgets.plain import segment

LINES = 20


class _Numbers(ScrollView):
    def render_line(self, y: int) -> Strip:
        text = one_line(f"{y + self.scroll_offset.y:<{self.size.width}}")
        return Strip([segment(text)]).adjust_cell_length(self.size.width)

    def show(self, lines: int) -> None:
        self.virtual_size = Size(0, lines)


class _LongNumbers(LongList, _Numbers):
    pass


class _SideBySide(App[None]):
    CSS = "_Numbers { width: 20; }"

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield _Numbers(id="plain")
            yield _LongNumbers(id="long")


@pytest.mark.parametrize("first", [0, 5, LINES, 100, 5000])
async def test_it_looks_like_any_other_whatever_its_length_becomes(first: int) -> None:
    app = _SideBySide()
    async with app.run_test(size=(40, LINES)) as pilot:
        lists = (app.query_one("#plain", _Numbers), app.query_one("#long", _LongNumbers))
        for lines in (first, 100_000, 30, LINES, LINES + 1, 0, first):
            for place in (0, 7, lines // 2, lines):
                for each in lists:
                    each.show(lines)
                await pilot.pause()
                for each in lists:
                    each.scroll_to(y=place, animate=False)
                await pilot.pause()
                plain, long = (text_of(each) for each in lists)
                assert long == plain, (lines, place)
                assert lists[1].scroll_y == lists[0].scroll_y
                assert lists[1].size == lists[0].size


async def test_its_bar_moves_by_what_can_be_seen() -> None:
    app = _SideBySide()
    async with app.run_test(size=(40, LINES)) as pilot:
        long = app.query_one("#long", _LongNumbers)
        long.show(200_000)
        await pilot.pause()
        bar = long.vertical_scrollbar
        assert isinstance(bar, LongScrollBar)
        places = set()
        for line in range(0, 10_000, LINES):
            long.scroll_to(y=line, animate=False)
            assert line - 200_000 / LINES / 8 < bar.position <= line
            places.add(bar.position)
        assert len(places) == 8
        long.scroll_to(y=199_999, animate=False)
        assert bar.position == 200_000 - LINES
