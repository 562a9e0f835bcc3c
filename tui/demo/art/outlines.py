"""Outlines as point arrays of shape (count, 2), to be cut out of a canvas."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from tui.demo.art.canvas import Points


def path(text: str) -> Points:
    """The points written as `x,y x,y …`."""
    return np.array([[float(number) for number in pair.split(",")] for pair in text.split()])


def smooth(
    points: Points | Sequence[tuple[float, float]], *, closed: bool = True, steps: int = 8
) -> Points:
    """A Catmull-Rom curve through `points`."""
    knots = np.asarray(points, dtype=float)
    if closed:
        before, after, later = np.roll(knots, 1, 0), np.roll(knots, -1, 0), np.roll(knots, -2, 0)
    else:
        ends = np.concatenate([knots[:1], knots, knots[-1:]])
        before, knots, after, later = ends[:-3], ends[1:-2], ends[2:-1], ends[3:]
    at = np.linspace(0, 1, steps, endpoint=False)[None, :, None]
    first, second = knots[:, None], after[:, None]
    curve = 0.5 * (
        2 * first
        + (second - before[:, None]) * at
        + (2 * before[:, None] - 5 * first + 4 * second - later[:, None]) * at**2
        + (3 * first - before[:, None] - 3 * second + later[:, None]) * at**3
    )
    joined = curve.reshape(-1, 2)
    return joined if closed else np.concatenate([joined, after[-1:]])


def ellipse(
    x: float, y: float, across: float, down: float, *, turn: float = 0.0, steps: int = 48
) -> Points:
    """An ellipse of half-axes `across` and `down`, turned by `turn` radians."""
    angle = np.linspace(0, 2 * math.pi, steps, endpoint=False)
    u, v = across * np.cos(angle), down * np.sin(angle)
    cosine, sine = math.cos(turn), math.sin(turn)
    return np.stack([x + u * cosine - v * sine, y + u * sine + v * cosine], axis=1)


def box(left: float, top: float, right: float, bottom: float) -> Points:
    """A rectangle."""
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom)])


def stroke(line: Points, width: float, *, taper: float = 1.0) -> Points:
    """`line` thickened to `width` in its middle; `taper` 1 ends in points, 0 stays even."""
    line = np.asarray(line, dtype=float)
    direction = np.gradient(line, axis=0)
    length = np.maximum(np.hypot(direction[:, 0], direction[:, 1]), 1e-9)
    normal = np.stack([-direction[:, 1], direction[:, 0]], axis=1) / length[:, None]
    along = np.linspace(0, 1, len(line))
    half = width / 2 * (1 - taper + taper * np.sin(math.pi * along) ** 0.7)
    return np.concatenate([line + normal * half[:, None], (line - normal * half[:, None])[::-1]])


def place(points: Points, x: float, y: float, scale: float, *, flip: bool = False) -> Points:
    """`points` scaled about their origin, mirrored left to right if asked, and moved there."""
    return np.asarray(points * np.array([-scale if flip else scale, scale]) + np.array([x, y]))
