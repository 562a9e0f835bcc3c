"""Silhouettes of things and animals, read from `silhouettes.toml` and set into a scene."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import groupby
from typing import Literal

import msgspec
import numpy as np

from tui.decoding import convert
from tui.demo.art.brief import Brief, Spot, Stage
from tui.demo.art.canvas import Canvas, Points
from tui.demo.art.colour import Colour, adjust, lightness, mix
from tui.demo.art.noise import step
from tui.demo.art.outlines import box, ellipse, path, place, smooth, stroke

_LEAST_CONTRAST = 0.2


class Silhouette(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One table of `silhouettes.toml`, whose head says what the fields mean."""

    parts: tuple[str, ...]
    stands: Literal["ground", "air", "water"] = "ground"
    size: float = 1.0
    coat: Literal["dark", "plain", "accent"] = "dark"


@cache
def silhouettes() -> dict[str, Silhouette]:
    """All silhouettes by name."""
    text = files("tui.demo.art").joinpath("silhouettes.toml").read_text("utf-8")
    return convert(tomllib.loads(text), dict[str, Silhouette])


def stands(name: str) -> Literal["ground", "air", "water"]:
    """Where the subject `name` belongs."""
    return silhouettes()[name].stands


def paint_subjects(canvas: Canvas, brief: Brief, stage: Stage) -> None:
    """Set the brief's subjects on the stage: the first where it has room, the next across."""
    for index, name in enumerate(brief.subjects):
        where = stands(name)
        spot = stage.ground if where == "ground" else stage.air
        if where == "water" and stage.water is not None:
            spot = stage.water
        if index:
            spot = Spot(canvas.right - spot.x, spot.y, spot.size * 0.8, spot.depth)
        paint_subject(canvas, brief, name, spot)


def paint_subject(canvas: Canvas, brief: Brief, name: str, spot: Spot) -> None:
    """Draw the subject `name` at `spot`, facing either way."""
    silhouette = silhouettes()[_variant(name, brief)]
    size = spot.size * silhouette.size
    tones = _tones(canvas, brief, silhouette, spot, size)
    if silhouette.stands == "ground":
        away = canvas.distance(spot.x, spot.y + size * 0.01, squash=7) / (size * 0.42)
        canvas.shade(np.exp(-away * away) * 0.45, mix(tones["shade"], brief.palette.ground, 0.2))
    drawing = _Drawing(canvas, spot.x, spot.y, size, brief.chance(0.5), tones)
    parts = _GROWN[name](brief) if name in _GROWN else iter(silhouette.parts)
    drawing.paint(parts)


def _variant(name: str, brief: Brief) -> str:
    if name != "figure":
        return name
    if brief.traits & {"rain", "umbrella"}:
        return "figure with umbrella"
    return "figure with lamp" if "lamp" in brief.traits or brief.palette.dark else name


def _tones(
    canvas: Canvas, brief: Brief, silhouette: Silhouette, spot: Spot, size: float
) -> dict[str, Colour]:
    palette = brief.palette
    if silhouette.coat == "accent":
        body = palette.accent
    else:
        darkness = 0.2 + 0.7 * spot.depth if silhouette.coat == "dark" else 0.25 + 0.35 * spot.depth
        body = mix(mix(palette.far, palette.near, darkness), palette.accent, 0.08)
        body = _set_off(canvas, body, spot.x, spot.y - size / 2, size * 0.3)
    return {
        "body": body,
        "shade": mix(palette.far, palette.near, 0.35 + 0.65 * spot.depth),
        "light": mix(palette.light, palette.horizon, 0.12),
        "accent": palette.accent,
        "sky": palette.sky,
    }


def _set_off(canvas: Canvas, body: Colour, x: float, y: float, reach: float) -> Colour:
    """`body`, made lighter or darker where it would be lost on what lies behind."""
    window = canvas.window(x - reach, y - reach, x + reach, y + reach)
    if window is None:
        return body
    behind = canvas.planes[:, window[0], window[1]].mean(axis=(1, 2))
    ground, own = lightness(behind), lightness(body)
    if abs(ground - own) >= _LEAST_CONTRAST:
        return body
    wanted = ground - _LEAST_CONTRAST if ground > 0.45 else ground + _LEAST_CONTRAST
    return adjust(body, lightness=wanted - own)


@dataclass(frozen=True, slots=True)
class _Drawing:
    """A silhouette on its place in a canvas."""

    canvas: Canvas
    x: float
    y: float
    size: float
    flip: bool
    tones: dict[str, Colour]

    def paint(self, parts: Iterator[str]) -> None:
        """Paint parts in their order; neighbours of one tone at once."""
        split = (part.split() for part in parts)
        for tone, group in groupby(split, key=lambda words: words[0]):
            outlines: list[Points] = []
            for _, form, *numbers in group:
                if form in ("glow", "beam"):
                    self._shine(form, numbers)
                else:
                    outlines.append(_FORMS[form](numbers) * (1, -1))
            self._cut(outlines, tone)

    def _cut(self, outlines: list[Points], tone: str) -> None:
        name, _, covering = tone.partition("*")
        placed = [place(outline, self.x, self.y, self.size, flip=self.flip) for outline in outlines]
        drawn = self.canvas.polygons(placed)
        if drawn is None:
            return
        part, mask = drawn
        mask = mask * float(covering or 1)
        part.lay(mask, self._colour(name))
        # Lit from above: the foot stands in the ground's shade.
        sunk = np.clip((part.y - self.y) / self.size + 0.75, 0, 1)
        part.lay(mask * sunk * 0.3, self.tones["shade"])

    def _colour(self, tone: str) -> Colour:
        name, _, other = tone.partition("+")
        if not other:
            return self.tones[name]
        second, dot, share = other.partition(".")
        return mix(self.tones[name], self.tones[second], float(dot + share))

    def _shine(self, form: str, numbers: list[str]) -> None:
        (across, up), *measures = path(" ".join(numbers)).tolist()
        x = self.x + (-across if self.flip else across) * self.size
        y = self.y - up * self.size
        if form == "beam":
            self._paint_beam(x, y)
        else:
            radius, strength = measures[0]
            self.canvas.glow(x, y, radius * self.size, self.tones["light"], strength)

    def _paint_beam(self, x: float, y: float) -> None:
        """A cone of light to one side, and a weaker one to the other."""
        canvas = self.canvas
        angle = -0.1 if self.flip else math.pi + 0.1
        across, down = canvas.x - x, canvas.y - y
        along = across * math.cos(angle) + down * math.sin(angle)
        aside = np.abs(down * math.cos(angle) - across * math.sin(angle))
        width = 0.02 * self.size + np.abs(along) * 0.16
        strength = 0.55 if lightness(self.tones["sky"]) < 0.5 else 0.25
        fade = np.exp(-np.abs(along) / 0.8) * np.where(along > 0, strength, strength / 3)
        canvas.shine(step(1.0, 0.2, aside / width) * fade, self.tones["light"])


def _curve(numbers: list[str]) -> Points:
    return smooth(path(" ".join(numbers)))


def _sharp(numbers: list[str]) -> Points:
    return path(" ".join(numbers))


def _limb(numbers: list[str]) -> Points:
    width, _, taper = numbers[0].partition("~")
    line = smooth(path(" ".join(numbers[1:])), closed=False)
    return stroke(line, float(width), taper=float(taper))


def _oval(numbers: list[str]) -> Points:
    (x, y), (across, down) = path(" ".join(numbers[:2])).tolist()
    return ellipse(x, y, across, down, turn=float(numbers[2]) if len(numbers) > 2 else 0.0)


def _box(numbers: list[str]) -> Points:
    (left, top), (right, bottom) = path(" ".join(numbers)).tolist()
    return box(left, top, right, bottom)


_FORMS: dict[str, Callable[[list[str]], Points]] = {
    "curve": _curve, "sharp": _sharp, "limb": _limb, "oval": _oval, "box": _box,
}  # fmt: skip


def _grow_tree(brief: Brief) -> Iterator[str]:
    """A trunk, and leaves in three tones, the lightest on the lit side."""
    yield "shade limb .11~.2 0,-.03 .02,.2 -.02,.42 0,.6"
    yield "shade limb .05~.4 0,.3 -.14,.46 -.26,.6"
    yield "shade limb .05~.4 0,.3 .14,.46 .26,.6"
    leaf = "accent" if "autumn" in brief.traits else "body+accent.3"
    for tone, lift in (("shade", -0.05), (leaf, 0.0), (f"{leaf.split('+')[0]}+light.4", 0.06)):
        for _ in range(110):
            angle = brief.between(0, 2 * math.pi)
            away = math.sqrt(brief.between(0, 1)) * (0.4 - abs(lift) * 1.7)
            x = math.cos(angle) * away - lift * 1.2
            y = 0.72 + lift + math.sin(angle) * away * 0.62
            across, down = brief.between(0.03, 0.065), brief.between(0.02, 0.04)
            yield f"{tone} oval {x},{y} {across},{down} {brief.between(-0.5, 0.5)}"


def _grow_birds(brief: Brief) -> Iterator[str]:
    """A flock, each bird two wings."""
    for _ in range(brief.number or brief.whole(5, 11)):
        x, y = brief.between(-1.2, 1.2), brief.between(0.1, 1.0)
        span, lift = brief.between(0.09, 0.22), brief.between(0.1, 0.5)
        for side in (-span, span):
            elbow = f"{x + side * 0.45},{y + span * lift}"
            tip = f"{x + side},{y + span * (lift - 0.12)}"
            yield f"shade limb {span * 0.16}~.9 {x},{y} {elbow} {tip}"


_GROWN: dict[str, Callable[[Brief], Iterator[str]]] = {"tree": _grow_tree, "birds": _grow_birds}
