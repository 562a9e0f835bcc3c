"""Ink and pencil on paper."""

from __future__ import annotations

import math

import numpy as np

from tui.demo.art.brief import Brief
from tui.demo.art.canvas import Canvas
from tui.demo.art.colour import Colour, Field, from_hex, mix
from tui.demo.art.noise import blur, step
from tui.demo.art.techniques.values import levels

_PAPER, _INK, _AGED = from_hex("#f4eddf"), from_hex("#131418"), from_hex("#ccb899")
_SEAL_RED = from_hex("#b8291f")
_SKETCH_PAPER, _LEAD = from_hex("#f5f1e8"), from_hex("#212126")


def ink(canvas: Canvas, brief: Brief) -> None:
    """Ink and water on paper; the accent alone keeps its colour; a seal in the corner."""
    accent, random = brief.palette.accent, brief.random
    level = levels(canvas, brightest=0.96)
    kept, colourful = _accented(canvas, accent)
    wash = canvas.clouds(random, 3, octaves=6, gain=0.55)
    fibre = canvas.clouds(random, 60, octaves=3, stretch=6, gain=0.7)
    value = level + wash * 0.13 * (1.1 - level)
    edge = np.abs(value - blur(value, 0.005 * canvas.unit))
    dry = step(0.05, 0.5, fibre) * step(0.15, 0.5, level)
    value = np.clip(value - edge * 0.9 + dry * 0.16, 0, 1) ** 0.85
    pale, dark = mix(_INK, _PAPER, 0.66), mix(_INK, _PAPER, 0.3)
    canvas.tone(value, (_INK, dark, pale, _PAPER, _PAPER))
    canvas.lay(kept * 0.9, accent)
    canvas.shade(np.clip(fibre, 0, 1) * 0.07, _AGED)
    _paint_seal(canvas, brief, accent if colourful else _SEAL_RED)


def _accented(canvas: Canvas, accent: Colour) -> tuple[Field, bool]:
    """Where the picture has the accent, and whether it has colour at all."""
    strength = canvas.planes.max(axis=0) - canvas.planes.min(axis=0)
    away = np.sqrt(((canvas.planes - accent[:, None, None]) ** 2).sum(axis=0))
    return np.clip(1 - away / 0.42, 0, 1) * step(0.25, 0.5, strength), bool(strength.max() > 0.3)


def _paint_seal(canvas: Canvas, brief: Brief, colour: Colour) -> None:
    """A red square with a few strokes cut out of it, upper right."""
    side = 0.062
    x, y = canvas.right - 0.06 - side, 0.06
    window = canvas.window(x, y, x + side, y + side)
    if window is None:
        return
    part = canvas.part(*window)
    u, v = (part.x - x) / side, (part.y - y) / side
    cut = brief.random.random((5, 5)) < 0.5
    row, column = (np.clip(place * 7 - 1, 0, 4).astype(np.int32) for place in (v, u))
    inner = (np.abs(u - 0.5) < 0.36) & (np.abs(v - 0.5) < 0.36)
    part.lay(0.92 - 0.81 * (cut[row, column] & inner), colour)


def pencil(canvas: Canvas, brief: Brief) -> None:
    """Hatching in three directions on grained paper, a breath of the colours left."""
    level, colours = levels(canvas), canvas.planes.copy()
    tooth = canvas.clouds(brief.random, 200, octaves=2, gain=0.8)
    bend = canvas.clouds(brief.random, 3, octaves=4)
    edge = np.clip(np.abs(level - blur(level, 0.004 * canvas.unit)) * 4, 0, 1)
    dark = (1 - level) * 0.36 + edge * 0.8
    for turn, limit in ((0.7, 0.86), (-0.5, 0.52), (1.25, 0.3)):
        along = canvas.x * math.cos(turn) + canvas.y * math.sin(turn) + bend * 0.012
        hatch = 0.5 + 0.5 * np.sin(along * (2 * math.pi * 105)) + tooth * 0.5
        dark += step(0.75, 0.1, hatch) * step(limit, limit - 0.45, level) * 0.5
    canvas.fill(_SKETCH_PAPER)
    pressed = dark * (0.92 - np.clip(tooth, 0, 1) * 0.35)
    canvas.lay(np.clip(pressed, 0, 0.96), mix(_LEAD, brief.palette.near, 0.35))
    canvas.lay_planes(0.13, colours)
