"""Arches behind arches, light at their end."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tui.demo.art.brief import Brief, Spot, Stage
from tui.demo.art.canvas import Canvas
from tui.demo.art.colour import Field, mix
from tui.demo.art.noise import step

_FARTHEST = 0.3  # the scale of the last bay; the nearest has _NEAREST
_NEAREST = 1.3


@dataclass(frozen=True, slots=True)
class _Hall:
    """The vanishing point, half the width of an arch at scale 1, and where the light comes from."""

    x: float
    y: float
    slim: float
    side: int
    pointed: bool

    def half(self, scale: float) -> float:
        return self.slim * scale

    def spring(self, scale: float) -> float:
        """The height at which an arch begins to bend."""
        return self.y - 0.34 * scale

    def floor(self, scale: float) -> float:
        return self.y + 0.3 * scale


def paint_hall(canvas: Canvas, brief: Brief) -> Stage:
    """A vaulted passage in deep perspective that opens on a low sun."""
    hall = _Hall(
        x=canvas.right * brief.between(0.4, 0.6),
        y=canvas.bottom * brief.between(0.54, 0.62),
        slim=brief.between(0.3, 0.4) * min(canvas.right, 2.4) ** 0.5,
        side=1 if brief.chance(0.5) else -1,
        pointed=brief.chance(0.4),
    )
    _paint_outside(canvas, brief, hall)
    plaster = canvas.clouds(brief.random, 5, octaves=6, gain=0.6)
    bays = brief.whole(5, 6)
    growth = (_NEAREST / _FARTHEST) ** (1 / (bays - 1))
    for bay in range(bays):
        depth, scale = bay / (bays - 1), _FARTHEST * growth**bay
        window = canvas.window(0, 0, canvas.right, canvas.bottom)
        if depth < 1:  # no more of a bay is seen than the next one's opening shows
            half, next_scale = hall.half(scale * growth) * 1.03 + 0.01, scale * growth
            top, bottom = hall.spring(next_scale) - half * 1.2, hall.floor(next_scale) + 0.02
            window = canvas.window(hall.x - half, top, hall.x + half, bottom)
        if window is not None:
            _paint_bay(canvas.part(*window), brief, hall, plaster[window], scale, depth)
    return Stage(
        ground=Spot(hall.x + hall.side * brief.between(0.02, 0.08), hall.y + 0.28, 0.27, 0.9),
        air=Spot(hall.x, hall.y - 0.12, 0.2, 0.7),
    )


def _paint_outside(canvas: Canvas, brief: Brief, hall: _Hall) -> None:
    palette = brief.palette
    fall = canvas.y / (hall.y + 0.05)
    canvas.tone(fall, (palette.sky, mix(palette.sky, palette.horizon, 0.6), palette.horizon))
    canvas.glow(hall.x, hall.y - 0.05, 0.14, palette.light, 0.9)
    x, y = hall.x + brief.between(-0.02, 0.02), hall.y - brief.between(0.02, 0.07)
    canvas.lay(canvas.disc(x, y, 0.045), palette.light)


def _paint_bay(
    canvas: Canvas, brief: Brief, hall: _Hall, plaster: Field, scale: float, depth: float
) -> None:
    """A wall with an arch in it, the lit thickness of that arch, and the floor before it."""
    palette = brief.palette
    half, spring, floor = hall.half(scale), hall.spring(scale), hall.floor(scale)
    wall = mix(mix(palette.horizon, palette.far, 0.6), palette.near, 0.9 * depth**0.75)
    lit = mix(wall, palette.light, 0.5 * (1 - depth) + 0.12)
    ground = step(floor - canvas.pixel, floor + canvas.pixel, canvas.y)
    outer = _opening(canvas, hall, hall.x, half, spring)
    thick = half * 0.13
    shift = hall.side * thick * 0.55
    inner = _opening(canvas, hall, hall.x + shift, half - thick * 0.45, spring + thick * 0.2)
    solid = (1 - outer) * (1 - ground)
    rim = np.exp(-np.abs(canvas.distance(hall.x, spring) - half) / (0.06 + 0.08 * depth))
    canvas.lay(solid, wall)
    canvas.lay(solid * rim * 0.3, lit)
    canvas.shade(solid * np.clip(plaster, 0, 1) * 0.22, mix(wall, palette.near, 0.5))
    canvas.lay((outer - np.minimum(outer, inner)) * (1 - ground), lit)
    _paint_floor(canvas, brief, hall, ground, (half, floor, depth))
    haze = np.exp(-canvas.distance(hall.x, hall.y) / 0.3)
    canvas.shine(haze * 0.2 * (1 - depth), mix(palette.horizon, palette.light, 0.5))


def _paint_floor(
    canvas: Canvas, brief: Brief, hall: _Hall, mask: Field, bay: tuple[float, float, float]
) -> None:
    """Stone, a slanting beam from the side, the path of the sun, a dark seam at the step."""
    palette = brief.palette
    half, floor, depth = bay
    stone = mix(mix(palette.horizon, palette.far, 0.5), palette.near, 0.75 * depth)
    canvas.lay(mask, stone)
    slant = ((canvas.x - hall.x) * hall.side + (canvas.y - floor) * 1.4) / half
    beam = step(-0.9, -0.75, slant) * step(0.75, 0.6, slant)
    canvas.lay(beam * mask * (0.55 - 0.15 * depth), mix(stone, palette.light, 0.6))
    spread = 0.02 + np.clip(canvas.y - hall.y, 0, None) * 0.42
    sunlit = np.exp(-(((canvas.x - hall.x) / spread) ** 2))
    canvas.lay(sunlit * mask * 0.35, mix(palette.horizon, palette.light, 0.5))
    canvas.shade(np.exp(-np.abs(canvas.y - floor) / 0.004) * mask * 0.35, palette.near)


def _opening(canvas: Canvas, hall: _Hall, x: float, half: float, spring: float) -> Field:
    """A mask: 1 within an arch that stands on the picture's lower edge."""
    soft = canvas.pixel
    across = np.abs(canvas.x - x)
    legs = step(half + soft, half - soft, across) * step(spring - soft, spring + soft, canvas.y)
    shift = half * 0.45 if hall.pointed else 0.0  # the centres of its two arcs lie opposite
    radius = half + shift
    away = np.sqrt((across + shift) ** 2 + (canvas.y - spring) ** 2)
    head = step(radius + soft, radius - soft, away) * (canvas.y <= spring + soft)
    return np.maximum(legs, head)
