"""Waiting for what the application does, without guessing how long it takes."""

from __future__ import annotations

import re
from collections.abc import Callable

from textual.pilot import Pilot
from textual.widget import Widget

from tui.app import DarkroomApp

TRIES = 3000


async def until(pilot: Pilot[None], condition: Callable[[], bool], what: str = "") -> None:
    """Let the application run until `condition` holds."""
    for _ in range(TRIES):
        if condition():
            await pilot.pause()
            return
        await pilot.pause(0.01)
    screen = text_of(pilot.app.screen)
    raise AssertionError(f"did not come true: {what or condition}\n{screen}")


def text_of(widget: Widget) -> str:
    """The text that a widget shows now."""
    region = widget.region
    lines = widget.screen._compositor.render_strips()
    shown = [lines[y].crop(region.x, region.right) for y in range(region.y, region.bottom)]
    return "\n".join("".join(segment.text for segment in strip) for strip in shown)


def words_of(widget: Widget) -> str:
    """The words that a widget shows now, however they are wrapped and framed."""
    return " ".join(re.sub("[│╭╮╰╯─]", " ", text_of(widget)).split())


async def history_shown(pilot: Pilot[None], app: DarkroomApp, count: int) -> None:
    """Wait until the sidebar holds `count` entries."""
    history = app.studio.history
    await until(pilot, lambda: history.count == count, f"{count} entries")


async def picture_shown(pilot: Pilot[None], app: DarkroomApp) -> None:
    """Wait until the picture pane has drawn a picture in half cells."""
    pane = app.studio.picture
    await until(pilot, lambda: "▀" in text_of(pane) or "▄" in text_of(pane), "a picture")


async def models_known(pilot: Pilot[None], app: DarkroomApp) -> None:
    """Wait until the studio follows the endpoint's own list of models."""
    await until(
        pilot, lambda: app.studio.drafting.catalogue.offered is not None, "the endpoint's models"
    )


async def still(pilot: Pilot[None]) -> str:
    """The screen as a picture, once nothing moves on it any more, such as what a scroll bar
    leaves to what stands beside it."""
    picture = ""
    while picture != (picture := pilot.app.export_screenshot(title="Darkroom")):
        await pilot.pause()
    return picture
