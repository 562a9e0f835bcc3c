"""Pictures in a real terminal, judged by the pixels on its window."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from tests.e2e.picture_app import LEFT_COLUMNS
from tests.e2e.programs import needs
from tests.e2e.xterm import PROGRAMS, Pixels, Xterm
from tests.images.pictures import QUADRANTS, RED, quadrants, write

pytestmark = needs(*PROGRAMS)

Colour = tuple[int, int, int]
COLUMNS, ROWS = 90, 30
TOP, LEFT = (120, 0, 120), (0, 60, 60)
WHITE = (255, 255, 255)
ORANGE = (250, 130, 10)
BOX = (0, 0, 120)


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
    return all(share(pixels, colour) > 0.05 for colour in QUADRANTS)


def has_no_picture(pixels: Pixels) -> bool:
    return not any(where(pixels, colour).any() for colour in (*QUADRANTS, ORANGE))


def has_flat_picture(pixels: Pixels) -> bool:
    return share(pixels, ORANGE) > 0.01 and share(pixels, QUADRANTS[0]) == 0


def check_surroundings(xterm: Xterm, pixels: Pixels, columns: int, rows: int) -> None:
    """The lines and the column are in their places, and the picture keeps to its pane."""
    assert share(xterm.cells(pixels, 10, 0, columns - 10, 1), TOP) == 1
    assert share(xterm.cells(pixels, 10, rows - 1, columns - 10, 1), TOP) == 1
    assert share(xterm.cells(pixels, 0, 2, LEFT_COLUMNS, rows - 3), LEFT) == 1
    outside = pixels.copy()
    xterm.cells(outside, LEFT_COLUMNS + 1, 2, columns - LEFT_COLUMNS - 2, rows - 4)[:] = 0
    assert has_no_picture(outside)
    width, height = pixels.shape[1] / columns, pixels.shape[0] / rows
    left, top, right, bottom = extent(pixels, (*QUADRANTS, ORANGE))
    assert abs((left + right) / width - LEFT_COLUMNS - columns) <= 2
    assert abs((top + bottom) / height - rows) <= 2


def check_picture(pixels: Pixels) -> None:
    """Four flat quadrants and a round disc: no line, dot or gap of anything else in them."""
    left, top, right, bottom = extent(pixels)
    assert abs((right - left) / (bottom - top) - 900 / 600) < 0.03
    inner = pixels[top:bottom, left:right]
    height, width = inner.shape[0] // 2, inner.shape[1] // 2
    for number, colour in enumerate(QUADRANTS):
        x, y = number % 2 * (width + width // 3), number // 2 * (height + height // 3)
        part = inner[y : y + height * 2 // 3, x : x + width * 2 // 3]
        assert share(part[2:-2, 2:-2], colour) == 1
    disc = where(inner, WHITE)
    assert disc[height - height // 5 : height + height // 5, width - 9 : width + 9].all()
    edges = disc[disc.any(axis=1)].argmax(axis=1)
    assert len(set(edges.tolist())) > len(edges) // 5  # Cells would make it far coarser.


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
    for key in ("c", "v"):
        xterm.press(key)
        xterm.wait_for("the screen without the picture", has_no_picture)
        xterm.press(key)
        xterm.wait_for("the picture", lambda pixels: np.array_equal(pixels, before))


def test_a_picture_comes_back_when_another_program_had_the_terminal(
    xterm: Xterm, picture: Path
) -> None:
    start(xterm, picture)
    before = xterm.wait_for("the picture", has_picture)
    xterm.press("s")
    xterm.wait_for("the other program", has_no_picture)
    xterm.press("Return")
    xterm.wait_for("the picture", lambda pixels: np.array_equal(pixels, before))


def test_the_next_picture_leaves_nothing_of_the_one_before(
    xterm: Xterm, picture: Path, flat: Path
) -> None:
    start(xterm, picture, flat)
    before = xterm.wait_for("the picture", has_picture)
    xterm.press("n")
    pixels = xterm.wait_for("the flat one", has_flat_picture)
    assert not any(where(pixels, colour).any() for colour in QUADRANTS)
    check_surroundings(xterm, pixels, COLUMNS, ROWS)
    left, top, right, bottom = extent(pixels, (ORANGE,))
    assert (right - left, bottom - top) == (200, 200)
    assert share(pixels[top:bottom, left:right], ORANGE) == 1
    xterm.press("n")
    xterm.wait_for("the picture", lambda pixels: np.array_equal(pixels, before))


def test_what_lies_above_a_picture_stays_above(xterm: Xterm, picture: Path, flat: Path) -> None:
    start(xterm, flat, picture)
    xterm.wait_for("the flat picture", has_flat_picture)

    def boxes(pixels: Pixels) -> list[bool]:
        return [share(xterm.cells(pixels, 46, y, 20, 5), BOX) == 1 for y in (5, 15)]

    xterm.press("b")
    xterm.wait_for("two boxes", lambda pixels: boxes(pixels) == [True, True])
    xterm.press("n")
    shown = xterm.wait_for("the picture", has_picture)
    assert boxes(shown) == [True, True]
    xterm.press("d")
    xterm.wait_for(
        "the picture in place of the upper box",
        lambda pixels: (
            share(xterm.cells(pixels, 41, 6, 10, 3), RED) == 1 and boxes(pixels) == [False, True]
        ),
    )


def holds(check: Callable[[Pixels], None], pixels: Pixels) -> bool:
    try:
        check(pixels)
    except AssertionError:
        return False
    return True


def test_a_picture_follows_the_size_of_the_window(xterm: Xterm, picture: Path) -> None:
    start(xterm, picture)
    xterm.wait_for("the picture", has_picture)
    for columns, rows, large in ((120, 44, 0.95), (70, 20, 0.7)):
        xterm.resize(columns, rows)
        room = 1 - (LEFT_COLUMNS + 2) / columns

        def is_redrawn(
            pixels: Pixels, room: float = room, large: float = large, rows: int = rows
        ) -> bool:
            if not has_picture(pixels):
                return False
            left, top, right, bottom = extent(pixels)
            is_large = right - left > pixels.shape[1] * room * large
            is_whole = abs((right - left) / (bottom - top) - 900 / 600) < 0.03
            fits = bottom - top < pixels.shape[0] * (1 - 4 / rows) + 1
            # On its way there the picture may stand still for a moment in half cells.
            return is_large and is_whole and fits and holds(check_picture, pixels)

        pixels = xterm.wait_for("the picture in its new size", is_redrawn)
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
    xterm.wait_for("a line of text", has_no_picture)
    xterm.press("6")
    xterm.wait_for("the picture", lambda pixels: np.array_equal(pixels, sixel))
    xterm.press("q")
    xterm.wait_for("the end", lambda pixels: share(pixels, TOP) == 0 and has_no_picture(pixels))
