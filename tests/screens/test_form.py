"""The parameter form, used by keys alone and by mouse."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from tests.screens.conftest import MakeApp
from tests.screens.waiting import history_shown, text_of, until, words_of
from tui.app import DarkroomApp
from tui.config import JSON, Config, EndpointSettings
from tui.generation.counts import form_card
from tui.history.entry import Entry
from tui.history.store import HistoryStore
from tui.widgets.field_list import FieldList
from tui.widgets.fields.extra import AddParameter, ExtraField
from tui.widgets.fields.field import Field
from tui.widgets.fields.seed import SeedField
from tui.widgets.fields.size import SizeField
from tui.widgets.fields.typed import TypedField
from tui.widgets.picks import Picks, places

WIDE = (120, 40)
NARROW = (80, 24)


def rows_of(app: DarkroomApp) -> FieldList:
    return app.studio.form.query_one(FieldList)


async def set_to(pilot: Pilot[None], app: DarkroomApp, values: dict[str, JSON]) -> None:
    """Wait until the draft holds `values` for its model."""
    await until(
        pilot, lambda: app.studio.draft.own_values == values, f"{app.studio.draft.own_values}"
    )


async def click_pick(
    pilot: Pilot[None], row: SizeField | SeedField | ExtraField, word: str
) -> None:
    picks = row.query_one(Picks)
    index = next(i for i, pick in enumerate(picks.picks) if pick.text.startswith(word))
    place = next(p for p in places(picks._groups, picks.size.width) if p.pick == index)
    await pilot.click(picks, offset=(place.start, place.line))


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
async def test_every_kind_of_field_is_set_by_keys_alone(
    make_app: MakeApp, size: tuple[int, int]
) -> None:
    app = make_app()
    async with app.run_test(size=size) as pilot:
        values: dict[str, JSON] = {}
        await pilot.press("f3", "tab", *"16:9")
        values["size"] = "2560x1440"
        await set_to(pilot, app, values)
        # The cursor is on 2K, where the size is.
        await pilot.press("tab", "right", "enter")
        values["size"] = "5504x3040"
        await set_to(pilot, app, values)
        await pilot.press("ctrl+t")
        values["size"] = "3040x5504"
        await set_to(pilot, app, values)
        await pilot.press("right", "right", "space")
        values["size"] = "3520x4704"
        await set_to(pilot, app, values)
        assert "3520×4704" in text_of(app.studio.form)
        await pilot.press("tab", *"41", "up")
        values["seed"] = 42
        await set_to(pilot, app, values)
        await pilot.press("tab", "right", "enter")
        await until(pilot, lambda: app.studio.draft.seed_mode(app.studio.drafting.card) == "next")
        await pilot.press("tab", "up")
        await until(pilot, lambda: app.studio.draft.images == {"seedream-4.5": 2})
        await pilot.press("tab", "space")
        values["watermark"] = True
        await set_to(pilot, app, values)
        await pilot.press("tab", "right", "right")
        values["sequential_image_generation"] = 3
        await set_to(pilot, app, values)
        await pilot.press("tab", "enter")
        await until(pilot, lambda: len(app.screen_stack) == 2, "the menu")
        await pilot.press("down", "enter")
        values["response_format"] = "b64_json"
        await set_to(pilot, app, values)
        await pilot.press("tab", "enter")
        await until(pilot, lambda: len(rows_of(app).extras) == 1, "a row")
        await pilot.press(*"guidance", "enter", *"7")
        values["guidance"] = 7
        await set_to(pilot, app, values)
        await pilot.press("tab", "right", "enter")
        await until(pilot, lambda: app.studio.draft.own_values["guidance"] == 7.0)
        await pilot.press("tab", "tab", "tab")
        assert app.focused is app.studio.form.query_one("#send")
        # And all the way back: each is given back to the model by one key.
        for name in ("guidance", "response_format", "sequential_image_generation", "watermark"):
            # From the button, there are the references and the line that adds between.
            steps = 3 if name == "guidance" else 1
            await pilot.press(*["shift+tab"] * steps, "ctrl+r")
            del values[name]
            await set_to(pilot, app, values)


async def test_every_kind_of_field_is_set_by_mouse(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: len(rows_of(app).fields) == 6)
        rows = {field.parameter.name: field for field in rows_of(app).fields}
        size, seed = rows["size"], rows["seed"]
        assert isinstance(size, SizeField)
        assert isinstance(seed, SeedField)
        values: dict[str, JSON] = {"size": "2304x1728"}
        await click_pick(pilot, size, "4:3")
        await set_to(pilot, app, values)
        values["size"] = "1728x2304"
        await click_pick(pilot, size, "⇄")
        await set_to(pilot, app, values)
        values["size"] = "3520x4704"
        await click_pick(pilot, size, "4K")
        await set_to(pilot, app, values)
        await pilot.click(size, offset=(size.size.width - 2, 0))
        await until(pilot, lambda: len(app.screen_stack) == 2, "the menu")
        await pilot.press("home", "enter")
        values["size"] = "2K"
        await set_to(pilot, app, values)
        await click_pick(pilot, seed, "fixed")
        await until(pilot, lambda: "seed" in app.studio.draft.own_values)
        await click_pick(pilot, seed, "random")
        await set_to(pilot, app, values)
        values["watermark"] = True
        await pilot.click(rows["watermark"])
        await set_to(pilot, app, values)
        await pilot.click(rows["response_format"])
        await until(pilot, lambda: len(app.screen_stack) == 2, "the menu")
        await pilot.press("end", "enter")
        values["response_format"] = "b64_json"
        await set_to(pilot, app, values)
        await pilot.click(AddParameter)
        await until(pilot, lambda: len(rows_of(app).extras) == 1, "a row")
        await pilot.press(*"style", "enter", *"7")
        (row,) = rows_of(app).extras
        await click_pick(pilot, row, "string")
        values["style"] = "7"
        await set_to(pilot, app, values)
        await click_pick(pilot, row, "×")
        del values["style"]
        await set_to(pilot, app, values)
        assert rows_of(app).extras == ()


async def test_a_label_that_is_clicked_leads_to_its_editor(make_app: MakeApp) -> None:
    app = make_app(model="kling-image-o1")
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: bool(rows_of(app).fields))
        await pilot.click("#field-n", offset=(1, 0))
        assert app.focused is app.studio.query_one("#field-n Input")
        assert "A whole number from 1 to 100." in words_of(app.studio.form)
        await pilot.press("9", "up")
        await set_to(pilot, app, {"n": 10})
        await pilot.press(*["down"] * 10)
        await set_to(pilot, app, {"n": 1})


async def test_a_round_through_all_models_loses_nothing_that_was_typed(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        studio = app.studio
        await pilot.press("f3", "tab", *"wide", "tab", "tab", *"42")
        await set_to(pilot, app, {"seed": 42})
        await pilot.click(AddParameter)
        await until(pilot, lambda: len(rows_of(app).extras) == 1, "a row")
        await pilot.press(*"steps")
        await pilot.click(AddParameter)
        await until(pilot, lambda: len(rows_of(app).extras) == 2, "a row")
        await pilot.press(*"style", "tab", *"raw")
        await set_to(pilot, app, {"seed": 42, "style": "raw"})
        for card in app.setup.catalogue.cards.values():
            await studio.use_model(card.id)
            names = [field.parameter.name for field in rows_of(app).fields]
            assert names == [parameter.name for parameter in form_card(card).parameters]
            if card.id != "seedream-4.5":
                assert rows_of(app).extras == ()
                assert studio.form.unreadable == ()
        await studio.use_model("seedream-4.5")
        await pilot.pause()
        assert studio.draft.own_values == {"seed": 42, "style": "raw"}
        assert [row.label for row in rows_of(app).extras] == ["style", "steps"]
        size = studio.query_one("#field-size", TypedField)
        assert size.typed_text == "wide"
        assert "Write a size" in size.problem
        assert studio.query_one("#field-seed", TypedField).typed_text == "42"
        assert len(studio.form.unreadable) == 2


async def test_what_two_models_have_in_common_stays_where_it_is(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: bool(rows_of(app).fields))
        before = {field.parameter.name: field for field in rows_of(app).fields}
        await pilot.press("f3", *["tab"] * 6, "space")
        await set_to(pilot, app, {"watermark": True})
        await app.studio.use_model("seedream-4.0")
        after = {field.parameter.name: field for field in rows_of(app).fields}
        kept = {name for name in before if before[name] is after[name]}
        assert kept == set(before) - {"size"}
        assert not after["watermark"].is_set, "but not with the other's value"
        assert app.focused is after["watermark"]


async def test_values_that_wait_for_another_model_are_shown_and_not_in_the_way(
    make_app: MakeApp,
) -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("f3", "tab", "tab", "tab", *"42")
        await set_to(pilot, app, {"seed": 42})
        await app.studio.use_model("glm-image")
        await pilot.pause()
        shown = words_of(app.studio.form)
        assert "takes a prompt and nothing else" in shown
        assert "Seed 42: GLM-Image has no seed; kept for Seedream 4.5" in shown
        await pilot.press("f3", "tab", "tab")
        assert isinstance(app.focused, AddParameter)
        await app.studio.use_model("seedream-4.0")
        await pilot.pause()
        assert "kept for" not in words_of(app.studio.form)
        assert app.studio.query_one("#field-seed", TypedField).typed_text == "42"


async def test_next_sends_one_seed_after_the_other(make_app: MakeApp, store: HistoryStore) -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press(*"fox", "f3", "tab", "tab", "tab", *"7", "tab", "right", "enter")
        await until(pilot, lambda: app.studio.draft.seed_mode(app.studio.drafting.card) == "next")
        await pilot.press("ctrl+j", "ctrl+j")
        await until(pilot, lambda: app.studio.history.count == 2, "both")
        seeds = [entry.parameters["seed"] for entry in store.newest().entries]
        assert sorted(seeds) == [7, 8]
        await until(pilot, lambda: app.studio.query_one(SeedField).typed_text == "9")


async def test_a_drawn_seed_is_shown_and_kept_by_one_key(
    make_app: MakeApp, store: HistoryStore
) -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press(*"fox", "ctrl+j")
        await until(pilot, lambda: app.studio.history.count == 1, "the entry")
        seed = store.newest().entries[0].parameters["seed"]
        assert f"↺ {seed}" in text_of(app.studio.form)
        await pilot.press("f3", "tab", "tab", "tab", "enter")
        await set_to(pilot, app, {"seed": seed})
        await until(pilot, lambda: "↺" not in text_of(app.studio.query_one(SeedField)))


async def test_extra_parameters_are_sent_as_they_are_at_the_first_press(
    make_app: MakeApp, store: HistoryStore
) -> None:
    app = make_app(model="glm-image")
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press(*"fox", "f3", "tab", "tab", "enter")
        await until(pilot, lambda: len(rows_of(app).extras) == 1, "a row")
        await pilot.press(*"style", "tab", *'{"a": [1, null]}')
        await set_to(pilot, app, {"style": {"a": [1, None]}})
        await pilot.press("ctrl+j")
        await until(pilot, lambda: app.studio.history.count == 1, "the entry")
    (entry,) = store.newest().entries
    assert entry.parameters["style"] == {"a": [1, None]} or entry.parameters["style"] == {"a": [1]}


async def test_what_is_wrong_with_an_extra_parameter_is_said_at_it_and_it_is_not_sent(
    make_app: MakeApp, store: HistoryStore
) -> None:
    app = make_app()
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await pilot.press(*"fox")
        await pilot.click(AddParameter)
        await until(pilot, lambda: len(rows_of(app).extras) == 1, "a row")
        (row,) = rows_of(app).extras
        await pilot.press(*"seed", "tab", "7")
        await until(pilot, lambda: "seed is set above" in words_of(row))
        assert app.studio.draft.own_values == {}
        await pilot.press("ctrl+j")
        await until(pilot, lambda: bool(app._notifications), "the objection")
        (notice,) = app._notifications
        assert notice.message == "seed: seed is set above, as Seed"
        await pilot.press("shift+tab", "backspace", *"steps", "tab", "backspace")
        await until(pilot, lambda: row.unreadable == "Write its value")
        assert row.problem == "", "while it is being written"
        await pilot.press("ctrl+j")
        await until(pilot, lambda: "Write its value" in words_of(row))
        assert len(app._notifications) == 2
    assert store.newest().entries == ()


async def test_an_empty_row_stands_in_nobodys_way(make_app: MakeApp) -> None:
    app = make_app(model="glm-image")
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press(*"fox", "f3", "tab", "tab", "enter")
        await until(pilot, lambda: len(rows_of(app).extras) == 1, "a row")
        await pilot.press("ctrl+j")
        await until(pilot, lambda: app.studio.history.count == 1, "the entry")


async def test_a_loaded_entry_shows_the_parameters_that_its_card_does_not_list(
    make_app: MakeApp, remember: Callable[..., Entry]
) -> None:
    remember("one", 5, parameters={"seed": 7, "style": "raw", "steps": 20})
    remember("two", 6, parameters={"steps": 30})
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await history_shown(pilot, app, 2)
        await pilot.press("f5", "enter")
        await set_to(pilot, app, {"seed": 7, "style": "raw", "steps": 20})
        await until(pilot, lambda: len(rows_of(app).extras) == 2, "the rows")
        await pilot.press("f5", "down", "enter")
        await set_to(pilot, app, {"steps": 30})
        await until(pilot, lambda: len(rows_of(app).extras) == 1, "the row")
        assert "30" in text_of(rows_of(app).extras[0])
        assert app.studio.query_one("#field-seed", TypedField).typed_text == ""


async def test_a_value_of_the_models_own_is_quiet_until_the_user_sets_it(
    make_app: MakeApp,
) -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("f3", "tab")
        await pilot.pause()
        field = app.studio.query_one("#field-size", TypedField)
        editor = field.query_one(Input)
        assert not field.is_set
        assert "ctrl+r" not in text_of(app.studio.query_one("KeyBar"))
        await pilot.press(*"4k", "tab")
        await until(pilot, lambda: field.is_set)
        colour = editor.styles.color
        assert "ctrl+r reset" in text_of(app.studio.query_one("KeyBar"))
        await pilot.press("delete")
        await set_to(pilot, app, {})
        assert field.typed_text == "2048×2048"
        assert editor.styles.color != colour
        await pilot.press("shift+tab", "delete", "tab")
        assert field.typed_text == "2048×2048", "an emptied field shows what the model does"
        assert app.studio.draft.own_values == {}


async def test_help_says_what_may_be_ignored(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("f3")
        await pilot.pause()
        assert "Seed *" in text_of(app.studio.form)
        assert "Call references image 1, image 2." in words_of(app.studio.form)
        await pilot.press("tab", "tab", "tab")
        await until(pilot, lambda: "* The vendor documents" in words_of(app.studio.form))
        await pilot.press("tab", "tab", "tab")
        await until(pilot, lambda: "lower right corner" in words_of(app.studio.form))
        assert "The vendor documents" not in words_of(app.studio.form)


@pytest.mark.parametrize(
    ("model", "shown"),
    [
        ("seedream-4.5", "1 image · ≈ $0.04 today $0.12"),
        ("gpt-image-2", "1 image · $? today $0.12"),
        ("a-model-nobody-described", "1 image · $? today $0.12"),
    ],
)
async def test_the_price_and_what_today_cost_stand_by_the_send_button(
    make_app: MakeApp, remember: Callable[..., Entry], model: str, shown: str
) -> None:
    remember("one", 5, images=0, cost=0.12)
    config = Config(endpoints={"down": EndpointSettings(base_url="http://127.0.0.1:9/v1")})
    app = make_app(model=model, endpoint="down", config=config)
    async with app.run_test(size=WIDE) as pilot:
        await history_shown(pilot, app, 1)
        await until(pilot, lambda: shown in words_of(app.studio.form), shown)


@pytest.mark.parametrize("size", [(20, 8), (30, 30), (60, 24)])
async def test_a_form_without_much_room_opens_all_the_same(
    make_app: MakeApp, size: tuple[int, int]
) -> None:
    app = make_app()
    async with app.run_test(size=size) as pilot:
        await pilot.press("f3", "tab", "tab", "tab", *"77")
        await set_to(pilot, app, {"seed": 77})
        assert "77" in text_of(app.studio.form)
        for field in rows_of(app).query(Field):
            assert field.region.right <= size[0]
