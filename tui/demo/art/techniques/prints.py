"""Woodcut and halftone."""

from __future__ import annotations

import math

import numpy as np

from tui.demo.art.brief import Brief
from tui.demo.art.canvas import Canvas
from tui.demo.art.colour import from_hex, mix
from tui.demo.art.noise import blur, step
from tui.demo.art.techniques.values import levels, luminance, saturate

_BLACK = from_hex("#000000")
_LINES = 80  # cut lines on the short side
_DOTS = 92  # halftone dots on the short side


def woodcut(canvas: Canvas, brief: Brief) -> None:
    """Black lines cut across the forms, tints beneath."""
    palette = brief.palette
    level, colours = levels(canvas, darkest=0.03), canvas.planes.copy()
    paper = mix(palette.light, palette.horizon, 0.35)
    shade, bright = mix(palette.far, palette.ground, 0.3), mix(palette.horizon, palette.sky, 0.3)
    flats = np.round(blur(level, 0.004 * canvas.unit) * 3) / 3
    canvas.tone(flats, (shade, palette.far, bright, paper))
    canvas.lay_planes(0.42, colours)
    bend = canvas.clouds(brief.random, 2.2, octaves=3)
    forms = blur(level, 0.02 * canvas.unit)
    phase = (canvas.y + canvas.x * 0.18 + bend * 0.03 + forms * 0.05) * _LINES
    wave = np.abs(phase % 1 - 0.5) * 2
    soft = max(0.08, _LINES * canvas.pixel * 1.4)
    lines = np.clip((0.86 - level * 1.35 - wave) / soft + 0.5, 0, 1)
    solid = step(0.2, 0.14, level)
    canvas.lay(np.maximum(lines, solid) * 0.93, mix(palette.near, _BLACK, 0.3))


def halftone(canvas: Canvas, brief: Brief) -> None:
    """Flat inks under two screens of dots, a little out of register and worn."""
    palette = brief.palette
    saturate(canvas, 1.15)
    tone, colours = luminance(canvas.planes), canvas.planes.copy()
    paper = mix(palette.light, palette.horizon, 0.2)
    for plane in canvas.planes:
        plane[:] = np.round(blur(plane, 0.003 * canvas.unit) * 4) / 4
    canvas.lay_planes(0.35, colours)
    soft = max(0.06, _DOTS * canvas.pixel)
    screens = ((0.26, 0.62, palette.near, 0.0), (1.31, 0.85, palette.far, 0.004))
    for turn, limit, tint, astray in screens:
        x, cosine, sine = canvas.x + astray, math.cos(turn), math.sin(turn)
        u, v = (x * cosine + canvas.y * sine) * _DOTS, (canvas.y * cosine - x * sine) * _DOTS
        away = np.sqrt((u % 1 - 0.5) ** 2 + (v % 1 - 0.5) ** 2)
        radius = np.clip((limit - tone) / limit, 0, 1) ** 0.8 * 0.62
        dots = np.clip((radius - away) / soft + 0.5, 0, 1)
        canvas.shade(dots * 0.62, mix(tint, paper, 0.15))
    wear = canvas.clouds(brief.random, 90, octaves=3, gain=0.7)
    canvas.lay(step(0.75, 1.2, wear) * 0.5, paper)
