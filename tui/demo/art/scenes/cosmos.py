"""Deep space: nebulae, stars, a planet."""

from __future__ import annotations

import math

import numpy as np

from tui.demo.art.brief import Brief, Spot, Stage
from tui.demo.art.canvas import Canvas
from tui.demo.art.colour import Field, mix
from tui.demo.art.noise import clouds, enlarge, sample, step
from tui.demo.art.scenes.sky import paint_stars
from tui.demo.art.subjects import stands


def paint_cosmos(canvas: Canvas, brief: Brief) -> Stage:
    """A drifting nebula, one large world and its moon."""
    _paint_nebula(canvas, brief)
    paint_stars(canvas, brief, canvas.bottom, 420)
    radius, turn = brief.between(0.17, 0.34), brief.between(-2.6, -0.6)
    x, y = canvas.right * brief.between(0.25, 0.75), canvas.bottom * brief.between(0.35, 0.68)
    ringed = "ring" in brief.traits or brief.chance(0.6)
    _paint_planet(canvas, brief, x, y, radius, turn, ringed=ringed)
    angle, small = brief.between(0, 2 * math.pi), radius * brief.between(0.12, 0.24)
    across, down = math.cos(angle) * radius * 2, math.sin(angle) * radius * 1.3
    _paint_planet(canvas, brief, x + across, y + down, small, turn, ringed=False)
    side = canvas.right * (0.24 if x > canvas.right / 2 else 0.76)
    crest = canvas.bottom * 0.9
    if any(stands(name) == "ground" for name in brief.subjects):
        _paint_moonscape(canvas, brief, side, crest)
    return Stage(
        ground=Spot(side, crest + 0.012, 0.3, 0.9), air=Spot(side, canvas.bottom * 0.62, 0.36, 0.6)
    )


def _paint_nebula(canvas: Canvas, brief: Brief) -> None:
    """Gas along a slanting river, bright where it folds, with dust before it."""
    palette = brief.palette
    mass, folds, dust = _gas(canvas, brief)
    across, down = canvas.x - canvas.right / 2, canvas.y - canvas.bottom / 2
    river = np.exp(-(((down - across * brief.between(-0.6, 0.6)) / (0.34 * canvas.bottom)) ** 2))
    glow = np.clip(mass * 0.55 + river * 0.75 - 0.15, 0, 1)
    canvas.tone(glow, (palette.near, palette.zenith, palette.far, palette.sky, palette.horizon))
    veins = np.clip(1 - np.abs(folds) * 2, 0, 1) ** 3
    canvas.shine(veins * glow * 0.55, mix(palette.horizon, palette.light, 0.5))
    canvas.shade(np.clip(-dust, 0, 1) * river * 0.9, palette.near)


def _gas(canvas: Canvas, brief: Brief) -> list[Field]:
    """Three fields folded by the same drift; soft, so half the resolution is enough."""
    columns, rows = max(8, canvas.width // 2), max(8, canvas.height // 2)
    reach = 0.2 * min(columns, rows)
    across, down = (
        clouds(brief.random, columns, rows, cells=1.2, octaves=4) * reach for _ in range(2)
    )
    x = np.arange(columns, dtype=np.float32)[None, :] + across
    y = np.arange(rows, dtype=np.float32)[:, None] + down
    fields = (
        clouds(brief.random, columns, rows, cells=cells, octaves=7, gain=0.56)
        for cells in (1.6, 2.4, 3.0)
    )
    return [enlarge(sample(field, x, y), canvas.width, canvas.height) for field in fields]


def _paint_planet(
    canvas: Canvas, brief: Brief, x: float, y: float, radius: float, turn: float, *, ringed: bool
) -> None:
    """A sphere lit from the direction `turn`, with bands of cloud and perhaps a ring."""
    palette = brief.palette
    reach = radius * 2.6
    window = canvas.window(x - reach, y - reach, x + reach, y + reach)
    if window is None:
        return
    part = canvas.part(*window)
    u, v = (part.x - x) / radius, (part.y - y) / radius
    tilt = brief.between(-0.6, 0.6)
    along, up = u * math.cos(tilt) + v * math.sin(tilt), v * math.cos(tilt) - u * math.sin(tilt)
    away = np.sqrt(u * u + v * v)
    air = np.exp(-np.clip(away - 1, 0, None) / 0.16)
    part.shine(air * 0.4, mix(palette.horizon, palette.light, 0.3))
    ring = _ring(np.sqrt(along * along + (up * 3.6) ** 2)) if ringed else np.zeros_like(away)
    ice = mix(palette.horizon, palette.light, 0.4)
    part.lay(ring * (up < 0) * 0.85, ice)
    soft = 1.5 * part.pixel / radius
    body = step(1 + soft, 1 - soft, away)
    swirl = part.clouds(brief.random, 3, stretch=2.5)
    bands = np.sin(up * 10 + swirl * 1.3 + brief.between(0, 2 * math.pi))
    stripes = (palette.far, palette.accent, palette.horizon, palette.light)
    part.lay_tones(body, bands * 0.4 + swirl * 0.2 + 0.5, stripes)
    height = np.sqrt(np.clip(1 - away * away, 0, 1))
    facing = (u * math.cos(turn) + v * math.sin(turn)) * 0.85 + height * 0.35
    day = step(-0.12, 0.75, facing)
    part.shade(body * (1 - day) * 0.97, palette.near)
    part.shine(body * np.clip(1 - height * 2.2, 0, 1) * day * 0.6, palette.light)
    shadow = np.where((facing < -0.3) & (away < 1.25), np.float32(0.25), np.float32(1))
    part.lay(ring * (up >= 0) * 0.9 * shadow, ice)


def _ring(away: Field) -> Field:
    """Grooved ice between 1.3 and 2.2 radii, with one wide gap."""
    gap = 1 - step(1.7, 1.72, away) * step(1.8, 1.78, away) * 0.8
    return step(1.3, 1.36, away) * step(2.25, 2.05, away) * gap * (0.7 + 0.3 * np.sin(away * 38))


def _paint_moonscape(canvas: Canvas, brief: Brief, x: float, crest: float) -> None:
    """A curved horizon to stand on."""
    palette = brief.palette
    away = canvas.distance(x, crest + 1.6)
    moon = step(1.6 + canvas.pixel, 1.6 - canvas.pixel, away)
    canvas.lay(moon, mix(palette.near, palette.far, 0.45))
    canvas.shine(moon * np.exp(-np.clip(1.6 - away, 0, None) / 0.03) * 0.5, palette.horizon)
    pits = canvas.clouds(brief.random, 9, octaves=4, stretch=2.5)
    canvas.shade(moon * np.clip(pits, 0, 1) * 0.5, palette.near)
