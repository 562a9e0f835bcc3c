"""The endpoint's own words about a failure, for who wants to see them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.screens.conftest import MakeApp
from tests.screens.waiting import history_shown, text_of, until, words_of
from tui.history.entry import Entry, Failure

WIDE = (120, 40)
BODY = '{"error": {"message": "[@click=app.quit]too small[/]", "code": "\\u001b[31m"}}\n' * 40
REFUSED = Failure(
    kind="invalid_request", message="Refused (400).", hint="Change it.", status=400, body=BODY
)


@pytest.mark.parametrize("size", [WIDE, (80, 24)], ids=["wide", "small"])
async def test_the_answer_is_shown_word_for_word_and_closed(
    make_app: MakeApp, remember: Callable[..., Entry], size: tuple[int, int]
) -> None:
    remember("a fox", 3, status="failed", error=REFUSED)
    app = make_app()
    async with app.run_test(size=size) as pilot:
        await history_shown(pilot, app, 1)
        await pilot.press("f5", "enter", "tab", "a")
        await until(pilot, lambda: "The endpoint's answer · status 400" in text_of(app.screen))
        assert "[@click=app.quit]too small[/]" in words_of(app.screen)
        await pilot.press("pagedown", "end", "escape")
        await until(pilot, lambda: app.screen is app.studio)


async def test_without_an_answer_there_is_no_key_for_it(
    make_app: MakeApp, remember: Callable[..., Entry]
) -> None:
    remember("a fox", 3, status="failed", error=Failure(kind="not_sent", message="No."))
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await history_shown(pilot, app, 1)
        await pilot.press("f5", "enter", "tab")
        await until(pilot, lambda: app.focused is app.studio.picture)
        assert "answer" not in text_of(app.screen)
        await pilot.press("a")
        assert app.screen is app.studio
