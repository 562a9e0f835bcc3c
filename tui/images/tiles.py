"""Pictures as tiles of a few cells, for lists. Slow: not for the event loop.

Beside text, the middle of a picture fills its tile, so that all tiles are alike. The lower half of
a tile's last line stays free, which parts it from the tile beneath. On a contact sheet all of a
picture is shown.
"""

from __future__ import annotations

import math

from PIL import Image

from tui.images.cells import HalfCells, half_cells, kitty_picture
from tui.images.preview import Tile, TileRequest
from tui.images.scaling import Fit, Pane, centred, encoded, fit, flattened


def prepare_tile(picture: Image.Image, request: TileRequest) -> Tile:
    """The tile of a picture, RGB or RGBA."""
    flat = flattened(picture, request.background)
    return _whole(flat, request) if request.whole else _filled(flat, request)


def tile_fit(width: int, height: int, request: TileRequest) -> Fit:
    """How a picture of that size lies in its tile where all of it is shown.

    It is as large as the tile allows, since it may be a small copy of a large one.
    """
    room = Pane(request.columns, request.lines, request.cell_pixels, max_enlargement=math.inf)
    return fit(width, height, room)


def _whole(flat: Image.Image, request: TileRequest) -> Tile:
    lies = tile_fit(*flat.size, request)
    kitty = None
    if request.graphics == "kitty":
        scaled = flat.resize(lies.picture, Image.Resampling.LANCZOS, reducing_gap=2.0)
        canvas = centred(scaled, lies.canvas, request.background)
        kitty = kitty_picture(encoded(canvas), lies.columns, lies.rows)
    return Tile(half_cells(flat, lies.columns, lies.rows), lies.columns, kitty)


def _filled(flat: Image.Image, request: TileRequest) -> Tile:
    width, height = request.cell_pixels
    halves = request.lines * 2 - 1
    size = (request.columns * width, max(1, round(halves * height / 2)))
    filling = flat.resize(
        size, Image.Resampling.LANCZOS, box=_middle(flat.size, size), reducing_gap=2.0
    )
    kitty = None
    if request.graphics == "kitty":
        # What the picture leaves free of the last line is clear.
        canvas = Image.new("RGBA", (filling.width, height * request.lines))
        canvas.paste(filling, (0, 0))
        kitty = kitty_picture(encoded(canvas), request.columns, request.lines)
    pixels = filling.resize((request.columns, halves), Image.Resampling.BOX)
    return Tile(HalfCells(pixels.tobytes(), request.columns), request.columns, kitty)


def _middle(whole: tuple[int, int], part: tuple[int, int]) -> tuple[float, float, float, float]:
    """The largest box in the middle of `whole` that has the proportions of `part`."""
    scale = min(whole[0] / part[0], whole[1] / part[1])
    width, height = part[0] * scale, part[1] * scale
    left, top = max(0.0, (whole[0] - width) / 2), max(0.0, (whole[1] - height) / 2)
    return left, top, min(whole[0], left + width), min(whole[1], top + height)
