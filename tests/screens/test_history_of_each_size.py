"""Every key of the history list, with nothing in it, one entry, a thousand, a hundred thousand.

Of the largest history only those files exist that are touched here. All other entries are in the
index, which has read them as it reads any, and the store says of their files that nothing changed.
"""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace
from PIL import Image
from syrupy.assertion import SnapshotAssertion
from textual.binding import Binding
from textual.pilot import Pilot
from textual.widgets import Input, TextArea

from tests.screens.conftest import NOON, MakeApp
from tests.screens.test_snapshots import ScreenExtension
from tests.screens.waiting import history_shown, models_known, text_of, until, words_of
from tui.app import DarkroomApp
from tui.history.entry import Cost, Entry, EntryImage, Failure, encode_entry
from tui.history.index import HistoryIndex
from tui.history.store import SUFFIX, HistoryStore, Stamp
from tui.history.trash import Trash
from tui.paths import Paths
from tui.screens.difference import DifferenceScreen
from tui.screens.lineage import LineageScreen
from tui.widgets.choice_menu import ChoiceMenu
from tui.widgets.history_pane import SearchLine
from tui.widgets.history_sidebar import HistorySidebar

WIDE = (100, 24)
SIZES = [(120, 40), (80, 24)]
ONE, THOUSAND, LARGE = 1, 1000, 100_000
TOUCHED = 60
"""At each end of the largest history, so many entries have files."""
GAP = timedelta(minutes=10)
SUBJECTS = (
    "moth on a lamp", "paper boat", "glass teapot", "clockwork owl", "tram in fog",
    "red bicycle", "bowl of ripe figs",
)  # fmt: skip
PICTURE = EntryImage(
    file="", sha256="0" * 64, bytes=1000, width=2304, height=1728, format="png"
)  # fmt: skip
COST = Cost(0.04, "card 2026-10")
REFUSED = Failure(kind="content_filter", message="The content filter refused it.", status=400)
UNTOUCHED = Stamp(changed=1, size=1, number=1)
"""What the store says of a file that is only thought of."""

each_size = pytest.mark.parametrize("size", [ONE, THOUSAND, LARGE])
OpenApp = Callable[[int], DarkroomApp]
Middles = Callable[[int], "ThoughtOf"]


def id_of(number: int) -> str:
    """The id of entry `number`, 0 for the newest."""
    return f"{NOON - (number + 1) * GAP:%Y%m%dT%H%M%S}000-{number:06x}"


def made(number: int, size: int) -> Entry:
    """Entry `number` of a history of that size."""
    id = id_of(number)
    is_even, is_refused = number % 2 == 0, number % 7 == 3
    has_parent = number % 4 == 0 and number + 1 < size
    return Entry(
        id=id,
        created=NOON - (number + 1) * GAP,
        status="failed" if is_refused else "done",
        endpoint="demo",
        model="seedream-4.5" if is_even else "glm-image",
        prompt=prompt_of(number),
        parent=id_of(number + 1) if has_parent else "",
        parameters={"seed": number + 7, "size": "2304x1728"} if is_even else {},
        images=() if is_refused else (replace(PICTURE, file=picture_of(id)),),
        starred=number % 5 == 2,
        rating=4 if number % 5 == 4 else 0,
        cost=COST,
        error=REFUSED if is_refused else None,
    )


def prompt_of(number: int) -> str:
    return f"{number} {SUBJECTS[number % len(SUBJECTS)]}"


def picture_of(entry_id: str) -> str:
    """Where the picture of an entry lies."""
    return f"images/{day_of(entry_id)}/{entry_id}-1.png"


def day_of(entry_id: str) -> str:
    return f"{entry_id[:4]}/{entry_id[4:6]}/{entry_id[6:8]}"


class ThoughtOf(HistoryStore):
    """A store of entries without files: all of a history of some size but its ends."""

    def __init__(self, folder: Path, size: int) -> None:
        super().__init__(Paths(folder, folder, folder))
        self._size = size
        self._numbers: dict[str, dict[str, int]] = defaultdict(dict)
        for number in range(TOUCHED, size - TOUCHED):
            id = id_of(number)
            self._numbers[day_of(id)][f"{id}{SUFFIX}"] = number

    def days(self) -> list[str]:
        return sorted(self._numbers, reverse=True)

    def stamps(self, day: str) -> Iterator[tuple[str, Stamp]]:
        return ((name, UNTOUCHED) for name in self._numbers.get(day, ()))

    def read_file(self, day: str, name: str) -> Entry:
        return made(self._numbers[day][name], self._size)


@pytest.fixture(scope="module")
def middles(tmp_path_factory: pytest.TempPathFactory) -> Middles:
    """Gives what a history has between its ends, with the index of that beside it."""
    known: dict[int, ThoughtOf] = {}

    def middle_of(size: int) -> ThoughtOf:
        if size not in known:
            folder = tmp_path_factory.mktemp("middle")
            known[size] = ThoughtOf(folder, size)
            with closing(HistoryIndex(folder / "index.db")) as index:
                index.follow(known[size])
        return known[size]

    return middle_of


@pytest.fixture
def open_app(
    paths: Paths,
    store: HistoryStore,
    make_app: MakeApp,
    middles: Middles,
    monkeypatch: pytest.MonkeyPatch,
) -> OpenApp:
    """Gives the application on a history of some size."""

    def open_on(size: int) -> DarkroomApp:
        numbers: Sequence[int] = range(size)
        if size > 2 * TOUCHED:
            middle = middles(size)
            shutil.copy(middle.absolute("index.db"), paths.index)
            _have_nothing_changed(middle, monkeypatch)
            numbers = (*numbers[:TOUCHED], *numbers[-TOUCHED:])
        for number in numbers:
            path = store.entry_path(id_of(number))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(encode_entry(made(number, size)))
        if size:
            picture = store.absolute(picture_of(id_of(0)))
            picture.parent.mkdir(parents=True)
            Image.new("RGB", (64, 48), (32, 44, 82)).save(picture)
        return make_app()

    return open_on


def _have_nothing_changed(middle: ThoughtOf, monkeypatch: pytest.MonkeyPatch) -> None:
    days, stamps = HistoryStore.days, HistoryStore.stamps

    def all_days(store: HistoryStore) -> list[str]:
        return sorted({*days(store), *middle.days()}, reverse=True)

    def all_stamps(store: HistoryStore, day: str) -> Iterator[tuple[str, Stamp]]:
        yield from middle.stamps(day)
        with suppress(FileNotFoundError):
            yield from stamps(store, day)

    monkeypatch.setattr(HistoryStore, "days", all_days)
    monkeypatch.setattr(HistoryStore, "stamps", all_stamps)


async def _in_history(pilot: Pilot[None], app: DarkroomApp, size: int) -> HistorySidebar:
    """The list, once all of it is there, with the focus."""
    history = app.studio.history
    await history_shown(pilot, app, size)
    await pilot.press("f5")
    await _row_shown(pilot, app, 0)
    return history


async def _row_shown(pilot: Pilot[None], app: DarkroomApp, number: int) -> None:
    """Wait until the cursor is on an entry, and all on screen is there."""
    history = app.studio.history

    def is_so() -> bool:
        text = text_of(history)
        are_there = all(line.strip() != "…" for line in text.splitlines())
        return (
            history.current == id_of(number) and are_there and f" {prompt_of(number)[:10]}" in text
        )

    await until(pilot, is_so, f"entry {number}")


async def _told(pilot: Pilot[None], app: DarkroomApp, words: str) -> None:
    await until(pilot, lambda: any(words in notice.message for notice in app._notifications), words)


async def test_no_key_does_harm_where_there_is_nothing(open_app: OpenApp, paths: Paths) -> None:
    app = open_app(0)
    async with app.run_test(size=WIDE) as pilot:
        studio, history = app.studio, app.studio.history
        await until(pilot, lambda: "Nothing made yet" in text_of(history), "what it says")
        await pilot.press("f5")
        draft = studio.draft
        for binding in HistorySidebar.BINDINGS:
            assert isinstance(binding, Binding)
            for key in binding.key.split(","):
                await pilot.press(key)
                assert app.screen is studio, key
                assert isinstance(app.focused, SearchLine if key == "slash" else HistorySidebar)
                if key == "slash":
                    await pilot.press("escape")
                if key == "i":
                    assert "No entry is chosen" in words_of(studio.history_pane.details)
                    await pilot.press("i")
        await _told(pilot, app, "Nothing to undo.")
        assert (history.count, history.cursor, history.marked) == (0, 0, ())
        assert studio.draft == draft
        assert "Nothing made yet" in text_of(history)
    assert not paths.history.exists()
    assert not paths.trash.exists()


@each_size
async def test_one_walks_through_the_list_marks_and_searches(open_app: OpenApp, size: int) -> None:
    app = open_app(size)
    async with app.run_test(size=WIDE) as pilot:
        await _in_history(pilot, app, size)
        await _walk(pilot, app, size)
        await _mark(pilot, app, size)
        await _search(pilot, app, size)


async def _walk(pilot: Pilot[None], app: DarkroomApp, size: int) -> None:
    page = app.studio.history.size.height // 2 - 1
    last, at = size - 1, 0
    steps: dict[str, Callable[[int], int]] = {
        "up": lambda at: at - 1,
        "down": lambda at: at + 1,
        "k": lambda at: at - 1,
        "j": lambda at: at + 1,
        "pageup": lambda at: at - page,
        "pagedown": lambda at: at + page,
        "home": lambda at: 0,
        "end": lambda at: last,
        "g": lambda at: 0,
        "G": lambda at: last,
    }
    way = "up down j pagedown pagedown k pageup end down pagedown up pageup pageup home pageup G g"
    for key in way.split():
        at = max(0, min(steps[key](at), last))
        await pilot.press(key)
        await _row_shown(pilot, app, at)


async def _mark(pilot: Pilot[None], app: DarkroomApp, size: int) -> None:
    history = app.studio.history
    await pilot.press("x")
    assert history.marked == (id_of(0),)
    assert history.cursor == min(1, size - 1), "it goes on to the next"
    await pilot.press("end", "X")
    marked = history.marked
    assert (marked[0], marked[-1], len(marked)) == (id_of(0), id_of(size - 1), size)
    assert "▌" in text_of(history)
    await pilot.press("x")
    assert len(history.marked) == size - 1
    await pilot.press("escape")
    assert history.marked == ()
    await pilot.press("X", "escape", "escape")
    assert history.marked == ()
    await _row_shown(pilot, app, size - 1)


async def _search(pilot: Pilot[None], app: DarkroomApp, size: int) -> None:
    history = app.studio.history
    await pilot.press("slash", *f"^{size - 1}")
    await history_shown(pilot, app, 1)
    await pilot.press("enter")
    await _row_shown(pilot, app, size - 1)
    assert history.has_focus
    await pilot.press("slash", *"zq")
    await until(pilot, lambda: "Nothing found" in text_of(history), "that there is none")
    await pilot.press("down", "enter", "delete", "x", "full_stop", "escape")
    await history_shown(pilot, app, size)
    await _row_shown(pilot, app, 0)
    assert not app.studio.history_pane.has_class("-searching")


@each_size
async def test_entries_are_taken_over_and_changed_and_all_is_undone(
    open_app: OpenApp, size: int, store: HistoryStore
) -> None:
    app = open_app(size)
    async with app.run_test(size=WIDE) as pilot:
        app.studio.editor.insert("a crow")
        await _in_history(pilot, app, size)
        await _recall(pilot, app, size)
        await _change(pilot, app, size, store)


async def _recall(pilot: Pilot[None], app: DarkroomApp, size: int) -> None:
    """Take parts of the newest entry over, and the oldest."""
    studio = app.studio

    async def pressed(key: str, text: str, **own: object) -> None:
        await pilot.press(key)
        await until(
            pilot,
            lambda: studio.draft.own_values == own and studio.editor.text == text,
            f"{key}: {text}, {own}",
        )
        assert studio.history.has_focus, "one goes on in the list"

    first, oldest = made(0, size), made(size - 1, size)
    await pressed("s", "a crow", seed=7)
    await pressed("d", "a crow", seed=7, size="2304x1728")
    await pressed("p", first.prompt, seed=7, size="2304x1728")
    await pressed("u", "a crow", seed=7, size="2304x1728")
    await pressed("u", "a crow", seed=7)
    await pressed("ctrl+z", "a crow")
    await pressed("r", first.prompt, size="2304x1728")
    assert studio.draft.parent == first.id
    await pressed("u", "a crow")
    await pressed("a", first.prompt, seed=7, size="2304x1728")
    await pressed("u", "a crow")
    await pilot.press("end")
    await _row_shown(pilot, app, size - 1)
    await pilot.press("n")
    await until(pilot, lambda: studio.draft.model == oldest.model, "the model")
    await pilot.press("enter")
    await until(pilot, lambda: studio.editor.text == oldest.prompt, "the oldest")
    await until(pilot, lambda: studio.editor.has_focus, "that one goes on in the editor")
    assert studio.draft.parent == oldest.id
    await pilot.press("f5")
    await pressed("u", "a crow")


async def _change(pilot: Pilot[None], app: DarkroomApp, size: int, store: HistoryStore) -> None:
    """Change the oldest entry, which is under the cursor."""
    before = made(size - 1, size)
    steps = [before]

    async def kept(**facts: object) -> None:
        entry = replace(steps[-1], **facts)
        await until(pilot, lambda: store.read(entry.id) == entry, str(entry))
        steps.append(entry)

    await pilot.press("full_stop")
    await kept(starred=not before.starred)
    for rating in (1, 2, 3, 4, 5, 0):
        await pilot.press(str(rating))
        await kept(rating=rating)
    await pilot.press("t")
    await until(pilot, lambda: isinstance(app.focused, Input), "the tags' line")
    await pilot.press(*"a,b", "enter")
    await kept(tags=("a", "b"))
    await pilot.press("e")
    await until(pilot, lambda: isinstance(app.focused, TextArea), "the note's editor")
    await pilot.press("k", "ctrl+j")
    await kept(note="k")
    for entry in reversed(steps[:-1]):
        await pilot.press("u")
        await until(pilot, lambda entry=entry: store.read(entry.id) == entry, str(entry))
    assert app.studio.history.current == before.id


@each_size
async def test_entries_are_looked_at_thrown_away_and_come_back(
    open_app: OpenApp,
    size: int,
    store: HistoryStore,
    paths: Paths,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened: list[Path] = []
    monkeypatch.setattr("tui.screens.entry_views.open_in_viewer", opened.append)
    app = open_app(size)
    async with app.run_test(size=WIDE) as pilot:
        await _in_history(pilot, app, size)
        await pilot.press("o")
        await until(pilot, lambda: opened == [store.absolute(picture_of(id_of(0)))], "the viewer")
        await _look(pilot, app, size)
        await _throw_away(pilot, app, size, Trash(paths, store))
        for number in (0, size - 1):
            assert store.read(id_of(number)) == made(number, size)
        assert store.absolute(picture_of(id_of(0))).exists()


async def _look(pilot: Pilot[None], app: DarkroomApp, size: int) -> None:
    """Look at the newest entry from all sides."""
    studio, history, details = app.studio, app.studio.history, app.studio.history_pane.details
    await pilot.press("y")
    await until(pilot, lambda: isinstance(app.screen, ChoiceMenu), "the menu")
    await pilot.press("enter")
    await until(pilot, lambda: app.clipboard == prompt_of(0), "the prompt")
    await pilot.press("i")
    await until(pilot, lambda: prompt_of(0) in words_of(details), "the details")
    assert details.entry == made(0, size)
    await pilot.press("end")
    await until(pilot, lambda: details.entry == made(size - 1, size), "those of the oldest")
    await pilot.press("i", "home")
    await _row_shown(pilot, app, 0)
    assert details.region.area == 0
    await pilot.press("v")
    await _row_shown(pilot, app, 0)
    await pilot.press("v", "c")
    await _row_shown(pilot, app, 0)
    await pilot.press("L")
    await until(pilot, lambda: isinstance(app.screen, LineageScreen), "the family")
    assert ("1 entry" if size == 1 else "2 entries") in words_of(app.screen)
    await pilot.press("escape", "D")
    if size == 1:
        await _told(pilot, app, "It was not made from another entry.")
    else:
        await until(pilot, lambda: isinstance(app.screen, DifferenceScreen), "the difference")
        prompt = words_of(app.screen.query_one("#difference-prompt"))
        assert prompt == "1 0 paper moth boat on a lamp"
        await pilot.press("escape")
    assert app.screen is studio
    assert history.has_focus


async def _throw_away(pilot: Pilot[None], app: DarkroomApp, size: int, trash: Trash) -> None:
    """Throw the newest entry away, and the oldest, and take them back."""
    for number, key in {0: "home", size - 1: "end"}.items():
        await pilot.press(key)
        await _row_shown(pilot, app, number)
        await pilot.press("delete")
        await history_shown(pilot, app, size - 1)
        assert [found.entry.id for found in trash.entries()] == [id_of(number)]
        if size == 1:
            assert "Nothing made yet" in text_of(app.studio.history)
        else:
            await _row_shown(pilot, app, number + 1 if number + 1 < size else number - 1)
        await pilot.press("u")
        await history_shown(pilot, app, size)
        await _row_shown(pilot, app, number)
        assert trash.entries() == ()


@pytest.mark.parametrize("size", [0, ONE, THOUSAND, LARGE])
async def test_how_the_list_looks(
    open_app: OpenApp, snapshot: SnapshotAssertion, size: int
) -> None:
    screen = snapshot.use_extension(ScreenExtension)
    app = open_app(size)
    async with app.run_test(size=SIZES[0]) as pilot:
        await history_shown(pilot, app, size)
        await pilot.press("f5")
        pane = app.studio.history_pane
        says = f" {size:,} " if size else "Nothing made yet"
        await models_known(pilot, app)
        spent = {0: "$0.00", ONE: "$0.04"}.get(size, "$2.04")
        await until(pilot, lambda: f"today {spent}" in text_of(app.studio.status), spent)
        for columns, rows in SIZES:
            await pilot.resize_terminal(columns, rows)
            await until(pilot, lambda: says in text_of(pane), says)
            if size:
                await _row_shown(pilot, app, 0)
            picture = app.export_screenshot(title="Darkroom")
            assert picture == screen(name=f"{columns}x{rows}")
