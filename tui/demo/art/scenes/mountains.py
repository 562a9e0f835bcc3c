"""Range behind range, mist between them, perhaps a lake before them."""

from __future__ import annotations

import numpy as np

from tui.demo.art.brief import Brief, Spot, Stage
from tui.demo.art.canvas import Canvas
from tui.demo.art.colour import Field, mix
from tui.demo.art.noise import profile, step
from tui.demo.art.scenes.ridges import shifted, slope, softened, stage_on
from tui.demo.art.scenes.sea import mirror
from tui.demo.art.scenes.sky import Light, paint_sky


def paint_mountains(canvas: Canvas, brief: Brief) -> Stage:
    """Sharp ranges that darken towards the viewer."""
    horizon = canvas.bottom * brief.between(0.5, 0.64)
    light = paint_sky(canvas, brief, horizon)
    texture = canvas.clouds(brief.random, 5, octaves=6, stretch=0.7)
    crest = canvas.x[0]
    for depth in np.linspace(0, 1, brief.whole(5, 7)).tolist():
        crest = _paint_range(canvas, brief, light, texture, horizon, depth)
    if "lake" not in brief.traits:
        return stage_on(canvas, brief, crest, horizon)
    shore = canvas.bottom * brief.between(0.68, 0.74)
    mirror(canvas, brief, shore, tint=0.12)
    afloat = Spot(canvas.right * brief.between(0.3, 0.7), shore + 0.06, 0.24, 0.9)
    return Stage(ground=afloat, air=Spot(afloat.x, horizon * 0.72, 0.3, 0.6), water=afloat)


def _paint_range(
    canvas: Canvas, brief: Brief, light: Light, texture: Field, horizon: float, depth: float
) -> Field:
    """One range, and everything under it; its crest."""
    palette = brief.palette
    base = horizon + (canvas.bottom - horizon) * (depth**1.25 * 0.98 - 0.06)
    height = 0.34 * (1 - depth) ** 0.8 + 0.09
    if depth == 0:
        height *= 1.25
    cells = 1.1 + 1.6 * depth
    line = profile(brief.random, canvas.width, canvas.right, cells=cells, octaves=8, ridged=True)
    crest: Field = base - line * height * 0.62
    window = canvas.window(0, float(crest.min()) - 0.01, canvas.right, base + height * 1.4)
    if window is None:
        return crest
    part, texture = canvas.part(*window), texture[window]
    mask = part.below(crest)
    body = mix(palette.far, palette.near, depth**0.9)
    body = mix(body, palette.horizon, 0.42 * (1 - depth) ** 1.6)
    part.lay(mask, body)
    canvas.planes[:, window[0].stop :] = body[:, None, None]
    drop = np.clip((part.y - crest) / (height * 1.1), 0, 1)
    facing = _facing(part, line, drop, texture) * (1 if light.x < canvas.right / 2 else -1)
    lit, dark = np.clip(facing, 0, 1), np.clip(-facing, 0, 1)
    if brief.traits & {"snow", "ice"}:
        cap = step(0.62, 0.2, drop + texture * 0.28) * mask
        part.lay(cap * 0.85 * (1 - depth) ** 0.4, mix(palette.light, palette.far, 0.12))
        part.shade(dark * cap * 0.55, mix(palette.sky, palette.zenith, 0.4))
    flank = (1 - drop) * mask
    part.lay(lit * flank * 0.55 * (1 - depth * 0.7), mix(body, palette.light, 0.6))
    part.shade(dark * flank * 0.4, mix(body, palette.near, 0.4))
    mist = np.clip((part.y - base) / height + 0.25, 0, 1) * mask
    part.lay(mist * 0.62 * (1 - depth) ** 0.8, mix(palette.horizon, palette.far, 0.25))
    return crest


def _facing(canvas: Canvas, line: Field, drop: Field, texture: Field) -> Field:
    """How far each place looks to the left, about -1..1; spurs wander down from the crest."""
    smooth = softened(line, max(3, round(0.035 * canvas.unit)))
    steep = np.clip(slope(canvas, smooth) * 0.16, -1, 1)
    spurs = shifted(canvas, steep, texture * drop * 0.34 * canvas.unit)
    step_aside = max(1, round(0.006 * canvas.unit))
    relief = texture - np.roll(texture, step_aside, axis=1)
    return np.asarray(spurs * 1.1 + relief * 2.2, np.float32)
