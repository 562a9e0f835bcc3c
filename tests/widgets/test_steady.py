"""Waiting for what is on its way to a widget."""

from __future__ import annotations

from textual import events
from textual.app import App, ComposeResult
from textual.screen import ModalScreen, Screen
from textual.widgets import Input

from tui.widgets.steady import Steady, open_over, when_settled


class _Page(Steady, Screen[None]):
    pass


class _Form(App[None]):
    def compose(self) -> ComposeResult:
        yield Input()


async def test_what_was_on_its_way_comes_first() -> None:
    app = _Form()
    async with app.run_test() as pilot:
        field = app.query_one(Input)
        seen: list[str] = []
        for key in "abc":
            field._forward_event(events.Key(key, key))
        when_settled([field, None], lambda: seen.append(field.value))
        assert seen == []
        await pilot.pause()
        assert seen == ["abc"]


async def test_nothing_is_waited_for_where_nothing_is() -> None:
    seen: list[str] = []
    when_settled([None], lambda: seen.append("at once"))
    assert seen == ["at once"]


async def test_a_widget_that_is_gone_holds_nothing_up() -> None:
    app = _Form()
    async with app.run_test() as pilot:
        field = app.query_one(Input)
        await field.remove()
        seen: list[str] = []
        when_settled([field, app.screen], lambda: seen.append("after all"))
        await pilot.pause()
        assert seen == ["after all"]


async def test_a_screen_opens_over_its_own_alone() -> None:
    app = _Form()
    async with app.run_test() as pilot:
        field = app.query_one(Input)
        first: ModalScreen[str] = ModalScreen()
        answers: list[str | None] = []
        open_over(field, first, answers.append)
        open_over(field, ModalScreen[str](), answers.append)
        await pilot.pause()
        assert app.screen_stack == [app.screen_stack[0], first]
        first.dismiss("chosen")
        await pilot.pause()
        assert answers == ["chosen"]
        open_over(field, ModalScreen[str](), answers.append)
        await pilot.pause()
        assert len(app.screen_stack) == 2


async def test_a_screen_is_called_after_it_was_drawn() -> None:
    app = _Form()
    async with app.run_test() as pilot:
        page = _Page()
        await app.push_screen(page)
        seen: list[str] = []
        page.call_after_refresh(seen.append, "drawn")
        await pilot.pause()
        assert seen == ["drawn"]


async def test_a_screen_that_is_closed_is_not_called_any_more() -> None:
    app = _Form()
    async with app.run_test() as pilot:
        for _ in range(5):
            page = _Page()
            await app.push_screen(page)
            seen: list[bool] = []
            page.call_after_refresh(lambda page=page, seen=seen: seen.append(page.is_running))  # type: ignore[misc]
            closed = page.dismiss()
            app.screen.refresh()
            await closed
            await pilot.pause()
            assert False not in seen
