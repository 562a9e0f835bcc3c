"""Several images from one press of send."""

from __future__ import annotations

import errno
from collections.abc import Sequence
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion
from textual.pilot import Pilot
from textual.widgets import Input

from tests.screens.conftest import MakeApp
from tests.screens.test_snapshots import ScreenExtension
from tests.screens.waiting import models_known, text_of, until, words_of
from tui.app import DarkroomApp
from tui.catalog.card import ModelCard
from tui.generation.counts import Spread
from tui.generation.request import GenerationRequest
from tui.history.entry import Entry
from tui.history.store import HistoryStore
from tui.screens.job_actions import JobActions
from tui.screens.shown_entry import ShownEntry
from tui.widgets.fields.count import CountField
from tui.widgets.picks import Picks

WIDE = (120, 40)
NARROW = (80, 24)


@pytest.fixture(autouse=True)
def _cursors_do_not_blink(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Input, "_toggle_cursor", lambda field: None)


def images_of(app: DarkroomApp) -> CountField:
    return app.studio.query_one(CountField)


def sent(app: DarkroomApp) -> list[Entry]:
    """The entries there are, the first one first."""
    return list(reversed(app._desk.store.newest().entries))


async def write_number(pilot: Pilot[None], app: DarkroomApp, number: int) -> None:
    """Type how many images are wanted."""
    await pilot.press("f3")
    pilot.app.screen.set_focus(images_of(app).query_one(Input))
    await pilot.press(*str(number))
    card = app.studio.drafting.card
    await until(pilot, lambda: app.studio.draft.total(card).images == number, "the number")


async def test_three_images_of_a_model_that_gives_one_are_shown_one_by_one(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[str] = []
    show = ShownEntry.show

    def showing(self: ShownEntry, entry: Entry) -> None:
        if entry.images and entry.id not in shown:
            shown.append(entry.id)
        show(self, entry)

    monkeypatch.setattr(ShownEntry, "show", showing)
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press(*"a fox")
        await write_number(pilot, app, 3)
        await until(pilot, lambda: "3 images · 3 requests ≈ $0.12" in words_of(app.studio.form))
        await pilot.press("ctrl+j")
        await until(pilot, lambda: len(shown) == 3, "the pictures")
        await until(pilot, lambda: app.studio.history.count == 3, "the rows")
        entries = sent(app)
        first = int(str(entries[0].parameters["seed"]))
        assert [entry.parameters["seed"] for entry in entries] == [first, first + 1, first + 2]
        assert sorted(shown) == [entry.id for entry in entries]
        assert [len(entry.images) for entry in entries] == [1, 1, 1]
        await until(pilot, lambda: f"↺ {first}" in text_of(app.studio.form), "the first seed")


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
async def test_how_many_requests_is_chosen_by_keys(
    make_app: MakeApp, size: tuple[int, int]
) -> None:
    app = make_app(model="kling-image-o1")
    async with app.run_test(size=size) as pilot:
        studio, card = app.studio, app.studio.drafting.card
        await pilot.press(*"a fox", "f3", "tab", *"12")
        await until(pilot, lambda: "2 requests of 9 and 3" in words_of(studio.form), "the note")
        assert "12 images · 2 requests" in words_of(studio.form)
        assert studio.draft.objections(card) == ()
        await pilot.press("tab", "right", "enter")
        await until(pilot, lambda: studio.draft.spread == "apart", "the choice")
        await until(pilot, lambda: "12 images · 12 requests" in words_of(studio.form), "the price")
        assert "each charged, shown and recovered by itself" in words_of(studio.form)
        # One image needs no choice, and the focus is not lost with it.
        await pilot.press("ctrl+r")
        await until(pilot, lambda: "requests" not in words_of(images_of(app)), "no choice")
        assert app.focused is images_of(app).query_one(Input)
        await pilot.press("up", "ctrl+j")
        await until(pilot, lambda: len(sent(app)) == 2, "the entries")
        assert [entry.parameters["n"] for entry in sent(app)] == [1, 1]


async def test_a_choice_that_makes_no_difference_is_not_offered(make_app: MakeApp) -> None:
    app = make_app(model="glm-image")
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press(*"a fox")
        await write_number(pilot, app, 4)
        await until(pilot, lambda: "4 requests, each charged" in words_of(images_of(app)))
        assert not any(picks.display for picks in images_of(app).query(Picks))


async def test_the_flag_is_for_models_that_take_no_number_too(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press(*"a fox --n 2 --seed 7")
        await until(pilot, lambda: "2 images · 2 requests" in words_of(app.studio.form))
        await pilot.press("ctrl+j")
        await until(pilot, lambda: len(sent(app)) == 2, "the entries")
        assert [entry.prompt for entry in sent(app)] == ["a fox", "a fox"]
        assert [entry.parameters["seed"] for entry in sent(app)] == [7, 8]
        await until(pilot, lambda: images_of(app).typed_text == "2", "the form")


async def test_an_impossible_number_is_objected_to_and_never_shared_out(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[GenerationRequest] = []

    def send(self: JobActions, requests: Sequence[GenerationRequest], card: ModelCard) -> None:
        asked.extend(requests)

    monkeypatch.setattr(JobActions, "send", send)
    app = make_app(model="kling-image-o1")
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await pilot.press(*"a fox", "f3", "tab", *"101")
        await until(pilot, lambda: "Goes from 1 to 100. Enter: 100" in words_of(app.studio.form))
        await pilot.press("ctrl+j")
        await until(pilot, lambda: bool(app._notifications), "the objection")
        (notice,) = app._notifications
        assert notice.message.startswith("Images: Goes from 1 to 100. Send once more")
        assert not asked
        await pilot.press("ctrl+j")
        await until(pilot, lambda: bool(asked), "the request")
        assert [request.parameters["n"] for request in asked] == [101]


async def test_a_disk_that_becomes_full_stops_the_rest(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch, store: HistoryStore
) -> None:
    write: Any = HistoryStore.write

    def fails(self: HistoryStore, entry: Entry) -> None:
        if len(store.newest().entries) > 0 and entry.status == "queued":
            raise OSError(errno.ENOSPC, "No space left on device")
        write(self, entry)

    monkeypatch.setattr(HistoryStore, "write", fails)
    app = make_app()
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await pilot.press(*"a fox --n 3", "ctrl+j")
        await until(pilot, lambda: bool(app._notifications), "the notice")
        (notice,) = app._notifications
        assert notice.message.endswith("No space left on device. Sent: 1 of 3 requests.")
        assert len(sent(app)) == 1


@pytest.mark.parametrize("spread", ["together", "apart"])
@pytest.mark.parametrize(
    ("theme", "size"),
    [
        ("safelight", NARROW),
        ("safelight", WIDE),
        ("daylight", WIDE),
        ("safelight", (200, 60)),
    ],
    ids=lambda value: value if isinstance(value, str) else f"{value[0]}x{value[1]}",
)
async def test_how_both_ways_look(
    make_app: MakeApp,
    snapshot: SnapshotAssertion,
    theme: str,
    size: tuple[int, int],
    spread: Spread,
) -> None:
    app = make_app(theme=theme, model="kling-image-o1")
    async with app.run_test(size=size) as pilot:
        studio = app.studio
        await models_known(pilot, app)
        await pilot.press(*"a fox", "f3", "tab", *"12")
        await pilot.press("tab", *(["right", "enter"] if spread == "apart" else []))
        await until(pilot, lambda: studio.draft.spread == spread)
        number = 2 if spread == "together" else 12
        await until(pilot, lambda: f"12 images · {number} requests" in words_of(studio.form))
        await until(pilot, lambda: f"{number} requests" in words_of(images_of(app)))
        await until(pilot, lambda: "enter pick" in text_of(studio.query_one("KeyBar")), "the keys")
        picture = app.export_screenshot(title="Darkroom")
        assert picture == snapshot.use_extension(ScreenExtension)
