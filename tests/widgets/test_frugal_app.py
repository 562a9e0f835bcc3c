"""Styling all that there is anew: others have their turn meanwhile, and it comes to the same."""

from __future__ import annotations

import asyncio

import pytest
from textual.app import ComposeResult
from textual.screen import Screen
from textual.widgets import Button, Input, Static, TextArea

from tests.screens.stage import Stage
from tests.screens.waiting import until
from tui.widgets import yielding


class Beneath(Screen[None]):
    """One that is seen through the one above."""

    def compose(self) -> ComposeResult:
        yield Static("beneath")
        yield TextArea("a fox")


class Above(Screen[None]):
    """A screen with a form."""

    CSS = "Above { background: $background 50%; } Static { color: $primary; }"

    def compose(self) -> ComposeResult:
        for number in range(20):
            yield Static(f"line {number}")
        yield Input("an owl")
        yield Button("Send", variant="primary")


async def _looks(app: Stage, switched_to: str = "") -> str:
    """How both screens look, as SVG."""
    async with app.run_test(size=(60, 40)) as pilot:
        for screen in (Beneath(), Above()):
            await app.push_screen(screen)
        await pilot.pause()
        if switched_to:
            app.theme = switched_to
            await until(
                pilot,
                lambda: app.screen._css_update_count == app._css_update_count,
                "styled anew",
            )
        await pilot.pause()
        above = app.export_screenshot()
        await app.pop_screen()
        await pilot.pause()
        return above + app.export_screenshot()


async def test_another_theme_looks_as_if_it_had_been_that_from_the_beginning(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(yielding, "_LONG", -1.0)
    begun = await _looks(Stage(theme="daylight"))
    assert await _looks(Stage(theme="safelight"), switched_to="daylight") == begun
    assert await _looks(Stage(theme="safelight")) != begun


async def test_others_have_their_turn_while_all_is_styled_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(yielding, "_LONG", -1.0)
    app = Stage()
    turns = 0

    async def take_turns() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async with app.run_test(size=(60, 40)) as pilot:
        await app.push_screen(Above())
        await pilot.pause()
        others = asyncio.create_task(take_turns())
        await asyncio.sleep(0)
        before = turns
        await app.refresh_css(animate=False)
        others.cancel()
        # Two dozen widgets are three slices at least.
        assert turns - before >= 3


async def test_a_widget_that_goes_meanwhile_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yielding, "_LONG", -1.0)
    app = Stage()
    async with app.run_test(size=(60, 40)) as pilot:
        await app.push_screen(Above())
        await pilot.pause()
        styling = asyncio.create_task(app.refresh_css(animate=False))
        await asyncio.sleep(0)
        await app.screen.query("Static").remove()
        await app.pop_screen()
        await styling
        await pilot.pause()
        assert app.is_running
