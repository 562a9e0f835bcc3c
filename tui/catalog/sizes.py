"""Image sizes: reading them, their ratio, and the nearest one that a model accepts."""

from __future__ import annotations

import math
import re

from tui.catalog.card import Parameter

Size = tuple[int, int]
"""Width and height in pixels."""

SIDE_LIMIT = 1 << 16
"""No model paints a longer side, so no search goes beyond it."""

_SIZE = re.compile(r"\s*(\d{1,6})\s*[xX×*✕]\s*(\d{1,6})\s*(?:px)?\s*", re.ASCII)
_RATIO = re.compile(r"\s*(\d{1,4}(?:\.\d{1,4})?)\s*[:/]\s*(\d{1,4}(?:\.\d{1,4})?)\s*", re.ASCII)
_TIER = re.compile(r"\s*(\d{1,2}(?:\.\d{1,2})?)\s*k\s*", re.ASCII | re.IGNORECASE)

_COMMON_RATIOS = ((1, 1), (5, 4), (4, 3), (3, 2), (16, 9), (2, 1), (21, 9), (3, 1))
# Vendors round the sides of a ratio to their own grid: 1472×1088 is sold as 4:3.
_RATIO_TOLERANCE = 0.02
# Above the rounding error of a side times an aspect, far below one pixel.
_PIXEL_FRACTION = 1e-6


def parse_size(text: str) -> Size | None:
    """Width and height of `2304x1728`, also with ×, *, blanks or px; None for anything else."""
    match = _SIZE.fullmatch(text)
    if match is None:
        return None
    width, height = int(match[1]), int(match[2])
    return (width, height) if width and height else None


def size_text(width: int, height: int) -> str:
    """A size as requests carry it: `2304x1728`."""
    return f"{width}x{height}"


def swapped(size: str) -> str:
    """`size` turned from landscape to portrait or back; a size by name stays as it is."""
    sides = parse_size(size)
    return size if sides is None else size_text(sides[1], sides[0])


def parse_ratio(text: str) -> float | None:
    """Width over height of `16:9`; None for anything else."""
    match = _RATIO.fullmatch(text)
    if match is None or not float(match[1]) or not float(match[2]):
        return None
    return float(match[1]) / float(match[2])


def ratio_text(width: int, height: int) -> str:
    """The ratio of the sides in small numbers: `4:3`, or `1.81:1` when nothing common is near."""
    longer, shorter = max(width, height), min(width, height)
    aspect = longer / shorter
    first, second = min(_COMMON_RATIOS, key=lambda ratio: abs(ratio[0] / ratio[1] / aspect - 1))
    if abs(first / second / aspect - 1) <= _RATIO_TOLERANCE:
        pair = (f"{first}", f"{second}")
    else:
        divisor = math.gcd(longer, shorter)
        small = longer // divisor < 100
        pair = (
            (f"{longer // divisor}", f"{shorter // divisor}") if small else (f"{aspect:.4g}", "1")
        )
    return ":".join(pair if width >= height else reversed(pair))


def tier_side(tier: str) -> int | None:
    """Side in pixels of the square that `2K` stands for; None for a name without a number."""
    match = _TIER.fullmatch(tier)
    return round(float(match[1]) * 1024) if match and float(match[1]) else None


def tier_of(parameter: Parameter, width: int, height: int) -> str:
    """The tier of `parameter` whose square has the nearest number of pixels; "" if none has."""
    side = math.sqrt(width * height)
    sides = {tier: tier_side(tier) for tier in parameter.tiers}
    distance = {tier: abs(math.log(square / side)) for tier, square in sides.items() if square}
    return min(distance, key=distance.__getitem__, default="")


def presets_by_ratio(parameter: Parameter, tier: str = "") -> dict[str, str]:
    """The first preset of each ratio, among those of `tier` if it is given."""
    presets: dict[str, str] = {}
    for preset in parameter.presets:
        sides = parse_size(preset)
        if sides and tier in ("", tier_of(parameter, *sides)):
            presets.setdefault(ratio_text(*sides), preset)
    return presets


def size_for_ratio(parameter: Parameter, aspect: float, tier: str = "") -> str:
    """A legal size of `aspect` (width over height): a preset, or else the nearest legal size.

    `tier` says how large; without it, as large as the default. Raises ValueError when `parameter`
    allows no size at all.
    """
    default = parse_size(str(parameter.default)) or (1024, 1024)
    tier = tier or (str(parameter.default) if tier_side(str(parameter.default)) else "")
    side = tier_side(tier) or math.sqrt(default[0] * default[1])
    width = max(1, round(side * math.sqrt(aspect)))
    height = max(1, round(side / math.sqrt(aspect)))
    presets = presets_by_ratio(parameter, tier or tier_of(parameter, *default))
    preset = presets.get(ratio_text(width, height))
    return preset or size_text(*nearest_legal(parameter, width, height))


def why_illegal(parameter: Parameter, width: int, height: int) -> str | None:
    """Why `parameter` refuses a size in pixels, as a short sentence; None when it does not."""
    longer, shorter = max(width, height), min(width, height)
    least, most = _side_bounds(parameter)
    pixels = f"{width * height:,}"
    if parameter.only_presets:
        return None if size_text(width, height) in parameter.presets else "Not an offered size"
    if parameter.max_aspect and longer > shorter * parameter.max_aspect + _PIXEL_FRACTION:
        return f"Too long: sides differ {parameter.max_aspect:g} to 1 at most"
    if shorter < least or longer > most:
        return f"Each side goes from {least} to {most} pixels"
    if parameter.min_pixels and width * height < parameter.min_pixels:
        return f"Too small: {pixels} pixels, needs {parameter.min_pixels:,}"
    if parameter.max_pixels and width * height > parameter.max_pixels:
        return f"Too large: {pixels} pixels, limit {parameter.max_pixels:,}"
    if width % parameter.multiple_of or height % parameter.multiple_of:
        return f"Each side must be a multiple of {parameter.multiple_of}"
    return None


def nearest_legal(parameter: Parameter, width: int, height: int) -> Size:
    """The legal size in pixels nearest to `width` × `height`, which is itself when it is legal.

    The aspect is kept as closely as limits and grid allow, then the number of pixels; none that
    differs by as many pixels is nearer in aspect. Raises ValueError when `parameter` allows no
    size at all.
    """
    if why_illegal(parameter, width, height) is None:
        return width, height
    if parameter.only_presets:
        return _nearest_preset(parameter, width, height)
    wanted = max(width, height), min(width, height)
    longer, shorter = _best_shaped(parameter, _nearest_sides(parameter, *wanted), wanted)
    return (longer, shorter) if width >= height else (shorter, longer)


def _nearest_preset(parameter: Parameter, width: int, height: int) -> Size:
    sizes = [size for preset in parameter.presets if (size := parse_size(preset))]
    if not sizes:
        raise ValueError(f"{parameter.name} allows no size")

    def aspect_error(size: Size) -> float:
        return _aspect_error(size, (width, height))

    def pixel_error(size: Size) -> float:
        return abs(math.log(size[0] * size[1] / (width * height)))

    def pixels_off(size: Size) -> int:
        return abs(size[0] * size[1] - width * height)

    least = min(map(aspect_error, sizes))
    alike = [size for size in sizes if aspect_error(size) <= least + _RATIO_TOLERANCE]
    nearest = min(alike, key=pixel_error)
    as_far = [size for size in sizes if pixels_off(size) == pixels_off(nearest)]
    return min((nearest, *as_far), key=aspect_error)


def _nearest_sides(parameter: Parameter, longer: int, shorter: int) -> Size:
    """The legal pair nearest to the pair that would be ideal if pixels could be divided."""
    ideal_long, ideal_short = _ideal_sides(parameter, longer, shorter)
    step = parameter.multiple_of
    centre = round(ideal_long / step) * step
    around = range(max(step, centre - 2 * step), centre + 2 * step + 1, step)
    # Limits so tight that hardly a size fits them need the long way.
    for candidates in (around, range(step, _side_bounds(parameter)[1] + 1, step)):
        pairs = [
            (long, min(max(round(ideal_short / step) * step, shorts[0]), shorts[-1]))
            for long in candidates
            if (shorts := _short_sides(parameter, long))
        ]
        if pairs:
            return min(pairs, key=lambda pair: math.dist(pair, (ideal_long, ideal_short)))
    raise ValueError(f"{parameter.name} allows no size")


def _best_shaped(parameter: Parameter, size: Size, wanted: Size) -> Size:
    """Of the legal sizes that differ from `wanted` by as many pixels as `size`, the best shaped.

    Of all three sizes the longer side comes first.
    """
    pixels, pixels_wanted = size[0] * size[1], wanted[0] * wanted[1]
    error = _aspect_error(size, wanted)
    aspect, margin = wanted[0] / wanted[1], math.exp(error / 2)
    best = size
    for area in {pixels, 2 * pixels_wanted - pixels}:
        if area <= 0:
            continue
        # Only these longer sides make a shape that is nearer.
        middle = math.sqrt(area * aspect)
        low, high = max(middle / margin, math.sqrt(area)), middle * margin
        if parameter.max_aspect:
            high = min(high, math.sqrt(area * parameter.max_aspect))
        high = min(high + 1, _side_bounds(parameter)[1])
        step = parameter.multiple_of
        for longer in range(math.ceil(low / step) * step, int(high) + 1, step):
            found = longer, area // longer
            if area % longer or why_illegal(parameter, *found) is not None:
                continue
            if _aspect_error(found, wanted) < _aspect_error(best, wanted):
                best = found
    return best


def _aspect_error(size: Size, wanted: Size) -> float:
    return abs(math.log(size[0] / size[1] * wanted[1] / wanted[0]))


def _ideal_sides(parameter: Parameter, longer: int, shorter: int) -> tuple[float, float]:
    """Sides of the wanted aspect and area, moved into the limits with the aspect kept."""
    least, most = _side_bounds(parameter)
    min_pixels = parameter.min_pixels or 1
    max_pixels = parameter.max_pixels or most * most
    aspect = min(
        longer / shorter,
        parameter.max_aspect or math.inf,
        most / least,
        most * most / min_pixels,
        max_pixels / (least * least),
    )
    low = max(least * aspect, math.sqrt(min_pixels * aspect))
    high = min(most, math.sqrt(max_pixels * aspect))
    ideal = min(max(math.sqrt(longer * shorter * aspect), low), high)
    return ideal, ideal / aspect


def _short_sides(parameter: Parameter, longer: int) -> range:
    """Every shorter side that is legal beside `longer`."""
    least, most = _side_bounds(parameter)
    if longer > most:
        return range(0)
    step = parameter.multiple_of
    low = max(least, math.ceil((parameter.min_pixels or 1) / longer))
    if parameter.max_aspect:
        low = max(low, math.ceil((longer - _PIXEL_FRACTION) / parameter.max_aspect))
    high = longer
    if parameter.max_pixels:
        high = min(high, parameter.max_pixels // longer)
    return range(math.ceil(low / step) * step, high // step * step + 1, step)


def _side_bounds(parameter: Parameter) -> tuple[int, int]:
    most = min(parameter.max_side or SIDE_LIMIT, SIDE_LIMIT)
    return parameter.min_side or parameter.multiple_of, most
