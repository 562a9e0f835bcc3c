from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from textual.app import App, ComposeResult
from textual.containers import VerticalScroll
from textual.geometry import Region
from textual.pilot import Pilot
from textual.screen import ModalScreen
from textual.strip import Strip
from textual.widgets import Static

from tests.images.pictures import BLUE, GREEN, QUADRANTS, RED, YELLOW, alike, quadrants, write
from tests.images.placeholders import PLACEHOLDER, read_placeholders
from tests.images.sixel_reader import read_sixel
from tests.screens.waiting import until
from tui.images import prepare as prepare_module
from tui.images.preview import Preview, PreviewRequest
from tui.terminal import Graphics
from tui.widgets import image_view
from tui.widgets.image_view import ImageView
from tui.widgets.picture_strip import PictureStrip

SIXEL = re.compile(r"\x1bP0;1;0q.*?\x1b\\", re.DOTALL)


class PictureApp(App[None]):
    """A header, a picture in a border, a footer."""

    CSS = "ImageView { border: solid white; height: 1fr; } Static { height: 1; }"

    def __init__(self, graphics: Graphics = "half") -> None:
        super().__init__()
        self.initial_graphics = graphics
        self.settled: list[ImageView.Settled] = []

    def compose(self) -> ComposeResult:
        yield Static("header")
        yield ImageView(empty_hint="Nothing yet: press [n].")
        yield Static("footer")

    def on_mount(self) -> None:
        self.view.graphics = self.initial_graphics

    def on_image_view_settled(self, message: ImageView.Settled) -> None:
        self.settled.append(message)

    @property
    def view(self) -> ImageView:
        return self.screen_stack[0].query_one(ImageView)

    async def show(self, pilot: Pilot[None], path: Path | None) -> None:
        self.view.show(path)
        await self.wait(pilot)

    async def wait(self, pilot: Pilot[None]) -> None:
        await pilot.pause()
        await self.workers.wait_for_complete()
        await pilot.pause()

    def text(self) -> str:
        """The text of the view, its border left out."""
        lines = [strip.text.strip("│┌┐└┘─ ") for strip in self.strips()]
        return " ".join(" ".join(lines).split())

    def strips(self, crop: Region | None = None) -> list[Strip]:
        """The lines of the view, as an update of the screen would write them."""
        return self.view.render_lines(crop or self.view.outer_size.region)

    def written(self, strips: list[Strip] | None = None) -> str:
        """What an update of the screen writes for the view."""
        return "".join(
            strip.render(self.console) for strip in (self.strips() if strips is None else strips)
        )


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    return write(tmp_path / "quadrants.png", quadrants(400, 300))


def half_cell_colours(strips: list[Strip]) -> dict[tuple[int, int], tuple[int, int, int]]:
    """The upper colour of every half cell, by column and line."""
    colours = {}
    for y, strip in enumerate(strips):
        x = 0
        for text, style, _ in strip:
            if "▀" in text and style is not None and style.color is not None:
                red, green, blue = style.color.get_truecolor()
                for offset in range(len(text)):
                    colours[x + offset, y] = (red, green, blue)
            x += len(text)
    return colours


async def test_the_hint_is_shown_as_it_is_written_while_there_is_no_picture() -> None:
    app = PictureApp()
    async with app.run_test(size=(60, 20)):
        assert app.text() == "Nothing yet: press [n]."


async def test_a_picture_is_drawn_in_half_cells_in_the_middle(picture: Path) -> None:
    app = PictureApp()
    async with app.run_test(size=(60, 20)) as pilot:
        await app.show(pilot, picture)
        colours = half_cell_colours(app.strips())
        xs, ys = {x for x, _ in colours}, {y for _, y in colours}
        assert (min(ys), max(ys)) == (1, 16)
        assert abs(min(xs) - (59 - max(xs))) <= 1
        width = len(xs)
        assert abs(width / (16 * 2) - 400 / 300) < 0.05
        places = [(x, y) for y in (2, 15) for x in (min(xs) + 2, max(xs) - 2)]
        assert all(
            alike(colours[place], want) for place, want in zip(places, QUADRANTS, strict=True)
        )
        assert [message.path for message in app.settled] == [picture]


async def test_every_line_is_as_wide_as_the_view(picture: Path) -> None:
    app = PictureApp()
    async with app.run_test(size=(61, 19)) as pilot:
        await app.show(pilot, picture)
        for graphics in ("half", "sixel", "kitty", "off"):
            app.view.graphics = graphics
            await app.wait(pilot)
            assert {strip.cell_length for strip in app.strips()} == {61}


async def test_no_picture_brings_back_the_hint(picture: Path) -> None:
    app = PictureApp()
    async with app.run_test(size=(60, 20)) as pilot:
        await app.show(pilot, picture)
        await app.show(pilot, None)
        assert app.text() == "Nothing yet: press [n]."


async def test_off_names_the_file_and_its_size(picture: Path) -> None:
    app = PictureApp("off")
    async with app.run_test(size=(60, 20)) as pilot:
        await app.show(pilot, picture)
        assert app.text() == "quadrants.png · 400×300 · 1 kB"


async def test_a_file_that_cannot_be_shown_is_named_with_the_reason(tmp_path: Path) -> None:
    app = PictureApp()
    broken = write(tmp_path / "broken.png", quadrants())
    broken.write_bytes(broken.read_bytes()[:-100])
    async with app.run_test(size=(70, 20)) as pilot:
        await app.show(pilot, broken)
        assert app.text() == "broken.png cannot be shown: The PNG is damaged or cut off."
        await app.show(pilot, tmp_path / "gone.png")
        assert app.text() == "gone.png cannot be shown: No such file or directory"
        assert all(message.problem for message in app.settled)


async def test_a_file_that_comes_back_is_shown_when_asked_again(picture: Path) -> None:
    app = PictureApp()
    async with app.run_test(size=(60, 20)) as pilot:
        missing = picture.with_name("missing.png")
        await app.show(pilot, missing)
        assert "cannot be shown" in app.text()
        shutil.copy(picture, missing)
        await app.show(pilot, missing)
        assert half_cell_colours(app.strips())


async def test_a_files_name_cannot_act_on_the_terminal(tmp_path: Path) -> None:
    app = PictureApp("off")
    path = write(tmp_path / "a\x1b]0;b\x07\n[red]c.png", quadrants())
    async with app.run_test(size=(70, 20)) as pilot:
        await app.show(pilot, path)
        assert "\x1b" not in app.text() and "\x07" not in app.text()
        assert "[red]c.png" in app.text()


async def test_only_the_last_of_many_is_shown(tmp_path: Path) -> None:
    paths = [write(tmp_path / f"{n}.png", quadrants(300 + n, 200)) for n in range(20)]
    app = PictureApp("off")
    async with app.run_test(size=(60, 20)) as pilot:
        for path in paths:
            app.view.show(path)
        await app.wait(pilot)
        assert app.text().startswith("19.png · 319×200")
        assert app.settled[-1].path == paths[-1]
        assert len(app.settled) < len(paths)


async def test_pictures_that_are_passed_quickly_are_not_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [write(tmp_path / f"{n}.png", quadrants(300 + n, 200)) for n in range(20)]
    begun: list[Path] = []
    prepare = prepare_module.prepare_preview

    def noted(request: PreviewRequest, *rest: Any) -> Preview:
        begun.append(request.path)
        return prepare(request, *rest)

    monkeypatch.setattr(prepare_module, "prepare_preview", noted)
    monkeypatch.setattr(image_view, "_SCROLLING", 60.0)
    monkeypatch.setattr(image_view, "_REST", 0.2)
    app = PictureApp()
    async with app.run_test(size=(60, 20)) as pilot:
        await app.show(pilot, paths[0])
        for path in paths[1:]:
            app.view.show(path)
            await asyncio.sleep(0)
        await app.wait(pilot)
        assert begun == [paths[0], paths[-1]]
        assert app.settled[-1].path == paths[-1]


async def test_the_place_of_a_picture_that_takes_a_while_is_its_own(
    picture: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()
    prepare = prepare_module.prepare_preview

    def slowly(request: PreviewRequest, *rest: Any) -> Preview:
        go_on.wait(60)
        return prepare(request, *rest)

    monkeypatch.setattr(prepare_module, "prepare_preview", slowly)
    app = PictureApp()
    async with app.run_test(size=(60, 20)) as pilot:

        def place() -> set[tuple[int, int]]:
            """Columns and lines that are not of the view's own colour."""
            ground = app.view.background_colors[1].rich_color
            found, lines = set(), app.strips()
            for y, strip in enumerate(lines[1:-1], 1):
                x = 0
                for text, style, _ in strip:
                    if "│" not in text and style is not None and style.bgcolor != ground:
                        found |= {(x + offset, y) for offset in range(len(text))}
                    x += len(text)
            return found

        app.view.show(picture)
        await until(pilot, lambda: bool(place()), "the place of the picture")
        before = place()
        assert not half_cell_colours(app.strips()) and not app.settled
        go_on.set()
        await app.wait(pilot)
        assert set(half_cell_colours(app.strips())) == before


async def test_a_picture_that_is_wanted_no_longer_is_given_up(
    picture: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = write(tmp_path / "other.png", quadrants(300, 300))
    given_up, held = threading.Event(), threading.Event()
    scale = prepare_module.scale_upright

    def held_up(data: bytes, scaled: Any, check: Callable[[], None]) -> Any:
        if data == picture.read_bytes():
            held.set()
            try:
                while True:
                    check()
            except Exception:
                given_up.set()
                raise
        return scale(data, scaled, check)

    monkeypatch.setattr(prepare_module, "scale_upright", held_up)
    app = PictureApp()
    async with app.run_test(size=(60, 20)) as pilot:
        app.view.show(picture)
        await until(pilot, held.is_set, "the first picture")
        await app.show(pilot, other)
        assert given_up.is_set()
        assert [message.path for message in app.settled] == [other]
        app.view.show(picture)
        given_up.clear()
        held.clear()
        await until(pilot, held.is_set, "the first picture again")
    assert given_up.wait(60), "the application ended before"


async def test_a_picture_is_made_anew_for_another_size(picture: Path) -> None:
    app = PictureApp()
    async with app.run_test(size=(60, 20)) as pilot:
        await app.show(pilot, picture)
        small = len(half_cell_colours(app.strips()))
        await pilot.resize_terminal(120, 40)
        await app.wait(pilot)
        assert len(half_cell_colours(app.strips())) > 2 * small


async def test_a_picture_may_be_asked_for_before_there_is_room(picture: Path) -> None:
    app = PictureApp()
    async with app.run_test(size=(60, 20)) as pilot:
        app.view.display = False
        await pilot.pause()
        await app.show(pilot, picture)
        app.view.display = True
        await app.wait(pilot)
        assert half_cell_colours(app.strips())


async def test_a_view_that_is_shown_before_it_is_mounted_shows_its_picture(picture: Path) -> None:
    view = ImageView()
    view.show(picture)
    app = PictureApp()
    async with app.run_test(size=(60, 40)) as pilot:
        await app.mount(view)
        await app.wait(pilot)
        strips = view.render_lines(view.outer_size.region)
        assert half_cell_colours(strips)


def damage_unnoticed(path: Path) -> None:
    """Make a file useless without a change to its size or time."""
    status = path.stat()
    path.write_bytes(bytes(status.st_size))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


async def test_a_picture_seen_before_is_not_made_again(picture: Path, tmp_path: Path) -> None:
    other = write(tmp_path / "other.png", quadrants(300, 300))
    app = PictureApp()
    async with app.run_test(size=(60, 20)) as pilot:
        await app.show(pilot, picture)
        before = half_cell_colours(app.strips())
        await app.show(pilot, other)
        damage_unnoticed(picture)
        await app.show(pilot, picture)
        assert half_cell_colours(app.strips()) == before


async def test_a_file_that_was_replaced_is_made_again(picture: Path, tmp_path: Path) -> None:
    other = write(tmp_path / "other.png", quadrants(300, 300))
    app = PictureApp()
    async with app.run_test(size=(60, 20)) as pilot:
        await app.show(pilot, picture)
        await app.show(pilot, other)
        write(picture, quadrants(400, 300).rotate(180))
        os.utime(picture, ns=(1, 1))
        await app.show(pilot, picture)
        colours = half_cell_colours(app.strips())
        assert alike(colours[20, 2], YELLOW) and alike(colours[40, 2], BLUE)


async def test_clear_pixels_follow_the_theme(tmp_path: Path) -> None:
    path = write(tmp_path / "clear.png", Image.new("RGBA", (100, 100), (0, 0, 0, 0)))
    app = PictureApp()
    async with app.run_test(size=(60, 20)) as pilot:
        for theme in ("textual-dark", "textual-light"):
            app.theme = theme
            await pilot.pause()
            await app.show(pilot, path)
            colour = half_cell_colours(app.strips())[30, 8]
            assert alike(colour, app.view.background_colors[1].rgb, 0)


def sixels(text: str) -> list[str]:
    return SIXEL.findall(text)


async def test_a_sixel_picture_goes_out_once_in_an_update(picture: Path) -> None:
    app = PictureApp("sixel")
    async with app.run_test(size=(60, 20)) as pilot:
        await app.show(pilot, picture)
        written = app.written()
        (sixel,) = sixels(written)
        corner = min(half_cell_colours(app.strips()))
        region = app.view.region
        place = f"\x1b[{region.y + corner[1] + 1};{region.x + corner[0] + 1}H"
        assert place + sixel in written
        assert "▀" not in written
        assert read_sixel(sixel).shape[0] <= 16 * 20


async def test_every_update_of_the_screen_gets_the_sixel_picture_again(picture: Path) -> None:
    app = PictureApp("sixel")
    async with app.run_test(size=(60, 20)) as pilot:
        await app.show(pilot, picture)
        assert len(sixels(app.written())) == len(sixels(app.written())) == 1


async def test_only_lines_that_are_written_bring_the_sixel_picture(picture: Path) -> None:
    app = PictureApp("sixel")
    async with app.run_test(size=(60, 20)) as pilot:
        await app.show(pilot, picture)
        strips = app.strips()
        assert sixels(app.written([strips[0], strips[-1]])) == []
        left, middle, right = strips[5].divide([2, 40, 60])
        assert sixels(app.written([left])) == []
        assert len(sixels(app.written([middle]))) == 1
        assert sixels(app.written([right])) == []


async def test_cells_before_and_behind_a_cut_stay_in_their_place(picture: Path) -> None:
    app = PictureApp("sixel")
    async with app.run_test(size=(60, 20)) as pilot:
        await app.show(pilot, picture)
        strip = app.strips()[5]
        assert isinstance(strip, PictureStrip)
        pieces = strip.divide([10, 20, 35, 60])
        assert [piece.cell_length for piece in pieces] == [10, 10, 15, 25]
        assert "".join(piece.text for piece in pieces) == strip.text
        assert strip.crop(0, 0).render(app.console) == ""
        after = re.findall(r"\x1b\[(\d+);(\d+)H", pieces[2].render(app.console))[-1]
        assert after == (str(app.view.region.y + 6), "36")


async def test_under_another_screen_nothing_is_drawn_in_pixels(picture: Path) -> None:
    app = PictureApp("sixel")
    async with app.run_test(size=(60, 20)) as pilot:
        for graphics in ("sixel", "kitty"):
            app.view.graphics = graphics
            await app.show(pilot, picture)
            assert any(isinstance(strip, PictureStrip) for strip in app.strips())
            await app.push_screen(ModalScreen())
            await pilot.pause()
            assert not any(isinstance(strip, PictureStrip) for strip in app.strips())
            written = app.written()
            assert not sixels(written) and PLACEHOLDER not in written and "▀" not in written
            assert max(len(list(strip)) for strip in app.strips()) < 20
            await app.pop_screen()
            await pilot.pause()
            assert any(isinstance(strip, PictureStrip) for strip in app.strips())


async def test_graphics_can_be_switched_while_a_picture_is_shown(picture: Path) -> None:
    app = PictureApp("sixel")
    async with app.run_test(size=(60, 20)) as pilot:
        await app.show(pilot, picture)
        app.view.graphics = "half"
        assert not sixels(app.written())
        await app.wait(pilot)
        assert "▀" in app.written()
        app.view.graphics = "sixel"
        await app.wait(pilot)
        assert sixels(app.written())
        app.view.graphics = "off"
        await app.wait(pilot)
        assert "400×300" in app.text() and not sixels(app.written())


class ScrolledApp(PictureApp):
    CSS = "ImageView { height: 30; } #below { height: 30; }"

    def compose(self) -> ComposeResult:
        with VerticalScroll():
            yield ImageView()
            yield Static("below", id="below")


async def test_a_picture_that_is_partly_out_of_sight_is_not_sixel(picture: Path) -> None:
    app = ScrolledApp("sixel")
    async with app.run_test(size=(60, 40)) as pilot:
        await app.show(pilot, picture)
        assert sixels(app.written())
        app.screen.query_one(VerticalScroll).scroll_to(y=5, animate=False)
        await pilot.pause()
        assert not sixels(app.written())
        assert "▀" in app.written()


class BottomApp(PictureApp):
    CSS = "ImageView { height: 1fr; }"

    def compose(self) -> ComposeResult:
        yield ImageView()


async def test_a_sixel_picture_keeps_off_the_last_row_of_the_screen(tmp_path: Path) -> None:
    tall = write(tmp_path / "tall.png", quadrants(400, 2000))
    app = BottomApp("sixel")
    async with app.run_test(size=(60, 20)) as pilot:
        await app.show(pilot, tall)
        rows = {y for _, y in half_cell_colours(app.strips())}
        assert max(rows) == 18
        app.view.graphics = "half"
        await app.wait(pilot)
        assert max(y for _, y in half_cell_colours(app.strips())) == 19


async def test_kitty_gets_a_picture_once_and_placeholders_ever_after(picture: Path) -> None:
    app = PictureApp("kitty")
    async with app.run_test(size=(60, 20)) as pilot:
        await app.show(pilot, picture)
        first, second = app.written(), app.written()
        cells = len(half_cell_colours(app.strips()))
        assert first.count(PLACEHOLDER) == second.count(PLACEHOLDER) == cells
        assert first.count("U=1") == 1 and "U=1" not in second
        assert first.index("U=1") < first.index(PLACEHOLDER)


async def test_kitty_gets_its_pictures_again_when_another_program_had_the_terminal(
    picture: Path,
) -> None:
    app = PictureApp("kitty")
    async with app.run_test(size=(60, 20)) as pilot:
        await app.show(pilot, picture)
        assert "U=1" in app.written()
        app.app_resume_signal.publish(app)
        assert "U=1" in app.written()


async def test_kittys_placeholders_can_be_cut(picture: Path) -> None:
    app = PictureApp("kitty")
    async with app.run_test(size=(60, 20)) as pilot:
        await app.show(pilot, picture)
        strip = app.strips()[5]
        whole = strip.render(app.console)
        pieces = "".join(piece.render(app.console) for piece in strip.divide([25, 31, 60]))
        preview = app.view._preview
        assert preview is not None and preview.kitty is not None
        numbers = [ord(mark) for mark in preview.kitty.rows[0][2::4]]
        shown = read_placeholders(pieces, numbers)
        assert len(shown) == preview.columns
        assert shown == read_placeholders(whole, numbers)


async def test_screenshots_hold_the_picture_in_half_cells(picture: Path) -> None:
    app = PictureApp("sixel")
    async with app.run_test(size=(60, 20)) as pilot:
        await app.show(pilot, picture)
        svg = app.export_screenshot()
        assert "▀" in svg
        for red, green, blue in (RED, GREEN):
            assert f"#{red:02x}{green:02x}{blue:02x}" in svg


def test_importing_the_view_brings_in_nothing_heavy() -> None:
    code = "import sys, tui.widgets.image_view; print(*sys.modules)"
    loaded = set(
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        ).stdout.split()
    )
    assert "textual" in loaded
    assert not {"PIL", "numpy", "textual_image", "httpx", "sqlite3", "starlette"} & loaded
