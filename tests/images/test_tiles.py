from __future__ import annotations

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image
from rich.segment import Segment

from tests.images.pictures import QUADRANTS, alike, quadrants
from tui.images.cells import KittyPicture
from tui.images.preview import TILE_COLUMNS, TILE_LINES, Tile, TileRequest
from tui.images.tiles import prepare_tile

HALF = TileRequest("half", (10, 20), (1, 2, 3))
KITTY = TileRequest("kitty", (10, 20), (1, 2, 3))
Colour = tuple[int, int, int]


def pixels(tile: Tile) -> dict[tuple[int, int], Colour]:
    """The colour of every half cell, by column and row of half cells."""
    found: dict[tuple[int, int], Colour] = {}
    for y, line in enumerate(tile.lines):
        x = 0
        for text, style, _ in line:
            assert style is not None
            for character in text:
                upper, lower = style.color, style.bgcolor
                if character == "▀" and upper is not None:
                    found[x, 2 * y] = tuple(upper.get_truecolor())
                elif lower is not None:
                    found[x, 2 * y] = tuple(lower.get_truecolor())
                if lower is not None:
                    found[x, 2 * y + 1] = tuple(lower.get_truecolor())
                x += 1
    return found


def uploaded(kitty: KittyPicture) -> Image.Image:
    payload = "".join(re.findall(r"\x1b_G[^;\x1b]*;([^\x1b]*)\x1b", kitty.upload))
    return Image.open(io.BytesIO(base64.b64decode(payload)))


@pytest.mark.parametrize("size", [(400, 300), (1600, 90), (90, 1600), (1, 1), (16_000, 1)])
def test_every_picture_fills_its_tile_but_for_the_half_of_a_line(size: tuple[int, int]) -> None:
    tile = prepare_tile(Image.new("RGB", size, (200, 100, 50)), HALF)
    assert [Segment.get_line_length(line) for line in tile.lines] == [TILE_COLUMNS] * TILE_LINES
    found = pixels(tile)
    assert set(found) == {(x, y) for x in range(TILE_COLUMNS) for y in range(TILE_LINES * 2 - 1)}
    assert all(alike(colour, (200, 100, 50), 1) for colour in found.values())
    assert tile.kitty is None


def test_the_colours_are_where_the_picture_has_them() -> None:
    found = pixels(prepare_tile(quadrants(800, 600), HALF))
    corners = [found[x, y] for y in (0, 4) for x in (0, TILE_COLUMNS - 1)]
    assert all(map(alike, corners, QUADRANTS))


def test_the_middle_is_shown_of_what_is_longer() -> None:
    banner = Image.new("RGB", (1000, 100), (255, 0, 0))
    banner.paste((0, 0, 255), (430, 0, 570, 100))
    found = pixels(prepare_tile(banner, HALF))
    assert all(alike(colour, (0, 0, 255)) for colour in found.values())


def test_what_is_clear_shows_the_background() -> None:
    image = quadrants(400, 300).convert("RGBA")
    image.paste((255, 0, 255, 0), (0, 0, 400, 150))
    found = pixels(prepare_tile(image, HALF))
    assert found[0, 0] == found[TILE_COLUMNS - 1, 0] == (1, 2, 3)
    assert alike(found[0, 4], QUADRANTS[2])


def test_kitty_gets_as_many_pixels_as_it_has_and_the_free_half_is_clear() -> None:
    tile = prepare_tile(quadrants(800, 600), KITTY)
    assert tile.kitty is not None and len(tile.kitty.rows) == TILE_LINES
    image = uploaded(tile.kitty)
    assert image.size == (70, 60)
    alpha = np.asarray(image.getchannel("A"))
    assert (alpha[:50] == 255).all() and (alpha[50:] == 0).all()
    corners = [image.convert("RGB").getpixel((x, y)) for y in (5, 45) for x in (5, 65)]
    assert all(map(alike, corners, QUADRANTS))
    assert set(pixels(tile)) == set(pixels(prepare_tile(quadrants(800, 600), HALF)))


@pytest.mark.parametrize(
    ("size", "cells"),
    [((400, 300), (27, 10)), ((1600, 90), (28, 1)), ((90, 1600), (2, 10)), ((16, 16), (20, 10))],
)
def test_all_of_a_picture_is_shown_where_that_is_asked_for(
    size: tuple[int, int], cells: tuple[int, int]
) -> None:
    request = TileRequest("half", (10, 20), (1, 2, 3), columns=28, lines=10, whole=True)
    tile = prepare_tile(quadrants(*size), request)
    assert (tile.columns, len(tile.lines)) == cells
    assert {Segment.get_line_length(line) for line in tile.lines} == {tile.columns}
    found = pixels(tile)
    last_column, last_half = tile.columns - 1, 2 * len(tile.lines) - 1
    corners = [found[x, y] for y in (0, last_half) for x in (0, last_column)]
    assert all(map(alike, corners, QUADRANTS))


def test_kitty_gets_all_of_a_picture_in_its_own_proportions() -> None:
    request = TileRequest("kitty", (10, 20), (1, 2, 3), columns=28, lines=10, whole=True)
    tile = prepare_tile(quadrants(400, 300), request)
    assert tile.kitty is not None and len(tile.kitty.rows) == 10
    image = uploaded(tile.kitty)
    assert image.size == (270, 200)
    alike_corners = [image.getpixel((x, y)) for y in (5, 195) for x in (8, 262)]
    assert all(map(alike, alike_corners, QUADRANTS))
