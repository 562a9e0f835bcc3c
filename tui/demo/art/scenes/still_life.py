"""Vessels and fruit on a table, lit from one side."""

from __future__ import annotations

import numpy as np

from tui.demo.art.brief import Brief
from tui.demo.art.canvas import Canvas
from tui.demo.art.colour import Colour, Field, adjust, lightness, mix
from tui.demo.art.noise import blur, clouds, step
from tui.demo.art.outlines import ellipse

# Half the width at heights from foot (0) to mouth (1), in parts of the height.
_VESSELS = {
    "bottle": (0.16, 0.18, 0.18, 0.18, 0.17, 0.12, 0.06, 0.05, 0.05, 0.055),
    "carafe": (0.20, 0.26, 0.28, 0.27, 0.22, 0.14, 0.08, 0.07, 0.08, 0.11),
    "vase": (0.13, 0.19, 0.26, 0.31, 0.33, 0.31, 0.24, 0.15, 0.11, 0.15),
    "jar": (0.25, 0.33, 0.37, 0.39, 0.39, 0.37, 0.34, 0.29, 0.25, 0.27),
    "bowl": (0.34, 0.46, 0.62, 0.76, 0.87, 0.95, 1.02, 1.07, 1.11, 1.13),
    "cup": (0.36, 0.44, 0.48, 0.50, 0.51, 0.52, 0.53, 0.53, 0.54, 0.55),
    "pear": (0.22, 0.36, 0.41, 0.40, 0.34, 0.26, 0.20, 0.17, 0.14, 0.05),
    "fruit": (0.22, 0.38, 0.46, 0.50, 0.51, 0.50, 0.46, 0.38, 0.26, 0.08),
    "candle": (0.10, 0.10, 0.10, 0.10, 0.10, 0.10, 0.10, 0.10, 0.10, 0.095),
}  # fmt: skip
_OPEN = {"vase", "jar", "bowl", "cup", "carafe"}
_TALL = ("bottle", "carafe", "vase", "jar")
_SMALL = ("bowl", "cup", "pear", "fruit", "fruit")


def paint_still_life(canvas: Canvas, brief: Brief) -> None:
    """A wall, a table, a patch of window light, four to seven things that overlap."""
    palette = brief.palette
    table = canvas.bottom * brief.between(0.6, 0.68)
    from_left = brief.chance(0.5)
    wall = [
        mix(palette.sky, palette.zenith, 0.35),
        palette.sky,
        mix(palette.sky, palette.horizon, 0.7),
    ]
    across = canvas.x / np.float32(canvas.right)
    fall = (across if not from_left else 1 - across) * np.float32(0.75) + canvas.y / np.float32(
        canvas.bottom
    ) * np.float32(0.25)
    canvas.tone(np.ascontiguousarray(fall), wall)
    plaster = clouds(brief.random, canvas.width, canvas.height, cells=3, octaves=7, gain=0.58)
    canvas.shade(np.clip(plaster, 0, 1) * np.float32(0.14), palette.zenith)
    _paint_window_light(canvas, brief, table, from_left=from_left)
    board = mix(palette.ground, palette.far, 0.35)
    deep = np.clip((canvas.y - np.float32(table)) / np.float32(canvas.bottom - table), 0, 1)
    edge = np.full(canvas.width, table, np.float32)
    canvas.lay(canvas.below(edge), board)
    canvas.lay(
        canvas.below(edge) * deep * np.float32(0.75), mix(palette.near, palette.ground, 0.35)
    )
    canvas.lay(
        canvas.below(edge) * np.exp(-deep / np.float32(0.05)) * np.float32(0.35),
        mix(board, palette.light, 0.6),
    )
    grain = clouds(brief.random, canvas.width, canvas.height, cells=4, octaves=5, stretch=14)
    canvas.shade(np.clip(grain, 0, 1) * canvas.below(edge) * np.float32(0.3), palette.near)
    things = _arrange(canvas, brief, table)
    for x, foot, height, kind, colour in things:
        _paint_shadow(canvas, brief, x, foot, height, kind, from_left=from_left)
    for x, foot, height, kind, colour in things:
        _paint_vessel(canvas, brief, x, foot, height, kind, colour, from_left=from_left)


def _arrange(
    canvas: Canvas, brief: Brief, table: float
) -> list[tuple[float, float, float, str, Colour]]:
    """Tall things at the back, small ones before them; the eye gets one accent."""
    palette = brief.palette
    count = max(3, round(brief.between(3.2, 4.6) * min(canvas.right, 3)))
    colours = [
        mix(palette.horizon, palette.light, 0.5),
        palette.far,
        palette.near,
        mix(palette.sky, palette.light, 0.35),
        palette.zenith,
        mix(palette.ground, palette.horizon, 0.5),
    ]
    wanted = [name for name in brief.subjects if name in _VESSELS]
    middle = canvas.right * brief.between(0.42, 0.58)
    spread = min(canvas.right * 0.36, 0.2 * count)
    things = []
    for index in range(count):
        back = index < (count + 1) // 2
        kind = (
            wanted.pop()
            if wanted
            else (_TALL[brief.whole(0, 3)] if back else _SMALL[brief.whole(0, 4)])
        )
        height = (
            brief.between(0.34, 0.52)
            if kind in _TALL
            else {"bowl": 0.12, "cup": 0.13, "candle": 0.3}.get(kind, 0.16)
            * brief.between(0.9, 1.3)
        )
        part = (index % ((count + 1) // 2) + 0.5) / ((count + 1) // 2) * 2 - 1
        x = middle + part * spread + brief.between(-0.05, 0.05) + (0 if back else spread * 0.25)
        foot = table + (canvas.bottom - table) * (
            brief.between(0.2, 0.34) if back else brief.between(0.45, 0.66)
        )
        things.append((x, foot, height, kind, colours[(index + brief.whole(0, 1)) % len(colours)]))
    chosen = brief.whole(0, len(things) - 1)
    things[chosen] = (*things[chosen][:4], palette.accent)
    return sorted(things, key=lambda thing: thing[1])


def _paint_window_light(canvas: Canvas, brief: Brief, table: float, *, from_left: bool) -> None:
    lean = brief.between(0.25, 0.5) * (-1 if from_left else 1)
    x = canvas.right * (0.62 if from_left else 0.38)
    sheared = canvas.x - np.float32(x) + (canvas.y - np.float32(table * 0.45)) * np.float32(lean)
    width, height = brief.between(0.24, 0.34), table * brief.between(0.5, 0.66)
    across = np.abs(sheared) / np.float32(width)
    rows = canvas.y - np.float32(table * 0.1)
    pane = (
        step(1.04, 0.96, across)
        * step(-0.012, 0.012, rows)
        * step(height + 0.012, height - 0.012, rows)
    )
    bars = step(0.03, 0.06, across) * step(0.008, 0.02, np.abs(rows - np.float32(height * 0.5)))
    canvas.shine(
        pane * bars * np.float32(0.42), mix(brief.palette.horizon, brief.palette.light, 0.6)
    )


def _half_width(kind: str, part: Field) -> Field:
    outline = np.asarray(_VESSELS[kind])
    knots = np.linspace(0, 1, len(outline))
    fine = np.linspace(0, 1, 129)
    smooth = np.interp(fine, knots, outline)
    kernel = np.hanning(15)
    smooth = np.convolve(np.pad(smooth, 7, mode="edge"), kernel / kernel.sum(), mode="valid")
    return np.interp(part, fine, smooth).astype(np.float32)


def _paint_shadow(
    canvas: Canvas,
    brief: Brief,
    x: float,
    foot: float,
    height: float,
    kind: str,
    *,
    from_left: bool,
) -> None:
    width = max(_VESSELS[kind]) * height
    length = min(height * 1.3, 0.42) * (1 if from_left else -1)
    start = ellipse(x, foot, width * 0.8, width * 0.22)
    end = ellipse(x + length, foot - abs(length) * 0.14, width * 0.5, width * 0.12)
    outline = np.concatenate([start, end])
    order = np.argsort(
        np.arctan2(outline[:, 1] - outline[:, 1].mean(), outline[:, 0] - outline[:, 0].mean())
    )
    drawn = canvas.polygons([outline[order]], margin=0.05)
    if drawn is not None:
        part, mask = drawn
        soft = blur(mask, 0.014 * canvas.unit)
        fade = np.clip(1 - np.abs(part.x - np.float32(x)) / np.float32(abs(length) + width), 0, 1)
        part.shade(
            soft * fade * np.float32(0.72), mix(brief.palette.near, brief.palette.zenith, 0.3)
        )


def _paint_vessel(
    canvas: Canvas,
    brief: Brief,
    x: float,
    foot: float,
    height: float,
    kind: str,
    colour: Colour,
    *,
    from_left: bool,
) -> None:
    palette = brief.palette
    widest = max(_VESSELS[kind]) * height
    window = canvas.window(
        x - widest - 0.02, foot - height - 0.06, x + widest + 0.02, foot + widest * 0.3
    )
    if window is None:
        return
    part = canvas.part(*window)
    base = _VESSELS[kind][0] * height
    mouth = _VESSELS[kind][-1] * height
    squash = 0.2
    u = part.x - np.float32(x)
    # The foot is round: the column's lower edge follows the front of an ellipse.
    bulge = np.sqrt(np.clip(1 - (u / np.float32(base)) ** 2, 0, 1)) * np.float32(base * squash)
    up = (np.float32(foot) + bulge - part.y) / np.float32(height)
    half = _half_width(
        kind, np.clip((np.float32(foot) - part.y) / np.float32(height), 0, 1)
    ) * np.float32(height)
    across = u / half
    soft = np.float32(1.2 * part.pixel)
    body = np.clip((half - np.abs(u)) / soft + np.float32(0.5), 0, 1) * np.clip(
        up * np.float32(height) / soft + np.float32(0.5), 0, 1
    )
    body = body * (part.y > foot - height)
    across = np.clip(across, -1, 1)
    towards = -across if from_left else across
    round_ = np.sqrt(np.clip(1 - across * across, 0, 1))
    glaze = clouds(brief.random, part.width, part.height, cells=2.5, octaves=5)
    level = (
        np.float32(0.44)
        + towards * np.float32(0.42)
        + (round_ - np.float32(0.7)) * np.float32(0.25)
        + glaze * np.float32(0.05)
    )
    shadow = mix(adjust(colour, lightness=-0.2), palette.near, 0.5)
    sheet = Canvas(part.width, part.height)
    sheet.tone(
        np.clip(level, 0, 1),
        (shadow, mix(shadow, colour, 0.6), colour, mix(colour, palette.light, 0.4)),
    )
    part.lay_planes(body, sheet.planes)
    shine = np.exp(-(((towards - np.float32(0.52)) / np.float32(0.09)) ** 2)) * body
    part.shine(shine * np.float32(0.35), palette.light)
    if kind in _OPEN:
        ring, hollow = (
            ellipse(x, foot - height, mouth, mouth * squash),
            ellipse(x, foot - height, mouth * 0.93, mouth * squash * 0.82),
        )
        canvas.cut([ring], mix(colour, palette.light, 0.3))
        canvas.cut([hollow], mix(shadow, palette.near, 0.4 if lightness(colour) > 0.4 else 0.8))
    elif kind == "bottle":
        canvas.cut(
            [ellipse(x, foot - height, mouth, mouth * 0.3)], mix(colour, palette.light, 0.25)
        )
    elif kind in {"pear", "fruit"}:
        canvas.cut(
            [
                np.array(
                    [
                        (x - 0.003, foot - height * 0.94),
                        (x + 0.008, foot - height * 1.16),
                        (x + 0.014, foot - height * 1.15),
                        (x + 0.004, foot - height * 0.94),
                    ]
                )
            ],
            palette.near,
        )
    elif kind == "candle":
        canvas.glow(x, foot - height - 0.03, 0.12, palette.light, 0.6)
        canvas.cut([ellipse(x, foot - height - 0.028, 0.008, 0.026)], palette.light)
