"""A skyline with lit windows, mirrored in water or a wet street."""

from __future__ import annotations

import numpy as np

from tui.demo.art.brief import Brief, Stage
from tui.demo.art.canvas import Canvas
from tui.demo.art.colour import Colour, mix
from tui.demo.art.noise import profile
from tui.demo.art.scenes.quay import paint_quay
from tui.demo.art.scenes.sea import mirror
from tui.demo.art.scenes.sky import paint_sky


def paint_city(canvas: Canvas, brief: Brief) -> Stage:
    """Four depths of towers over their own reflection."""
    palette = brief.palette
    ground = canvas.bottom * brief.between(0.68, 0.8)
    paint_sky(canvas, brief, ground * 0.97)
    canvas.glow(
        canvas.right * brief.between(0.3, 0.7),
        ground,
        0.42,
        mix(palette.horizon, palette.light, 0.3),
        0.45,
    )
    depths = 4
    for index in range(depths):
        depth = index / (depths - 1)
        tone = mix(mix(palette.horizon, palette.far, 0.55), palette.near, depth**0.8)
        heights = profile(brief.random, 256, canvas.right, cells=1.3, octaves=2)
        at = -0.05
        while at < canvas.right:
            width = brief.between(0.05, 0.1) * (0.6 + 0.75 * depth)
            swell = float(heights[min(255, int(max(at, 0) / canvas.right * 255))])
            height = ground * (0.36 + 0.3 * swell - 0.1 * depth) * brief.between(0.7, 1.2)
            if brief.chance(0.09):
                height *= 1.35
            height = min(max(height, 0.06), ground * 0.93)
            _paint_tower(
                canvas, brief, (at, ground - height, at + width, ground + 0.01), tone, depth
            )
            at += width * brief.between(0.86, 1.12)
        haze = np.clip((canvas.y - (ground - 0.3)) / 0.34, 0, 1) * (canvas.y < ground)
        canvas.lay(haze * (0.4 * (1 - depth * 0.75)), mix(palette.horizon, palette.far, 0.3))
    mirror(canvas, brief, ground)
    return paint_quay(canvas, brief)


def _paint_tower(
    canvas: Canvas, brief: Brief, box: tuple[float, float, float, float], tone: Colour, depth: float
) -> None:
    palette = brief.palette
    left, top, right, bottom = box
    width = right - left
    outline = [(left, bottom), (left, top), (right, top), (right, bottom)]
    roof = brief.whole(0, 6)
    middle = (left + right) / 2
    extra = []
    if roof == 0:
        outline = [(left, bottom), (left, top + width * 0.5), (right, top), (right, bottom)]
    elif roof == 1:
        extra = [
            (left + width * 0.2, top),
            (left + width * 0.2, top - width * 0.3),
            (right - width * 0.2, top - width * 0.3),
            (right - width * 0.2, top),
        ]
    elif roof == 2:
        extra = [
            (middle - width * 0.32, top),
            (middle, top - width * 1.1),
            (middle + width * 0.32, top),
        ]
    mast = [
        (middle - 0.0022, top),
        (middle - 0.0008, top - width * 1.2),
        (middle + 0.0008, top - width * 1.2),
        (middle + 0.0022, top),
    ]
    canvas.cut(
        [np.array(outline)]
        + ([np.array(extra)] if extra else [])
        + ([np.array(mast)] if roof == 3 else []),
        tone,
    )
    window = canvas.window(left, top, right, bottom)
    if window is None:
        return
    part = canvas.part(*window)
    side = np.clip((part.x - left) / width, 0, 1)
    part.shade((side > 0.62) * 0.28, mix(tone, palette.near, 0.5))
    if depth == 0:
        return
    pitch = (0.011 + 0.009 * depth) * brief.between(0.8, 1.25)
    columns, rows = max(2, int(width / pitch)), max(2, int((bottom - top) / (pitch * 1.35)))
    lit = brief.random.random((rows, columns)) < brief.between(0.12, 0.5) * (
        1.0 if palette.dark else 0.4
    )
    warmth = brief.random.random((rows, columns))
    u = side * columns
    v = (part.y - top) / (bottom - top) * rows
    column = np.clip(u.astype(np.int32), 0, columns - 1)
    row = np.clip(v.astype(np.int32), 0, rows - 1)
    inside = ((u % 1 > 0.22) & (u % 1 < 0.8)) & ((v % 1 > 0.25) & (v % 1 < 0.8)) & (v > 0.8)
    glowing = (lit[row, column] & inside).astype(np.float32)
    warm = warmth[row, column] < 0.8
    strength = 0.35 + 0.6 * depth
    part.lay(glowing * warm * strength, mix(palette.light, palette.horizon, 0.2))
    part.lay(glowing * ~warm * strength, palette.accent)
    if depth > 0.6 and brief.chance(0.12) and palette.dark:
        _paint_sign(
            canvas,
            brief,
            left + width * brief.between(0.1, 0.6),
            top + (bottom - top) * brief.between(0.2, 0.5),
        )


def _paint_sign(canvas: Canvas, brief: Brief, x: float, y: float) -> None:
    colour = brief.palette.accent if brief.chance(0.6) else brief.palette.horizon
    width, height = brief.between(0.012, 0.02), brief.between(0.07, 0.14)
    canvas.glow(x + width / 2, y + height / 2, 0.05, colour, 0.55)
    canvas.cut(
        [np.array([(x, y), (x + width, y), (x + width, y + height), (x, y + height)])],
        mix(colour, brief.palette.light, 0.35),
    )
