"""Lanterns in the dark, near and far, over water."""

from __future__ import annotations

import numpy as np

from tui.demo.art.brief import Brief, Stage
from tui.demo.art.canvas import Canvas
from tui.demo.art.colour import Colour, mix
from tui.demo.art.noise import clouds, step
from tui.demo.art.outlines import box
from tui.demo.art.scenes.quay import paint_quay
from tui.demo.art.scenes.sea import mirror
from tui.demo.art.scenes.sky import paint_stars


def paint_lanterns(canvas: Canvas, brief: Brief) -> Stage:
    """Paper lanterns adrift at several depths, their light around them and below them."""
    palette = brief.palette
    dark, dusk = mix(palette.near, palette.zenith, 0.35), mix(palette.zenith, palette.sky, 0.5)
    water = canvas.bottom * brief.between(0.76, 0.9)
    fall = np.clip(canvas.y / water, 0, 1) ** 1.6
    canvas.tone(fall, (dark, dark, mix(dark, dusk, 0.7), mix(dusk, palette.horizon, 0.35)))
    smoke = clouds(brief.random, canvas.width, canvas.height, cells=1.8, octaves=6, stretch=2)
    canvas.lay(step(0, 0.9, smoke) * 0.4, dusk)
    paint_stars(canvas, brief, water * 0.7, 60)
    warm = (
        palette.light,
        mix(palette.accent, palette.light, 0.35),
        mix(palette.horizon, palette.light, 0.3),
    )
    for _ in range(round(26 * canvas.right * canvas.bottom)):
        radius = brief.between(0.008, 0.034)
        x, y = brief.between(0, canvas.right), brief.between(0, water) ** 1.0
        _paint_blur(canvas, x, y, radius, warm[brief.whole(0, 2)], brief.between(0.08, 0.3))
    strung = "string" in brief.traits or brief.chance(0.4)
    for x, y, size in _places(canvas, brief, water):
        _paint_lantern(canvas, brief, x, y, size, warm[brief.whole(0, 2)], hung=strung)
    mirror(canvas, brief, water, tint=0.18)
    return paint_quay(canvas, brief)


def _places(canvas: Canvas, brief: Brief, floor: float) -> list[tuple[float, float, float]]:
    """Where the lanterns are and how large: a few large ones well apart, small ones between."""
    chosen: list[tuple[float, float, float]] = []
    sizes = [brief.between(0.12, 0.165)] + [
        brief.between(0.07, 0.1) for _ in range(round(3 * canvas.right))
    ]
    sizes += [brief.between(0.02, 0.045) for _ in range(round(9 * canvas.right * canvas.bottom))]
    if brief.number:
        sizes = [
            brief.between(0.07, 0.11) * (1.4 if index == 0 else 1) for index in range(brief.number)
        ]
    for wanted in sizes:
        size = wanted
        for _ in range(60):
            x = brief.between(size, canvas.right - size)
            y = brief.between(
                min(0.06 + size * 1.3, floor * 0.5), max(floor - size * 1.6, floor * 0.5)
            )
            if all((x - a) ** 2 + (y - b) ** 2 > ((size + c) * 1.3) ** 2 for a, b, c in chosen):
                chosen.append((x, y, size))
                break
            size = max(size * 0.97, 0.02)
    return sorted(chosen, key=lambda each: each[2])


def _paint_blur(
    canvas: Canvas, x: float, y: float, radius: float, colour: Colour, strength: float
) -> None:
    window = canvas.window(x - radius * 1.3, y - radius * 1.3, x + radius * 1.3, y + radius * 1.3)
    if window is not None:
        part = canvas.part(*window)
        away = part.distance(x, y) / radius
        part.shine(
            step(1.08, 0.9, away) * (0.6 + away * 0.4) * strength,
            colour,
        )


def _paint_lantern(
    canvas: Canvas, brief: Brief, x: float, y: float, size: float, colour: Colour, *, hung: bool
) -> None:
    palette = brief.palette
    canvas.glow(x, y, size * 1.9, colour, 0.5)
    tall = brief.between(1.05, 1.4)
    dark = mix(palette.near, colour, 0.15)
    if hung:
        canvas.cut(
            [box(x - 0.0011, -0.1, x + 0.0011, y - size * tall)], mix(dark, palette.sky, 0.2)
        )
    reach = size * (tall + 0.4)
    window = canvas.window(x - reach, y - reach, x + reach, y + reach)
    if window is None:
        return
    part = canvas.part(*window)
    u = (part.x - x) / size
    v = (part.y - y) / (size * tall)
    away = (np.abs(u) ** 2.3 + np.abs(v) ** 2.6) ** 0.42
    body = step(1 + 1.2 * part.pixel / size, 1 - 1.2 * part.pixel / size, away)
    # The flame stands low in the paper; the ribs shade it, closer together towards the ends.
    flame = np.exp(-(u * u * 1.5 + (v - 0.28) ** 2 * 1.9))
    ribs = np.abs(np.sin(np.arcsin(np.clip(v, -1, 1)) * 9))
    paper = Canvas(part.width, part.height)
    value = flame * 0.95 - (1 - ribs) ** 6 * 0.16
    paper.tone(
        np.clip(value, 0, 1),
        (
            mix(dark, palette.accent, 0.55),
            mix(palette.accent, colour, 0.3),
            colour,
            mix(colour, palette.light, 0.8),
        ),
    )
    part.lay_planes(body, paper.planes)
    part.shade(step(0.75, 1.0, away) * body * 0.45, mix(palette.accent, dark, 0.5))
    cap = size * 0.42
    for edge in (-tall * 0.985, tall * 0.985):
        canvas.cut(
            [box(x - cap, y + size * edge - size * 0.07, x + cap, y + size * edge + size * 0.07)],
            dark,
        )
    if size > 0.05:
        canvas.cut(
            [box(x - size * 0.02, y + size * tall, x + size * 0.02, y + size * (tall + 0.42))],
            mix(palette.accent, dark, 0.3),
        )
