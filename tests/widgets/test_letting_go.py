"""Screens that were closed, and lines that were drawn, are not held on to."""

from __future__ import annotations

import gc
import weakref

import pytest
import textual.strip
from rich.color import Color, ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual.app import ComposeResult
from textual.cache import FIFOCache
from textual.geometry import Region
from textual.screen import Screen
from textual.strip import Strip
from textual.widgets import Input

from tests.screens.waiting import until
from tui.guarded_app import GuardedApp
from tui.widgets.image_view import ImageView
from tui.widgets.letting_go import _FEW, _REMEMBERED, let_results_go, let_strips_go
from tui.widgets.picture_format import PictureApp
from tui.widgets.text_editor import TextEditor


class Gallery(PictureApp, GuardedApp):
    """An application to open screens over."""


class Wall(Screen[None]):
    """One with widgets that listen to the application."""

    def compose(self) -> ComposeResult:
        yield ImageView()
        yield TextEditor()


async def test_widgets_of_screens_that_were_closed_are_let_go() -> None:
    app = Gallery()
    async with app.run_test() as pilot:
        seen: list[weakref.ref[object]] = []
        for _ in range(3):
            wall = Wall()
            await app.push_screen(wall)
            await pilot.pause()
            seen += [weakref.ref(wall), weakref.ref(wall.query_one(TextEditor))]
            seen.append(weakref.ref(wall.query_one(ImageView)))
            seen.append(weakref.ref(wall.query_one(TextEditor)._styles_cache))
            del wall
            await app.pop_screen()
            await pilot.pause()
        # Those of the last one wait for the next, and asyncio keeps a timer that was stopped until
        # it would have been due.
        await until(pilot, lambda: gc.collect() >= 0 and not any(each() for each in seen[:8]))


async def test_a_field_that_is_removed_from_a_screen_that_stays_is_told_nothing_more() -> None:
    app = Gallery()
    async with app.run_test() as pilot:
        field = Input()
        await app.mount(field)
        await pilot.pause()
        listeners = app.screen.text_selection_started_signal._subscriptions
        assert list(listeners) == [field]
        await field.remove()
        await app.push_screen(Screen())
        await app.pop_screen()
        assert list(listeners) == []


class Line(Strip):
    """A strip that one can look for."""

    __slots__ = ("__weakref__",)


@pytest.fixture
def strips_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(textual.strip, "FIFOCache", FIFOCache)
    let_strips_go()


@pytest.mark.parametrize("cuts", [[8], [8, 9], [3, 8], [3], [], [2, 4]])
@pytest.mark.usefixtures("strips_let_go", "nothing_looks_for_garbage")
def test_a_strip_that_was_divided_is_let_go(cuts: list[int]) -> None:
    line = Line([Segment("a fox, an owl"[:8])])
    seen = weakref.ref(line)
    parts = [part.text for part in line.divide(cuts)]
    assert "".join(parts) == "a fox, an owl"[: max([cut for cut in cuts if cut <= 8], default=0)]
    del line
    assert seen() is None


def test_what_is_quickly_worked_out_again_is_remembered_only_while_it_is_little() -> None:
    large = Region.union
    large.cache_clear(), Region.grow.cache_clear()
    for x in range(1000):
        assert Region(x, 0, 1, 1).union(Region(x, 1, 1, 1)) == Region(x, 0, 1, 2)
    Region(0, 0, 4, 4).grow((1, 1, 1, 1))
    let_results_go()
    assert large.cache_info().currsize == 0
    assert Region.grow.cache_info().currsize == 1


def test_styles_of_pictures_long_gone_are_forgotten() -> None:
    Strip.render_ansi.cache_clear()
    for count in (2000, 2001):
        for number in range(count):
            colour = Color.from_rgb(0, number // 256, number % 256)
            Strip.render_ansi(Style.from_color(colour), ColorSystem.TRUECOLOR)
        let_results_go()
        assert Strip.render_ansi.cache_info().currsize == (2000 if count == 2000 else 0)


def test_all_that_is_remembered_can_be_let_go() -> None:
    for function in _REMEMBERED:
        assert function.cache_info().maxsize > _FEW
