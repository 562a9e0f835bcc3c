"""How the screens look. After a wanted change: make snapshots, and look at the SVG files."""

from __future__ import annotations

import re

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.image import SVGImageSnapshotExtension
from syrupy.types import SerializableData
from textual.pilot import Pilot
from textual.widgets import Input, TextArea

from tests.screens.conftest import MakeApp
from tests.screens.waiting import (
    history_shown,
    models_known,
    picture_shown,
    text_of,
    until,
    words_of,
)
from tui.app import DarkroomApp
from tui.history.entry import Entry
from tui.paths import Paths
from tui.screens.difference import DifferenceScreen
from tui.screens.settings import SettingsScreen

SIZES = [(80, 24), (120, 40), (200, 60)]
THEMES = ["safelight", "daylight"]
_UNIQUE = re.compile(r"terminal-\d+")


class ScreenExtension(SVGImageSnapshotExtension):
    """SVG files, one a test, in which nothing depends on the run."""

    def serialize(self, data: SerializableData, **kwargs: object) -> bytes:
        return _UNIQUE.sub("terminal", str(data)).encode()


@pytest.fixture
def screen(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    return snapshot.use_extension(ScreenExtension)


@pytest.fixture(autouse=True)
def _cursors_do_not_blink(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TextArea, "_toggle_cursor_blink_visible", lambda editor: None)
    monkeypatch.setattr(Input, "_toggle_cursor", lambda field: None)


def _picture_of(app: DarkroomApp) -> str:
    return app.export_screenshot(title="Darkroom")


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_the_studio_with_a_picture(
    make_app: MakeApp,
    week: list[Entry],
    screen: SnapshotAssertion,
    theme: str,
    size: tuple[int, int],
) -> None:
    app = make_app(theme=theme)
    async with app.run_test(size=size) as pilot:
        await history_shown(pilot, app, len(week))
        await pilot.press("f5", "enter")
        await picture_shown(pilot, app)
        await until(pilot, lambda: "9 words" in words_of(app.studio.editor))
        assert _picture_of(app) == screen


@pytest.mark.parametrize("theme", THEMES)
async def test_the_studio_before_anything_was_made(
    make_app: MakeApp, screen: SnapshotAssertion, theme: str
) -> None:
    app = make_app(theme=theme)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: "≈ $0.04" in words_of(app.studio.form))
        await until(pilot, lambda: app.backstage._worker is not None)
        await models_known(pilot, app)
        await until(pilot, lambda: "made yet" in words_of(app.studio.history))
        assert _picture_of(app) == screen


@pytest.mark.parametrize("pane", ["f3", "f5"], ids=["parameters", "history"])
async def test_the_tabs_of_a_narrow_terminal(
    make_app: MakeApp, week: list[Entry], screen: SnapshotAssertion, pane: str
) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await history_shown(pilot, app, len(week))
        await pilot.press(pane)
        await pilot.pause()
        assert _picture_of(app) == screen


async def test_a_low_terminal_has_no_borders(
    make_app: MakeApp, week: list[Entry], screen: SnapshotAssertion
) -> None:
    app = make_app()
    async with app.run_test(size=(80, 20)) as pilot:
        await history_shown(pilot, app, len(week))
        await pilot.press("f5", "enter")
        await picture_shown(pilot, app)
        assert _picture_of(app) == screen


@pytest.mark.parametrize("theme", THEMES)
async def test_a_failure_and_an_illegal_value(
    make_app: MakeApp, week: list[Entry], screen: SnapshotAssertion, theme: str
) -> None:
    app = make_app(theme=theme)
    async with app.run_test(size=(120, 40)) as pilot:
        await history_shown(pilot, app, len(week))
        await pilot.press("f5", "down", "down", "enter")
        await until(pilot, lambda: "refused the prompt" in words_of(app.studio.picture))
        await pilot.press("f3", "tab", *"2000x1000")
        await until(pilot, lambda: "2715×1358" in words_of(app.studio.form))
        assert _picture_of(app) == screen


@pytest.mark.parametrize("theme", THEMES)
async def test_a_menu_over_the_form(
    make_app: MakeApp, screen: SnapshotAssertion, theme: str
) -> None:
    app = make_app(theme=theme)
    async with app.run_test(size=(120, 40)) as pilot:
        await models_known(pilot, app)
        await pilot.press("f3", "enter")
        await until(pilot, lambda: len(app.screen_stack) == 2)
        await pilot.pause()
        assert _picture_of(app) == screen


SERVERS = """\
endpoint = "studio"

[endpoints.studio]
base_url = "http://127.0.0.1:9/v1"
key = { env = "STUDIO_KEY" }

[endpoints.studio.headers]
X-Api-Key = "sk-0123456789"
Accept-Language = "en"

[endpoints.openai]
timeout = 900
"""


@pytest.fixture
def servers(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    """A config.toml with endpoints of every kind."""
    paths.config_file.write_text(SERVERS)
    monkeypatch.setenv("STUDIO_KEY", "key-0123456789")


async def _opened(pilot: Pilot[None], app: DarkroomApp) -> SettingsScreen:
    await pilot.press("f8")
    await until(pilot, lambda: isinstance(app.screen, SettingsScreen), "the settings")
    assert isinstance(app.screen, SettingsScreen)
    screen = app.screen
    await until(pilot, lambda: "key found" in text_of(screen.endpoints), "what the file says")
    return screen


@pytest.mark.usefixtures("servers")
@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_the_settings_of_the_endpoints(
    make_app: MakeApp, screen: SnapshotAssertion, theme: str, size: tuple[int, int]
) -> None:
    app = make_app(theme=theme, endpoint="studio")
    async with app.run_test(size=size) as pilot:
        await _opened(pilot, app)
        assert _picture_of(app) == screen


@pytest.mark.usefixtures("servers")
@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", SIZES[:2], ids=lambda size: f"{size[0]}x{size[1]}")
async def test_the_settings_changed_and_wrong(
    make_app: MakeApp, screen: SnapshotAssertion, theme: str, size: tuple[int, int]
) -> None:
    app = make_app(theme=theme, endpoint="studio")
    async with app.run_test(size=size) as pilot:
        settings = await _opened(pilot, app)
        await pilot.press("enter")
        settings.query_one("#field-base-url Input", Input).value = "studio.example/v1"
        await until(pilot, lambda: "neither http nor https" in words_of(settings.form))
        assert _picture_of(app) == screen


@pytest.mark.usefixtures("servers")
@pytest.mark.parametrize("theme", THEMES)
async def test_the_settings_tested(
    make_app: MakeApp, screen: SnapshotAssertion, theme: str
) -> None:
    app = make_app(theme=theme, endpoint="studio")
    async with app.run_test(size=(120, 40)) as pilot:
        settings = await _opened(pilot, app)
        await pilot.press("t")
        await until(pilot, lambda: "One thing stands in the way" in words_of(settings.report))
        assert _picture_of(app) == screen


@pytest.mark.usefixtures("servers")
async def test_the_settings_in_a_low_terminal(make_app: MakeApp, screen: SnapshotAssertion) -> None:
    app = make_app(endpoint="studio")
    async with app.run_test(size=(80, 20)) as pilot:
        await _opened(pilot, app)
        await pilot.press("enter")
        await pilot.pause()
        assert _picture_of(app) == screen


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", SIZES[:2], ids=lambda size: f"{size[0]}x{size[1]}")
async def test_what_changed_between_two_entries(
    make_app: MakeApp,
    week: list[Entry],
    screen: SnapshotAssertion,
    theme: str,
    size: tuple[int, int],
) -> None:
    app = make_app(theme=theme)
    async with app.run_test(size=size) as pilot:
        await history_shown(pilot, app, len(week))
        await models_known(pilot, app)
        await pilot.press("f5", "x", "D")
        await until(pilot, lambda: isinstance(app.screen, DifferenceScreen), "the difference")
        await pilot.press("space")
        await until(pilot, lambda: "endpoint" in text_of(app.screen), "what stayed")
        assert _picture_of(app) == screen


@pytest.mark.parametrize("theme", THEMES)
async def test_a_search_with_marks(
    make_app: MakeApp, week: list[Entry], screen: SnapshotAssertion, theme: str
) -> None:
    app = make_app(theme=theme)
    async with app.run_test(size=(120, 40)) as pilot:
        await history_shown(pilot, app, len(week))
        await models_known(pilot, app)
        await pilot.press("f5", "slash", *"status:done", "down")
        await history_shown(pilot, app, 5)
        await pilot.press("x", "x")
        await until(pilot, lambda: "5 found" in text_of(app.studio.history_pane))
        assert _picture_of(app) == screen
