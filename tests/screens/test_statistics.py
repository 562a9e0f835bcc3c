"""The statistics, on a history of real files."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta

import pytest
from msgspec.structs import replace
from syrupy.assertion import SnapshotAssertion
from textual.pilot import Pilot
from textual.widgets import Input

from tests.history.entries import DONE, entry_id
from tests.screens.conftest import NOON, MakeApp
from tests.screens.test_snapshots import THEMES, ScreenExtension
from tests.screens.waiting import history_shown, text_of, until, words_of
from tui.app import DarkroomApp
from tui.history.desk import Counted, HistoryDesk
from tui.history.entry import Cost, Entry, Response
from tui.history.store import HistoryStore
from tui.screens.statistics import StatisticsScreen
from tui.widgets.history_pane import HistoryPane

WIDE = (120, 40)
MODELS = ("seedream-4.5", "nano-banana-pro", "kling-image-o1", "glm-image")


@pytest.fixture(autouse=True)
def _local_time_is_utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "UTC")
        time.tzset()
        yield
    time.tzset()


@pytest.fixture(autouse=True)
def _cursors_do_not_blink(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Input, "_toggle_cursor", lambda field: None)


def _entry(number: int, days: float, seconds: float = 12.0, **changes: object) -> Entry:
    """An entry made so many days before noon."""
    created = NOON - timedelta(days=days)
    response = Response(sent=created, received=created + timedelta(seconds=seconds))
    entry = replace(DONE, id=entry_id(created, number), created=created, response=response)
    return replace(entry, **changes)


@pytest.fixture
def few(store: HistoryStore) -> list[Entry]:
    """Five entries on three days of two weeks, by two models."""
    picture = DONE.images[0]
    entries = [
        _entry(1, 0, 10.0),
        _entry(2, 0.1, 20.0, cost=None),
        _entry(3, 0.2, status="failed", images=(), response=None, cost=None),
        _entry(4, 2, 30.0, model="glm-image", images=(picture,) * 4, cost=Cost(0.5, "card")),
        _entry(5, 9, 40.0, model="glm-image"),
    ]
    for entry in entries:
        store.write(entry)
    return entries


@pytest.fixture
def seasons(store: HistoryStore) -> list[Entry]:
    """Entries of 70 days, more on some than on others, and on Mondays none."""
    entries = []
    for days in range(70):
        if (NOON - timedelta(days=days)).weekday() == 0:
            continue
        for number in range(1 + days * 7 % 11 % 5):
            kind = (days + number) % 13
            entry = _entry(
                days * 10 + number,
                days + number / 100,
                8.0 + days % 9 + number * 5,
                model=MODELS[(days * 3 + number) % 7 % len(MODELS)],
                cost=None if kind == 5 else Cost(0.03 * (1 + kind % 3), "card 2026-10"),
            )
            if kind == 8:
                entry = replace(entry, status="failed", images=(), response=None)
            entries.append(entry)
            store.write(entry)
    return entries


async def _opened(
    pilot: Pilot[None], app: DarkroomApp, entries: Sequence[Entry]
) -> StatisticsScreen:
    await history_shown(pilot, app, len(entries))
    return await _opened_by_key(pilot, app)


async def _opened_by_key(pilot: Pilot[None], app: DarkroomApp) -> StatisticsScreen:
    await pilot.press("f6")
    await until(pilot, lambda: isinstance(app.screen, StatisticsScreen), "the statistics")
    screen = app.screen
    assert isinstance(screen, StatisticsScreen)
    await until(pilot, lambda: len(screen._found) == 3, "all of them")
    return screen


def _table(screen: StatisticsScreen) -> list[str]:
    lines = [" ".join(line.split()) for line in text_of(screen.table).splitlines()]
    return [line.removesuffix("▁").strip() for line in lines if line]


async def test_days_weeks_and_models_are_listed_as_the_command_line_has_them(
    make_app: MakeApp, few: list[Entry]
) -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        screen = await _opened(pilot, app, few)
        assert _table(screen) == [
            "day images entries done spend median 95 %",
            "2026-11-22 2 3 67 % $0.04 + 2? 15.0 s 20.0 s",
            "2026-11-20 4 1 100 % $0.50 30.0 s 30.0 s",
            "2026-11-13 1 1 100 % $0.04 40.0 s 40.0 s",
            "total 7 5 80 % $0.58 + 2? 25.0 s 40.0 s",
        ]
        assert "5 entries" in words_of(screen)
        await pilot.press("w")
        assert [line.split()[0] for line in _table(screen)] == [
            "week", "2026-W47", "2026-W46", "total",
        ]  # fmt: skip
        await pilot.press("m")
        assert [line.split()[0] for line in _table(screen)] == [
            "model", "glm-image", "seedream-4.5", "total",
        ]  # fmt: skip
        await pilot.press("d")
        assert _table(screen)[0].startswith("day ")


async def test_what_is_plotted_goes_round(make_app: MakeApp, few: list[Entry]) -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        screen = await _opened(pilot, app, few)
        for caption in ("Images", "Spend", "Seconds", "Success", "Images"):
            assert text_of(screen.plot).startswith(f"{caption} by day")
            await pilot.press("right")
        await pilot.press("left", "left")
        assert "Success by day" in words_of(screen.plot)
        assert "2026-11-22: 67 %" in words_of(screen.plot)


async def test_the_bar_of_the_line_under_the_cursor_is_told(
    make_app: MakeApp, few: list[Entry]
) -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        screen = await _opened(pilot, app, few)
        assert "2026-11-22: 2" in words_of(screen.plot)
        await pilot.press("down")
        assert "2026-11-20: 4" in words_of(screen.plot)
        await pilot.press("end")
        assert "2026-11-13: 1" in words_of(screen.plot)
        await pilot.press("home", "up")
        assert "2026-11-22: 2" in words_of(screen.plot)


async def test_the_words_and_bars_can_be_clicked(make_app: MakeApp, few: list[Entry]) -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        screen = await _opened(pilot, app, few)
        await pilot.click("#choices", offset=(len("Day Week "), 0))
        await until(pilot, lambda: "Images by model" in words_of(screen.plot), "the models")
        await pilot.click("#plot", offset=(2, 3))
        assert screen.table.cursor == 1
        await pilot.click("#choices", offset=(0, 0))
        await until(pilot, lambda: "Images by day" in words_of(screen.plot), "the days")
        lines = text_of(screen.plot).splitlines()
        await pilot.click("#plot", offset=(lines[-1].index("20 Nov") + 3, 5))
        assert "2026-11-20: 4" in words_of(screen.plot)
        await pilot.click("#summaries", offset=(3, 3))
        assert "2026-11-13: 1" in words_of(screen.plot)


async def test_a_model_has_a_number_beside_its_bar(make_app: MakeApp, few: list[Entry]) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await _opened(pilot, app, few)
        await pilot.press("m")
        lines = text_of(screen.plot).splitlines()
        assert lines[1].split()[0] == "glm-image"
        assert lines[1].split()[-1] == "5"
        assert lines[3].split()[-1] == "2"
        await pilot.press("right")
        assert text_of(screen.plot).splitlines()[3].rstrip().endswith("$0.04 + 2?")


async def test_it_counts_what_is_searched_for_in_history(
    make_app: MakeApp, few: list[Entry]
) -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await history_shown(pilot, app, len(few))
        await pilot.press("f5", "slash", *"model:glm", "down")
        await history_shown(pilot, app, 2)
        screen = await _opened_by_key(pilot, app)
        assert screen.line.value == "model:glm"
        assert _table(screen)[-1].startswith("total 5 2 ")
        await pilot.press("slash", "end", *"x")
        await until(pilot, lambda: "Nothing found." in words_of(screen.plot), "that there is none")
        await pilot.press("escape")
        await until(pilot, lambda: "5 entries" in words_of(screen), "all of them")
        assert screen.table.has_focus
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.studio, "the studio")
        assert app.studio.history_pane.query_text == "model:glm"


async def test_letters_are_typed_and_do_not_act_in_the_search_line(
    make_app: MakeApp, few: list[Entry]
) -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        screen = await _opened(pilot, app, few)
        await pilot.press("slash", *"date:wmdq", "left", "enter")
        assert screen.line.value == "date:wmdq"
        assert "Images by day" in words_of(screen.plot)
        await until(pilot, lambda: screen.query_one("#query-problem").display, "what is wrong")
        assert screen.table.has_focus


async def test_an_empty_history_says_what_will_be_here(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        screen = await _opened_by_key(pilot, app)
        assert "Nothing to add up yet." in words_of(screen.plot)
        await pilot.press("m", "right", "down", "end", "pagedown", "home")
        await pilot.click("#plot")
        await pilot.click("#summaries")
        assert "Nothing to add up yet." in words_of(screen.plot)


async def test_it_follows_history(make_app: MakeApp, few: list[Entry], store: HistoryStore) -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        screen = await _opened(pilot, app, few)
        await pilot.press("down")
        store.write(_entry(6, 0.3))
        app._desk.wrote(_entry(6, 0.3).id)
        await until(pilot, lambda: "6 entries" in words_of(screen), "one more")
        assert "2026-11-20: 4" in words_of(screen.plot), "the cursor stays on its day"


async def test_it_says_that_it_adds_up_and_stops_when_it_is_closed(
    make_app: MakeApp, few: list[Entry], monkeypatch: pytest.MonkeyPatch
) -> None:
    has_stopped = threading.Event()

    def never(self: HistoryDesk, text: str, stopped: Callable[[], bool]) -> Counted:
        while not stopped():
            time.sleep(0.01)
        has_stopped.set()
        return Counted(text, [])

    monkeypatch.setattr(HistoryDesk, "outcomes", never)
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await history_shown(pilot, app, len(few))
        await pilot.press("f6")
        await until(pilot, lambda: isinstance(app.screen, StatisticsScreen), "the statistics")
        screen = app.screen
        await until(pilot, lambda: "Adding up…" in words_of(screen), "that it adds up")
        await pilot.press("w", "right", "escape")
        await until(pilot, lambda: app.screen is app.studio, "the studio")
        await until(pilot, has_stopped.is_set, "that the thread has stopped")


async def test_a_history_that_cannot_be_read_is_told(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> Counted:
        raise OSError("the disk is gone")

    monkeypatch.setattr(HistoryDesk, "outcomes", fail)
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("f6")
        await until(pilot, lambda: "cannot be added up: the disk is gone" in words_of(app.screen))
        assert "Adding up…" not in words_of(app.screen)


async def test_many_changes_are_added_up_together(
    make_app: MakeApp, few: list[Entry], monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        screen = await _opened(pilot, app, few)
        begun: list[str] = []
        outcomes = HistoryDesk.outcomes

        def counting(self: HistoryDesk, text: str, stopped: Callable[[], bool]) -> Counted:
            begun.append(text)
            return outcomes(self, text, stopped)

        monkeypatch.setattr(HistoryDesk, "outcomes", counting)
        for _ in range(50):
            app.post_message(HistoryPane.Changed())
        await until(pilot, lambda: screen._adding is not None and screen._adding.is_finished)
        assert 1 <= len(begun) <= 2


async def test_it_is_opened_by_the_command_palette(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        commands = {command.title: command for command in app.get_system_commands(app.screen)}
        await commands["Statistics"].callback()  # type: ignore[misc]
        await until(pilot, lambda: isinstance(app.screen, StatisticsScreen), "the statistics")
        await pilot.press("f6")
        await until(pilot, lambda: app.screen is app.studio, "the studio")


@pytest.mark.parametrize("size", [(20, 8), (40, 12), (80, 24), (200, 60)])
async def test_it_is_drawn_at_any_size(
    make_app: MakeApp, seasons: list[Entry], size: tuple[int, int]
) -> None:
    app = make_app()
    async with app.run_test(size=size) as pilot:
        screen = await _opened(pilot, app, seasons)
        for by in "dwm":
            for _ in range(4):
                await pilot.press(by, "right", "end", "pageup", "home")
                lines = text_of(screen).splitlines()
                assert len(lines) == size[1]
                assert {len(line) for line in lines} == {size[0]}


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", [(80, 24), WIDE], ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize(
    "keys",
    [
        ("down", "down"),
        ("right",),
        ("w", "right", "right"),
        ("m", "right"),
        ("m", "right", "right", "down"),
    ],
    ids=["images-by-day", "spend-by-day", "seconds-by-week", "spend-by-model", "seconds-by-model"],
)
async def test_how_the_statistics_look(
    make_app: MakeApp,
    seasons: list[Entry],
    snapshot: SnapshotAssertion,
    size: tuple[int, int],
    theme: str,
    keys: tuple[str, ...],
) -> None:
    app = make_app(theme=theme)
    async with app.run_test(size=size) as pilot:
        await _opened(pilot, app, seasons)
        await pilot.press(*keys)
        await pilot.pause()
        assert app.export_screenshot(title="Darkroom") == snapshot(extension_class=ScreenExtension)


@pytest.mark.parametrize("size", [(80, 24), WIDE], ids=lambda size: f"{size[0]}x{size[1]}")
async def test_how_statistics_of_nothing_look(
    make_app: MakeApp, snapshot: SnapshotAssertion, size: tuple[int, int]
) -> None:
    app = make_app()
    async with app.run_test(size=size) as pilot:
        await _opened_by_key(pilot, app)
        await pilot.pause()
        assert app.export_screenshot(title="Darkroom") == snapshot(extension_class=ScreenExtension)
