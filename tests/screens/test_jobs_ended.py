"""Jobs that ended badly or are lost, and what the budget says, as the user meets them."""

from __future__ import annotations

import errno
import io
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from PIL import Image

from tests.cli.servers import Endpoint, answering
from tests.screens.conftest import NOON, MakeApp
from tests.screens.test_jobs import WIDE, _opened, _sent
from tests.screens.test_jobs import make_slow_app as make_slow_app
from tests.screens.waiting import until, words_of
from tui.app import DarkroomApp
from tui.catalog.card import ModelCard
from tui.catalog.loading import BUNDLED_CARDS, load_catalogue
from tui.catalog.price import estimate
from tui.generation import holding
from tui.generation.request import GenerationRequest, new_entry
from tui.generation.saving import PictureSaver
from tui.history.entry import Response, new_id
from tui.history.store import HistoryStore
from tui.history.trash import Trash
from tui.paths import Paths
from tui.screens.question import QuestionScreen
from tui.screens.studio import StudioScreen
from tui.widgets.choice_menu import ChoiceMenu
from tui.widgets.text_prompt import TextPrompt

MODEL = "kling-image-o1"


async def test_what_ended_badly_is_sent_again_and_cleared(
    make_app: MakeApp, store: HistoryStore, paths: Paths
) -> None:
    _play(paths, "moderation-400")
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press(*"fox", "ctrl+j")
        await until(pilot, lambda: len(app.backstage.jobs.board.ended) == 1, "its end")
        first = app.backstage.jobs.board.ended[0]
        screen = await _opened(pilot, app)
        assert "1 ended badly" in words_of(screen)
        assert "Nothing was charged" in words_of(screen)
        await pilot.press("r")
        await until(pilot, lambda: len(store.newest().entries) == 2, "another")
        again = store.newest().entries[0]
        assert (again.prompt, again.parent) == ("fox", first.id)
        await until(
            pilot, lambda: [each.id for each in app.backstage.jobs.board.ended] == [again.id]
        )
        await pilot.press("x")
        await until(pilot, lambda: app.backstage.jobs.board.ended == (), "nothing is left to show")
        assert "Nothing runs" in words_of(screen)
        assert len(store.newest().entries) == 2, "history keeps both"


async def test_a_lost_job_is_looked_for_again_and_given_up(
    make_slow_app: MakeApp, store: HistoryStore
) -> None:
    app = make_slow_app()
    async with app.run_test(size=WIDE) as pilot:
        await _sent(pilot, app, "fox")
        screen = await _opened(pilot, app)
        await pilot.press("c")
        await until(pilot, lambda: len(app.backstage.jobs.board.ended) == 1, "that it is lost")
        (ended,) = app.backstage.jobs.board.ended
        assert ended.is_lost
        await until(pilot, lambda: "It is looked for." in words_of(screen), "that it is sought")
        await pilot.press("l")
        await until(pilot, lambda: app.backstage.jobs.board.ended[0].look is not None, "a look")
        await pilot.press("r")
        await until(pilot, lambda: isinstance(app.screen, QuestionScreen), "the question")
        await pilot.press("enter")
        assert isinstance(app.screen, QuestionScreen), "enter does not pay twice"
        await pilot.press("n")
        await until(pilot, lambda: app.screen is screen, "the jobs")
        assert len(store.newest().entries) == 1
        await pilot.press("d")
        await until(pilot, lambda: store.read(ended.id).status == "failed", "that it is given up")
        await pilot.press("r")
        await until(
            pilot, lambda: isinstance(app.screen, QuestionScreen), "it may be charged still"
        )
        await pilot.press("y")
        await until(pilot, lambda: len(store.newest().entries) == 2, "another")


async def test_of_several_records_the_user_chooses(
    make_app: MakeApp, store: HistoryStore, paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There are two records of the same prompt, and one lost entry: either may be its."""
    app = make_app(model="kling-image-o1")
    async with app.run_test(size=WIDE) as pilot:
        for number in range(1, 3):
            app.studio.editor.load_text("fox")
            await pilot.press("ctrl+j")
            await until(pilot, lambda number=number: _done(store) == number, "a picture")  # type: ignore[misc]
    for entry in store.newest().entries:
        Trash(paths, store).discard(entry.id, NOON.date())
    shutil.rmtree(paths.trash)
    lost = replace(
        entry,
        id=new_id(entry.created),
        status="unknown",
        images=(),
        response=Response(sent=entry.response.sent if entry.response else entry.created),
    )
    store.write(lost)
    again = make_app()
    async with again.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: _candidates(again) == 2, "two that may be meant")
        await _opened(pilot, again)
        await pilot.press("a")
        await until(pilot, lambda: isinstance(again.screen, ChoiceMenu), "the records")
        await pilot.press("enter")
        await until(pilot, lambda: store.read(lost.id).status == "done", "its picture")
        await until(
            pilot, lambda: again.backstage.jobs.board.ended == (), "nothing is left to show"
        )


async def test_the_budget_asks_and_stops(
    make_app: MakeApp, store: HistoryStore, paths: Paths
) -> None:
    _, price = _paid_model()
    with answering(_picture()) as endpoint:
        _use_paid(paths, endpoint, f"[budget]\nsession_usd = {price * 1.5}\n")
        app = make_app(endpoint="paid", model=MODEL)
        async with app.run_test(size=WIDE) as pilot:
            await pilot.press(*"fox", "ctrl+j")
            await until(pilot, lambda: _done(store) == 1, "the first")
            await pilot.press("ctrl+j")
            await until(pilot, lambda: isinstance(app.screen, QuestionScreen), "the question")
            assert "above the cap" in words_of(app.screen)
            await pilot.press("enter", "escape")
            await until(pilot, lambda: app.screen is app.studio, "the studio")
            assert len(endpoint.bodies) == 1
            await pilot.press("ctrl+j")
            await until(pilot, lambda: isinstance(app.screen, QuestionScreen), "the question")
            await pilot.press("y")
            await until(pilot, lambda: _done(store) == 2, "the second")
            app.clear_notifications()
            await pilot.press("ctrl+j")
            await until(pilot, lambda: bool(app._notifications), "a notice")
            (notice,) = app._notifications
            assert "is reached" in notice.message
            assert "session_usd" in notice.message
            assert app.studio.editor.text == "fox"
            assert len(endpoint.bodies) == len(store.newest().entries) == 2


async def test_what_was_left_is_sent_as_far_as_the_budget_goes(
    make_app: MakeApp, store: HistoryStore, paths: Paths
) -> None:
    card, price = _paid_model()
    left = [new_entry(GenerationRequest("paid", MODEL, f"fox {n}"), card) for n in range(3)]
    for entry in left:
        store.write(entry)
    with answering(_picture()) as endpoint:
        _use_paid(paths, endpoint, f"[queue]\nat_once = 1\n[budget]\nday_usd = {price}\n")
        app = make_app(endpoint="paid", model=MODEL)
        async with app.run_test(size=WIDE) as pilot:
            await until(pilot, lambda: len(app.backstage.jobs.board.held) == 3, "what was left")
            screen = await _opened(pilot, app)
            await pilot.press("space")
            await until(pilot, lambda: app.backstage.jobs.board.refusal is not None, "the budget")
            await until(pilot, lambda: "day_usd in config.toml" in words_of(screen), "why")
            assert "waits for the budget" in words_of(screen)
            assert len(endpoint.bodies) == 1
            config = paths.config_file.read_text()
            paths.config_file.write_text(config.replace(f"day_usd = {price}", "day_usd = 9.0"))
            await pilot.press("space")
            await until(pilot, lambda: _done(store) == 3, "the others")
            assert len(endpoint.bodies) == 3


async def test_many_at_once_are_asked_about_once(
    make_app: MakeApp, store: HistoryStore, paths: Paths
) -> None:
    card, price = _paid_model()
    with answering(_picture()) as endpoint:
        _use_paid(paths, endpoint, f"[budget]\nsession_usd = {price * 2.5}\n")
        app = make_app(endpoint="paid", model=MODEL)
        async with app.run_test(size=WIDE) as pilot:
            requests = tuple(GenerationRequest("paid", MODEL, f"fox {n}") for n in range(5))
            app.studio.post_message(StudioScreen.SendRequested(requests, card))
            await until(pilot, lambda: isinstance(app.screen, QuestionScreen), "the question")
            await pilot.press("y")
            await until(pilot, lambda: _done(store) == 5, "all of them")
            assert app.screen is app.studio


def _paid_model() -> tuple[ModelCard, float]:
    """A model, and what one of its pictures costs."""
    card = load_catalogue(BUNDLED_CARDS).card(MODEL)
    price = estimate(card, {}, 0)
    assert price
    return card, price


def _use_paid(paths: Paths, endpoint: Endpoint, settings: str) -> None:
    """Have `endpoint`, which is paid, beside other `settings`."""
    paths.config_file.write_text(
        f'[endpoints.paid]\nbase_url = "{endpoint.base_url}"\nkey = "none"\n{settings}'
    )


def _done(store: HistoryStore) -> int:
    return sum(entry.status == "done" for entry in store.newest().entries)


def _candidates(app: DarkroomApp) -> int:
    looks = [each.look for each in app.backstage.jobs.board.ended]
    return len(looks[0].candidates) if looks and looks[0] else 0


def _picture() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (64, 64), "teal").save(file, "png")
    return file.getvalue()


def _play(paths: Paths, fault: str) -> None:
    """Have the demo endpoint play a fault."""
    paths.config_file.write_text(f'[endpoints.demo]\nheaders = {{"X-Fault" = "{fault}"}}\n')


async def test_what_the_disk_refuses_is_saved_elsewhere_and_again(
    make_app: MakeApp,
    store: HistoryStore,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    place, is_full = PictureSaver._place, True

    def placing(*arguments: Any) -> Any:
        if is_full:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return place(*arguments)

    monkeypatch.setattr(PictureSaver, "_place", placing)
    monkeypatch.setattr(holding, "PAUSES", (3600.0,))
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    app = make_app(model=MODEL)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press(*"fox", "ctrl+j")
        await until(
            pilot, lambda: any(job.pause for job in app.backstage.jobs.queue.jobs), "the pause"
        )
        screen = await _opened(pilot, app)
        await until(pilot, lambda: "cannot be saved" in words_of(screen), "why")
        assert "No space left on device" in words_of(screen)
        await pilot.press("w")
        await until(pilot, lambda: isinstance(app.screen, TextPrompt), "the question")
        await pilot.press(*str(folder), "enter")
        await until(pilot, lambda: len(list(folder.iterdir())) == 1, "the copy")
        notices = app._notifications
        await until(pilot, lambda: any("The job still waits" in each.message for each in notices))
        assert store.newest().entries[0].status == "running"
        is_full = False
        await pilot.press("s")
        await until(pilot, lambda: _done(store) == 1, "its end")
    (copy,) = folder.iterdir()
    (image,) = store.newest().entries[0].images
    assert copy.read_bytes() == store.absolute(image.file).read_bytes()
    assert copy.name == Path(image.file).name
