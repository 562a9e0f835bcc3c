"""Random fields that do not depend on the resolution they are drawn at.

A field is made from lattices of random values, one an octave, enlarged smoothly; the lattices
depend on the generator and the picture's proportions alone, so a preview and a 4K picture of one
seed show the same forms.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from PIL import Image

from tui.demo.art.colour import Field


def enlarge(
    field: Field, width: int, height: int, *, box: tuple[float, ...] | None = None
) -> Field:
    """`field` scaled to `width` × `height` pixels, smoothly; `box` is the part of it to take."""
    image = Image.fromarray(np.ascontiguousarray(field, dtype=np.float32))
    return np.asarray(image.resize((width, height), Image.Resampling.BICUBIC, box))  # type: ignore[arg-type]


def shrink(field: Field, width: int, height: int) -> Field:
    """`field` averaged down to `width` × `height` pixels."""
    image = Image.fromarray(np.ascontiguousarray(field, dtype=np.float32))
    return np.asarray(image.resize((width, height), Image.Resampling.BOX))


def blur(field: Field, radius: float) -> Field:
    """`field` softened over about `radius` pixels."""
    height, width = field.shape
    factor = max(1.0, radius / 2)
    small = shrink(field, max(2, round(width / factor)), max(2, round(height / factor)))
    for _ in range(2):
        padded = np.pad(small, 1, mode="edge")
        small = (padded[:-2] + padded[1:-1] * 2 + padded[2:])[:, 1:-1] * 0.25
        padded = np.pad(small, 1, mode="edge")
        small = (padded[:, :-2] + padded[:, 1:-1] * 2 + padded[:, 2:])[1:-1] * 0.25
    return enlarge(small, width, height)


def clouds(
    random: np.random.Generator,
    width: int,
    height: int,
    *,
    cells: float = 3.0,
    octaves: int = 5,
    gain: float = 0.5,
    stretch: float = 1.0,
) -> Field:
    """Fractal noise of shape (height, width), mostly within -1..1, mean about 0.

    `cells` is how many coarse forms the short side holds; `stretch` how many times longer than
    high they are.
    """
    short, longer = min(width, height), math.sqrt(stretch)
    across, down = cells * width / short / longer, cells * height / short * longer
    columns, rows = math.ceil(across) + 2, math.ceil(down) + 2
    own = np.random.default_rng(int(random.integers(2**62)))
    field = np.zeros((rows, columns), np.float32)
    factor = 1
    for octave in range(octaves):
        factor = 2**octave
        lattice = own.random((rows * factor, columns * factor), dtype=np.float32) - 0.5
        field = enlarge(field, columns * factor, rows * factor) + lattice * (gain**octave)
        if cells * factor > short:  # finer than a pixel
            break
    power = sum(gain ** (2 * octave) for octave in range(octaves)) / 12
    box = (factor, factor, (1 + across) * factor, (1 + down) * factor)
    return enlarge(field, width, height, box=box) * (0.5 / math.sqrt(power))


def profile(
    random: np.random.Generator,
    length: int,
    extent: float,
    *,
    cells: float = 2.0,
    octaves: int = 6,
    gain: float = 0.5,
    ridged: bool = False,
) -> Field:
    """A fractal line of `length` samples over `extent` units, within about -1..1.

    `cells` is how many coarse forms a unit holds; a ridged line has sharp crests.
    """
    own = np.random.default_rng(int(random.integers(2**62)))
    places = np.linspace(0, extent, length)
    line = np.zeros(length)
    weight, total = 1.0, 0.0
    for octave in range(octaves):
        step = places * cells * 2**octave + own.random()
        knots = own.random(math.ceil(extent * cells * 2**octave) + 4) * 2 - 1
        at = np.floor(step).astype(int)
        part = step - at
        smooth = part * part * (3 - 2 * part)
        value = knots[at] * (1 - smooth) + knots[at + 1] * smooth
        line += (1 - 2 * np.abs(value) if ridged else value) * weight
        total += weight
        weight *= gain
    return (line / total * 1.6).astype(np.float32)


def sample(field: Field, x: Field, y: Field) -> Field:
    """`field` read at pixel places `x`, `y`, between pixels too; mirrored beyond its edges."""
    rows, columns = field.shape
    left, top = np.floor(x), np.floor(y)
    right, down = x - left, y - top
    column, row = left.astype(np.int32), top.astype(np.int32)
    column0, column1 = _mirrored(column, columns), _mirrored(column + 1, columns)
    row0, row1 = _mirrored(row, rows) * columns, _mirrored(row + 1, rows) * columns
    upper, lower = np.take(field, row0 + column0), np.take(field, row1 + column0)
    upper += (np.take(field, row0 + column1) - upper) * right
    lower += (np.take(field, row1 + column1) - lower) * right
    return np.asarray(upper + (lower - upper) * down, np.float32)


def _mirrored(place: npt.NDArray[np.int32], length: int) -> npt.NDArray[np.int32]:
    around = place % np.int32(2 * length)
    return np.minimum(around, np.int32(2 * length - 1) - around)  # type: ignore[no-any-return]


def step(low: float, high: float, value: Field) -> Field:
    """0 below `low`, 1 above `high`, a smooth passage between; `low` may be the greater."""
    part = np.clip((value - low) / (high - low), 0, 1)
    return np.asarray(part * part * (3 - 2 * part), np.float32)


def along(random: np.random.Generator, low: float, high: float) -> float:
    """A random number between `low` and `high`."""
    return low + (high - low) * float(random.random())
