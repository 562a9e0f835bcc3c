"""The viewer in a real xterm: at 1:1 the window shows the pixels of the file, one for one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.e2e.programs import needs
from tests.e2e.tmux import DARKROOM
from tests.e2e.xterm import PROGRAMS, Pixels, Xterm
from tui.history.entry import Entry, EntryImage, new_id
from tui.history.store import HistoryStore
from tui.images.sixel import BAND
from tui.images.zoom import ACTUAL, Frame, Zoom, panned, part_seen
from tui.paths import Paths

pytestmark = needs(*PROGRAMS)

COLUMNS, ROWS = 120, 40
LINES = 38
"""Rows of the picture: beneath it stand where it is, and the keys."""
SIZE = (1900, 1500)
BLOCK = 20
ENTRY = (1, 3, 26, 2)
"""Column, row, columns and rows of the first entry of the history."""


@pytest.fixture
def picture(paths: Paths) -> Pixels:
    """The pixels of the only picture in history: squares of few colours, nowhere the same."""
    generator = np.random.default_rng(11)
    squares = generator.integers(0, 3, (SIZE[1] // BLOCK, SIZE[0] // BLOCK, 3), np.uint8) * 102
    pixels: Pixels = (squares + 25).repeat(BLOCK, 0).repeat(BLOCK, 1)
    store, created = HistoryStore(paths), datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    entry_id = new_id(created)
    name = store.image_name(entry_id, 1, "png")
    path = store.absolute(name)
    path.parent.mkdir(parents=True)
    Image.fromarray(pixels).save(path)
    data = path.read_bytes()
    image = EntryImage(name, hashlib.sha256(data).hexdigest(), len(data), *SIZE, "png")
    store.write(
        Entry(
            id=entry_id,
            created=created,
            status="done",
            endpoint="demo",
            model="glm-image",
            prompt="squares",
            images=(image,),
        )
    )
    return pixels


@pytest.fixture
def xterm(paths: Paths, tmp_path: Path) -> Iterator[Xterm]:
    environment = {"DARKROOM_HOME": str(paths.data), "DARKROOM_DEMO_LATENCY": "0"}
    xterm = Xterm((COLUMNS, ROWS), environment, tmp_path / "xterm.log")
    yield xterm
    xterm.close()


def _colours(pixels: Pixels) -> int:
    return len(np.unique(pixels.reshape(-1, 3), axis=0))


def _colourful(pixels: Pixels) -> float:
    """The share of pixels that are of a strong colour."""
    return float((np.ptp(pixels, axis=-1) > 90).mean())


def _is_seen(window: Pixels, picture: Pixels, right: int = 0) -> bool:
    """Whether the window shows the picture at 1:1, moved by so many pixels."""
    height, width = window.shape[0] * LINES // ROWS, window.shape[1]
    height -= height % BAND
    frame = Frame(SIZE, (width, height), min(width / SIZE[0], height / SIZE[1]))
    part = part_seen(panned(Zoom(ACTUAL), frame, right, 0), frame)
    top, left = int(part.top), int(part.left)
    want = picture[top : top + height, left : left + width].astype(int)
    # Sixel colours are in per cent.
    return bool((np.abs(window[:height] - want).max(axis=-1) <= 4).mean() > 0.999)


def test_at_its_own_size_the_window_shows_the_pixels_of_the_file(
    xterm: Xterm, picture: Pixels
) -> None:
    xterm.start(str(DARKROOM))
    xterm.wait_for("the entry", lambda window: _colours(xterm.cells(window, *ENTRY)) > 5)
    xterm.press("F5")
    xterm.press("space")
    xterm.wait_for("the whole", lambda window: _colourful(window[50:500, 300:700]) > 0.5)
    xterm.press("1")
    seen = xterm.wait_for("its pixels", lambda window: _is_seen(window, picture))
    step = seen.shape[1] // 8
    xterm.press("l")
    xterm.wait_for("a step further", lambda window: _is_seen(window, picture, step))
    xterm.press("ctrl+p")
    xterm.wait_for("commands", lambda window: not _is_seen(window, picture, step))
    xterm.press("Escape")
    xterm.wait_for("nothing left of them", lambda window: _is_seen(window, picture, step))
