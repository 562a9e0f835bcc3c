"""The installed command in a real xterm: the picture it shows is the picture it saved."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.e2e.programs import needs
from tests.e2e.tmux import DARKROOM
from tests.e2e.xterm import PROGRAMS, Pixels, Xterm, sketch

pytestmark = needs(*PROGRAMS)

COLUMNS, ROWS = 120, 40
PANE = (29, 10, 56, 26)
"""Column, row, columns and rows inside which the picture stands."""
BELOW_HISTORY = (1, 10, 26, 26)
"""Where the history has no entry yet."""


@pytest.fixture
def xterm(tmp_path: Path) -> Iterator[Xterm]:
    environment = {"DARKROOM_HOME": str(tmp_path / "home"), "DARKROOM_DEMO_LATENCY": "0"}
    xterm = Xterm((COLUMNS, ROWS), environment, tmp_path / "xterm.log")
    yield xterm
    xterm.close()


def _colours(pixels: Pixels) -> int:
    return len(np.unique(pixels.reshape(-1, 3), axis=0))


def _entries(home: Path) -> list[dict[str, Any]]:
    files = home.glob("history/*/*/*/*.toml")
    return [tomllib.loads(file.read_text("utf-8")) for file in files]


def _filled(pixels: Pixels, background: Pixels) -> float:
    """The share of pixels that are not of the background's colour."""
    return float((np.abs(pixels.astype(int) - background.astype(int)).max(axis=-1) > 8).mean())


def _framed(pixels: Pixels, background: Pixels) -> Pixels:
    """The smallest part of `pixels` that holds all that is not of the background's colour."""
    there = np.abs(pixels.astype(int) - background.astype(int)).max(axis=-1) > 8
    rows, columns = np.flatnonzero(there.any(axis=1)), np.flatnonzero(there.any(axis=0))
    return pixels[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def test_the_preview_shows_the_saved_picture_in_its_pane(xterm: Xterm, tmp_path: Path) -> None:
    xterm.start(str(DARKROOM), "--model", "glm-image")
    blank = xterm.wait_for("the studio", lambda pixels: _colours(pixels) > 40)
    background = xterm.cells(blank, *PANE)[0, 0]
    top_line = xterm.cells(blank, 0, 0, 40, 1)

    xterm.type("seven lanterns over a river")
    xterm.press("ctrl+j")
    shown = xterm.wait_for(
        "the picture", lambda pixels: _filled(xterm.cells(pixels, *PANE), background) > 0.5
    )

    preview = _framed(xterm.cells(shown, *PANE), background)
    (entry,) = _entries(tmp_path / "home")
    assert entry["status"] == "done"
    (image,) = entry["images"]
    assert preview.shape[1] / preview.shape[0] == pytest.approx(
        image["width"] / image["height"], rel=0.06
    )
    with Image.open(tmp_path / "home" / image["file"]) as saved:
        height, width = preview.shape[:2]
        expected = np.asarray(saved.convert("RGB").resize((width, height)))
    coarse = (height // 24 * 24, width // 24 * 24)
    difference = np.abs(_means(preview, coarse) - _means(expected, coarse))
    assert difference.mean() < 8, (
        f"not the same colours at the same places:\n{sketch(preview)}\n{sketch(expected)}"
    )
    assert _colours(preview) > 150

    assert np.array_equal(xterm.cells(shown, 0, 0, 40, 1), top_line), "the screen did not scroll"
    outside = xterm.cells(shown, *BELOW_HISTORY)
    assert _filled(outside, background) == 0, "nothing of it outside of its pane"


def test_nothing_is_left_of_what_covered_the_picture(xterm: Xterm) -> None:
    xterm.start(str(DARKROOM), "--model", "glm-image")
    blank = xterm.wait_for("the studio", lambda pixels: _colours(pixels) > 40)
    background = xterm.cells(blank, *PANE)[0, 0]
    xterm.type("seven lanterns over a river")
    xterm.press("ctrl+j")
    shown = xterm.wait_for(
        "the picture", lambda pixels: _filled(xterm.cells(pixels, *PANE), background) > 0.5
    )
    before = xterm.cells(shown, *PANE)
    for key in ("ctrl+p", "F4"):
        xterm.press(key)
        xterm.wait_for(
            "what covers the picture",
            lambda pixels: (xterm.cells(pixels, *PANE) != before).any(axis=-1).mean() > 0.9,
        )
        xterm.press("Escape")
        xterm.wait_for(
            "the very picture",
            lambda pixels: np.array_equal(xterm.cells(pixels, *PANE), before),
        )


def _means(pixels: NDArray[Any], shape: tuple[int, int]) -> NDArray[np.float64]:
    """Mean colours of 24 × 24 fields."""
    height, width = shape
    fields = pixels[:height, :width].astype(np.float64)
    means: NDArray[np.float64] = fields.reshape(24, height // 24, 24, width // 24, 3).mean((1, 3))
    return means
