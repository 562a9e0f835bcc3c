"""Rolling country: fields in strips, a few trees."""

from __future__ import annotations

import numpy as np

from tui.demo.art.brief import Brief, Stage
from tui.demo.art.canvas import Canvas, Points
from tui.demo.art.colour import Colour, Field, mix
from tui.demo.art.noise import profile, step
from tui.demo.art.outlines import box, ellipse
from tui.demo.art.scenes.ridges import slope, stage_on
from tui.demo.art.scenes.sky import Light, paint_sky


def paint_hills(canvas: Canvas, brief: Brief) -> Stage:
    """Soft hills, one behind the other, under a wide sky."""
    horizon = canvas.bottom * brief.between(0.42, 0.56)
    light = paint_sky(canvas, brief, horizon)
    crest = canvas.x[0]
    for depth in np.linspace(0, 1, brief.whole(5, 6)).tolist():
        crest = _paint_hill(canvas, brief, light, horizon, depth)
    return stage_on(canvas, brief, crest, horizon)


def _paint_hill(canvas: Canvas, brief: Brief, light: Light, horizon: float, depth: float) -> Field:
    """One hill with its fields and trees; its crest."""
    palette = brief.palette
    base = horizon + (canvas.bottom - horizon) * (depth**1.2 * 0.92 - 0.02)
    cells = 1.3 - 0.5 * depth
    line = profile(brief.random, canvas.width, canvas.right, cells=cells, octaves=3, gain=0.35)
    crest: Field = base - line * (0.075 + 0.035 * depth)
    window = canvas.window(0, float(crest.min()) - 0.02, canvas.right, canvas.bottom)
    if window is None:
        return crest
    part = canvas.part(*window)
    mask, drop = part.below(crest), part.y - crest
    body = mix(palette.far, palette.near, 0.72 * depth**1.3)
    body = mix(body, palette.horizon, 0.5 * (1 - depth) ** 2)
    if "snow" in brief.traits:
        body = mix(body, palette.light, 0.7 - 0.25 * depth)
    part.lay(mask, body)
    _plough(part, brief, mask, drop, body, depth)
    facing = np.clip(slope(canvas, line) * (0.45 if light.x < canvas.right / 2 else -0.45), -1, 1)
    near_crest = np.exp(-np.clip(drop, 0, None) / 0.11)
    lit = np.clip(facing + 0.15, 0, 1) * near_crest * (0.5 - 0.2 * depth)
    part.lay(lit * mask, mix(body, palette.light, 0.55))
    part.shade(np.clip(-facing, 0, 1) * mask * 0.4, mix(body, palette.near, 0.45))
    part.lay(np.clip(drop / 0.2, 0, 1) * mask * 0.38 * (1 - depth), palette.horizon)
    _paint_trees(canvas, brief, crest, mix(body, palette.near, 0.45), depth)
    if "flowers" in brief.traits and depth > 0.3:
        _paint_flowers(canvas, brief, crest, depth)
    return crest


def _plough(
    canvas: Canvas, brief: Brief, mask: Field, drop: Field, body: Colour, depth: float
) -> None:
    """Strips of field whose furrows fan out from a point beyond the crest."""
    palette = brief.palette
    origin = canvas.right * brief.between(0.1, 0.9)
    fan = (canvas.x - origin) / (drop + 0.16) + brief.between(-1.2, 1.2)
    strip = step(0.05, 0.35, np.sin(fan * 2.1 + brief.between(0, 6))) * mask
    furrow = step(0.0, 0.8, np.sin(fan * (24 + 12 * depth)))
    crop = palette.accent if brief.chance(0.2) else palette.horizon
    canvas.lay(strip * 0.55, mix(body, crop, 0.3))
    canvas.shade(furrow * strip * 0.22, mix(body, palette.near, 0.5))


def _paint_trees(canvas: Canvas, brief: Brief, crest: Field, tone: Colour, depth: float) -> None:
    """Clumps of round or slender crowns along a crest."""
    outlines: list[Points] = []
    slender = brief.chance(0.35)
    for _ in range(brief.whole(1, 3)):
        clump = brief.between(0, canvas.right)
        for _ in range(brief.whole(2, 7)):
            x = clump + brief.between(-0.1, 0.1) * (1 + depth)
            if 0 <= x < canvas.right:
                size = (0.009 + 0.024 * depth) * brief.between(0.6, 1.4)
                outlines += _tree(x, canvas.at(crest, x), size, slender=slender)
    canvas.cut(outlines, tone)


def _paint_flowers(canvas: Canvas, brief: Brief, crest: Field, depth: float) -> None:
    """Specks of the accent all over a field, larger towards the viewer."""
    palette = brief.palette
    dots: list[list[Points]] = [[], []]
    for _ in range(round(240 * canvas.right)):
        x, down = brief.between(0, canvas.right), brief.between(0, 1)
        y = canvas.at(crest, x) + 0.005 + down * 0.2
        size = (0.003 + 0.006 * depth) * (0.6 + down) * brief.between(0.6, 1.3)
        dots[brief.chance(0.2)].append(ellipse(x, y, size, size * 0.75, steps=10))
    canvas.cut(dots[0], palette.accent)
    canvas.cut(dots[1], mix(palette.accent, palette.light, 0.5))


def _tree(x: float, foot: float, size: float, *, slender: bool) -> list[Points]:
    if slender:
        return [ellipse(x, foot - size * 1.9, size * 0.42, size * 2.2, steps=20)]
    return [
        ellipse(x, foot - size * 1.25, size, size * 1.05, steps=20),
        ellipse(x + size * 0.6, foot - size * 0.85, size * 0.7, size * 0.7, steps=16),
        box(x - size * 0.09, foot - size, x + size * 0.09, foot + size * 0.1),
    ]
