"""Flags at the end of a prompt: chips while typing, values of the form when it is sent."""

from __future__ import annotations

from tests.screens.conftest import MakeApp
from tests.screens.waiting import text_of, until, words_of
from tui.app import DarkroomApp
from tui.history.entry import Entry
from tui.history.store import HistoryStore


async def test_flags_are_chips_then_values_and_never_part_of_what_is_sent(
    make_app: MakeApp, store: HistoryStore
) -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        studio = app.studio
        await pilot.press(*"a fox --ar 16:9 --seed 42")
        await until(pilot, lambda: "Seed 42" in text_of(studio.editor), "the chips")
        assert " Size 2560×1440   Seed 42 " in text_of(studio.editor)
        assert studio.draft.own_values == {}

        await pilot.press("ctrl+j")
        await until(pilot, lambda: bool(_sent(app)), "the entry")
        assert studio.editor.text == "a fox"
        assert "Seed 42" not in text_of(studio.editor)
        await until(pilot, lambda: "2560×1440" in words_of(studio.form), "the form")
        assert studio.draft.own_values == {"size": "2560x1440", "seed": 42}

        # What was typed is one step of undo away.
        await pilot.press("ctrl+z")
        assert studio.editor.text == "a fox --ar 16:9 --seed 42"
    entry = store.newest().entries[0]
    assert entry.prompt == "a fox"
    assert entry.parameters["size"] == "2560x1440"
    assert entry.parameters["seed"] == 42


async def test_a_flag_names_the_model_and_the_price_follows_while_typing(
    make_app: MakeApp,
) -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        studio = app.studio
        await pilot.press(*"a fox --n 4 --m kling")
        await until(pilot, lambda: "4 images" in words_of(studio.form), "the price")
        assert studio.draft.model == "seedream-4.5"
        # Two presses at once: the second sends the same values, not those from before the flags.
        await pilot.press("ctrl+j", "ctrl+j")
        await until(pilot, lambda: len(_sent(app)) == 2, "the entries")
        assert {entry.model for entry in _sent(app)} == {"kling-image-o1"}
        assert [entry.parameters["n"] for entry in _sent(app)] == [4, 4]
        await until(pilot, lambda: "Kling Image O1" in words_of(studio.form), "the form")


async def test_a_flag_that_cannot_be_followed_is_said_before_it_is_left_out(
    make_app: MakeApp,
) -> None:
    app = make_app(model="glm-image")
    async with app.run_test(size=(120, 40)) as pilot:
        studio = app.studio
        await pilot.press(*"a fox --seed 42")
        await until(pilot, lambda: "no such parameter" in text_of(studio.editor), "the reason")
        assert "Prompt  --seed " in text_of(studio.editor)
        await pilot.press("ctrl+j")
        await until(pilot, lambda: bool(app._notifications), "the objection")
        (note,) = app._notifications
        assert "--seed: GLM-Image has no such parameter. Send once more" in note.message
        assert not _sent(app)
        assert studio.editor.text == "a fox --seed 42"
        await pilot.press("ctrl+j")
        await until(pilot, lambda: bool(_sent(app)), "the entry")
        assert [entry.prompt for entry in _sent(app)] == ["a fox"]


async def test_flags_alone_are_no_prompt(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press(*"--seed 42", "ctrl+j", "ctrl+j")
        await until(pilot, lambda: "write a prompt" in text_of(app.studio.editor), "the problem")
        assert not _sent(app)


async def test_words_that_were_sent_are_no_flags_when_they_are_loaded(
    make_app: MakeApp, store: HistoryStore
) -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        studio = app.studio
        await pilot.press(*"a sign: -- --seed 42", "ctrl+j")
        await until(pilot, lambda: bool(_sent(app)), "the entry")
        assert studio.editor.text == "a sign: -- --seed 42"
        assert [entry.prompt for entry in _sent(app)] == ["a sign: --seed 42"]
        await until(pilot, lambda: not app.backstage.jobs.queue.jobs, "the end")
        studio.editor.put("")
        await pilot.press("f5", "enter")
        await until(pilot, lambda: bool(studio.editor.text), "the prompt")
        assert studio.editor.text == "a sign: -- --seed 42"
        await pilot.press("ctrl+j")
        await until(pilot, lambda: len(_sent(app)) == 2, "the entry")
    assert {entry.prompt for entry in store.newest().entries} == {"a sign: --seed 42"}


def _sent(app: DarkroomApp) -> list[Entry]:
    return list(app._desk.store.newest().entries)
