from __future__ import annotations

import base64
import io
import re
import subprocess
import sys

import pytest
from PIL import Image
from rich.segment import Segment

from tests.images.pictures import QUADRANTS, alike, encoded, quadrants
from tests.images.placeholders import read_placeholders
from tui.images.cells import (
    MAX_KITTY_CELLS,
    MOSAIC_TILES,
    CellRow,
    half_cells,
    kitty_picture,
    mosaic,
)

Colour = tuple[int, int, int]


def colours(row: CellRow) -> list[tuple[Colour | None, Colour]]:
    """Upper and lower colour of each cell; no upper one where the cell is blank."""
    cells: list[tuple[Colour | None, Colour]] = []
    for text, style, _ in row:
        assert style is not None and style.bgcolor is not None
        lower = tuple(style.bgcolor.get_truecolor())
        upper = tuple(style.color.get_truecolor()) if style.color else None
        for character in text:
            assert character == ("▀" if upper else " ")
            cells.append((upper, lower))  # type: ignore[arg-type]
    return cells


def test_half_cells_hold_two_pixels_each() -> None:
    picture = Image.new("RGB", (2, 4))
    for y, shade in enumerate((10, 20, 30, 40)):
        picture.paste((shade, shade, shade), (0, y, 2, y + 1))
    rows = half_cells(picture, 2, 2)
    assert [colours(row) for row in rows] == [
        [((10, 10, 10), (20, 20, 20))] * 2,
        [((30, 30, 30), (40, 40, 40))] * 2,
    ]


def test_flat_areas_are_few_segments() -> None:
    rows = half_cells(quadrants(400, 400), 40, 20)
    assert len(rows) == 20
    assert all(len(row) == 2 for row in rows)
    assert alike(colours(rows[0])[0][1], QUADRANTS[0], 0)


@pytest.mark.parametrize(("columns", "rows"), [(1, 1), (5, 3), (12, 9), (97, 41)])
def test_a_mosaic_fills_the_cells_with_few_segments(columns: int, rows: int) -> None:
    lines = mosaic(quadrants(400, 300), columns, rows)
    assert len(lines) == rows
    for line in lines:
        assert Segment.get_line_length(line) == columns
        assert len(line) <= MOSAIC_TILES
    if columns > 1:
        top_left, bottom_right = colours(lines[0])[0][1], colours(lines[-1])[-1][1]
        assert alike(top_left, QUADRANTS[0]) and alike(bottom_right, QUADRANTS[3])


def uploaded(upload: str) -> tuple[Image.Image, list[dict[str, str]]]:
    """The picture that the terminal gets, and the keys of each command."""
    commands, payload = [], ""
    for keys, content in re.findall(r"\x1b_G([^;\x1b]*);?([^\x1b]*)\x1b\\", upload):
        commands.append(dict(pair.split("=") for pair in keys.split(",")))
        payload += content
    assert re.sub(r"\x1b_G[^\x1b]*\x1b\\", "", upload) == ""
    return Image.open(io.BytesIO(base64.b64decode(payload))), commands


def test_kitty_gets_the_very_pixels_once_and_quietly() -> None:
    picture = quadrants(360, 342)
    kitty = kitty_picture(encoded(picture, "PNG"), 40, 19)
    image, commands = uploaded(kitty.upload)
    assert image.convert("RGB").tobytes() == picture.tobytes()
    assert all(command["q"] == "2" and command["i"] == str(kitty.id) for command in commands)
    assert {key: commands[-1][key] for key in ("a", "U", "c", "r")} == {
        "a": "p",
        "U": "1",
        "c": "40",
        "r": "19",
    }


def test_kittys_placeholders_number_every_cell() -> None:
    kitty = kitty_picture(encoded(quadrants(), "PNG"), 5, 3)
    assert len(kitty.rows) == 3
    cells = [kitty.cells(row, column, column + 1) for row in range(3) for column in range(5)]
    assert len(set(cells)) == 15
    assert all(cell.count("\U0010eeee") == 1 for cell in cells)
    whole = kitty.cells(1, 0, 5)
    colour = f"\x1b[38;2;{kitty.id >> 16 & 255};{kitty.id >> 8 & 255};{kitty.id & 255}m"
    assert whole == f"{colour}{kitty.rows[1][:4]}{4 * kitty.rows[1][0]}\x1b[39m"
    assert whole.count("\U0010eeee") == 5


NUMBERS = (
    *(0x305, 0x30D, 0x30E, 0x310, 0x312, 0x33D, 0x33E, 0x33F, 0x346, 0x34A, 0x34B, 0x34C),
    *(0x350, 0x351, 0x352, 0x357, 0x35B, 0x363, 0x364, 0x365, 0x366, 0x367, 0x368, 0x369),
)
"""The first diacritics that number rows and columns, as the protocol lists them."""


def test_what_kitty_shows_in_its_cells_is_the_picture() -> None:
    picture = quadrants(24 * 9, 10 * 18)
    kitty = kitty_picture(encoded(picture, "PNG"), 24, 10)
    sent, commands = uploaded(kitty.upload)
    (placement,) = [keys for keys in commands if keys.get("a") == "p"]
    assert (placement["c"], placement["r"], placement["U"]) == ("24", "10", "1")
    shown = Image.new("RGB", picture.size)
    width, height = sent.width // 24, sent.height // 10
    highs = set()
    for line in range(10):
        # As when something lies above some of it.
        for first, last in ((0, 24), (7, 8), (8, 13)):
            text = kitty.cells(line, first, last)
            colour = re.match(r"\x1b\[38;2;(\d+);(\d+);(\d+)m", text)
            assert colour is not None
            red, green, blue = map(int, colour.groups())
            assert red << 16 | green << 8 | blue == kitty.id & 0xFFFFFF
            cells = read_placeholders(text, NUMBERS)
            assert len(cells) == last - first
            for place, (row, column, high) in enumerate(cells, start=first):
                highs.add(high)
                x, y = column * width, row * height
                shown.paste(sent.crop((x, y, x + width, y + height)), (place * 9, line * 18))
    assert len(highs) == 1
    assert shown.tobytes() == picture.tobytes()


def test_the_largest_kitty_picture_has_as_many_cells_as_there_are_numbers() -> None:
    assert (
        len(kitty_picture(encoded(quadrants(), "PNG"), MAX_KITTY_CELLS, 1).rows[0])
        == MAX_KITTY_CELLS * 4
    )


def test_two_kitty_pictures_are_kept_apart() -> None:
    assert (
        kitty_picture(encoded(quadrants(), "PNG"), 4, 2).id
        != kitty_picture(encoded(quadrants(), "PNG"), 4, 2).id
    )


def test_textual_image_neither_asks_nor_writes_to_the_terminal() -> None:
    code = (
        "import io, os, pty, sys\n"
        "master, slave = os.openpty()\n"
        "for descriptor in (0, 1, 2): os.dup2(slave, descriptor)\n"
        "sys.__stdout__ = sys.stdout = open(1, 'w'); sys.__stdin__ = sys.stdin = open(0)\n"
        "assert sys.__stdout__.isatty() and sys.__stdin__.isatty()\n"
        "from PIL import Image\n"
        "from tui.images.cells import kitty_picture\n"
        "picture = Image.new('RGB', (64, 64))\n"
        "file = io.BytesIO(); picture.save(file, 'PNG')\n"
        "kitty_picture(file.getvalue(), 8, 4)\n"
        "assert sys.__stdout__.isatty()\n"
        "os.write(slave, b'END')\n"
        "written = os.read(master, 100000)\n"
        "sys.exit(0 if written == b'END' else 3)\n"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0
