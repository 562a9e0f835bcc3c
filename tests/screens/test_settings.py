"""The settings of the endpoints, used as their users do, on a real config.toml."""

from __future__ import annotations

import asyncio
import tomllib
from typing import Any

import pytest
from textual import events
from textual.pilot import Pilot
from textual.widgets import Button, Input, TextArea

from tests.api.origins import free_port, hang, reply, serving
from tests.cli.servers import answering
from tests.demo.pictures import picture
from tests.screens.conftest import MakeApp
from tests.screens.waiting import history_shown, text_of, until, words_of
from tui.app import DarkroomApp
from tui.history.store import HistoryStore
from tui.paths import Paths
from tui.screens.settings import SettingsScreen
from tui.widgets.fields.drawn import DrawnField
from tui.widgets.fields.field import Field
from tui.widgets.pane_tabs import PaneTabs
from tui.widgets.value_button import ValueButton

WIDE, NARROW = (120, 40), (80, 24)
SIZES = pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
OWN = """\
# Servers of mine.
endpoint = "studio"

[endpoints.studio]  # the big one
base_url = "http://127.0.0.1:9/v1"

[endpoints.studio.headers]
X-Api-Key = "sk-CANARY-0123456789"
Accept-Language = "en"
"""


async def opened(pilot: Pilot[None], app: DarkroomApp) -> SettingsScreen:
    """The settings, opened and filled."""
    await pilot.press("f8")
    await until(pilot, lambda: isinstance(app.screen, SettingsScreen), "the screen")
    screen = app.screen
    assert isinstance(screen, SettingsScreen)
    await until(pilot, lambda: screen._found is not None, "what the file says")
    return screen


async def put(pilot: Pilot[None], screen: SettingsScreen, field: str, value: str) -> None:
    """Put the focus into a field, and type `value` in place of what it holds."""
    screen.form.go_to(field)
    await pilot.pause()
    focused = screen.focused
    assert isinstance(focused, Input | TextArea)
    focused.clear()
    await pilot.press(*("enter" if letter == "\n" else letter for letter in value))
    await pilot.pause()


async def chosen(pilot: Pilot[None], screen: SettingsScreen, name: str) -> None:
    """Move the cursor of the list to an endpoint."""
    screen.endpoints.focus()
    rows = screen.endpoints._rows
    steps = [row.name for row in rows].index(name) - screen.endpoints.cursor
    await pilot.press(*["down" if steps > 0 else "up"] * abs(steps))
    await until(pilot, lambda: screen._chosen == name, name)


async def asked_of(pilot: Pilot[None], screen: SettingsScreen, field: str) -> DrawnField:
    screen.form.go_to(field)
    await pilot.pause()
    assert isinstance(screen.focused, DrawnField)
    return screen.focused


def problem_of(screen: SettingsScreen, field: str) -> str:
    return next(f.problem for f in screen.query(Field) if f.parameter.name == field)


def notices(app: DarkroomApp) -> str:
    return "\n".join(notice.message for notice in app._notifications)


def document(paths: Paths) -> dict[str, Any]:
    return tomllib.loads(paths.config_file.read_text("utf-8"))


@SIZES
async def test_a_new_endpoint_is_written_and_the_comments_stay(
    make_app: MakeApp, paths: Paths, size: tuple[int, int]
) -> None:
    paths.config_file.write_text(OWN)
    app = make_app(endpoint="studio")
    async with app.run_test(size=size, notifications=True) as pilot:
        screen = await opened(pilot, app)
        await pilot.press("a", "down", "enter")
        await until(pilot, lambda: app.screen is screen, "the form")
        await pilot.press(*"garage", "tab")
        await put(pilot, screen, "base_url", "http://127.0.0.1:8188/v1")
        await put(pilot, screen, "headers", "X-Room: 7")
        await put(pilot, screen, "extra", '{"steps": 4}')
        button = await asked_of(pilot, screen, "image_always_array")
        await pilot.press("enter")
        await until(pilot, lambda: button.value_text() == "on")
        await pilot.press("ctrl+j")
        await until(pilot, lambda: screen._chosen == "garage", "a saved one")
    written = paths.config_file.read_text()
    assert written.startswith(OWN.rstrip())
    assert tomllib.loads(written)["endpoints"]["garage"] == {
        "base_url": "http://127.0.0.1:8188/v1",
        "timeout": 1800,
        "references": "edits",
        "image_encoding": "base64",
        "image_always_array": True,
        "response_format": "b64_json",
        "headers": {"X-Room": "7"},
        "extra": {"steps": 4},
    }
    assert paths.config_file.stat().st_mode & 0o777 == 0o600


@SIZES
async def test_a_change_is_saved_and_only_it(
    make_app: MakeApp, paths: Paths, size: tuple[int, int]
) -> None:
    paths.config_file.write_text(OWN)
    app = make_app(endpoint="studio")
    async with app.run_test(size=size, notifications=True) as pilot:
        screen = await opened(pilot, app)
        await pilot.press("enter")
        await put(pilot, screen, "timeout", "45.5")
        assert "1 change not saved" in text_of(screen.form)
        await pilot.press("escape")
        await until(pilot, lambda: "unsaved" in text_of(screen.endpoints))
        await pilot.press("ctrl+j")
        await until(pilot, lambda: not screen._desk.unsaved, "the save")
        assert "unsaved" not in text_of(screen.endpoints)
    table = document(paths)["endpoints"]["studio"]
    assert table.pop("timeout") == 45.5
    assert table == tomllib.loads(OWN)["endpoints"]["studio"]
    assert "# the big one" in paths.config_file.read_text()


async def test_the_mouse_saves_too(make_app: MakeApp, paths: Paths) -> None:
    paths.config_file.write_text(OWN)
    app = make_app(endpoint="studio")
    async with app.run_test(size=WIDE) as pilot:
        screen = await opened(pilot, app)
        await pilot.click(screen.endpoints, offset=(6, 5))
        await until(pilot, lambda: screen._chosen == "openai", "openai")
        await put(pilot, screen, "timeout", "45")
        await pilot.click(Button)
        await until(pilot, lambda: not screen._desk.unsaved, "the save")
    assert document(paths)["endpoints"]["openai"] == {"timeout": 45}


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("base_url", "ftp://x", "It cannot be used: it is neither http nor https."),
        ("timeout", "soon", "Write seconds above 0"),
        ("headers", "nothing", "Line 1 is not a header"),
        ("extra", "[", "Line 1 is not JSON"),
    ],
)
async def test_what_cannot_be_used_is_told_at_once_and_never_saved(
    make_app: MakeApp, paths: Paths, field: str, value: str, told: str
) -> None:
    paths.config_file.write_text(OWN)
    app = make_app(endpoint="studio")
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        screen = await opened(pilot, app)
        await put(pilot, screen, field, value)
        await until(pilot, lambda: told in problem_of(screen, field), told)
        screen.endpoints.focus()
        await pilot.press("ctrl+j")
        await until(
            pilot,
            lambda: any(
                notice.title == "Not saved" and told in notice.message
                for notice in app._notifications
            ),
            "the refusal",
        )
        field_of = [node for node in app.focused.ancestors_with_self if isinstance(node, Field)]
        assert field_of[0].parameter.name == field, "the focus is where it is wrong"
    assert paths.config_file.read_text() == OWN


async def test_of_a_new_one_what_is_missing_is_told_when_it_shall_be_saved(
    make_app: MakeApp,
) -> None:
    app = make_app()
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        screen = await opened(pilot, app)
        await pilot.press("a", "end", "enter")
        await until(pilot, lambda: app.screen is screen, "the form")
        assert problem_of(screen, "name") == problem_of(screen, "base_url") == ""
        await pilot.press("ctrl+j")
        await until(pilot, lambda: bool(problem_of(screen, "name")), "a problem")
        assert problem_of(screen, "base_url")
        assert "Name: Give it a name." in notices(app)


async def test_what_was_typed_right_before_it_is_saved_is_saved(
    make_app: MakeApp, paths: Paths
) -> None:
    paths.config_file.write_text(OWN)
    app = make_app(endpoint="studio")
    async with app.run_test(size=WIDE) as pilot:
        screen = await opened(pilot, app)
        await put(pilot, screen, "timeout", "1")
        for key in ("2", "3", "ctrl+j"):
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        await until(pilot, lambda: not screen._desk.unsaved, "the save")
    assert document(paths)["endpoints"]["studio"]["timeout"] == 123


async def test_nothing_typed_is_lost_by_moving_and_leaving_asks_once(
    make_app: MakeApp, paths: Paths
) -> None:
    paths.config_file.write_text(OWN)
    app = make_app(endpoint="studio")
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        screen = await opened(pilot, app)
        await put(pilot, screen, "timeout", "77")
        await chosen(pilot, screen, "openai")
        assert screen.query_one("#field-timeout Input", Input).value == "600"
        await put(pilot, screen, "timeout", "88")
        await chosen(pilot, screen, "studio")
        assert screen.query_one("#field-timeout Input", Input).value == "77"
        assert "2 unsaved" in text_of(screen.endpoints)
        await pilot.press("escape")
        await until(pilot, lambda: "Not saved: " in notices(app), "the question")
        assert app.screen is screen
    assert paths.config_file.read_text() == OWN


@pytest.mark.parametrize("key", ["escape", "ctrl+q"])
async def test_a_second_press_leaves_and_drops_what_was_changed(
    make_app: MakeApp, paths: Paths, key: str
) -> None:
    paths.config_file.write_text(OWN)
    app = make_app(endpoint="studio")
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        screen = await opened(pilot, app)
        await put(pilot, screen, "timeout", "77")
        screen.endpoints.focus()
        await pilot.press(key)
        await until(pilot, lambda: "Not saved: studio" in notices(app), "the question")
        assert app.screen is screen
        await pilot.press(key)
        await until(pilot, lambda: app.screen is not screen or app._exit, "the end of it")
    assert paths.config_file.read_text() == OWN


async def test_an_unchanged_screen_is_left_at_once(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot, app)
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.studio, "the studio")
        assert app.focused is app.studio.editor


async def test_changes_are_undone_after_asking(make_app: MakeApp, paths: Paths) -> None:
    paths.config_file.write_text(OWN)
    app = make_app(endpoint="studio")
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        screen = await opened(pilot, app)
        await put(pilot, screen, "timeout", "77")
        screen.endpoints.focus()
        await pilot.press("z")
        assert screen._desk.unsaved
        await pilot.press("z")
        await until(pilot, lambda: not screen._desk.unsaved, "the undo")
        assert screen.query_one("#field-timeout Input", Input).value == "300"


async def test_an_endpoint_in_use_is_removed_after_asking_and_another_is_used(
    make_app: MakeApp, paths: Paths
) -> None:
    paths.config_file.write_text(OWN)
    app = make_app(endpoint="studio")
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        screen = await opened(pilot, app)
        await pilot.press("x")
        await until(pilot, lambda: "Press again to remove studio" in notices(app), "the question")
        assert paths.config_file.read_text() == OWN
        await pilot.press("x")
        await until(pilot, lambda: "studio is removed" in notices(app), "the removal")
        assert "studio" not in text_of(screen.endpoints)
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.studio, "the studio")
        assert "demo: a rehearsal" in text_of(app.studio.status)
    assert document(paths) == {"endpoints": {}} or document(paths) == {}
    assert "# Servers of mine." in paths.config_file.read_text()


async def test_of_a_built_in_endpoint_what_was_changed_is_removed(
    make_app: MakeApp, paths: Paths
) -> None:
    paths.config_file.write_text("[endpoints.openai]\ntimeout = 900\n")
    app = make_app()
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        screen = await opened(pilot, app)
        assert not screen.check_action("remove", ()), "demo cannot be removed"
        await chosen(pilot, screen, "openai")
        assert "changed" in text_of(screen.endpoints)
        await pilot.press("x")
        await until(pilot, lambda: "its changes are dropped" in notices(app), "the question")
        await pilot.press("x")
        await until(pilot, lambda: "as built in now" in notices(app), "the removal")
        assert not screen.check_action("remove", ()), "there is nothing to remove any more"
        assert screen.query_one("#field-timeout Input", Input).value == "600"


async def test_use_switches_the_studio_at_once_and_the_next_job_goes_there(
    make_app: MakeApp, paths: Paths, store: HistoryStore
) -> None:
    with answering(picture()) as endpoint:
        paths.config_file.write_text(
            f'[endpoints.near]\nbase_url = "{endpoint.base_url}"\nmodel = "gpt-image-2"\n'
        )
        app = make_app()
        async with app.run_test(size=WIDE, notifications=True) as pilot:
            await until(pilot, lambda: "free here" in text_of(app.studio.form), "the price")
            screen = await opened(pilot, app)
            await chosen(pilot, screen, "near")
            await pilot.press("u")
            await until(pilot, lambda: "near is used" in text_of(screen), "the switch")
            await pilot.press("escape")
            await until(pilot, lambda: app.screen is app.studio, "the studio")
            assert "Darkroom · near · " in text_of(app.studio.status)
            assert app.studio.draft.model == "gpt-image-2", "its own, since none was chosen"
            assert "free here" not in text_of(app.studio.form)
            await pilot.press(*"fox", "ctrl+j")
            await history_shown(pilot, app, 1)
            await until(pilot, lambda: store.newest().entries[0].status == "done", "the picture")
        (body,) = endpoint.bodies
    assert (body["model"], body["prompt"]) == ("gpt-image-2", "fox")
    assert store.newest().entries[0].endpoint == "near"
    assert document(paths)["endpoint"] == "near"


async def test_a_model_that_was_chosen_stays(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        app.studio.query_one("#model", ValueButton).focus()
        await pilot.press("right")
        await until(pilot, lambda: app.studio.draft.model != "seedream-4.5", "another model")
        model = app.studio.draft.model
        screen = await opened(pilot, app)
        await chosen(pilot, screen, "openai")
        await pilot.press("u")
        await until(pilot, lambda: "openai is used" in text_of(screen), "the switch")
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.studio, "the studio")
        assert app.studio.draft.model == model


async def test_leaving_right_after_a_switch_does_not_lose_it(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        screen = await opened(pilot, app)
        await chosen(pilot, screen, "local")
        await pilot.press("u", "escape")
        await until(pilot, lambda: app.screen is app.studio, "the studio")
        await until(pilot, lambda: "· local ·" in text_of(app.studio.status), "the switch")


async def test_a_job_under_way_keeps_its_endpoint(
    make_app: MakeApp, paths: Paths, store: HistoryStore
) -> None:
    with answering(picture(), held=True) as old, answering(picture()) as new:
        paths.config_file.write_text(
            f'endpoint = "near"\n[endpoints.near]\nbase_url = "{old.base_url}"\n'
        )
        app = make_app(endpoint="near", model="gpt-image-2")
        async with app.run_test(size=WIDE, notifications=True) as pilot:
            await pilot.press(*"fox", "ctrl+j")
            await until(pilot, old.asked.is_set, "the first request")
            screen = await opened(pilot, app)
            await put(pilot, screen, "base_url", new.base_url)
            await pilot.press("ctrl+j")
            await until(pilot, lambda: not screen._desk.unsaved, "the save")
            await pilot.press("escape", "escape")
            await until(pilot, lambda: app.screen is app.studio, "the studio")
            await pilot.press(*" two", "ctrl+j")
            await until(pilot, lambda: len(new.bodies) == 1, "the second request")
            old.may_answer.set()
            await history_shown(pilot, app, 2)
            await until(
                pilot,
                lambda: [e.status for e in store.newest().entries] == ["done", "done"],
                "both pictures",
            )
        assert [body["prompt"] for body in old.bodies] == ["fox"]
        assert new.bodies[0]["prompt"].endswith("two")


HEALTHY = {"object": "list", "data": [{"id": "seedream-4.5", "object": "model"}]}


@SIZES
async def test_a_test_says_what_a_healthy_server_offers(
    make_app: MakeApp, paths: Paths, size: tuple[int, int]
) -> None:
    async with serving(reply(body=HEALTHY)) as origin:
        paths.config_file.write_text(f'[endpoints.near]\nbase_url = "{origin.url}/v1"\n')
        app = make_app(endpoint="near")
        async with app.run_test(size=size) as pilot:
            screen = await opened(pilot, app)
            await pilot.press("t")
            await until(pilot, lambda: "Nothing stands in the way" in words_of(screen.report))
            shown = words_of(screen.report)
            assert "1 listed, 1 described by cards" in shown
            assert "nothing is spent" in shown
            assert origin.posts == 0
            await pilot.press("escape")
            await until(pilot, lambda: screen.endpoints.has_focus, "the list")


async def test_a_test_says_what_is_wrong_with_a_dead_server_and_what_to_do(
    make_app: MakeApp, paths: Paths
) -> None:
    paths.config_file.write_text(
        f'[endpoints.near]\nbase_url = "http://127.0.0.1:{free_port()}/v1"\n'
    )
    app = make_app(endpoint="near")
    async with app.run_test(size=WIDE) as pilot:
        screen = await opened(pilot, app)
        await pilot.press("enter", "ctrl+t")
        await until(pilot, lambda: "One thing stands in the way" in words_of(screen.report))
        assert "could not be reached" in words_of(screen.report)
        assert "→ Check base_url" in words_of(screen.report)


async def test_what_is_tested_is_what_the_form_says(make_app: MakeApp, paths: Paths) -> None:
    async with serving(reply(body=HEALTHY)) as origin:
        paths.config_file.write_text(OWN)
        app = make_app(endpoint="studio")
        async with app.run_test(size=WIDE) as pilot:
            screen = await opened(pilot, app)
            await put(pilot, screen, "base_url", f"{origin.url}/v1")
            await pilot.press("ctrl+t")
            await until(pilot, lambda: "Nothing stands in the way" in words_of(screen.report))
        assert origin.requests[0].headers["x-api-key"] == "sk-CANARY-0123456789"
    assert paths.config_file.read_text() == OWN


async def test_a_test_that_hangs_is_stopped(make_app: MakeApp, paths: Paths) -> None:
    async with serving(hang) as origin:
        paths.config_file.write_text(f'[endpoints.near]\nbase_url = "{origin.url}/v1"\n')
        app = make_app(endpoint="near")
        async with app.run_test(size=WIDE) as pilot:
            screen = await opened(pilot, app)
            async with asyncio.timeout(60):
                # The studio asks for the models, and goes on doing so.
                await origin.asked(1)
                await pilot.press("t")
                await origin.asked(2)
            await pilot.press("escape")
            await until(pilot, lambda: "Stopped." in words_of(screen.report), "the stop")
            async with asyncio.timeout(60), origin.arrived:
                await origin.arrived.wait_for(lambda: origin.open == 1)


async def test_a_file_that_somebody_broke_is_told_of_and_nothing_is_lost(
    make_app: MakeApp, paths: Paths
) -> None:
    paths.config_file.write_text(OWN)
    app = make_app(endpoint="studio")
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        screen = await opened(pilot, app)
        await put(pilot, screen, "timeout", "77")
        paths.config_file.write_text("endpoint = [")
        await pilot.press("ctrl+j")
        await until(pilot, lambda: "What you typed is still here" in notices(app), "a sentence")
        assert screen.query_one("#field-timeout Input", Input).value == "77"
        assert paths.config_file.read_text() == "endpoint = ["
        paths.config_file.write_text(OWN)
        await pilot.press("ctrl+j")
        await until(pilot, lambda: not screen._desk.unsaved, "the save")
    assert document(paths)["endpoints"]["studio"]["timeout"] == 77


async def test_a_secret_header_is_shown_only_where_it_is_edited(
    make_app: MakeApp, paths: Paths
) -> None:
    paths.config_file.write_text(OWN)
    app = make_app(endpoint="studio")
    async with app.run_test(size=WIDE) as pilot:
        screen = await opened(pilot, app)
        assert "X-Api-Key: •••" in text_of(screen.form)
        assert "CANARY" not in text_of(screen)
        screen.form.go_to("headers")
        await pilot.pause()
        assert "X-Api-Key: sk-CANARY" in text_of(screen.form)
        await pilot.press("down")
        await until(pilot, lambda: "CANARY" not in text_of(screen), "the dots")
        assert "Accept-Language: en" in text_of(screen.form)
        await pilot.press("shift+tab")
        await until(pilot, lambda: "X-Api-Key: •••" in text_of(screen.form), "the dots")


async def test_a_place_is_asked_for_only_where_there_is_one(
    make_app: MakeApp, paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-CANARY-0123456789")
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        screen = await opened(pilot, app)
        await chosen(pilot, screen, "openai")
        await until(pilot, lambda: "Found: $OPENAI_API_KEY." in text_of(screen.form), "the key")
        place = screen.query_one("#field-place Input", Input)
        button = await asked_of(pilot, screen, "key")
        for _ in range(4):
            await pilot.press("right")
        await until(pilot, lambda: button.value_text() == "darkroom key set")
        assert (place.value, place.disabled) == ("", True)
        await pilot.press("left")
        await put(pilot, screen, "place", "pass show openai")
        await pilot.press("ctrl+j")
        await until(pilot, lambda: not screen._desk.unsaved, "the save")
        await until(pilot, lambda: "Asked when it is needed" in text_of(screen.form), "the key")
        assert "CANARY" not in text_of(screen)
    table = document(paths)["endpoints"]["openai"]
    assert table == {"key": {"command": ["pass", "show", "openai"]}}


async def test_a_model_is_taken_from_the_menu(make_app: MakeApp, paths: Paths) -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        screen = await opened(pilot, app)
        await chosen(pilot, screen, "local")
        screen.form.go_to("default_model")
        await pilot.press("down")
        await until(pilot, lambda: app.screen is not screen, "the menu")
        await pilot.press("home", "enter")
        await until(pilot, lambda: app.screen is screen, "the form")
        await pilot.press("ctrl+j")
        await until(pilot, lambda: not screen._desk.unsaved, "the save")
    first = next(iter(app.setup.catalogue.cards.values()))
    assert document(paths)["endpoints"]["local"] == {"model": first.id}


@SIZES
async def test_keyboard_alone_reaches_every_field(make_app: MakeApp, size: tuple[int, int]) -> None:
    app = make_app(endpoint="openai")
    async with app.run_test(size=size) as pilot:
        screen = await opened(pilot, app)
        await pilot.press("enter")
        reached = set()
        for _ in range(20):
            await pilot.pause()
            assert app.focused is not None
            reached |= {node.id for node in app.focused.ancestors_with_self if node.id}
            await pilot.press("tab")
        fixed = {"field-name"}
        assert {field.id for field in screen.query(Field)} - fixed <= reached
        assert "save" in reached


async def test_the_tabs_of_a_narrow_terminal_can_be_clicked(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=NARROW) as pilot:
        screen = await opened(pilot, app)
        tabs = screen.query_one(PaneTabs)
        await chosen(pilot, screen, "local")
        await pilot.click(PaneTabs, offset=(14, 0))
        await until(pilot, lambda: tabs.chosen == "settings", "the settings")
        assert "127.0.0.1:8080" in text_of(screen.form)
        await pilot.press("escape")
        await until(pilot, lambda: screen.endpoints.has_focus, "the list")


async def test_the_palette_opens_it_and_sends_nothing_from_there(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        commands = {command.title for command in app.get_system_commands(app.screen)}
        assert {"Endpoints", "Send"} <= commands
        screen = await opened(pilot, app)
        commands = {command.title for command in app.get_system_commands(screen)}
        assert not commands & {"Endpoints", "Send"}


async def test_every_key_that_is_shown_works_where_it_is_shown(
    make_app: MakeApp, paths: Paths
) -> None:
    paths.config_file.write_text(OWN)
    app = make_app()
    async with app.run_test(size=(160, 40)) as pilot:
        screen = await opened(pilot, app)
        bar = "".join(text_of(screen).splitlines()[-1])
        assert "x remove" not in bar, "demo is under the cursor"
        assert "ctrl+j save" not in bar
        await chosen(pilot, screen, "studio")
        bar = text_of(screen).splitlines()[-1]
        for words in ("enter change", "u use", "a add", "x remove", "ctrl+t test", "ctrl+j save"):
            assert words in bar
        assert "z undo" not in bar
        await pilot.press("enter")
        bar = text_of(screen).splitlines()[-1]
        for words in ("u use", "a add", "x remove"):
            assert words not in bar, "letters are typed there"


@SIZES
async def test_the_rehearsal_has_nothing_to_set(make_app: MakeApp, size: tuple[int, int]) -> None:
    app = make_app()
    async with app.run_test(size=size) as pilot:
        screen = await opened(pilot, app)
        await pilot.press("enter")
        await until(pilot, lambda: "There is nothing to set." in words_of(screen.form))
        await pilot.press("tab", "x", "escape", "escape")
        await until(pilot, lambda: app.screen is app.studio, "the studio")


async def test_an_endpoint_that_somebody_removed_meanwhile_is_told_of(
    make_app: MakeApp, paths: Paths
) -> None:
    paths.config_file.write_text(OWN)
    app = make_app(endpoint="studio")
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        paths.config_file.write_text("")
        await opened(pilot, app)
        await until(pilot, lambda: "studio is not there any more: demo is used" in notices(app))
        await until(pilot, lambda: app._in_use.name == "demo", "the switch")
