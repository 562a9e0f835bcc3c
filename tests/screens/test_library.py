"""The library: the demo endpoint's records as the user meets them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion
from textual.pilot import Pilot

from tests.cli.servers import scripted
from tests.generation.records import Shelf, unsettled
from tests.history.entries import DONE, entry_id
from tests.screens.conftest import NOON, MakeApp, _picture
from tests.screens.test_snapshots import THEMES, ScreenExtension
from tests.screens.waiting import text_of, until, words_of
from tui.api.client import ImagesClient, Record
from tui.api.endpoints import DEMO_KEY
from tui.app import DarkroomApp
from tui.generation import library_desk
from tui.generation.library_desk import Listed
from tui.generation.record_owners import Owner
from tui.history.store import HistoryStore
from tui.history.trash import Trash
from tui.paths import Paths
from tui.screens.library import LibraryFacts, LibraryScreen
from tui.screens.removal_question import RemovalQuestion
from tui.screens.viewer import ViewerScreen

WIDE = (120, 40)
NOBODY: Any = None


@pytest.fixture
def shelf(paths: Paths) -> Iterator[Shelf]:
    with unsettled():
        yield Shelf(paths.demo, DEMO_KEY)


async def _opened(pilot: Pilot[None], app: DarkroomApp, count: int | None = None) -> LibraryScreen:
    await pilot.press("f10")
    await until(pilot, lambda: isinstance(app.screen, LibraryScreen), "the library")
    assert isinstance(app.screen, LibraryScreen)
    screen = app.screen
    if count is not None:
        await until(pilot, lambda: screen.records.count == count, f"{count} records")
    return screen


async def test_records_are_looked_at_adopted_and_deleted(
    make_app: MakeApp, store: HistoryStore, shelf: Shelf, paths: Paths
) -> None:
    first, second, third = (shelf.put(f"fox {number}") for number in range(3))
    shelf.put("owl", error="The server had an error.")
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        screen = await _opened(pilot, app, 4)
        assert "4 records · 3 not in history" in words_of(screen)
        assert "The server had an error." in words_of(screen)
        await pilot.press("down")
        await until(pilot, lambda: "▀" in text_of(screen.picture), "its picture")
        assert len(list(paths.records.iterdir())) == 1
        await pilot.press("a")
        await until(pilot, lambda: _done(store) == 1, "an entry")
        (entry,) = store.newest().entries
        await until(pilot, lambda: entry.id in words_of(screen), "whose it is")
        assert (entry.prompt, entry.images[0].record) == ("fox 2", third)
        await until(pilot, lambda: app.studio.history.count == 1, "the history")
        await pilot.press("space")
        await until(pilot, lambda: isinstance(app.screen, ViewerScreen), "the viewer")
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is screen, "the library")
        await pilot.press("A")
        await until(pilot, lambda: _done(store) == 3, "all pictures")
        await until(pilot, lambda: "not in history" not in words_of(screen), "that none is missing")
        await pilot.press("x", "x", "d")
        await until(pilot, lambda: isinstance(app.screen, RemovalQuestion), "the question")
        assert "2 records at demo" in words_of(app.screen)
        await pilot.press("enter")
        assert isinstance(app.screen, RemovalQuestion), "enter deletes nothing"
        await pilot.press("t")
        await until(pilot, lambda: screen.records.count == 2, "what is left")
        assert first in shelf.ids
        assert second not in shelf.ids
        assert _done(store) == 3, "entries keep their pictures"
        await pilot.press("end", "d", "b")
        await until(pilot, lambda: first not in shelf.ids, "that it is deleted there")
        await until(pilot, lambda: _done(store) == 2, "that it is in the trash here")
        (discarded,) = Trash(paths, store).entries()
        assert discarded.entry.images[0].record == first
        await pilot.press("home", "e")
        await until(pilot, lambda: app.screen is app.studio, "the studio")
        await until(pilot, lambda: app.studio.draft.prompt == "owl", "its prompt")


async def test_older_records_come_as_one_scrolls_and_all_of_them_by_mouse(
    make_app: MakeApp, shelf: Shelf, store: HistoryStore
) -> None:
    for number in range(230):
        shelf.put(f"fox {number}")
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await _opened(pilot, app, 100)
        assert "100+ records" in words_of(screen)
        for count in (200, 230):
            await pilot.press("end")
            await until(pilot, lambda count=count: screen.records.count == count, f"{count}")  # type: ignore[misc]
        await pilot.press("end")
        assert screen.records.row is not None
        assert screen.records.row.record.prompt == "fox 0"
        await pilot.press("home")
        await pilot.click(screen.records, offset=(4, 5))
        assert screen.records.cursor == 2
        shelf.put("a new one")
        await pilot.press("R")
        await until(pilot, lambda: screen.records.count == 100, "the list anew")
        assert "a new one" in words_of(screen)
        await pilot.click(app.screen.query_one("KeyBar"), offset=(4, 0))
        assert store.newest().entries == (), "to view adopts nothing"


async def test_a_long_list_is_begun_anew_once_it_was_left(
    make_app: MakeApp, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library_desk, "_MOST_KEPT", 150)
    for number in range(230):
        shelf.put(f"fox {number}")
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await _opened(pilot, app, 100)
        await pilot.press("q")
        await until(pilot, lambda: app.backstage.overlays._library is None, "that it was left")
        shelf.put("owl")
        screen = await _opened(pilot, app, 100)
        assert "owl" not in words_of(screen), "a short list stays as it was"
        await pilot.press("end")
        await until(pilot, lambda: screen.records.count == 200, "older ones")
        (desk, _), row = app.backstage.overlays._library_kept or NOBODY, screen.records.row
        assert row is not None
        await pilot.press("q")
        await until(pilot, lambda: app.backstage.overlays._library is None, "that it was left")
        await desk.picture(row.record)  # It may still be on its way, which begins no list.
        screen = await _opened(pilot, app, 100)
        assert "owl" in words_of(screen)


async def test_one_that_is_opened_again_before_the_last_was_told_of_stays_as_it_is(
    make_app: MakeApp, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library_desk, "_MOST_KEPT", 5)
    for number in range(10):
        shelf.put(f"fox {number}")
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        overlays, told = app.backstage.overlays, []
        monkeypatch.setattr(overlays, "_library_left", lambda *facts: told.append(facts))
        await _opened(pilot, app, 10)
        await pilot.press("q")
        await until(pilot, lambda: bool(told), "that it was left")
        monkeypatch.undo()
        screen = await _opened(pilot, app, 10)
        overlays._library_left(*told[0])
        shelf.put("owl")
        await pilot.press("R")
        await until(pilot, lambda: screen.records.count == 11, "the new one")


async def test_what_is_under_way_is_stopped_and_goes_on_without_the_screen(
    make_app: MakeApp, shelf: Shelf, store: HistoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        shelf.put(f"fox {number}")
    may_come, fetch = asyncio.Event(), ImagesClient.download_record

    async def held(self: ImagesClient, *arguments: Any) -> Any:
        await may_come.wait()
        return await fetch(self, *arguments)

    monkeypatch.setattr(ImagesClient, "download_record", held)
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        screen = await _opened(pilot, app, 3)
        await pilot.press("A")
        await until(pilot, lambda: len(store.newest().entries) == 3, "the claims")
        await until(pilot, lambda: "Adopting: 0 of 3" in words_of(screen), "how far it is")
        await pilot.press("c")
        await until(pilot, lambda: "Adopting" not in words_of(screen), "the end of it")
        await until(pilot, lambda: store.newest().entries == (), "nothing is left of it")
        await pilot.press("A")
        await until(pilot, lambda: len(store.newest().entries) == 3, "the claims")
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.studio, "the studio")
        may_come.set()
        await until(pilot, lambda: _done(store) == 3, "all pictures")
        screen = await _opened(pilot, app, 3)
        await until(pilot, lambda: "not in history" not in words_of(screen), "whose they are")


async def test_a_record_is_used_as_a_reference(
    make_app: MakeApp, shelf: Shelf, store: HistoryStore
) -> None:
    shelf.put("fox")
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await _opened(pilot, app, 1)
        await pilot.press("r")
        await until(pilot, lambda: bool(app.studio.draft.references), "the reference")
        (used,) = app.studio.draft.references
    (entry,) = store.newest().entries
    assert (used.file, used.name) == (entry.images[0].file, "fox")


async def test_an_endpoint_that_lists_nothing_fails_or_is_slow_says_so(
    make_app: MakeApp, paths: Paths
) -> None:
    answer: list[int] = []
    may_answer = threading.Event()

    def answers(asked: str, _: object) -> tuple[int, object]:
        if "images" in asked and answer:
            may_answer.wait(60)
            return answer[0], {"error": {"message": "It says no.", "type": "x"}}
        return 404, {}

    with scripted(answers) as endpoint:
        paths.config_file.write_text(f'[endpoints.own]\nbase_url = "{endpoint.base_url}"\n')
        app = make_app(endpoint="own")
        async with app.run_test(size=WIDE) as pilot:
            answer.append(405)
            screen = await _opened(pilot, app)
            await until(pilot, lambda: "Asking own" in words_of(screen), "that it waits")
            await pilot.press("escape")
            assert app.screen is app.studio, "it is left at once"
            again = await _opened(pilot, app)
            may_answer.set()
            await until(pilot, lambda: "keeps no list" in words_of(again), "that there is none")
            assert "It says no." in words_of(again)
            answer[:] = [500]
            may_answer.clear()
            await pilot.press("R")
            await until(pilot, lambda: "Asking own" in words_of(again), "that it waits again")
            asked = len(endpoint.asked)
            await pilot.press("R")
            await until(pilot, lambda: len(endpoint.asked) > asked, "that another is sent")
            may_answer.set()
            await until(pilot, lambda: "R: ask again." in words_of(again), "that it failed")
            assert "It says no." in words_of(again)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", [(80, 24), WIDE], ids=lambda size: f"{size[0]}x{size[1]}")
async def test_how_the_library_looks(
    make_app: MakeApp,
    store: HistoryStore,
    paths: Paths,
    snapshot: SnapshotAssertion,
    theme: str,
    size: tuple[int, int],
) -> None:
    app = make_app(theme=theme)
    picture = store.absolute(_picture(store, paths, entry_id(NOON), 2).file)
    async with app.run_test(size=size) as pilot:
        desk = _desk(picture)
        facts = LibraryFacts(
            app._desk, app.studio.card_of, lambda: NOON, NOBODY, NOBODY, lambda *_: None
        )
        screen = LibraryScreen(desk, NOBODY, facts)
        app.push_screen(screen)
        await pilot.press("down", "x", "up")
        await until(pilot, lambda: "▀" in text_of(screen.picture), "its picture")
        await pilot.pause()
        assert app.export_screenshot(title="Darkroom") == snapshot.use_extension(ScreenExtension)


def _desk(picture: Path) -> Any:
    """A desk with a record of each kind."""

    async def fetch(_: Record) -> Path:
        return picture

    async def look_again() -> None:
        """Nothing changes."""

    made = _record(3, "fox in the snow, ink on rice paper", model="kling-image-o1")
    rows = (
        Listed(_record(1, "A weathered lighthouse keeper mending a net by lamplight")),
        Listed(_record(2, "seven lanterns over a river"), Owner(DONE, is_certain=False)),
        Listed(made, Owner(DONE)),
        Listed(_record(4, "harbour at night", status="failed", error="It was refused.")),
        Listed(_record(5, "an orchard seen from above"), Owner(DONE, is_trashed=True)),
        Listed(_record(6, "glass city under a green sky", status="processing")),
    )
    return SimpleNamespace(
        rows=rows, endpoint="token360", is_listing=False, is_whole=False, is_fresh=False,
        keeps_no_list=False, is_stuck=True, problem="The endpoint took too long.", work=None,
        picture=fetch, look_again=look_again,
    )  # fmt: skip


def _record(
    number: int,
    prompt: str,
    *,
    model: str = "seedream-4.5",
    status: str = "completed",
    error: str | None = None,
) -> Record:
    created = NOON - timedelta(hours=number)
    return Record(f"img_{number:024x}", status, model, prompt, created, None, error)


def _done(store: HistoryStore) -> int:
    return sum(entry.status == "done" for entry in store.newest().entries)
