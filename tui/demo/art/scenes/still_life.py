"""Vessels and fruit on a table, lit from one side."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from tui.demo.art.brief import Brief
from tui.demo.art.canvas import Canvas
from tui.demo.art.colour import Colour, Field, adjust, lightness, mix
from tui.demo.art.noise import blur, step
from tui.demo.art.outlines import ellipse

# Half the width at heights from foot (0) to mouth (1), in parts of the height.
_OUTLINES = {
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
_HEIGHTS = {"bowl": 0.12, "cup": 0.13, "candle": 0.3, "pear": 0.16, "fruit": 0.16}
_OPEN = {"vase", "jar", "bowl", "cup", "carafe"}
_TALL = ("bottle", "carafe", "vase", "jar")
_SMALL = ("bowl", "cup", "pear", "fruit", "fruit")
_SQUASH = 0.2  # how flat a circle on the table looks


@dataclass(frozen=True, slots=True)
class _Thing:
    """One thing on the table: the middle of its foot, its height, what it is, its colour."""

    x: float
    foot: float
    height: float
    kind: str
    colour: Colour


def paint_still_life(canvas: Canvas, brief: Brief) -> None:
    """A wall with a fall of light, a table, and things that overlap."""
    palette = brief.palette
    table = canvas.bottom * brief.between(0.6, 0.68)
    from_left = brief.chance(0.5)
    across = canvas.x / canvas.right
    fall = (1 - across if from_left else across) * 0.75 + canvas.y / canvas.bottom * 0.25
    canvas.tone(
        fall,
        (
            mix(palette.sky, palette.zenith, 0.35),
            palette.sky,
            mix(palette.sky, palette.horizon, 0.7),
        ),
    )
    plaster = canvas.clouds(brief.random, 3, octaves=7, gain=0.58)
    canvas.shade(np.clip(plaster, 0, 1) * 0.14, palette.zenith)
    paint_light = (_paint_window, _paint_blinds, _paint_niche, _paint_disc)[brief.whole(0, 3)]
    paint_light(canvas, brief, table, from_left=from_left)
    _paint_table(canvas, brief, table)
    things = _arrange(canvas, brief, table)
    for thing in things:
        _paint_shadow(canvas, brief, thing, from_left=from_left)
    for thing in things:
        _paint_thing(canvas, brief, thing, from_left=from_left)


def _paint_window(canvas: Canvas, brief: Brief, table: float, *, from_left: bool) -> None:
    """The light of a window with a cross, thrown askew."""
    lean = brief.between(0.25, 0.5) * (-1 if from_left else 1)
    x = canvas.right * (0.62 if from_left else 0.38)
    sheared = canvas.x - x + (canvas.y - table * 0.45) * lean
    width, height = brief.between(0.24, 0.34), table * brief.between(0.5, 0.66)
    across, rows = np.abs(sheared) / width, canvas.y - table * 0.1
    upright = step(-0.012, 0.012, rows) * step(height + 0.012, height - 0.012, rows)
    cross = step(0.03, 0.06, across) * step(0.008, 0.02, np.abs(rows - height / 2))
    pane = step(1.04, 0.96, across) * upright * cross
    canvas.shine(pane * 0.42, mix(brief.palette.horizon, brief.palette.light, 0.6))


def _paint_blinds(canvas: Canvas, brief: Brief, table: float, *, from_left: bool) -> None:
    """Stripes of light from a blind."""
    rows = (canvas.y + canvas.x * (0.22 if from_left else -0.22)) * brief.between(11, 17)
    slats = step(0.1, 0.2, np.abs(rows % 1 - 0.5))
    middle = canvas.right * (0.6 if from_left else 0.4)
    spread = np.exp(-(((canvas.x - middle) / 0.42) ** 2)) * step(table, table - 0.01, canvas.y)
    canvas.shine(slats * spread * 0.38, mix(brief.palette.horizon, brief.palette.light, 0.6))


def _paint_niche(canvas: Canvas, brief: Brief, table: float, *, from_left: bool) -> None:
    """An arched recess in the wall."""
    palette = brief.palette
    x, half = canvas.right * brief.between(0.42, 0.58), brief.between(0.3, 0.4)
    spring = table * 0.62
    legs = step(half + 0.003, half - 0.003, np.abs(canvas.x - x)) * (canvas.y > spring)
    head = step(half + 0.003, half - 0.003, canvas.distance(x, spring)) * (canvas.y <= spring)
    hollow = (legs + head) * (canvas.y < table)
    towards = (canvas.x - x) / half * (1 if from_left else -1)
    canvas.lay(hollow * 0.75, mix(mix(palette.zenith, palette.near, 0.3), palette.sky, 0.35))
    canvas.lay(hollow * np.clip(towards * 0.6 + 0.25, 0, 1), mix(palette.sky, palette.horizon, 0.6))


def _paint_disc(canvas: Canvas, brief: Brief, table: float, *, from_left: bool) -> None:
    """A round of coloured light on the wall."""
    x, reach = canvas.right * (0.3 if from_left else 0.7), brief.between(0.26, 0.36)
    away = canvas.distance(x, table * 0.5) / reach
    tone = mix(brief.palette.horizon, brief.palette.light, 0.5)
    canvas.lay(step(1.006, 0.994, away) * 0.8, mix(brief.palette.accent, tone, 0.55))
    canvas.shine(np.exp(-away) * 0.3, tone)


def _paint_table(canvas: Canvas, brief: Brief, table: float) -> None:
    palette = brief.palette
    board = mix(palette.ground, palette.far, 0.35)
    top = canvas.below(np.full(canvas.width, table, np.float32))
    deep = np.clip((canvas.y - table) / (canvas.bottom - table), 0, 1)
    canvas.lay(top, board)
    canvas.lay(top * deep * 0.75, mix(palette.near, palette.ground, 0.35))
    canvas.lay(top * np.exp(-deep / 0.05) * 0.35, mix(board, palette.light, 0.6))
    grain = canvas.clouds(brief.random, 4, octaves=5, stretch=14)
    canvas.shade(np.clip(grain, 0, 1) * top * 0.3, palette.near)


def _arrange(canvas: Canvas, brief: Brief, table: float) -> list[_Thing]:
    """Tall things at the back, small ones before them; one of them in the accent."""
    palette = brief.palette
    colours = (
        mix(palette.horizon, palette.light, 0.5),
        palette.far,
        mix(palette.near, palette.ground, 0.4),
        mix(palette.sky, palette.light, 0.35),
        mix(palette.zenith, palette.far, 0.3),
        mix(palette.ground, palette.horizon, 0.5),
    )
    kinds = _kinds(canvas, brief)
    half = (len(kinds) + 1) // 2
    size = 1.0 if any(kind in _TALL for kind in kinds) else 1.7
    middle = canvas.right * brief.between(0.42, 0.58)
    spread = min(canvas.right * 0.36, 0.2 * len(kinds))
    things: list[_Thing] = []
    for index, kind in enumerate(kinds):
        back = index < half
        part = (index % half + 0.5) / half * 2 - 1
        x = middle + part * spread + brief.between(-0.05, 0.05) + (0 if back else spread * 0.25)
        reach = brief.between(0.2, 0.34) if back else brief.between(0.45, 0.66)
        height = brief.between(0.34, 0.52)
        if kind in _HEIGHTS:
            height = _HEIGHTS[kind] * brief.between(0.9, 1.3) * size
        colour = colours[(index + brief.whole(0, 1)) % len(colours)]
        things.append(_Thing(x, table + (canvas.bottom - table) * reach, height, kind, colour))
    chosen = brief.whole(0, len(things) - 1)
    things[chosen] = replace(things[chosen], colour=palette.accent)
    return sorted(things, key=lambda thing: thing.foot)


def _kinds(canvas: Canvas, brief: Brief) -> list[str]:
    """What stands on the table, the back row first; what the prompt names is among it."""
    named = [kind for kind in _OUTLINES if kind in brief.traits]
    if named and brief.number > 1:
        return (named * brief.number)[: brief.number]
    count = max(3, round(brief.between(3.2, 4.6) * min(canvas.right, 3)))
    back = [_TALL[brief.whole(0, len(_TALL) - 1)] for _ in range((count + 1) // 2)]
    front = [_SMALL[brief.whole(0, len(_SMALL) - 1)] for _ in range(count // 2)]
    for row in (back, front):
        fitting = [kind for kind in named if (kind in _TALL) == (row is back)]
        row[: len(fitting)] = fitting
    return back + front


def _paint_shadow(canvas: Canvas, brief: Brief, thing: _Thing, *, from_left: bool) -> None:
    width = max(_OUTLINES[thing.kind]) * thing.height
    length = min(thing.height * 1.3, 0.42) * (1 if from_left else -1)
    near = ellipse(thing.x, thing.foot, width * 0.8, width * 0.22)
    end = thing.foot - abs(length) * 0.14
    outline = np.concatenate([near, ellipse(thing.x + length, end, width * 0.5, width * 0.12)])
    across, down = (outline - outline.mean(axis=0)).T
    drawn = canvas.polygons([outline[np.argsort(np.arctan2(down, across))]], margin=0.05)
    if drawn is not None:
        part, mask = drawn
        fade = np.clip(1 - np.abs(part.x - thing.x) / (abs(length) + width), 0, 1)
        tone = mix(brief.palette.near, brief.palette.zenith, 0.3)
        part.shade(blur(mask, 0.014 * canvas.unit) * fade * 0.72, tone)


def _paint_thing(canvas: Canvas, brief: Brief, thing: _Thing, *, from_left: bool) -> None:
    """A turned body: dark on the far side, a streak of gloss on the near one."""
    palette, colour, height = brief.palette, thing.colour, thing.height
    outline = _OUTLINES[thing.kind]
    reach, top = max(outline) * height + 0.02, thing.foot - height
    window = canvas.window(thing.x - reach, top - 0.06, thing.x + reach, thing.foot + reach * 0.3)
    if window is None:
        return
    part = canvas.part(*window)
    aside = part.x - thing.x
    half = _half_width(outline, (thing.foot - part.y) / height) * height
    base, soft = outline[0] * height, 1.2 * part.pixel
    # The foot is round: the lower edge follows the front of an ellipse.
    bulge = np.sqrt(np.clip(1 - (aside / base) ** 2, 0, 1)) * (base * _SQUASH)
    body = np.clip((half - np.abs(aside)) / soft + 0.5, 0, 1) * (part.y > top)
    body = body * np.clip((thing.foot + bulge - part.y) / soft + 0.5, 0, 1)
    towards = np.clip(aside / half, -1, 1) * (-1 if from_left else 1)
    round_ = np.sqrt(1 - towards * towards)
    glaze = part.clouds(brief.random, 2.5, octaves=5)
    shadow = mix(adjust(colour, lightness=-0.2), palette.near, 0.5)
    part.lay_tones(
        body,
        0.44 + towards * 0.42 + (round_ - 0.7) * 0.25 + glaze * 0.05,
        (shadow, mix(shadow, colour, 0.6), colour, mix(colour, palette.light, 0.4)),
    )
    part.shine(np.exp(-(((towards - 0.52) / 0.09) ** 2)) * body * 0.35, palette.light)
    _paint_top(canvas, brief, thing, shadow)


def _half_width(outline: tuple[float, ...], part: Field) -> Field:
    """The outline's half width at `part` of its height, its knots rounded off."""
    fine = np.linspace(0, 1, 129)
    widths = np.interp(fine, np.linspace(0, 1, len(outline)), outline)
    kernel = np.hanning(15)
    widths = np.convolve(np.pad(widths, 7, mode="edge"), kernel / kernel.sum(), mode="valid")
    return np.interp(part, fine, widths).astype(np.float32)


def _paint_top(canvas: Canvas, brief: Brief, thing: _Thing, shadow: Colour) -> None:
    """A mouth, a stalk or a flame."""
    palette = brief.palette
    x, top = thing.x, thing.foot - thing.height
    mouth = _OUTLINES[thing.kind][-1] * thing.height
    if thing.kind in _OPEN:
        canvas.cut([ellipse(x, top, mouth, mouth * _SQUASH)], mix(thing.colour, palette.light, 0.3))
        depth = 0.4 if lightness(thing.colour) > 0.4 else 0.8
        hollow = ellipse(x, top, mouth * 0.93, mouth * _SQUASH * 0.82)
        canvas.cut([hollow], mix(shadow, palette.near, depth))
    elif thing.kind == "bottle":
        canvas.cut([ellipse(x, top, mouth, mouth * 0.3)], mix(thing.colour, palette.light, 0.25))
    elif thing.kind == "candle":
        canvas.glow(x, top - 0.03, 0.12, palette.light, 0.6)
        canvas.cut([ellipse(x, top - 0.028, 0.008, 0.026)], palette.light)
    else:
        root, tip = top + thing.height * 0.06, top - thing.height * 0.16
        stalk = [(x - 0.003, root), (x + 0.008, tip), (x + 0.014, tip), (x + 0.004, root)]
        canvas.cut([np.array(stalk)], palette.near)
