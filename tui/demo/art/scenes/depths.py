"""Under water: light from above, weed, shoals, jellyfish."""

from __future__ import annotations

import math

import numpy as np

from tui.demo.art.brief import Brief, Spot, Stage
from tui.demo.art.canvas import Canvas, Points
from tui.demo.art.colour import mix
from tui.demo.art.noise import profile, step
from tui.demo.art.outlines import ellipse, path, place, smooth, stroke

_FISH = smooth(path("-.5,0 -.3,-.13 0,-.18 .3,-.08 .5,-.19 .44,0 .5,.19 .3,.08 0,.16 -.3,.12"))


def paint_depths(canvas: Canvas, brief: Brief) -> Stage:
    """Three banks of weed, a shoal behind the first, jellyfish behind the last."""
    palette = brief.palette
    _paint_water(canvas, brief)
    for depth in (0.15, 0.55, 1.0):
        tone = mix(mix(palette.zenith, palette.sky, 0.35), palette.near, depth)
        line = profile(brief.random, canvas.width, canvas.right, cells=1.2, octaves=6)
        canvas.lay(canvas.below(canvas.bottom * (0.78 + 0.14 * depth) - line * 0.09), tone)
        canvas.cut(_weed(canvas, brief, depth), tone)
        if depth == 0.15:
            _paint_shoal(canvas, brief)
        elif depth == 0.55:
            for _ in range(brief.whole(1, 3)):
                _paint_jellyfish(canvas, brief)
    for x, y, size in brief.random.random((round(70 * canvas.right * canvas.bottom), 3)).tolist():
        radius = 0.001 + 0.005 * size
        canvas.spark(x * canvas.right, y * canvas.bottom, radius, palette.light, 0.5)
    middle = Spot(canvas.right * brief.between(0.35, 0.65), canvas.bottom * 0.6, 0.36, 0.7)
    return Stage(ground=Spot(middle.x, canvas.bottom * 0.92, 0.3, 1.0), air=middle, water=middle)


def _paint_water(canvas: Canvas, brief: Brief) -> None:
    """Darker with the distance from where the sun stands above, with shafts of its light."""
    palette = brief.palette
    x = canvas.right * brief.between(0.3, 0.7)
    surface = mix(palette.horizon, palette.sky, 0.35)
    dusk = mix(palette.zenith, palette.near, 0.6)
    canvas.tone(
        canvas.distance(x, -0.15) / (canvas.bottom * 1.15),
        (palette.light, surface, palette.sky, palette.zenith, dusk, palette.near),
    )
    angle = np.arctan2(canvas.x - x, canvas.y + 0.5) / math.pi + 0.5
    spokes = np.clip(profile(brief.random, 512, 1.0, cells=20, octaves=3), 0, 1)
    rays = spokes[np.clip(angle * 511, 0, 511).astype(np.int32)]
    canvas.shine(rays * np.exp(-canvas.y / (canvas.bottom * 0.45)) * 0.5, surface)
    murk = canvas.clouds(brief.random, 2, stretch=2)
    canvas.shade(np.clip(murk, 0, 1) * 0.3, palette.zenith)


def _weed(canvas: Canvas, brief: Brief, depth: float) -> list[Points]:
    """Swaying stems with small leaves; the nearest leave the middle free."""
    outlines: list[Points] = []
    along = np.linspace(0, 1, 22)
    for _ in range(round((5 + 5 * depth) * canvas.right)):
        x = brief.between(-0.02, canvas.right + 0.02)
        if depth == 1.0 and abs(x / canvas.right - 0.5) < 0.25:
            continue
        sway, phase = brief.between(0.01, 0.035), brief.between(0, 2 * math.pi)
        rise = brief.between(0.12, 0.4) * (0.6 + 0.5 * depth)
        rise += canvas.bottom * 0.16 * (1 - depth * 0.7)
        swing = np.sin(along * 7 + phase) * sway * (0.3 + along)
        lean = along * brief.between(-0.06, 0.06)
        line = np.stack([x + swing + lean, canvas.bottom * 1.02 - along * rise], axis=1)
        outlines.append(stroke(line, 0.012 + 0.014 * depth, taper=0.8))
        for knot, (a, b) in enumerate(line[4:21:2].tolist()):
            side = 0.9 if knot % 2 else -0.9
            reach = 0.02 * (0.5 + depth * 0.6)
            outlines.append(ellipse(a + side * 0.016, b, reach, 0.0065, turn=-side * 0.7, steps=14))
    return outlines


def _paint_shoal(canvas: Canvas, brief: Brief) -> None:
    palette = brief.palette
    x, y = canvas.right * brief.between(0.3, 0.7), canvas.bottom * brief.between(0.3, 0.55)
    flip = brief.chance(0.5)
    dark: list[Points] = []
    bright: list[Points] = []
    for across, down in brief.random.normal(size=(round(46 * canvas.right), 2)).tolist():
        a = x + across * 0.2 * canvas.right
        b = y + down * 0.07 + math.sin(a * 5) * 0.04
        fish = place(_FISH, a, b, brief.between(0.025, 0.06), flip=flip)
        (bright if brief.chance(0.2) else dark).append(fish)
    canvas.cut(dark, mix(palette.zenith, palette.near, 0.55))
    canvas.cut(bright, palette.accent)


def _paint_jellyfish(canvas: Canvas, brief: Brief) -> None:
    """A bell of light with threads under it."""
    palette = brief.palette
    x, y = canvas.right * brief.between(0.15, 0.85), canvas.bottom * brief.between(0.22, 0.6)
    size = brief.between(0.05, 0.13)
    colour = mix(palette.accent, palette.light, brief.between(0.15, 0.6))
    canvas.glow(x, y, size * 1.5, colour, 0.4)
    along = np.linspace(0, 1, 20)
    for index in range(9):
        start = (index / 8 - 0.5) * size * 1.5
        swing = np.sin(along * 8 + index) * size * 0.1 * along
        length = size * brief.between(1.6, 3.2)
        line = np.stack([x + start * (1 - along * 0.5) + swing, y + along * length], axis=1)
        canvas.cut([stroke(line, size * 0.05, taper=0.5)], colour, opacity=0.45)
    window = canvas.window(x - size * 1.1, y - size * 1.1, x + size * 1.1, y + size * 0.5)
    if window is None:
        return
    part = canvas.part(*window)
    across, down = (part.x - x) / size, (part.y - y) / size
    away = np.sqrt(across * across + down * down)
    hem = 0.12 + np.sin(across * 14) * 0.05
    bell = step(1.0, 0.96, away) * np.clip((hem - down) * 30, 0, 1)
    part.lay(bell * (0.3 + away**3 * 0.6), colour)
    gloss = np.exp(-((across + 0.3) ** 2 + (down + 0.5) ** 2) / 0.08)
    part.shine(bell * gloss * 0.7, palette.light)
