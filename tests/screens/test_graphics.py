"""The key that switches graphics: all that shows pictures follows it, on every screen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.app import ComposeResult
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widget import Widget

from tests.images.pictures import quadrants, write
from tests.screens.conftest import MakeApp
from tests.screens.waiting import until
from tui.app import DarkroomApp
from tui.config import Config
from tui.terminal import SixelLimits, TerminalFacts
from tui.widgets.image_view import ImageView
from tui.widgets.picture_format import PictureFormat, format_for

WIDE = (120, 40)
ORDER = ("kitty", "sixel", "half", "off")


class OtherScreen(Screen[None]):
    """Any screen with a picture, which knows nothing of graphics."""

    def compose(self) -> ComposeResult:
        yield ImageView()


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    return write(tmp_path / "image.png", quadrants())


def said(app: DarkroomApp) -> Iterator[str]:
    return (notice.message for notice in app._notifications)


def drawn(view: Widget) -> str:
    """What an update of the screen writes for the view."""
    strips = view.render_lines(view.outer_size.region)
    return "".join(strip.render(view.app.console) for strip in strips)


@pytest.mark.parametrize("first", ORDER)
async def test_the_key_goes_through_all_graphics_and_says_which(
    make_app: MakeApp, first: str
) -> None:
    app = make_app(graphics=first)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        seen = []
        for _ in ORDER:
            await pilot.press("f9")
            seen.append(app.picture_format.graphics)
        place = ORDER.index(first)
        assert seen == [*ORDER[place + 1 :], *ORDER[: place + 1]]
        assert list(said(app))[seen.index("sixel")] == "Pictures: sixel. f9 for half cells."
        assert app.studio.editor.text == ""


async def test_the_key_can_be_another(make_app: MakeApp) -> None:
    app = make_app(config=Config(keymap={"switch-graphics": "alt+g"}))
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await pilot.press("f9")
        assert app.picture_format.graphics == "half"
        await pilot.press("alt+g")
        assert app.picture_format.graphics == "off"
        assert list(said(app)) == ["Pictures: none. alt+g for kitty's graphics."]


async def test_the_command_palette_has_it(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        (command,) = (
            command
            for command in app.get_system_commands(app.screen)
            if command.title == "Switch graphics"
        )
        app.call_later(command.callback)
        await until(pilot, lambda: app.picture_format.graphics == "off", "no graphics")


async def test_a_picture_on_any_screen_follows(make_app: MakeApp, picture: Path) -> None:
    app = make_app(graphics="kitty")
    async with app.run_test(size=WIDE) as pilot:
        await _push(pilot, OtherScreen())
        view = app.screen.query_one(ImageView)
        view.show(picture)
        await until(pilot, lambda: "\x1b_G" in drawn(view), "kitty's graphics")
        await pilot.press("f9")
        await until(pilot, lambda: "\x1bP0;1;0q" in drawn(view), "sixel")
        await pilot.press("f9")
        await until(pilot, lambda: "\x1bP" not in drawn(view) and "▀" in drawn(view), "half cells")
        await pilot.press("f9")
        await until(pilot, lambda: "image.png" in drawn(view), "text")
        beneath = app.studio.picture.query_one(ImageView)
        assert beneath.graphics == view.graphics == "off"


async def test_a_screen_that_opens_later_begins_with_what_was_chosen(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("f9")
        await _push(pilot, OtherScreen())
        view = app.screen.query_one(ImageView)
        assert view.graphics == "off"
        await pilot.press("f9")
        assert view.graphics == "kitty"


async def test_pictures_are_for_the_cells_and_limits_of_the_terminal(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = TerminalFacts(cell_pixels=(9, 18), sixel_limits=SixelLimits(16, 1000, 800))
    app = make_app()
    app.picture_format = format_for("sixel", terminal)
    async with app.run_test(size=WIDE) as pilot:
        view = app.studio.picture.query_one(ImageView)
        assert (view.cell_pixels, view.sixel_limits.colours) == ((9, 18), 16)
        # Another font: the kernel is asked for its cells.
        monkeypatch.setattr("tui.widgets.picture_format.read_cell_pixels", lambda: (12, 24))
        monkeypatch.setattr(type(app), "is_headless", False)
        await pilot.resize_terminal(100, 30)
        await until(pilot, lambda: view.cell_pixels == (12, 24), "the other cells")
        assert app.picture_format == PictureFormat("sixel", (12, 24), terminal.sixel_limits)


async def _push(pilot: Pilot[None], screen: Screen[None]) -> None:
    await pilot.app.push_screen(screen)
    await until(pilot, lambda: screen.is_active and screen.size.area > 0, "the other screen")
