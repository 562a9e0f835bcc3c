"""Thumbnails in the history list: what is loaded when, and what is drawn."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from functools import partial

import pytest
from msgspec.structs import replace
from PIL import Image, ImageDraw
from syrupy.assertion import SnapshotAssertion
from textual.geometry import Region
from textual.pilot import Pilot

from tests.images.pictures import QUADRANTS, alike, quadrants, write
from tests.screens.conftest import MakeApp
from tests.screens.loads import Loads
from tests.screens.test_snapshots import THEMES, ScreenExtension
from tests.screens.waiting import history_shown, picture_shown, text_of, until
from tui.app import DarkroomApp
from tui.history.entry import Entry
from tui.history.store import HistoryStore
from tui.paths import Paths
from tui.widgets.history_sidebar import HistorySidebar
from tui.widgets.thumbnail_column import AT_ONCE, COLUMNS, LINES

WIDE = (120, 40)
NARROW = (80, 24)
PLACEHOLDER = "\U0010eeee"
Remember = Callable[..., Entry]
Colour = tuple[int, int, int]


@pytest.fixture
def wanted(paths: Paths) -> None:
    """A configuration that wants thumbnails."""
    paths.config_file.write_text("thumbnails = true\n", "utf-8")


@pytest.fixture
def gallery(remember: Remember, store: HistoryStore, paths: Paths) -> list[Entry]:
    """Three entries with a picture in four colours, newest first, and one without."""
    made = []
    for number, prompt in enumerate(("a kite over the dunes in a strong wind", "a bell", "a net")):
        entry = remember(prompt, 5 + number)
        width = 400 + 100 * number
        made.append(_with_picture(entry, store, paths, quadrants(width, width * 3 // 4)))
    return [*made, remember("a cellar", 20, images=0)]


@pytest.fixture
def coloured_week(week: list[Entry], store: HistoryStore, paths: Paths) -> list[Entry]:
    """The week, with a picture of its own for every entry that has one."""
    skies = ["#2c3e66", "#d8d4cc", "#f2a65a", "#7a8f4d", "#3a6b5a", "#8c5a78", "#c9b28f"]
    return [
        _with_picture(entry, store, paths, _landscape(sky, 150 + 90 * number))
        if entry.images
        else entry
        for number, (entry, sky) in enumerate(zip(week, skies, strict=True))
    ]


def _landscape(sky: str, sun: int) -> Image.Image:
    picture = Image.new("RGB", (800, 600), sky)
    drawing = ImageDraw.Draw(picture)
    drawing.ellipse((sun - 110, 100, sun + 110, 320), fill="#f4e3b2")
    drawing.rectangle((0, 400, 800, 600), fill="#2a2620")
    drawing.polygon(((0, 420), (260, 240), (520, 420)), fill="#5d4a3a")
    return picture


def _with_picture(entry: Entry, store: HistoryStore, paths: Paths, picture: Image.Image) -> Entry:
    path = write(paths.data / entry.images[0].file, picture)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    entry = replace(entry, images=(replace(entry.images[0], sha256=digest),))
    store.write(entry)
    return entry


@pytest.fixture
def hundred(remember: Remember, store: HistoryStore) -> list[Entry]:
    """A hundred entries, newest first, that all have the same picture."""
    first = remember("entry 0", 1)
    made = [first]
    for number in range(1, 100):
        entry = remember(f"entry {number}", 1 + number, images=0)
        entry = replace(entry, images=first.images)
        store.write(entry)
        made.append(entry)
    return made


def _tiles(history: HistorySidebar) -> set[str]:
    """Ids of the entries whose thumbnails came."""
    return {id for id, kept in history._thumbnails.tiles.kept.items() if kept.tile is not None}


def _has_prompt(app: DarkroomApp, prompt: str) -> bool:
    return app.studio.draft.prompt == prompt


def _in_sight(history: HistorySidebar) -> set[str]:
    return set(history._rows_in_sight())


async def _opened(pilot: Pilot[None], app: DarkroomApp, count: int) -> HistorySidebar:
    await history_shown(pilot, app, count)
    await pilot.press("f5")
    return app.studio.history


async def _all_came(pilot: Pilot[None], history: HistorySidebar) -> None:
    """Wait until every entry in sight has its thumbnail."""
    await until(
        pilot, lambda: bool(_in_sight(history)) and _in_sight(history) <= _tiles(history), "all"
    )


def _colours(history: HistorySidebar) -> dict[tuple[int, int], Colour]:
    """The colour of every upper half cell of the list's first columns, by column and line."""
    strips = history.render_lines(Region(0, 0, COLUMNS, history.size.height))
    found: dict[tuple[int, int], Colour] = {}
    for y, strip in enumerate(strips):
        x = 0
        for text, style, _ in strip:
            assert style is not None
            for character in text:
                colour = style.color if character == "▀" else style.bgcolor
                if colour is not None:
                    found[x, y] = tuple(colour.get_truecolor())
                x += 1
    return found


def _written(app: DarkroomApp, history: HistorySidebar) -> str:
    """What an update of the screen writes for the list."""
    crop = Region(0, 0, *history.size)
    return "".join(strip.render(app.console) for strip in history.render_lines(crop))


@pytest.mark.usefixtures("wanted")
async def test_each_entry_has_its_picture_beside_its_text(
    make_app: MakeApp, gallery: list[Entry]
) -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        history = await _opened(pilot, app, 4)
        await until(pilot, lambda: len(_tiles(history)) == 3, "three tiles")
        colours = _colours(history)
        for index in range(3):
            top = 1 + LINES * index
            corners = [colours[x, top + y] for y in (0, 2) for x in (0, COLUMNS - 1)]
            assert all(map(alike, corners, QUADRANTS)), index
        lines = text_of(history).splitlines()
        assert [line[COLUMNS:].rstrip() for line in lines[1:7]] == [
            " ● a kite over the",
            "   dunes in a str…",
            "   Seedream 4.5 5m",
            " ● a bell",
            "   Seedream 4.5 6m",
            "",
        ]


@pytest.mark.usefixtures("wanted")
async def test_where_there_is_little_room_the_age_goes_first_and_the_rating_never(
    make_app: MakeApp, gallery: list[Entry], store: HistoryStore
) -> None:
    store.write(replace(gallery[1], rating=4))
    store.write(replace(gallery[2], model="nano-banana-pro"))
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        history = await _opened(pilot, app, 4)
        await until(pilot, lambda: "4/5" in text_of(history), "the rating")
        lines = [line[COLUMNS:].rstrip() for line in text_of(history).splitlines()]
        assert lines[5] == "   Seedream 4… 4/5"
        assert lines[8] == "   Nano Banana Pro"
        await pilot.resize_terminal(200, 60)
        await until(pilot, lambda: "4/5 6m" in text_of(history), "all of it")


@pytest.mark.usefixtures("wanted")
async def test_an_entry_without_a_picture_keeps_its_place(
    make_app: MakeApp, gallery: list[Entry], loads: Loads
) -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        history = await _opened(pilot, app, 4)
        await until(pilot, lambda: len(_tiles(history)) == 3, "three tiles")
        tile = {_colours(history)[x, 10] for x in range(COLUMNS)}
        assert len(tile) == 1 and tile != {(0, 0, 0)}
        assert gallery[3].id not in loads.begun_ids


@pytest.mark.usefixtures("wanted")
async def test_only_what_is_in_sight_is_loaded_and_only_once(
    make_app: MakeApp, hundred: list[Entry], loads: Loads
) -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        history = await _opened(pilot, app, 100)
        await _all_came(pilot, history)
        seen = _in_sight(history)
        assert len(seen) < 15 and set(loads.ids) == seen
        await pilot.press("down", "down", "up")
        history.refresh()
        await pilot.pause()
        assert sorted(loads.begun_ids) == sorted(seen)
        assert loads.most_at_once <= AT_ONCE


@pytest.mark.usefixtures("wanted")
async def test_what_was_scrolled_past_is_not_loaded(
    make_app: MakeApp, hundred: list[Entry], loads: Loads
) -> None:
    loads.gate.clear()
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        history = await _opened(pilot, app, 100)
        await until(pilot, lambda: len(loads.begun_ids) == AT_ONCE, "as many as at once")
        begun = set(loads.begun_ids)
        await pilot.press(*["pagedown"] * 12)
        assert set(loads.begun_ids) == begun
        loads.gate.set()
        await _all_came(pilot, history)
        seen = _in_sight(history)
        assert hundred[-1].id in seen
        assert set(loads.ids) == begun | seen


@pytest.mark.usefixtures("wanted")
async def test_nothing_is_loaded_before_the_list_rests(
    make_app: MakeApp, hundred: list[Entry], loads: Loads, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.widgets.tile_loader.REST", 3600.0)
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        history = await _opened(pilot, app, 100)
        await pilot.press(*["pagedown"] * 12)
        assert not loads.begun_ids
        history._thumbnails.tiles._rested()
        await _all_came(pilot, history)
        assert set(loads.ids) == _in_sight(history)


@pytest.mark.usefixtures("wanted")
async def test_what_cannot_be_shown_is_tried_once_and_again_when_asked_for(
    make_app: MakeApp, gallery: list[Entry], loads: Loads, paths: Paths
) -> None:
    hidden = paths.data / gallery[0].images[0].file
    aside = hidden.rename(hidden.with_name("aside"))
    write(paths.data / gallery[1].images[0].file, quadrants(), "GIF")
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        history = await _opened(pilot, app, 4)
        await until(pilot, lambda: len(loads.ids) == 3, "three tried")
        for _ in range(3):
            history.refresh()
            await pilot.pause()
        assert len(loads.begun_ids) == 3
        assert _tiles(history) == {gallery[2].id}
        aside.rename(hidden)
        await pilot.press("v", "v")
        await until(pilot, lambda: gallery[0].id in _tiles(history), "the one that is back")
        await until(pilot, lambda: len(loads.ids) == 5, "both tried again")
        assert gallery[1].id not in _tiles(history)


async def test_a_key_turns_them_on_and_off(
    make_app: MakeApp, hundred: list[Entry], loads: Loads
) -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        history = await _opened(pilot, app, 100)
        lines = history.virtual_size.height
        await pilot.press(*["pagedown"] * 3, *["up"] * 5)
        current, place = history.current, history.cursor_region.bottom
        assert not loads.begun_ids
        await pilot.press("v")
        await _all_came(pilot, history)
        assert history.virtual_size.height == lines + 100
        assert history.current == current and current in _in_sight(history)
        assert history.cursor_region.bottom == place, "the cursor has not moved on screen"
        assert history.cursor_region.height == LINES
        await pilot.press("v")
        await pilot.pause()
        assert history.virtual_size.height == lines
        assert history.cursor_region.bottom == place
        assert "▀" not in text_of(history)


@pytest.mark.usefixtures("wanted")
async def test_a_click_finds_its_entry(make_app: MakeApp, hundred: list[Entry]) -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        history = await _opened(pilot, app, 100)
        await _all_came(pilot, history)
        for line, index in ((1, 0), (3, 0), (4, 1), (9, 2)):
            await pilot.click("#history", offset=(3, line))
            await until(pilot, partial(_has_prompt, app, f"entry {index}"), str(index))
            assert history.cursor == index


@pytest.mark.usefixtures("wanted")
async def test_without_graphics_there_are_none(
    make_app: MakeApp, gallery: list[Entry], loads: Loads
) -> None:
    app = make_app(graphics="off")
    async with app.run_test(size=WIDE) as pilot:
        history = await _opened(pilot, app, 4)
        lines = history.virtual_size.height
        await pilot.press("v")
        await pilot.pause()
        assert history.virtual_size.height == lines == 1 + 2 * 4
        assert "v" not in app.screen.active_bindings or not app.screen.active_bindings["v"].enabled
        assert not loads.begun_ids


@pytest.mark.parametrize(
    ("graphics", "setting", "shown"),
    [
        ("half", "", False),
        ("sixel", "", False),
        ("kitty", "", True),
        ("kitty", "thumbnails = false", False),
        ("sixel", "thumbnails = true", True),
    ],
)
async def test_the_setting_decides_and_else_the_terminal(
    make_app: MakeApp,
    gallery: list[Entry],
    paths: Paths,
    graphics: str,
    setting: str,
    shown: bool,
) -> None:
    paths.config_file.write_text(f"{setting}\n", "utf-8")
    app = make_app(graphics=graphics)
    async with app.run_test(size=WIDE) as pilot:
        history = await _opened(pilot, app, 4)
        assert history.virtual_size.height == 1 + (LINES if shown else 2) * 4


@pytest.mark.usefixtures("wanted")
async def test_a_list_out_of_sight_loads_nothing_until_it_is_opened(
    make_app: MakeApp, gallery: list[Entry], loads: Loads
) -> None:
    app = make_app()
    async with app.run_test(size=NARROW) as pilot:
        await history_shown(pilot, app, 4)
        assert not loads.begun_ids
        history = await _opened(pilot, app, 4)
        await until(pilot, lambda: len(_tiles(history)) == 3, "three tiles")
        await pilot.press("f2")
        await pilot.pause()
        await pilot.press("f5")
        await until(pilot, lambda: "a kite" in text_of(history), "the list again")
        assert len(loads.begun_ids) == 3


@pytest.mark.usefixtures("wanted")
async def test_a_list_too_narrow_for_them_has_none(
    make_app: MakeApp, gallery: list[Entry], loads: Loads
) -> None:
    app = make_app()
    async with app.run_test(size=(20, 24)) as pilot:
        history = await _opened(pilot, app, 4)
        await pilot.pause()
        assert history.virtual_size.height == 1 + 2 * 4
        assert not loads.begun_ids
        await pilot.resize_terminal(*NARROW)
        await until(pilot, lambda: len(_tiles(history)) == 3, "three tiles")
        assert history.virtual_size.height == 1 + LINES * 4
        assert {strip.cell_length for strip in history.render_lines(history.size.region)} == {
            history.size.width
        }


@pytest.mark.usefixtures("wanted")
async def test_a_new_picture_comes_into_the_list(make_app: MakeApp, loads: Loads) -> None:
    app = make_app(model="kling-image-o1")
    async with app.run_test(size=WIDE) as pilot:
        history = app.studio.history
        await pilot.press(*"fox", "ctrl+j")
        await until(pilot, lambda: len(_tiles(history)) == 1, "its tile")
        tile = {_colours(history)[x, y] for y in (1, 2) for x in range(COLUMNS)}
        assert len(tile) > 3, "a picture and no empty tile"


@pytest.mark.usefixtures("wanted")
async def test_memory_is_bounded(
    make_app: MakeApp, hundred: list[Entry], loads: Loads, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.widgets.thumbnail_column.KEPT", 30)
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        history = await _opened(pilot, app, 100)
        for _ in range(8):
            await _all_came(pilot, history)
            await pilot.press("pagedown")
        await _all_came(pilot, history)
        assert len(history._thumbnails.tiles.kept) == 30
        assert len(set(loads.ids)) > 60


@pytest.mark.usefixtures("wanted")
async def test_another_theme_makes_them_anew(
    make_app: MakeApp, gallery: list[Entry], loads: Loads
) -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        history = await _opened(pilot, app, 4)
        await until(pilot, lambda: len(_tiles(history)) == 3, "three tiles")
        app.theme = "daylight"
        await until(pilot, lambda: len(loads.ids) == 6, "all three again")
        assert len(_tiles(history)) == 3


async def test_kitty_gets_pixels_once_and_placeholders_ever_after(
    make_app: MakeApp, gallery: list[Entry]
) -> None:
    app = make_app(graphics="kitty")
    async with app.run_test(size=WIDE) as pilot:
        history = await _opened(pilot, app, 4)
        await until(pilot, lambda: len(_tiles(history)) == 3, "three tiles")
        first, second = _written(app, history), _written(app, history)
        for written in (first, second):
            assert written.count(PLACEHOLDER) == 3 * COLUMNS * LINES
        assert first.count("U=1") == 3 and "U=1" not in second
        # What is clear of a tile shows the background of its line, as the text beside it does.
        assert re.search(rf"\x1b\[48;2;\d+;\d+;\d+m\x1b\[38;2;\d+;\d+;\d+m{PLACEHOLDER}", second)
        assert "▀" in app.export_screenshot()
        app.app_resume_signal.publish(app)
        assert _written(app, history).count("U=1") == 3


async def test_kitty_forgets_what_is_no_longer_kept(
    make_app: MakeApp, hundred: list[Entry], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.widgets.thumbnail_column.KEPT", 20)
    app = make_app(graphics="kitty")
    async with app.run_test(size=WIDE) as pilot:
        history = await _opened(pilot, app, 100)
        known = history._thumbnails.tiles._uploads.known
        for _ in range(4):
            await _all_came(pilot, history)
            _written(app, history)
            await pilot.press("pagedown")
        await _all_came(pilot, history)
        assert 0 < len(known) <= 20


async def test_under_another_screen_kitty_shows_no_pixels(
    make_app: MakeApp, gallery: list[Entry]
) -> None:
    app = make_app(graphics="kitty")
    async with app.run_test(size=WIDE) as pilot:
        history = await _opened(pilot, app, 4)
        await until(pilot, lambda: len(_tiles(history)) == 3, "three tiles")
        await pilot.press("t")
        await until(pilot, lambda: len(app.screen_stack) == 2, "the line for tags")
        assert PLACEHOLDER not in _written(app, history)
        assert "▀" in _written(app, history)


@pytest.mark.usefixtures("wanted")
@pytest.mark.parametrize("theme", THEMES)
async def test_how_the_list_looks(
    make_app: MakeApp, coloured_week: list[Entry], snapshot: SnapshotAssertion, theme: str
) -> None:
    app = make_app(theme=theme)
    async with app.run_test(size=WIDE) as pilot:
        history = await _opened(pilot, app, len(coloured_week))
        await pilot.press("enter")
        await picture_shown(pilot, app)
        await pilot.press("f5", "down", "x")
        pictures = sum(bool(entry.images) for entry in coloured_week)
        await until(pilot, lambda: len(_tiles(history)) == pictures, "all tiles")
        shot = app.export_screenshot(title="Darkroom")
        assert shot == snapshot.use_extension(ScreenExtension)


async def test_the_list_follows_when_graphics_are_switched(
    make_app: MakeApp, gallery: list[Entry]
) -> None:
    app = make_app(graphics="off")
    async with app.run_test(size=WIDE) as pilot:
        history = await _opened(pilot, app, 4)
        low, tall = 1 + 2 * 4, 1 + LINES * 4
        assert history.virtual_size.height == low
        await pilot.press("f9")
        assert app.picture_format.graphics == "kitty"
        await until(pilot, lambda: len(_tiles(history)) == 3, "three tiles")
        assert history.virtual_size.height == tall
        assert PLACEHOLDER in _written(app, history)
        await pilot.press("f9")
        assert history.virtual_size.height == low
        assert PLACEHOLDER not in _written(app, history)
        # Who wants them has them, whatever the terminal draws.
        await pilot.press("v", "f9")
        assert app.picture_format.graphics == "half"
        assert history.virtual_size.height == tall
        await pilot.press("f9")
        assert history.virtual_size.height == low
        await until(pilot, lambda: "v" not in app.screen.active_bindings, "no key for them")
