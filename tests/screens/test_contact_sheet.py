"""The contact sheet: what it shows, what is loaded for it, and what is done to entries from it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest
from msgspec.structs import replace
from PIL import Image, ImageDraw
from syrupy.assertion import SnapshotAssertion
from textual.geometry import Region
from textual.pilot import Pilot

from tests.images.pictures import QUADRANTS, alike, quadrants, write
from tests.screens.conftest import MakeApp
from tests.screens.loads import Loads
from tests.screens.test_snapshots import SIZES, THEMES, ScreenExtension
from tests.screens.waiting import history_shown, text_of, until, words_of
from tui.app import DarkroomApp
from tui.history.entry import Entry
from tui.history.entry_keys import key_of
from tui.history.store import HistoryStore
from tui.images.preview import Tile, TileRequest
from tui.paths import Paths
from tui.screens.contact_sheet import ContactSheetScreen
from tui.screens.viewer import ViewerScreen
from tui.widgets.contact_sheet import AT_ONCE, ContactSheet, Picture
from tui.widgets.tile_loader import Kept, TileMemory

WIDE = (120, 40)
PLACEHOLDER = "\U0010eeee"
Remember = Callable[..., Entry]
Colour = tuple[int, int, int]


@pytest.fixture
def gallery(remember: Remember, store: HistoryStore, paths: Paths) -> list[Entry]:
    """Newest first: one picture, three, none, one."""
    made = [
        remember("a kite over the dunes", 5),
        remember("a bell in a ruined tower", 10, images=3),
        remember("a cellar", 20, images=0),
        remember("a net", 30),
    ]
    return [_painted(entry, store, paths, quadrants(600, 450)) for entry in made]


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


def _painted(entry: Entry, store: HistoryStore, paths: Paths, picture: Image.Image) -> Entry:
    images = []
    for image in entry.images:
        path = write(paths.data / image.file, picture)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        width, height = picture.size
        images.append(replace(image, sha256=digest, width=width, height=height))
    entry = replace(entry, images=tuple(images))
    store.write(entry)
    return entry


async def _opened(pilot: Pilot[None], app: DarkroomApp, entries: int, *keys: str) -> ContactSheet:
    await history_shown(pilot, app, entries)
    await pilot.press("f5", *keys, "S")
    await until(pilot, lambda: isinstance(app.screen, ContactSheetScreen), "the sheet")
    sheet = _sheet(app)
    await until(pilot, lambda: sheet.is_mounted and sheet._is_known, "its pictures")
    return sheet


def _sheet(app: DarkroomApp) -> ContactSheet:
    assert isinstance(app.screen, ContactSheetScreen)
    return app.screen.sheet


def _tiles(sheet: ContactSheet) -> set[Picture]:
    return {key for key, kept in sheet._tiles.kept.items() if kept.tile is not None}


async def _all_came(pilot: Pilot[None], sheet: ContactSheet) -> None:
    def came() -> bool:
        sight = set(sheet._pictures_in_sight())
        return bool(sight) and sight <= _tiles(sheet) and not sheet._came

    await until(pilot, came, "all pictures in sight")


def _half_cells(sheet: ContactSheet) -> dict[tuple[int, int], Colour]:
    """The colours of the pictures' half cells, by column and half line of the widget."""
    found: dict[tuple[int, int], Colour] = {}
    strips = sheet.render_lines(Region(0, 0, *sheet.size))
    for y, strip in enumerate(strips):
        x = 0
        for text, style, _ in strip:
            for character in text:
                if character == "▀" and style and style.color and style.bgcolor:
                    found[x, 2 * y] = tuple(style.color.get_truecolor())
                    found[x, 2 * y + 1] = tuple(style.bgcolor.get_truecolor())
                x += 1
    return found


def _cell(sheet: ContactSheet, index: int) -> Region:
    grid = sheet._grid
    return Region(grid.left_of(index), grid.top_of(index), grid.width, grid.height)


def _written(app: DarkroomApp, sheet: ContactSheet) -> str:
    crop = Region(0, 0, *sheet.size)
    return "".join(strip.render(app.console) for strip in sheet.render_lines(crop))


async def test_every_picture_has_a_cell_and_is_shown_whole(
    make_app: MakeApp, gallery: list[Entry]
) -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        sheet = await _opened(pilot, app, 4)
        await _all_came(pilot, sheet)
        first, second, _, last = gallery
        assert [sheet._picture(index) for index in range(sheet.count)] == [
            (first.id, 1),
            *((second.id, number) for number in (1, 2, 3)),
            (last.id, 1),
        ]
        colours = _half_cells(sheet)
        for index in range(5):
            cell = _cell(sheet, index)
            inside = {
                place: colour
                for place, colour in colours.items()
                if cell.contains(place[0], place[1] // 2)
            }
            columns, halves = sorted({x for x, _ in inside}), sorted({y for _, y in inside})
            corners = [
                inside[x, y] for y in (halves[0], halves[-1]) for x in (columns[0], columns[-1])
            ]
            assert all(map(alike, corners, QUADRANTS)), index
            # Within its edge, in the middle, in its proportions.
            left, right = columns[0] - cell.x, cell.right - 1 - columns[-1]
            assert left >= 1 and abs(left - right) <= 1
            assert abs(len(columns) * 10 * 3 / 4 - len(halves) * 10) <= 20
        words = words_of(app.screen)
        assert "#2 a bell in" in words and "a kite over the dunes" in words
        assert "1 of 5" in words and "cellar" not in words


async def test_the_cursor_goes_by_keys_and_mouse(make_app: MakeApp, hundred: list[Entry]) -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        sheet = await _opened(pilot, app, 100)
        across = sheet._grid.across
        assert across == 4
        for keys, cursor in (
            ("right", 1), ("l", 2), ("down", 2 + across), ("j", 2 + 2 * across),
            ("up", 2 + across), ("k", 2), ("up", 2), ("left", 1), ("h", 0), ("left", 0),
            ("end", 99), ("down", 99), ("up", 95), ("G", 99), ("g", 0), ("end", 99), ("home", 0),
        ):  # fmt: skip
            await pilot.press(keys)
            assert sheet.cursor == cursor, keys
        await pilot.press("pagedown")
        assert sheet.cursor % across == 0 and sheet.cursor > across
        assert sheet.scroll_y > 0
        await pilot.press("pageup")
        assert sheet.cursor == 0 and sheet.scroll_y == 0
        cell = _cell(sheet, across + 1).translate(sheet.content_region.offset)
        await pilot.click(offset=(cell.x + 3, cell.y + 3))
        assert sheet.cursor == across + 1
        await until(pilot, lambda: f"{across + 2} of 100" in words_of(app.screen))
        assert "╭" in text_of(sheet)


async def test_only_what_is_in_sight_is_loaded_and_few_at_once(
    make_app: MakeApp, hundred: list[Entry], loads: Loads
) -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        loads.gate.clear()
        sheet = await _opened(pilot, app, 100)
        first = set(sheet._pictures_in_sight())
        await until(pilot, lambda: len(loads.begun) == AT_ONCE, "the first")
        await pilot.press("end")
        last = set(sheet._pictures_in_sight())
        assert not first & last
        loads.gate.set()
        await _all_came(pilot, sheet)
        assert loads.most_at_once == AT_ONCE
        # What scrolled away before its turn was never begun.
        assert len(first & set(loads.begun)) == AT_ONCE
        assert set(loads.begun) - first == last
        assert len(loads.begun) == len(set(loads.begun))


async def test_a_block_of_the_right_size_stands_for_a_picture_until_it_is_there(
    make_app: MakeApp, gallery: list[Entry], loads: Loads
) -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        loads.gate.clear()
        sheet = await _opened(pilot, app, 4)
        await until(pilot, lambda: len(loads.begun) == AT_ONCE)
        panel = sheet.get_component_rich_style("sheet--no-picture").bgcolor
        before = _filled(sheet, lambda style: style.bgcolor == panel)
        assert not _half_cells(sheet)
        loads.gate.set()
        await _all_came(pilot, sheet)
        assert {(x, y // 2) for x, y in _half_cells(sheet)} == before


def _filled(sheet: ContactSheet, is_wanted: Callable[..., bool]) -> set[tuple[int, int]]:
    found = set()
    for y, strip in enumerate(sheet.render_lines(Region(0, 0, *sheet.size))):
        x = 0
        for text, style, _ in strip:
            found |= {(x + place, y) for place in range(len(text)) if style and is_wanted(style)}
            x += len(text)
    return found


async def test_what_cannot_be_shown_is_said_in_its_place(
    make_app: MakeApp, gallery: list[Entry], store: HistoryStore, paths: Paths
) -> None:
    # The others have the same bytes, of which there may be a small copy.
    image = replace(gallery[0].images[0], sha256="0" * 64)
    store.write(replace(gallery[0], images=(image,)))
    (paths.data / image.file).write_bytes(b"no picture")
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        sheet = await _opened(pilot, app, 4)
        await until(pilot, lambda: "not shown" in text_of(sheet), "the words")
        await until(pilot, lambda: len(_tiles(sheet)) == 4, "the others")


async def test_cells_are_made_larger_and_smaller(make_app: MakeApp, hundred: list[Entry]) -> None:
    app = make_app()
    async with app.run_test(size=(200, 60)) as pilot:
        sheet = await _opened(pilot, app, 100)
        await pilot.press("end", "minus")
        small = sheet._grid
        assert len(sheet._pictures_in_sight()) == 100
        await _all_came(pilot, sheet)
        await pilot.press("minus", "plus", "plus", "plus")
        assert sheet._grid.across < small.across and sheet._grid.height > small.height
        assert sheet.cursor == 99
        first, end = sheet._span(0)
        assert first <= 99 < end, "the cursor stays in sight"
        await _all_came(pilot, sheet)


async def test_what_was_shown_is_there_at_once_when_the_sheet_opens_again(
    make_app: MakeApp, hundred: list[Entry], loads: Loads
) -> None:
    app = make_app(graphics="kitty")
    async with app.run_test(size=WIDE) as pilot:
        before = await _opened(pilot, app, 100)
        await pilot.press("minus")
        await _all_came(pilot, before)
        shown = _half_cells(before)
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.studio, "closed")
        loads.begun.clear()
        sheet = await _opened(pilot, app, 100)
        await until(pilot, lambda: _half_cells(sheet) == shown, "the same pictures")
        assert not loads.begun
        assert _written(app, sheet).count(PLACEHOLDER) == len(shown) // 2
        assert sheet._tiles._uploads.known, "the terminal is given them once more"


def test_what_is_remembered_of_tiles_is_limited() -> None:
    memory, tile = TileMemory[int](), Tile(((),) * 5, 10, None)
    request = TileRequest("half", (10, 20), (0, 0, 0))
    for key in range(9):
        memory.kept[key] = Kept(request, None, tile if key else None)
    memory.limit(150)
    assert list(memory.kept) == [6, 7, 8]


async def test_entries_are_starred_rated_and_marked_as_in_the_list(
    make_app: MakeApp, gallery: list[Entry], store: HistoryStore
) -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        sheet = await _opened(pilot, app, 4)
        await pilot.press("right", "full_stop")
        await until(pilot, lambda: "★ #1 a bell" in words_of(sheet), "the star")
        assert store.read(gallery[1].id).starred
        await pilot.press("4")
        await until(pilot, lambda: "4/5 #1 a bell" in words_of(sheet), "the rating")
        assert store.read(gallery[1].id).rating == 4
        await pilot.press("x")
        assert sheet.current == (gallery[3].id, 1), "on to the next entry"
        await pilot.press("x")
        history = app.studio.history
        await until(pilot, lambda: len(history.marks) == 2, "the marks in the list")
        assert set(history.marked) == {gallery[1].id, gallery[3].id}
        await pilot.press("2")
        await until(pilot, lambda: store.read(gallery[3].id).rating == 2, "both are rated")
        await until(pilot, lambda: store.read(gallery[1].id).rating == 2, "both are rated")
        await pilot.press("u")
        await until(pilot, lambda: store.read(gallery[1].id).rating == 4, "undone")
        await pilot.press("t")
        await until(pilot, lambda: len(app.screen_stack) == 3, "the line for tags")
        await pilot.press("n", "e", "t", "enter")
        await until(pilot, lambda: store.read(gallery[3].id).tags == ("net",), "tagged")


async def test_entries_go_to_the_trash_and_come_back(
    make_app: MakeApp, gallery: list[Entry], store: HistoryStore
) -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        sheet = await _opened(pilot, app, 4)
        await pilot.press("right", "right", "delete")
        await until(pilot, lambda: sheet.count == 2, "three pictures less")
        assert sheet.current == (gallery[3].id, 1)
        await pilot.press("u")
        await until(pilot, lambda: sheet.count == 5, "all of them again")
        assert sheet.current == (gallery[3].id, 1), "the cursor stays on its picture"


async def test_what_is_shown_is_chosen(make_app: MakeApp, gallery: list[Entry]) -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        sheet = await _opened(pilot, app, 4, "x", "end", "x")
        await until(pilot, lambda: sheet.count == 2, "the marked entries")
        assert "Marked 2" in words_of(app.screen)
        await pilot.press("S")
        await until(pilot, lambda: sheet.count == 1, "this entry")
        await pilot.press("S")
        await until(pilot, lambda: sheet.count == 5, "all")
        await pilot.press("g", "right", "shift+tab", "right", "right", "enter")
        await until(pilot, lambda: sheet.count == 3, "the pictures of one entry")
        assert {sheet._picture(index)[0] for index in range(3)} == {gallery[1].id}
        assert app.focused is sheet


async def test_a_search_is_shown_and_nothing_found_is_said(
    make_app: MakeApp, gallery: list[Entry]
) -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await history_shown(pilot, app, 4)
        await pilot.press("f5", "slash", *"bell", "enter")
        await until(pilot, lambda: app.studio.history.count == 1, "one found")
        await pilot.press("S")
        await until(pilot, lambda: isinstance(app.screen, ContactSheetScreen), "the sheet")
        sheet = _sheet(app)
        await until(pilot, lambda: sheet.count == 3, "its pictures")
        assert "Search: bell" in words_of(app.screen)
        await pilot.press("delete")
        await until(pilot, lambda: "No pictures here" in words_of(app.screen), "nothing left")
        await pilot.press("enter", "x", "full_stop", "5", "o", "down", "pagedown", "end", "plus")
        assert app.screen.is_mounted


async def test_a_picture_is_viewed_and_the_sheet_goes_to_what_was_seen_last(
    make_app: MakeApp, gallery: list[Entry]
) -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        sheet = await _opened(pilot, app, 4)
        await pilot.press("end", "enter")
        await until(pilot, lambda: isinstance(app.screen, ViewerScreen), "the viewer")
        await pilot.press("p", "p", "escape")
        await until(pilot, lambda: isinstance(app.screen, ContactSheetScreen), "the sheet")
        await until(pilot, lambda: sheet.cursor == sheet.count - 3, "what was seen last")
        await pilot.press("end", "enter")
        await until(pilot, lambda: isinstance(app.screen, ViewerScreen), "the viewer again")
        await pilot.press("escape", "escape")
        await until(pilot, lambda: app.screen is app.studio, "the studio")
        assert app.studio.history.current == gallery[3].id
        assert app.focused is app.studio.history
        await pilot.press("S")
        await until(pilot, lambda: isinstance(app.screen, ContactSheetScreen), "the sheet again")
        sheet = _sheet(app)
        await until(pilot, lambda: sheet.current == (gallery[3].id, 1), "where it was")
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.studio, "closed")
        assert app.studio._actions.sheet is None


async def test_the_picture_itself_is_opened_outside(
    make_app: MakeApp, gallery: list[Entry], monkeypatch: pytest.MonkeyPatch, paths: Paths
) -> None:
    opened: list[object] = []
    monkeypatch.setattr("tui.screens.entry_views.open_in_viewer", opened.append)
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await _opened(pilot, app, 4)
        await pilot.press("right", "right", "o")
        await until(pilot, lambda: bool(opened), "the viewer")
        assert opened == [paths.data / gallery[1].images[1].file]


async def test_new_entries_come_onto_the_sheet(
    make_app: MakeApp, gallery: list[Entry], remember: Remember
) -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        sheet = await _opened(pilot, app, 4)
        await pilot.press("right")
        entry = remember("an owl", 1)
        await until(pilot, lambda: key_of(entry.id) in sheet._listed.keys, "the new one")
        assert sheet.current == (gallery[1].id, 1), "the cursor stays on its picture"


async def test_kitty_gets_every_tile_once_and_placeholders_for_it(
    make_app: MakeApp, gallery: list[Entry]
) -> None:
    app = make_app(graphics="kitty")
    async with app.run_test(size=WIDE) as pilot:
        sheet = await _opened(pilot, app, 4)
        await _all_came(pilot, sheet)
        first, second = _written(app, sheet), _written(app, sheet)
        cells = len({(x, y // 2) for x, y in _half_cells(sheet)})
        assert first.count(PLACEHOLDER) == second.count(PLACEHOLDER) == cells
        assert first.count("U=1") <= 5 and "U=1" not in second
        part = sheet.render_lines(Region(10, 0, 40, sheet.size.height))
        assert all(strip.cell_length == 40 for strip in part)
        shown = "".join(strip.render(app.console) for strip in part)
        columns = [x for x, y in _half_cells(sheet) if 10 <= x < 50 and y % 2 == 0]
        assert shown.count(PLACEHOLDER) == len(columns)
        await pilot.press("t")
        await until(pilot, lambda: len(app.screen_stack) == 3, "the line for tags")
        assert PLACEHOLDER not in _written(app, sheet)
        known = sheet._tiles._uploads.known
        assert known
        await pilot.press("escape", "escape")
        await until(pilot, lambda: app.screen is app.studio, "closed")
        assert not known, "the terminal forgets them"


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_how_the_sheet_looks(
    make_app: MakeApp,
    week: list[Entry],
    store: HistoryStore,
    paths: Paths,
    snapshot: SnapshotAssertion,
    theme: str,
    size: tuple[int, int],
) -> None:
    skies = ["#2c3e66", "#d8d4cc", "#f2a65a", "#7a8f4d", "#3a6b5a", "#8c5a78", "#c9b28f"]
    sizes = [(800, 600), (600, 800), (800, 600), (700, 700), (960, 540), (800, 600), (400, 900)]
    for entry, sky, (width, height) in zip(week, skies, sizes, strict=True):
        if entry.images:
            _painted(entry, store, paths, _landscape(sky, width, height))
    store.write(replace(store.read(week[0].id), rating=3))
    app = make_app(theme=theme)
    async with app.run_test(size=size) as pilot:
        sheet = await _opened(pilot, app, len(week))
        await pilot.press("x", "right")
        await _all_came(pilot, sheet)
        await until(pilot, lambda: "Marked 1" in words_of(app.screen), "the mark")
        shot = app.export_screenshot(title="Darkroom")
        assert shot == snapshot.use_extension(ScreenExtension)


def _landscape(sky: str, width: int, height: int) -> Image.Image:
    picture = Image.new("RGB", (width, height), sky)
    drawing = ImageDraw.Draw(picture)
    drawing.ellipse((width * 0.6, height * 0.15, width * 0.8, height * 0.4), fill="#f4e3b2")
    drawing.rectangle((0, height * 0.7, width, height), fill="#2a2620")
    return picture
