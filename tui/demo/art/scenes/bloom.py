"""Flowers, close."""

from __future__ import annotations

import math

import numpy as np

from tui.demo.art.brief import Brief
from tui.demo.art.canvas import Canvas
from tui.demo.art.colour import Colour, adjust, mix
from tui.demo.art.noise import clouds, step
from tui.demo.art.outlines import smooth, stroke


def paint_bloom(canvas: Canvas, brief: Brief) -> None:
    """Blooms at three depths over soft ground, the largest off the centre."""
    palette = brief.palette
    field = clouds(brief.random, canvas.width, canvas.height, cells=1.3, octaves=4)
    fall = canvas.y / canvas.bottom
    canvas.tone(
        np.clip(fall * 0.75 + field * 0.35 + 0.1, 0, 1),
        (palette.horizon, palette.sky, palette.zenith, mix(palette.zenith, palette.near, 0.6)),
    )
    canvas.glow(
        canvas.right * brief.between(0.2, 0.8), canvas.bottom * 0.15, 0.5, palette.light, 0.45
    )
    tints = [
        palette.accent,
        mix(palette.accent, palette.light, 0.45),
        mix(palette.accent, palette.horizon, 0.6),
        mix(palette.light, palette.horizon, 0.4),
    ]
    _paint_leaves(canvas, brief, mix(palette.far, palette.sky, 0.4), count=10, size=0.3)
    heads: list[tuple[float, float, float]] = []
    sizes = [brief.between(0.26, 0.33)] + [
        brief.between(0.12, 0.19) for _ in range(round(3 * canvas.right * canvas.bottom))
    ]
    for size in sizes:
        for _ in range(30):
            x = canvas.right * (brief.between(0.3, 0.7) if not heads else brief.between(0.04, 0.96))
            y = canvas.bottom * (
                brief.between(0.36, 0.5) if not heads else brief.between(0.1, 0.86)
            )
            if all(math.hypot(x - a, y - b) > (size + c) * 0.86 for a, b, c in heads):
                heads.append((x, y, size))
                break
    heads.sort(key=lambda head: head[2])
    for x, y, size in heads:
        _paint_stem(canvas, brief, x, y, size)
    _paint_leaves(canvas, brief, mix(palette.far, palette.near, 0.6), count=9, size=0.26)
    kind = brief.whole(0, 2)
    for index, (x, y, size) in enumerate(heads):
        last = index == len(heads) - 1
        tint = palette.accent if last else tints[brief.whole(0, 3)]
        _paint_flower(
            canvas,
            brief,
            x,
            y,
            size,
            tint,
            kind,
            distance=0.0 if last else 0.35 * (1 - size / heads[-1][2]),
        )


def _paint_stem(canvas: Canvas, brief: Brief, x: float, y: float, size: float) -> None:
    at = np.linspace(0, 1, 18)
    foot = x + brief.between(-0.2, 0.2)
    line = np.stack([x + (foot - x) * at**1.7, y + (canvas.bottom + 0.05 - y) * at], axis=1)
    canvas.cut(
        [stroke(line, 0.012 + size * 0.05, taper=0.1)],
        mix(brief.palette.far, brief.palette.near, 0.7),
    )


def _paint_leaves(canvas: Canvas, brief: Brief, tone: Colour, *, count: int, size: float) -> None:
    for _ in range(round(count * canvas.right * canvas.bottom)):
        x, y = brief.between(0, canvas.right), canvas.bottom * brief.between(0.45, 1.08)
        angle, length = brief.between(-2.8, -0.34), size * brief.between(0.6, 1.3)
        at = np.linspace(0, 1, 14)
        bend = brief.between(-0.6, 0.6)
        turn = angle + bend * at
        line = np.stack(
            [x + np.cumsum(np.cos(turn)) * length / 14, y + np.cumsum(np.sin(turn)) * length / 14],
            axis=1,
        )
        shade = adjust(tone, lightness=brief.between(-0.05, 0.06))
        outline = stroke(line, length * brief.between(0.22, 0.34))
        canvas.cut([outline], shade)
        canvas.cut([np.concatenate([outline[:14], line[::-1]])], adjust(shade, lightness=0.045))
        canvas.cut([stroke(line, 0.004)], adjust(shade, lightness=0.1))


def _paint_flower(
    canvas: Canvas,
    brief: Brief,
    x: float,
    y: float,
    size: float,
    tint: Colour,
    kind: int,
    *,
    distance: float,
) -> None:
    """Ring within ring of petals, each lit at its rim and dark at its root."""
    palette = brief.palette
    tint = mix(tint, palette.sky, distance)
    petals, rings = ((5, 2), (8, 3), (13, 4))[kind]
    shadow = mix(adjust(tint, lightness=-0.22), palette.near, 0.4)
    tilt = brief.between(0.72, 1.0)
    lean = brief.between(0, 6.28)
    for ring in range(rings):
        part = ring / rings
        reach = size * (1 - part * 0.68)
        offset = brief.between(0, 6.28)
        order = list(range(petals))
        for petal in order:
            angle = offset + petal * 2 * math.pi / petals + brief.between(-0.09, 0.09)
            length = reach * brief.between(0.88, 1.1)
            half = (
                length
                * (2.9 / petals + 0.12)
                * brief.between(0.85, 1.1)
                * (1.2 if kind == 0 else 1)
            )
            notch = brief.between(0.86, 0.99)
            local = smooth(
                [
                    (0.0, 0.0),
                    (0.35, 0.62),
                    (0.75, 0.98),
                    (0.98, 0.5),
                    (notch, 0.0),
                    (0.98, -0.5),
                    (0.75, -0.98),
                    (0.35, -0.62),
                ],
                steps=6,
            )
            u, v = local[:, 0] * length, local[:, 1] * half
            px, py = (
                u * math.cos(angle) - v * math.sin(angle),
                (u * math.sin(angle) + v * math.cos(angle)) * tilt,
            )
            outline = np.stack(
                [
                    x + px * math.cos(lean) - py * math.sin(lean),
                    y + px * math.sin(lean) + py * math.cos(lean),
                ],
                axis=1,
            )
            drawn = canvas.polygons([outline], margin=0.012)
            if drawn is None:
                continue
            sheet, mask = drawn
            away = sheet.distance(x, y) / length
            bright = brief.between(-0.035, 0.045)
            body = mix(adjust(tint, lightness=bright + 0.06 * part), palette.light, 0.12 * part)
            ink = Canvas(sheet.width, sheet.height)
            ink.tone(
                np.clip(away * 1.05, 0, 1),
                (shadow, mix(shadow, body, 0.55), body, mix(body, palette.light, 0.42)),
            )
            tip = np.array([math.cos(angle + lean), math.sin(angle + lean)])
            side = (sheet.x - x) * (-tip[1]) + (sheet.y - y) * (tip[0])
            veins = np.abs(np.sin(side / (away + 0.15) * (26 / size * 0.3)))
            sheet.shade(_halo(mask, sheet) * 0.35, shadow)
            sheet.lay_planes(mask, ink.planes)
            sheet.shade(mask * (1 - veins) ** 3 * 0.2, shadow)
            sheet.shade(mask * step(0.0, half * 0.9, side) * 0.22, shadow)
    heart = size * (0.16 if kind else 0.2)
    canvas.lay(canvas.disc(x, y, heart, soft=heart * 0.3), mix(palette.near, shadow, 0.4))
    dots = []
    for index in range(46):
        angle, radius = index * 2.39996, heart * 1.25 * math.sqrt((index + 0.5) / 46)
        dots.append((x + radius * math.cos(angle), y + radius * math.sin(angle) * tilt))
    from tui.demo.art.outlines import ellipse

    canvas.cut(
        [ellipse(a, b, heart * 0.085, heart * 0.085, steps=10) for a, b in dots],
        mix(palette.light, palette.accent if distance else palette.horizon, 0.25),
    )


def _halo(mask, sheet: Canvas):
    from tui.demo.art.noise import blur

    return blur(mask, max(1.0, 0.008 * sheet.unit))
