"""A picture's light and dark, which every technique works from."""

from __future__ import annotations

import numpy as np

from tui.demo.art.canvas import Canvas
from tui.demo.art.colour import Field


def luminance(planes: Field) -> Field:
    """How bright each pixel of (3, height, width) is, 0..1; weights of ITU-R BT.601."""
    red, green, blue = planes
    return np.asarray(red * 0.299 + green * 0.587 + blue * 0.114, np.float32)


def levels(canvas: Canvas, darkest: float = 0.02, brightest: float = 0.97) -> Field:
    """Brightness stretched so that these quantiles of the picture become 0 and 1."""
    tone = luminance(canvas.planes)
    low, high = np.quantile(tone[::4, ::4], (darkest, brightest)).tolist()
    return np.asarray(np.clip((tone - low) / max(high - low, 0.05), 0, 1), np.float32)


def saturate(canvas: Canvas, amount: float) -> None:
    """Make colours `amount` times as strong."""
    grey = luminance(canvas.planes)
    canvas.planes += (canvas.planes - grey) * (amount - 1)
    np.clip(canvas.planes, 0, 1, out=canvas.planes)
