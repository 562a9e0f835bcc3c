"""Arches behind arches, light at their end."""

from __future__ import annotations

import numpy as np

from tui.demo.art.brief import Brief, Spot, Stage
from tui.demo.art.canvas import Canvas
from tui.demo.art.colour import Field, mix
from tui.demo.art.noise import clouds, step


def paint_hall(canvas: Canvas, brief: Brief) -> Stage:
    """A vaulted passage in deep perspective that opens on a low sun."""
    palette = brief.palette
    x, y = canvas.right * brief.between(0.4, 0.6), canvas.bottom * brief.between(0.54, 0.62)
    sky = np.clip(canvas.y / (y + 0.05), 0, 1)
    canvas.tone(sky, (palette.sky, mix(palette.sky, palette.horizon, 0.6), palette.horizon))
    canvas.glow(x, y - 0.05, 0.14, palette.light, 0.9)
    canvas.lay(
        canvas.disc(x + brief.between(-0.02, 0.02), y - brief.between(0.02, 0.07), 0.045),
        palette.light,
    )
    plaster = canvas.clouds(brief.random, 5, octaves=6, gain=0.6)
    bays = brief.whole(5, 6)
    pointed = brief.chance(0.4)
    slim = brief.between(0.3, 0.4) * min(canvas.right, 2.4) ** 0.5
    side = 1 if brief.chance(0.5) else -1
    for index in range(bays):
        depth = index / (bays - 1)
        scale = 0.3 * (1.0 / 0.3 * 1.3) ** depth
        half, spring, floor = slim * scale, y - 0.34 * scale, y + 0.3 * scale
        wall = mix(mix(palette.horizon, palette.far, 0.6), palette.near, 0.9 * depth**0.75)
        self_lit = mix(wall, palette.light, 0.5 * (1 - depth) + 0.12)
        window = canvas.window(*_reach(canvas, x, y, slim, scale, index, bays))
        if window is None:
            continue
        part = canvas.part(*window)
        reveal = _opening(part, x, half, spring, pointed=pointed)
        thick = half * 0.13
        inner = _opening(
            part,
            x + side * thick * 0.55,
            half - thick * 0.45,
            spring + thick * 0.2,
            pointed=pointed,
        )
        ground = mix(mix(palette.horizon, palette.far, 0.5), palette.near, 0.75 * depth)
        floor_mask = step(floor - canvas.pixel, floor + canvas.pixel, part.y)
        wall_mask = (1 - reveal) * (1 - floor_mask)
        reveal_mask = (reveal - np.minimum(reveal, inner)) * (1 - floor_mask)
        bright = np.exp(-np.abs(part.distance(x, spring) - half) / (0.06 + 0.08 * depth))
        part.lay(wall_mask, wall)
        part.lay(wall_mask * bright * 0.3, self_lit)
        part.shade(
            wall_mask * np.clip(plaster[window], 0, 1) * 0.22,
            mix(wall, palette.near, 0.5),
        )
        part.lay(reveal_mask, self_lit)
        part.lay(floor_mask * 1.0, ground)
        shaft = (part.x - x) * side + (part.y - floor) * 1.4
        beam = (
            step(-half * 0.9, -half * 0.75, shaft)
            * step(half * 0.75, half * 0.6, shaft)
            * floor_mask
        )
        part.lay(beam * (0.55 - 0.15 * depth), mix(ground, palette.light, 0.6))
        path = np.exp(-(((part.x - x) / (0.02 + np.clip(part.y - y, 0, None) * 0.42)) ** 2))
        part.lay(path * floor_mask * 0.35, mix(palette.horizon, palette.light, 0.5))
        seam = np.exp(-np.abs(part.y - floor) / 0.004) * floor_mask
        part.shade(seam * 0.35, palette.near)
        haze = np.exp(-part.distance(x, y) / 0.3)
        part.shine(haze * (0.2 * (1 - depth)), mix(palette.horizon, palette.light, 0.5))
    return Stage(
        ground=Spot(x + side * brief.between(0.02, 0.08), y + 0.28, 0.27, 0.9),
        air=Spot(x, y - 0.12, 0.2, 0.7),
    )


def _opening(canvas: Canvas, x: float, half: float, spring: float, *, pointed: bool) -> Field:
    """A mask: 1 within an arch that stands on the picture's lower edge."""
    soft = canvas.pixel
    across = np.abs(canvas.x - x)
    legs = step(half + soft, half - soft, across) * step(spring - soft, spring + soft, canvas.y)
    if pointed:  # two arcs whose centres lie opposite
        shift = half * 0.45
        radius = half + shift
        away = np.sqrt((across + shift) ** 2 + (canvas.y - spring) ** 2)
        head = step(radius + soft, radius - soft, away)
    else:
        head = step(half + soft, half - soft, canvas.distance(x, spring))
    return np.maximum(legs, head * (canvas.y <= spring + soft))


def _reach(
    canvas: Canvas, x: float, y: float, slim: float, scale: float, index: int, bays: int
) -> tuple[float, float, float, float]:
    """What can be seen of a bay: no more than the next one's opening shows."""
    if index == bays - 1:
        return 0, 0, canvas.right, canvas.bottom
    following = scale * (1.3 / 0.3) ** (1 / (bays - 1))
    half = slim * following * 1.03 + 0.01
    return x - half, y - 0.34 * following - half * 1.2, x + half, y + 0.3 * following + 0.02
