"""Pictures in a real terminal, judged by the pixels on its window."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from tests.e2e.picture_app import LEFT_COLUMNS
from tests.e2e.programs import needs
from tests.e2e.xterm import PROGRAMS, Pixels, Xterm
from tests.images.pictures import BLUE, GREEN, QUADRANTS, RED, YELLOW, quadrants, write

pytestmark = needs(*PROGRAMS)

Colour = tuple[int, int, int]
COLUMNS, ROWS = 90, 30
TOP, LEFT = (120, 0, 120), (0, 60, 60)
WHITE = (255, 255, 255)
ORANGE = (250, 130, 10)


@pytest.fixture
def xterm(tmp_path: Path) -> Iterator[Xterm]:
    xterm = Xterm((COLUMNS, ROWS), {}, tmp_path / "xterm.log")
    yield xterm
    xterm.close()


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    image = quadrants(900, 600)
    ImageDraw.Draw(image).ellipse((350, 200, 550, 400), fill=WHITE)
    return write(tmp_path / "picture.png", image)


@pytest.fixture
def flat(tmp_path: Path) -> Path:
    """A smaller picture of another shape and colour."""
    return write(tmp_path / "flat.png", Image.new("RGB", (100, 100), ORANGE))


def start(xterm: Xterm, *pictures: Path) -> None:
    xterm.start(sys.executable, "-m", "tests.e2e.picture_app", *map(str, pictures))


def where(pixels: Pixels, colour: Colour) -> NDArray[np.bool_]:
    """Where a colour is; sixel rounds to percents, dithering is a little off."""
    near: NDArray[np.bool_] = (np.abs(pixels.astype(int) - colour) <= 6).all(axis=-1)
    return near


def share(pixels: Pixels, colour: Colour) -> float:
    return float(where(pixels, colour).mean())


def extent(pixels: Pixels, colours: tuple[Colour, ...] = QUADRANTS) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of the pixels that have one of the colours."""
    there = np.logical_or.reduce([where(pixels, colour) for colour in colours])
    rows, columns = np.flatnonzero(there.any(axis=1)), np.flatnonzero(there.any(axis=0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def has_picture(pixels: Pixels) -> bool:
    return all(share(pixels, colour) > 0.05 for colour in (*QUADRANTS,))


def check_surroundings(xterm: Xterm, pixels: Pixels, columns: int, rows: int) -> None:
    """The lines and the column are in their places, and the picture keeps to its pane."""
    assert share(xterm.cells(pixels, 10, 0, columns - 10, 1), TOP) == 1
    assert share(xterm.cells(pixels, 10, rows - 1, columns - 10, 1), TOP) == 1
    assert share(xterm.cells(pixels, 0, 2, LEFT_COLUMNS, rows - 3), LEFT) == 1
    outside = pixels.copy()
    xterm.cells(outside, LEFT_COLUMNS + 1, 2, columns - LEFT_COLUMNS - 2, rows - 4)[:] = 0
    assert not any(where(outside, colour).any() for colour in (*QUADRANTS, ORANGE))


def check_picture(pixels: Pixels) -> None:
    """Four flat quadrants and a disc: no line, dot or gap of anything else in them."""
    left, top, right, bottom = extent(pixels)
    assert abs((right - left) / (bottom - top) - 900 / 600) < 0.03
    inner = pixels[top:bottom, left:right]
    height, width = inner.shape[0] // 2, inner.shape[1] // 2
    margin_x, margin_y = width // 3, height // 3
    for number, colour in enumerate(QUADRANTS):
        x, y = number % 2 * (width + margin_x), number // 2 * (height + margin_y)
        part = inner[y : y + height - margin_y, x : x + width - margin_x]
        assert share(part[2:-2, 2:-2], colour) == 1
    middle = inner[
        height - height // 5 : height + height // 5, width - width // 8 : width + width // 8
    ]
    assert share(middle, WHITE) == 1


def test_a_picture_lies_in_its_pane_and_disturbs_nothing(xterm: Xterm, picture: Path) -> None:
    start(xterm, picture)
    pixels = xterm.wait_for("the picture", has_picture)
    check_surroundings(xterm, pixels, COLUMNS, ROWS)
    check_picture(pixels)


def test_a_picture_makes_room_for_what_covers_it_and_comes_back(
    xterm: Xterm, picture: Path
) -> None:
    start(xterm, picture)
    before = xterm.wait_for("the picture", has_picture)
    xterm.press("c")
    covered = xterm.wait_for("the cover", lambda pixels: not has_picture(pixels))
    assert not any(where(covered, colour).any() for colour in QUADRANTS)
    xterm.press("c")
    assert np.array_equal(xterm.wait_for("the picture", has_picture), before)
    xterm.press("v")
    hidden = xterm.wait_for("the empty pane", lambda pixels: not has_picture(pixels))
    assert not any(where(hidden, colour).any() for colour in QUADRANTS)
    xterm.press("v")
    assert np.array_equal(xterm.wait_for("the picture", has_picture), before)
    xterm.press("s")
    assert np.array_equal(xterm.wait_for("the picture", has_picture), before)


def test_the_next_picture_leaves_nothing_of_the_one_before(
    xterm: Xterm, picture: Path, flat: Path
) -> None:
    start(xterm, picture, flat)
    before = xterm.wait_for("the picture", has_picture)
    xterm.press("n")
    pixels = xterm.wait_for("the flat one", lambda pixels: share(pixels, ORANGE) > 0.01)
    assert not any(where(pixels, colour).any() for colour in QUADRANTS)
    check_surroundings(xterm, pixels, COLUMNS, ROWS)
    left, top, right, bottom = extent(pixels, (ORANGE,))
    assert (right - left, bottom - top) == (200, 200)
    assert share(pixels[top:bottom, left:right], ORANGE) == 1
    xterm.press("n")
    assert np.array_equal(xterm.wait_for("the picture", has_picture), before)


def test_a_notification_stays_above_a_new_picture(xterm: Xterm, picture: Path, flat: Path) -> None:
    start(xterm, flat, picture)
    xterm.wait_for("the flat one", lambda pixels: share(pixels, ORANGE) > 0.01)
    before = xterm.pixels()
    xterm.press("t")
    told = xterm.wait_for("the message", lambda pixels: not np.array_equal(pixels, before))
    changed = np.argwhere((told != before).any(axis=-1))
    (top, left), (bottom, right) = changed.min(axis=0), changed.max(axis=0) + 1
    xterm.press("n")
    pixels = xterm.wait_for("the picture", has_picture)
    assert np.array_equal(pixels[top:bottom, left:right], told[top:bottom, left:right])


def test_a_picture_follows_the_size_of_the_window(xterm: Xterm, picture: Path) -> None:
    start(xterm, picture)
    xterm.wait_for("the picture", has_picture)
    for columns, rows in ((120, 44), (70, 20)):
        xterm.resize(columns, rows)
        room = columns - LEFT_COLUMNS - 2

        def is_as_large_as_the_room(
            pixels: Pixels, columns: int = columns, room: int = room
        ) -> bool:
            if not has_picture(pixels):
                return False
            left, top, right, bottom = extent(pixels)
            cell = pixels.shape[1] // columns
            fills_width = room * cell - 2 * cell < right - left <= room * cell
            fills_height = bottom - top > pixels.shape[0] * 0.7
            return fills_width or fills_height

        pixels = xterm.wait_for("the picture in its new size", is_as_large_as_the_room)
        check_surroundings(xterm, pixels, columns, rows)
        check_picture(pixels)


def test_graphics_can_be_switched_and_leave_nothing_behind(xterm: Xterm, picture: Path) -> None:
    start(xterm, picture)
    sixel = xterm.wait_for("the picture", has_picture)
    xterm.press("2")
    half = xterm.wait_for(
        "the picture in half cells",
        lambda pixels: has_picture(pixels) and not np.array_equal(pixels, sixel),
    )
    check_surroundings(xterm, half, COLUMNS, ROWS)
    xterm.press("0")
    off = xterm.wait_for("a line of text", lambda pixels: not has_picture(pixels))
    assert not any(where(off, colour).any() for colour in (RED, GREEN, BLUE, YELLOW))
    xterm.press("6")
    assert np.array_equal(xterm.wait_for("the picture", has_picture), sixel)
    xterm.press("q")
    after = xterm.wait_for("the end", lambda pixels: share(pixels, TOP) == 0)
    assert not any(where(after, colour).any() for colour in (RED, GREEN, BLUE, YELLOW))
