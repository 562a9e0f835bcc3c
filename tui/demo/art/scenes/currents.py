"""Strokes of colour that stream and turn: a picture of movement alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tui.demo.art.brief import Brief
from tui.demo.art.canvas import Canvas
from tui.demo.art.noise import clouds, enlarge, step
from tui.demo.art.strokes import Pass, brush

_GRID = 160  # cells of the field of directions on the short side


@dataclass(frozen=True, slots=True)
class _Eddy:
    x: float
    y: float
    reach: float
    spin: int


def paint_currents(canvas: Canvas, brief: Brief) -> None:
    """Long strokes that stream around a few eddies."""
    random = brief.random
    columns, rows = max(8, round(_GRID * canvas.right)), max(8, round(_GRID * canvas.bottom))
    x = np.linspace(0, canvas.right, columns, dtype=np.float32)[None, :]
    y = np.linspace(0, canvas.bottom, rows, dtype=np.float32)[:, None]
    along, down = np.full((rows, columns), 0.35, np.float32), np.zeros((rows, columns), np.float32)
    mass = clouds(random, columns, rows, cells=1.3, octaves=3) * 0.36 + 0.42
    for eddy in _eddies(canvas, brief):
        u, v = x - eddy.x, y - eddy.y
        away = np.sqrt(u * u + v * v) / eddy.reach
        pull = np.exp(-away * away)
        along -= v * pull * (9 * eddy.spin)
        down += u * pull * (9 * eddy.spin)
        mass += pull * 0.42 * np.cos(away * 5)
    angles = np.arctan2(down, along) + clouds(random, columns, rows, cells=1.5, octaves=3) * 1.1
    canvas.tone(enlarge(mass, canvas.width, canvas.height), brief.palette.spectrum())
    spots = step(0.37, 0.55, clouds(random, columns, rows, cells=2.2, octaves=2))
    canvas.lay(enlarge(spots, canvas.width, canvas.height), brief.palette.accent)
    brush(
        canvas,
        random,
        angles,
        (Pass(1100, 0.34, 0.04, 0.05), Pass(2300, 0.26, 0.02, 0.07), Pass(3200, 0.2, 0.0085, 0.1)),
    )


def _eddies(canvas: Canvas, brief: Brief) -> list[_Eddy]:
    return [
        _Eddy(
            x=canvas.right * brief.between(0.1, 0.9),
            y=canvas.bottom * brief.between(0.1, 0.9),
            reach=brief.between(0.16, 0.34),
            spin=1 if brief.chance(0.5) else -1,
        )
        for _ in range(brief.whole(2, 3) + round(canvas.right * canvas.bottom) - 1)
    ]
