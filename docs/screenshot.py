"""Makes docs/studio.svg: the running studio, on the demo endpoint, with half-cell pictures."""

from __future__ import annotations

import asyncio
import os
import tempfile
from pathlib import Path

from textual.pilot import Pilot

from tui.app import DarkroomApp
from tui.catalog.loading import load_catalogue
from tui.config import load_config
from tui.history.entry import UNFINISHED
from tui.paths import Paths
from tui.setup import Setup
from tui.themes import load_themes

SIZE = (150, 46)
TARGET = Path(__file__).with_name("studio.svg")
EARLIER = [
    ("kling-image-o1", "fox in the snow, ink on rice paper"),
    ("glm-image", "harbour at night, forbidden-demo"),
    ("nano-banana-pro", "an orchard in late autumn, seen from above"),
    ("glm-image", "glass city under a green sky"),
]
LAST = ("seedream-4.5", "Seven paper lanterns over a slow river at dusk")


async def take(home: Path) -> None:
    """Send a few prompts, wait for the last picture, and export the screen."""
    paths = Paths(home, home, home)
    paths.prepare()
    app = DarkroomApp(
        Setup(
            paths=paths,
            config=load_config(paths.config_file),
            catalogue=load_catalogue(paths.cards),
            themes=load_themes(paths.themes),
            endpoint="demo",
            model=EARLIER[0][0],
            theme="safelight",
        )
    )
    async with app.run_test(size=SIZE) as pilot:
        for number, (model, prompt) in enumerate([*EARLIER, LAST], start=1):
            await app.studio.use_model(model)
            app.studio.editor.put(prompt)
            await pilot.press("ctrl+j")
            await _finished(pilot, app, number)
        await pilot.pause(2)
        TARGET.write_text(app.export_screenshot(title="Darkroom"), "utf-8")


async def _finished(pilot: Pilot[None], app: DarkroomApp, count: int) -> None:
    while True:
        entries = app.studio.history.rows
        if len(entries) == count and not any(e.status in UNFINISHED for e in entries):
            return
        await pilot.pause(0.05)


if __name__ == "__main__":
    os.environ["DARKROOM_DEMO_LATENCY"] = "0"
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(take(Path(folder)))
