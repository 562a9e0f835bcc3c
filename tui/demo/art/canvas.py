"""The sheet a scene is painted on: colour planes and what lays paint on them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from tui.demo.art.colour import Colour, Field, ramp
from tui.demo.art.noise import clouds, step

Points = npt.NDArray[np.floating[Any]]
_SUPERSAMPLING = 3


class Canvas:
    """Colour planes of shape (3, height, width) in 0..1, measured in units of the short side.

    `x` runs from 0 to `right`, `y` downwards from 0 to `bottom`; one of the two is 1.
    """

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.unit = min(width, height)
        self.right, self.bottom = width / self.unit, height / self.unit
        self.planes: Field = np.zeros((3, height, width), np.float32)
        self.x: Field = ((np.arange(width, dtype=np.float32) + 0.5) / self.unit)[None, :]
        self.y: Field = ((np.arange(height, dtype=np.float32) + 0.5) / self.unit)[:, None]

    @property
    def pixel(self) -> float:
        """The size of a pixel in units."""
        return 1 / self.unit

    def fill(self, colour: Colour) -> None:
        """Cover everything with `colour`."""
        self.planes[:] = colour[:, None, None]

    def tone(self, values: Field, colours: Sequence[Colour]) -> None:
        """Cover everything: 0 in `values` is the first colour, 1 the last, smooth between."""
        self.planes[:] = toned(values, ramp(colours))

    def lay_tones(self, mask: Field | float, values: Field, colours: Sequence[Colour]) -> None:
        """Cover through `mask` with what `tone` would paint."""
        self.lay_planes(mask, toned(values, ramp(colours)))

    def lay(self, mask: Field | float, colour: Colour) -> None:
        """Cover with `colour` as far as `mask`, 0..1, says."""
        for plane, value in zip(self.planes, colour, strict=True):
            plane += (value - plane) * mask

    def lay_planes(self, mask: Field | float, planes: Field) -> None:
        """Cover with `planes`, shaped like the canvas or broadcastable to it, through `mask`."""
        for plane, other in zip(self.planes, planes, strict=True):
            plane += (other - plane) * mask

    def shine(self, mask: Field | float, colour: Colour) -> None:
        """Add light of `colour`: never darker, never beyond white."""
        for plane, value in zip(self.planes, colour, strict=True):
            plane += (1 - plane) * (mask * value)

    def shade(self, mask: Field | float, colour: Colour) -> None:
        """Multiply by `colour` as far as `mask` says: a shadow or a glaze."""
        for plane, value in zip(self.planes, colour, strict=True):
            plane *= 1 - mask * (1 - value)

    def distance(self, x: float, y: float, *, squash: float = 1.0) -> Field:
        """How far each pixel lies from a point; `squash` above 1 counts heights more."""
        across = self.x - x
        down = (self.y - y) * squash
        return np.asarray(np.sqrt(across * across + down * down), np.float32)

    def glow(self, x: float, y: float, radius: float, colour: Colour, strength: float) -> None:
        """Light around a point, half gone at `radius` and never quite ending."""
        across = (self.x - x) / radius
        down = (self.y - y) / radius
        self.shine(strength / (1 + (across * across + down * down) * 1.5) ** 1.5, colour)

    def spark(self, x: float, y: float, radius: float, colour: Colour, strength: float) -> None:
        """A small soft point of light."""
        radius = max(radius, self.pixel * 0.7)
        window = self.window(x - radius * 3, y - radius * 3, x + radius * 3, y + radius * 3)
        if window is not None:
            part = self.part(*window)
            falloff = np.exp(-((part.distance(x, y) / radius) ** 2))
            part.shine(falloff * strength, colour)

    def disc(self, x: float, y: float, radius: float, *, soft: float = 0.0) -> Field:
        """A mask: inside a circle 1, outside 0, its edge `soft` units wide, at least a pixel."""
        edge = max(soft, self.pixel * 1.5) / 2
        return step(radius + edge, radius - edge, self.distance(x, y))

    def below(self, line: Field, *, soft: float = 0.0) -> Field:
        """A mask: 1 under `line`, which gives a height for each column."""
        return np.clip((self.y - line) / max(soft, self.pixel) + 0.5, 0, 1)

    def clouds(
        self,
        random: np.random.Generator,
        cells: float,
        *,
        octaves: int = 5,
        gain: float = 0.5,
        stretch: float = 1.0,
    ) -> Field:
        """Fractal noise of the canvas's size, as `noise.clouds` makes it."""
        return clouds(
            random, self.width, self.height,
            cells=cells, octaves=octaves, gain=gain, stretch=stretch,
        )  # fmt: skip

    def at(self, line: Field, x: float) -> float:
        """The value of `line`, which has one for each column, at `x`."""
        return float(line[min(self.width - 1, max(0, int(x * self.unit)))])

    def window(
        self, left: float, top: float, right: float, bottom: float
    ) -> tuple[slice, slice] | None:
        """The rows and columns of a rectangle, or None where it lies outside."""
        first, last = (
            max(0, math.floor(left * self.unit)),
            min(self.width, math.ceil(right * self.unit)),
        )
        upper, lower = (
            max(0, math.floor(top * self.unit)),
            min(self.height, math.ceil(bottom * self.unit)),
        )
        if first >= last or upper >= lower:
            return None
        return slice(upper, lower), slice(first, last)

    def part(self, rows: slice, columns: slice) -> Canvas:
        """The canvas seen through a window: painting on the part paints on the whole."""
        part = Canvas.__new__(Canvas)
        part.width, part.height = columns.stop - columns.start, rows.stop - rows.start
        part.unit, part.right, part.bottom = self.unit, self.right, self.bottom
        part.planes = self.planes[:, rows, columns]
        part.x, part.y = self.x[:, columns], self.y[rows]
        return part

    def polygons(
        self, outlines: Sequence[Points], *, margin: float = 0.0
    ) -> tuple[Canvas, Field] | None:
        """The outlines drawn filled: the part of the canvas they touch, and their mask there."""
        if not outlines:
            return None
        everything = np.concatenate([np.asarray(outline) for outline in outlines])
        low, high = everything.min(axis=0) - margin, everything.max(axis=0) + margin
        window = self.window(
            float(low[0]) - 2 * self.pixel, float(low[1]) - 2 * self.pixel,
            float(high[0]) + 2 * self.pixel, float(high[1]) + 2 * self.pixel,
        )  # fmt: skip
        if window is None:
            return None
        part = self.part(*window)
        scale = self.unit * _SUPERSAMPLING
        corner = np.array([window[1].start, window[0].start]) * _SUPERSAMPLING
        image = Image.new("L", (part.width * _SUPERSAMPLING, part.height * _SUPERSAMPLING))
        draw = ImageDraw.Draw(image)
        for outline in outlines:
            if len(outline) > 2:
                draw.polygon((np.asarray(outline) * scale - corner).ravel().tolist(), fill=255)
        mask = np.asarray(image.reduce(_SUPERSAMPLING), np.float32) * (1 / 255)
        return part, mask

    def cut(self, outlines: Sequence[Points], colour: Colour, *, opacity: float = 1.0) -> None:
        """Lay the filled outlines in one colour."""
        drawn = self.polygons(outlines)
        if drawn is not None:
            part, mask = drawn
            part.lay(mask * opacity, colour)

    def image(self) -> Image.Image:
        """The planes as an 8-bit RGB image."""
        levels = (np.clip(self.planes, 0, 1) * 255 + 0.5).astype(np.uint8)
        return Image.merge("RGB", [Image.fromarray(level) for level in levels])


def toned(values: Field, table: Field) -> Field:
    """Planes in the colours of a `ramp`; values beyond 0..1 take its ends."""
    steps = table.shape[1]
    index = np.clip(values * steps, 0, steps - 1).astype(np.int32)
    return np.stack([np.take(row, index) for row in table])
