"""A head in profile before a disc of light."""

from __future__ import annotations


import numpy as np

from tui.demo.art.brief import Brief
from tui.demo.art.canvas import Canvas, Points
from tui.demo.art.colour import Colour, adjust, from_hex, mix
from tui.demo.art.noise import blur, clouds, step
from tui.demo.art.outlines import ellipse, place, smooth, stroke

# Facing left; the head's height, crown to chin, is 1 and its middle the origin.
_RED = from_hex("#b8352f")
_FACE = (
    (0.05, -0.50), (-0.20, -0.42), (-0.325, -0.24), (-0.345, -0.09), (-0.318, -0.015),
    (-0.365, 0.08), (-0.432, 0.172), (-0.405, 0.203), (-0.338, 0.215), (-0.357, 0.262),
    (-0.322, 0.292), (-0.348, 0.328), (-0.303, 0.368), (-0.318, 0.43), (-0.262, 0.496),
    (-0.13, 0.475), (-0.015, 0.43), (0.005, 0.56), (-0.03, 0.74), (-0.13, 0.88), (-0.40, 0.99),
    (-0.62, 1.25), (-0.66, 1.7), (0.9, 1.7), (0.80, 1.22), (0.60, 0.98), (0.34, 0.84), (0.26, 0.64),
    (0.29, 0.40), (0.41, 0.12), (0.445, -0.14), (0.34, -0.40),
)  # fmt: skip
_GARMENT = (
    (0.02, 0.70), (-0.14, 0.90), (-0.42, 0.98), (-0.64, 1.22), (-0.72, 1.75), (1.0, 1.75),
    (0.86, 1.2), (0.62, 0.95), (0.36, 0.80), (0.27, 0.66), (0.16, 0.80),
)  # fmt: skip
_BEARD = (
    (0.03, 0.06),
    (-0.02, 0.22),
    (-0.12, 0.27),
    (-0.20, 0.255),
    (-0.33, 0.235),
    (-0.385, 0.265),
    (-0.345, 0.30),
    (-0.25, 0.31),
    (-0.245, 0.345),
    (-0.33, 0.375),
    (-0.37, 0.50),
    (-0.33, 0.64),
    (-0.22, 0.72),
    (-0.10, 0.62),
    (0.02, 0.48),
    (0.10, 0.26),
    (0.10, 0.10),
)
_HAIR = {
    "bun": (
        (-0.28, -0.33), (-0.18, -0.50), (0.06, -0.575), (0.36, -0.47), (0.50, -0.20), (0.47, 0.08),
        (0.35, 0.34), (0.25, 0.40), (0.17, 0.24), (0.09, 0.10), (0.02, 0.05), (-0.04, -0.08), (-0.13, -0.22),
    ),
    "long": (
        (-0.28, -0.33), (-0.18, -0.50), (0.06, -0.59), (0.38, -0.50), (0.54, -0.20), (0.55, 0.20),
        (0.62, 0.60), (0.60, 1.05), (0.46, 1.35), (0.22, 1.25), (0.10, 0.95), (0.16, 0.55),
        (0.08, 0.28), (0.02, 0.08), (-0.06, -0.08), (-0.14, -0.22),
    ),
    "crop": (
        (-0.30, -0.30), (-0.26, -0.46), (0.02, -0.585), (0.34, -0.50), (0.48, -0.22), (0.45, 0.08),
        (0.36, 0.30), (0.27, 0.33), (0.19, 0.10), (0.05, 0.05), (0.0, -0.10), (-0.08, -0.20),
    ),
    "wrap": (
        (-0.30, -0.29), (-0.26, -0.52), (0.02, -0.70), (0.38, -0.66), (0.60, -0.40), (0.56, -0.10),
        (0.38, 0.08), (0.20, 0.06), (0.04, -0.06), (-0.12, -0.20),
    ),
}  # fmt: skip


def paint_portrait(canvas: Canvas, brief: Brief) -> None:
    """Profile, hair in strands, garment, and a halo that carries the head."""
    palette = brief.palette
    flip = brief.chance(0.5)
    size = brief.between(0.44, 0.5)
    x = canvas.right * 0.5 + brief.between(-0.04, 0.04)
    y = max(canvas.bottom - size * brief.between(1.12, 1.24), size * 0.8)
    _paint_backdrop(canvas, brief, x, y, size)
    skin = mix(mix(palette.horizon, palette.light, 0.45), palette.far, brief.between(0.0, 0.55))
    shadow = mix(adjust(skin, lightness=-0.16), palette.near, 0.5)
    head = place(smooth(_FACE), x, y, size, flip=flip)
    drawn = canvas.polygons([head])
    if drawn is not None:
        part, mask = drawn
        across = (part.x - x) / (size * (-1 if flip else 1))
        down = (part.y - y) / size
        grain = clouds(brief.random, part.width, part.height, cells=3, octaves=6, gain=0.6)
        turned = step(-0.42, 0.42, across + grain * 0.07 + down * 0.12)
        under = (
            step(0.40, 0.56, down + across * 0.22)
            * step(1.05, 0.6, down)
            * step(-0.34, -0.1, across)
        )
        socket = np.exp(-(((across + 0.245) / 0.085) ** 2 + ((down - 0.0) / 0.055) ** 2))
        cheek = np.exp(-(((across + 0.16) / 0.12) ** 2 + ((down - 0.2) / 0.1) ** 2))
        level = np.clip(1 - turned * 0.66 - under * 0.36 - socket * 0.3, 0, 1)
        sheet = Canvas(part.width, part.height)
        sheet.tone(
            level, (mix(shadow, palette.near, 0.5), shadow, skin, mix(skin, palette.light, 0.6))
        )
        part.lay_planes(mask, sheet.planes)
        part.lay(cheek * mask * 0.3, mix(palette.accent, skin, 0.3))

    def at(points: Points | list[tuple[float, float]]) -> Points:
        return place(np.asarray(points), x, y, size, flip=flip)

    _paint_features(canvas, brief, at, size, shadow)
    style = _style(brief)
    if "beard" in brief.traits:
        _paint_strands(
            canvas, brief, [at(smooth(_BEARD))], x, y, size, _hair_tone(brief, style), flip=flip
        )
    _paint_garment(canvas, brief, at, x, y, size, flip=flip)
    _paint_hair(canvas, brief, at, x, y, size, style, flip=flip)


def _style(brief: Brief) -> str:
    for trait, style in (("man", "crop"), ("turban", "wrap"), ("old", "bun")):
        if trait in brief.traits:
            return style
    return list(_HAIR)[brief.whole(0, len(_HAIR) - 1)]


def _paint_backdrop(canvas: Canvas, brief: Brief, x: float, y: float, size: float) -> None:
    palette = brief.palette
    field = clouds(brief.random, canvas.width, canvas.height, cells=2, octaves=6, gain=0.55)
    fall = canvas.y / canvas.bottom
    canvas.tone(
        np.clip(0.75 - fall * 0.55 + field * 0.28, 0, 1),
        (mix(palette.zenith, palette.near, 0.4), palette.zenith, palette.sky),
    )
    radius = size * brief.between(0.78, 0.92)
    cx, cy = x + size * 0.04, y - size * 0.06
    halo = mix(palette.horizon, palette.accent, 0.25 if brief.chance(0.5) else 0.0)
    canvas.glow(cx, cy, radius * 1.1, halo, 0.35)
    disc = canvas.disc(cx, cy, radius)
    away = canvas.distance(cx, cy) / radius
    sheet_value = np.clip(away + field * 0.14, 0, 1)
    inner = Canvas(canvas.width, canvas.height)
    inner.tone(sheet_value, (mix(halo, palette.light, 0.55), halo, mix(halo, palette.sky, 0.35)))
    canvas.lay_planes(disc, inner.planes)
    if brief.chance(0.5):
        count = brief.whole(28, 60)
        angle = np.arctan2(canvas.y - cy, canvas.x - cx)
        rays = step(0.35, 0.6, np.abs(np.sin(angle * (count / 2))))
        band = step(1.03, 1.05, away) * step(1.25, 1.23, away)
        canvas.lay(rays * band * 0.75, mix(halo, palette.light, 0.3))
    for ring in range(brief.whole(0, 2)):
        edge = 1.08 + 0.07 * ring
        canvas.lay(
            step(0.012, 0.006, np.abs(away - edge)) * 0.8,
            mix(halo, palette.light, 0.3),
        )


def _paint_features(canvas: Canvas, brief: Brief, at, size: float, shadow: Colour) -> None:
    palette = brief.palette
    ink = mix(shadow, palette.near, 0.7)
    brow = smooth([(-0.325, -0.085), (-0.25, -0.115), (-0.15, -0.08)], closed=False)
    lid = smooth([(-0.30, 0.005), (-0.255, 0.028), (-0.205, 0.012), (-0.175, -0.006)], closed=False)
    crease = smooth([(-0.295, -0.025), (-0.245, -0.038), (-0.185, -0.018)], closed=False)
    canvas.cut([at(stroke(brow, 0.03))], ink)
    canvas.cut(
        [at(stroke(lid, 0.016)), at(np.array([(-0.30, 0.004), (-0.345, 0.028), (-0.285, 0.02)]))],
        ink,
    )
    canvas.cut([at(stroke(crease, 0.007))], ink, opacity=0.6)
    lips = mix(
        adjust(mix(_RED, palette.accent, 0.25), lightness=-0.05),
        shadow,
        0.75 if "man" in brief.traits else 0.2,
    )
    canvas.cut(
        [at(smooth([(-0.357, 0.262), (-0.325, 0.256), (-0.255, 0.293), (-0.322, 0.294)]))],
        mix(lips, ink, 0.3),
    )
    canvas.cut(
        [at(smooth([(-0.322, 0.296), (-0.255, 0.294), (-0.29, 0.338), (-0.346, 0.33)]))], lips
    )
    canvas.cut(
        [at(stroke(smooth([(-0.352, 0.2), (-0.33, 0.178), (-0.312, 0.2)], closed=False), 0.016))],
        ink,
        opacity=0.6,
    )
    ear = smooth(
        [(0.03, -0.04), (0.10, -0.07), (0.135, 0.0), (0.10, 0.09), (0.06, 0.135), (0.035, 0.08)]
    )
    canvas.cut([at(ear)], mix(shadow, palette.horizon, 0.3))
    canvas.cut(
        [
            at(
                stroke(
                    smooth([(0.05, 0.0), (0.095, -0.03), (0.1, 0.03), (0.065, 0.09)], closed=False),
                    0.014,
                )
            )
        ],
        ink,
        opacity=0.5,
    )


def _paint_garment(
    canvas: Canvas, brief: Brief, at, x: float, y: float, size: float, *, flip: bool
) -> None:
    palette = brief.palette
    cloth = palette.accent if brief.chance(0.45) else mix(palette.near, palette.zenith, 0.45)
    drawn = canvas.polygons([at(smooth(_GARMENT))])
    if drawn is None:
        return
    part, mask = drawn
    across = (part.x - x) / (size * (-1 if flip else 1))
    down = (part.y - y) / size
    folds = clouds(brief.random, part.width, part.height, cells=3, octaves=4, stretch=0.3)
    level = 0.62 - step(-0.5, 0.8, across) * 0.5 + folds * 0.3 - step(0.8, 1.5, down) * 0.15
    sheet = Canvas(part.width, part.height)
    sheet.tone(
        np.clip(level, 0, 1),
        (mix(cloth, palette.near, 0.75), cloth, mix(cloth, palette.light, 0.3)),
    )
    part.lay_planes(mask, sheet.planes)
    collar = smooth([(0.27, 0.64), (0.15, 0.79), (0.0, 0.74), (-0.06, 0.80)], closed=False)
    canvas.cut([at(stroke(collar, 0.05, taper=0.6))], mix(cloth, palette.light, 0.45))


def _paint_hair(
    canvas: Canvas, brief: Brief, at, x: float, y: float, size: float, style: str, *, flip: bool
) -> None:
    palette = brief.palette
    outlines = [at(smooth(_HAIR[style]))]
    if style == "bun":
        outlines.append(at(ellipse(0.53, 0.0 - brief.between(0.0, 0.3), 0.17, 0.16)))
    _paint_strands(canvas, brief, outlines, x, y, size, _hair_tone(brief, style), flip=flip)
    if "man" not in brief.traits and (style in {"bun", "wrap"} or brief.chance(0.4)):
        canvas.cut(
            [at(ellipse(0.068, 0.17, 0.022, 0.03))],
            palette.accent if style != "wrap" else palette.light,
        )
        canvas.cut([at(ellipse(0.062, 0.16, 0.007, 0.009))], palette.light)


def _hair_tone(brief: Brief, style: str) -> Colour:
    palette = brief.palette
    if style == "wrap":
        return mix(palette.accent, palette.near, 0.2)
    if "old" in brief.traits:
        return mix(palette.light, palette.far, 0.35)
    return mix(palette.near, palette.ground, 0.3)


def _paint_strands(
    canvas: Canvas,
    brief: Brief,
    outlines: list[Points],
    x: float,
    y: float,
    size: float,
    tone: Colour,
    *,
    flip: bool,
) -> None:
    palette = brief.palette
    drawn = canvas.polygons(outlines)
    if drawn is None:
        return
    part, mask = drawn
    across = (part.x - x) / (size * (-1 if flip else 1))
    down = (part.y - y) / size
    around = np.sqrt((across - 0.08) ** 2 + (down + 0.05) ** 2)
    angle = np.arctan2(down + 0.05, across - 0.08)
    flow = around * 9 + np.sin(angle * 2) * 0.5 + down * 1.5
    wobble = clouds(brief.random, part.width, part.height, cells=4, octaves=5)
    strands = np.sin((flow + wobble * 0.6) * 5.5) * 0.5 + np.sin((flow + wobble) * 14) * 0.35
    gloss = np.exp(-(((angle + 2.0) / 0.55) ** 2))
    level = 0.34 + strands * 0.2 + gloss * 0.34 - across * 0.18
    sheet = Canvas(part.width, part.height)
    sheet.tone(
        np.clip(level, 0, 1), (mix(tone, palette.near, 0.75), tone, mix(tone, palette.horizon, 0.6))
    )
    part.shade(blur(mask, 0.012 * canvas.unit) * 0.3, palette.near)
    part.lay_planes(mask, sheet.planes)
