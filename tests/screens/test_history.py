"""Every key of the history pane, on a real history."""

from __future__ import annotations

import asyncio
import threading
from array import array
from collections.abc import Callable
from datetime import timedelta

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot
from textual.widgets import Input, TextArea

from tests.screens.conftest import NOON, MakeApp
from tests.screens.waiting import history_shown, picture_shown, text_of, until, words_of
from tui.app import DarkroomApp
from tui.config import load_config
from tui.history.desk import HistoryDesk
from tui.history.entry import Entry
from tui.history.entry_keys import key_of
from tui.history.index_rows import Row, row_of
from tui.history.lineage import Family
from tui.history.store import HistoryStore
from tui.history.trash import Trash
from tui.paths import Paths
from tui.screens.difference import DifferenceScreen
from tui.screens.entry_views import OPENING
from tui.screens.lineage import LineageScreen
from tui.widgets.text_prompt import TextPrompt

WIDE = (120, 40)
Remember = Callable[..., Entry]


async def _listed(pilot: Pilot[None], app: DarkroomApp, *heads: str) -> None:
    """Wait until just the entries whose prompts begin with `heads` are listed."""

    def is_so() -> bool:
        found = [row.head for row in app.studio.history.rows]
        return len(found) == len(heads) and all(map(str.startswith, found, heads))

    await until(pilot, is_so, f"a list of {heads}")


async def _in_history(pilot: Pilot[None], app: DarkroomApp, count: int) -> None:
    await history_shown(pilot, app, count)
    await pilot.press("f5")


async def test_a_search_narrows_the_list_as_it_is_typed(
    make_app: MakeApp, week: list[Entry]
) -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await _in_history(pilot, app, len(week))
        await pilot.press("slash", *"fox")
        await _listed(pilot, app, "fox in the snow")
        assert "1 found" in text_of(app.studio.history_pane)
        await pilot.press("enter", "enter")
        await until(pilot, lambda: app.studio.editor.text.startswith("fox"), "the prompt")
        assert app.studio.draft.model == "kling-image-o1"
        await pilot.press("f5", "escape")
        await history_shown(pilot, app, len(week))
        await pilot.press("slash", *"status:failed", "down")
        await _listed(pilot, app, "harbour at night")
        await pilot.press("slash", "ctrl+a", *"sead:7")
        await until(pilot, lambda: "seed" in text_of(app.studio.history_pane), "what is wrong")
        assert app.is_running


async def test_nothing_found_is_said(make_app: MakeApp, week: list[Entry]) -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await _in_history(pilot, app, len(week))
        await pilot.press("slash", *"zebra")
        await until(pilot, lambda: "Nothing found" in text_of(app.studio.history))
        await pilot.press("escape")
        await history_shown(pilot, app, len(week))
        assert not app.studio.history_pane.has_class("-searching")


async def test_saved_searches_stand_above_the_list_with_their_counts(
    make_app: MakeApp, week: list[Entry], paths: Paths
) -> None:
    paths.config_file.parent.mkdir(parents=True, exist_ok=True)
    paths.config_file.write_text('[searches]\nstarred = "star:"\nfoxes = "fox"\n', "utf-8")
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await _in_history(pilot, app, len(week))
        pane = app.studio.history_pane
        await until(pilot, lambda: "starred 1 foxes 1" in words_of(pane), "the counts")
        await pilot.press("shift+tab", "enter")
        await _listed(pilot, app, "seven lanterns")
        assert app.studio.history.has_focus
        await pilot.press("shift+tab", "right", "enter")
        await _listed(pilot, app, "fox in the snow")
        await pilot.press("escape")
        await history_shown(pilot, app, len(week))


async def test_a_search_is_kept_renamed_and_forgotten(
    make_app: MakeApp, week: list[Entry], paths: Paths
) -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await _in_history(pilot, app, len(week))
        pane = app.studio.history_pane

        async def name_it(*keys: str) -> None:
            await pilot.press("f5", "slash", "ctrl+s")
            await until(pilot, lambda: isinstance(app.screen, TextPrompt), "the question")
            await pilot.press(*keys, "enter")

        await pilot.press("slash", *"star:", "enter")
        await name_it(*"best")
        await until(pilot, lambda: "best 1" in words_of(pane), "the search")
        assert load_config(paths.config_file).searches == {"best": "star:"}
        await name_it("end", *"er")
        await until(pilot, lambda: "bester 1" in words_of(pane), "the new name")
        assert load_config(paths.config_file).searches == {"bester": "star:"}
        await pilot.press("f5", "slash", *"fox", "enter")
        await _listed(pilot, app, "fox in the snow")
        await name_it(*"bester")
        await until(
            pilot,
            lambda: any("another search" in note.message for note in app._notifications),
            "that there is one of that name",
        )
        await pilot.press("f5", "slash", *"star:", "enter")
        await _listed(pilot, app, "seven lanterns")
        await name_it(*["backspace"] * 6)
        await until(pilot, lambda: "bester" not in words_of(pane), "that it is gone")
        assert load_config(paths.config_file).searches == {}


async def test_parts_of_an_entry_come_into_the_draft_and_go_again(
    make_app: MakeApp, remember: Remember
) -> None:
    remember("a fox", 10, parameters={"seed": 7, "size": "2304x1728"}, images=0)
    remember("an owl", 20, model="glm-image", parameters={}, images=0)
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        studio = app.studio
        studio.editor.insert("a crow")
        await _in_history(pilot, app, 2)

        async def pressed(key: str, condition: Callable[[], bool]) -> None:
            await pilot.press(key)
            await until(pilot, condition, key)
            assert studio.history.has_focus, "one goes on in the list"

        own = lambda: studio.draft.own_values  # noqa: E731
        await pressed("s", lambda: own() == {"seed": 7})
        await pressed("d", lambda: own() == {"seed": 7, "size": "2304x1728"})
        await pressed("p", lambda: studio.editor.text == "a fox")
        await pressed("u", lambda: studio.editor.text == "a crow")
        await pressed("u", lambda: own() == {"seed": 7})
        await pressed("ctrl+z", lambda: own() == {})
        await pressed("r", lambda: own() == {"size": "2304x1728"})
        assert studio.editor.text == "a fox"
        assert studio.draft.parent == studio.history.current
        await pressed("u", lambda: own() == {})
        await pressed("a", lambda: own() == {"seed": 7, "size": "2304x1728"})
        await pilot.press("down")
        await pressed("n", lambda: studio.draft.model == "glm-image")
        assert studio.editor.text == "a fox"
        await pilot.press("s")
        await until(
            pilot,
            lambda: any("No seed is known" in notice.message for notice in app._notifications),
            "why not",
        )


async def test_marks_of_the_user_are_kept_and_undone(
    make_app: MakeApp, week: list[Entry], store: HistoryStore
) -> None:
    first, second, third = week[:3]
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await _in_history(pilot, app, len(week))

        async def on_disk(entry: Entry, **facts: object) -> None:
            def is_so() -> bool:
                found = store.read(entry.id)
                return all(getattr(found, name) == value for name, value in facts.items())

            await until(pilot, is_so, str(facts))

        await pilot.press("full_stop")
        await on_disk(first, starred=True)
        await until(pilot, lambda: "★ A weathered" in text_of(app.studio.history), "the star")
        await pilot.press("4")
        await on_disk(first, rating=4)
        await until(pilot, lambda: "4/5" in text_of(app.studio.history), "the rating")
        await pilot.press("t")
        await until(pilot, lambda: isinstance(app.focused, Input), "the tags' line")
        await pilot.press(*"night, sea,night", "enter")
        await on_disk(first, tags=("night", "sea"))
        await pilot.press("e")
        await until(pilot, lambda: isinstance(app.focused, TextArea), "the note's editor")
        await pilot.press(*"keep", "ctrl+j")
        await on_disk(first, note="keep")
        await pilot.press("x", "down", "X")
        assert app.studio.history.marked == tuple(entry.id for entry in (first, second, third))
        await pilot.press("2")
        for entry in (first, second, third):
            await on_disk(entry, rating=2)
        await pilot.press("u")
        await on_disk(first, rating=4)
        await on_disk(second, rating=0)
        for facts in ({"note": ""}, {"tags": ()}, {"rating": 0}, {"starred": False}):
            await pilot.press("u")
            await on_disk(first, **facts)
        assert store.read(first.id) == first


async def test_what_is_thrown_away_comes_back(
    make_app: MakeApp, week: list[Entry], store: HistoryStore, paths: Paths
) -> None:
    app = make_app()
    trash = Trash(paths, store)
    async with app.run_test(size=WIDE) as pilot:
        history = app.studio.history
        await _in_history(pilot, app, len(week))
        await pilot.press("down", "delete")
        await history_shown(pilot, app, len(week) - 1)
        assert history.current == week[2].id, "the cursor stays where it is"
        assert [found.entry.id for found in trash.entries()] == [week[1].id]
        await pilot.press("x", "x", "delete")
        await history_shown(pilot, app, len(week) - 3)
        await pilot.press("u")
        await history_shown(pilot, app, len(week) - 1)
        await pilot.press("u")
        await history_shown(pilot, app, len(week))
        assert history.current == week[1].id
        assert trash.entries() == ()
        assert list(history.ids) == [entry.id for entry in week]


async def test_the_trash_is_emptied_when_the_user_says_so_and_with_a_word(
    make_app: MakeApp, week: list[Entry], store: HistoryStore, paths: Paths
) -> None:
    trash = Trash(paths, store)
    trash.discard(week[0].id, NOON.date() - timedelta(days=31))
    trash.discard(week[1].id, NOON.date() - timedelta(days=30))
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await history_shown(pilot, app, len(week) - 2)
    assert len(trash.entries()) == 2, "never by itself"
    paths.config_file.write_text("trash_days = 30\n", "utf-8")
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await until(
            pilot,
            lambda: any("1 entry removed" in notice.message for notice in app._notifications),
            "the notice",
        )
    assert [found.entry.id for found in trash.entries()] == [week[1].id]


async def test_facts_of_an_entry_are_copied(
    make_app: MakeApp, week: list[Entry], paths: Paths
) -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await _in_history(pilot, app, len(week))
        expected = [
            week[0].prompt,
            str(paths.data / week[0].images[0].file),
            week[0].id,
        ]
        for index, text in enumerate(expected):
            await pilot.press("y", *["down"] * index, "enter")
            await until(pilot, lambda text=text: app.clipboard == text, text)  # type: ignore[misc]
        await pilot.press("y", "end", "enter")
        await until(pilot, lambda: app.clipboard.startswith("curl "), "the command")
        assert week[0].prompt in app.clipboard


async def test_what_another_program_does_is_seen(
    make_app: MakeApp, week: list[Entry], store: HistoryStore, remember: Remember
) -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await _in_history(pilot, app, len(week))
        await asyncio.to_thread(remember, "from elsewhere", 1, images=0)
        await history_shown(pilot, app, len(week) + 1)
        assert app.studio.history.rows[0].head == "from elsewhere"
        await asyncio.to_thread(store.change, week[1].id, lambda e: replace(e, starred=True))
        await until(pilot, lambda: "★ fox" in text_of(app.studio.history), "the star")
        store.entry_path(week[0].id).unlink()
        await history_shown(pilot, app, len(week))


async def test_a_history_of_thousands_scrolls_to_its_end(
    make_app: MakeApp, store: HistoryStore, week: list[Entry]
) -> None:
    count = 1000
    for number in range(count):
        created = NOON - timedelta(days=20, hours=number)
        id = f"{created:%Y%m%dT%H%M%S}000-{number:06x}"
        store.write(replace(week[2], id=id, created=created, prompt=f"number {number}"))
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await _in_history(pilot, app, count + len(week))
        await pilot.press("end")
        await until(pilot, lambda: "number 999" in text_of(app.studio.history), "the oldest")
        for _ in range(3):
            await pilot.press("pageup")
        await until(pilot, lambda: "…\n" not in text_of(app.studio.history), "rows")
        await pilot.press("home")
        await until(pilot, lambda: "A weathered" in text_of(app.studio.history), "the newest")


async def test_what_comes_all_day_is_not_all_kept(make_app: MakeApp, week: list[Entry]) -> None:
    app = make_app()
    page, looks = 100, 40
    rows: dict[int, Row] = {}
    for number in range(page * looks):
        created = NOON + timedelta(seconds=number)
        entry = replace(week[2], id=f"{created:%Y%m%dT%H%M%S}000-{number:06x}", created=created)
        rows[key_of(entry.id)] = row_of(entry)
    keys = sorted(rows)
    async with app.run_test(size=WIDE) as pilot:
        await _in_history(pilot, app, len(week))
        history = app.studio.history
        for look in range(1, looks + 1):
            # Those of one look after another, and the cursor stays with the newest.
            newest = array("q", reversed(keys[: page * look]))
            found = {key: rows[key] for key in newest[:page]}
            history.show_found(newest, found, is_filtered=False, is_new=True)
        assert history.count == page * looks
        assert len(history.rows) < history.count / 2
        assert history.rows[0].id == rows[keys[-1]].id


async def test_earlier_prompts_come_back_into_the_editor(
    make_app: MakeApp, week: list[Entry]
) -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await history_shown(pilot, app, len(week))
        editor = app.studio.editor
        editor.insert("what I write")
        for entry in week[:2]:
            await pilot.press("alt+up")
            await until(pilot, lambda entry=entry: editor.text == entry.prompt, entry.prompt)  # type: ignore[misc]
        for text in (week[0].prompt, "what I write"):
            await pilot.press("alt+down")
            await until(pilot, lambda text=text: editor.text == text, text)  # type: ignore[misc]


async def test_the_next_start_is_where_the_last_one_was_left(
    make_app: MakeApp, week: list[Entry]
) -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await _in_history(pilot, app, len(week))
        await pilot.press("down", "enter")
        await picture_shown(pilot, app)
        await until(pilot, lambda: app.studio.editor.text.startswith("fox"), "the prompt")
        app.studio.editor.insert("my own ")
        await pilot.press("f5", "slash", *"snow", "enter")
        await _listed(pilot, app, "fox in the snow")
        written = app.studio.editor.text
        draft = app.studio.draft
    again = make_app()
    async with again.run_test(size=WIDE) as pilot:
        studio = again.studio
        await _listed(pilot, again, "fox in the snow")
        assert studio.editor.text == written
        assert replace(studio.draft, prompt="") == replace(draft, prompt="")
        assert studio.pane == "history"
        await picture_shown(pilot, again)
        assert "Kling" in words_of(studio.form)


async def test_all_of_an_entry_is_shown_and_the_form_stays(
    make_app: MakeApp, week: list[Entry]
) -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await _in_history(pilot, app, len(week))
        draft = app.studio.draft
        details = app.studio.history_pane.details
        await pilot.press("down", "down", "i")
        for words in ("harbour at night", "refused by filter", "Nothing was charged"):
            await until(pilot, lambda words=words: words in words_of(details), words)  # type: ignore[misc]
        # It follows the cursor, and what is done to the entry.
        await pilot.press("up")
        await until(pilot, lambda: "fox in the snow" in words_of(details), "the next")
        await pilot.press("4", "tab")
        assert details.has_focus
        await pilot.press("end")
        await until(pilot, lambda: "4 of 5" in words_of(details), "the rating")
        await until(pilot, lambda: week[1].id in words_of(details), "its id")
        await pilot.press("escape")
        assert app.studio.history.has_focus
        await pilot.press("i")
        assert details.region.area == 0
        assert app.studio.draft == draft


async def test_details_of_nothing(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("f5", "i")
        details = app.studio.history_pane.details
        await until(pilot, lambda: "No entry is chosen" in words_of(details), "that there is none")
        await pilot.press("tab", "i")
        assert app.studio.history.has_focus
        assert details.region.area == 0


async def test_a_family_is_shown_and_one_of_it_is_gone_to(
    make_app: MakeApp, remember: Remember, store: HistoryStore
) -> None:
    old = remember("a red fox", 30, parameters={"seed": 7}, images=0)
    new = remember("a blue fox", 20, parameters={"seed": 8}, images=0)
    remember("an owl", 10, images=0)
    store.write(replace(new, parent=old.id))
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await _in_history(pilot, app, 3)
        await pilot.press("slash", *"blue", "enter")
        await _listed(pilot, app, "a blue fox")
        await pilot.press("L")
        await until(pilot, lambda: isinstance(app.screen, LineageScreen), "the family")
        assert "+blue −red · seed 7 → 8" in words_of(app.screen)
        await pilot.press("up", "enter")
        await until(pilot, lambda: app.studio.history.current == old.id, "the one chosen")
        assert app.studio.history.count == 3


@pytest.mark.parametrize(("key", "opens"), [("f2", False), ("f3", False), ("down", True)])
async def test_a_screen_on_its_way_does_not_open_over_who_went_on(
    make_app: MakeApp, remember: Remember, monkeypatch: pytest.MonkeyPatch, key: str, opens: bool
) -> None:
    has_begun, may_end = threading.Event(), threading.Event()
    family = HistoryDesk.family

    def slow_family(desk: HistoryDesk, entry_id: str) -> Family:
        has_begun.set()
        may_end.wait(30)
        return family(desk, entry_id)

    monkeypatch.setattr(HistoryDesk, "family", slow_family)
    remember("a red fox", 30, images=0)
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await _in_history(pilot, app, 1)
        await pilot.press("L")
        await until(pilot, has_begun.is_set, "that it is on its way")
        await pilot.press(key)
        may_end.set()
        on_their_way = [each for each in app.workers if each.group == OPENING]
        await until(pilot, lambda: all(each.is_finished for each in on_their_way), "the end of it")
        assert isinstance(app.screen, LineageScreen) == opens


async def test_what_changed_is_shown_against_the_parent_or_a_mark(
    make_app: MakeApp, remember: Remember, store: HistoryStore
) -> None:
    old = remember("a red fox", 30, parameters={"seed": 7}, images=0)
    new = remember("a blue fox", 20, parameters={"seed": 8}, images=0)
    remember("an owl", 10, parameters={"seed": 8}, images=0)
    store.write(replace(new, parent=old.id))
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await _in_history(pilot, app, 3)
        await pilot.press("D")
        await until(
            pilot,
            lambda: any("Mark one" in notice.message for notice in app._notifications),
            "what to do",
        )
        await pilot.press("down", "D")
        await until(pilot, lambda: isinstance(app.screen, DifferenceScreen), "the difference")
        assert "a red blue fox" in words_of(app.screen)
        assert "7 → 8" in words_of(app.screen)
        assert "seedream-4.5" not in words_of(app.screen)
        await pilot.press("space")
        await until(pilot, lambda: "seedream-4.5" in words_of(app.screen), "what stayed")
        await pilot.press("escape", "home", "x", "D")
        await until(pilot, lambda: isinstance(app.screen, DifferenceScreen), "the other one")
        prompt = app.screen.query_one("#difference-prompt")
        await until(pilot, lambda: "blue fox owl" in words_of(prompt), "what was marked")
