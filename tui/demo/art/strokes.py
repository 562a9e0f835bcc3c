"""Brush strokes that follow a field of directions."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from tui.demo.art.canvas import Canvas
from tui.demo.art.colour import Field

_SUPERSAMPLING = 1.5
_STEPS = 9


def trace(
    angles: Field, starts: npt.NDArray[np.float32], lengths: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    """Lines of shape (count, steps, 2) in 0..1 × 0..1 from `starts` along `angles`."""
    rows, columns = angles.shape
    aspect = np.array([min(rows, columns) / columns, min(rows, columns) / rows], np.float32)
    line = np.empty((len(starts), _STEPS, 2), np.float32)
    at = starts.copy()
    for index in range(_STEPS):
        line[:, index] = at
        column = np.clip(at[:, 0] * columns, 0, columns - 1).astype(np.int32)
        row = np.clip(at[:, 1] * rows, 0, rows - 1).astype(np.int32)
        angle = angles[row, column]
        stride = (lengths / _STEPS)[:, None]
        at = at + np.stack([np.cos(angle), np.sin(angle)], axis=1) * stride * aspect
    return line


def brush(
    canvas: Canvas,
    random: np.random.Generator,
    angles: Field,
    *,
    count: int,
    length: float,
    width: float,
    colours: Field | None = None,
    wander: float = 0.05,
    taper: float = 0.75,
) -> None:
    """Cover the canvas with `count` strokes in the colours beneath them.

    `colours`, planes like the canvas's, replaces what is beneath; `length` and `width` are in
    units of the short side; `wander` is how far a stroke's tone strays.
    """
    starts = random.random((count, 2), dtype=np.float32)
    lengths = length * (np.float32(0.5) + random.random(count, dtype=np.float32))
    widths = width * (np.float32(0.55) + np.float32(0.9) * random.random(count, dtype=np.float32))
    lines = trace(angles, starts, lengths)
    middle = lines[:, _STEPS // 2]
    planes = canvas.planes if colours is None else colours
    column = np.clip(middle[:, 0] * canvas.width, 0, canvas.width - 1).astype(np.int32)
    row = np.clip(middle[:, 1] * canvas.height, 0, canvas.height - 1).astype(np.int32)
    tones = planes[:, row, column].T + (random.random((count, 1), dtype=np.float32) - np.float32(0.5)) * np.float32(2 * wander)
    tones = tones + (random.random((count, 3), dtype=np.float32) - np.float32(0.5)) * np.float32(wander)
    levels = (np.clip(tones, 0, 1) * 255).astype(np.uint8).tolist()
    size = (math.ceil(canvas.width * _SUPERSAMPLING), math.ceil(canvas.height * _SUPERSAMPLING))
    points = lines * np.array(size, np.float32)
    direction = np.gradient(points, axis=1)
    norm = np.maximum(np.hypot(direction[..., 0], direction[..., 1]), 1e-6)
    normal = np.stack([-direction[..., 1], direction[..., 0]], axis=-1) / norm[..., None]
    shape = (1 - taper) + taper * np.sin(math.pi * np.linspace(0.06, 0.94, _STEPS)) ** 0.6
    half = normal * (widths[:, None] * shape[None, :])[..., None] * np.float32(canvas.unit * _SUPERSAMPLING / 2)
    outlines = np.concatenate([points + half, (points - half)[:, ::-1]], axis=1).reshape(count, -1)
    image = canvas.image().resize(size, Image.Resampling.BILINEAR)
    draw = ImageDraw.Draw(image)
    for outline, level in zip(outlines.tolist(), levels, strict=True):
        draw.polygon(outline, fill=tuple(level))
    image = image.resize((canvas.width, canvas.height), Image.Resampling.BOX)
    for plane, band in zip(canvas.planes, image.split(), strict=True):
        plane[:] = np.asarray(band, np.float32) * np.float32(1 / 255)
