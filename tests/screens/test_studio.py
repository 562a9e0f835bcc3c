"""The studio, used as its users do: by keys and by mouse, against the demo endpoint."""

from __future__ import annotations

import os
import threading
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace
from PIL import Image
from textual import events
from textual.widgets import Button, Input

from tests.screens.conftest import MakeApp
from tests.screens.waiting import history_shown, picture_shown, text_of, until, words_of
from tui.config import Config, EndpointSettings, load_config
from tui.history.desk import HistoryDesk
from tui.history.entry import Entry
from tui.history.store import HistoryStore
from tui.paths import Paths
from tui.screens.jobs import JobsScreen
from tui.widgets.fields.typed import TypedField
from tui.widgets.pane_tabs import PaneTabs
from tui.widgets.value_button import ValueButton

WIDE = (120, 40)
NARROW = (80, 24)
LONG_AGO = 1_000_000
"""Minutes; older than anything a test makes now."""
Remember = Callable[..., Entry]


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("key", ["ctrl+j", "alt+enter", "ctrl+enter"])
async def test_a_prompt_is_sent_and_its_picture_shown(
    make_app: MakeApp, store: HistoryStore, size: tuple[int, int], key: str
) -> None:
    app = make_app(model="kling-image-o1")
    async with app.run_test(size=size) as pilot:
        await pilot.press(*"fox", "enter", *"snow", key)
        await picture_shown(pilot, app)
        (entry,) = store.newest().entries
        assert (entry.status, entry.prompt) == ("done", "fox\nsnow")
        assert app.studio.editor.text == "fox\nsnow", "the prompt stays"
        caption = text_of(app.studio.query_one("#caption"))
        image = entry.images[0]
        assert f"{image.width}×{image.height} · Kling Image O1" in caption


async def test_the_button_sends_too(make_app: MakeApp, store: HistoryStore) -> None:
    app = make_app(model="kling-image-o1")
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press(*"fox")
        await pilot.click(Button)
        await picture_shown(pilot, app)
    assert [entry.prompt for entry in store.newest().entries] == ["fox"]


async def test_a_narrow_terminal_opens_on_the_prompt_and_says_so(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=NARROW) as pilot:
        tabs = app.studio.query_one(PaneTabs)
        assert tabs.chosen == "studio"
        await pilot.click(PaneTabs, offset=(12, 0))
        await until(pilot, lambda: tabs.chosen == "parameters")
        assert "Seedream 4.5" in text_of(app.studio.form)


@pytest.mark.parametrize("text", ["", "  "])
async def test_an_empty_prompt_is_said_beside_the_editor_and_not_sent(
    make_app: MakeApp, store: HistoryStore, text: str
) -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        app.studio.editor.put(text)
        await pilot.press("ctrl+j")
        await pilot.pause()
        assert "write a prompt first" in text_of(app.studio.editor)
        await pilot.press("x")
        await until(pilot, lambda: "prompt first" not in text_of(app.studio.editor))
    assert store.newest().entries == ()


async def test_one_may_write_and_send_while_others_run(
    make_app: MakeApp, store: HistoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DARKROOM_DEMO_LATENCY", "600")
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        for word in ("one", "two", "three"):
            app.studio.editor.put(word)
            await pilot.press("ctrl+j")
        await until(pilot, lambda: "3 running" in text_of(app.studio.status))
        await pilot.press(*" and more")
        assert app.studio.editor.text == "three and more"
        assert {entry.status for entry in store.newest().entries} == {"running"}
        await pilot.press("ctrl+q")
        await pilot.pause()
        assert app.is_running, "asks before it leaves jobs behind"
        await pilot.press("ctrl+q")
    assert {entry.status for entry in store.newest().entries} == {"unknown"}


async def test_a_running_job_can_be_stopped_from_the_history(
    make_app: MakeApp, store: HistoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DARKROOM_DEMO_LATENCY", "600")
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press(*"fox", "ctrl+j")
        await until(pilot, lambda: "1 running" in text_of(app.studio.status))
        await pilot.press("f5", "c")
        await until(pilot, lambda: "running" not in text_of(app.studio.status))
        assert "outcome unknown" in text_of(app.studio.history)
    assert store.newest().entries[0].status == "unknown"


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
async def test_enter_on_a_history_row_loads_everything_and_sends_nothing(
    make_app: MakeApp, store: HistoryStore, week: list[Entry], size: tuple[int, int]
) -> None:
    app = make_app(model="nano-banana-pro")
    async with app.run_test(size=size) as pilot:
        await history_shown(pilot, app, len(week))
        await pilot.press("f5", "enter")
        await picture_shown(pilot, app)
        studio = app.studio
        assert studio.editor.text == week[0].prompt
        assert studio.draft.model == "seedream-4.5"
        assert studio.draft.own_values == {"seed": 7, "size": "2304x1728"}
        assert "2304×1728 · Seedream 4.5 · seed 7 · 12.4 s · $0.04" in text_of(studio.picture)
        await pilot.press("f3")
        await until(pilot, lambda: "Seedream 4.5" in text_of(studio.form))
        assert "2304×1728" in text_of(studio.form)
        await pilot.press("f2", "ctrl+z")
        assert studio.editor.text == "", "undo brings the earlier prompt back"
    assert len(store.newest().entries) == len(week)


async def test_an_entry_made_from_another_names_it_as_parent(
    make_app: MakeApp, store: HistoryStore, remember: Remember
) -> None:
    origin = remember("fox", LONG_AGO, model="kling-image-o1", parameters={"size": "1k"})
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await history_shown(pilot, app, 1)
        await pilot.press("f5", "enter", "ctrl+j")
        await history_shown(pilot, app, 2)
        await until(pilot, lambda: store.newest().entries[0].status == "done")
    newest = store.newest().entries[0]
    assert (newest.parent, newest.prompt) == (origin.id, "fox")
    assert newest.parameters["size"] == "1k"


async def test_what_is_sent_while_an_entry_is_loaded_is_that_entry(
    make_app: MakeApp, store: HistoryStore, remember: Remember, monkeypatch: pytest.MonkeyPatch
) -> None:
    origin = remember("fox", LONG_AGO, model="kling-image-o1", parameters={"size": "1k"})
    app = make_app()
    read, asked, may_go_on = HistoryDesk.read, threading.Event(), threading.Event()

    def slowly(desk: HistoryDesk, entry_id: str) -> Entry:
        asked.set()
        may_go_on.wait()
        return read(desk, entry_id)

    async with app.run_test(size=WIDE) as pilot:
        await history_shown(pilot, app, 1)
        app.studio.editor.load_text("not this")
        monkeypatch.setattr(HistoryDesk, "read", slowly)
        await pilot.press("f5", "enter")
        await until(pilot, asked.is_set, "that it is read")
        await pilot.press("ctrl+j")
        assert app.studio.history.count == 1
        may_go_on.set()
        await history_shown(pilot, app, 2)
        await until(pilot, lambda: store.newest().entries[0].status == "done")
    newest = store.newest().entries[0]
    assert (newest.parent, newest.prompt) == (origin.id, "fox")


async def test_the_images_of_an_entry_are_turned_with_arrows(
    make_app: MakeApp, remember: Remember
) -> None:
    remember("three of a kind", 5, images=3)
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await history_shown(pilot, app, 1)
        await pilot.press("f5", "enter")
        await until(pilot, lambda: "1 of 3" in text_of(app.studio.picture))
        app.studio.picture.focus()
        await pilot.press("right")
        await until(pilot, lambda: "2 of 3" in text_of(app.studio.picture))
        await pilot.press("left", "left")
        await until(pilot, lambda: "3 of 3" in text_of(app.studio.picture))


async def test_the_form_shows_what_the_card_offers_and_keeps_values_for_each_model(
    make_app: MakeApp,
) -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        form = app.studio.form
        assert "Watermark" in text_of(form)
        await pilot.press("f3", "tab", *"2304x1728")
        await until(pilot, lambda: app.studio.draft.own_values == {"size": "2304x1728"})
        await _choose_model(pilot, app, "glm-image")
        assert "takes a prompt and nothing else" in words_of(form)
        await _choose_model(pilot, app, "seedream-4.5")
        assert "2304×1728" in text_of(form)


async def _choose_model(pilot: object, app: object, model: str) -> None:
    from textual.pilot import Pilot

    from tui.app import DarkroomApp

    assert isinstance(pilot, Pilot)
    assert isinstance(app, DarkroomApp)
    app.studio.query_one("#model", ValueButton).focus()
    for _ in app.setup.catalogue.cards:
        if app.studio.draft.model == model:
            break
        await pilot.press("right")
        await pilot.pause()
    assert app.studio.draft.model == model
    await pilot.pause()


async def test_a_menu_opens_over_a_field_and_sets_it(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("f3", "tab", "down")
        await until(pilot, lambda: len(app.screen_stack) == 2)
        await pilot.press("down", "enter")
        await until(pilot, lambda: len(app.screen_stack) == 1)
        await pilot.pause()
        assert app.studio.draft.own_values == {"size": "2304x1728"}
        await pilot.press("down", "escape")
        await until(pilot, lambda: len(app.screen_stack) == 1)
        assert app.studio.draft.own_values == {"size": "2304x1728"}


async def test_an_illegal_size_is_said_at_the_field_and_enter_takes_the_nearest(
    make_app: MakeApp, store: HistoryStore
) -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press(*"fox", "f3", "tab", *"2000x1000")
        await until(pilot, lambda: "2715×1358" in text_of(app.studio.form))
        await pilot.press("ctrl+j")
        await pilot.pause()
        assert store.newest().entries == (), "an objection comes before the first send"
        await pilot.press("enter")
        await until(pilot, lambda: "Too small" not in text_of(app.studio.form))
        assert app.studio.draft.own_values == {"size": "2715x1358"}


async def test_what_cannot_be_read_as_a_value_is_never_sent(
    make_app: MakeApp, store: HistoryStore
) -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press(*"fox", "f3", "tab", *"wide", "ctrl+j", "ctrl+j")
        await pilot.pause()
        field = app.studio.query_one("#field-size", TypedField)
        assert field.problem
        await pilot.press("ctrl+j")
        await pilot.pause()
    assert store.newest().entries == ()


async def test_a_number_is_stepped_with_arrows_and_the_price_follows(make_app: MakeApp) -> None:
    app = make_app(model="kling-image-o1")
    async with app.run_test(size=WIDE) as pilot:
        app.studio.query_one("#field-n Input", Input).focus()
        await pilot.press("up", "up", "up")
        await until(pilot, lambda: "4 images · ≈ $0.112" in text_of(app.studio.form))
        await pilot.press("down")
        await until(pilot, lambda: "3 images" in text_of(app.studio.form))


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
async def test_keyboard_alone_reaches_every_field(make_app: MakeApp, size: tuple[int, int]) -> None:
    app = make_app()
    async with app.run_test(size=size) as pilot:
        await pilot.press("f3")
        await pilot.pause()
        reached = set()
        for _ in range(12):
            if app.focused is not None:
                reached |= {node.id for node in app.focused.ancestors_with_self if node.id}
            await pilot.press("tab")
        card = app.setup.catalogue.card("seedream-4.5")
        fields = {f"field-{p.name.replace('_', '-')}" for p in card.parameters}
        assert {"model", "send", *fields} <= reached


async def test_an_endpoint_that_is_down_fails_the_entry_and_keeps_the_prompt(
    make_app: MakeApp, store: HistoryStore
) -> None:
    config = Config(endpoints={"down": EndpointSettings(base_url="http://127.0.0.1:9/v1")})
    app = make_app(endpoint="down", config=config)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press(*"fox", "ctrl+j")
        await until(pilot, lambda: "not reachable" in text_of(app.studio.history))
        shown = words_of(app.studio.picture)
        assert "Nothing was sent" in shown
        assert app.studio.editor.text == "fox"
        await pilot.press(*" two", "ctrl+j")
        await until(pilot, lambda: text_of(app.studio.history).count("not reachable") == 2)
    assert {entry.status for entry in store.newest().entries} == {"failed"}


async def test_a_failure_out_of_sight_is_announced(make_app: MakeApp, remember: Remember) -> None:
    config = Config(endpoints={"down": EndpointSettings(base_url="http://127.0.0.1:9/v1")})
    app = make_app(endpoint="down", config=config)
    async with app.run_test(size=NARROW) as pilot:
        await pilot.press(*"fox", "f3", "ctrl+j")
        await until(pilot, lambda: len(app._notifications) == 1)
        (notice,) = app._notifications
        assert notice.title == "fox: not reachable"
        assert "Nothing was sent" in notice.message


async def test_a_refusal_is_readable_on_screen(make_app: MakeApp, week: list[Entry]) -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await history_shown(pilot, app, len(week))
        await pilot.press("f5", "down", "down", "enter")
        await until(pilot, lambda: "refused the prompt" in words_of(app.studio.picture))
        shown = words_of(app.studio.picture)
        assert "Nothing was charged" in shown


async def test_a_broken_entry_is_counted_and_left_alone(
    make_app: MakeApp, week: list[Entry], store: HistoryStore
) -> None:
    broken = store.entry_path(week[0].id).with_name("20261122T100000000-ffffff.toml")
    broken.write_bytes(b"id = [[[")
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: "1 unreadable" in text_of(app.studio.history_pane))
        await history_shown(pilot, app, len(week))
    assert broken.read_bytes() == b"id = [[["


async def test_nothing_is_sent_at_start_for_what_was_queued_last_time(
    make_app: MakeApp, store: HistoryStore, remember: Remember
) -> None:
    remember("left over", LONG_AGO, status="queued", images=0)
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await history_shown(pilot, app, 1)
        await pilot.press(*"fox", "ctrl+j")
        await until(pilot, lambda: store.newest().entries[0].status == "done")
    assert [entry.status for entry in store.newest().entries] == ["done", "queued"]


async def test_a_disk_that_refuses_the_entry_sends_nothing_and_says_so(
    make_app: MakeApp, paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        paths.history.write_text("a file where the folder should be")
        await pilot.press(*"fox", "ctrl+j")
        await until(pilot, lambda: len(app._notifications) == 1)
        (notice,) = app._notifications
        assert "Nothing was sent" in notice.message
        assert app.studio.history.count == 0


async def test_markup_and_escapes_from_outside_are_shown_as_text(
    make_app: MakeApp, remember: Remember
) -> None:
    remember("[@click=app.quit]press[/] \x1b[31m \u202e [/tmp/x]", 5)
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await history_shown(pilot, app, 1)
        shown = text_of(app.studio.history)
        assert "[@click=app.quit]" in shown
        assert "\x1b" not in shown
        assert "\u202e" not in shown
        await pilot.press("f5", "enter")
        await picture_shown(pilot, app)
        assert app.studio.editor.text.startswith("[@click=app.quit]press[/] \x1b[31m \u202e")
        shown = text_of(app.studio.editor)
        assert "\x1b" not in shown
        assert "\u202e" not in shown


async def test_a_doctored_entry_opens_no_file_outside_the_data_folder(
    make_app: MakeApp, store: HistoryStore, remember: Remember, tmp_path: Path
) -> None:
    entry = remember("fox", 5)
    Image.new("RGB", (64, 64)).save(tmp_path / "outside.png")
    outside = replace(entry.images[0], file="../outside.png")
    store.write(replace(entry, images=(outside,)))
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await history_shown(pilot, app, 1)
        await pilot.press("f5", "enter")
        await until(pilot, lambda: "not inside the data folder" in words_of(app.studio.picture))


@pytest.mark.parametrize("theme", ["nord", "daylight", "solarized-light"])
async def test_every_theme_of_textual_can_be_used_too(make_app: MakeApp, theme: str) -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        app.theme = theme
        await pilot.pause()
        assert "Prompt" in text_of(app.studio)


@pytest.mark.parametrize("key", ["f2", "f4", "f9", "ctrl+q"])
async def test_keys_can_be_remapped(make_app: MakeApp, paths: Paths, key: str) -> None:
    paths.config_file.write_text(f'[keymap]\nsend = "{key}"\nshow-jobs = "f12"\n')
    app = make_app(model="kling-image-o1", config=load_config(paths.config_file))
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press(*"fox", key)
        await history_shown(pilot, app, 1)
        await pilot.press("f12")
        await until(pilot, lambda: isinstance(app.screen, JobsScreen), "the jobs")


async def test_keys_can_change_places(make_app: MakeApp) -> None:
    keymap = {"show-jobs": "f8", "show-endpoints": "f4"}
    app = make_app(config=Config(keymap=keymap))
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("f8")
        await until(pilot, lambda: isinstance(app.screen, JobsScreen), "the jobs")


async def test_the_history_of_the_disk_is_what_the_sidebar_shows(
    make_app: MakeApp, week: list[Entry], store: HistoryStore
) -> None:
    app = make_app()
    async with app.run_test(size=(120, 50)) as pilot:
        await history_shown(pilot, app, len(week))
        shown = text_of(app.studio.history)
        for words in ("Today", "Yesterday", "refused by filter", "outcome unknown", "★ seven"):
            assert words in shown
        assert list(app.studio.history.ids) == [
            tomllib.loads(path.read_text("utf-8"))["id"]
            for path in sorted(Path(store.entry_path(week[0].id)).parents[3].rglob("*.toml"))[::-1]
        ]


async def test_what_was_typed_before_the_send_key_is_sent_whole(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        # As a terminal's keys come that were typed faster than they are dealt with.
        for key in "a fox in the snow":
            app.post_message(events.Key("space" if key == " " else key, key))
        app.post_message(events.Key("ctrl+j", None))
        await until(pilot, lambda: bool(app.studio.history.rows), "an entry")
        assert [row.head for row in app.studio.history.rows] == ["a fox in the snow"]


async def test_what_is_typed_after_the_send_key_is_for_the_next_request(
    make_app: MakeApp, store: HistoryStore
) -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        for key in ("a", "ctrl+j", "b", "ctrl+j", "c"):
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        await until(pilot, lambda: len(app.studio.history.rows) == 2, "both entries")
        assert app.studio.editor.text == "abc"
        await until(pilot, lambda: app.studio.draft.prompt == "abc", "what will be sent next")
    assert [entry.prompt for entry in store.newest().entries] == ["ab", "a"]


async def test_a_value_typed_before_the_send_key_is_sent_too(
    make_app: MakeApp, store: HistoryStore
) -> None:
    app = make_app(model="seedream-4.0")
    async with app.run_test(size=(120, 40)) as pilot:
        app.studio.editor.insert("a fox")
        app.studio.query_one("#field-seed Input", Input).focus()
        await pilot.pause()
        for key in "4711":
            app.post_message(events.Key(key, key))
        app.post_message(events.Key("ctrl+j", None))
        await until(pilot, lambda: bool(app.studio.history.rows), "an entry")
        (row,) = app.studio.history.rows
        assert store.read(row.id).parameters["seed"] == 4711


async def test_a_menu_dismissed_twice_ends_once(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("f3", "enter")
        menu = app.screen
        menu.dismiss(None)
        menu.dismiss(None)
        await pilot.pause()
        assert app.screen is app.studio
        app.action_command_palette()
        await pilot.pause()
        palette = app.screen
        palette.dismiss(None)
        palette.dismiss(None)
        await pilot.pause()
        assert app.screen is app.studio


async def test_a_picture_opens_with_the_systems_viewer(
    make_app: MakeApp,
    week: list[Entry],
    store: HistoryStore,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = tmp_path / "told"
    program = tmp_path / "bin" / "xdg-open"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nprintf %s "$1" > "{told}"\nexit "$VIEWER_CODE"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("VIEWER_CODE", "0")
    monkeypatch.setattr("tui.viewer._OPENERS", {})
    app = make_app()
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await history_shown(pilot, app, len(week))
        app.studio.picture.focus()
        await pilot.press("o")  # There is nothing to open yet.
        await pilot.press("f5", "enter")
        await picture_shown(pilot, app)
        app.studio.picture.focus()
        await pilot.press("o")
        await until(pilot, lambda: told.exists() and bool(told.read_text()), "the viewer")
        assert told.read_text() == str(store.absolute(week[0].images[0].file))
        monkeypatch.setenv("VIEWER_CODE", "3")
        await pilot.press("o")
        await until(pilot, lambda: bool(app._notifications), "a notice")
        (notice,) = app._notifications
        assert notice.title == "Not opened"
        assert str(store.absolute(week[0].images[0].file)) in notice.message


async def test_a_long_history_scrolls_up_and_down_alone(
    make_app: MakeApp, remember: Callable[..., Entry]
) -> None:
    for minutes in range(30):
        remember(f"prompt {minutes}", minutes, images=0)
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await history_shown(pilot, app, 30)
        history = app.studio.history
        await until(pilot, lambda: history.show_vertical_scrollbar, "a scrollbar")
        assert not history.show_horizontal_scrollbar
        lines = text_of(history).splitlines()
        assert lines[1].rstrip().endswith("prompt 0")
        assert "now" in lines[2]


async def test_an_objection_is_two_sentences(make_app: MakeApp) -> None:
    app = make_app(model="seedream-4.0")
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        app.studio.editor.insert("a fox")
        app.studio.query_one("#field-size Input", Input).value = "10x10"
        await pilot.press("ctrl+j")
        await until(pilot, lambda: bool(app._notifications), "the objection")
        (notice,) = app._notifications
        assert ". Send once more to send it as it is." in notice.message
        assert ".." not in notice.message


@pytest.mark.parametrize(("count", "last"), [(4, "theme 3 is broken"), (30, "27 more problems")])
async def test_many_problems_at_the_start_leave_the_studio_in_sight(
    make_app: MakeApp, count: int, last: str
) -> None:
    app = make_app()
    problems = tuple(f"theme {number} is broken" for number in range(count))
    app.setup = replace(app.setup, problems=problems)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: len(app._notifications) == 4, "messages")
        assert last in [*app._notifications][-1].message
        assert "theme 0 is broken" in next(iter(app._notifications)).message
