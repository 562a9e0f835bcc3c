"""The prompt editor: what is put into it can be taken back, and earlier prompts are asked for."""

from __future__ import annotations

import pytest
from textual import on
from textual.app import App, ComposeResult

from tui.widgets.prompt_editor import PromptEditor


class _Editing(App[None]):
    """Hears what the editor asks for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def compose(self) -> ComposeResult:
        yield PromptEditor()

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
