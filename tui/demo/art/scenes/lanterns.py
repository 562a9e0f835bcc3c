"""Lanterns in the dark, near and far, over water."""

from __future__ import annotations

import numpy as np

from tui.demo.art.brief import Brief, Stage
from tui.demo.art.canvas import Canvas
from tui.demo.art.colour import Colour, mix
from tui.demo.art.noise import step
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
    smoke = canvas.clouds(brief.random, 1.8, octaves=6, stretch=2)
    canvas.lay(step(0, 0.9, smoke) * 0.4, dusk)
    paint_stars(canvas, brief, water * 0.7, 60)
    flames = (
        palette.light,
        mix(palette.accent, palette.light, 0.35),
        mix(palette.horizon, palette.light, 0.3),
    )
    for _ in range(round(26 * canvas.right * canvas.bottom)):
        x, y = brief.between(0, canvas.right), brief.between(0, water)
        flame = flames[brief.whole(0, 2)]
        _paint_blur(canvas, x, y, brief.between(0.008, 0.034), flame, brief.between(0.08, 0.3))
    strung = "string" in brief.traits or brief.chance(0.4)
    for x, y, size in _places(canvas, brief, water):
        if strung:
            cord = box(x - 0.0011, -0.1, x + 0.0011, y - size)
            canvas.cut([cord], mix(palette.near, palette.sky, 0.3))
        _paint_lantern(canvas, brief, x, y, size, flames[brief.whole(0, 2)])
    mirror(canvas, brief, water, tint=0.18)
    return paint_quay(canvas, brief)


def _places(canvas: Canvas, brief: Brief, floor: float) -> list[tuple[float, float, float]]:
    """Where the lanterns are and how large: a few large ones well apart, small ones between.

    As many as the prompt says, if it says; each shrinks until there is room for it.
    """
    sizes = [brief.between(0.12, 0.165)]
    if brief.number:
        sizes += [brief.between(0.07, 0.11) for _ in range(brief.number - 1)]
    else:
        sizes += [brief.between(0.07, 0.1) for _ in range(round(3 * canvas.right))]
        small = round(9 * canvas.right * canvas.bottom)
        sizes += [brief.between(0.02, 0.045) for _ in range(small)]
    places: list[tuple[float, float, float]] = []
    for wanted in sizes:
        size = wanted
        for _ in range(60):
            x = brief.between(size, canvas.right - size)
            top = min(0.06 + size * 1.3, floor * 0.5)
            y = brief.between(top, max(floor - size * 1.6, floor * 0.5))
            if all((x - a) ** 2 + (y - b) ** 2 > ((size + c) * 1.3) ** 2 for a, b, c in places):
                places.append((x, y, size))
                break
            size = max(size * 0.97, 0.02)
    return sorted(places, key=lambda place: place[2])


def _paint_blur(
    canvas: Canvas, x: float, y: float, radius: float, colour: Colour, strength: float
) -> None:
    """A light out of focus."""
    reach = radius * 1.3
    window = canvas.window(x - reach, y - reach, x + reach, y + reach)
    if window is not None:
        part = canvas.part(*window)
        away = part.distance(x, y) / radius
        part.shine(step(1.08, 0.9, away) * (0.6 + away * 0.4) * strength, colour)


def _paint_lantern(
    canvas: Canvas, brief: Brief, x: float, y: float, size: float, flame: Colour
) -> None:
    """Paper around a flame, with ribs, two caps and a tassel."""
    palette = brief.palette
    tall = size * brief.between(1.05, 1.4)
    canvas.glow(x, y, size * 1.9, flame, 0.5)
    reach = tall + size * 0.4
    window = canvas.window(x - reach, y - reach, x + reach, y + reach)
    if window is None:
        return
    part = canvas.part(*window)
    across, down = (part.x - x) / size, (part.y - y) / tall
    away = (np.abs(across) ** 2.3 + np.abs(down) ** 2.6) ** 0.42
    edge = 1.2 * part.pixel / size
    body = step(1 + edge, 1 - edge, away)
    # The flame stands low in the paper; the ribs are closer together towards the ends.
    shine = np.exp(-(across * across * 1.5 + (down - 0.28) ** 2 * 1.9))
    ribs = np.abs(np.sin(np.arcsin(np.clip(down, -1, 1)) * 9))
    dark = mix(palette.near, flame, 0.15)
    rim = mix(dark, palette.accent, 0.55)
    part.lay_tones(
        body,
        shine * 0.95 - (1 - ribs) ** 6 * 0.16,
        (rim, mix(palette.accent, flame, 0.3), flame, mix(flame, palette.light, 0.8)),
    )
    part.shade(step(0.75, 1.0, away) * body * 0.45, mix(palette.accent, dark, 0.5))
    half, thick = size * 0.42, size * 0.07
    for end in (y - tall * 0.985, y + tall * 0.985):
        canvas.cut([box(x - half, end - thick, x + half, end + thick)], dark)
    tassel = box(x - size * 0.02, y + tall, x + size * 0.02, y + tall + size * 0.42)
    canvas.cut([tassel], mix(palette.accent, dark, 0.3))
