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
    """A drifting nebula behind one large world."""
    palette = brief.palette
    mass, folds, dust = _gas(canvas, brief)
    veins = 1 - np.abs(folds) * 2
    slope = brief.between(-0.6, 0.6)
    band = (canvas.y - (canvas.bottom / 2)) - (canvas.x - (canvas.right / 2)) * slope
    river = np.exp(-((band / (0.34 * canvas.bottom)) ** 2))
    glow = np.clip(mass * 0.55 + river * 0.75 - 0.15, 0, 1)
    canvas.tone(glow, (palette.near, palette.zenith, palette.far, palette.sky, palette.horizon))
    canvas.shine(
        np.clip(veins, 0, 1) ** 3 * glow * 0.55,
        mix(palette.horizon, palette.light, 0.5),
    )
    canvas.shade(np.clip(-dust, 0, 1) * river * 0.9, palette.near)
    paint_stars(canvas, brief, canvas.bottom, 420)
    if brief.chance(0.25):
        canvas.glow(
            canvas.right * brief.between(0.2, 0.8),
            canvas.bottom * brief.between(0.15, 0.4),
            0.03,
            palette.light,
            1.2,
        )
    radius = brief.between(0.17, 0.34)
    x, y = canvas.right * brief.between(0.25, 0.75), canvas.bottom * brief.between(0.35, 0.68)
    turn = brief.between(-2.6, -0.6)
    _paint_planet(
        canvas, brief, x, y, radius, turn, ringed=brief.chance(0.6) or "ring" in brief.traits
    )
    angle = brief.between(0, 6.28)
    _paint_planet(
        canvas,
        brief,
        x + math.cos(angle) * radius * 2.0,
        y + math.sin(angle) * radius * 1.3,
        radius * brief.between(0.12, 0.24),
        turn,
        ringed=False,
    )
    side = 0.24 if x > canvas.right / 2 else 0.76
    crest = canvas.bottom * 0.9
    if any(stands(name) == "ground" for name in brief.subjects):
        ground = canvas.distance(canvas.right * side, crest + 1.6)
        moon = step(1.6 + canvas.pixel, 1.6 - canvas.pixel, ground)
        canvas.lay(moon, mix(palette.near, palette.far, 0.45))
        canvas.shine(moon * np.exp(-np.clip(1.6 - ground, 0, None) / 0.03) * 0.5, palette.horizon)
        pits = canvas.clouds(brief.random, 9, octaves=4, stretch=2.5)
        canvas.shade(moon * np.clip(pits, 0, 1) * 0.5, palette.near)
    return Stage(
        ground=Spot(canvas.right * side, crest + 0.012, 0.3, 0.9),
        air=Spot(canvas.right * side, canvas.bottom * 0.62, 0.36, 0.6),
    )


def _gas(canvas: Canvas, brief: Brief) -> list[Field]:
    """Three fields folded by the same drift; soft, so half the resolution is enough."""
    columns, rows = max(8, canvas.width // 2), max(8, canvas.height // 2)
    reach = 0.2 * min(columns, rows)
    across, down = (
        clouds(brief.random, columns, rows, cells=1.2, octaves=4) * reach for _ in range(2)
    )
    x = np.arange(columns, dtype=np.float32)[None, :] + across
    y = np.arange(rows, dtype=np.float32)[:, None] + down
    return [
        enlarge(
            sample(clouds(brief.random, columns, rows, cells=cells, octaves=7, gain=0.56), x, y),
            canvas.width, canvas.height,
        )
        for cells in (1.6, 2.4, 3.0)
    ]  # fmt: skip


def _paint_planet(
    canvas: Canvas, brief: Brief, x: float, y: float, radius: float, turn: float, *, ringed: bool
) -> None:
    """A sphere lit from the direction `turn`, with bands of cloud and perhaps a ring."""
    palette = brief.palette
    tilt = brief.between(-0.6, 0.6)
    window = canvas.window(x - radius * 2.6, y - radius * 2.6, x + radius * 2.6, y + radius * 2.6)
    if window is None:
        return
    part = canvas.part(*window)
    u, v = (
        (part.x - x) / radius,
        (part.y - y) / radius,
    )
    cosine, sine = math.cos(tilt), math.sin(tilt)
    along, up = u * cosine + v * sine, v * cosine - u * sine
    away = np.sqrt(u * u + v * v)
    height = np.sqrt(np.clip(1 - away * away, 0, 1))
    part.shine(
        np.exp(-np.clip(away - 1, 0, None) / 0.16) * 0.4,
        mix(palette.horizon, palette.light, 0.3),
    )
    ring = np.zeros_like(away)
    if ringed:
        flat = np.sqrt(along * along + (up * 3.6) ** 2)
        grooves = 0.7 + 0.3 * np.sin(flat * 38)
        ring = (
            step(1.3, 1.36, flat)
            * step(2.25, 2.05, flat)
            * (1 - step(1.7, 1.72, flat) * step(1.8, 1.78, flat) * 0.8)
            * grooves
        )
        part.lay(ring * (up < 0) * 0.85, mix(palette.horizon, palette.light, 0.4))
    body = step(1 + 1.5 * part.pixel / radius, 1 - 1.5 * part.pixel / radius, away)
    swirl = part.clouds(brief.random, 3, octaves=5, stretch=2.5)
    bands = np.sin((up * 4.2 + swirl * 0.55) * 2.4 + brief.between(0, 6))
    disc = Canvas(part.width, part.height)
    disc.tone(
        (bands * 0.5 + swirl * 0.25) * 0.8 + 0.5,
        (palette.far, palette.accent, palette.horizon, palette.light),
    )
    facing = u * (math.cos(turn) * 0.85) + v * (math.sin(turn) * 0.85) + height * 0.35
    day = step(-0.12, 0.75, facing)
    part.lay_planes(body, disc.planes)
    part.shade(body * (1 - day) * 0.97, palette.near)
    rim = body * np.clip(1 - height * 2.2, 0, 1) * day
    part.shine(rim * 0.6, palette.light)
    if ringed:
        shadow = 1 - 0.75 * (np.clip(-facing, 0, 1) > 0.3) * (away < 1.25)
        part.lay(ring * (up >= 0) * 0.9 * shadow, mix(palette.horizon, palette.light, 0.4))
