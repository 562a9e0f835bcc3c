"""Liquid folded into itself: domain-warped noise, lit like polished stone."""

from __future__ import annotations

import numpy as np

from tui.demo.art.brief import Brief
from tui.demo.art.canvas import Canvas
from tui.demo.art.colour import Field, mix
from tui.demo.art.noise import clouds, enlarge, sample, step


def paint_marble(canvas: Canvas, brief: Brief) -> None:
    """Folds of colour, or the rings of an agate, with a vein of metal through them."""
    palette = brief.palette
    folds, sheets, islands = _folded(canvas, brief)
    if brief.chance(0.35):
        x, y = canvas.right * brief.between(0.35, 0.65), canvas.bottom * brief.between(0.35, 0.65)
        level = canvas.distance(x, y) * 1.15 + sheets * 0.2 + folds * 0.1
        canvas.tone(1 - level / 0.9 + np.sin(level * 70) * 0.05, palette.spectrum())
        canvas.lay(step(0.25, 0.85, islands) * 0.65, palette.sky)
    else:
        level = folds
        value = folds * 0.52 + sheets * 0.18
        low, high = np.quantile(value[::8, ::8], (0.03, 0.97)).tolist()
        canvas.tone((value - low) / max(high - low, 1e-3), palette.spectrum())
        canvas.lay(step(0.25, 0.85, islands) * 0.65, palette.accent)
    _polish(canvas, brief, level)
    vein = step(0.05, 0.012, np.abs(folds + sheets * 0.4 - 0.18)) * step(-0.5, 0.4, sheets)
    bright, dull = mix(palette.light, palette.accent, 0.3), mix(palette.accent, palette.near, 0.25)
    canvas.lay(vein * 0.8, bright if palette.dark else dull)


def _folded(canvas: Canvas, brief: Brief) -> tuple[Field, Field, Field]:
    """Noise read through noise read through noise; at half the resolution, since it is soft.

    After Inigo Quilez, "Domain warping", 2002, https://iquilezles.org/articles/warp/.
    """
    columns, rows = max(16, canvas.width // 2), max(16, canvas.height // 2)
    x = np.arange(columns, dtype=np.float32)[None, :]
    y = np.arange(rows, dtype=np.float32)[:, None]
    reach = brief.between(0.28, 0.5) * min(columns, rows)

    def layer(cells: float, octaves: int) -> Field:
        return clouds(brief.random, columns, rows, cells=cells, octaves=octaves, gain=0.45)

    first, second = layer(1.4, 4) * reach, layer(1.4, 4) * reach
    sheets = sample(layer(1.7, 4), x + first, y + second)
    islands = sample(layer(1.7, 4), x + second, y - first)
    folds = sample(layer(1.2, 6), x + sheets * reach * 1.5, y + islands * reach * 1.5)
    size = canvas.width, canvas.height
    return enlarge(folds, *size), enlarge(sheets, *size), enlarge(islands, *size)


def _polish(canvas: Canvas, brief: Brief, level: Field) -> None:
    """Light from the upper left on `level` taken for heights."""
    palette = brief.palette
    shift = max(1, round(canvas.unit * 0.003))
    relief = np.zeros_like(level)
    relief[shift:, shift:] = (level[shift:, shift:] - level[:-shift, :-shift]) * 7
    canvas.shine(np.clip(relief, 0, 0.6), palette.light)
    canvas.shade(np.clip(-relief, 0, 0.7), mix(palette.near, palette.zenith, 0.3))
