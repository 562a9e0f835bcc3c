"""Colours as float32 RGB triples in 0..1, mixed where the eye would mix them.

Mixing and shifting happen in OKLab (Björn Ottosson, 2020, https://bottosson.github.io/posts/oklab/),
in which equal steps look equal and a mixture of two hues does not turn grey.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

# float32 in fact; the checker takes an array times a Python number for float64.
Field = npt.NDArray[np.floating[Any]]
Colour = npt.NDArray[np.floating[Any]]

_TO_CONE = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
_FROM_CONE = np.linalg.inv(_TO_CONE)
_FROM_LAB = np.linalg.inv(_TO_LAB)


def from_hex(text: str) -> Colour:
    """The colour written as `#rrggbb`."""
    value = int(text.removeprefix("#"), 16)
    return np.array([value >> 16, value >> 8 & 255, value & 255], np.float32) / 255


def to_oklab(colours: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """sRGB in 0..1, shape (…, 3), as OKLab: lightness 0..1, then the two colour axes."""
    rgb = np.clip(colours.astype(np.float64), 0, 1)
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return np.asarray(np.cbrt(linear @ _TO_CONE.T) @ _TO_LAB.T)


def from_oklab(lab: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    """OKLab as sRGB, clipped to 0..1."""
    linear = np.clip((lab @ _FROM_LAB.T) ** 3 @ _FROM_CONE.T, 0, 1)
    rgb = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    return rgb.astype(np.float32)


def mix(first: Colour, second: Colour, amount: float) -> Colour:
    """`amount` 0 is `first`, 1 is `second`."""
    return from_oklab(to_oklab(first) * (1 - amount) + to_oklab(second) * amount)


def adjust(
    colour: Colour, *, lightness: float = 0.0, chroma: float = 1.0, turn: float = 0.0
) -> Colour:
    """`colour` made lighter by `lightness`, `chroma` times as strong, its hue turned (radians)."""
    light, a, b = to_oklab(colour)
    cosine, sine = math.cos(turn) * chroma, math.sin(turn) * chroma
    return from_oklab(np.array([light + lightness, a * cosine - b * sine, a * sine + b * cosine]))


def lightness(colour: Colour) -> float:
    """Perceived lightness of `colour`, 0..1."""
    return float(to_oklab(colour)[0])


def ramp(colours: Sequence[Colour], steps: int = 512) -> npt.NDArray[np.float32]:
    """A smooth passage through `colours` at equal distances: shape (3, steps)."""
    stops = to_oklab(np.stack(list(colours)))
    places = np.linspace(0, len(stops) - 1, steps)
    lab = np.stack(
        [np.interp(places, np.arange(len(stops)), stops[:, axis]) for axis in range(3)], axis=-1
    )
    return np.ascontiguousarray(from_oklab(lab).T)
