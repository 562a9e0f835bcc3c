"""A picture in which a person sees at a glance what a terminal does wrong with pictures."""

from __future__ import annotations

import colorsys

import numpy as np
from PIL import Image, ImageDraw

WHAT_TO_SEE = (
    "an orange edge on all four sides, eight bars of colour, a round ring with an arrow that "
    "points up between a red dot and a green one, a ramp of greys and one of colours, both smooth"
)
BARS = (
    *((255, 255, 255), (255, 255, 0), (0, 255, 255), (0, 255, 0)),
    *((255, 0, 255), (255, 0, 0), (0, 0, 255), (0, 0, 0)),
)
GROUND, EDGE, RING = (44, 46, 54), (255, 130, 0), (235, 235, 235)
LEFT, RIGHT, ARROW = (230, 40, 40), (40, 200, 70), (255, 190, 40)
_BARS_UNTIL, _GREYS_FROM, _COLOURS_FROM = 0.2, 0.8, 0.9
"""Parts of the height."""
_FINE = 4
"""Round shapes are drawn so many times larger, and scaled down."""


def paint_testcard(width: int, height: int, edge: tuple[int, int] = (1, 1)) -> Image.Image:
    """A card of exactly that many pixels, of which none is to be scaled.

    `edge` is how many pixels across and down the edge takes: those of a half cell where it is
    drawn in half cells.
    """
    card = Image.new("RGB", (width, height), GROUND)
    card.paste(_bars(width, round(height * _BARS_UNTIL)), (0, 0))
    _draw_middle(card)
    greys, colours = round(height * _GREYS_FROM), round(height * _COLOURS_FROM)
    grey = [(step, step, step) for step in range(256)]
    card.paste(_ramp(grey, width, colours - greys), (0, greys))
    hues = [_hue(step / 255) for step in range(256)]
    card.paste(_ramp(hues, width, height - colours), (0, colours))
    across, down = edge
    for box in (
        (0, 0, width, down), (0, height - down, width, height),
        (0, 0, across, height), (width - across, 0, width, height),
    ):  # fmt: skip
        card.paste(EDGE, box)
    return card


def _bars(width: int, height: int) -> Image.Image:
    bars = Image.new("RGB", (width, height))
    for number, colour in enumerate(BARS):
        bars.paste(colour, (width * number // 8, 0, width * (number + 1) // 8, height))
    return bars


def _draw_middle(card: Image.Image) -> None:
    top, bottom = round(card.height * _BARS_UNTIL), round(card.height * _GREYS_FROM)
    size = card.width, bottom - top
    radius = min(size) * 0.44 * _FINE
    middle = Image.new("RGB", (size[0] * _FINE, size[1] * _FINE), GROUND)
    draw = ImageDraw.Draw(middle)
    x, y = middle.width / 2, middle.height / 2
    ring = (x - radius, y - radius, x + radius, y + radius)
    draw.ellipse(ring, outline=RING, width=max(_FINE * 2, round(radius / 8)))
    tip, foot, wing = y - radius * 0.6, y + radius * 0.6, radius * 0.36
    draw.polygon(((x, tip), (x + wing, y), (x - wing, y)), fill=ARROW)
    draw.rectangle((x - wing / 3, y, x + wing / 3, foot), fill=ARROW)
    for place, colour in ((-1.6, LEFT), (1.6, RIGHT)):
        dot, reach = x + place * radius, radius * 0.24
        draw.ellipse((dot - reach, y - reach, dot + reach, y + reach), fill=colour)
    card.paste(middle.resize(size, Image.Resampling.BOX), (0, top))


def _ramp(colours: list[tuple[int, int, int]], width: int, height: int) -> Image.Image:
    places = np.linspace(0, len(colours) - 1, width).round().astype(int)
    line = np.array(colours, np.uint8)[places]
    return Image.fromarray(np.repeat(line[None], height, axis=0))


def _hue(part: float) -> tuple[int, int, int]:
    red, green, blue = colorsys.hsv_to_rgb(part * 0.85, 0.9, 1.0)
    return round(red * 255), round(green * 255), round(blue * 255)
