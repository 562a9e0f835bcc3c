"""Pictures put together from pieces of one colour: pixels, triangles, panes, stones."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from tui.demo.art.brief import Brief
from tui.demo.art.canvas import Canvas, Points
from tui.demo.art.colour import Field, from_hex, mix, ramp
from tui.demo.art.noise import enlarge, shrink, step
from tui.demo.art.techniques.values import levels, luminance, saturate

_BLACK = from_hex("#000000")
_PIXELS = 112  # on the short side
_TRIANGLES = 36
_BAYER = np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]], np.float32)


def pixels(canvas: Canvas, brief: Brief) -> None:
    """Large square pixels in few colours, dithered in a 4 × 4 order."""
    palette = brief.palette
    columns = max(2, round(canvas.right * _PIXELS))
    rows = max(2, round(canvas.bottom * _PIXELS))
    small = np.stack([shrink(plane, columns, rows) for plane in canvas.planes])
    dither = np.tile(_BAYER / 16 - 0.47, (rows // 4 + 1, columns // 4 + 1))[:rows, :columns]
    accents = ramp([palette.near, palette.accent, palette.light], 5)[:, 1:4]
    inks = np.concatenate([ramp(palette.spectrum(), 9), accents], axis=1)
    away = ((small + dither * 0.11)[..., None] - inks[:, None, None]) ** 2
    chosen = inks[:, away.sum(axis=0).argmin(axis=-1)]
    canvas.planes[:] = _nearest(chosen, canvas)


def _nearest(small: Field, canvas: Canvas) -> Field:
    """`small` planes enlarged to the canvas without smoothing."""
    rows, columns = small.shape[-2:]
    down = np.arange(canvas.height) * rows // canvas.height
    across = np.arange(canvas.width) * columns // canvas.width
    return small[..., down[:, None], across[None, :]]


def facets(canvas: Canvas, brief: Brief) -> None:
    """Triangles of one tone each, as a polygon modeller or a cubist would see it."""
    triangles = _triangles(canvas, brief)
    middle = triangles.mean(axis=1) / (canvas.right, canvas.bottom)
    columns, rows = max(2, round(canvas.right * 80)), max(2, round(canvas.bottom * 80))
    column = np.clip(middle[:, 0] * columns, 0, columns - 1).astype(np.int32)
    row = np.clip(middle[:, 1] * rows, 0, rows - 1).astype(np.int32)
    means = [shrink(plane, columns, rows)[row, column] for plane in canvas.planes]
    tones = np.stack(means, axis=1) + (brief.random.random((len(row), 1)) - 0.5) * 0.13
    inks = (np.clip(tones, 0, 1) * 255).astype(np.uint8).tolist()
    image = Image.new("RGB", (canvas.width * 2, canvas.height * 2))
    draw = ImageDraw.Draw(image)
    corners = (triangles * 2 * canvas.unit).reshape(-1, 6).tolist()
    for outline, ink in zip(corners, inks, strict=True):
        draw.polygon(outline, fill=tuple(ink), outline=tuple(ink))
    source = canvas.planes.copy()
    for plane, band in zip(canvas.planes, image.reduce(2).split(), strict=True):
        np.multiply(np.asarray(band), 1 / 255, out=plane)
    canvas.lay_planes(0.1, source)


def _triangles(canvas: Canvas, brief: Brief) -> Points:
    """A jittered grid of corners cut into triangles: shape (count, 3, 2), in units."""
    columns = math.ceil(_TRIANGLES * canvas.right) + 1
    rows = math.ceil(_TRIANGLES * canvas.bottom) + 1
    across, down = np.linspace(0, canvas.right, columns), np.linspace(0, canvas.bottom, rows)
    corners = np.stack(np.meshgrid(across, down), axis=-1)
    sway = (brief.random.random((rows - 2, columns - 2, 2)) - 0.5) * 0.85 / _TRIANGLES
    corners[1:-1, 1:-1] += sway
    a, b, c, d = corners[:-1, :-1], corners[:-1, 1:], corners[1:, 1:], corners[1:, :-1]
    falling = brief.random.random(a.shape[:2])[..., None, None] < 0.5
    upper = np.where(falling, np.stack([a, b, c], 2), np.stack([a, b, d], 2))
    lower = np.where(falling, np.stack([a, c, d], 2), np.stack([b, c, d], 2))
    return np.concatenate([upper.reshape(-1, 3, 2), lower.reshape(-1, 3, 2)])


def glass(canvas: Canvas, brief: Brief) -> None:
    """Panes of one colour each in dark lead, light behind them."""
    canvas.planes += (levels(canvas) - luminance(canvas.planes)) * 0.6
    saturate(canvas, 1.6)
    canvas.planes **= 0.8
    source = canvas.planes.copy()
    cell, gap = _cells(canvas, brief, 34, jitter=0.95)
    _flatten(canvas, brief, cell, contrast=0.08)
    canvas.lay_planes(0.4, source)
    glow = canvas.clouds(brief.random, 2)
    canvas.shine(np.clip(glow, 0, 1) * 0.22, brief.palette.light)
    canvas.lay(step(0.0042, 0.0019, gap), mix(brief.palette.near, _BLACK, 0.5))


def mosaic(canvas: Canvas, brief: Brief) -> None:
    """Small stones set in mortar."""
    saturate(canvas, 1.15)
    cell, gap = _cells(canvas, brief, 62, jitter=0.5)
    _flatten(canvas, brief, cell, contrast=0.06)
    canvas.shade(step(0.0034, 0.0012, gap) * 0.6, brief.palette.near)


def _cells(
    canvas: Canvas, brief: Brief, count: int, *, jitter: float
) -> tuple[npt.NDArray[np.int32], Field]:
    """Voronoi cells, `count` on the short side, around the points of a jittered grid.

    The number of each pixel's cell, at half the resolution; how much farther the second nearest
    point is than the nearest, in units.
    """
    columns, rows = math.ceil(count * canvas.right) + 2, math.ceil(count * canvas.bottom) + 2
    points = (brief.random.random((2, rows * columns), dtype=np.float32) - 0.5) * jitter + 0.5
    half = Canvas(max(2, canvas.width // 2), max(2, canvas.height // 2))
    x, y = half.x * count + 1, half.y * count + 1
    home = (y.astype(np.int32), x.astype(np.int32))
    first = np.full((half.height, half.width), 9, np.float32)
    second, cell = first.copy(), np.zeros(first.shape, np.int32)
    for down in (-1, 0, 1):
        for across in (-1, 0, 1):
            row = np.clip(home[0] + down, 0, rows - 1)
            column = np.clip(home[1] + across, 0, columns - 1)
            index = row * columns + column
            away = (column + points[0][index] - x) ** 2 + (row + points[1][index] - y) ** 2
            second = np.minimum(second, np.maximum(first, away))
            cell = np.where(away < first, index, cell)
            first = np.minimum(first, away)
    gap = (np.sqrt(second) - np.sqrt(first)) / count
    return cell, enlarge(gap, canvas.width, canvas.height)


def _flatten(canvas: Canvas, brief: Brief, cell: npt.NDArray[np.int32], *, contrast: float) -> None:
    """Give every cell the mean of its colours, a little lighter or darker than its neighbours."""
    rows, columns = cell.shape
    total = np.maximum(np.bincount(cell.ravel()), 1)
    lift = (brief.random.random(len(total)) - 0.5) * 2 * contrast
    for plane in canvas.planes:
        small = shrink(plane, columns, rows)
        mean = np.bincount(cell.ravel(), weights=small.ravel()) / total
        tones = np.clip(mean + lift * (0.35 + mean), 0, 1).astype(np.float32)
        plane[:] = _nearest(tones[cell], canvas)
