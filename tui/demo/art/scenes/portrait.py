"""A head in profile before a disc of light."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tui.demo.art.brief import Brief
from tui.demo.art.canvas import Canvas, Points
from tui.demo.art.colour import Colour, Field, adjust, from_hex, mix
from tui.demo.art.noise import blur, step
from tui.demo.art.outlines import ellipse, path, place, smooth, stroke

# Facing left, y downwards; the head's height, crown to chin, is 1 and its middle the origin.
_FACE = path(
    ".05,-.5 -.2,-.42 -.325,-.24 -.345,-.09 -.318,-.015 -.365,.08 -.432,.172 -.405,.203 -.338,.215 "
    "-.357,.262 -.322,.292 -.348,.328 -.303,.368 -.318,.43 -.262,.496 -.13,.475 -.015,.43 .005,.56 "
    "-.03,.74 -.13,.88 -.4,.99 -.62,1.25 -.66,1.7 .9,1.7 .8,1.22 .6,.98 .34,.84 .26,.64 .29,.4 "
    ".41,.12 .445,-.14 .34,-.4"
)
_GARMENT = path(
    ".02,.7 -.14,.9 -.42,.98 -.64,1.22 -.72,1.75 1,1.75 .86,1.2 .62,.95 .36,.8 .27,.66 .16,.8"
)
_COLLAR = path(".27,.64 .15,.79 0,.74 -.06,.8")
_BEARD = path(
    ".03,.06 -.02,.22 -.12,.27 -.2,.255 -.33,.235 -.385,.265 -.345,.3 -.25,.31 -.245,.345 "
    "-.33,.375 -.37,.5 -.33,.64 -.22,.72 -.1,.62 .02,.48 .1,.26 .1,.1"
)
_BROW, _LID, _CREASE = (
    path("-.325,-.085 -.25,-.115 -.15,-.08"),
    path("-.3,.005 -.255,.028 -.205,.012 -.175,-.006"),
    path("-.295,-.025 -.245,-.038 -.185,-.018"),
)
_LASHES = path("-.3,.004 -.345,.028 -.285,.02")
_UPPER_LIP = path("-.357,.262 -.325,.256 -.255,.293 -.322,.294")
_LOWER_LIP = path("-.322,.296 -.255,.294 -.29,.338 -.346,.33")
_NOSTRIL = path("-.352,.2 -.33,.178 -.312,.2")
_EAR = path(".03,-.04 .1,-.07 .135,0 .1,.09 .06,.135 .035,.08")
_EAR_FOLD = path(".05,0 .095,-.03 .1,.03 .065,.09")
_HAIR = {
    "bun": path(
        "-.28,-.33 -.18,-.5 .06,-.575 .36,-.47 .5,-.2 .47,.08 .35,.34 .25,.4 .17,.24 .09,.1 "
        ".02,.05 -.04,-.08 -.13,-.22"
    ),
    "long": path(
        "-.28,-.33 -.18,-.5 .06,-.59 .38,-.5 .54,-.2 .55,.2 .62,.6 .6,1.05 .46,1.35 .22,1.25 "
        ".1,.95 .16,.55 .08,.28 .02,.08 -.06,-.08 -.14,-.22"
    ),
    "crop": path(
        "-.3,-.3 -.26,-.46 .02,-.585 .34,-.5 .48,-.22 .45,.08 .36,.3 .27,.33 .19,.1 .05,.05 "
        "0,-.1 -.08,-.2"
    ),
    "wrap": path(
        "-.3,-.29 -.26,-.52 .02,-.7 .38,-.66 .6,-.4 .56,-.1 .38,.08 .2,.06 .04,-.06 -.12,-.2"
    ),
}
_LIP_RED = from_hex("#b8352f")


@dataclass(frozen=True, slots=True)
class _Head:
    """Where the head is on a canvas: its middle, its height, and which way it looks."""

    canvas: Canvas
    x: float
    y: float
    size: float
    flip: bool

    def cut(self, outline: Points, colour: Colour, *, opacity: float = 1.0) -> None:
        placed = place(outline, self.x, self.y, self.size, flip=self.flip)
        self.canvas.cut([placed], colour, opacity=opacity)

    def draw(self, line: Points, width: float, colour: Colour, *, opacity: float = 1.0) -> None:
        self.cut(stroke(smooth(line, closed=False), width), colour, opacity=opacity)

    def polygons(self, outlines: Sequence[Points]) -> tuple[Canvas, Field] | None:
        return self.canvas.polygons(
            [place(outline, self.x, self.y, self.size, flip=self.flip) for outline in outlines]
        )

    def measures(self, part: Canvas) -> tuple[Field, Field]:
        """Each pixel's place in the head's own measure, as if it looked to the left."""
        across = (part.x - self.x) / (-self.size if self.flip else self.size)
        return across, (part.y - self.y) / self.size


def paint_portrait(canvas: Canvas, brief: Brief) -> None:
    """Profile, hair in strands, garment, and a halo that carries the head."""
    palette = brief.palette
    flip = brief.chance(0.5)
    size = brief.between(0.44, 0.5) * min(canvas.bottom, 1.5) ** 0.5
    x = canvas.right * 0.5 + brief.between(-0.04, 0.04)
    y = max(canvas.bottom - size * brief.between(1.12, 1.24), size * 0.8)
    head = _Head(canvas, x, y, size, flip)
    _paint_backdrop(head, brief)
    skin = mix(mix(palette.horizon, palette.light, 0.45), palette.far, brief.between(0.0, 0.55))
    shadow = mix(adjust(skin, lightness=-0.16), palette.near, 0.5)
    _paint_skin(head, brief, skin, shadow)
    _paint_features(head, brief, shadow)
    style = _style(brief)
    hair = _hair_tone(brief, style)
    if "beard" in brief.traits:
        _paint_strands(head, brief, [smooth(_BEARD)], hair)
    _paint_garment(head, brief)
    outlines = [smooth(_HAIR[style])]
    if style == "bun":
        outlines.append(ellipse(0.53, brief.between(-0.3, 0.0), 0.17, 0.16))
    _paint_strands(head, brief, outlines, hair)
    if "man" not in brief.traits and (style in {"bun", "wrap"} or brief.chance(0.4)):
        jewel = palette.light if style == "wrap" else palette.accent
        head.cut(ellipse(0.068, 0.17, 0.022, 0.03), jewel)
        head.cut(ellipse(0.062, 0.16, 0.007, 0.009), palette.light)


def _style(brief: Brief) -> str:
    for trait, style in (("man", "crop"), ("turban", "wrap"), ("old", "bun")):
        if trait in brief.traits:
            return style
    return list(_HAIR)[brief.whole(0, len(_HAIR) - 1)]


def _hair_tone(brief: Brief, style: str) -> Colour:
    palette = brief.palette
    if style == "wrap":
        return mix(palette.accent, palette.near, 0.2)
    if "old" in brief.traits:
        return mix(palette.light, palette.far, 0.35)
    return mix(palette.near, palette.ground, 0.3)


def _paint_backdrop(head: _Head, brief: Brief) -> None:
    """A wall, a disc behind the head, perhaps a wreath of bars and rings around it."""
    canvas, palette = head.canvas, brief.palette
    field = canvas.clouds(brief.random, 2, octaves=6, gain=0.55)
    fall = 0.75 - canvas.y / canvas.bottom * 0.55 + field * 0.28
    canvas.tone(fall, (mix(palette.zenith, palette.near, 0.4), palette.zenith, palette.sky))
    radius = head.size * brief.between(0.78, 0.92)
    x, y = head.x + head.size * 0.04, head.y - head.size * 0.06
    halo = mix(palette.horizon, palette.accent, 0.25 if brief.chance(0.5) else 0.0)
    bright = mix(halo, palette.light, 0.3)
    canvas.glow(x, y, radius * 1.1, halo, 0.35)
    away = canvas.distance(x, y) / radius
    canvas.lay_tones(
        canvas.disc(x, y, radius),
        away + field * 0.14,
        (mix(halo, palette.light, 0.55), halo, mix(halo, palette.sky, 0.35)),
    )
    if brief.chance(0.5):
        angle = np.arctan2(canvas.y - y, canvas.x - x)
        bars = step(0.35, 0.6, np.abs(np.sin(angle * brief.whole(28, 60) / 2)))
        canvas.lay(bars * step(1.03, 1.05, away) * step(1.25, 1.23, away) * 0.75, bright)
    for ring in range(brief.whole(0, 2)):
        canvas.lay(step(0.012, 0.006, np.abs(away - 1.08 - 0.07 * ring)) * 0.8, bright)


def _paint_skin(head: _Head, brief: Brief, skin: Colour, shadow: Colour) -> None:
    """Face and neck, lit from where the face looks."""
    drawn = head.polygons([smooth(_FACE)])
    if drawn is None:
        return
    part, mask = drawn
    palette = brief.palette
    across, down = head.measures(part)
    grain = part.clouds(brief.random, 3, octaves=6, gain=0.6)
    turned = step(-0.42, 0.42, across + grain * 0.07 + down * 0.12)
    jaw = step(0.4, 0.56, down + across * 0.22) * step(1.05, 0.6, down) * step(-0.34, -0.1, across)
    socket = np.exp(-(((across + 0.245) / 0.085) ** 2 + (down / 0.055) ** 2))
    cheek = np.exp(-(((across + 0.16) / 0.12) ** 2 + ((down - 0.2) / 0.1) ** 2))
    part.lay_tones(
        mask,
        1 - turned * 0.66 - jaw * 0.36 - socket * 0.3,
        (mix(shadow, palette.near, 0.5), shadow, skin, mix(skin, palette.light, 0.6)),
    )
    part.lay(cheek * mask * 0.3, mix(palette.accent, skin, 0.3))


def _paint_features(head: _Head, brief: Brief, shadow: Colour) -> None:
    palette = brief.palette
    ink = mix(shadow, palette.near, 0.7)
    head.draw(_BROW, 0.03, ink)
    head.draw(_LID, 0.016, ink)
    head.cut(_LASHES, ink)
    head.draw(_CREASE, 0.007, ink, opacity=0.6)
    red = adjust(mix(_LIP_RED, palette.accent, 0.25), lightness=-0.05)
    lips = mix(red, shadow, 0.75 if "man" in brief.traits else 0.2)
    head.cut(smooth(_UPPER_LIP), mix(lips, ink, 0.3))
    head.cut(smooth(_LOWER_LIP), lips)
    head.draw(_NOSTRIL, 0.016, ink, opacity=0.6)
    head.cut(smooth(_EAR), mix(shadow, palette.horizon, 0.3))
    head.draw(_EAR_FOLD, 0.014, ink, opacity=0.5)


def _paint_garment(head: _Head, brief: Brief) -> None:
    palette = brief.palette
    cloth = palette.accent if brief.chance(0.65) else mix(palette.near, palette.zenith, 0.45)
    drawn = head.polygons([smooth(_GARMENT)])
    if drawn is None:
        return
    part, mask = drawn
    across, down = head.measures(part)
    folds = part.clouds(brief.random, 3, octaves=4, stretch=0.3)
    part.lay_tones(
        mask,
        0.62 - step(-0.5, 0.8, across) * 0.5 + folds * 0.3 - step(0.8, 1.5, down) * 0.15,
        (mix(cloth, palette.near, 0.75), cloth, mix(cloth, palette.light, 0.3)),
    )
    collar = stroke(smooth(_COLLAR, closed=False), 0.05, taper=0.6)
    head.cut(collar, mix(cloth, palette.light, 0.45))


def _paint_strands(head: _Head, brief: Brief, outlines: list[Points], tone: Colour) -> None:
    """Hair: lines that run around the crown, with a gloss on the lit side."""
    drawn = head.polygons(outlines)
    if drawn is None:
        return
    part, mask = drawn
    palette = brief.palette
    across, down = head.measures(part)
    around = np.sqrt((across - 0.08) ** 2 + (down + 0.05) ** 2)
    angle = np.arctan2(down + 0.05, across - 0.08)
    flow = around * 9 + np.sin(angle * 2) * 0.5 + down * 1.5
    wobble = part.clouds(brief.random, 4, octaves=5)
    strands = np.sin((flow + wobble * 0.6) * 5.5) * 0.5 + np.sin((flow + wobble) * 14) * 0.35
    gloss = np.exp(-(((angle + 2.0) / 0.55) ** 2))
    part.shade(blur(mask, 0.012 * part.unit) * 0.3, palette.near)
    part.lay_tones(
        mask,
        0.34 + strands * 0.2 + gloss * 0.34 - across * 0.18,
        (mix(tone, palette.near, 0.75), tone, mix(tone, palette.horizon, 0.6)),
    )
