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
    across = canvas.x / canvas.right
    fall = (across if not from_left else 1 - across) * 0.75 + canvas.y / canvas.bottom * 0.25
    canvas.tone(np.ascontiguousarray(fall), wall)
    plaster = clouds(brief.random, canvas.width, canvas.height, cells=3, octaves=7, gain=0.58)
    canvas.shade(np.clip(plaster, 0, 1) * 0.14, palette.zenith)
    paint_wall = (_paint_window_light, _paint_blinds, _paint_niche, _paint_disc)[brief.whole(0, 3)]
    paint_wall(canvas, brief, table, from_left=from_left)
    board = mix(palette.ground, palette.far, 0.35)
    deep = np.clip((canvas.y - table) / (canvas.bottom - table), 0, 1)
    edge = np.full(canvas.width, table, np.float32)
    canvas.lay(canvas.below(edge), board)
    canvas.lay(canvas.below(edge) * deep * 0.75, mix(palette.near, palette.ground, 0.35))
    canvas.lay(
        canvas.below(edge) * np.exp(-deep / 0.05) * 0.35,
        mix(board, palette.light, 0.6),
    )
    grain = clouds(brief.random, canvas.width, canvas.height, cells=4, octaves=5, stretch=14)
    canvas.shade(np.clip(grain, 0, 1) * canvas.below(edge) * 0.3, palette.near)
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
        mix(palette.near, palette.ground, 0.4),
        mix(palette.sky, palette.light, 0.35),
        mix(palette.zenith, palette.far, 0.3),
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
    sheared = canvas.x - x + (canvas.y - (table * 0.45)) * lean
    width, height = brief.between(0.24, 0.34), table * brief.between(0.5, 0.66)
    across = np.abs(sheared) / width
    rows = canvas.y - (table * 0.1)
    pane = (
        step(1.04, 0.96, across)
        * step(-0.012, 0.012, rows)
        * step(height + 0.012, height - 0.012, rows)
    )
    bars = step(0.03, 0.06, across) * step(0.008, 0.02, np.abs(rows - (height * 0.5)))
    canvas.shine(pane * bars * 0.42, mix(brief.palette.horizon, brief.palette.light, 0.6))


def _paint_blinds(canvas: Canvas, brief: Brief, table: float, *, from_left: bool) -> None:
    lean = 0.22 if from_left else -0.22
    rows = (canvas.y + canvas.x * lean) * brief.between(11, 17)
    slats = step(0.1, 0.2, np.abs(rows % 1 - 0.5))
    middle = canvas.right * (0.6 if from_left else 0.4)
    spread = np.exp(-(((canvas.x - middle) / 0.42) ** 2)) * step(table, table - 0.01, canvas.y)
    canvas.shine(slats * spread * 0.38, mix(brief.palette.horizon, brief.palette.light, 0.6))


def _paint_niche(canvas: Canvas, brief: Brief, table: float, *, from_left: bool) -> None:
    palette = brief.palette
    x, half = canvas.right * brief.between(0.42, 0.58), brief.between(0.3, 0.4)
    spring = table * 0.62
    across = np.abs(canvas.x - x)
    legs = step(half + 0.003, half - 0.003, across) * (canvas.y > spring) * (canvas.y < table)
    head = step(half + 0.003, half - 0.003, canvas.distance(x, spring)) * (canvas.y <= spring)
    hollow = legs + head
    towards = (canvas.x - x) / half * (1 if from_left else -1)
    canvas.lay(hollow * 0.75, mix(mix(palette.zenith, palette.near, 0.3), palette.sky, 0.35))
    canvas.lay(hollow * np.clip(towards * 0.6 + 0.25, 0, 1), mix(palette.sky, palette.horizon, 0.6))


def _paint_disc(canvas: Canvas, brief: Brief, table: float, *, from_left: bool) -> None:
    x, reach = canvas.right * (0.3 if from_left else 0.7), brief.between(0.26, 0.36)
    away = canvas.distance(x, table * 0.5) / reach
    tone = mix(brief.palette.horizon, brief.palette.light, 0.5)
    canvas.lay(step(1.006, 0.994, away) * 0.8, mix(brief.palette.accent, tone, 0.55))
    canvas.shine(np.exp(-away) * 0.3, tone)


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
        fade = np.clip(1 - np.abs(part.x - x) / (abs(length) + width), 0, 1)
        part.shade(soft * fade * 0.72, mix(brief.palette.near, brief.palette.zenith, 0.3))


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
    u = part.x - x
    # The foot is round: the column's lower edge follows the front of an ellipse.
    bulge = np.sqrt(np.clip(1 - (u / base) ** 2, 0, 1)) * (base * squash)
    up = (foot + bulge - part.y) / height
    half = _half_width(kind, np.clip((foot - part.y) / height, 0, 1)) * height
    across = u / half
    soft = 1.2 * part.pixel
    body = np.clip((half - np.abs(u)) / soft + 0.5, 0, 1) * np.clip(up * height / soft + 0.5, 0, 1)
    body = body * (part.y > foot - height)
    across = np.clip(across, -1, 1)
    towards = -across if from_left else across
    round_ = np.sqrt(np.clip(1 - across * across, 0, 1))
    glaze = clouds(brief.random, part.width, part.height, cells=2.5, octaves=5)
    level = 0.44 + towards * 0.42 + (round_ - 0.7) * 0.25 + glaze * 0.05
    shadow = mix(adjust(colour, lightness=-0.2), palette.near, 0.5)
    sheet = Canvas(part.width, part.height)
    sheet.tone(
        np.clip(level, 0, 1),
        (shadow, mix(shadow, colour, 0.6), colour, mix(colour, palette.light, 0.4)),
    )
    part.lay_planes(body, sheet.planes)
    shine = np.exp(-(((towards - 0.52) / 0.09) ** 2)) * body
    part.shine(shine * 0.35, palette.light)
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
