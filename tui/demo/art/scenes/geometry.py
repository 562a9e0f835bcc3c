"""A poster of circles, arcs, bars and stripes, sprayed with shade."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tui.demo.art.brief import Brief
from tui.demo.art.canvas import Canvas, Points
from tui.demo.art.colour import Colour, Field, lightness, mix
from tui.demo.art.noise import step
from tui.demo.art.outlines import box, ellipse, path

_WEDGE = path("0,-.17 .15,.1 -.15,.1")


@dataclass(frozen=True, slots=True)
class _Shape:
    """Outlines of one tone, and the direction in radians towards which they darken."""

    outlines: list[Points]
    tone: Colour
    towards: float


def paint_geometry(canvas: Canvas, brief: Brief) -> None:
    """One great circle, what crosses it, and small things that balance it."""
    palette = brief.palette
    ground = mix(palette.horizon, palette.light, 0.45)
    if palette.dark:
        ground = mix(palette.zenith, palette.near, 0.35)
    grain = canvas.clouds(brief.random, 240, octaves=2)
    fall = canvas.x / canvas.right * 0.5 + canvas.y / canvas.bottom * 0.5
    canvas.fill(ground)
    canvas.lay(np.clip(fall - 0.3 + grain * 0.12, 0, 1) * 0.4, palette.sky)
    inks = (
        palette.zenith, palette.sky, palette.far, palette.near, palette.accent, palette.horizon,
    )  # fmt: skip
    tones = sorted(inks, key=lambda ink: -abs(lightness(ink) - lightness(ground)))
    x, y = canvas.right * brief.between(0.36, 0.64), canvas.bottom * brief.between(0.34, 0.56)
    radius, turn = brief.between(0.25, 0.34), brief.whole(0, 7) * math.pi / 4
    for shape in (
        *_main_shapes(brief, tones, x, y, radius, turn),
        *_small_shapes(canvas, brief, tones, turn),
    ):
        _spray(canvas, brief, shape, grain)
    _paint_arcs(canvas, brief, tones[0], x, y, radius, turn)


def _main_shapes(
    brief: Brief, tones: list[Colour], x: float, y: float, radius: float, turn: float
) -> Iterator[_Shape]:
    """A bar across the picture, the circle on it, half a circle over its edge."""
    bar = _turned(box(-9, -0.07, 9, 0.07), x, y, turn + math.pi / 8)
    yield _Shape([bar], tones[brief.whole(1, 2)], turn)
    great = brief.palette.accent if brief.chance(0.5) else tones[0]
    yield _Shape([ellipse(x, y, radius, radius, steps=120)], great, turn + 2.2)
    aside, below = brief.between(-0.2, 0.2), radius * brief.between(0.5, 0.9)
    half = _sector(radius * brief.between(0.7, 0.95), 0, math.pi)
    yield _Shape([_turned(half, x + aside, y + below, turn)], tones[1], turn)


def _small_shapes(
    canvas: Canvas, brief: Brief, tones: list[Colour], turn: float
) -> Iterator[_Shape]:
    """Bent bars, stripes, a grid of dots, a small disc and a wedge."""

    def somewhere(left: float, top: float, right: float, bottom: float) -> tuple[float, float]:
        return canvas.right * brief.between(left, right), canvas.bottom * brief.between(top, bottom)

    for _ in range(brief.whole(1, 2)):
        size = brief.between(0.12, 0.2)
        bent = _turned(_sector(size, size / 2, math.pi / 2), *somewhere(0.08, 0.1, 0.92, 0.9), turn)
        yield _Shape([bent], tones[brief.whole(0, 4)], turn + 1)
    place, slant = somewhere(0.05, 0.62, 0.7, 0.84), 0 if brief.chance(0.6) else -math.pi / 4
    rows = (box(0, row * 0.026, 0.34, row * 0.026 + 0.012) for row in range(6))
    yield _Shape([_turned(row, *place, slant) for row in rows], tones[0], 0.0)
    x, y = somewhere(0.06, 0.06, 0.75, 0.28)
    dots = [
        ellipse(x + column * 0.034, y + row * 0.034, 0.0065, 0.0065, steps=14)
        for row in range(4)
        for column in range(6)
    ]
    yield _Shape(dots, tones[2], 0.0)
    x, y = somewhere(0.1, 0.1, 0.9, 0.9)
    yield _Shape([ellipse(x, y, 0.055, 0.055)], tones[3], 0.6)
    wedge = _turned(_WEDGE, *somewhere(0.15, 0.2, 0.85, 0.85), turn)
    yield _Shape([wedge], tones[brief.whole(1, 4)], turn)


def _paint_arcs(
    canvas: Canvas, brief: Brief, tone: Colour, x: float, y: float, radius: float, turn: float
) -> None:
    """Thin open rings around the circle."""
    away = canvas.distance(x, y)
    heading = np.cos(np.arctan2(canvas.y - y, canvas.x - x) - turn - 0.5)
    for index in range(brief.whole(2, 4)):
        line = step(0.006, 0.0035, np.abs(away - radius * (1.16 + 0.11 * index)))
        canvas.lay(line * step(-0.2, 0.0, heading - 0.15 * index), tone)


def _spray(canvas: Canvas, brief: Brief, shape: _Shape, grain: Field) -> None:
    """A flat shape whose far side is dusted with a second tone."""
    drawn = canvas.polygons(shape.outlines)
    if drawn is None:
        return
    part, mask = drawn
    fall = part.x * math.cos(shape.towards) + part.y * math.sin(shape.towards)
    fall = (fall - fall.min()) / max(float(np.ptp(fall)), 1e-6)
    top, left = int(part.y[0, 0] * canvas.unit), int(part.x[0, 0] * canvas.unit)
    speckle = grain[top : top + part.height, left : left + part.width]
    dust = step(0.0, 0.55, fall * 1.15 - 0.62 + speckle * 0.5)
    shade = brief.palette.near if lightness(shape.tone) > 0.4 else brief.palette.horizon
    part.lay(mask * 0.96, shape.tone)
    part.lay(mask * dust * 0.55, mix(shape.tone, shade, 0.7))


def _sector(outer: float, inner: float, sweep: float) -> Points:
    """A piece of a ring, or of a disc when `inner` is 0, around the origin."""
    angle = np.linspace(0, sweep, 50)
    arc = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return np.concatenate([arc * outer, arc[::-1] * inner])


def _turned(points: Points, x: float, y: float, turn: float) -> Points:
    cosine, sine = math.cos(turn), math.sin(turn)
    turned = points @ np.array([[cosine, sine], [-sine, cosine]])
    return np.asarray(turned + np.array([x, y]))
