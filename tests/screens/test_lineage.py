"""The family of an entry, as a screen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace
from syrupy.assertion import SnapshotAssertion
from textual.pilot import Pilot

from tests.history.entries import DONE, entry_id
from tests.screens.stage import Stage
from tests.screens.test_snapshots import SIZES, THEMES, ScreenExtension
from tests.screens.waiting import text_of, until, words_of
from tui.catalog.loading import BUNDLED_CARDS, load_catalogue
from tui.history.entry import Entry, Failure
from tui.history.lineage import Family, read_family
from tui.screens.difference import DifferenceScreen
from tui.screens.lineage import LineageScreen

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
CARDS = load_catalogue(BUNDLED_CARDS).card
KEEPER = "A weathered lighthouse keeper mending a net by lamplight"
REFUSED = Failure(kind="content_filter", message="It was refused.", status=400)


def _made(number: int, of: Entry | None = None, **facts: object) -> Entry:
    created = NOON - timedelta(minutes=600 - 50 * number)
    like = of or replace(DONE, prompt=KEEPER, parameters={"size": "2048x2048", "seed": 7})
    parent = of.id if of else ""
    return replace(like, id=entry_id(created, number), created=created, parent=parent, **facts)


def _entries() -> list[Entry]:
    first = _made(0)
    oil = _made(1, first, prompt=f"{KEEPER}, oil painting")
    night = _made(2, oil, prompt=f"{KEEPER} at night, oil painting", starred=True)
    again = _made(3, night, starred=False)
    large = _made(4, night, parameters={"size": "4096x4096", "seed": 9}, starred=False)
    refused = _made(5, oil, prompt="A drowned keeper", status="failed", error=REFUSED, images=())
    other = _made(6, first, model="glm-image", parameters={"size": "1024x1024"})
    child = _made(7, other, prompt="")
    return [first, oil, night, again, large, refused, other, child]


def _family(entries: list[Entry], of: Entry) -> Family:
    found = {entry.id: entry for entry in entries}
    return read_family(
        of.id,
        found.get,
        lambda parent: [entry.id for entry in entries if entry.parent == parent],
    )


async def _opened(
    pilot: Pilot[None], entries: list[Entry], of: Entry
) -> tuple[LineageScreen, list[str | None]]:
    screen = LineageScreen(_family(entries, of), of.id, CARDS, lambda: NOON)
    chosen: list[str | None] = []
    pilot.app.push_screen(screen, chosen.append)
    await until(pilot, lambda: screen.is_mounted and screen.lineage.size.height > 0, "the tree")
    return screen, chosen


async def test_an_entry_of_the_family_is_chosen() -> None:
    entries = _entries()
    first, oil, night, *_ = entries
    app = Stage()
    async with app.run_test(size=(120, 40)) as pilot:
        screen, chosen = await _opened(pilot, entries, night)
        tree = screen.lineage
        assert tree.kin.id == night.id
        shown = words_of(screen)
        for words in (
            "prompt +, oil painting",
            "the same request again",
            "size 2048×2048 → 4096×4096 · seed 7 → 9",
            "refused by filter",
            "model seedream-4.5 → glm-image",
            "GLM-Image",
            "(no prompt)",
            "8 entries",
        ):
            assert words in shown
        await pilot.press("left")
        assert tree.kin.id == oil.id
        await pilot.press("right", "end", "home", "up")
        assert tree.kin.id == first.id
        await pilot.press("pagedown", "pageup", "down", "enter")
        assert chosen == [oil.id]
        assert app.screen is not screen


async def test_what_was_changed_on_the_way_is_shown() -> None:
    entries = _entries()
    app = Stage()
    async with app.run_test(size=(120, 40)) as pilot:
        screen, chosen = await _opened(pilot, entries, entries[0])
        assert "changes" not in text_of(screen).splitlines()[-1], "it has no parent"
        await pilot.press("D", "down")
        assert "D changes" in text_of(screen).splitlines()[-1]
        await pilot.press("D")
        await until(pilot, lambda: isinstance(app.screen, DifferenceScreen), "the difference")
        assert "lamplight, oil painting" in words_of(app.screen)
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is screen, "the lineage")
        await pilot.press("escape")
        assert chosen == [None]


async def test_what_is_gone_is_named_and_cannot_be_chosen() -> None:
    first, oil, *others = _entries()
    app = Stage()
    async with app.run_test(size=(80, 24)) as pilot:
        screen, chosen = await _opened(pilot, [oil, *others], oil)
        assert f"not in history any more {first.id}" in words_of(screen)
        await pilot.press("home")
        assert "choose" not in text_of(screen).splitlines()[-1]
        await pilot.press("enter", "D", "q")
        assert chosen == [None]


async def test_an_entry_by_itself_says_what_would_be_here() -> None:
    (first, *_) = _entries()
    app = Stage()
    async with app.run_test(size=(120, 40)) as pilot:
        screen, _ = await _opened(pilot, [first], first)
        assert "It was made from no other entry" in words_of(screen)
        assert "1 entry" in words_of(screen)


async def test_hundreds_of_generations_each_beside_another_try() -> None:
    entries = [_made(0)]
    for number in range(1, 400, 2):
        entries.append(_made(number, entries[-1], prompt=f"go on {number}"))
        entries.append(_made(number + 1, entries[-2], prompt=f"a try {number}"))
        entries[-1], entries[-2] = entries[-2], entries[-1]
    app = Stage()
    async with app.run_test(size=(80, 24)) as pilot:
        screen, _ = await _opened(pilot, entries, entries[-1])
        assert "go on 399" in words_of(screen)
        await pilot.press("home")
        await until(pilot, lambda: "A weathered lighthouse" in words_of(screen), "the first")
        await pilot.click(screen.lineage, offset=(4, 2))
        assert screen.lineage.cursor == 1


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_how_a_family_looks(
    snapshot: SnapshotAssertion, theme: str, size: tuple[int, int]
) -> None:
    entries = _entries()
    app = Stage(theme=theme)
    async with app.run_test(size=size) as pilot:
        await _opened(pilot, entries, entries[2])
        assert app.export_screenshot(title="Darkroom") == snapshot(extension_class=ScreenExtension)
