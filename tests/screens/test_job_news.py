"""What is drawn, and when, as jobs have news and while one types."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from textual.geometry import Region
from textual.widget import Widget

from tests.screens.conftest import MakeApp
from tests.screens.waiting import history_shown, models_known, until
from tui.app import DarkroomApp
from tui.generation.queue import Job, JobBoard
from tui.history.entry import Entry, Failure
from tui.screens import job_news
from tui.screens.studio import StudioScreen
from tui.widgets.history_sidebar import HistorySidebar
from tui.widgets.image_view import ImageView

WIDE = (120, 40)
Remember = Callable[..., Entry]


async def test_a_letter_has_nothing_drawn_but_what_it_changes(
    make_app: MakeApp, remember: Remember, monkeypatch: pytest.MonkeyPatch
) -> None:
    remember("hare", 2)
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await history_shown(pilot, app, 1)
        await models_known(pilot, app)
        drawn = _watch(monkeypatch, StudioScreen, HistorySidebar, ImageView)
        await pilot.press(*"fox")
        await until(pilot, lambda: app.studio.draft.prompt == "fox", "the draft")
        assert not drawn


async def test_news_of_a_job_has_only_its_lines_drawn(
    make_app: MakeApp, remember: Remember, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = remember("fox", 3), remember("hare", 2)
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await history_shown(pilot, app, 2)
        app.studio.job_views.show_jobs((Job(second),))
        drawn = _watch(monkeypatch, HistorySidebar)
        app.studio.history.show_jobs(JobBoard(running=(Job(first),)))
        app.studio.job_views.show_jobs((Job(first),))
        lines = {region.y for regions in drawn for region in regions}
    # A heading, and two lines for each.
    assert lines == {1, 3}, "the picture on screen is another one now"
    assert all(drawn)


async def test_of_pictures_that_come_together_the_last_is_shown(
    make_app: MakeApp, remember: Remember
) -> None:
    first, second = remember("fox", 3), remember("hare", 2)
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await history_shown(pilot, app, 2)
        app.backstage.job_news.job(Job(second))
        app.backstage.job_news.job(Job(first))
        app.backstage.job_news.job(Job(second))
        await until(pilot, lambda: app.studio.history.shown == second.id, "the last")


async def test_a_picture_is_not_kept_waiting_by_other_news(
    make_app: MakeApp, remember: Remember, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = remember("fox", 3)
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await history_shown(pilot, app, 1)
        monkeypatch.setattr(job_news, "GATHERED", 600.0)
        app.backstage.job_news._last = time.monotonic()
        app.backstage.job_news.board()
        app.backstage.job_news.job(Job(done))
        await until(pilot, lambda: app.studio.history.shown == done.id, "the picture")


def _watch(monkeypatch: pytest.MonkeyPatch, *kinds: type[Widget]) -> list[tuple[Region, ...]]:
    """The regions of each refresh of such widgets from now on; empty for all of one."""
    drawn: list[tuple[Region, ...]] = []
    refresh = Widget.refresh

    def noted(widget: Widget, *regions: Region, **how: bool) -> Widget:
        if isinstance(widget, kinds):
            drawn.append(regions)
        return refresh(widget, *regions, **how)

    monkeypatch.setattr(Widget, "refresh", noted)
    return drawn


async def test_what_befalls_several_jobs_is_said_once(
    make_app: MakeApp, remember: Remember
) -> None:
    gone = Failure("not_sent", "images.example.com could not be reached.", hint="Try again.")
    other = Failure("server", "It broke.", hint="Try again.")
    jobs = [
        Job(remember(f"fox {n}", 9 - n, status="failed", error=error))
        for n, error in enumerate((gone, other, gone, gone, gone))
    ]
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await history_shown(pilot, app, 5)
        # The last is the one whose picture pane says it.
        app.studio.job_views.show_jobs(tuple(jobs[:4]))
        app.studio.job_views.show_jobs(tuple(jobs[4:]))
        app.notify("the last")
        await until(pilot, lambda: "the last" in _messages(app), "all notifications")
        assert [(notice.title, notice.message) for notice in app._notifications] == [
            (
                "fox 0, and 1 more: not reachable",
                "images.example.com could not be reached. Nothing was charged. Try again.",
            ),
            ("fox 1: failed", "It broke. Nothing was charged. Try again."),
            ("", "the last"),
        ]


def _messages(app: DarkroomApp) -> list[str]:
    return [notice.message for notice in app._notifications]
