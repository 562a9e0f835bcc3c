"""Inside a forest: trunk behind trunk, light between them."""

from __future__ import annotations

import math

import numpy as np

from tui.demo.art.brief import Brief, Spot, Stage
from tui.demo.art.canvas import Canvas, Points
from tui.demo.art.colour import Colour, Field, adjust, mix
from tui.demo.art.noise import profile, step
from tui.demo.art.outlines import box


def paint_woods(canvas: Canvas, brief: Brief) -> Stage:
    """Five depths of trees around a clearing, with mist and rays between them."""
    palette = brief.palette
    x, y = canvas.right * brief.between(0.3, 0.7), canvas.bottom * brief.between(0.34, 0.48)
    away = canvas.distance(x, y) / 0.85
    glow = mix(palette.horizon, palette.light, 0.45)
    canvas.tone(away, (glow, palette.horizon, palette.sky, palette.zenith))
    haze = canvas.clouds(brief.random, 2, stretch=2)
    canvas.lay(step(-0.1, 0.8, haze) * 0.35, palette.sky)
    canvas.lay(canvas.disc(x, y, brief.between(0.06, 0.1), soft=0.01) * 0.9, palette.light)
    pines = bool(brief.traits & {"snow", "mountain", "pine"}) or brief.chance(0.3)
    ground = canvas.x[0]
    for depth in (0.0, 0.25, 0.5, 0.75, 1.0):
        ground = _paint_stand(canvas, brief, x, depth, pines=pines)
        if depth < 1:
            _paint_mist(canvas, brief, depth)
        if depth == 0.75:
            _paint_rays(canvas, brief, x, y)
    foot = canvas.at(ground, x) + 0.02
    return Stage(
        ground=Spot(x + brief.between(-0.08, 0.08), foot, 0.3, 0.95),
        air=Spot(x, canvas.bottom * 0.42, 0.24, 0.6),
    )


def _floor(canvas: Canvas, depth: float) -> float:
    """About how high the ground lies at some depth."""
    return canvas.bottom * (0.66 + 0.25 * math.pow(depth, 1.2))


def _paint_stand(canvas: Canvas, brief: Brief, x: float, depth: float, *, pines: bool) -> Field:
    """Trees of one depth and the ground they stand on, lit below `x`; that ground's line."""
    palette = brief.palette
    tone = mix(mix(palette.horizon, palette.far, 0.45), palette.near, depth**0.85)
    line = profile(brief.random, canvas.width, canvas.right, cells=0.8, octaves=5)
    ground: Field = _floor(canvas, depth) - line * (0.05 + 0.03 * depth)
    canvas.cut(_trees(canvas, brief, ground, depth, pines=pines), tone)
    if not pines and depth > 0.2:
        _paint_canopy(canvas, brief, tone, depth)
    soil = tone
    if "snow" in brief.traits:
        soil = mix(tone, palette.light, 0.75 - 0.42 * depth)
        soil = mix(soil, palette.sky, 0.35 if palette.dark else 0.0)
    mask = canvas.below(ground, soft=0.004)
    canvas.lay(mask, soil)
    rim = np.exp(-np.clip(canvas.y - ground, 0, None) / 0.05) * mask
    near = step(0.7, 0.0, np.abs(canvas.x - x)) * 0.3 * (1 - depth * 0.6)
    canvas.shine(rim * near, mix(palette.horizon, palette.light, 0.45))
    return ground


def _trees(
    canvas: Canvas, brief: Brief, ground: Field, depth: float, *, pines: bool
) -> list[Points]:
    """Trees at uneven distances; the nearest leave the middle to the light."""
    outlines: list[Points] = []
    gap = 0.05 + 0.15 * depth
    at = -gap * brief.between(0, 1)
    while at < canvas.right + gap:
        x = at + gap * brief.between(-0.3, 0.3)
        at += gap * brief.between(0.6, 1.5)
        if depth > 0.7 and abs(x / canvas.right - 0.5) < 0.24:
            continue
        foot = canvas.at(ground, x) + 0.01
        if pines:
            outlines += pine(brief, x, foot, (0.3 + 0.62 * depth) * brief.between(0.7, 1.15))
        else:
            outlines += _trunk(brief, x, foot, 0.006 + 0.03 * depth**1.4)
    return outlines


def _paint_mist(canvas: Canvas, brief: Brief, depth: float) -> None:
    bank = np.exp(-(((canvas.y - _floor(canvas, depth)) / 0.2) ** 2))
    drift = canvas.clouds(brief.random, 2.5, octaves=4, stretch=3.5)
    tone = mix(brief.palette.horizon, brief.palette.far, 0.2)
    canvas.lay(bank * (0.42 + drift * 0.3) * (1 - depth * 0.5), tone)


def pine(brief: Brief, x: float, foot: float, height: float) -> list[Points]:
    """A fir: boughs that widen downwards, ragged at their ends."""
    tiers = max(5, round(9 + height * 5))
    width = height * brief.between(0.17, 0.24)
    left, right = [], []
    for tier in range(tiers):
        part = (tier + 1) / tiers
        y = foot - height * (1 - part * 0.93)
        reach = width * (part**0.85) * brief.between(0.8, 1.15)
        drop = height / tiers * 0.35
        right += [(x + reach, y + drop), (x + reach * 0.42, y - drop * 0.1)]
        reach *= brief.between(0.85, 1.15)
        left += [(x - reach, y + drop), (x - reach * 0.42, y - drop * 0.1)]
    crown = [(x, foot - height)]
    stem = width * 0.09
    return [
        np.array(crown + right + left[::-1]),
        box(x - stem, foot - height * 0.2, x + stem, foot + 0.02),
    ]


def _trunk(brief: Brief, x: float, foot: float, half: float) -> list[Points]:
    half *= brief.between(0.7, 1.4)
    lean, bend = brief.between(-0.06, 0.06), brief.between(-0.03, 0.03)
    steps = np.linspace(0, 1, 14)
    middle = x + lean * steps + bend * np.sin(steps * math.pi * 1.5)
    y = foot + 0.03 - steps * (foot + 0.06)
    width = half * (1 - 0.45 * steps) + half * 1.1 * np.exp(-steps / 0.035)
    outlines = [
        np.concatenate([np.stack([middle - width, y], 1), np.stack([middle + width, y], 1)[::-1]])
    ]
    for _ in range(brief.whole(2, 5)):
        at = brief.between(0.3, 0.9)
        side = 1 if brief.chance(0.5) else -1
        start = np.array([np.interp(at, steps, middle), np.interp(at, steps, y)])
        length = brief.between(0.08, 0.24) * (0.4 + half * 20)
        outlines += _branch(brief, start, side, length, half * 0.42, 2)
    return outlines


def _branch(
    brief: Brief, start: Points, side: int, length: float, half: float, forks: int
) -> list[Points]:
    angle = brief.between(0.25, 0.9)
    steps = np.linspace(0, 1, 7)
    x = start[0] + side * length * steps * math.cos(angle)
    y = start[1] - length * (steps * math.sin(angle) + 0.25 * steps**2)
    width = half * (1 - steps * 0.85)
    outlines = [np.concatenate([np.stack([x, y - width], 1), np.stack([x, y + width], 1)[::-1]])]
    if forks:
        at = brief.whole(2, 4)
        outlines += _branch(
            brief,
            np.array([x[at], y[at]]),
            side if brief.chance(0.6) else -side,
            length * 0.55,
            half * 0.55,
            forks - 1,
        )
    return outlines


def _paint_canopy(canvas: Canvas, brief: Brief, tone: Colour, depth: float) -> None:
    """Leaves that hang in from above, and closer at the sides."""
    leaves = canvas.clouds(brief.random, 3.2 + 3 * (1 - depth), octaves=7, gain=0.62)
    edge = np.abs(canvas.x / canvas.right - 0.5) * 2
    reach = (canvas.bottom * (0.1 + 0.14 * depth)) + edge * edge * (0.2 * canvas.bottom * depth)
    mask = step(-0.02, 0.06, leaves * 0.2 + reach - canvas.y)
    leaf = (
        tone
        if "autumn" not in brief.traits
        else mix(tone, brief.palette.accent, 0.62 - 0.3 * depth)
    )
    canvas.lay(mask * 0.9, leaf)
    canvas.lay(mask * step(0.2, 0.7, leaves) * 0.35, adjust(leaf, lightness=0.09))


def _paint_rays(canvas: Canvas, brief: Brief, x: float, y: float) -> None:
    angle = np.arctan2(canvas.x - x, canvas.y - y)
    spokes = profile(brief.random, 720, 1.0, cells=22, octaves=3)
    index = ((angle + math.pi) * (719 / (2 * math.pi))).astype(np.int32)
    rays = np.clip(spokes[np.clip(index, 0, 719)], 0, 1)
    fade = np.exp(-canvas.distance(x, y) / 0.42) * step(-0.1, 0.4, canvas.y - y + 0.15)
    canvas.shine(rays * fade * 0.5, brief.palette.light)
