"""The viewer: one picture, as large as the screen, and what is done with it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace
from PIL import Image, PngImagePlugin
from syrupy.assertion import SnapshotAssertion
from textual.pilot import Pilot
from textual.widgets import Input

from tests.screens.conftest import MakeApp
from tests.screens.test_snapshots import THEMES, ScreenExtension
from tests.screens.waiting import history_shown, picture_shown, text_of, until, words_of
from tui.app import DarkroomApp
from tui.history.entry import Entry
from tui.history.store import HistoryStore
from tui.images.zoom import WHOLE, part_seen
from tui.paths import Paths
from tui.screens.question import QuestionScreen
from tui.screens.viewer import ViewerScreen
from tui.widgets.choice_menu import ChoiceMenu
from tui.widgets.image_view import ImageView
from tui.widgets.text_prompt import TextPrompt

WIDE = (120, 40)
NARROW = (80, 24)
SECRET = "a secret prompt"
ORCHARD = 4
"""Index of the entry of three pictures."""


async def viewer(pilot: Pilot[None], app: DarkroomApp) -> ViewerScreen:
    await until(pilot, lambda: isinstance(app.screen, ViewerScreen), "the viewer")
    screen = app.screen
    assert isinstance(screen, ViewerScreen)
    await until(pilot, lambda: screen.is_mounted and is_settled(screen.view), "the picture")
    return screen


def is_settled(view: ImageView) -> bool:
    """Whether what is asked for is what is seen."""
    return view._settled is not None and view._settled == view._request()


async def _opened(
    pilot: Pilot[None], app: DarkroomApp, entries: list[Entry], down: int = 0
) -> ViewerScreen:
    """The viewer, opened from the history on the entry so many further down."""
    await history_shown(pilot, app, len(entries))
    await pilot.press("f5", *["down"] * down, "space")
    return await viewer(pilot, app)


def _position(screen: ViewerScreen) -> str:
    return text_of(screen.query_one("#position")).partition("   ")[0].strip()


async def _pressed(pilot: Pilot[None], screen: ViewerScreen, *keys: str) -> None:
    await pilot.press(*keys)
    await until(pilot, lambda: is_settled(screen.view), "what was asked for")


@pytest.fixture
def noise(store: HistoryStore, paths: Paths, remember: Callable[..., Entry]) -> np.ndarray:
    """The pixels of the newest entry's picture, of which no two parts are alike."""
    entry = remember("noise", 1)
    pixels = np.random.default_rng(3).integers(0, 256, (600, 800, 3), np.uint8)
    info = PngImagePlugin.PngInfo()
    info.add_text("parameters", SECRET)
    Image.fromarray(pixels).save(paths.data / entry.images[0].file, pnginfo=info)
    image = replace(entry.images[0], width=800, height=600)
    store.write(replace(entry, images=(image,)))
    return pixels


def _cells(view: ImageView) -> np.ndarray:
    """The pixels of the half cells that the screen shows where the view is."""
    region, rows = view.content_region, []
    strips = view.screen._compositor.render_strips()
    for y in range(region.y, region.bottom):
        row = []
        for text, style, _ in strips[y].crop(region.x, region.right):
            for character in text:
                upper, lower = style.color, style.bgcolor
                if character == "▄":
                    upper, lower = lower, upper
                elif character == " ":
                    upper = lower
                row.append((upper.get_truecolor(), lower.get_truecolor()))
        rows.append(row)
    pixels = np.array(rows, np.uint8)
    return pixels.transpose(0, 2, 1, 3).reshape(region.height * 2, region.width, 3)


async def test_at_its_own_size_the_screen_shows_exactly_the_pixels(
    make_app: MakeApp, noise: np.ndarray
) -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await history_shown(pilot, app, 1)
        await pilot.press("f5", "space")
        screen = await viewer(pilot, app)
        view = screen.view
        assert view.content_size == (120, 38)
        await _pressed(pilot, screen, "1")
        assert (_cells(view) == noise[262:338, 340:460]).all()
        assert "100 %" in _position(screen)
        # A step is an eighth of what is seen.
        await _pressed(pilot, screen, "l")
        assert (_cells(view) == noise[262:338, 355:475]).all()
        await _pressed(pilot, screen, "k", "left", "up")
        assert (_cells(view) == noise[244:320, 340:460]).all()
        await _pressed(pilot, screen, *["j"] * 40, *["right"] * 40)
        assert (_cells(view) == noise[524:600, 680:800]).all()
        await _pressed(pilot, screen, "plus")
        assert "200 %" in _position(screen)
        large = noise[543:581, 710:770].repeat(2, axis=0).repeat(2, axis=1)
        assert (_cells(view) == large).all()
        await _pressed(pilot, screen, "0")
        assert view.zoom == WHOLE


async def test_the_wheel_zooms_at_the_pointer_and_a_drag_moves(
    make_app: MakeApp, noise: np.ndarray
) -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await history_shown(pilot, app, 1)
        await pilot.press("f5", "space")
        screen = await viewer(pilot, app)
        view = screen.view
        await _pressed(pilot, screen, "1")
        frame = view.frame
        assert frame is not None
        offset = (30, 10)
        before = part_seen(view.zoom, frame)
        pointed = before.left + 30.5, before.top + 21.0
        await pilot._post_mouse_events([_scroll_up()], view, offset=offset)
        await until(pilot, lambda: is_settled(view) and view.zoom.scale == 2.0, "larger")
        after = part_seen(view.zoom, frame)
        assert abs(after.left + 30.5 / 2 - pointed[0]) <= 0.5
        assert abs(after.top + 21.0 / 2 - pointed[1]) <= 0.5
        await _pressed(pilot, screen, "1")
        before = part_seen(view.zoom, frame)
        await pilot.mouse_down(view, offset=(60, 20))
        await pilot.hover(view, offset=(50, 17))
        await pilot.mouse_up(view, offset=(50, 17))
        await until(pilot, lambda: is_settled(view), "moved")
        after = part_seen(view.zoom, frame)
        assert (after.left - before.left, after.top - before.top) == (10, 6)
        await pilot.hover(view, offset=(10, 10))
        assert part_seen(view.zoom, frame) == after, "the button is up"


def _scroll_up() -> type:
    from textual.events import MouseScrollUp

    return MouseScrollUp


async def test_pictures_follow_each_other_as_the_history_lists_them(
    make_app: MakeApp, week: list[Entry]
) -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        screen = await _opened(pilot, app, week)
        assert _position(screen).startswith("entry 1 of 7 · 768×576 · ")
        seen = [screen.sight]
        for _ in range(6):
            await pilot.press("n")
            await until(pilot, lambda: screen.sight != seen[-1], "the next")
            seen.append(screen.sight)
        await pilot.press("n")
        await until(pilot, lambda: not screen._is_turning, "the end")
        assert screen.sight == seen[-1]
        order = [(sight.entry.prompt.split()[0], sight.number) for sight in seen]
        assert order == [
            *(("A", 0), ("fox", 0), ("seven", 0)),
            *(("an", 0), ("an", 1), ("an", 2)),
            ("portrait", 0),
        ]
        for key in ("p", "pageup"):
            sight = screen.sight
            await pilot.press(key)
            await until(pilot, lambda: screen.sight != sight, "the one before")  # noqa: B023
        await until(pilot, lambda: is_settled(screen.view), "it")
        assert _position(screen).startswith("2 of 3 · entry 5 of 7 · ")


async def test_no_key_is_lost(make_app: MakeApp, week: list[Entry]) -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        screen = await _opened(pilot, app, week)
        await pilot.press("n", "n", "n", "n", "right", "p")
        await until(pilot, lambda: not screen._is_turning, "all of them")
        assert (screen.sight.entry.id, screen.sight.number) == (week[ORCHARD].id, 1)


async def test_the_filter_of_the_history_counts(make_app: MakeApp, week: list[Entry]) -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await history_shown(pilot, app, len(week))
        await pilot.press("f5", "slash", *"model:seedream", "enter")
        history = app.studio.history
        await until(pilot, lambda: history.count == 4, "what was found")
        await pilot.press("space")
        screen = await viewer(pilot, app)
        assert _position(screen).startswith("entry 1 of 4 · ")
        await _pressed(pilot, screen, "n")
        await until(pilot, lambda: screen.sight.entry.id == week[ORCHARD].id, "the next with one")
        assert _position(screen).startswith("1 of 3 · entry 3 of 4 · ")


async def test_it_closes_with_the_cursor_where_it_was_seen_and_no_prompt_touched(
    make_app: MakeApp, week: list[Entry]
) -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        screen = await _opened(pilot, app, week)
        studio = app.studio
        draft, shown = studio.draft, studio.shown.entry
        await pilot.press("n")
        await until(pilot, lambda: screen.sight.entry.id == week[1].id, "the next")
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is studio, "the studio")
        assert studio.history.current == week[1].id
        assert studio.history.has_focus
        assert (studio.draft, studio.shown.entry) == (draft, shown)


async def test_from_the_picture_pane_the_pane_follows(make_app: MakeApp, week: list[Entry]) -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await history_shown(pilot, app, len(week))
        await pilot.press("f5", *["down"] * ORCHARD, "enter")
        await picture_shown(pilot, app)
        studio = app.studio
        prompt = studio.editor.text
        studio.picture.focus()
        await pilot.press("right", "enter")
        screen = await viewer(pilot, app)
        assert screen.sight.number == 1
        await pilot.press("n")
        await until(pilot, lambda: screen.sight.number == 2, "the third")
        await pilot.press("q")
        await until(pilot, lambda: app.screen is studio, "the studio")
        assert studio.picture.number == 2
        assert studio.shown._is_following is False
        studio.picture.focus()
        await pilot.press("space")
        screen = await viewer(pilot, app)
        await pilot.press("n")
        await until(pilot, lambda: screen.sight.entry.id == week[6].id, "the last")
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is studio, "the studio")
        assert studio.shown.entry == week[6]
        assert studio.history.current == week[6].id
        assert studio.editor.text == prompt


async def test_an_entry_without_a_picture_says_so(make_app: MakeApp, week: list[Entry]) -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await history_shown(pilot, app, len(week))
        await pilot.press("f5", "down", "down", "space")
        await until(pilot, lambda: bool(app._notifications), "why not")
        assert [note.message for note in app._notifications] == ["This entry has no picture."]
        assert app.screen is app.studio


async def test_details_stand_beside_the_picture(make_app: MakeApp, week: list[Entry]) -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        screen = await _opened(pilot, app, week)
        await _pressed(pilot, screen, "i")
        for words in ("lighthouse keeper", "seedream-4.5", "2304x1728", "$0.04", "seed", "file 1"):
            assert words in words_of(screen.details)
        await _pressed(pilot, screen, "n")
        await until(pilot, lambda: "fox in the snow" in words_of(screen.details), "the next's")
        await pilot.press("tab", "i")
        await until(pilot, lambda: not screen.details.region, "none")
        assert screen.view.has_focus


async def test_the_part_that_is_seen_stays_for_pictures_of_the_same_size(
    make_app: MakeApp, week: list[Entry]
) -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        screen = await _opened(pilot, app, week)
        await _pressed(pilot, screen, "1", "l")
        zoom = screen.view.zoom
        await _pressed(pilot, screen, "n")
        await until(pilot, lambda: screen.sight.entry.id == week[1].id, "the next")
        assert screen.view.zoom == zoom


async def test_a_copy_is_saved_and_nothing_replaced_without_a_yes(
    make_app: MakeApp,
    noise: np.ndarray,
    store: HistoryStore,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    monkeypatch.chdir(folder)
    app = make_app()
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        await history_shown(pilot, app, 1)
        await pilot.press("f5", "space")
        screen = await viewer(pilot, app)
        original = store.absolute(screen.sight.image.file)
        before = original.read_bytes()

        async def save(*choice: str, to: str = "") -> None:
            app.clear_notifications()
            await until(pilot, lambda: app.screen is screen, "the viewer")
            await pilot.press("s")
            await until(pilot, lambda: isinstance(app.screen, ChoiceMenu), "how")
            await pilot.press(*choice, "enter")
            await until(pilot, lambda: isinstance(app.screen, TextPrompt), "where")
            if to:
                app.screen.query_one(Input).value = to
            await pilot.press("enter")

        def told(title: str) -> bool:
            return any(note.title == title for note in app._notifications)

        await save()
        await until(pilot, lambda: told("Saved"), "that it was saved")
        copy = folder / original.name
        assert copy.read_bytes() == before
        await save("down", to=str(copy))
        await until(pilot, lambda: isinstance(app.screen, QuestionScreen), "whether")
        await pilot.press("n")
        assert copy.read_bytes() == before
        await save("down", to=str(copy))
        await until(pilot, lambda: isinstance(app.screen, QuestionScreen), "whether")
        await pilot.press("y")
        await until(pilot, lambda: told("Saved"), "that it was saved")
        assert SECRET.encode() in before
        assert SECRET.encode() not in copy.read_bytes()
        assert (np.asarray(Image.open(copy)) == noise).all()
        await save(to=str(original))
        await until(pilot, lambda: told("Not saved"), "why not")
        assert original.read_bytes() == before
        assert [path.name for path in folder.iterdir()] == [copy.name]

        other = tmp_path / "other"
        other.mkdir()
        await save(to=f"{other}/")
        await until(pilot, lambda: told("Saved"), "that it was saved")
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.studio, "closed")
        await pilot.press("space")
        await viewer(pilot, app)
        await pilot.press("s")
        await until(pilot, lambda: isinstance(app.screen, ChoiceMenu), "how")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, TextPrompt), "where")
        proposed = app.screen.query_one(Input).value
        assert proposed == str(other / original.name), "it begins where the last one was saved"


async def test_it_is_opened_shown_in_its_folder_and_its_path_copied(
    make_app: MakeApp, week: list[Entry], store: HistoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Path] = []
    monkeypatch.setattr("tui.screens.entry_views.open_in_viewer", opened.append)
    monkeypatch.setattr("tui.screens.picture_files.reveal_in_folder", opened.append)
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await _opened(pilot, app, week)
        path = store.absolute(week[0].images[0].file)
        await pilot.press("o", "r")
        await until(pilot, lambda: len(opened) == 2, "both")
        await pilot.press("y")
        assert app.clipboard == str(path)
        assert opened == [path, path]


async def test_a_file_that_is_gone_is_named_and_the_next_is_shown(
    make_app: MakeApp, week: list[Entry], store: HistoryStore
) -> None:
    store.absolute(week[0].images[0].file).unlink()
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await history_shown(pilot, app, len(week))
        await pilot.press("f5", "space")
        await until(pilot, lambda: isinstance(app.screen, ViewerScreen), "the viewer")
        await until(pilot, lambda: "cannot be shown" in words_of(app.screen), "the reason")
        screen = app.screen
        assert isinstance(screen, ViewerScreen)
        await pilot.press("plus", "1", "l", "n")
        await until(pilot, lambda: screen.sight.entry.id == week[1].id, "the next")
        await until(pilot, lambda: is_settled(screen.view), "it")
        assert "cannot be shown" not in words_of(screen)


async def test_its_keys_are_commands_too(make_app: MakeApp, week: list[Entry]) -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        screen = await _opened(pilot, app, week)
        commands = {command.title: command for command in app.get_system_commands(screen)}
        assert {"Zoom in", "Zoom out", "Next", "Compare", "Save a copy"} <= commands.keys()
        await pilot.press("ctrl+p", *"zoom in", "enter", "enter")
        await until(pilot, lambda: not screen.view.zoom.is_whole, "larger")
        commands = {command.title: command for command in app.get_system_commands(app.studio)}
        assert "View picture" in commands


async def test_only_one_decoded_original_is_kept(make_app: MakeApp, week: list[Entry]) -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        screen = await _opened(pilot, app, week)
        for _ in range(3):
            sight = screen.sight
            await _pressed(pilot, screen, "1", "n")
            await until(pilot, lambda: screen.sight != sight, "the next")  # noqa: B023
            await until(pilot, lambda: is_settled(screen.view), "it")
            assert len(screen.view._previews._originals._kept) <= 1


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "120x40"])
@pytest.mark.parametrize("what", ["whole", "details", "zoomed"])
async def test_how_the_viewer_looks(
    make_app: MakeApp,
    week: list[Entry],
    snapshot: SnapshotAssertion,
    size: tuple[int, int],
    theme: str,
    what: str,
) -> None:
    app = make_app(theme=theme)
    async with app.run_test(size=size) as pilot:
        screen = await _opened(pilot, app, week, ORCHARD)
        keys = {"whole": [], "details": ["i"], "zoomed": ["plus", "plus", "h"]}[what]
        await _pressed(pilot, screen, *keys)
        await until(pilot, lambda: "%" in _position(screen), "the position")
        assert app.export_screenshot(title="Darkroom") == snapshot(extension_class=ScreenExtension)


async def test_a_picture_that_is_looked_at_is_soon_ready_to_be_seen_in_parts(
    make_app: MakeApp, week: list[Entry], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.widgets.zoom_view.REST", 0.0)
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        screen = await _opened(pilot, app, week)
        kept = screen.view._previews._originals._kept
        await until(pilot, lambda: bool(kept), "it was decoded ahead")
        before = list(kept.values())
        await _pressed(pilot, screen, "1")
        assert list(kept.values()) == before, "that is what is drawn from"
