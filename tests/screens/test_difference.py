"""What changed between two entries, as a screen."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.history.entries import DONE
from tests.screens.stage import Stage
from tests.screens.waiting import text_of, until, words_of
from tui.history.comparing import compare
from tui.screens.difference import DifferenceScreen
from tui.widgets import difference_view
from tui.widgets.difference_view import LONGEST_PROMPT

WORDS = " ".join(f"word{number}" for number in range(12_000))


async def test_words_that_went_and_came_differ_by_more_than_colour() -> None:
    before = replace(DONE, prompt="a red fox")
    screen = DifferenceScreen(compare(before, replace(DONE, prompt="a blue fox")))
    app = Stage()
    async with app.run_test(size=(80, 24)) as pilot:
        app.push_screen(screen)
        await until(pilot, lambda: "a red blue fox" in words_of(screen), "the prompt")
        styles = {
            segment.text: segment.style
            for strip in screen._compositor.render_strips()
            for segment in strip
            if segment.style is not None
        }
        assert styles["red"].strike and not styles["red"].underline
        assert styles["blue"].underline and not styles["blue"].strike


async def test_of_a_long_prompt_what_is_around_the_changes_is_shown() -> None:
    before = replace(DONE, prompt=WORDS)
    after = replace(DONE, prompt=WORDS.replace("word9000 ", "a lamp "))
    screen = DifferenceScreen(compare(before, after))
    app = Stage()
    async with app.run_test(size=(120, 40)) as pilot:
        app.push_screen(screen)
        await until(pilot, lambda: "word8999 word9000 a lamp word9001" in words_of(screen))
        assert "characters the same" in words_of(screen)
        assert "word4000" not in text_of(screen)


@pytest.mark.parametrize("after", [WORDS.replace("word", "other"), WORDS.upper(), ""])
def test_of_too_many_changes_the_first_are_shown(after: str) -> None:
    comparison = compare(replace(DONE, prompt=WORDS), replace(DONE, prompt=after))
    parts = list(difference_view._parts(comparison.prompt))
    assert "word0 " in parts[0][0]
    assert any(after[:20] in text for text, _ in parts), "also of what came"
    assert sum(len(text) for text, _ in parts) < LONGEST_PROMPT + 100
