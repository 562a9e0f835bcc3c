"""Under water: light from above, weed, shoals."""

from __future__ import annotations

import math

import numpy as np

from tui.demo.art.brief import Brief, Spot, Stage
from tui.demo.art.canvas import Canvas, Points
from tui.demo.art.colour import mix
from tui.demo.art.noise import clouds, profile, step
from tui.demo.art.outlines import ellipse, place, smooth, stroke

_FISH = smooth(
    [(-0.5, 0.0), (-0.3, -0.13), (0.0, -0.18), (0.3, -0.08), (0.5, -0.19), (0.44, 0.0), (0.5, 0.19), (0.3, 0.08), (0.0, 0.16), (-0.3, 0.12)]
)  # fmt: skip


def paint_depths(canvas: Canvas, brief: Brief) -> Stage:
    """Shafts of light through blue water, a shoal, a few glowing drifters."""
    palette = brief.palette
    x = canvas.right * brief.between(0.3, 0.7)
    surface = mix(palette.horizon, palette.sky, 0.35)
    fall = np.clip(canvas.distance(x, -0.15) / (canvas.bottom * 1.15), 0, 1)
    canvas.tone(
        fall,
        (
            palette.light,
            surface,
            palette.sky,
            palette.zenith,
            mix(palette.zenith, palette.near, 0.6),
            palette.near,
        ),
    )
    angle = np.arctan2(canvas.x - x, canvas.y + 0.5)
    spokes = profile(brief.random, 512, 1.0, cells=20, octaves=3)
    rays = np.clip(
        spokes[np.clip((angle / math.pi + 0.5) * 511, 0, 511).astype(np.int32)],
        0,
        1,
    )
    canvas.shine(rays * np.exp(-canvas.y / (canvas.bottom * 0.45)) * 0.5, surface)
    murk = clouds(brief.random, canvas.width, canvas.height, cells=2, octaves=5, stretch=2)
    canvas.shade(np.clip(murk, 0, 1) * 0.3, palette.zenith)
    for depth in (0.15, 0.55, 1.0):
        tone = mix(mix(palette.zenith, palette.sky, 0.35), palette.near, depth)
        line = profile(brief.random, canvas.width, canvas.right, cells=1.2, octaves=6)
        floor = (canvas.bottom * (0.78 + 0.14 * depth)) - line * 0.09
        canvas.lay(canvas.below(floor), tone)
        canvas.cut(_weed(canvas, brief, depth), tone)
        if depth < 0.2:
            _paint_shoal(canvas, brief)
        if 0.2 < depth < 1:
            for _ in range(brief.whole(1, 3)):
                _paint_jellyfish(
                    canvas,
                    brief,
                    canvas.right * brief.between(0.15, 0.85),
                    canvas.bottom * brief.between(0.22, 0.6),
                    brief.between(0.05, 0.13),
                )
    for _ in range(round(70 * canvas.right * canvas.bottom)):
        a, b, radius = (
            brief.between(0, canvas.right),
            brief.between(0, canvas.bottom),
            brief.between(0.001, 0.006),
        )
        canvas.spark(a, b, radius, palette.light, 0.5)
    middle = Spot(canvas.right * brief.between(0.35, 0.65), canvas.bottom * 0.6, 0.36, 0.7)
    return Stage(ground=Spot(middle.x, canvas.bottom * 0.92, 0.3, 1.0), air=middle, water=middle)


def _weed(canvas: Canvas, brief: Brief, depth: float) -> list[Points]:
    blades = []
    for _ in range(round((5 + 5 * depth) * canvas.right)):
        x = brief.between(-0.02, canvas.right + 0.02)
        if depth == 1.0 and abs(x / canvas.right - 0.5) < 0.25:
            continue
        height = brief.between(0.12, 0.4) * (0.6 + 0.5 * depth)
        at = np.linspace(0, 1, 22)
        sway = brief.between(0.01, 0.035)
        phase = brief.between(0, 6.28)
        line = np.stack(
            [
                x + np.sin(at * 7 + phase) * sway * (0.3 + at) + at * brief.between(-0.06, 0.06),
                canvas.bottom * 1.02 - at * (height + canvas.bottom * 0.16 * (1 - depth * 0.7)),
            ],
            axis=1,
        )
        blades.append(stroke(line, 0.012 + 0.014 * depth, taper=0.8))
        for knot in range(4, 21, 2):
            tilt = 0.9 if knot % 4 else -0.9
            blades.append(
                ellipse(
                    line[knot, 0] + tilt * 0.016,
                    line[knot, 1],
                    0.02 * (0.5 + depth * 0.6),
                    0.0065,
                    turn=-tilt * 0.7,
                    steps=14,
                )
            )
    return blades


def _paint_shoal(canvas: Canvas, brief: Brief) -> None:
    palette = brief.palette
    x, y = canvas.right * brief.between(0.3, 0.7), canvas.bottom * brief.between(0.3, 0.55)
    flip = brief.chance(0.5)
    dark, bright = [], []
    for _ in range(round(46 * canvas.right)):
        a = x + float(brief.random.normal()) * 0.2 * canvas.right
        b = y + float(brief.random.normal()) * 0.07 + math.sin(a * 5) * 0.04
        fish = place(_FISH, a, b, brief.between(0.025, 0.06), flip=flip)
        (bright if brief.chance(0.2) else dark).append(fish)
    canvas.cut(dark, mix(palette.zenith, palette.near, 0.55))
    canvas.cut(bright, palette.accent)


def _paint_jellyfish(canvas: Canvas, brief: Brief, x: float, y: float, size: float) -> None:
    palette = brief.palette
    colour = mix(palette.accent, palette.light, brief.between(0.15, 0.6))
    canvas.glow(x, y, size * 1.5, colour, 0.4)
    for index in range(9):
        at = np.linspace(0, 1, 20)
        start = (index / 8 - 0.5) * size * 1.5
        line = np.stack(
            [
                x + start * (1 - at * 0.5) + np.sin(at * 8 + index) * size * 0.1 * at,
                y + at * size * brief.between(1.6, 3.2),
            ],
            axis=1,
        )
        canvas.cut([stroke(line, size * 0.05, taper=0.5)], colour, opacity=0.45)
    window = canvas.window(x - size * 1.1, y - size * 1.1, x + size * 1.1, y + size * 0.5)
    if window is None:
        return
    part = canvas.part(*window)
    u, v = (part.x - x) / size, (part.y - y) / size
    hem = 0.12 + np.sin(u * 14) * 0.05
    away = np.sqrt(u * u + v * v)
    bell = step(1.0, 0.96, away) * np.clip((hem - v) * 30, 0, 1)
    part.lay(bell * (0.3 + away**3 * 0.6), colour)
    part.shine(
        bell * np.exp(-((u + 0.3) ** 2 + (v + 0.5) ** 2) / 0.08) * 0.7,
        palette.light,
    )
