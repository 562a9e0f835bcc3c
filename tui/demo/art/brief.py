"""What a scene is told: which colours, which weather, which subjects, and its own chance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tui.demo.art.noise import along
from tui.demo.art.palettes import Palette


@dataclass(frozen=True)
class Brief:
    """`traits` are words of the lexicon such as `snow`; `subjects` names of silhouettes;
    `number` is how many of the main thing the prompt asks for, 0 if it does not say."""

    palette: Palette
    random: np.random.Generator
    traits: frozenset[str] = frozenset()
    subjects: tuple[str, ...] = ()
    number: int = 0

    def between(self, low: float, high: float) -> float:
        """A random number between `low` and `high`."""
        return along(self.random, low, high)

    def chance(self, probability: float) -> bool:
        """True in about `probability` of all seeds."""
        return float(self.random.random()) < probability

    def whole(self, low: int, high: int) -> int:
        """A random whole number from `low` to `high`, both included."""
        return int(self.random.integers(low, high + 1))


@dataclass(frozen=True, slots=True)
class Spot:
    """A place for a subject: where it stands, how large it is, 0 far to 1 near."""

    x: float
    y: float
    size: float
    depth: float


@dataclass(frozen=True, slots=True)
class Stage:
    """Where a scene has room for what stands, flies or floats."""

    ground: Spot
    air: Spot
    water: Spot | None = None
