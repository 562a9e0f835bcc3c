"""All that is known of an entry, shown."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from rich.cells import cell_len
from syrupy.assertion import SnapshotAssertion

from tests.history.entries import DONE, FAILED
from tests.screens.stage import Stage
from tests.screens.test_snapshots import SIZES, THEMES, ScreenExtension
from tests.screens.waiting import still, text_of, until, words_of
from tui.catalog.loading import BUNDLED_CARDS, load_catalogue
from tui.history.entry import Entry, Failure, Response
from tui.widgets import entry_details
from tui.widgets.entry_details import NAME_COLUMNS, EntryDetails

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
CARDS = load_catalogue(BUNDLED_CARDS).card
RICH = replace(
    DONE,
    prompt="A weathered lighthouse keeper\nmending a net",
    parent="20261122T065958001-77aa01",
    starred=True,
    rating=4,
    tags=("night", "sea"),
    note="the one for the cover",
    parameters={"size": "2048x2048", "seed": 7, "watermark": False},
    response=replace(DONE.response or Response(), request_id="req-17", notes=("One was refused.",)),
    images=(replace(DONE.images[0], seed=7, revised_prompt="A keeper, weathered"),),
)
REFUSED = replace(
    FAILED,
    error=Failure(
        kind="content_filter",
        message="The content filter refused the prompt (400).",
        hint="Change the prompt.",
        status=400,
        body='{"error": {"code": "filter",\n "message": "no"}}',
    ),
)


@pytest.fixture(autouse=True)
def _local_time_is_utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "UTC")
        time.tzset()
        yield
    time.tzset()


def _details() -> EntryDetails:
    return EntryDetails(lambda: NOW, id="details")


def _show(details: EntryDetails, entry: Entry | None) -> None:
    details.show(entry, CARDS(entry.model) if entry is not None else None)


async def test_everything_of_an_entry_is_shown() -> None:
    details = _details()
    app = Stage(details, css="studio.tcss")
    async with app.run_test(size=(120, 40)) as pilot:
        assert "No entry is chosen." in text_of(details)
        _show(details, RICH)
        await pilot.pause()
        shown = words_of(details)
        for words in (
            "A weathered lighthouse keeper mending a net",
            f"id {RICH.id}",
            "state done",
            "4h ago",
            "endpoint token360",
            "model seedream-4.5",
            "served by seedream-4-5-251128",
            "revised prompt 1 A keeper, weathered",
            "size 2048x2048",
            "watermark false",
            "reference 1 sketch.png",
            "picture 1 2304×1728 jpeg, 1.8 MB, seed 7",
            "file 1 images/a.jpg",
            "not as asked asked 2048×2048, came 2304×1728 (picture 1)",
            "seconds 12.5",
            "usage generated_images 1",
            "cost $0.04 by card 2026-10",
            "request id req-17",
            "tags night, sea",
            "rating 4 of 5",
            "star yes",
            "note the one for the cover",
            "notes One was refused.",
            f"made from {RICH.parent}",
        ):
            assert words in shown
        _show(details, REFUSED)
        await pilot.pause()
        shown = words_of(details)
        for words in (
            "state refused by filter",
            "refused the prompt (400). Nothing was charged. Change the prompt.",
            'answer status 400: {"error": {"code": "filter", "message": "no"}}',
        ):
            assert words in shown
        _show(details, replace(DONE, cost=None))
        await pilot.pause()
        assert "cost $?" in words_of(details)
        _show(details, None)
        await pilot.pause()
        assert "No entry is chosen." in text_of(details)


async def test_it_scrolls_and_stays_where_it_is_while_the_same_entry_changes() -> None:
    details = _details()
    app = Stage(details, css="studio.tcss")
    async with app.run_test(size=(60, 10)) as pilot:
        entry = replace(RICH, prompt="\n".join(f"line {number}" for number in range(100)))
        _show(details, entry)
        details.focus()
        await pilot.pause()
        await pilot.press("end")
        await until(pilot, lambda: details.is_vertical_scroll_end, "the end")
        place = details.scroll_offset
        assert entry.id in text_of(details)
        _show(details, replace(entry, note="a note\nof several\nlines"))
        await pilot.pause()
        assert details.scroll_offset == place
        await pilot.press("pageup")
        await until(pilot, lambda: details.scroll_offset != place, "a page up")
        _show(details, replace(entry, id=DONE.id[:-1] + "0"))
        await pilot.pause()
        assert text_of(details).strip().startswith("line 0")


async def test_a_prompt_of_a_megabyte_is_cut_and_says_so() -> None:
    details = _details()
    app = Stage(details, css="studio.tcss")
    async with app.run_test(size=(60, 10)) as pilot:
        _show(details, replace(RICH, prompt="words " * 170_000))
        await pilot.pause()
        assert details.virtual_size.height < 1000
        rows = [row.value for row in details._rows]
        assert "980,000 characters more" in rows


@given(
    text=st.text(max_size=200) | st.lists(st.sampled_from(["狐", "fox", "\n"])).map(" ".join),
    width=st.integers(1, 90),
)
def test_lines_fit_and_lose_nothing(text: str, width: int) -> None:
    row = entry_details._row(name := "prompt of a length", text)
    lines = list(entry_details._wrapped([row], width))
    column = max((cells for least, cells in NAME_COLUMNS if width >= least), default=0)
    for left, right, _ in lines:
        if column:
            assert cell_len(left) == column
        assert cell_len(right) <= max(2, width - column)
    shown = "".join(right for _, right, _ in lines)
    assert re.sub(r"\s", "", shown) == re.sub(r"\s", "", row.value)
    assert name[:10] in lines[0][0]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", [*SIZES, (30, 40)], ids=lambda size: f"{size[0]}x{size[1]}")
async def test_how_an_entry_looks(
    snapshot: SnapshotAssertion, theme: str, size: tuple[int, int]
) -> None:
    details = _details()
    app = Stage(details, theme=theme, css="studio.tcss")
    async with app.run_test(size=size) as pilot:
        _show(details, replace(RICH, status="partial", error=REFUSED.error))
        assert await still(pilot) == snapshot(extension_class=ScreenExtension)
