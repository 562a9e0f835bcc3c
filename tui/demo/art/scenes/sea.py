"""Open water: a horizon, a path of light, swells that come nearer."""

from __future__ import annotations

import numpy as np

from tui.demo.art.brief import Brief, Spot, Stage
from tui.demo.art.canvas import Canvas
from tui.demo.art.colour import Field, mix
from tui.demo.art.noise import clouds, profile, sample, step
from tui.demo.art.scenes.sky import Light, paint_sky
from tui.demo.art.subjects import stands


def paint_sea(canvas: Canvas, brief: Brief) -> Stage:
    """Sky, water in perspective, and swells in front."""
    traits = brief.traits
    rough = 1.0 if "storm" in traits else brief.between(0.25, 0.75)
    horizon = canvas.bottom * brief.between(0.42, 0.58)
    light = paint_sky(canvas, brief, horizon)
    if brief.chance(0.55) or "coast" in traits:
        _paint_coast(canvas, brief, horizon)
    paint_water(canvas, brief, horizon, light)
    swells = brief.whole(3, 4) if rough > 0.4 else brief.whole(2, 3)
    for index in range(swells):
        _paint_swell(canvas, brief, light, horizon, (index + 1) / swells, rough)
    side = 0.3 if light.x > canvas.right / 2 else 0.7
    ground = Spot(canvas.right * (1 - side), canvas.bottom * 0.9, 0.3, 1.0)
    if any(stands(name) == "ground" for name in brief.subjects):
        _paint_rock(canvas, brief, ground)
    return Stage(
        ground=ground,
        air=Spot(canvas.right * side, horizon * 0.6, 0.3, 0.6),
        water=Spot(canvas.right * (side + brief.between(-0.1, 0.1)), horizon + 0.04, 0.3, 0.85),
    )


def _paint_rock(canvas: Canvas, brief: Brief, spot: Spot) -> None:
    """A dark shore to stand on."""
    line = profile(brief.random, canvas.width, canvas.right, cells=2.4, octaves=7, gain=0.5)
    rise = np.exp(-(((canvas.x[0] - spot.x) / 0.34) ** 2))
    crest = (
        (canvas.bottom + 0.12)
        - rise * (canvas.bottom + 0.12 - spot.y + 0.012)
        - line * rise * (1 - rise) * 0.2
    )
    tone = mix(brief.palette.near, brief.palette.ground, 0.12)
    canvas.lay(canvas.below(crest), tone)
    lit = np.exp(-np.clip(canvas.y - crest, 0, None) / 0.012) * canvas.below(crest)
    canvas.lay(lit * 0.4, mix(tone, brief.palette.horizon, 0.5))


def paint_water(canvas: Canvas, brief: Brief, horizon: float, light: Light) -> None:
    """Water from `horizon` down, mirroring the light."""
    palette = brief.palette
    window = canvas.window(0, horizon, canvas.right, canvas.bottom)
    if window is None:
        return
    water = canvas.part(*window)
    depth = np.clip((water.y - horizon) / (canvas.bottom - horizon), 0, 1)
    near = mix(palette.near, palette.zenith, 0.45)
    water.tone(depth**0.62, (mix(palette.horizon, palette.far, 0.55), palette.far, near))
    ripples = clouds(brief.random, 512, 512, cells=24, octaves=4, gain=0.6)
    away = 1 / (depth + 0.05)
    across = (water.x - light.x) * away
    # Far from the mirrored edges of the sampled field, lest the path of light look symmetrical.
    first = sample(ripples, across * 46 + 1777, away * 90 + water.x * 0)
    second = sample(ripples, across * 110 + 7433, away * 260 + water.x * 0)
    waves = first * 0.6 + second * 0.5
    water.lay(np.clip(waves, 0, 1) * 0.5, mix(palette.horizon, palette.sky, 0.5))
    water.shade(np.clip(-waves, 0, 1) * 0.45, mix(palette.zenith, palette.near, 0.5))
    spread = (light.radius * 0.75) + depth * 0.26
    path = np.exp(-(((water.x - light.x) / spread) ** 2))
    glitter = step(0.22, 0.5, second + path * 0.42 - 0.12)
    water.shine(path * (glitter * 0.85 + 0.16), palette.light)
    brink = np.exp(-depth / 0.025)
    water.lay(brink * 0.5, mix(palette.horizon, palette.light, 0.35))


def _paint_coast(canvas: Canvas, brief: Brief, horizon: float) -> None:
    palette = brief.palette
    left = brief.chance(0.5)
    for depth in (0.0, 0.5):
        line = profile(brief.random, canvas.width, canvas.right, cells=1.6, octaves=7, gain=0.45)
        reach = canvas.right * brief.between(0.45, 0.75) * (1 - depth * 0.45)
        along = canvas.x[0] if left else canvas.right - canvas.x[0]
        rise = np.clip(1 - along / reach, 0, 1) ** 0.6
        crest = horizon - rise * (0.11 + line * 0.09)
        body = mix(
            mix(palette.far, palette.horizon, 0.45 - depth * 0.6 if depth < 0.5 else 0.1),
            palette.near,
            depth * 0.45,
        )
        canvas.lay(canvas.below(crest), body)


def _paint_swell(
    canvas: Canvas, brief: Brief, light: Light, horizon: float, nearness: float, rough: float
) -> None:
    """One wave across the picture: sharp crests, light through them, foam along them."""
    palette = brief.palette
    base = horizon + (canvas.bottom - horizon) * (0.2 + 0.68 * nearness**1.2)
    height = (0.02 + 0.075 * nearness) * (0.5 + 1.5 * rough)
    length = 0.34 + 0.5 * nearness
    wander = profile(brief.random, canvas.width, canvas.right, cells=0.9, octaves=3)
    phase = canvas.x[0] / length + wander * 0.4 + brief.between(0, 1)
    lean = 0.09 if light.x < canvas.right / 2 else -0.09
    phase = phase + lean * np.sin(2 * np.pi * phase)  # the wind pushes the crests over
    swing = np.sqrt(np.sin(np.pi * phase) ** 2 * 0.998 + 0.002)
    ripple = np.abs(np.sin(np.pi * (phase * 2.7 + wander)))
    strength = 0.75 + profile(brief.random, canvas.width, canvas.right, cells=0.7, octaves=2) * 0.5
    crest = base - (1 - swing**0.75) * height * strength - (1 - ripple) * height * 0.16
    crest = crest - profile(brief.random, canvas.width, canvas.right, cells=5, octaves=4) * (
        height * 0.1
    )
    top = float(crest.min()) - 0.02
    window = canvas.window(0, top, canvas.right, canvas.bottom)
    if window is None:
        return
    water = canvas.part(*window)
    mask = water.below(crest)
    drop = water.y - crest
    deep = mix(mix(palette.far, palette.zenith, 0.35), palette.near, 0.25 + 0.65 * nearness)
    clear = mix(mix(palette.far, palette.sky, 0.5), palette.horizon, 0.25)
    water.lay(mask, deep)
    thin = np.exp(-np.clip(drop, 0, None) / (height * 0.75)) * (1 - swing)
    water.lay(thin * mask * (0.75 - 0.25 * nearness), clear)
    grain = water.clouds(brief.random, 9, octaves=5, stretch=4.5, gain=0.6)
    sheen = np.clip(grain + 0.1, 0, 1) * mask
    water.lay(sheen * 0.3, mix(clear, palette.sky, 0.3))
    water.shade(np.clip(-grain, 0, 1) * mask * 0.4, mix(palette.near, palette.zenith, 0.4))
    path = np.exp(-(((water.x - light.x) / (0.12 + 0.2 * nearness)) ** 2))
    water.shine(step(0.2, 0.75, grain) * path * mask * 0.7, palette.light)
    foam_depth = (height * (0.12 + 0.3 * rough)) * np.clip(1 - swing, 0, 1) ** 1.5 + 0.0025
    lace = water.clouds(brief.random, 30, octaves=3, stretch=2, gain=0.7)
    foam = step(1.0, 0.35, drop / foam_depth + grain * 0.6 + lace * 0.5) * mask
    water.lay(foam * 0.85, mix(palette.light, palette.horizon, 0.25))


def mirror(canvas: Canvas, brief: Brief, waterline: float, *, tint: float = 0.35) -> None:
    """Below `waterline` the picture above it, upside down, broken by ripples."""
    row = round(waterline * canvas.unit)
    count = canvas.height - row
    if row < 2 or count < 1:
        return
    depth = np.arange(count, dtype=np.float32) / count
    source = np.clip(row - 1 - np.arange(count) * min(1.0, row / count), 0, row - 1)
    ripples = clouds(brief.random, canvas.width, count, cells=9, octaves=4, stretch=7.0, gain=0.62)
    swing = ripples * (depth[:, None] * 0.05 + 0.006) * canvas.unit
    rows = np.clip(source[:, None] + swing * 1.6, 0, row - 1).astype(np.int32)
    columns = np.clip(np.arange(canvas.width)[None, :] + swing * 0.5, 0, canvas.width - 1)
    index = rows * canvas.width + columns.astype(np.int32)
    for plane in canvas.planes:
        plane[row:] = plane[:row].ravel()[index]
    water = canvas.part(slice(row, canvas.height), slice(0, canvas.width))
    palette = brief.palette
    deep = mix(palette.near, palette.zenith, 0.5)
    water.lay(tint + depth[:, None] * 0.35, deep)
    crest: Field = step(0.25, 0.8, ripples) * 0.16
    water.shine(crest, palette.horizon)
