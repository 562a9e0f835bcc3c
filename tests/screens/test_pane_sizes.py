"""Panes made larger and smaller, by keys and by mouse, in any terminal."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot
from textual.widget import Widget

from tests.screens.conftest import MakeApp
from tests.screens.waiting import until
from tui.app import DarkroomApp
from tui.generation.session import PaneSizes
from tui.widgets.pane_edge import EdgeDragged

WIDE = (120, 40)
LEFT, RIGHT, UP, DOWN = (f"alt+shift+{way}" for way in ("left", "right", "up", "down"))


def sizes(app: DarkroomApp) -> tuple[int, int, int]:
    """Columns of history and form, and rows of the prompt."""
    studio = app.studio
    return (
        studio.history_pane.outer_size.width,
        studio.form.outer_size.width,
        studio.editor.outer_size.height,
    )


async def test_keys_move_the_edge_of_the_pane_with_the_focus(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        assert sizes(app) == (28, 34, 8)
        await pilot.press(DOWN, DOWN, RIGHT)
        await until(pilot, lambda: sizes(app) == (28, 32, 10))
        await pilot.press("f5", RIGHT, RIGHT, RIGHT)
        await until(pilot, lambda: sizes(app) == (34, 32, 10))
        await pilot.press("f3", LEFT, LEFT)
        await until(pilot, lambda: sizes(app) == (34, 36, 10))
        await pilot.press("f5", "i", UP)
        details = app.studio.history_pane.details
        await until(pilot, lambda: details.outer_size.height > app.studio.history.outer_size.height)
        app.studio.action_reset_panes()
        await until(pilot, lambda: sizes(app) == (42, 34, 8))


@pytest.mark.parametrize("size", [(80, 24), (100, 24), (120, 40), (200, 60), (40, 10)])
async def test_no_pane_drives_out_another(make_app: MakeApp, size: tuple[int, int]) -> None:
    app = make_app()
    async with app.run_test(size=size) as pilot:
        for way in (1, -1):
            for edge in ("history", "form", "prompt", "details", "history"):
                app.studio.post_message(EdgeDragged(edge, way * 500))  # type: ignore[arg-type]
            await pilot.pause()
            await _assert_all_seen(pilot, app)


async def _assert_all_seen(pilot: Pilot[None], app: DarkroomApp) -> None:
    studio = app.studio
    panes: dict[str, Widget] = {"f5": studio.history, "f3": studio.form, "f2": studio.picture}
    for key, pane in panes.items():
        await pilot.press(key)
        await until(pilot, lambda pane=pane: pane.region.height >= 2 and pane.region.width >= 18)  # type: ignore[misc]
        assert studio.region.contains_region(pane.region)


async def test_edges_are_dragged(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        studio = app.studio
        await pilot.mouse_down(offset=(27, 20))
        await pilot.hover(offset=(31, 21))
        await pilot.hover(offset=(35, 22))
        await pilot.mouse_up(offset=(35, 22))
        await until(pilot, lambda: sizes(app) == (36, 34, 8))
        await pilot.mouse_down(offset=(86, 20))
        await pilot.hover(offset=(80, 20))
        await pilot.mouse_up(offset=(80, 20))
        await until(pilot, lambda: sizes(app) == (36, 40, 8))
        bottom = studio.editor.region.bottom - 1
        await pilot.mouse_down(offset=(50, bottom))
        await pilot.hover(offset=(52, bottom + 3))
        await pilot.mouse_up(offset=(52, bottom + 3))
        await until(pilot, lambda: sizes(app) == (36, 40, 11))
        # Within a pane, the mouse is for what lies there.
        await pilot.mouse_down(offset=(50, 5))
        await pilot.hover(offset=(52, 9))
        await pilot.mouse_up(offset=(52, 9))
        assert sizes(app) == (36, 40, 11)


async def test_sizes_outlive_the_studio_and_a_smaller_terminal(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("f5", *[RIGHT] * 15, "i", "f2", DOWN)
        await until(pilot, lambda: sizes(app) == (58, 34, 9))
    again = make_app()
    async with again.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: sizes(again) == (58, 34, 9))
        assert again.studio.history_pane.has_details
        await pilot.resize_terminal(100, 24)
        await until(pilot, lambda: sizes(again)[0] == 50)
        await pilot.resize_terminal(80, 24)
        await pilot.press("f5")
        await until(pilot, lambda: sizes(again)[0] == 80)
        await pilot.resize_terminal(*WIDE)
        await until(pilot, lambda: sizes(again) == (58, 34, 9))
        assert again.studio._layout.sizes == PaneSizes(history=58, prompt=9)
