"""Flowers, close."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from tui.demo.art.brief import Brief
from tui.demo.art.canvas import Canvas, Points, toned
from tui.demo.art.colour import Colour, Field, adjust, mix, ramp
from tui.demo.art.noise import blur, step
from tui.demo.art.outlines import ellipse, path, smooth, stroke

# From the root at the origin to the tip: x along, y across, both in halves of the petal.
_PETAL = path("0,0 .35,.62 .75,.98 .98,.5 .93,0 .98,-.5 .75,-.98 .35,-.62")
_KINDS = ((5, 2), (8, 3), (13, 4))  # petals in a ring, rings
_GOLDEN_ANGLE = math.pi * (3 - math.sqrt(5))


@dataclass(frozen=True, slots=True)
class _Flower:
    """A flower's middle and radius; how it is turned and how flat it is seen."""

    x: float
    y: float
    size: float
    lean: float
    tilt: float

    def placed(self, points: Points) -> Points:
        """Points around the origin, tilted and turned with the flower and set on its place."""
        x, y = points[:, 0], points[:, 1] * self.tilt
        cosine, sine = math.cos(self.lean), math.sin(self.lean)
        return np.stack([self.x + x * cosine - y * sine, self.y + x * sine + y * cosine], axis=1)


def paint_bloom(canvas: Canvas, brief: Brief) -> None:
    """One large flower and smaller ones over leaves and soft ground."""
    palette = brief.palette
    _paint_ground(canvas, brief)
    tints = (
        palette.accent,
        mix(palette.accent, palette.light, 0.45),
        mix(palette.accent, palette.horizon, 0.6),
        mix(palette.light, palette.horizon, 0.4),
    )
    _paint_leaves(canvas, brief, mix(palette.far, palette.sky, 0.4), count=10, size=0.3)
    flowers = _arrange(canvas, brief)
    for flower in flowers:
        _paint_stem(canvas, brief, flower)
    _paint_leaves(canvas, brief, mix(palette.far, palette.near, 0.6), count=9, size=0.26)
    petals, rings = _KINDS[brief.whole(0, len(_KINDS) - 1)]
    largest = flowers[-1]
    for flower in flowers[:-1]:  # small ones lose a ring
        far = 0.35 * (1 - flower.size / largest.size)
        tint = mix(tints[brief.whole(0, 3)], palette.sky, far)
        _paint_flower(canvas, brief, flower, tint, petals, max(2, rings - 1))
    _paint_flower(canvas, brief, largest, palette.accent, petals, rings)


def _paint_ground(canvas: Canvas, brief: Brief) -> None:
    palette = brief.palette
    field = canvas.clouds(brief.random, 1.3, octaves=4)
    canvas.tone(
        canvas.y / canvas.bottom * 0.75 + field * 0.35 + 0.1,
        (palette.horizon, palette.sky, palette.zenith, mix(palette.zenith, palette.near, 0.6)),
    )
    x = canvas.right * brief.between(0.2, 0.8)
    canvas.glow(x, canvas.bottom * 0.15, 0.5, palette.light, 0.45)


def _arrange(canvas: Canvas, brief: Brief) -> list[_Flower]:
    """Flowers that do not hide one another, the largest last."""
    more = brief.number - 1 if brief.number else round(3 * min(canvas.right * canvas.bottom, 6))
    sizes = [brief.between(0.26, 0.33), *(brief.between(0.12, 0.19) for _ in range(more))]
    flowers: list[_Flower] = []
    for size in sizes:
        for _ in range(40):
            across = brief.between(0.04, 0.96) if flowers else brief.between(0.3, 0.7)
            down = brief.between(0.1, 0.86) if flowers else brief.between(0.36, 0.5)
            x, y = canvas.right * across, canvas.bottom * down
            if all(math.hypot(x - o.x, y - o.y) > (size + o.size) * 0.86 for o in flowers):
                turn, tilt = brief.between(0, 2 * math.pi), brief.between(0.72, 1.0)
                flowers.append(_Flower(x, y, size, turn, tilt))
                break
    return sorted(flowers, key=lambda flower: flower.size)


def _paint_stem(canvas: Canvas, brief: Brief, flower: _Flower) -> None:
    along = np.linspace(0, 1, 18)
    x = flower.x + brief.between(-0.2, 0.2) * along**1.7
    line = np.stack([x, flower.y + (canvas.bottom + 0.05 - flower.y) * along], axis=1)
    tone = mix(brief.palette.far, brief.palette.near, 0.7)
    canvas.cut([stroke(line, 0.012 + flower.size * 0.05, taper=0.1)], tone)


def _paint_leaves(canvas: Canvas, brief: Brief, tone: Colour, *, count: int, size: float) -> None:
    steps = 14
    for _ in range(round(count * canvas.right * canvas.bottom)):
        root = np.array([brief.between(0, canvas.right), canvas.bottom * brief.between(0.45, 1.08)])
        length = size * brief.between(0.6, 1.3)
        turn = np.linspace(0, brief.between(-0.6, 0.6), steps) + brief.between(-2.8, -0.34)
        line = root + np.cumsum(np.stack([np.cos(turn), np.sin(turn)], 1), 0) * length / steps
        shade = adjust(tone, lightness=brief.between(-0.05, 0.06))
        outline = stroke(line, length * brief.between(0.22, 0.34))
        canvas.cut([outline], shade)
        lit_half = np.concatenate([outline[:steps], line[::-1]])
        canvas.cut([lit_half], adjust(shade, lightness=0.045))
        canvas.cut([stroke(line, 0.004)], adjust(shade, lightness=0.1))


def _paint_flower(
    canvas: Canvas, brief: Brief, flower: _Flower, tint: Colour, petals: int, rings: int
) -> None:
    """Ring within ring of petals, the inner ones lighter, and a heart of seeds."""
    palette = brief.palette
    shadow = mix(adjust(tint, lightness=-0.22), palette.near, 0.4)
    for ring in range(rings):
        inner = ring / rings
        offset = brief.between(0, 2 * math.pi)
        tables = [
            _petal_tones(tint, shadow, palette.light, inner, lightness)
            for lightness in (-0.03, 0.005, 0.04)
        ]
        for petal in range(petals):
            angle = offset + petal * 2 * math.pi / petals + brief.between(-0.09, 0.09)
            length = flower.size * (1 - inner * 0.68) * brief.between(0.88, 1.1)
            half = length * (2.9 / petals + 0.12) * brief.between(0.85, 1.1)
            table = tables[brief.whole(0, 2)]
            _paint_petal(canvas, flower, angle, (length, half), table, shadow)
    heart = flower.size * 0.17
    mask = canvas.disc(flower.x, flower.y, heart, soft=heart * 0.3)
    canvas.lay(mask, mix(palette.near, shadow, 0.4))
    order = np.arange(46)
    away = heart * 1.25 * np.sqrt((order + 0.5) / 46)
    seeds = np.stack([np.cos(order * _GOLDEN_ANGLE), np.sin(order * _GOLDEN_ANGLE)], 1)
    dots = flower.placed(seeds * away[:, None]).tolist()
    canvas.cut(
        [ellipse(x, y, heart * 0.085, heart * 0.085, steps=10) for x, y in dots],
        mix(palette.light, palette.horizon, 0.25),
    )


def _petal_tones(
    tint: Colour, shadow: Colour, light: Colour, inner: float, lightness: float
) -> Field:
    """From the root to the rim of a petal that lies `inner` of the way to the heart."""
    body = mix(adjust(tint, lightness=lightness + 0.06 * inner), light, 0.12 * inner)
    return ramp((shadow, mix(shadow, body, 0.55), body, mix(body, light, 0.42)))


def _paint_petal(
    canvas: Canvas,
    flower: _Flower,
    angle: float,
    measures: tuple[float, float],
    table: Field,
    shadow: Colour,
) -> None:
    """One petal of some length and half width: dark at its root, lit at its rim, veined."""
    length, half = measures
    cosine, sine = math.cos(angle), math.sin(angle)
    flat = smooth(_PETAL, steps=6) * (length, half) @ np.array([[cosine, sine], [-sine, cosine]])
    drawn = canvas.polygons([flower.placed(flat)], margin=0.008)
    if drawn is None:
        return
    part, mask = drawn
    away = part.distance(flower.x, flower.y) / length
    heading = angle + flower.lean
    aside = (part.y - flower.y) * math.cos(heading) - (part.x - flower.x) * math.sin(heading)
    veins = np.abs(np.sin(aside / (away + 0.15) * 7.8 / flower.size))
    part.shade(blur(mask, 0.008 * part.unit) * 0.35, shadow)
    part.lay_planes(mask, toned(away * 1.05, table))
    part.shade(mask * ((1 - veins) ** 3 * 0.2 + step(0.0, half * 0.9, aside) * 0.22), shadow)
