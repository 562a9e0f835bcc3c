"""One large silhouette before a rising disc."""

from __future__ import annotations

import numpy as np

from tui.demo.art.brief import Brief, Spot, Stage
from tui.demo.art.canvas import Canvas
from tui.demo.art.colour import Colour, Field, mix
from tui.demo.art.noise import clouds, profile, step
from tui.demo.art.scenes.sky import paint_aurora, paint_stars
from tui.demo.art.scenes.woods import pine


def paint_emblem(canvas: Canvas, brief: Brief) -> Stage:
    """Sky, a great disc, one dark rise of ground: a poster with room for its hero."""
    palette = brief.palette
    side = brief.between(-1, 1)
    layout = brief.whole(0, 2)
    if layout == 0:  # the disc as a halo
        hero, x, y, radius = (
            0.5 + side * 0.06,
            0.5 + side * 0.02,
            brief.between(0.4, 0.48),
            brief.between(0.3, 0.37),
        )
    elif layout == 1:  # a vast disc that rises behind the hill
        hero, x, y, radius = (
            0.5 + side * 0.2,
            0.5 - side * 0.1,
            brief.between(0.6, 0.7),
            brief.between(0.42, 0.54),
        )
    else:  # a small one, high, across from the hero
        hero, x, y, radius = (
            0.5 + side * 0.25,
            0.5 - side * 0.3,
            brief.between(0.2, 0.3),
            brief.between(0.1, 0.17),
        )
    hero, x, y = hero * canvas.right, x * canvas.right, y * canvas.bottom
    canvas.tone(
        np.clip(canvas.y / (canvas.bottom * 0.95), 0, 1),
        (palette.zenith, palette.sky, palette.horizon),
    )
    drift = canvas.clouds(brief.random, 1.8, octaves=6, stretch=4)
    canvas.lay(step(0.05, 0.8, drift) * 0.4, mix(palette.sky, palette.horizon, 0.6))
    if palette.dark:
        paint_stars(canvas, brief, canvas.bottom * 0.8, 220)
    if "aurora" in brief.traits:
        paint_aurora(canvas, brief, canvas.bottom * 0.8)
    if brief.chance(0.35):
        _paint_rays(canvas, brief, x, y)
    canvas.glow(x, y, radius * 1.5, mix(palette.horizon, palette.light, 0.6), 0.5)
    mottle = canvas.clouds(brief.random, 5, octaves=6)
    face = Canvas(canvas.width, canvas.height)
    fall = (canvas.y - (y - radius)) / (2 * radius)
    face.tone(
        np.clip(fall * 0.8 + mottle * 0.16, 0, 1),
        (
            palette.light,
            mix(palette.light, palette.horizon, 0.35),
            mix(palette.light, palette.horizon, 0.75),
        ),
    )
    canvas.lay_planes(canvas.disc(x, y, radius), face.planes)
    bands = step(0.1, 0.5, drift) * np.exp(-(((canvas.y - (y + radius * 0.45)) / 0.16) ** 2))
    canvas.lay(bands * 0.65, mix(palette.sky, palette.horizon, 0.5))
    foot = canvas.bottom * brief.between(0.8, 0.84)
    for depth in (0.0, 0.45, 1.0):
        line = profile(
            brief.random, canvas.width, canvas.right, cells=1.6 - depth * 0.9, octaves=6, gain=0.42
        )
        rise = np.exp(-(((canvas.x[0] - hero) / 0.5) ** 2)) * (0.07 * depth)
        base = foot - 0.07 * (1 - depth) + 0.05 * depth
        crest = base - line * (0.055 - 0.025 * depth) - rise
        mask = canvas.below(crest)
        tone = mix(
            mix(palette.far, palette.horizon, 0.35 * (1 - depth)), palette.near, depth**0.8 * 0.9
        )
        if "snow" in brief.traits:
            tone = mix(tone, mix(palette.light, palette.sky, 0.45), 0.72 - 0.2 * depth)
        canvas.lay(mask, tone)
        drop = np.clip(canvas.y - crest, 0, None)
        canvas.lay(np.exp(-drop / 0.01) * mask * 0.5, mix(tone, palette.light, 0.4))
        canvas.lay(
            np.clip(drop / 0.15, 0, 1) * mask * (0.5 * (1 - depth)),
            palette.horizon,
        )
        canvas.shade(
            np.clip(drop / 0.3, 0, 1) * mask * (depth * (0.15 if "snow" in brief.traits else 0.5)),
            palette.near,
        )
        if depth == 0.45 and brief.chance(0.6):
            _paint_grove(canvas, brief, crest, hero, mix(tone, palette.near, 0.35))
    top = canvas.at(crest, hero)
    grass = [
        np.array(
            [
                (a - 0.003, b),
                (a + brief.between(-0.02, 0.02), b - brief.between(0.02, 0.06)),
                (a + 0.003, b),
            ]
        )
        for a in brief.random.random(round(70 * canvas.right)) * canvas.right
        for b in [canvas.at(crest, a) + 0.006]
    ]
    if "snow" not in brief.traits:
        canvas.cut(grass, mix(palette.ground, palette.near, 0.8))
    return Stage(
        ground=Spot(hero, top + 0.014, brief.between(0.42, 0.54), 0.95),
        air=Spot(hero, canvas.bottom * 0.62, 0.48, 0.9),
        water=Spot(hero, top + 0.014, 0.5, 0.95),
    )


def _paint_rays(canvas: Canvas, brief: Brief, x: float, y: float) -> None:
    """Broad stripes of light from the disc, as on old posters."""
    angle = np.arctan2(canvas.y - y, canvas.x - x)
    stripes = step(
        -0.12,
        0.12,
        np.sin(angle * brief.whole(9, 16) + brief.between(0, 6)),
    )
    fade = np.exp(-canvas.distance(x, y) / 0.9)
    canvas.lay(stripes * fade * 0.4, mix(brief.palette.horizon, brief.palette.light, 0.3))


def _paint_grove(canvas: Canvas, brief: Brief, crest: Field, hero: float, tone: Colour) -> None:
    """Firs at one side, away from the hero."""
    outlines = []
    near = 0.12 if hero > canvas.right / 2 else 0.88
    for _ in range(brief.whole(5, 12)):
        x = canvas.right * near + float(brief.random.normal()) * 0.1 * canvas.right
        if 0 <= x < canvas.right and abs(x - hero) > 0.24:
            foot = canvas.at(crest, x) + 0.01
            outlines += pine(brief, x, foot, brief.between(0.12, 0.32))
    canvas.cut(outlines, tone)
