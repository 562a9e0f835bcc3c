"""Pictures printed between lines of text, read back from the bytes."""

from __future__ import annotations

import numpy as np
from PIL import Image
from rich.color import ColorSystem

from tests.images.pictures import QUADRANTS, alike, quadrants
from tests.images.sixel_reader import read_sixel
from tests.printed_screen import PrintedScreen
from tui.images.printed import Printed, Printer, printed, side_by_side
from tui.terminal import USUAL_SIXEL_LIMITS, Graphics, SixelLimits

CELL = (10, 20)


def drawn(
    graphics: Graphics,
    picture: Image.Image,
    columns: int,
    rows: int,
    limits: SixelLimits = USUAL_SIXEL_LIMITS,
) -> Printed:
    printer = Printer(graphics, CELL, limits, ColorSystem.TRUECOLOR)
    return printed(picture, printer.pane(columns, rows), printer)


def screen(text: str) -> PrintedScreen:
    return PrintedScreen().write(f"before\n{text}after".encode())


def test_half_cells_lie_side_by_side_with_text_around_them() -> None:
    picture = drawn("half", quadrants(400, 400), 20, 10)
    assert (picture.columns, picture.rows) == (20, 10)
    wide = drawn("half", quadrants(400, 100), 20, 10)
    assert (wide.columns, wide.rows) == (20, 3)
    shown = screen(side_by_side([picture, wide], 20, 10, 2))
    cells = shown.half_cells()
    assert all(map(alike, [cells[x, y] for y in (2, 21) for x in (0, 19)], QUADRANTS))
    # In the middle of the ten lines there are.
    assert {y // 2 for x, y in cells if x >= 22} == {4, 5, 6}
    assert shown.text(0) == "before" and shown.text(11) == "after"
    assert not any(x in (20, 21) for x, _ in cells)


def test_a_terminal_with_few_colours_gets_those() -> None:
    printer = Printer("half", CELL, USUAL_SIXEL_LIMITS, ColorSystem.EIGHT_BIT)
    picture = printed(quadrants(40, 40), printer.pane(4, 2), printer)
    assert "\x1b[38;5;" in picture.lines[0] and "38;2;" not in picture.lines[0]


def test_kitty_pictures_are_uploaded_once_and_shown_by_placeholders() -> None:
    pictures = [drawn("kitty", quadrants(*size), 20, 10) for size in ((400, 400), (400, 110))]
    shown = screen(side_by_side(pictures, 20, 10, 2))
    found = shown.placeholders()
    assert len(found) == len(shown.uploads) == 2
    square, wide = sorted(found.values())
    assert set(square) == {(x, y) for x in range(20) for y in range(1, 11)}
    assert {y for _, y in wide} == {4, 5, 6} and {x for x, _ in wide} == set(range(22, 42))
    for number, places in found.items():
        image = shown.uploaded(number)
        assert image.width == 200 and image.height == 20 * len({y for _, y in places})
        middle = image.convert("RGB").getpixel((20, image.height // 2 - 10))
        assert isinstance(middle, tuple) and alike((middle[0], middle[1], middle[2]), QUADRANTS[0])
        if image.mode == "RGBA":
            assert np.asarray(image.getchannel("A"))[0].max() == 0, "above the picture it is clear"
    assert shown.text(11) == "after"


def test_sixel_pictures_go_onto_lines_that_are_there_and_move_nothing() -> None:
    pictures = [drawn("sixel", quadrants(*size), 20, 10) for size in ((400, 400), (400, 100))]
    shown = screen(side_by_side(pictures, 20, 10, 2))
    assert [(x, y) for x, y, _, _ in shown.sixels] == [(0, 1), (22, 4)]
    for (_, y, lines, text), picture in zip(shown.sixels, pictures, strict=True):
        pixels = read_sixel(text)
        assert pixels.shape[0] <= picture.rows * CELL[1]
        assert y + picture.rows < lines, "the line beneath is there, too"
        corners = [pixels[y, x] for y in (6, pixels.shape[0] - 16) for x in (5, 195)]
        percent = [tuple(round(c * 100 / 255) for c in colour) for colour in QUADRANTS]
        assert all(map(alike, map(tuple, corners), percent))
    assert shown.text(11) == "after"


def test_a_sixel_picture_stays_within_what_the_terminal_draws() -> None:
    limits = SixelLimits(colours=16, width=100, height=60)
    picture = drawn("sixel", quadrants(400, 400), 80, 40, limits)
    assert read_sixel(picture.sixel).shape == (60, 60, 3)
    assert (picture.columns, picture.rows) == (6, 3)
