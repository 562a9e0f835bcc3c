"""The hand that paints: what oil, ink, glass or pixels make of a finished composition."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw

from tui.demo.art.brief import Brief
from tui.demo.art.canvas import Canvas
from tui.demo.art.colour import Field, mix, ramp
from tui.demo.art.noise import blur, clouds, enlarge, sample, shrink, step
from tui.demo.art.outlines import smooth
from tui.demo.art.strokes import Pass, brush

_LUMA = (0.299, 0.587, 0.114)


def luminance(canvas: Canvas) -> Field:
    """How bright each pixel is, 0..1."""
    red, green, blue = canvas.planes
    return red * _LUMA[0] + green * _LUMA[1] + blue * _LUMA[2]


def oil(canvas: Canvas, brief: Brief) -> None:
    """Strokes along the forms, broad first and fine last, thick enough to shine."""
    _paint_over(
        canvas, brief,
        Pass(900, 0.15, 0.034, 0.045), Pass(2600, 0.085, 0.016, 0.045), Pass(5200, 0.05, 0.0072, 0.03),
    )  # fmt: skip
    _thicken(canvas, 0.5)


def impression(canvas: Canvas, brief: Brief) -> None:
    """Short, separate touches of purer colour."""
    _saturate(canvas, 1.2)
    _paint_over(
        canvas, brief,
        Pass(1500, 0.05, 0.027, 0.085), Pass(3600, 0.036, 0.015, 0.085), Pass(5600, 0.026, 0.0095, 0.06),
    )  # fmt: skip
    _thicken(canvas, 0.4)


def gouache(canvas: Canvas, brief: Brief) -> None:
    """Flat opaque paint with a trace of the brush."""
    source = canvas.planes.copy()
    _paint_over(canvas, brief, Pass(1500, 0.12, 0.021, 0.022), Pass(4200, 0.06, 0.0078, 0.016))
    canvas.lay_planes(0.4, source)


def _paint_over(canvas: Canvas, brief: Brief, *passes: Pass) -> None:
    source = canvas.planes.copy()
    brush(canvas, brief.random, _grain_of_forms(canvas, brief), passes)
    # What is finer than a brush comes back faintly, so that small subjects stay themselves.
    canvas.lay_planes(0.22, source)


def _grain_of_forms(canvas: Canvas, brief: Brief) -> Field:
    """Directions along edges where there are any, and drifting elsewhere."""
    scale = 220 / canvas.unit if canvas.unit > 220 else 1.0
    columns, rows = max(8, round(canvas.width * scale)), max(8, round(canvas.height * scale))
    tone = blur(shrink(luminance(canvas), columns, rows), 2.5)
    down, across = np.gradient(tone)
    drift = clouds(brief.random, columns, rows, cells=1.6, octaves=3) * 1.5
    cosine, sine = blur(across * across - down * down, 3), blur(2 * across * down, 3)
    weight = 0.00012
    lean = brief.between(-0.5, 0.5)
    doubled = np.arctan2(
        sine - weight * np.sin(2 * (drift + lean)), cosine - weight * np.cos(2 * (drift + lean))
    )
    return (doubled / 2 + (math.pi / 2)).astype(np.float32)


def _thicken(canvas: Canvas, strength: float) -> None:
    tone = luminance(canvas)
    shift = max(1, round(canvas.unit / 700))
    relief = tone - np.roll(np.roll(tone, shift, 0), shift, 1)
    relief[:shift], relief[:, :shift] = 0, 0
    canvas.planes += np.clip(relief * strength, -0.09, 0.09)


def _saturate(canvas: Canvas, amount: float) -> None:
    grey = luminance(canvas)
    for plane in canvas.planes:
        plane += (plane - grey) * (amount - 1)
    np.clip(canvas.planes, 0, 1, out=canvas.planes)


def watercolour(canvas: Canvas, brief: Brief) -> None:
    """Washes that run over paper and dry darker at their edges."""
    paper = mix(brief.palette.light, brief.palette.horizon, 0.08) * 0.2 + 0.78
    size = (canvas.width, canvas.height)
    run = [
        clouds(brief.random, *size, cells=5, octaves=5) * (0.011 * canvas.unit) for _ in range(2)
    ]
    columns = np.arange(canvas.width, dtype=np.float32)[None, :] + run[0]
    rows = np.arange(canvas.height, dtype=np.float32)[:, None] + run[1]
    canvas.planes[:] = sample(canvas.planes, columns, rows)
    tone = luminance(canvas)
    washes = np.round(tone * 6 + run[0] / (0.011 * canvas.unit) * 0.35) / 6
    soft = blur(washes, 0.004 * canvas.unit)
    edges = np.clip(np.abs(washes - soft) * 3.0, 0, 1)
    bloom = clouds(brief.random, *size, cells=3, octaves=6, gain=0.6)
    grain = clouds(brief.random, *size, cells=170, octaves=2, gain=0.7)
    for plane, white in zip(canvas.planes, paper, strict=True):
        lifted = plane + (soft - tone) * 0.65
        density = 0.84 - bloom * 0.17 + edges * 0.25 - np.clip(grain, -0.5, 1) * 0.07 * (1 - tone)
        plane[:] = white * (1 - density + density * np.clip(lifted, 0.03, 1) ** 0.86)
    border = np.minimum(
        np.minimum(canvas.x, canvas.right - canvas.x),
        np.minimum(canvas.y, canvas.bottom - canvas.y),
    )
    ragged = step(0.022, 0.03, border + run[0] / canvas.unit * 1.1)
    canvas.lay(1 - ragged, paper)
    canvas.shade(
        step(0.012, 0.0, np.abs(border + run[0] / canvas.unit * 1.1 - 0.031)) * 0.2 * ragged,
        brief.palette.far,
    )


def ink(canvas: Canvas, brief: Brief) -> None:
    """Ink and water on paper, one colour kept, a seal in the corner."""
    palette = brief.palette
    tone = luminance(canvas)
    red, green, blue = canvas.planes
    low, high = (float(value) for value in np.quantile(tone[::4, ::4], (0.02, 0.96)))
    level = np.clip((tone - low) / max(high - low, 0.05), 0, 1)
    colourful = np.maximum(np.maximum(red, green), blue) - np.minimum(np.minimum(red, green), blue)
    accent = palette.accent
    close = (
        1
        - np.sqrt((red - accent[0]) ** 2 + (green - accent[1]) ** 2 + (blue - accent[2]) ** 2)
        / 0.42
    )
    kept = np.clip(close, 0, 1) * step(0.25, 0.5, colourful)
    size = (canvas.width, canvas.height)
    wash = clouds(brief.random, *size, cells=3, octaves=6, gain=0.55)
    fibre = clouds(brief.random, *size, cells=60, octaves=3, stretch=6, gain=0.7)
    value = level + wash * 0.13 * (1.1 - level)
    edge = np.abs(value - blur(value, 0.005 * canvas.unit))
    dry = step(0.05, 0.5, fibre) * step(0.15, 0.5, level) * 0.16
    value = np.clip(value - edge * 0.9 + dry, 0, 1) ** 0.85
    paper, black = (
        np.array([0.955, 0.93, 0.875], np.float32),
        np.array([0.075, 0.08, 0.095], np.float32),
    )
    canvas.tone(value, (black, mix(black, paper, 0.3), mix(black, paper, 0.66), paper, paper))
    canvas.lay(kept * 0.9, mix(accent, palette.light, 0.05))
    canvas.shade(np.clip(fibre, 0, 1) * 0.07, np.array([0.8, 0.72, 0.6], np.float32))
    _paint_seal(
        canvas, brief, accent if colourful.max() > 0.3 else np.array([0.72, 0.16, 0.12], np.float32)
    )


def _paint_seal(canvas: Canvas, brief: Brief, colour: Field) -> None:
    side = 0.062
    x, y = canvas.right - 0.06 - side, 0.06
    outline = smooth(
        [(x, y), (x + side, y + 0.002), (x + side, y + side), (x, y + side - 0.002)], steps=6
    )
    del outline
    window = canvas.window(x, y, x + side, y + side)
    if window is None:
        return
    part = canvas.part(*window)
    u, v = (part.x - x) / side, (part.y - y) / side
    marks = brief.random.random((5, 5)) < 0.5
    cell = marks[
        np.clip((v * 7 - 1), 0, 4).astype(np.int32), np.clip((u * 7 - 1), 0, 4).astype(np.int32)
    ]
    inner = (u > 0.14) & (u < 0.86) & (v > 0.14) & (v < 0.86)
    part.lay((1 - (cell & inner) * 0.88) * 0.92, colour)


def woodcut(canvas: Canvas, brief: Brief) -> None:
    """Black lines cut across the forms, two tints beneath."""
    palette = brief.palette
    tone = luminance(canvas)
    low, high = (float(value) for value in np.quantile(tone[::4, ::4], (0.03, 0.97)))
    level = np.clip((tone - low) / max(high - low, 0.05), 0, 1)
    paper = mix(palette.light, palette.horizon, 0.35)
    flat = np.round(blur(level, 0.004 * canvas.unit) * 3) / 3
    tints = Canvas(canvas.width, canvas.height)
    tints.planes = canvas.planes.copy()
    canvas.tone(
        flat,
        (
            mix(palette.far, palette.ground, 0.3),
            palette.far,
            mix(palette.horizon, palette.sky, 0.3),
            paper,
        ),
    )
    canvas.lay_planes(0.42, tints.planes)
    bend = canvas.clouds(brief.random, 2.2, octaves=3)
    forms = blur(level, 0.02 * canvas.unit)
    pitch = 1 / 0.0125
    phase = (canvas.y + canvas.x * 0.18 + bend * 0.03 + forms * 0.05) * pitch
    wave = np.abs((phase % 1) - 0.5) * 2
    soft = max(0.08, float(pitch) * canvas.pixel * 1.4)
    cut = np.clip((0.86 - level * 1.35 - wave) / soft + 0.5, 0, 1)
    solid = step(0.2, 0.14, level)
    canvas.lay(np.maximum(cut, solid) * 0.93, mix(palette.near, np.zeros(3, np.float32), 0.3))


def pencil(canvas: Canvas, brief: Brief) -> None:
    """Hatching in two directions on laid paper."""
    tone = luminance(canvas)
    low, high = (float(value) for value in np.quantile(tone[::4, ::4], (0.02, 0.97)))
    level = np.clip((tone - low) / max(high - low, 0.05), 0, 1)
    size = (canvas.width, canvas.height)
    tooth = clouds(brief.random, *size, cells=200, octaves=2, gain=0.8)
    bend = clouds(brief.random, *size, cells=3, octaves=4)
    paper = np.array([0.96, 0.945, 0.91], np.float32)
    lead = mix(np.array([0.13, 0.13, 0.15], np.float32), brief.palette.near, 0.35)
    canvas_planes = canvas.planes.copy()
    canvas.fill(paper)
    dark = 0
    for turn, limit in ((0.7, 0.86), (-0.5, 0.52), (1.25, 0.3)):
        along = (canvas.x * math.cos(turn) + canvas.y * math.sin(turn) + bend * 0.012) * 105
        hatch = 0.5 + 0.5 * np.sin(along * (2 * math.pi)) + tooth * 0.5
        dark = dark + step(0.75, 0.1, hatch) * step(limit, limit - 0.45, level) * 0.5
    edge = np.clip(np.abs(level - blur(level, 0.004 * canvas.unit)) * 4, 0, 1)
    smudge = (1 - level) * 0.36
    mask = np.clip(
        (dark + smudge + edge * 0.8) * (0.92 - np.clip(tooth, 0, 1) * 0.35),
        0,
        0.96,
    )
    canvas.lay(mask, lead)
    canvas.lay_planes(0.13, canvas_planes)


def pixels(canvas: Canvas, brief: Brief) -> None:
    """Large square pixels in few colours, dithered."""
    palette = brief.palette
    count = 112
    scale = count / canvas.unit
    columns, rows = max(2, round(canvas.width * scale)), max(2, round(canvas.height * scale))
    small = np.stack([shrink(plane, columns, rows) for plane in canvas.planes])
    bayer = (
        np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]], np.float32) / 16
        - 0.47
    )
    dither = np.tile(bayer, (rows // 4 + 1, columns // 4 + 1))[:rows, :columns]
    inks = np.concatenate(
        [
            ramp(palette.spectrum(), 9).T,
            ramp([palette.near, palette.accent, palette.light], 5).T[1:4],
        ]
    )
    wanted = small + dither * 0.11
    away = ((wanted[None] - inks[:, :, None, None]) ** 2).sum(axis=1)
    chosen = inks[away.argmin(axis=0)].transpose(2, 0, 1)
    across = (np.arange(canvas.width) * columns // canvas.width).astype(np.int32)
    down = (np.arange(canvas.height) * rows // canvas.height).astype(np.int32)
    canvas.planes[:] = chosen[:, down[:, None], across[None, :]]


def glass(canvas: Canvas, brief: Brief) -> None:
    """Panes of one colour each in dark lead, light behind them."""
    _saturate(canvas, 1.35)
    gap = _set_stones(canvas, brief, 26, jitter=0.95, contrast=0.1)
    glow = canvas.clouds(brief.random, 2, octaves=5)
    canvas.shine(np.clip(glow, 0, 1) * 0.22, brief.palette.light)
    canvas.lay(step(0.005, 0.0024, gap), mix(brief.palette.near, np.zeros(3, np.float32), 0.5))


def mosaic(canvas: Canvas, brief: Brief) -> None:
    """Small stones set in mortar."""
    _saturate(canvas, 1.15)
    gap = _set_stones(canvas, brief, 62, jitter=0.5, contrast=0.06)
    canvas.shade(step(0.0034, 0.0012, gap) * 0.6, brief.palette.near)


def _set_stones(
    canvas: Canvas, brief: Brief, count: float, *, jitter: float, contrast: float
) -> Field:
    """Give every cell about one of `count` a unit its mean colour; how far each pixel lies from
    the next cell, in units.
    """
    columns, rows = math.ceil(count * canvas.right) + 2, math.ceil(count * canvas.bottom) + 2
    shift = (brief.random.random((2, rows, columns), dtype=np.float32) - 0.5) * jitter + 0.5
    halved = Canvas(max(2, canvas.width // 2), max(2, canvas.height // 2))
    x, y = halved.x * count + 1, halved.y * count + 1
    column, row = x.astype(np.int32), y.astype(np.int32)
    shape = (halved.height, halved.width)
    first, second = np.full(shape, 9, np.float32), np.full(shape, 9, np.float32)
    cell = np.zeros(shape, np.int32)
    for down in (-1, 0, 1):
        for across in (-1, 0, 1):
            c, r = np.clip(column + across, 0, columns - 1), np.clip(row + down, 0, rows - 1)
            index = r * columns + c
            dx, dy = c + shift[0].ravel()[index] - x, r + shift[1].ravel()[index] - y
            away = dx * dx + dy * dy
            nearer = away < first
            second = np.where(nearer, first, np.minimum(second, away))
            cell = np.where(nearer, index, cell)
            first = np.minimum(first, away)
    index = cell.ravel()
    total = np.maximum(np.bincount(index, minlength=rows * columns), 1)
    lift = (brief.random.random(len(total)) - 0.5) * 2 * contrast
    down = np.arange(canvas.height) * halved.height // canvas.height
    across = np.arange(canvas.width) * halved.width // canvas.width
    for plane in canvas.planes:
        small = shrink(plane, halved.width, halved.height)
        mean = np.bincount(index, weights=small.ravel(), minlength=len(total)) / total
        stones = np.clip(mean + lift * (0.35 + mean), 0, 1).astype(np.float32)[cell]
        plane[:] = stones[down[:, None], across[None, :]]
    gap = (np.sqrt(second) - np.sqrt(first)) / count
    return enlarge(gap, canvas.width, canvas.height)


def facets(canvas: Canvas, brief: Brief) -> None:
    """Triangles of one tone each, as a polygon modeller or a cubist would see it."""
    count = 24
    columns, rows = math.ceil(count * canvas.right) + 1, math.ceil(count * canvas.bottom) + 1
    x, y = np.meshgrid(np.linspace(0, canvas.right, columns), np.linspace(0, canvas.bottom, rows))
    sway = (brief.random.random((2, rows, columns)) - 0.5) * 0.85 / count
    inner = (
        np.pad(np.ones((rows - 2, columns - 2)), 1)
        if min(rows, columns) > 2
        else np.zeros((rows, columns))
    )
    x, y = x + sway[0] * inner, y + sway[1] * inner
    corners = np.stack([x, y], axis=-1)
    first, second = corners[:-1, :-1], corners[:-1, 1:]
    third, fourth = corners[1:, 1:], corners[1:, :-1]
    turned = brief.random.random(first.shape[:2])[..., None, None] < 0.5
    upper = np.where(
        turned, np.stack([first, second, third], 2), np.stack([first, second, fourth], 2)
    )
    lower = np.where(
        turned, np.stack([first, third, fourth], 2), np.stack([second, third, fourth], 2)
    )
    triangles = np.concatenate([upper.reshape(-1, 3, 2), lower.reshape(-1, 3, 2)])
    middle = triangles.mean(axis=1)
    fine = (max(2, round(canvas.right * 60)), max(2, round(canvas.bottom * 60)))
    column = np.clip(middle[:, 0] / canvas.right * fine[0], 0, fine[0] - 1).astype(np.int32)
    row = np.clip(middle[:, 1] / canvas.bottom * fine[1], 0, fine[1] - 1).astype(np.int32)
    tones = np.stack([shrink(plane, *fine)[row, column] for plane in canvas.planes], axis=1)
    tones = tones + (brief.random.random((len(tones), 1)) - 0.5) * 0.13
    levels = (np.clip(tones, 0, 1) * 255).astype(np.uint8).tolist()
    image = Image.new("RGB", (canvas.width * 2, canvas.height * 2))
    draw = ImageDraw.Draw(image)
    points = (triangles * 2 * canvas.unit).reshape(-1, 6).tolist()
    for outline, level in zip(points, levels, strict=True):
        draw.polygon(outline, fill=tuple(level), outline=tuple(level))
    source = canvas.planes.copy()
    for plane, band in zip(canvas.planes, image.reduce(2).split(), strict=True):
        np.multiply(np.asarray(band), (1 / 255), out=plane)
    canvas.lay_planes(0.1, source)


def halftone(canvas: Canvas, brief: Brief) -> None:
    """Two inks in dots on paper, a little out of register."""
    palette = brief.palette
    _saturate(canvas, 1.15)
    paper = mix(palette.light, palette.horizon, 0.2)
    tone = luminance(canvas)
    flats = canvas.planes.copy()
    levels = 4
    canvas.planes[:] = (
        np.round(np.stack([blur(plane, 0.003 * canvas.unit) for plane in flats]) * levels) / levels
    )
    canvas.lay_planes(0.35, flats)
    for turn, limit, tint, offset in (
        (0.26, 0.62, palette.near, 0.0),
        (1.31, 0.85, palette.far, 0.004),
    ):
        u = ((canvas.x + offset) * math.cos(turn) + canvas.y * math.sin(turn)) * 92
        v = (canvas.y * math.cos(turn) - (canvas.x + offset) * math.sin(turn)) * 92
        dot = np.sqrt(((u % 1) - 0.5) ** 2 + ((v % 1) - 0.5) ** 2)
        radius = np.clip((limit - tone) / limit, 0, 1) ** 0.8 * 0.62
        soft = max(0.06, 92 * canvas.pixel)
        canvas.shade(
            np.clip((radius - dot) / soft + 0.5, 0, 1) * 0.62,
            mix(tint, paper, 0.15),
        )
    wear = canvas.clouds(brief.random, 90, octaves=3, gain=0.7)
    canvas.lay(step(0.75, 1.2, wear) * 0.5, paper)


def glitch(canvas: Canvas, brief: Brief) -> None:
    """Torn scan lines and colours that come apart."""
    _saturate(canvas, 1.25)
    bands = np.repeat(brief.random.normal(size=40), math.ceil(canvas.height / 40))[: canvas.height]
    torn = np.where(np.abs(bands) > 1.15, bands * 0.035, bands * 0.002) * canvas.unit
    for plane, shift in zip(canvas.planes, (-0.006, 0.0, 0.006), strict=True):
        columns = (np.arange(canvas.width)[None, :] + (torn + shift * canvas.unit)[:, None]).astype(
            np.int32
        )
        plane[:] = np.take_along_axis(plane, np.clip(columns, 0, canvas.width - 1), axis=1)
    lines = 0.5 + 0.5 * np.sin(canvas.y * (2 * math.pi * 150))
    canvas.planes *= 1 - lines * 0.14


def monochrome(canvas: Canvas, brief: Brief) -> None:
    """Black and white, the tone curve of film."""
    tone = luminance(canvas)
    low, high = (float(value) for value in np.quantile(tone[::4, ::4], (0.01, 0.99)))
    level = np.clip((tone - low) / max(high - low, 0.05), 0, 1)
    warm = 0.03 if "old" in brief.traits else 0.008
    canvas.tone(
        level,
        (
            np.array([0.03, 0.03, 0.035], np.float32),
            np.array([0.45 + warm, 0.45, 0.45 - warm], np.float32),
            np.array([0.97, 0.96, 0.96 - warm * 2], np.float32),
        ),
    )


def plain(canvas: Canvas, brief: Brief) -> None:
    """Nothing more."""


TECHNIQUES: dict[str, Callable[[Canvas, Brief], None]] = {
    "plain": plain, "gouache": gouache, "oil": oil, "impression": impression,
    "watercolour": watercolour, "ink": ink, "woodcut": woodcut, "pencil": pencil, "pixels": pixels,
    "glass": glass, "facets": facets, "mosaic": mosaic, "halftone": halftone, "glitch": glitch,
    "monochrome": monochrome,
}  # fmt: skip
