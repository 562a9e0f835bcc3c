"""A skyline with lit windows, mirrored in water or a wet street."""

from __future__ import annotations

import numpy as np

from tui.demo.art.brief import Brief, Stage
from tui.demo.art.canvas import Canvas, Points
from tui.demo.art.colour import Colour, mix
from tui.demo.art.noise import profile
from tui.demo.art.outlines import box
from tui.demo.art.scenes.quay import paint_quay
from tui.demo.art.scenes.sea import mirror
from tui.demo.art.scenes.sky import paint_sky


def paint_city(canvas: Canvas, brief: Brief) -> Stage:
    """Four depths of towers over their own reflection."""
    palette = brief.palette
    ground = canvas.bottom * brief.between(0.68, 0.8)
    paint_sky(canvas, brief, ground * 0.97)
    shine = mix(palette.horizon, palette.light, 0.3)
    canvas.glow(canvas.right * brief.between(0.3, 0.7), ground, 0.42, shine, 0.45)
    for depth in np.linspace(0, 1, 4).tolist():
        _paint_row(canvas, brief, ground, depth)
        haze = np.clip((canvas.y - ground + 0.3) / 0.34, 0, 1) * (canvas.y < ground)
        canvas.lay(haze * 0.4 * (1 - depth * 0.75), mix(palette.horizon, palette.far, 0.3))
    mirror(canvas, brief, ground)
    return paint_quay(canvas, brief)


def _paint_row(canvas: Canvas, brief: Brief, ground: float, depth: float) -> None:
    """Towers side by side, high where the town is dense, now and then one above the rest."""
    palette = brief.palette
    tone = mix(mix(palette.horizon, palette.far, 0.55), palette.near, depth**0.8)
    density = profile(brief.random, canvas.width, canvas.right, cells=1.3, octaves=2)
    left = -0.05
    while left < canvas.right:
        width = brief.between(0.05, 0.1) * (0.6 + 0.75 * depth)
        height = ground * (0.36 + 0.3 * canvas.at(density, left) - 0.1 * depth)
        height *= brief.between(0.7, 1.2) * (1.35 if brief.chance(0.09) else 1)
        top = ground - min(max(height, 0.06), ground * 0.93)
        canvas.cut(_tower(brief, left, top, left + width, ground + 0.01), tone)
        _light_tower(canvas, brief, (left, top, left + width, ground + 0.01), tone, depth)
        left += width * brief.between(0.86, 1.12)


def _tower(brief: Brief, left: float, top: float, right: float, bottom: float) -> list[Points]:
    """A tower's outline: flat, slanted, stepped, spired or with a mast."""
    width, middle = right - left, (left + right) / 2
    body = box(left, top, right, bottom)
    match brief.whole(0, 6):
        case 0:
            body[0, 1] += width * 0.5
            return [body]
        case 1:
            return [body, box(left + width * 0.2, top - width * 0.3, right - width * 0.2, top)]
        case 2:
            base = width * 0.32
            spire = [(middle - base, top), (middle, top - width * 1.1), (middle + base, top)]
            return [body, np.array(spire)]
        case 3:
            return [body, box(middle - 0.0014, top - width * 1.2, middle + 0.0014, top)]
        case _:
            return [body]


def _light_tower(
    canvas: Canvas,
    brief: Brief,
    frame: tuple[float, float, float, float],
    tone: Colour,
    depth: float,
) -> None:
    """A shaded side and, but on the farthest towers, windows, some of them lit."""
    palette = brief.palette
    left, top, right, bottom = frame
    window = canvas.window(*frame)
    if window is None:
        return
    part = canvas.part(*window)
    across = np.clip((part.x - left) / (right - left), 0, 1)
    part.shade((across > 0.62) * 0.28, mix(tone, palette.near, 0.5))
    if depth == 0:
        return
    pitch = (0.011 + 0.009 * depth) * brief.between(0.8, 1.25)
    columns = max(2, int((right - left) / pitch))
    rows = max(2, int((bottom - top) / (pitch * 1.35)))
    share = brief.between(0.12, 0.5) * (1.0 if palette.dark else 0.4)
    lit = brief.random.random((rows, columns)) < share
    warm = brief.random.random((rows, columns)) < 0.8
    u, v = across * columns, (part.y - top) / (bottom - top) * rows
    cell = np.clip(v, 0, rows - 1).astype(np.int32), np.clip(u, 0, columns - 1).astype(np.int32)
    pane = (u % 1 > 0.22) & (u % 1 < 0.8) & (v % 1 > 0.25) & (v % 1 < 0.8) & (v > 0.8) & lit[cell]
    strength = 0.35 + 0.6 * depth
    part.lay((pane & warm[cell]) * strength, mix(palette.light, palette.horizon, 0.2))
    part.lay((pane & ~warm[cell]) * strength, palette.accent)
    if depth > 0.6 and palette.dark and brief.chance(0.12):
        x, y = brief.between(left, right - 0.02), top + (bottom - top) * brief.between(0.2, 0.5)
        _paint_sign(canvas, brief, x, y)


def _paint_sign(canvas: Canvas, brief: Brief, x: float, y: float) -> None:
    """An upright sign that glows."""
    colour = brief.palette.accent if brief.chance(0.6) else brief.palette.horizon
    width, height = brief.between(0.012, 0.02), brief.between(0.07, 0.14)
    canvas.glow(x + width / 2, y + height / 2, 0.05, colour, 0.55)
    canvas.cut([box(x, y, x + width, y + height)], mix(colour, brief.palette.light, 0.35))
