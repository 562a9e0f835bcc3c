"""Pictures of nothing but colour and movement: currents, marble, geometry."""

from __future__ import annotations

import math

import numpy as np

from tui.demo.art.brief import Brief
from tui.demo.art.canvas import Canvas, Points
from tui.demo.art.colour import Colour, Field, lightness, mix
from tui.demo.art.noise import clouds, enlarge, sample, step
from tui.demo.art.outlines import box, ellipse
from tui.demo.art.strokes import Pass, brush


def paint_currents(canvas: Canvas, brief: Brief) -> None:
    """Long strokes that stream around a few eddies."""
    palette, random = brief.palette, brief.random
    columns, rows = max(8, round(160 * canvas.right)), max(8, round(160 * canvas.bottom))
    x = np.linspace(0, canvas.right, columns, dtype=np.float32)[None, :]
    y = np.linspace(0, canvas.bottom, rows, dtype=np.float32)[:, None]
    along, down = np.full((rows, columns), 0.35, np.float32), np.zeros((rows, columns), np.float32)
    eddies = []
    for _ in range(brief.whole(2, 3) + round(canvas.right * canvas.bottom) - 1):
        cx, cy, reach = (
            brief.between(0.1, 0.9) * canvas.right,
            brief.between(0.1, 0.9) * canvas.bottom,
            brief.between(0.16, 0.34),
        )
        spin = 1 if brief.chance(0.5) else -1
        eddies.append((cx, cy, reach))
        u, v = x - cx, y - cy
        pull = np.exp(-(u * u + v * v) / (reach * reach)) * (spin * 9)
        along -= v * pull
        down += u * pull
    drift = clouds(random, columns, rows, cells=1.5, octaves=3)
    angles = np.arctan2(down, along) + drift * 1.1
    mass = clouds(random, columns, rows, cells=1.3, octaves=3) * 0.36 + 0.42
    for cx, cy, reach in eddies:
        away = np.sqrt((x - cx) ** 2 + (y - cy) ** 2)
        mass += np.exp(-((away / reach) ** 2)) * 0.42 * np.cos(away / reach * 5)
    field = enlarge(mass.astype(np.float32), canvas.width, canvas.height)
    canvas.tone(field, palette.spectrum())
    spots = step(0.72, 0.9, clouds(random, columns, rows, cells=2.2, octaves=2) + 0.35)
    canvas.lay(enlarge(spots, canvas.width, canvas.height), palette.accent)
    brush(
        canvas,
        random,
        angles,
        (Pass(1100, 0.34, 0.04, 0.05), Pass(2300, 0.26, 0.02, 0.07), Pass(3200, 0.2, 0.0085, 0.1)),
    )


def paint_marble(canvas: Canvas, brief: Brief) -> None:
    """Liquid folded into itself, lit like polished stone."""
    palette, random = brief.palette, brief.random
    columns, rows = max(16, canvas.width // 2), max(16, canvas.height // 2)
    unit = min(columns, rows)
    x, y = np.arange(columns, dtype=np.float32)[None, :], np.arange(rows, dtype=np.float32)[:, None]

    def layer(cells: float, octaves: int) -> Field:
        return clouds(random, columns, rows, cells=cells, octaves=octaves, gain=0.45)

    strength = brief.between(0.28, 0.5) * unit
    first, second = layer(1.4, 4), layer(1.4, 4)
    third = sample(layer(1.7, 4), x + first * strength, y + second * strength)
    fourth = sample(layer(1.7, 4), x + second * strength, y - first * strength)
    deep = sample(layer(1.2, 6), x + third * strength * 1.5, y + fourth * strength * 1.5)
    folds, sheets = (
        enlarge(deep, canvas.width, canvas.height),
        enlarge(third, canvas.width, canvas.height),
    )
    others = enlarge(fourth, canvas.width, canvas.height)
    agate = brief.chance(0.35)
    if agate:
        away = canvas.distance(
            canvas.right * brief.between(0.35, 0.65), canvas.bottom * brief.between(0.35, 0.65)
        )
        level = away * 1.15 + sheets * 0.2 + folds * 0.1
        value = 1 - np.clip(level / 0.9, 0, 1) + np.sin(level * 70) * 0.05
    else:
        level = folds
        value = folds * 0.52 + sheets * 0.18
        low, high = np.quantile(value[::8, ::8], (0.03, 0.97))
        value = (value - low) / max(high - low, 1e-3)
    canvas.tone(value, palette.spectrum())
    canvas.lay(step(0.25, 0.85, others) * 0.65, palette.accent if not agate else palette.sky)
    lift = max(1, round(canvas.unit * 0.003))
    relief = (level - np.roll(np.roll(level, lift, 0), lift, 1)) * 7
    relief[:lift] = 0
    relief[:, :lift] = 0
    canvas.shine(np.clip(relief, 0, 0.6), palette.light)
    canvas.shade(np.clip(-relief, 0, 0.7), mix(palette.near, palette.zenith, 0.3))
    vein = step(0.05, 0.012, np.abs(folds + sheets * 0.4 - 0.18))
    metal = (
        mix(palette.light, palette.accent, 0.3)
        if palette.dark
        else mix(palette.accent, palette.near, 0.25)
    )
    canvas.lay(vein * 0.8 * step(-0.5, 0.4, sheets), metal)


def paint_geometry(canvas: Canvas, brief: Brief) -> None:
    """A poster of circles, arcs, bars and stripes, sprayed with shade."""
    palette = brief.palette
    dark = palette.dark
    paper = (
        mix(palette.zenith, palette.near, 0.35)
        if dark
        else mix(palette.horizon, palette.light, 0.45)
    )
    canvas.fill(paper)
    grain = clouds(brief.random, canvas.width, canvas.height, cells=240, octaves=2)
    fall = canvas.x / canvas.right * 0.5 + canvas.y / canvas.bottom * 0.5
    canvas.lay(
        np.clip(fall - 0.3 + grain * 0.12, 0, 1) * 0.4,
        palette.sky,
    )
    tones = sorted(
        [palette.zenith, palette.sky, palette.far, palette.near, palette.accent, palette.horizon],
        key=lambda tone: -abs(lightness(tone) - lightness(paper)),
    )
    big = palette.accent if brief.chance(0.5) else tones[0]
    cx, cy = canvas.right * brief.between(0.36, 0.64), canvas.bottom * brief.between(0.34, 0.56)
    radius = brief.between(0.25, 0.34)
    turn = brief.whole(0, 7) * math.pi / 4
    other = tones[brief.whole(1, 2)]
    canvas_shapes: list[tuple[list[Points], Colour, float]] = [
        ([_turned(box(-2.5, -0.07, 2.5, 0.07), cx, cy, turn + math.pi / 8)], other, turn),
        ([ellipse(cx, cy, radius, radius, steps=120)], big, turn + 2.2),
        (
            [
                _half_disc(
                    cx + brief.between(-0.2, 0.2),
                    cy + radius * brief.between(0.5, 0.9),
                    radius * brief.between(0.7, 0.95),
                    turn,
                )
            ],
            tones[1],
            turn,
        ),
    ]
    for _ in range(brief.whole(1, 2)):
        size = brief.between(0.12, 0.2)
        canvas_shapes.append(
            (
                [
                    _quarter(
                        canvas.right * brief.between(0.08, 0.92),
                        canvas.bottom * brief.between(0.1, 0.9),
                        size * (1 - 0.2 * ring),
                        brief.whole(0, 3) * 0 + turn,
                    )
                    for ring in range(1)
                ],
                tones[brief.whole(0, 4)],
                turn + 1,
            )
        )
    x, y, gap = (
        canvas.right * brief.between(0.05, 0.7),
        canvas.bottom * brief.between(0.62, 0.84),
        0.026,
    )
    canvas_shapes.append(
        (
            [
                _turned(
                    box(0, row * gap, 0.34, row * gap + gap * 0.45),
                    x,
                    y,
                    0 if brief.chance(0.6) else -math.pi / 4,
                )
                for row in range(6)
            ],
            tones[0],
            0.0,
        )
    )
    x, y = canvas.right * brief.between(0.06, 0.75), canvas.bottom * brief.between(0.06, 0.28)
    canvas_shapes.append(
        (
            [
                ellipse(x + column * 0.034, y + row * 0.034, 0.0065, 0.0065, steps=14)
                for row in range(4)
                for column in range(6)
            ],
            tones[2],
            0.0,
        )
    )
    canvas_shapes.append(
        (
            [
                ellipse(
                    canvas.right * brief.between(0.1, 0.9),
                    canvas.bottom * brief.between(0.1, 0.9),
                    0.055,
                    0.055,
                )
            ],
            tones[3] if big is palette.accent else palette.accent,
            0.6,
        )
    )
    tip = np.array([(0, -0.17), (0.15, 0.1), (-0.15, 0.1)])
    canvas_shapes.append(
        (
            [
                _turned(
                    tip,
                    canvas.right * brief.between(0.15, 0.85),
                    canvas.bottom * brief.between(0.2, 0.85),
                    turn,
                )
            ],
            tones[brief.whole(1, 4)],
            turn,
        )
    )
    for outlines, tone, direction in canvas_shapes:
        _spray(
            canvas,
            outlines,
            tone,
            direction,
            grain,
            palette.near if lightness(tone) > 0.4 else palette.horizon,
        )
    ring = canvas.distance(cx, cy)
    for index in range(brief.whole(2, 4)):
        edge = radius * (1.16 + 0.11 * index)
        arc = np.arctan2(canvas.y - cy, canvas.x - cx)
        open_ = step(-0.2, 0.0, np.cos(arc - (turn + 0.5)) - (0.15 * index))
        canvas.lay(step(0.006, 0.0035, np.abs(ring - edge)) * open_, tones[0])


def _spray(
    canvas: Canvas,
    outlines: list[Points],
    tone: Colour,
    direction: float,
    grain: Field,
    shade: Colour,
) -> None:
    """A flat shape whose far side is dusted with a second tone."""
    drawn = canvas.polygons(outlines)
    if drawn is None:
        return
    part, mask = drawn
    u = part.x * math.cos(direction) + part.y * math.sin(direction)
    u = (u - u.min()) / (max(float(np.ptp(u)), 1e-6))
    rows = slice(round(float(part.y[0, 0]) * canvas.unit - 0.5), None)
    columns = slice(round(float(part.x[0, 0]) * canvas.unit - 0.5), None)
    local = grain[rows, columns][: part.height, : part.width]
    dust = step(0.0, 0.55, u * 1.15 - 0.62 + local * 0.5)
    part.lay(mask * 0.96, tone)
    part.lay(mask * dust * 0.55, mix(tone, shade, 0.7))


def _turned(points: Points, x: float, y: float, turn: float) -> Points:
    cosine, sine = math.cos(turn), math.sin(turn)
    return points @ np.array([[cosine, sine], [-sine, cosine]]) + np.array([x, y])


def _half_disc(x: float, y: float, radius: float, turn: float) -> Points:
    angle = np.linspace(0, math.pi, 60) + turn
    return np.stack([x + radius * np.cos(angle), y + radius * np.sin(angle)], axis=1)


def _quarter(x: float, y: float, radius: float, turn: float) -> Points:
    angle = np.linspace(0, math.pi / 2, 40) + turn
    arc = np.stack([x + radius * np.cos(angle), y + radius * np.sin(angle)], axis=1)
    inner = np.stack([x + radius * 0.5 * np.cos(angle), y + radius * 0.5 * np.sin(angle)], axis=1)
    return np.concatenate([arc, inner[::-1]])
