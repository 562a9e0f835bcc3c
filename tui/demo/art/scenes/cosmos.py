"""Deep space: nebulae, stars, a planet."""

from __future__ import annotations

import math

import numpy as np

from tui.demo.art.brief import Brief
from tui.demo.art.canvas import Canvas
from tui.demo.art.colour import mix
from tui.demo.art.noise import clouds, sample, step
from tui.demo.art.scenes.sky import paint_stars


def paint_cosmos(canvas: Canvas, brief: Brief) -> None:
    """A drifting nebula behind one large world."""
    palette = brief.palette
    size = (canvas.width, canvas.height)
    bend = clouds(brief.random, *size, cells=1.2, octaves=4) * np.float32(0.2 * canvas.unit)
    other = clouds(brief.random, *size, cells=1.2, octaves=4) * np.float32(0.2 * canvas.unit)
    columns = np.arange(canvas.width, dtype=np.float32)[None, :] + bend
    rows = np.arange(canvas.height, dtype=np.float32)[:, None] + other
    mass = sample(clouds(brief.random, *size, cells=1.6, octaves=7, gain=0.55), columns, rows)
    veins = 1 - np.abs(sample(clouds(brief.random, *size, cells=2.4, octaves=6), columns, rows)) * 2
    slope = brief.between(-0.6, 0.6)
    band = (canvas.y - np.float32(canvas.bottom / 2)) - (canvas.x - np.float32(canvas.right / 2)) * np.float32(slope)
    river = np.exp(-((band / np.float32(0.34 * canvas.bottom)) ** 2))
    glow = np.clip(mass * np.float32(0.55) + river * np.float32(0.75) - np.float32(0.15), 0, 1)
    canvas.tone(glow, (palette.near, palette.zenith, palette.far, palette.sky, palette.horizon))
    canvas.shine(np.clip(veins, 0, 1) ** 3 * glow * np.float32(0.55), mix(palette.horizon, palette.light, 0.5))
    dust = np.clip(-sample(clouds(brief.random, *size, cells=3, octaves=6, gain=0.6), columns, rows), 0, 1)
    canvas.shade(dust * river * np.float32(0.9), palette.near)
    paint_stars(canvas, brief, canvas.bottom, 420)
    if brief.chance(0.25):
        canvas.glow(canvas.right * brief.between(0.2, 0.8), canvas.bottom * brief.between(0.15, 0.4), 0.03, palette.light, 1.2)
    radius = brief.between(0.17, 0.34)
    x, y = canvas.right * brief.between(0.25, 0.75), canvas.bottom * brief.between(0.35, 0.68)
    turn = brief.between(-2.6, -0.6)
    _paint_planet(canvas, brief, x, y, radius, turn, ringed=brief.chance(0.6) or "ring" in brief.traits)
    angle = brief.between(0, 6.28)
    _paint_planet(canvas, brief, x + math.cos(angle) * radius * 2.0, y + math.sin(angle) * radius * 1.3, radius * brief.between(0.12, 0.24), turn, ringed=False)


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
    u, v = (part.x - np.float32(x)) / np.float32(radius), (part.y - np.float32(y)) / np.float32(radius)
    cosine, sine = np.float32(math.cos(tilt)), np.float32(math.sin(tilt))
    along, up = u * cosine + v * sine, v * cosine - u * sine
    away = np.sqrt(u * u + v * v)
    height = np.sqrt(np.clip(1 - away * away, 0, 1))
    part.shine(np.exp(-np.clip(away - 1, 0, None) / np.float32(0.16)) * np.float32(0.4), mix(palette.horizon, palette.light, 0.3))
    ring = np.zeros_like(away)
    if ringed:
        flat = np.sqrt(along * along + (up * np.float32(3.6)) ** 2)
        grooves = np.float32(0.7) + np.float32(0.3) * np.sin(flat * np.float32(38))
        ring = step(1.3, 1.36, flat) * step(2.25, 2.05, flat) * (1 - step(1.7, 1.72, flat) * step(1.8, 1.78, flat) * np.float32(0.8)) * grooves
        part.lay(ring * (up < 0) * np.float32(0.85), mix(palette.horizon, palette.light, 0.4))
    body = step(1 + 1.5 * part.pixel / radius, 1 - 1.5 * part.pixel / radius, away)
    swirl = clouds(brief.random, part.width, part.height, cells=3, octaves=5, stretch=2.5)
    bands = np.sin((up * np.float32(4.2) + swirl * np.float32(0.55)) * np.float32(2.4) + np.float32(brief.between(0, 6)))
    disc = Canvas(part.width, part.height)
    disc.tone((bands * np.float32(0.5) + swirl * np.float32(0.25)) * np.float32(0.8) + np.float32(0.5), (palette.far, palette.accent, palette.horizon, palette.light))
    facing = u * np.float32(math.cos(turn) * 0.85) + v * np.float32(math.sin(turn) * 0.85) + height * np.float32(0.35)
    day = step(-0.12, 0.75, facing)
    part.lay_planes(body, disc.planes)
    part.shade(body * (1 - day) * np.float32(0.97), palette.near)
    rim = body * np.clip(1 - height * 2.2, 0, 1) * day
    part.shine(rim * np.float32(0.6), palette.light)
    if ringed:
        shadow = np.float32(1) - np.float32(0.75) * (np.clip(-facing, 0, 1) > 0.3) * (away < 1.25)
        part.lay(ring * (up >= 0) * np.float32(0.9) * shadow, mix(palette.horizon, palette.light, 0.4))
