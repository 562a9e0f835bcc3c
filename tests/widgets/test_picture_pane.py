"""The picture pane says what came otherwise than asked, and moves nothing for it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from msgspec.structs import replace
from textual.app import App, ComposeResult

from tests.history.entries import DONE
from tests.images.pictures import quadrants, write
from tests.screens.waiting import text_of
from tui.generation.actual import Difference
from tui.history.entry import Entry, EntryImage
from tui.widgets.image_view import ImageView
from tui.widgets.picture_pane import PicturePane

SIZE = Difference("size", "2304x1728", "2048x2048", 1)
OTHER_SIZE = Difference("size", "2304x1728", "640x480", 2)
MODEL = Difference("model", "seedream-4.5", "seedream-5\x1b[31m-[bold]pro")
FACTS = "2048×2048 · Seedream 4.5 · seed 462822 · 12.5 s · $0.04"


class PaneApp(App[None]):
    """A pane alone, as tall and wide as the terminal."""

    CSS = """
    PicturePane { height: 1fr; border: round white; }
    PicturePane.-bare { border: none; }
    ImageView { height: 1fr; }
    #notice { display: none; }
    #caption { height: 1; padding: 0 0 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
    """

    def compose(self) -> ComposeResult:
        yield PicturePane()

    @property
    def pane(self) -> PicturePane:
        return self.query_one(PicturePane)

    @property
    def lines(self) -> list[str]:
        return [line.strip(" │") for line in text_of(self.pane).splitlines()]


@pytest.fixture
def entry(tmp_path: Path) -> Entry:
    path = write(tmp_path / "image.png", quadrants())
    image = EntryImage(str(path), "", 1, 2048, 2048, "png")
    images = (image, replace(image, width=640, height=480))
    return replace(DONE, parameters={"seed": 462822}, images=images)


async def test_what_came_otherwise_stands_in_the_border_and_moves_nothing(entry: Entry) -> None:
    app = PaneApp()
    alone = replace(entry, images=entry.images[:1])
    async with app.run_test(size=(80, 24)) as pilot:

        async def show(entry: Entry, *differences: Difference) -> list[str]:
            app.pane.show_entry(entry, "Seedream 4.5", Path, differences)
            await pilot.pause()
            return app.lines

        before = await show(alone)
        assert before[-2] == FACTS
        assert "≠" not in "".join(before)
        view = app.query_one(ImageView).region
        after = await show(alone, SIZE)
        assert after[-2] == FACTS
        assert after[-1].endswith("─ ≠ asked 2304×1728, came 2048×2048 ─╯")
        assert app.query_one(ImageView).region == view

        # Of two pictures each has its own; what is about both stays.
        assert "asked 2304×1728, came 2048×2048" in (await show(entry, SIZE, OTHER_SIZE))[-1]
        await pilot.press("tab", "right")
        assert "asked 2304×1728, came 640×480" in app.lines[-1]
        both = await show(entry, SIZE, MODEL)
        assert "served by seedream-5␛[31m-[bold]pro, not seedream-4.5 ─" in both[-1]
        assert "2304×1728" not in both[-1]
        # It is gone with the picture.
        assert "≠" not in "".join(await show(replace(entry, images=(), status="failed"), MODEL))


@pytest.mark.parametrize(
    ("width", "words"),
    [
        (42, "≠ asked 2304×1728, came 2048×2048"),
        (40, "≠ asked 2304×1728, came 2048×2048"),
        (38, "≠ asked 2304×1728"),
        (24, "≠ asked 2304×1728"),
    ],
)
async def test_there_are_fewer_words_where_there_is_less_room(
    entry: Entry, width: int, words: str
) -> None:
    app = PaneApp()
    async with app.run_test(size=(80, 24)) as pilot:
        app.pane.show_entry(entry, "Seedream 4.5", Path, [SIZE])
        await pilot.resize_terminal(width, 24)
        await pilot.pause()
        assert app.lines[-1].strip("╰╯─ ") == words


@pytest.mark.parametrize(
    ("differences", "line"),
    [((), FACTS), ((SIZE,), f"{FACTS}  ≠ asked 2304×1728")],
)
async def test_without_a_border_it_stands_last(
    entry: Entry, differences: Sequence[Difference], line: str
) -> None:
    app = PaneApp()
    alone = replace(entry, images=entry.images[:1])
    async with app.run_test(size=(80, 20)) as pilot:
        app.pane.show_entry(alone, "Seedream 4.5", Path, differences)
        app.pane.add_class("-bare")
        await pilot.resize_terminal(79, 20)
        await pilot.pause()
        assert app.lines[-1] == line
        await pilot.resize_terminal(len(FACTS) + 1, 20)
        await pilot.pause()
        assert app.lines[-1].startswith(FACTS[:-2])


async def test_the_mark_has_the_colour_of_a_warning(entry: Entry) -> None:
    app = PaneApp()
    async with app.run_test(size=(80, 24)) as pilot:
        app.pane.show_entry(entry, "Seedream 4.5", Path, [SIZE])
        await pilot.pause()
        warning = app.theme_variables["warning"].lower()
        strip = app.screen._compositor.render_strips()[-1]
        (mark,) = (segment for segment in strip if "≠" in segment.text)
        assert mark.style is not None
        assert mark.style.color is not None
        assert mark.style.color.get_truecolor().hex == warning
