"""Sizes taken apart: how large, what shape, and which way round.

All that is given back as a size is legal.
"""

from __future__ import annotations

from tui.catalog.card import Parameter
from tui.catalog.legality import fault_of
from tui.catalog.sizes import (
    Size,
    parse_size,
    presets_by_ratio,
    ratio_text,
    size_for_ratio,
    swapped,
    tier_of,
    tier_side,
)
from tui.config import JSON


def tiers_of(parameter: Parameter) -> tuple[str, ...]:
    """The tiers of `parameter` that say how large a picture is; `auto` does not."""
    return tuple(tier for tier in parameter.tiers if tier_side(tier))


def tier_in_use(parameter: Parameter, value: JSON) -> str:
    """The tier that `value` is, or comes nearest to; "" where none says anything."""
    if sides := sides_of(value):
        return tier_of(parameter, *sides)
    return str(value) if value in tiers_of(parameter) else ""


def ratio_in_use(value: JSON) -> str:
    """The ratio of `value`; "" for a size that goes by a name."""
    sides = sides_of(value)
    return ratio_text(*sides) if sides else ""


def sides_of(value: JSON) -> Size | None:
    """Width and height of `value`; None for a size that goes by a name, or no size."""
    return parse_size(value) if isinstance(value, str) else None


def ratios_of(parameter: Parameter, tier: str, *, upright: bool) -> dict[str, str]:
    """The presets of `tier` by their ratio, those that lie or those that stand; squares do both."""
    return {
        ratio: preset
        for ratio, preset in presets_by_ratio(parameter, tier).items()
        if (sides := parse_size(preset))
        and (sides[0] == sides[1] or (sides[1] > sides[0]) == upright)
    }


def in_tier(parameter: Parameter, value: JSON, tier: str) -> str:
    """`value` as large as `tier`, in the same shape; the tier itself for a size by name."""
    sides = sides_of(value)
    return size_for_ratio(parameter, sides[0] / sides[1], tier) if sides else tier


def turned(parameter: Parameter, value: JSON) -> str | None:
    """`value` from landscape to portrait or back; None where that changes nothing or is illegal."""
    sides = sides_of(value)
    if sides is None or sides[0] == sides[1]:
        return None
    other = swapped(str(value))
    return None if fault_of(parameter, other) else other
