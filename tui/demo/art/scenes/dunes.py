"""Sand in long curves, each dune with a bright and a dark flank."""

from __future__ import annotations

import numpy as np

from tui.demo.art.brief import Brief, Stage
from tui.demo.art.canvas import Canvas
from tui.demo.art.colour import Field, mix
from tui.demo.art.noise import profile, step
from tui.demo.art.scenes.ridges import shifted, slope, softened, stage_on
from tui.demo.art.scenes.sky import paint_sky


def paint_dunes(canvas: Canvas, brief: Brief) -> Stage:
    """Dune behind dune, the light from one side."""
    horizon = canvas.bottom * brief.between(0.44, 0.56)
    light = paint_sky(canvas, brief, horizon)
    towards = 1 if light.x < canvas.right / 2 else -1
    crest = canvas.x[0]
    for depth in np.linspace(0, 1, brief.whole(4, 5)).tolist():
        crest = _paint_dune(canvas, brief, towards, horizon, depth)
    return stage_on(canvas, brief, crest, horizon)


def _paint_dune(canvas: Canvas, brief: Brief, towards: int, horizon: float, depth: float) -> Field:
    """One dune, lit from the left if `towards` is 1, else from the right; its crest."""
    palette = brief.palette
    base = horizon + (canvas.bottom - horizon) * (depth**1.15 * 0.8 + 0.01)
    line = profile(
        brief.random, canvas.width, canvas.right, cells=0.75, octaves=2, gain=0.3, ridged=True
    )
    line = softened(line, max(1, canvas.unit // 28))
    crest: Field = base - line * (0.06 + 0.1 * depth)
    window = canvas.window(0, float(crest.min()) - 0.02, canvas.right, canvas.bottom)
    if window is None:
        return crest
    part = canvas.part(*window)
    mask, drop = part.below(crest), np.clip(part.y - crest, 0, None)
    bright = mix(mix(palette.far, palette.horizon, 0.55 - 0.3 * depth), palette.light, 0.12)
    dark = mix(mix(palette.far, palette.near, 0.35 + 0.3 * depth), palette.zenith, 0.15)
    # The edge between the flanks runs from each top down towards the viewer.
    bend = part.clouds(brief.random, 1.2, octaves=3)
    edge = (drop * 1.3 * towards + bend * drop * 0.9) * canvas.unit
    lit = step(-0.12, 0.2, shifted(part, slope(canvas, line), edge) * towards)
    part.lay(mask, dark)
    part.lay(mask * lit, bright)
    rows = part.y * (1 + depth) + bend * 0.06 + part.x * 0.22
    ripples = step(0.1, 1.0, np.sin(rows * (230 - 120 * depth)))
    part.shade(ripples * mask * (0.05 + 0.09 * depth), dark)
    rim = np.exp(-drop / 0.008)
    part.lay(rim * mask * lit * 0.7, mix(bright, palette.light, 0.7))
    part.lay(np.clip(drop / 0.3, 0, 1) * mask * 0.3 * (1 - depth), palette.horizon)
    part.shade(np.clip(drop / 0.5, 0, 1) * mask * 0.35 * depth, mix(dark, palette.near, 0.5))
    return crest
