"""Brush strokes that follow a field of directions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from tui.demo.art.canvas import Canvas
from tui.demo.art.colour import Field
from tui.demo.art.noise import shrink

_SUPERSAMPLING = 1.5
_STEPS = 7
_LARGEST_AREA = 4.0


@dataclass(frozen=True, slots=True)
class Pass:
    """One going-over with one brush.

    `count` strokes for a square picture; `length` and `width` in units of the short side;
    `wander` is how far a stroke's tone strays from what it covers.
    """

    count: int
    length: float
    width: float
    wander: float


def brush(
    canvas: Canvas, random: np.random.Generator, angles: Field, passes: Sequence[Pass]
) -> None:
    """Paint the canvas over with strokes along `angles`, in the colours it has."""
    size = (math.ceil(canvas.width * _SUPERSAMPLING), math.ceil(canvas.height * _SUPERSAMPLING))
    image = canvas.image().resize(size, Image.Resampling.BILINEAR)
    draw = ImageDraw.Draw(image)
    area = min(canvas.right * canvas.bottom, _LARGEST_AREA)
    for each in passes:
        count = round(each.count * area)
        starts = random.random((count, 2), dtype=np.float32)
        lengths = each.length * (0.5 + random.random(count, dtype=np.float32))
        widths = each.width * (0.55 + random.random(count, dtype=np.float32))
        lines = _trace(angles, starts, lengths)
        levels = _tones(canvas, random, lines[:, _STEPS // 2], each)
        outlines = _outlines(lines * np.array(size, np.float32), widths * image_unit(canvas))
        for outline, level in zip(outlines.tolist(), levels, strict=True):
            draw.polygon(outline, fill=tuple(level))
    image = image.resize((canvas.width, canvas.height), Image.Resampling.BOX)
    for plane, band in zip(canvas.planes, image.split(), strict=True):
        np.multiply(np.asarray(band), (1 / 255), out=plane)


def image_unit(canvas: Canvas) -> float:
    """The short side in pixels of the enlarged image that is drawn on."""
    return canvas.unit * _SUPERSAMPLING


def _trace(
    angles: Field, starts: npt.NDArray[np.float32], lengths: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    """Lines of shape (count, steps, 2) in 0..1 × 0..1 from `starts` along `angles`."""
    rows, columns = angles.shape
    aspect = np.array([min(rows, columns) / columns, min(rows, columns) / rows], np.float32)
    stride = (lengths / (_STEPS - 1))[:, None] * aspect
    lines = np.empty((len(starts), _STEPS, 2), np.float32)
    at = starts
    for index in range(_STEPS):
        lines[:, index] = at
        column = np.clip(at[:, 0] * columns, 0, columns - 1).astype(np.int32)
        row = np.clip(at[:, 1] * rows, 0, rows - 1).astype(np.int32)
        angle = angles[row, column]
        heading = np.stack([np.cos(angle), np.sin(angle)], axis=1)
        at = np.asarray(at + heading * stride, np.float32)
    return lines


def _tones(
    canvas: Canvas, random: np.random.Generator, places: Field, each: Pass
) -> list[list[int]]:
    """The colour of each stroke: the mean under the brush, astray a little."""
    detail = 2.5 / each.width
    columns = max(2, min(canvas.width, round(canvas.right * detail)))
    rows = max(2, min(canvas.height, round(canvas.bottom * detail)))
    column = np.clip(places[:, 0] * columns, 0, columns - 1).astype(np.int32)
    row = np.clip(places[:, 1] * rows, 0, rows - 1).astype(np.int32)
    tones = np.stack([shrink(plane, columns, rows)[row, column] for plane in canvas.planes], axis=1)
    count = len(places)
    tones += (random.random((count, 1), dtype=np.float32) - 0.5) * (2 * each.wander)
    tones += (random.random((count, 3), dtype=np.float32) - 0.5) * each.wander
    return (np.clip(tones, 0, 1) * 255).astype(np.uint8).tolist()  # type: ignore[no-any-return]


def _outlines(lines: Field, widths: Field) -> Field:
    """Strokes of shape (count, points × 2): narrow at both ends."""
    direction = np.gradient(lines, axis=1)
    length = np.maximum(np.hypot(direction[..., 0], direction[..., 1]), 1e-6)
    normal = np.stack([-direction[..., 1], direction[..., 0]], axis=-1) / length[..., None]
    shape = 0.2 + 0.8 * np.sin(math.pi * np.linspace(0.05, 0.95, _STEPS)) ** 0.6
    half = normal * (widths[:, None] / 2 * shape[None, :])[..., None]
    outlines = np.concatenate([lines + half, (lines - half)[:, ::-1]], axis=1)
    return outlines.reshape(len(lines), -1).astype(np.float32)
