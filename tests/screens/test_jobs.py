"""The panel of jobs, on real jobs of the demo endpoint."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from msgspec.structs import replace
from syrupy.assertion import SnapshotAssertion
from textual.pilot import Pilot

from tests.history.entries import DONE, entry_id
from tests.screens.conftest import MakeApp
from tests.screens.stage import Stage
from tests.screens.test_snapshots import SIZES, THEMES, ScreenExtension
from tests.screens.waiting import until, words_of
from tui.app import DarkroomApp
from tui.catalog.loading import BUNDLED_CARDS, load_catalogue
from tui.generation.progress import Pause
from tui.generation.queue import EndedJob, Job, JobBoard
from tui.history.entry import Entry, Failure, Response
from tui.history.store import HistoryStore
from tui.paths import Paths
from tui.screens.jobs import JobsScreen

WIDE = (120, 40)
NOBODY: Any = None
"""Nothing is done to the jobs."""
CARDS = load_catalogue(BUNDLED_CARDS).card


@pytest.fixture
def make_slow_app(make_app: MakeApp, paths: Paths, monkeypatch: pytest.MonkeyPatch) -> MakeApp:
    """An application whose endpoint gets one request at a time, and answers after an hour."""
    monkeypatch.setenv("DARKROOM_DEMO_LATENCY", "3600")
    paths.config_file.write_text("[queue]\nat_once = 1\n")
    return make_app


REFUSED = Failure(
    kind="content_filter",
    message="The content filter refused the prompt (400).",
    hint="Change the prompt; sending it again will not help.",
    status=400,
)


async def _sent(pilot: Pilot[None], app: DarkroomApp, *prompts: str) -> None:
    for number, prompt in enumerate(prompts, start=len(app.backstage.jobs.queue.jobs) + 1):
        app.studio.editor.load_text(prompt)
        await pilot.press("ctrl+j")
        await until(
            pilot, lambda number=number: len(app.backstage.jobs.queue.jobs) == number, prompt
        )  # type: ignore[misc]
    await until(pilot, lambda: len(app.backstage.jobs.queue.board.running) == 1, "the first")


async def _opened(pilot: Pilot[None], app: DarkroomApp) -> JobsScreen:
    await pilot.press("f4")
    await until(pilot, lambda: isinstance(app.screen, JobsScreen), "the jobs")
    assert isinstance(app.screen, JobsScreen)
    return app.screen


def _waiting(app: DarkroomApp) -> list[str]:
    return [job.entry.prompt for job in app.backstage.jobs.queue.waiting]


async def test_the_order_of_what_waits_is_changed(
    make_slow_app: MakeApp,
) -> None:
    app = make_slow_app()
    async with app.run_test(size=WIDE) as pilot:
        await _sent(pilot, app, "fox", "owl", "elk", "bat")
        screen = await _opened(pilot, app)
        assert "1 running · 3 waiting" in words_of(screen)
        await pilot.press("end", "K")
        assert _waiting(app) == ["owl", "bat", "elk"]
        await pilot.press("J", "f")
        assert _waiting(app) == ["bat", "owl", "elk"]
        assert screen.jobs.job is not None
        assert screen.jobs.job.entry.prompt == "bat", "the cursor stays on what it moved"
        assert words_of(screen).index("bat") < words_of(screen).index("owl")


async def test_what_waits_is_cancelled_and_what_was_sent_is_waited_for_no_longer(
    make_slow_app: MakeApp, store: HistoryStore
) -> None:
    app = make_slow_app()
    async with app.run_test(size=WIDE) as pilot:
        await _sent(pilot, app, "fox", "owl", "elk")
        screen = await _opened(pilot, app)
        ids = {job.entry.prompt: job.id for job in app.backstage.jobs.queue.jobs}
        await pilot.press("end", "c")
        await until(pilot, lambda: _waiting(app) == ["owl"], "one less")
        assert store.read(ids["elk"]).status == "cancelled"
        await pilot.press("home", "c")
        await until(
            pilot, lambda: ids["fox"] not in [job.id for job in app.backstage.jobs.queue.jobs]
        )
        assert store.read(ids["fox"]).status == "unknown"
        await until(pilot, lambda: "1 running · 0 waiting" in words_of(screen), "the next")


async def test_a_request_that_waits_comes_back_into_the_form(
    make_slow_app: MakeApp,
) -> None:
    app = make_slow_app()
    async with app.run_test(size=WIDE) as pilot:
        await _sent(pilot, app, "fox", "owl")
        app.studio.editor.load_text("elk")
        await _opened(pilot, app)
        await pilot.press("down", "e")
        await until(pilot, lambda: app.studio.editor.text == "owl", "the prompt")
        assert _waiting(app) == []
        await pilot.press("f5", "u")
        await until(pilot, lambda: app.studio.editor.text == "elk", "what was written before")


async def test_the_queue_pauses_and_goes_on(make_slow_app: MakeApp) -> None:
    app = make_slow_app()
    async with app.run_test(size=WIDE) as pilot:
        await _sent(pilot, app, "fox", "owl")
        screen = await _opened(pilot, app)
        await pilot.press("space")
        await until(pilot, lambda: "Paused. Space: go on." in words_of(screen), "that it pauses")
        await pilot.press("home", "c")
        await until(pilot, lambda: len(app.backstage.jobs.queue.jobs) == 1, "the first is gone")
        assert app.backstage.jobs.queue.board.running == ()
        await pilot.press("escape")
        await until(pilot, lambda: "1 waiting for you, f4" in words_of(app.studio.status))
        await until(pilot, lambda: "paused; f4 resumes" in words_of(app.studio.history))
        await _opened(pilot, app)
        await pilot.press("space")
        await until(
            pilot, lambda: len(app.backstage.jobs.queue.board.running) == 1, "that it goes on"
        )


async def test_what_was_left_waiting_is_sent_when_the_user_says_so(
    make_slow_app: MakeApp, make_app: MakeApp, store: HistoryStore
) -> None:
    app = make_slow_app()
    async with app.run_test(size=WIDE) as pilot:
        await _sent(pilot, app, "fox", "owl", "elk")
        left = [job.id for job in app.backstage.jobs.queue.waiting]
    assert [store.read(id).status for id in left] == ["queued", "queued"]
    again = make_app()
    async with again.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: len(again.backstage.jobs.queue.board.held) == 2, "what was left")
        assert any("2 requests left waiting" in note.message for note in again._notifications)
        await until(pilot, lambda: words_of(again.studio.history).count("left from last time") == 2)
        screen = await _opened(pilot, again)
        assert "left from last time; space sends it" in words_of(screen)
        await pilot.press("home", "down", "c")
        await until(pilot, lambda: len(again.backstage.jobs.queue.jobs) == 1, "one was cancelled")
        await pilot.press("space")
        await until(
            pilot, lambda: again.backstage.jobs.queue.board.held == frozenset(), "the other goes on"
        )
        # The endpoint of the test still takes an hour.
        assert again.backstage.jobs.queue.board.running or again.backstage.jobs.queue.jobs


async def test_the_entry_of_a_job_is_gone_to(make_slow_app: MakeApp) -> None:
    app = make_slow_app()
    async with app.run_test(size=WIDE) as pilot:
        await _sent(pilot, app, "fox", "owl")
        running = app.backstage.jobs.queue.board.running[0].id
        await _opened(pilot, app)
        await pilot.press("home", "enter")
        await until(pilot, lambda: app.screen is app.studio, "the studio")
        assert app.studio.history.has_focus
        await until(pilot, lambda: app.studio.history.current == running, "its entry")


def _job(number: int, prompt: str, *, endpoint: str = "token360", **facts: object) -> Job:
    created = datetime(2026, 11, 22, 12, 0, tzinfo=UTC) + timedelta(minutes=number)
    entry: Entry = replace(
        DONE,
        id=entry_id(created, number),
        prompt=prompt,
        endpoint=endpoint,
        status="queued",
        images=(),
        model="kling-image-o1",
    )
    return Job(entry, **facts)  # type: ignore[arg-type]


def _ended(number: int, prompt: str, status: str, **facts: object) -> EndedJob:
    entry = replace(_job(number, prompt).entry, status=status)
    if "error" in facts:
        entry = replace(entry, error=facts.pop("error"))
    return EndedJob(replace(entry, response=Response(sent=entry.created)), **facts)  # type: ignore[arg-type]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_how_the_jobs_look(
    snapshot: SnapshotAssertion,
    size: tuple[int, int],
    theme: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Job, "elapsed", property(lambda job: job.started))
    monkeypatch.setattr(Pause, "seconds_left", property(lambda pause: int(pause.until)))
    left = _job(5, "seven paper lanterns over a slow river at dusk")
    waiting = (
        _job(3, "an orchard in late autumn, seen from above, in the manner of old maps"),
        _job(4, "glass city under a green sky", endpoint="cellar"),
        left,
    )
    board = JobBoard(
        running=(
            _job(1, "a weathered lighthouse keeper mending a net by lamplight", started=12.0),
            _job(2, "fox in the snow", started=22.0, pause=Pause(19.0, "rate_limited")),
        ),
        waiting=waiting,
        held=frozenset({left.id}),
        stopped={"cellar": "The key of cellar was refused."},
        ended=(
            _ended(6, "a comet over a salt desert", "unknown", is_sought=True),
            _ended(7, "harbour at night", "failed", error=REFUSED),
            _ended(8, "portrait of a clockmaker", "cancelled"),
        ),
    )
    app = Stage(theme=theme)
    async with app.run_test(size=size) as pilot:
        screen = JobsScreen(SimpleNamespace(board=board), NOBODY, CARDS)
        app.push_screen(screen)
        await until(pilot, lambda: "2 running · 3 waiting" in words_of(screen), "the jobs")
        assert app.export_screenshot(title="Darkroom") == snapshot(extension_class=ScreenExtension)
