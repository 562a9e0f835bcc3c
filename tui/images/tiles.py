"""Pictures as tiles of a few cells, for lists. Slow: not for the event loop.

The middle of a picture fills its tile, so that all tiles are alike. The lower half of a tile's last
line stays free, which parts it from the tile beneath.
"""

from __future__ import annotations

from PIL import Image
from rich.color import Color
from rich.segment import Segment
from rich.style import Style

from tui.images.cells import CellRow, KittyPicture, half_cells, kitty_picture
from tui.images.preview import TILE_COLUMNS, TILE_LINES, Tile, TileRequest
from tui.images.scaling import encoded, flattened

_HALVES = TILE_LINES * 2 - 1
"""Half cells of a column that the picture takes."""


def prepare_tile(picture: Image.Image, request: TileRequest) -> Tile:
    """The tile of a picture, RGB or RGBA."""
    flat = flattened(picture, request.background)
    width, height = request.cell_pixels
    size = (TILE_COLUMNS * width, max(1, round(_HALVES * height / 2)))
    filling = flat.resize(
        size, Image.Resampling.LANCZOS, box=_middle(flat.size, size), reducing_gap=2.0
    )
    kitty = _for_kitty(filling, height * TILE_LINES) if request.graphics == "kitty" else None
    return Tile(_lines(filling), kitty)


def _middle(whole: tuple[int, int], part: tuple[int, int]) -> tuple[float, float, float, float]:
    """The largest box in the middle of `whole` that has the proportions of `part`."""
    scale = min(whole[0] / part[0], whole[1] / part[1])
    width, height = part[0] * scale, part[1] * scale
    left, top = max(0.0, (whole[0] - width) / 2), max(0.0, (whole[1] - height) / 2)
    return left, top, min(whole[0], left + width), min(whole[1], top + height)


def _lines(filling: Image.Image) -> tuple[CellRow, ...]:
    pixels = filling.resize((TILE_COLUMNS, _HALVES), Image.Resampling.BOX)
    whole = half_cells(pixels.crop((0, 0, TILE_COLUMNS, _HALVES - 1)), TILE_COLUMNS, TILE_LINES - 1)
    last = pixels.crop((0, _HALVES - 1, TILE_COLUMNS, _HALVES)).tobytes()
    colours = [last[start : start + 3] for start in range(0, len(last), 3)]
    return (*whole, [Segment("▀", Style(color=Color.from_rgb(*colour))) for colour in colours])


def _for_kitty(filling: Image.Image, height: int) -> KittyPicture:
    """The tile in pixels; what it leaves free of the last line is clear."""
    canvas = Image.new("RGBA", (filling.width, height))
    canvas.paste(filling, (0, 0))
    return kitty_picture(encoded(canvas), TILE_COLUMNS, TILE_LINES)
