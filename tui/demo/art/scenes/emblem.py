"""One large silhouette before a rising disc."""

from __future__ import annotations

import numpy as np

from tui.demo.art.brief import Brief, Spot, Stage
from tui.demo.art.canvas import Canvas, Points
from tui.demo.art.colour import Colour, Field, mix
from tui.demo.art.noise import profile, step
from tui.demo.art.scenes.sky import Light, paint_aurora, paint_stars
from tui.demo.art.scenes.woods import pine


def paint_emblem(canvas: Canvas, brief: Brief) -> Stage:
    """Sky, a disc, one dark rise of ground: a poster with room for its hero."""
    hero, disc = _layout(canvas, brief)
    _paint_backdrop(canvas, brief, disc)
    foot = canvas.bottom * brief.between(0.8, 0.84)
    crest = canvas.x[0]
    for depth in (0.0, 0.45, 1.0):
        crest = _paint_rise(canvas, brief, hero, foot, depth)
    top = canvas.at(crest, hero) + 0.014
    return Stage(
        ground=Spot(hero, top, brief.between(0.42, 0.54), 0.95),
        air=Spot(hero, canvas.bottom * 0.62, 0.48, 0.9),
        water=Spot(hero, top, 0.5, 0.95),
    )


def _layout(canvas: Canvas, brief: Brief) -> tuple[float, Light]:
    """Where the hero stands, and the disc: a halo, a vast one that rises, or a small one across."""
    side = brief.between(-1, 1)
    match brief.whole(0, 2):
        case 0:
            hero, x = 0.5 + side * 0.06, 0.5 + side * 0.02
            y, radius = brief.between(0.4, 0.48), brief.between(0.3, 0.37)
        case 1:
            hero, x = 0.5 + side * 0.2, 0.5 - side * 0.1
            y, radius = brief.between(0.6, 0.7), brief.between(0.42, 0.54)
        case _:
            hero, x = 0.5 + side * 0.25, 0.5 - side * 0.3
            y, radius = brief.between(0.2, 0.3), brief.between(0.1, 0.17)
    return hero * canvas.right, Light(x * canvas.right, y * canvas.bottom, radius)


def _paint_backdrop(canvas: Canvas, brief: Brief, disc: Light) -> None:
    palette = brief.palette
    fall = canvas.y / (canvas.bottom * 0.95)
    canvas.tone(fall, (palette.zenith, palette.sky, palette.horizon))
    drift = canvas.clouds(brief.random, 1.8, octaves=6, stretch=4)
    canvas.lay(step(0.05, 0.8, drift) * 0.4, mix(palette.sky, palette.horizon, 0.6))
    if palette.dark:
        paint_stars(canvas, brief, canvas.bottom * 0.8, 220)
    if "aurora" in brief.traits:
        paint_aurora(canvas, brief, canvas.bottom * 0.8)
    if brief.chance(0.35):
        _paint_rays(canvas, brief, disc)
    glow = mix(palette.horizon, palette.light, 0.6)
    canvas.glow(disc.x, disc.y, disc.radius * 1.5, glow, 0.5)
    mottle = canvas.clouds(brief.random, 5, octaves=6)
    fall = (canvas.y - disc.y + disc.radius) / (2 * disc.radius)
    dusk = mix(palette.light, palette.horizon, 0.75)
    canvas.lay_tones(
        canvas.disc(disc.x, disc.y, disc.radius),
        fall * 0.8 + mottle * 0.16,
        (palette.light, mix(palette.light, palette.horizon, 0.35), dusk),
    )
    low = (canvas.y - disc.y - disc.radius * 0.45) / 0.16
    banks = step(0.1, 0.5, drift) * np.exp(-low * low)
    canvas.lay(banks * 0.65, mix(palette.sky, palette.horizon, 0.5))


def _paint_rays(canvas: Canvas, brief: Brief, disc: Light) -> None:
    """Broad stripes of light from the disc, as on old posters."""
    angle = np.arctan2(canvas.y - disc.y, canvas.x - disc.x)
    stripes = step(-0.12, 0.12, np.sin(angle * brief.whole(9, 16) + brief.between(0, 6)))
    fade = np.exp(-canvas.distance(disc.x, disc.y) / 0.9)
    canvas.lay(stripes * fade * 0.4, mix(brief.palette.horizon, brief.palette.light, 0.3))


def _paint_rise(canvas: Canvas, brief: Brief, hero: float, foot: float, depth: float) -> Field:
    """One line of ground, highest under the hero; its crest."""
    palette, snowy = brief.palette, "snow" in brief.traits
    cells = 1.6 - depth * 0.9
    line = profile(brief.random, canvas.width, canvas.right, cells=cells, octaves=6, gain=0.42)
    rise = np.exp(-(((canvas.x[0] - hero) / 0.5) ** 2)) * 0.07 * depth
    crest: Field = foot - 0.07 + 0.12 * depth - line * (0.055 - 0.025 * depth) - rise
    mask, drop = canvas.below(crest), np.clip(canvas.y - crest, 0, None)
    far = mix(palette.far, palette.horizon, 0.35 * (1 - depth))
    tone = mix(far, palette.near, depth**0.8 * 0.9)
    if snowy:
        tone = mix(tone, mix(palette.light, palette.sky, 0.45), 0.72 - 0.2 * depth)
    canvas.lay(mask, tone)
    canvas.lay(np.exp(-drop / 0.01) * mask * 0.5, mix(tone, palette.light, 0.4))
    canvas.lay(np.clip(drop / 0.15, 0, 1) * mask * 0.5 * (1 - depth), palette.horizon)
    dusk = depth * (0.15 if snowy else 0.5)
    canvas.shade(np.clip(drop / 0.3, 0, 1) * mask * dusk, palette.near)
    if depth == 0.45 and brief.chance(0.6):
        _paint_grove(canvas, brief, crest, hero, mix(tone, palette.near, 0.35))
    if depth == 1.0 and not snowy:
        canvas.cut(_grass(canvas, brief, crest), mix(palette.ground, palette.near, 0.8))
    return crest


def _paint_grove(canvas: Canvas, brief: Brief, crest: Field, hero: float, tone: Colour) -> None:
    """Firs at one side, away from the hero."""
    outlines: list[Points] = []
    middle = canvas.right * (0.12 if hero > canvas.right / 2 else 0.88)
    for _ in range(brief.whole(5, 12)):
        x = middle + float(brief.random.normal()) * 0.1 * canvas.right
        if 0 <= x < canvas.right and abs(x - hero) > 0.24:
            outlines += pine(brief, x, canvas.at(crest, x) + 0.01, brief.between(0.12, 0.32))
    canvas.cut(outlines, tone)


def _grass(canvas: Canvas, brief: Brief, crest: Field) -> list[Points]:
    blades = []
    for _ in range(round(70 * canvas.right)):
        x = brief.between(0, canvas.right)
        foot = canvas.at(crest, x) + 0.006
        tip = (x + brief.between(-0.02, 0.02), foot - brief.between(0.02, 0.06))
        blades.append(np.array([(x - 0.003, foot), tip, (x + 0.003, foot)]))
    return blades
