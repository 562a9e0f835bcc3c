"""What mountains, hills and dunes have in common."""

from __future__ import annotations

import numpy as np

from tui.demo.art.brief import Brief, Spot, Stage
from tui.demo.art.canvas import Canvas
from tui.demo.art.colour import Field


def softened(line: Field, reach: int) -> Field:
    """`line` averaged over `reach` samples to each side."""
    kernel = np.hanning(2 * reach + 3)
    padded = np.pad(line, reach + 1, mode="edge")
    return np.convolve(padded, kernel / kernel.sum(), mode="valid").astype(np.float32)


def slope(canvas: Canvas, line: Field) -> Field:
    """How steeply `line` rises, in units of height a unit of length."""
    return np.gradient(line).astype(np.float32) * canvas.unit


def shifted(canvas: Canvas, line: Field, shift: Field) -> Field:
    """`line` read for every pixel at its column moved by `shift` pixels."""
    columns = np.arange(canvas.width, dtype=np.float32)[None, :] + shift
    return line[np.clip(columns, 0, canvas.width - 1).astype(np.int32)]


def stage_on(canvas: Canvas, brief: Brief, crest: Field, horizon: float) -> Stage:
    """Room on the nearest crest, and in the sky."""
    x = canvas.right * brief.between(0.24, 0.76)
    foot = min(canvas.at(crest, x) + 0.012, canvas.bottom * 0.96)
    return Stage(
        ground=Spot(x, foot, 0.27, 1.0),
        air=Spot(canvas.right * brief.between(0.25, 0.75), horizon * 0.72, 0.3, 0.6),
    )
