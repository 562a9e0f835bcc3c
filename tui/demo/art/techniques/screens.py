"""What film and broken screens do."""

from __future__ import annotations

import math

import numpy as np

from tui.demo.art.brief import Brief
from tui.demo.art.canvas import Canvas
from tui.demo.art.techniques.values import levels, saturate

_BANDS = 40
_SCAN_LINES = 150


def glitch(canvas: Canvas, brief: Brief) -> None:
    """Torn scan lines and colours that come apart."""
    saturate(canvas, 1.25)
    height = math.ceil(canvas.height / _BANDS)
    bands = np.repeat(brief.random.normal(size=_BANDS), height)[: canvas.height]
    torn = np.where(np.abs(bands) > 1.15, bands * 0.035, bands * 0.002)
    for plane, apart in zip(canvas.planes, (-0.006, 0.0, 0.006), strict=True):
        shift = ((torn + apart) * canvas.unit).astype(np.int32)[:, None]
        columns = np.clip(np.arange(canvas.width) + shift, 0, canvas.width - 1)
        plane[:] = np.take_along_axis(plane, columns, axis=1)
    lines = 0.5 + 0.5 * np.sin(canvas.y * (2 * math.pi * _SCAN_LINES))
    canvas.planes *= 1 - lines * 0.14


def monochrome(canvas: Canvas, brief: Brief) -> None:
    """Black and white, the tone curve of film; warmer when the prompt is of old things."""
    warm = 0.03 if "old" in brief.traits else 0.008
    canvas.tone(
        levels(canvas, 0.01, 0.99),
        (
            np.array([0.03, 0.03, 0.035], np.float32),
            np.array([0.45 + warm, 0.45, 0.45 - warm], np.float32),
            np.array([0.97, 0.96, 0.96 - warm * 2], np.float32),
        ),
    )
