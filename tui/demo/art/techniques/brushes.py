"""Oil, touches of colour, gouache, watercolour."""

from __future__ import annotations

import math

import numpy as np

from tui.demo.art.brief import Brief
from tui.demo.art.canvas import Canvas
from tui.demo.art.colour import Field, mix
from tui.demo.art.noise import blur, clouds, shrink, step
from tui.demo.art.strokes import Pass, brush
from tui.demo.art.techniques.values import luminance, saturate

_DIRECTIONS = 220  # cells of the field of directions on the short side


def oil(canvas: Canvas, brief: Brief) -> None:
    """Strokes along the forms, broad first and fine last, thick enough to shine."""
    broad, middle = Pass(900, 0.15, 0.034, 0.045), Pass(2600, 0.085, 0.016, 0.045)
    _paint_over(canvas, brief, broad, middle, Pass(5200, 0.05, 0.0072, 0.03))
    _thicken(canvas, 0.5)


def impression(canvas: Canvas, brief: Brief) -> None:
    """Short, separate touches of purer colour."""
    saturate(canvas, 1.2)
    broad, middle = Pass(1500, 0.05, 0.027, 0.085), Pass(3600, 0.036, 0.015, 0.085)
    _paint_over(canvas, brief, broad, middle, Pass(5600, 0.026, 0.0095, 0.06))
    _thicken(canvas, 0.4)


def gouache(canvas: Canvas, brief: Brief) -> None:
    """Flat opaque paint with a trace of the brush."""
    source = canvas.planes.copy()
    _paint_over(canvas, brief, Pass(1500, 0.12, 0.021, 0.022), Pass(4200, 0.06, 0.0078, 0.016))
    canvas.lay_planes(0.4, source)


def _paint_over(canvas: Canvas, brief: Brief, *passes: Pass) -> None:
    source = canvas.planes.copy()
    brush(canvas, brief.random, _directions(canvas, brief), passes)
    # What is finer than a brush comes back faintly, so that small subjects stay themselves.
    canvas.lay_planes(0.22, source)


def _directions(canvas: Canvas, brief: Brief) -> Field:
    """Angles along edges where there are any (by the structure tensor), drifting elsewhere."""
    scale = min(1.0, _DIRECTIONS / canvas.unit)
    columns, rows = max(8, round(canvas.width * scale)), max(8, round(canvas.height * scale))
    tone = blur(shrink(luminance(canvas.planes), columns, rows), 2.5)
    down, across = np.asarray(np.gradient(tone), np.float32)
    drift = clouds(brief.random, columns, rows, cells=1.6, octaves=3) * 1.5
    drift = (drift + brief.between(-0.5, 0.5)) * 2
    weak = 0.00012
    sine = blur(2 * across * down, 3) - weak * np.sin(drift)
    cosine = blur(across * across - down * down, 3) - weak * np.cos(drift)
    return np.asarray(np.arctan2(sine, cosine) / 2 + math.pi / 2, np.float32)


def _thicken(canvas: Canvas, strength: float) -> None:
    """Light from the upper left on the ridges of paint."""
    tone = luminance(canvas.planes)
    shift = max(1, round(canvas.unit / 700))
    relief = np.zeros_like(tone)
    relief[shift:, shift:] = tone[shift:, shift:] - tone[:-shift, :-shift]
    canvas.planes += np.clip(relief * strength, -0.09, 0.09)


def watercolour(canvas: Canvas, brief: Brief) -> None:
    """Washes that run over paper, dry darker at their edges, and leave a ragged border."""
    random = brief.random
    paper = mix(brief.palette.light, brief.palette.horizon, 0.08) * 0.2 + 0.78
    run, rise = canvas.clouds(random, 5), canvas.clouds(random, 5)
    reach = 0.011 * canvas.unit
    columns = np.clip(np.arange(canvas.width) + run * reach, 0, canvas.width - 1)
    rows = np.clip(np.arange(canvas.height)[:, None] + rise * reach, 0, canvas.height - 1)
    place = rows.astype(np.int32) * canvas.width + columns.astype(np.int32)
    for plane in canvas.planes:
        plane[:] = np.take(plane, place)
    tone = luminance(canvas.planes)
    washes = np.round(tone * 6 + run * 0.35) / 6
    dried = blur(washes, 0.004 * canvas.unit)
    edges = np.clip(np.abs(washes - dried) * 3, 0, 1)
    pooled = canvas.clouds(random, 3, octaves=6, gain=0.6)
    tooth = np.clip(canvas.clouds(random, 170, octaves=2, gain=0.7), -0.5, 1) * (1 - tone)
    density = 0.84 - pooled * 0.17 + edges * 0.25 - tooth * 0.07
    lifted = np.clip(canvas.planes + (dried - tone) * 0.65, 0.03, 1) ** 0.86
    canvas.planes[:] = (lifted * density + 1 - density) * paper[:, None, None]
    aside = np.minimum(canvas.x, canvas.right - canvas.x)
    border = np.minimum(aside, np.minimum(canvas.y, canvas.bottom - canvas.y)) + run * 0.0121
    canvas.lay(step(0.03, 0.022, border), paper)
    rim = step(0.012, 0.0, np.abs(border - 0.031)) * step(0.022, 0.03, border)
    canvas.shade(rim * 0.2, brief.palette.far)
