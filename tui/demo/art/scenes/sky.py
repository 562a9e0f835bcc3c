"""Skies, and the weather in front of them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from tui.demo.art.brief import Brief
from tui.demo.art.canvas import Canvas
from tui.demo.art.colour import Colour, Field, mix
from tui.demo.art.noise import clouds, step
from tui.demo.art.outlines import stroke


@dataclass(frozen=True, slots=True)
class Light:
    """Where the sun or moon stands and how large it is, in units of the short side."""

    x: float
    y: float
    radius: float


def paint_sky(canvas: Canvas, brief: Brief, horizon: float) -> Light:
    """The sky down to `horizon` and beyond, with clouds, stars and its light."""
    palette, traits = brief.palette, brief.traits
    light = Light(
        canvas.right * brief.between(0.24, 0.76),
        horizon * brief.between(0.28, 0.62),
        brief.between(0.075, 0.17),
    )
    if "sunset" in traits or "dawn" in traits:
        light = Light(light.x, horizon - brief.between(0.02, 0.16), brief.between(0.1, 0.2))
    gradient = np.clip(canvas.y / max(horizon, 0.2), 0, 1) ** 1.15
    canvas.tone(gradient, (palette.zenith, palette.sky, palette.horizon))
    if palette.dark and "rain" not in traits:
        paint_stars(canvas, brief, horizon * 0.95, 260 if "stars" in traits else 110)
    if "aurora" in traits:
        paint_aurora(canvas, brief, horizon)
    canvas.glow(light.x, light.y, light.radius * 4, mix(palette.horizon, palette.light, 0.5), 0.5)
    disc = canvas.disc(light.x, light.y, light.radius, soft=0.004)
    if "crescent" in traits:
        hidden = canvas.disc(
            light.x + light.radius * 0.42, light.y - light.radius * 0.18, light.radius * 0.92
        )
        disc = disc * (1 - hidden)
    overcast = bool(traits & {"storm", "rain", "fog"})
    visible = 0.06 if "storm" in traits else 0.35 if overcast else 0.97
    canvas.lay(disc * visible, palette.light)
    paint_clouds(canvas, brief, horizon, light, heavy=overcast or "clouds" in traits)
    if "storm" in traits:
        paint_lightning(canvas, brief, horizon)
    return light


def paint_clouds(
    canvas: Canvas, brief: Brief, horizon: float, light: Light, *, heavy: bool
) -> None:
    """Banks of cloud, flatter towards the horizon, lit on the side of the light."""
    palette = brief.palette
    cells, stretch = (2.2, 3.2) if heavy else (1.7, 5.5)
    field = canvas.clouds(brief.random, cells, octaves=6, stretch=stretch, gain=0.52)
    cover = step(0.0 if heavy else 0.16, 0.62, field)
    fade = step(horizon * 1.05, horizon * 0.62, canvas.y) * step(-0.2, 0.25 * horizon, canvas.y)
    lift = max(1, round(0.012 * canvas.unit))
    rim = np.clip((field - np.roll(field, -lift, axis=0)) * 5, -1, 1)
    body = mix(palette.sky, palette.horizon, 0.55 if not heavy else 0.25)
    canvas.lay(cover * fade * (0.8 if heavy else 0.5), body)
    nearness = 1 / (1 + canvas.distance(light.x, light.y) * 1.8)
    canvas.shine(np.clip(rim, 0, 1) * cover * fade * nearness * 0.75, palette.light)
    canvas.shade(np.clip(-rim, 0, 1) * cover * fade * 0.35, palette.sky)


def paint_lightning(canvas: Canvas, brief: Brief, horizon: float) -> None:
    """Dark banks from above and one bolt down to the horizon."""
    palette = brief.palette
    bank = canvas.clouds(brief.random, 1.6, octaves=7, stretch=2.2, gain=0.55)
    hang = step(horizon * 0.95, 0.0, canvas.y + bank * (0.3 * horizon))
    canvas.lay(hang * 0.82, mix(palette.near, palette.zenith, 0.55))
    canvas.lay(hang * step(0.1, 0.7, bank) * 0.45, mix(palette.zenith, palette.sky, 0.6))
    count = 26
    start = canvas.right * brief.between(0.15, 0.85)
    sway = np.cumsum(brief.random.normal(size=count)) * 0.014
    line = np.stack([start + sway, np.linspace(horizon * 0.12, horizon, count)], axis=1)
    fork = line[count // 2 :].copy()
    fork[:, 0] += np.linspace(0, brief.between(0.08, 0.2), len(fork)) * (
        1 if brief.chance(0.5) else -1
    )
    fork = fork[: len(fork) * 2 // 3]
    canvas.glow(start, horizon * 0.3, 0.3, palette.light, 0.5)
    canvas.cut(
        [stroke(line, 0.012, taper=0.3), stroke(fork, 0.007, taper=0.6)],
        palette.light,
        opacity=0.25,
    )
    canvas.cut([stroke(line, 0.005, taper=0.3), stroke(fork, 0.003, taper=0.6)], palette.light)


def paint_stars(canvas: Canvas, brief: Brief, floor: float, count: int) -> None:
    """Stars above `floor`, few of them bright."""
    count = round(count * canvas.right * max(floor, 0.05))
    places = brief.random.random((count, 4), dtype=np.float32)
    for across, down, size, bright in places:
        x, y = float(across) * canvas.right, float(down) ** 1.3 * floor
        canvas.spark(
            x,
            y,
            0.0012 + 0.0028 * float(size) ** 8,
            brief.palette.light,
            0.25 + 0.7 * float(bright),
        )


def paint_aurora(canvas: Canvas, brief: Brief, horizon: float) -> None:
    """Curtains of light that hang from a wandering line."""
    palette = brief.palette
    for colour in (palette.horizon, palette.accent, palette.light):
        line = clouds(brief.random, canvas.width, 4, cells=0.006, octaves=3)[1]
        wave = horizon * brief.between(0.45, 0.75) + line * (0.18 * horizon)
        rays = clouds(brief.random, canvas.width, 4, cells=0.08, octaves=4)[1]
        above = wave[None, :] - canvas.y
        height = (horizon * brief.between(0.3, 0.6)) * (1 + rays * 0.4)
        veil = step(0.0, 0.03, above) * np.exp(-np.clip(above, 0, None) / height)
        canvas.shine(veil * 0.55 * (0.75 + rays * 0.35), colour)


def paint_weather(canvas: Canvas, brief: Brief) -> None:
    """What falls or drifts in front of everything: snow, rain, petals, sparks."""
    palette, traits = brief.palette, brief.traits
    if "snow" in traits:
        _flakes(
            canvas,
            brief,
            mix(palette.light, np.ones(3, np.float32), 0.7),
            count=300,
            sizes=(0.002, 0.009),
            opacity=0.85,
        )
    if "rain" in traits:
        _rain(canvas, brief)
    if traits & {"petals", "leaves"}:
        _flakes(
            canvas, brief, palette.accent, count=60, sizes=(0.004, 0.012), opacity=0.9, squash=1.9
        )
    if "sparks" in traits:
        _flakes(canvas, brief, palette.light, count=120, sizes=(0.001, 0.005), opacity=0.9)


def _flakes(
    canvas: Canvas,
    brief: Brief,
    colour: Colour,
    *,
    count: int,
    sizes: tuple[float, float],
    opacity: float,
    squash: float = 1.0,
) -> None:
    count = round(count * canvas.right * canvas.bottom)
    for across, down, size, turn in brief.random.random((count, 4)):
        radius = sizes[0] + (sizes[1] - sizes[0]) * size**4
        x, y = across * canvas.right, down * canvas.bottom
        reach = radius * 2.2
        window = canvas.window(x - reach, y - reach, x + reach, y + reach)
        if window is None:
            continue
        part = canvas.part(*window)
        cosine, sine = math.cos(turn * 6.28), math.sin(turn * 6.28)
        u = (part.x - x) * cosine + (part.y - y) * sine
        v = (part.y - y) * cosine - (part.x - x) * sine
        away = np.sqrt(u * u + (v * squash) ** 2)
        soft = max(radius * 0.5, canvas.pixel)
        part.lay(
            step(radius + soft, radius - soft, away) * (opacity * (0.35 + 0.65 * size)),
            colour,
        )


def _rain(canvas: Canvas, brief: Brief) -> None:
    slant = brief.between(0.08, 0.22)
    field = canvas.clouds(brief.random, 26, octaves=3, stretch=0.012, gain=0.8)
    shift = (np.arange(canvas.height) * slant).astype(np.intp)
    columns = (np.arange(canvas.width)[None, :] + shift[:, None]) % canvas.width
    streaks: Field = step(0.35, 1.1, np.take_along_axis(field, columns, axis=1))
    canvas.shine(streaks * 0.3, mix(brief.palette.horizon, brief.palette.light, 0.5))
