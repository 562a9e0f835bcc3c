"""The seed of a request: drawn anew, the same again, or the next one."""

from __future__ import annotations

from random import SystemRandom
from typing import Literal

from tui.catalog.card import ModelCard, Parameter

LARGEST_SEED = 999_999
"""Drawn seeds are short enough to be read, said and typed; every known server takes them."""
_MOST = 2**31 - 1
"""What fits into a seed where no card says how many do."""

SeedMode = Literal["random", "fixed", "next"]
"""Drawn for each press of send, the same in each, or going on from the last."""
SEED_MODES: tuple[SeedMode, ...] = ("random", "fixed", "next")


def seed_parameter(card: ModelCard) -> Parameter | None:
    """The parameter of `card` that is a seed; None for a model without one."""
    return next((found for found in card.parameters if found.role == "seed"), None)


def drawn_seed(parameter: Parameter) -> int:
    """A random seed that `parameter` takes."""
    lowest, highest = _bounds(parameter)
    return SystemRandom().randint(lowest, min(highest, max(lowest, LARGEST_SEED)))


def seed_after(parameter: Parameter, seed: int, steps: int = 1) -> int:
    """The seed that comes so many `steps` after `seed`; after the greatest comes the least."""
    lowest, highest = _bounds(parameter)
    following = seed + steps
    if following <= highest:
        return max(lowest, following)
    return lowest + (following - highest - 1) % (highest - lowest + 1)


def _bounds(parameter: Parameter) -> tuple[int, int]:
    """The least and the greatest seed; those below 0 often mean something else."""
    lowest = max(0, int(parameter.minimum or 0))
    highest = _MOST if parameter.maximum is None else int(parameter.maximum)
    return lowest, max(lowest, highest)
