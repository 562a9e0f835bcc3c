"""The prompt editor: what is put into it can be taken back, and earlier prompts are asked for."""

from __future__ import annotations

import pytest
from textual import events, on
from textual.app import App, ComposeResult

from tui.widgets.prompt_editor import Paste, PromptEditor


class _Editing(App[None]):
    """Hears what the editor asks for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.pastes: list[Paste] = []

    def compose(self) -> ComposeResult:
        yield PromptEditor()

    @on(PromptEditor.Pasted)
    def _pasted(self, event: PromptEditor.Pasted) -> None:
        self.asked.append(event.paste.text)
        self.pastes.append(event.paste)

    @on(PromptEditor.NothingPasted)
    def _nothing_pasted(self) -> None:
        self.asked.append("a picture")

    @on(PromptEditor.TextWanted)
    def _text_wanted(self) -> None:
        self.asked.append("text")

    @on(PromptEditor.OlderWanted)
    def _older(self) -> None:
        self.asked.append("older")

    @on(PromptEditor.NewerWanted)
    def _newer(self) -> None:
        self.asked.append("newer")


async def test_earlier_prompts_are_asked_for_by_keys_that_may_be_others() -> None:
    app = _Editing()
    async with app.run_test() as pilot:
        app.query_one(PromptEditor).insert("one\ntwo")
        await pilot.press("alt+up", "alt+up", "alt+down")
        assert app.asked == ["older", "older", "newer"]
        app.set_keymap({"older-prompt": "ctrl+g", "newer-prompt": "ctrl+t"})
        await pilot.press("ctrl+g", "ctrl+t", "alt+up")
        assert app.asked == ["older", "older", "newer", "older", "newer"]
        assert app.query_one(PromptEditor).text == "one\ntwo"


@pytest.mark.parametrize("prompts", [["fox", "owl\nin snow", "crow"], ["a", "b", "c"], ["", "b"]])
async def test_undo_takes_back_each_prompt_that_was_put(prompts: list[str]) -> None:
    app = _Editing()
    async with app.run_test() as pilot:
        editor = app.query_one(PromptEditor)
        await pilot.press(*"draft", "backspace")
        for prompt in prompts:
            editor.put(prompt)
            assert editor.text == prompt
            assert editor.cursor_location == editor.document.end
        for before in ["draf", *prompts][-2::-1]:
            await pilot.press("ctrl+z")
            assert editor.text == before
        for prompt in prompts:
            await pilot.press("ctrl+y")
            assert editor.text == prompt
        await pilot.press("x")
        assert editor.text == f"{prompts[-1]}x"
        await pilot.press("ctrl+z")
        assert editor.text == prompts[-1]


async def test_what_looks_like_files_is_asked_about_and_can_be_taken_out_and_back() -> None:
    app = _Editing()
    async with app.run_test() as pilot:
        editor = app.query_one(PromptEditor)
        await pilot.press(*"a b", "left")
        for text in ("fox in snow", "/a.png\r\n/b.png", ""):
            app.post_message(events.Paste(text))
            await pilot.pause()
        assert app.asked == ["/a.png\r\n/b.png", "a picture"]
        (paste,) = app.pastes
        assert editor.text == "a fox in snow/a.png\n/b.pngb"
        # Typed behind it meanwhile.
        await pilot.press("!")
        assert editor.take_out(paste)
        assert editor.text == "a fox in snow!b"
        assert not editor.take_out(paste)
        # What is undone is not always that.
        await pilot.press("end", "x")
        await pilot.press("ctrl+z")
        assert app.asked[2:] == []
        await pilot.press("ctrl+z")
        assert editor.text == "a fox in snow/a.png\n/b.png!b"
        assert app.asked[2:] == ["text"]


async def test_words_that_are_put_in_stand_apart() -> None:
    app = _Editing()
    async with app.run_test() as pilot:
        editor = app.query_one(PromptEditor)
        editor.insert_words("image 1")
        await pilot.press(*"x", "home")
        editor.insert_words("image 2")
        assert editor.text == "image 2 image 1x"
        await pilot.press("end")
        editor.insert_words("image 3")
        assert editor.text == "image 2 image 1x image 3"
        await pilot.press("ctrl+z")
        assert editor.text == "image 2 image 1x"
