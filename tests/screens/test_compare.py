"""Two pictures beside each other, or in one place."""

from __future__ import annotations

from collections.abc import Callable
from math import isclose

import pytest
from msgspec.structs import replace
from PIL import Image, ImageDraw
from syrupy.assertion import SnapshotAssertion
from textual.pilot import Pilot

from tests.screens.conftest import MakeApp
from tests.screens.test_snapshots import THEMES, ScreenExtension
from tests.screens.test_viewer import is_settled, viewer
from tests.screens.waiting import history_shown, text_of, until, words_of
from tui.app import DarkroomApp
from tui.history.entry import Entry
from tui.history.store import HistoryStore
from tui.images.zoom import Frame, Zoom, part_seen
from tui.paths import Paths
from tui.screens.compare import CompareScreen
from tui.widgets.image_view import ImageView

WIDE = (120, 40)
NARROW = (80, 24)
FOX, OWL = (200, 60, 40), (40, 60, 200)


@pytest.fixture
def pair(store: HistoryStore, paths: Paths, remember: Callable[..., Entry]) -> list[Entry]:
    """Two entries, newest first; the second is the parent of the first, and half as large."""
    entries = []
    for prompt, minutes, colour, size in (
        ("a blue owl in the snow", 5, OWL, (1600, 1200)),
        ("a red fox in the snow", 9, FOX, (800, 600)),
    ):
        entry = remember(prompt, minutes, parameters={"seed": minutes})
        picture = Image.new("RGB", size, colour)
        edge = size[0] // 8
        ImageDraw.Draw(picture).rectangle((edge, edge, 3 * edge, 3 * edge), fill=(240, 240, 200))
        picture.save(paths.data / entry.images[0].file)
        image = replace(entry.images[0], width=size[0], height=size[1])
        entries.append(replace(entry, images=(image,)))
    entries[0] = replace(entries[0], parent=entries[1].id)
    for entry in entries:
        store.write(entry)
    return entries


async def _opened(pilot: Pilot[None], app: DarkroomApp, count: int, *keys: str) -> CompareScreen:
    """The comparison that `keys` and then C lead to, from the history."""
    await history_shown(pilot, app, count)
    await pilot.press("f5", *keys, "C")
    return await _compare(pilot, app)


async def _compare(pilot: Pilot[None], app: DarkroomApp) -> CompareScreen:
    await until(pilot, lambda: isinstance(app.screen, CompareScreen), "the comparison")
    screen = app.screen
    assert isinstance(screen, CompareScreen)
    await until(pilot, lambda: screen.is_mounted and _is_settled(screen), "the pictures")
    return screen


def _is_settled(screen: CompareScreen) -> bool:
    return all(
        view.path is not None and is_settled(view) and view.zoom == screen._zoom_for(view, which)
        for view, which in screen._shown()
    )


def _frame(view: ImageView) -> Frame:
    frame = view.frame
    assert frame is not None
    return frame


def _share(view: ImageView) -> tuple[float, ...]:
    """What is seen of a picture, as shares of its sides."""
    frame = _frame(view)
    part, (width, height) = part_seen(view.zoom, frame), frame.picture
    return part.left / width, part.top / height, part.width / width, part.height / height


async def test_both_show_the_same_part_whatever_their_sizes(
    make_app: MakeApp, pair: list[Entry]
) -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        screen = await _opened(pilot, app, 2)
        assert [sight.entry.id for sight in screen._facts.sights] == [pair[1].id, pair[0].id]
        assert "a red blue fox owl in the snow" in words_of(screen.difference)
        assert "seed 9 → 5" in words_of(screen.difference)
        assert "% · 800×600 · Seedream" in words_of(screen)
        assert "% · 1600×1200 · Seedream" in words_of(screen)
        for keys in (("plus",), ("1",), ("l", "k", "k"), ("plus", "plus", "j")):
            await pilot.press(*keys)
            await until(pilot, lambda: _is_settled(screen), "both")
            one, other = _share(screen.first), _share(screen.second)
            near = 2 / (800 * screen.first.zoom.scale)
            assert all(isclose(a, b, abs_tol=near) for a, b in zip(one, other, strict=True))
        await pilot.press("tab", "0")
        await until(pilot, lambda: _is_settled(screen), "both")
        assert screen.first.zoom.is_whole and screen.second.zoom.is_whole
        assert screen.second.has_focus
        await pilot.press("1")
        await until(pilot, lambda: _is_settled(screen), "both")
        assert screen.second.zoom == Zoom(1.0)
        assert screen.first.zoom.scale == 2.0


def _colours(view: ImageView) -> set[tuple[int, ...]]:
    return {
        tuple(style.color.get_truecolor())
        for strip in view.render_lines(view.outer_size.region)
        for text, style, _ in strip
        if style is not None and style.color is not None and "▀" in text
    }


async def test_they_blink_in_one_place(make_app: MakeApp, pair: list[Entry]) -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        screen = await _opened(pilot, app, 2)
        assert "side by side" not in text_of(screen).splitlines()[-1]
        await pilot.press("space")
        await until(pilot, lambda: not screen.second.region and _is_settled(screen), "one alone")
        assert "side by side" in text_of(screen).splitlines()[-1]
        assert screen.first.size.width == WIDE[0]
        assert FOX in _colours(screen.first)
        whole = part_seen(screen.first.zoom, _frame(screen.first))
        assert whole.width == 800
        await pilot.press("plus", "plus", "h")
        await until(pilot, lambda: _is_settled(screen), "a part")
        seen, zoom = _share(screen.first), screen.first.zoom
        for _ in range(3):
            await pilot.press("space")
            await until(pilot, lambda: _is_settled(screen) and screen.which == 1, "the other")
            assert OWL in _colours(screen.first)
            assert FOX not in _colours(screen.first)
            assert all(
                isclose(a, b, abs_tol=0.005)
                for a, b in zip(seen, _share(screen.first), strict=True)
            )
            await pilot.press("b")
            await until(pilot, lambda: _is_settled(screen) and screen.which == 0, "the first")
            assert screen.first.zoom == zoom, "it is the very same again"
        await pilot.press("s")
        await until(pilot, lambda: bool(screen.second.region) and _is_settled(screen), "both")
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.studio, "the studio")


async def test_in_a_narrow_terminal_one_is_seen_at_a_time(
    make_app: MakeApp, pair: list[Entry]
) -> None:
    app = make_app()
    async with app.run_test(size=NARROW) as pilot:
        screen = await _opened(pilot, app, 2)
        assert not screen.second.region
        assert FOX in _colours(screen.first)
        await pilot.press("right")
        await until(pilot, lambda: screen.which == 1 and _is_settled(screen), "the other")
        assert OWL in _colours(screen.first)
        await pilot.press("i")
        await until(pilot, lambda: not screen.difference.region, "the pictures only")
        await until(pilot, lambda: screen.first.size.height == 22 and _is_settled(screen), "larger")
        await pilot.resize_terminal(*WIDE)
        # One alone was asked for.
        await until(pilot, lambda: screen.first.size.width == 120 and _is_settled(screen), "wide")
        await pilot.press("s")
        await until(pilot, lambda: bool(screen.second.region) and _is_settled(screen), "both")


async def test_two_that_are_marked_are_compared(make_app: MakeApp, week: list[Entry]) -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        screen = await _opened(pilot, app, len(week), "x", "x")
        assert [sight.entry.id for sight in screen._facts.sights] == [week[1].id, week[0].id]
        await pilot.press("q")
        await until(pilot, lambda: app.screen is app.studio, "the studio")
        await pilot.press("x", "C")
        await until(pilot, lambda: bool(app._notifications), "too many")
        assert "More than two" in next(iter(app._notifications)).message


async def test_both_pictures_of_an_entry_are_compared(make_app: MakeApp, week: list[Entry]) -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        screen = await _opened(pilot, app, len(week), "down", "down", "down", "down")
        assert [sight.number for sight in screen._facts.sights] == [0, 1]
        assert "The same prompt." in words_of(screen.difference)
        assert "size" not in words_of(screen.difference)
        await pilot.press("a")
        await until(pilot, lambda: "size" in words_of(screen.difference), "what stayed")


async def test_the_viewer_compares_with_what_was_seen_before(
    make_app: MakeApp, week: list[Entry]
) -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await history_shown(pilot, app, len(week))
        await pilot.press("f5", "space")
        seen = await viewer(pilot, app)
        await pilot.press("n")
        await until(pilot, lambda: seen.sight.entry.id == week[1].id, "the next")
        await pilot.press("c")
        screen = await _compare(pilot, app)
        assert [sight.entry.id for sight in screen._facts.sights] == [week[1].id, week[0].id]
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is seen, "the viewer")


async def test_a_picture_that_is_alone_says_so(
    make_app: MakeApp, remember: Callable[..., Entry]
) -> None:
    remember("one", 3)
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await history_shown(pilot, app, 1)
        await pilot.press("f5", "C")
        await until(pilot, lambda: bool(app._notifications), "why not")
        assert "no other picture" in next(iter(app._notifications)).message


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "120x40"])
async def test_how_the_comparison_looks(
    make_app: MakeApp,
    pair: list[Entry],
    snapshot: SnapshotAssertion,
    size: tuple[int, int],
    theme: str,
) -> None:
    app = make_app(theme=theme)
    async with app.run_test(size=size) as pilot:
        screen = await _opened(pilot, app, 2)
        await until(pilot, lambda: "%" in words_of(screen), "the captions")
        assert app.export_screenshot(title="Darkroom") == snapshot(extension_class=ScreenExtension)
