"""Silhouettes of things and animals, each drawn standing on a point.

A drawing is made in its own measure: the foot at the origin, x to the right, y downwards, so that
the top lies near -1. `paint_subject` scales and places it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from tui.demo.art.brief import Brief
from tui.demo.art.canvas import Canvas, Points
from tui.demo.art.colour import Colour, adjust, lightness, mix
from tui.demo.art.noise import step
from tui.demo.art.outlines import box, ellipse, place, smooth, stroke


@dataclass(frozen=True)
class Drawing:
    """Where a subject is drawn, and in which tones."""

    canvas: Canvas
    brief: Brief
    x: float
    y: float
    size: float
    flip: bool
    body: Colour
    shade: Colour
    light: Colour

    def cut(self, outlines: Sequence[Points], colour: Colour, *, opacity: float = 1.0) -> None:
        """Lay outlines given in the subject's own measure."""
        placed = [place(outline, self.x, self.y, self.size, flip=self.flip) for outline in outlines]
        drawn = self.canvas.polygons(placed)
        if drawn is None:
            return
        part, mask = drawn
        part.lay(mask * opacity, colour)
        # Lit from above: the foot stands in the ground's shade.
        sunk = np.clip((part.y - self.y) / self.size + 0.75, 0, 1)
        part.lay(mask * sunk * (0.3 * opacity), self.shade)

    def glow(self, x: float, y: float, radius: float, strength: float) -> None:
        """Light at a point of the subject."""
        across = -x if self.flip else x
        self.canvas.glow(
            self.x + across * self.size,
            self.y + y * self.size,
            radius * self.size,
            self.light,
            strength,
        )


def _curve(*points: tuple[float, float], closed: bool = True) -> Points:
    """A smooth outline whose heights are given upwards."""
    return smooth([(x, -y) for x, y in points], closed=closed)


def _limb(width: float, *points: tuple[float, float], taper: float = 0.35) -> Points:
    return stroke(_curve(*points, closed=False), width, taper=taper)


def _fox(drawing: Drawing) -> None:
    tail = _curve(
        (0.16, 0.10),
        (0.34, 0.02),
        (0.54, 0.05),
        (0.68, 0.2),
        (0.7, 0.42),
        (0.66, 0.46),
        (0.56, 0.34),
        (0.42, 0.24),
        (0.22, 0.24),
    )
    tip = _curve((0.60, 0.14), (0.68, 0.2), (0.71, 0.42), (0.66, 0.465), (0.58, 0.37), (0.55, 0.27))
    body = _curve(
        (-0.45, 0.675), (-0.36, 0.735), (-0.28, 0.80), (-0.255, 0.84), (-0.245, 0.99), (-0.235, 1.0), (-0.17, 0.90), (-0.14, 0.885),
        (-0.085, 1.0), (-0.075, 0.99), (-0.055, 0.83), (-0.02, 0.72), (0.08, 0.57), (0.2, 0.38), (0.27, 0.18), (0.25, 0.02), (0.22, 0.0),
        (0.0, 0.0), (-0.22, 0.0), (-0.25, 0.02), (-0.19, 0.06), (-0.17, 0.25), (-0.2, 0.42), (-0.2, 0.54), (-0.26, 0.605), (-0.38, 0.635),
    )  # fmt: skip
    chest = _curve(
        (-0.38, 0.64),
        (-0.28, 0.655),
        (-0.18, 0.64),
        (-0.11, 0.55),
        (-0.1, 0.42),
        (-0.15, 0.3),
        (-0.19, 0.41),
        (-0.2, 0.54),
        (-0.26, 0.605),
    )
    drawing.cut([tail], drawing.body)
    drawing.cut([tip], drawing.light)
    drawing.cut([body], drawing.body)
    drawing.cut([chest], mix(drawing.light, drawing.body, 0.15))
    drawing.cut(
        [_limb(0.02, (0.04, 0.06), (0.06, 0.2), (0.15, 0.3), (0.24, 0.27), taper=0.9)],
        adjust(drawing.body, lightness=-0.13),
    )
    drawing.cut(
        [_limb(0.015, (-0.1, 0.02), (-0.085, 0.16), (-0.09, 0.3), taper=0.9)],
        adjust(drawing.body, lightness=-0.13),
    )
    drawing.cut(
        [
            _curve(
                (-0.25, 0.005),
                (-0.235, 0.045),
                (-0.185, 0.1),
                (-0.12, 0.11),
                (-0.1, 0.05),
                (-0.11, 0.0),
            ),
            ellipse(-0.435, -0.672, 0.022, 0.02),
        ],
        mix(drawing.shade, drawing.body, 0.15),
    )
    drawing.cut([ellipse(-0.29, -0.735, 0.016, 0.014)], drawing.shade)
    drawing.cut(
        [
            np.array([(-0.243, -0.99), (-0.252, -0.9), (-0.2, -0.94)]),
            np.array([(-0.08, -0.99), (-0.11, -0.94), (-0.06, -0.9)]),
        ],
        drawing.shade,
    )


def _wolf(drawing: Drawing) -> None:
    body = _curve(
        (-0.43, 0.985), (-0.40, 1.0), (-0.31, 0.965), (-0.23, 0.935), (-0.14, 0.90), (-0.06, 0.85), (0.02, 0.76), (0.07, 0.66), (0.15, 0.52),
        (0.24, 0.36), (0.3, 0.16), (0.28, 0.0), (0.0, 0.0), (-0.2, 0.0), (-0.24, 0.02), (-0.17, 0.06), (-0.16, 0.25), (-0.22, 0.42),
        (-0.22, 0.56), (-0.17, 0.66), (-0.19, 0.76), (-0.25, 0.82), (-0.36, 0.90), (-0.33, 0.915), (-0.42, 0.965),
    )  # fmt: skip
    ear = np.array([(-0.12, -0.88), (0.06, -0.93), (0.0, -0.76)])
    tail = _limb(0.13, (0.22, 0.06), (0.4, 0.02), (0.58, 0.08), (0.68, 0.16), taper=0.8)
    drawing.cut([tail, body, ear], drawing.body)
    drawing.cut(
        [
            _curve(
                (-0.17, 0.7), (-0.1, 0.6), (-0.1, 0.44), (-0.15, 0.3), (-0.2, 0.44), (-0.18, 0.58)
            )
        ],
        drawing.light,
        opacity=0.7,
    )
    drawing.cut(
        [_curve((0.05, 0.0), (0.1, 0.22), (0.25, 0.33), (0.3, 0.14), (0.27, 0.0))],
        mix(drawing.body, drawing.shade, 0.35),
    )


def _cat(drawing: Drawing) -> None:
    tail = _limb(
        0.085, (0.18, 0.06), (0.42, 0.03), (0.52, 0.16), (0.44, 0.3), (0.48, 0.42), taper=0.25
    )
    body = _curve(
        (-0.22, 0.0), (-0.29, 0.12), (-0.26, 0.32), (-0.16, 0.5), (-0.13, 0.58), (-0.205, 0.68), (-0.2, 0.8), (-0.195, 0.98), (-0.18, 0.985),
        (-0.09, 0.885), (0.0, 0.895), (0.09, 0.885), (0.18, 0.985), (0.195, 0.98), (0.2, 0.8), (0.205, 0.68), (0.13, 0.58), (0.16, 0.5),
        (0.26, 0.32), (0.29, 0.12), (0.22, 0.0),
    )  # fmt: skip
    drawing.cut([tail, body], drawing.body)
    drawing.cut(
        [_curve((0.06, 0.0), (0.1, 0.2), (0.2, 0.3), (0.29, 0.14), (0.22, 0.0))],
        mix(drawing.body, drawing.shade, 0.45),
    )
    eyes = [ellipse(side * 0.082, -0.725, 0.038, 0.03, turn=-side * 0.25) for side in (-1, 1)]
    drawing.cut(eyes, drawing.light)
    drawing.cut([ellipse(side * 0.082, -0.725, 0.009, 0.027) for side in (-1, 1)], drawing.shade)
    drawing.cut(
        [np.array([(-0.018, -0.655), (0.018, -0.655), (0.0, -0.635)])],
        mix(drawing.light, drawing.body, 0.4),
    )


def _owl(drawing: Drawing) -> None:
    body = _curve(
        (-0.2, 0.02), (-0.3, 0.2), (-0.33, 0.45), (-0.27, 0.68), (-0.29, 0.82), (-0.27, 0.98), (-0.255, 0.985), (-0.13, 0.9), (0.0, 0.885),
        (0.13, 0.9), (0.255, 0.985), (0.27, 0.98), (0.29, 0.82), (0.27, 0.68), (0.33, 0.45), (0.3, 0.2), (0.2, 0.02),
    )  # fmt: skip
    drawing.cut([np.array([(-0.9, 0.0), (0.9, -0.03), (0.9, 0.04), (-0.9, 0.06)])], drawing.shade)
    drawing.cut([body], drawing.body)
    drawing.cut([ellipse(0, -0.33, 0.19, 0.29)], mix(drawing.body, drawing.light, 0.4))
    for row in range(4):
        drawing.cut(
            [
                _limb(
                    0.02,
                    (x - 0.035, 0.5 - row * 0.1),
                    (x, 0.47 - row * 0.1),
                    (x + 0.035, 0.5 - row * 0.1),
                )
                for x in np.linspace(-0.12, 0.12, 4) + (row % 2) * 0.03
            ],
            drawing.body,
        )
    drawing.cut([ellipse(side * 0.125, -0.72, 0.115, 0.115) for side in (-1, 1)], drawing.light)
    drawing.cut(
        [ellipse(side * 0.12, -0.72, 0.06, 0.06, steps=30) for side in (-1, 1)], drawing.shade
    )
    drawing.cut(
        [np.array([(-0.035, -0.68), (0.035, -0.68), (0.0, -0.58)])], drawing.brief.palette.accent
    )


def _deer(drawing: Drawing) -> None:
    parts = [
        _curve((-0.27, 0.50), (-0.24, 0.60), (-0.05, 0.575), (0.2, 0.6), (0.31, 0.53), (0.3, 0.42), (0.16, 0.37), (-0.12, 0.37), (-0.24, 0.40)),
        _curve((-0.29, 0.50), (-0.3, 0.66), (-0.34, 0.79), (-0.28, 0.82), (-0.22, 0.72), (-0.12, 0.58), (-0.16, 0.44)),
        _curve((-0.47, 0.735), (-0.4, 0.79), (-0.32, 0.835), (-0.26, 0.80), (-0.28, 0.735), (-0.36, 0.72), (-0.46, 0.705)),
        _curve((-0.27, 0.8), (-0.2, 0.86), (-0.17, 0.855), (-0.22, 0.785)),
        _limb(0.05, (-0.2, 0.45), (-0.215, 0.22), (-0.2, 0.0)), _limb(0.05, (-0.12, 0.45), (-0.09, 0.22), (-0.11, 0.0)),
        _limb(0.065, (0.2, 0.48), (0.17, 0.24), (0.21, 0.0)), _limb(0.07, (0.26, 0.5), (0.28, 0.24), (0.275, 0.0)),
        _limb(0.05, (0.29, 0.56), (0.34, 0.53), (0.34, 0.47)),
    ]  # fmt: skip
    antlers = []
    for lean in (-0.05, 0.09):
        antlers.append(
            _limb(
                0.022,
                (-0.3, 0.82),
                (-0.27 + lean, 0.9),
                (-0.24 + lean * 2.3, 1.03),
                (-0.3 + lean * 2.6, 1.14),
                taper=0.5,
            )
        )
        antlers.append(
            _limb(0.017, (-0.27 + lean, 0.9), (-0.34 + lean, 0.98), (-0.36 + lean, 1.03), taper=0.5)
        )
        antlers.append(
            _limb(
                0.017,
                (-0.245 + lean * 2.1, 1.0),
                (-0.18 + lean * 2, 1.06),
                (-0.17 + lean * 2, 1.12),
                taper=0.5,
            )
        )
    drawing.cut(parts + antlers, drawing.body)


def _rabbit(drawing: Drawing) -> None:
    body = _curve(
        (-0.2, 0.0),
        (-0.24, 0.16),
        (-0.21, 0.34),
        (-0.3, 0.42),
        (-0.34, 0.52),
        (-0.27, 0.62),
        (-0.16, 0.63),
        (-0.1, 0.56),
        (0.04, 0.48),
        (0.2, 0.36),
        (0.29, 0.18),
        (0.24, 0.02),
        (0.1, 0.0),
    )
    ears = [
        _curve((-0.22, 0.6), (-0.26, 0.8), (-0.21, 1.0), (-0.16, 0.8), (-0.165, 0.6)),
        _curve((-0.17, 0.6), (-0.13, 0.8), (-0.04, 0.96), (-0.05, 0.78), (-0.11, 0.58)),
    ]
    drawing.cut([ellipse(0.29, -0.12, 0.075, 0.07)], drawing.light)
    drawing.cut([body, *ears], drawing.body)
    drawing.cut(
        [_curve((0.0, 0.0), (0.03, 0.2), (0.17, 0.28), (0.27, 0.14), (0.22, 0.0))],
        mix(drawing.body, drawing.shade, 0.25),
    )
    drawing.cut([ellipse(-0.25, -0.53, 0.018, 0.018)], drawing.shade)


def _birds(drawing: Drawing) -> None:
    brief = drawing.brief
    flock = []
    for _ in range(brief.whole(5, 11)):
        x, y, span = brief.between(-1.2, 1.2), brief.between(0.1, 1.0), brief.between(0.09, 0.22)
        lift = brief.between(0.1, 0.5)
        for side in (-1, 1):
            flock.append(
                _limb(
                    span * 0.16,
                    (x, y),
                    (x + side * span * 0.45, y + span * lift),
                    (x + side * span, y + span * (lift - 0.12)),
                    taper=0.9,
                )
            )
    drawing.cut(flock, drawing.shade)


def _whale(drawing: Drawing) -> None:
    body = _curve(
        (-0.78, 0.42), (-0.72, 0.6), (-0.5, 0.74), (-0.2, 0.78), (0.15, 0.68), (0.45, 0.52), (0.66, 0.5), (0.78, 0.6), (0.92, 0.8), (1.0, 0.82),
        (0.98, 0.66), (0.9, 0.5), (1.02, 0.42), (1.04, 0.34), (0.86, 0.36), (0.72, 0.38), (0.5, 0.33), (0.2, 0.24), (-0.2, 0.2), (-0.55, 0.24),
    )  # fmt: skip
    belly = _curve(
        (-0.77, 0.42),
        (-0.5, 0.42),
        (-0.1, 0.36),
        (0.25, 0.32),
        (0.1, 0.23),
        (-0.2, 0.2),
        (-0.55, 0.24),
    )
    fin = _curve((-0.25, 0.34), (-0.1, 0.3), (0.02, 0.08), (0.0, 0.0), (-0.16, 0.14))
    drawing.cut([body], drawing.body)
    drawing.cut([belly], mix(drawing.light, drawing.body, 0.35))
    drawing.cut(
        [
            _limb(
                0.008,
                (-0.7 + i * 0.02, 0.385 - i * 0.035),
                (-0.3, 0.37 - i * 0.035),
                (0.05, 0.34 - i * 0.03),
            )
            for i in range(4)
        ],
        drawing.body,
        opacity=0.7,
    )
    drawing.cut([fin], mix(drawing.body, drawing.shade, 0.4))
    drawing.cut([ellipse(-0.52, -0.46, 0.018, 0.016)], drawing.shade)


def _fish(drawing: Drawing) -> None:
    body = _curve(
        (-0.6, 0.5),
        (-0.4, 0.66),
        (-0.05, 0.72),
        (0.3, 0.6),
        (0.5, 0.52),
        (0.8, 0.74),
        (0.9, 0.72),
        (0.76, 0.5),
        (0.9, 0.26),
        (0.8, 0.24),
        (0.5, 0.46),
        (0.3, 0.38),
        (-0.05, 0.28),
        (-0.4, 0.34),
    )
    fin = _curve((-0.2, 0.68), (0.0, 0.88), (0.24, 0.86), (0.22, 0.62))
    drawing.cut([fin], mix(drawing.body, drawing.light, 0.4))
    drawing.cut([body], drawing.body)
    drawing.cut(
        [
            _limb(0.022, (x, 0.66 - abs(x) * 0.1), (x + 0.07, 0.5), (x, 0.34 + abs(x) * 0.1))
            for x in (-0.25, -0.08, 0.09, 0.24)
        ],
        drawing.light,
        opacity=0.55,
    )
    drawing.cut([ellipse(-0.42, -0.54, 0.04, 0.04)], drawing.light)
    drawing.cut([ellipse(-0.425, -0.54, 0.02, 0.02)], drawing.shade)


def _lighthouse(drawing: Drawing) -> None:
    def half(up: float) -> float:
        return 0.12 - 0.055 * up

    def band(low: float, high: float) -> Points:
        return np.array(
            [(-half(low), -low), (half(low), -low), (half(high), -high), (-half(high), -high)]
        )

    rock = _curve(
        (-0.5, -0.06), (-0.34, 0.03), (-0.18, 0.08), (0.06, 0.07), (0.26, 0.04), (0.48, -0.07)
    )
    _paint_beam(drawing, -0.87)
    drawing.cut([rock], drawing.shade)
    drawing.cut([band(0.02, 0.8)], mix(drawing.light, drawing.body, 0.1))
    drawing.cut([band(low, low + 0.13) for low in (0.12, 0.38, 0.64)], drawing.brief.palette.accent)
    drawing.cut(
        [np.array([(0.03, -0.02), (half(0.02), -0.02), (half(0.8), -0.8), (0.02, -0.8)])],
        drawing.shade,
        opacity=0.38,
    )
    drawing.cut(
        [
            box(-0.1, -0.82, 0.1, -0.79),
            box(-0.06, -0.925, -0.048, -0.8),
            box(0.048, -0.925, 0.06, -0.8),
        ],
        drawing.shade,
    )
    drawing.cut([box(-0.05, -0.92, 0.05, -0.82)], drawing.light)
    drawing.cut([np.array([(-0.075, -0.92), (0.0, -1.0), (0.075, -0.92)])], drawing.shade)
    drawing.glow(0, -0.87, 0.1, 0.9)


def _paint_beam(drawing: Drawing, lamp: float) -> None:
    canvas, x, y = drawing.canvas, drawing.x, drawing.y + lamp * drawing.size
    angle = -0.1 if drawing.flip else math.pi + 0.1
    across, down = canvas.x - x, canvas.y - y
    along = across * math.cos(angle) + down * math.sin(angle)
    aside = np.abs(down * math.cos(angle) - across * math.sin(angle))
    width = (0.02 * drawing.size) + np.abs(along) * 0.16
    strength = 0.55 if drawing.brief.palette.dark else 0.25
    fade = np.exp(-np.abs(along) / 0.8) * np.where(along > 0, 1, 0.35)
    canvas.shine(step(1.0, 0.2, aside / width) * fade * strength, drawing.light)


def _sailboat(drawing: Drawing) -> None:
    hull = _curve(
        (-0.48, 0.16), (-0.36, 0.03), (0.0, -0.01), (0.36, 0.03), (0.5, 0.18), (0.1, 0.135)
    )
    drawing.cut([box(-0.012, -1.0, 0.012, -0.12)], drawing.shade)
    drawing.cut(
        [_curve((0.03, 0.97), (0.2, 0.66), (0.4, 0.26), (0.2, 0.225), (0.03, 0.24))],
        mix(drawing.light, drawing.body, 0.12),
    )
    drawing.cut(
        [_curve((-0.03, 0.86), (-0.16, 0.55), (-0.36, 0.24), (-0.18, 0.21), (-0.03, 0.25))],
        drawing.brief.palette.accent,
    )
    drawing.cut([hull], drawing.shade)


def _house(drawing: Drawing) -> None:
    drawing.cut([box(0.2, -0.92, 0.3, -0.6)], drawing.shade)
    drawing.cut([box(-0.4, -0.55, 0.4, 0.02)], drawing.body)
    drawing.cut([box(0.12, -0.55, 0.4, 0.02)], drawing.shade, opacity=0.35)
    drawing.cut(
        [np.array([(-0.5, -0.52), (-0.08, -0.98), (0.08, -0.98), (0.5, -0.52)])],
        mix(drawing.brief.palette.accent, drawing.shade, 0.25),
    )
    drawing.glow(-0.2, -0.3, 0.3, 0.5)
    drawing.cut([box(-0.3, -0.4, -0.1, -0.2), box(0.17, -0.4, 0.32, -0.2)], drawing.light)
    drawing.cut(
        [
            box(-0.206, -0.4, -0.194, -0.2),
            box(-0.3, -0.306, -0.1, -0.294),
            box(-0.03, -0.34, 0.1, 0.02),
        ],
        drawing.shade,
    )


def _castle(drawing: Drawing) -> None:
    walls, roofs, lamps = [box(-0.5, -0.3, 0.5, 0.03)], [], []
    for x, half, top in (
        (-0.5, 0.09, 0.52),
        (0.48, 0.1, 0.6),
        (-0.22, 0.085, 0.7),
        (0.2, 0.08, 0.62),
        (0.0, 0.11, 0.8),
    ):
        walls.append(box(x - half, -top, x + half, 0.03))
        roofs.append(
            np.array([(x - half * 1.25, -top), (x, -top - half * 2.4), (x + half * 1.25, -top)])
        )
        lamps.append(box(x - 0.016, -top + 0.1, x + 0.016, -top + 0.16))
    walls += [box(x, -0.345, x + 0.05, -0.29) for x in np.linspace(-0.48, 0.42, 10)]
    drawing.cut(walls, drawing.body)
    drawing.cut(roofs, mix(drawing.brief.palette.accent, drawing.shade, 0.35))
    drawing.cut(
        [*lamps, ellipse(0, -0.12, 0.06, 0.12), box(-0.06, -0.12, 0.06, 0.03)], drawing.light
    )


def _windmill(drawing: Drawing) -> None:
    drawing.cut(
        [np.array([(-0.17, 0.02), (-0.1, -0.62), (0.1, -0.62), (0.17, 0.02)])], drawing.body
    )
    drawing.cut(
        [_curve((-0.12, 0.61), (-0.08, 0.72), (0.0, 0.76), (0.08, 0.72), (0.12, 0.61))],
        mix(drawing.brief.palette.accent, drawing.shade, 0.3),
    )
    turn = drawing.brief.between(0.2, 1.3)
    for blade in range(4):
        angle = turn + blade * math.pi / 2
        cosine, sine = math.cos(angle), math.sin(angle)
        turned = np.array([[cosine, sine], [-sine, cosine]])
        middle = np.array([0.0, -0.66])
        drawing.cut([box(0.0, -0.007, 0.48, 0.007) @ turned + middle], drawing.shade)
        drawing.cut([box(0.1, 0.0, 0.47, 0.1) @ turned + middle], drawing.light, opacity=0.85)


def _tree(drawing: Drawing) -> None:
    brief = drawing.brief
    trunk = [_limb(0.11, (0.0, -0.03), (0.02, 0.2), (-0.02, 0.42), (0.0, 0.6), taper=0.2)]
    trunk += [
        _limb(0.05, (0.0, 0.3), (side * 0.14, 0.46), (side * 0.26, 0.6), taper=0.4)
        for side in (-1, 1)
    ]
    drawing.cut(trunk, drawing.shade)
    for tone, lift in (
        (drawing.shade, -0.05),
        (drawing.body, 0.0),
        (mix(drawing.body, drawing.light, 0.3), 0.06),
    ):
        crown = []
        for _ in range(110):
            angle, away = (
                brief.between(0, 6.28),
                math.sqrt(brief.between(0, 1)) * (0.4 - abs(lift) * 1.7),
            )
            x, y = math.cos(angle) * away - lift * 1.2, -0.72 - lift - math.sin(angle) * away * 0.62
            crown.append(
                ellipse(
                    x,
                    y,
                    brief.between(0.03, 0.065),
                    brief.between(0.02, 0.04),
                    turn=brief.between(-0.5, 0.5),
                    steps=10,
                )
            )
        drawing.cut(crown, tone)


def _balloon(drawing: Drawing) -> None:
    def gore(inner: float, outer: float) -> Points:
        at = np.linspace(0, 1, 30)
        half = np.sin(np.pi * np.clip(at, 0, 1) ** 0.8) ** 0.75 * 0.34 + at * 0.05
        y = -1.0 + at * 0.76
        return np.concatenate(
            [np.stack([half * inner, y], 1), np.stack([half * outer, y], 1)[::-1]]
        )

    accent, light = drawing.brief.palette.accent, drawing.light
    edges = (-1.0, -0.72, -0.26, 0.26, 0.72, 1.0)
    for index in range(5):
        tone = accent if index % 2 == 0 else mix(light, drawing.body, 0.1)
        drawing.cut([gore(edges[index], edges[index + 1])], tone)
    drawing.cut([gore(0.35, 1.0)], drawing.shade, opacity=0.28)
    drawing.cut(
        [
            np.array(
                [
                    (side * 0.045, -0.25),
                    (side * 0.052, -0.25),
                    (side * 0.062, -0.1),
                    (side * 0.052, -0.1),
                ]
            )
            for side in (-1, 1)
        ],
        drawing.shade,
    )
    drawing.cut([box(-0.065, -0.11, 0.065, -0.01)], mix(drawing.shade, accent, 0.3))


def _gate(drawing: Drawing) -> None:
    red = drawing.brief.palette.accent
    drawing.cut(
        [
            np.array([(x - 0.045, 0.03), (x - 0.035, -0.85), (x + 0.035, -0.85), (x + 0.045, 0.03)])
            for x in (-0.36, 0.36)
        ],
        red,
    )
    drawing.cut([box(-0.5, -0.72, 0.5, -0.655), box(-0.03, -0.85, 0.03, -0.7)], red)
    beam = _curve(
        (-0.68, 1.0),
        (-0.3, 0.925),
        (0.0, 0.915),
        (0.3, 0.925),
        (0.68, 1.0),
        (0.64, 0.9),
        (0.3, 0.83),
        (0.0, 0.82),
        (-0.3, 0.83),
        (-0.64, 0.9),
    )
    drawing.cut([beam], mix(red, drawing.shade, 0.55))
    drawing.cut(
        [box(0.36, -0.85, 0.405, 0.03), box(-0.36, -0.85, -0.318, 0.03)],
        drawing.shade,
        opacity=0.35,
    )


def _tent(drawing: Drawing) -> None:
    drawing.glow(0, -0.2, 0.7, 0.6)
    drawing.cut(
        [np.array([(-0.72, 0.02), (-0.06, -0.72), (0.1, -0.72), (0.72, 0.02)])],
        mix(drawing.brief.palette.accent, drawing.light, 0.25),
    )
    drawing.cut([np.array([(0.1, -0.72), (0.72, 0.02), (0.2, 0.02)])], drawing.shade, opacity=0.4)
    drawing.cut([np.array([(-0.3, 0.02), (-0.04, -0.56), (0.12, 0.02)])], drawing.light)


def _figure(drawing: Drawing) -> None:
    coat = _curve(
        (-0.16, 0.03),
        (-0.15, 0.3),
        (-0.125, 0.6),
        (-0.115, 0.76),
        (-0.05, 0.82),
        (0.05, 0.82),
        (0.115, 0.76),
        (0.125, 0.6),
        (0.15, 0.3),
        (0.17, 0.03),
    )
    drawing.cut([box(-0.08, -0.1, -0.02, 0.01), box(0.02, -0.1, 0.08, 0.01)], drawing.shade)
    drawing.cut([coat, ellipse(0, -0.9, 0.07, 0.085)], drawing.body)
    drawing.cut(
        [_curve((0.03, 0.03), (0.04, 0.5), (0.03, 0.8), (0.115, 0.76), (0.15, 0.3), (0.17, 0.03))],
        drawing.shade,
        opacity=0.4,
    )
    if drawing.brief.traits & {"rain", "umbrella"}:
        drawing.cut([_limb(0.014, (0.1, 0.5), (0.11, 0.9), (0.1, 1.16), taper=0.0)], drawing.shade)
        canopy = _curve(
            (-0.36, 0.98),
            (-0.26, 1.13),
            (0.1, 1.24),
            (0.42, 1.13),
            (0.54, 0.98),
            (0.4, 1.02),
            (0.25, 0.98),
            (0.1, 1.02),
            (-0.06, 0.98),
            (-0.2, 1.02),
        )
        drawing.cut([canopy], drawing.brief.palette.accent)
    elif drawing.brief.traits & {"lamp", "lantern"} or drawing.brief.palette.dark:
        drawing.cut([_limb(0.05, (0.1, 0.7), (0.24, 0.52), taper=0.2)], drawing.body)
        drawing.glow(0.25, -0.42, 0.16, 1.0)
        drawing.cut([ellipse(0.25, -0.43, 0.035, 0.05)], drawing.light)
    else:
        drawing.cut(
            [
                _curve(
                    (-0.1, 0.94), (-0.03, 0.97), (0.0, 1.0), (0.05, 0.97), (0.1, 0.94), (0.0, 0.925)
                ),
                _limb(0.016, (0.2, 0.0), (0.19, 0.7), taper=0.0),
            ],
            drawing.shade,
        )


def _rocket(drawing: Drawing) -> None:
    drawing.glow(0, 0.0, 0.35, 0.9)
    drawing.cut(
        [_curve((-0.08, 0.16), (-0.11, 0.02), (0.0, -0.22), (0.11, 0.02), (0.08, 0.16))],
        drawing.light,
    )
    drawing.cut(
        [
            _curve((-0.12, 0.42), (-0.3, 0.22), (-0.28, 0.1), (-0.1, 0.2)),
            _curve((0.12, 0.42), (0.3, 0.22), (0.28, 0.1), (0.1, 0.2)),
        ],
        drawing.brief.palette.accent,
    )
    drawing.cut(
        [
            _curve(
                (-0.1, 0.16),
                (-0.16, 0.4),
                (-0.13, 0.72),
                (0.0, 1.0),
                (0.13, 0.72),
                (0.16, 0.4),
                (0.1, 0.16),
            )
        ],
        mix(drawing.light, drawing.body, 0.15),
    )
    drawing.cut(
        [_curve((0.03, 0.16), (0.06, 0.5), (0.0, 1.0), (0.13, 0.72), (0.16, 0.4), (0.1, 0.16))],
        drawing.shade,
        opacity=0.3,
    )
    drawing.cut([_curve((-0.095, 0.82), (0.0, 1.0), (0.095, 0.82))], drawing.brief.palette.accent)
    drawing.cut([ellipse(0, -0.6, 0.065, 0.065)], drawing.shade)
    drawing.cut(
        [ellipse(0, -0.6, 0.045, 0.045)], mix(drawing.brief.palette.sky, drawing.light, 0.3)
    )


def _robot(drawing: Drawing) -> None:
    metal, dark = mix(drawing.light, drawing.body, 0.5), drawing.shade
    drawing.cut(
        [
            box(-0.14, -0.2, -0.05, 0.0),
            box(0.05, -0.2, 0.14, 0.0),
            box(-0.31, -0.5, -0.235, -0.22),
            box(0.235, -0.5, 0.31, -0.22),
            box(-0.012, -1.0, 0.012, -0.9),
        ],
        dark,
    )
    drawing.cut(
        [
            _curve(
                (-0.22, 0.17),
                (-0.24, 0.36),
                (-0.21, 0.55),
                (0.0, 0.575),
                (0.21, 0.55),
                (0.24, 0.36),
                (0.22, 0.17),
                (0.0, 0.155),
            )
        ],
        metal,
    )
    drawing.cut(
        [
            _curve(
                (-0.2, 0.62),
                (-0.225, 0.76),
                (-0.18, 0.89),
                (0.0, 0.915),
                (0.18, 0.89),
                (0.225, 0.76),
                (0.2, 0.62),
                (0.0, 0.6),
            )
        ],
        metal,
    )
    drawing.cut([box(0.08, -0.54, 0.23, -0.18), box(0.08, -0.88, 0.21, -0.63)], dark, opacity=0.22)
    drawing.cut(
        [
            _curve(
                (-0.15, 0.69), (-0.16, 0.78), (0.0, 0.84), (0.16, 0.78), (0.15, 0.69), (0.0, 0.665)
            )
        ],
        dark,
    )
    drawing.glow(0.0, -0.75, 0.16, 0.5)
    drawing.cut(
        [
            ellipse(-0.075, -0.75, 0.035, 0.035),
            ellipse(0.075, -0.75, 0.035, 0.035),
            ellipse(0, -1.0, 0.03, 0.03),
        ],
        drawing.light,
    )
    drawing.cut([ellipse(0, -0.36, 0.07, 0.07)], drawing.brief.palette.accent)


def _mushroom(drawing: Drawing) -> None:
    for x, scale in ((-0.34, 0.5), (0.36, 0.38), (0.0, 1.0)):

        def at(points: Points, x: float = x, scale: float = scale) -> Points:
            return points * scale + np.array([x, 0.0])

        drawing.cut(
            [
                at(
                    _curve(
                        (-0.11, 0.0),
                        (-0.08, 0.3),
                        (-0.09, 0.6),
                        (0.09, 0.6),
                        (0.08, 0.3),
                        (0.12, 0.0),
                    )
                )
            ],
            mix(drawing.light, drawing.body, 0.2),
        )
        drawing.cut(
            [at(_curve((0.02, 0.0), (0.03, 0.6), (0.09, 0.6), (0.08, 0.3), (0.12, 0.0)))],
            drawing.shade,
            opacity=0.25,
        )
        drawing.cut(
            [
                at(
                    _curve(
                        (-0.42, 0.52),
                        (-0.36, 0.74),
                        (-0.18, 0.94),
                        (0.0, 1.0),
                        (0.18, 0.94),
                        (0.36, 0.74),
                        (0.42, 0.52),
                        (0.2, 0.475),
                        (0.0, 0.465),
                        (-0.2, 0.475),
                    )
                )
            ],
            drawing.brief.palette.accent,
        )
        drawing.cut(
            [
                at(ellipse(a, -b, r, r * 0.85))
                for a, b, r in (
                    (-0.2, 0.72, 0.055),
                    (0.03, 0.86, 0.06),
                    (0.2, 0.68, 0.05),
                    (0.0, 0.63, 0.04),
                    (-0.09, 0.93, 0.025),
                )
            ],
            drawing.light,
        )


def _ship(drawing: Drawing) -> None:
    drawing.cut(
        [
            box(x - 0.01, -top, x + 0.01, -0.1)
            for x, top in ((-0.32, 0.82), (0.0, 1.0), (0.32, 0.78))
        ],
        drawing.shade,
    )
    sails = []
    for x, top in ((-0.32, 0.78), (0.0, 0.95), (0.32, 0.74)):
        for low, high, half in ((0.24, 0.48, 0.17), (0.5, 0.74, 0.13)):
            scale = top / 0.95
            sails.append(
                _curve(
                    (x - half, low * scale),
                    (x - half * 0.8, high * scale),
                    (x + half * 0.8, high * scale),
                    (x + half, low * scale),
                    (x + half * 0.5, (low + 0.05) * scale),
                    (x - half * 0.5, (low + 0.05) * scale),
                )
            )
    drawing.cut(sails, mix(drawing.light, drawing.body, 0.15))
    drawing.cut(
        [
            _curve(
                (-0.72, 0.3),
                (-0.55, 0.08),
                (-0.4, -0.01),
                (0.35, -0.01),
                (0.5, 0.08),
                (0.56, 0.26),
                (0.3, 0.17),
                (-0.3, 0.16),
            )
        ],
        drawing.shade,
    )
    drawing.cut([box(0.0, -1.06, 0.14, -1.0)], drawing.brief.palette.accent)


SUBJECTS: dict[str, Callable[[Drawing], None]] = {
    "fox": _fox, "wolf": _wolf, "cat": _cat, "owl": _owl, "deer": _deer, "rabbit": _rabbit,
    "birds": _birds, "whale": _whale, "fish": _fish, "lighthouse": _lighthouse,
    "sailboat": _sailboat, "ship": _ship, "house": _house, "castle": _castle, "windmill": _windmill,
    "tree": _tree, "balloon": _balloon, "gate": _gate, "tent": _tent, "figure": _figure,
    "rocket": _rocket, "robot": _robot, "mushroom": _mushroom,
}  # fmt: skip
FLYING = frozenset({"birds", "balloon", "whale", "fish"})
_AFLOAT = frozenset({"sailboat", "ship", "lighthouse", "rocket", "owl"})
_LEAST_CONTRAST = 0.2
WARM_COATED = frozenset({"fox", "fish"})


def paint_subject(
    canvas: Canvas, brief: Brief, name: str, x: float, y: float, size: float, *, depth: float = 0.8
) -> None:
    """Draw `name` standing at (`x`, `y`), `size` high; `depth` 0 is far and pale, 1 near and dark."""
    palette = brief.palette
    shade = mix(palette.far, palette.near, 0.35 + 0.65 * depth)
    if name in WARM_COATED:
        body = palette.accent
    elif name in {"house", "castle", "windmill", "whale"}:
        body = mix(palette.far, palette.near, 0.25 + 0.35 * depth)
    elif name == "tree":
        body = mix(palette.accent, palette.far, 0.25 if "autumn" in brief.traits else 0.7)
    else:
        body = mix(mix(palette.far, palette.near, 0.2 + 0.7 * depth), palette.accent, 0.08)
    light = mix(palette.light, palette.horizon, 0.12)
    if name not in WARM_COATED:
        body = _set_off(canvas, body, x, y - size / 2, size * 0.3)
    if name not in FLYING and name not in _AFLOAT:
        away = canvas.distance(x, y + size * 0.01, squash=7) / (size * 0.42)
        canvas.shade(np.exp(-away * away) * 0.45, mix(palette.near, palette.ground, 0.2))
    SUBJECTS[name](Drawing(canvas, brief, x, y, size, brief.chance(0.5), body, shade, light))


def _set_off(canvas: Canvas, body: Colour, x: float, y: float, reach: float) -> Colour:
    """`body`, made lighter where it would be lost on a dark ground."""
    window = canvas.window(x - reach, y - reach, x + reach, y + reach)
    if window is None:
        return body
    behind = canvas.planes[:, window[0], window[1]].mean(axis=(1, 2))
    ground, own = lightness(behind), lightness(body)
    if abs(ground - own) >= _LEAST_CONTRAST:
        return body
    darker = ground > 0.45
    return adjust(
        body, lightness=(ground - _LEAST_CONTRAST if darker else ground + _LEAST_CONTRAST) - own
    )
