"""Pictures as sixel text.

Each band of six pixel rows is drawn colour by colour, every pixel set exactly once (VT330/VT340
Programmer Reference, volume 2, chapter 14). Encoders that save bytes by painting one colour over
another leave stray lines in xterm, textual-image's among them, so this is our own.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Bytes: TypeAlias = NDArray[np.uint8]

BAND = 6
"""Pixel rows in one band; a picture's height should be a multiple of it."""
MAX_COLOURS = 256

_SAMPLE = 128
_SHORTEST_COUNTED_RUN = 4
_ZERO = np.uint8(ord("?"))


def sixel(picture: Image.Image, colours: int = MAX_COLOURS) -> str:
    """An RGB picture as one sixel sequence of at most `colours` colours (2 to 256)."""
    indexed = quantise(picture, colours)
    palette = np.array(indexed.getpalette(), dtype=np.uint8).reshape(-1, 3)
    return encode(np.asarray(indexed), palette)


def quantise(picture: Image.Image, colours: int) -> Image.Image:
    """The picture with a palette of its own and Floyd–Steinberg dithering.

    Maximum coverage keeps the rare extremes, without which dithering leaves specks in highlights;
    median cut does not. A sample of the pixels gives a palette as good as all of them do, and soon.
    """
    sample = picture.resize(
        (min(picture.width, _SAMPLE), min(picture.height, _SAMPLE)), Image.Resampling.NEAREST
    )
    palette = sample.quantize(colours, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    return picture.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG)


def encode(indices: Bytes, palette: Bytes) -> str:
    """The sixel sequence of an image of palette `indices` (height × width).

    `palette` has one row of red, green and blue, 0 to 255, for each index in use.
    """
    height, width = indices.shape
    line, column, pattern = _patterns(indices)
    begins_line = np.diff(line, prepend=line[:1] + 1) != 0
    gap = column - np.where(begins_line, 0, np.roll(column, 1) + 1)
    begins_run = begins_line | (gap > 0) | (np.diff(pattern, prepend=pattern[:1]) != 0)

    starts = np.flatnonzero(begins_run)
    length = np.diff(starts, append=len(line))
    line, begins_line = line[starts], begins_line[starts]
    band, colour = np.divmod(line, MAX_COLOURS)
    begins_band = np.diff(band, prepend=band[:1]) != 0

    counts = _table(
        f"!{count}" if count >= _SHORTEST_COUNTED_RUN else "" for count in range(width + 1)
    )
    selections = _table(f"#{index}" for index in range(MAX_COLOURS))
    advance = np.where(begins_band, ord("-"), ord("$")).astype(np.uint8)
    # A row for each run: new line and colour where there is one, the gap before it, and the run.
    body = np.hstack(
        (
            advance[:, None] * begins_line[:, None],
            selections[colour] * begins_line[:, None],
            _runs(gap[starts], np.full(len(starts), _ZERO), counts),
            _runs(length, pattern[starts] + _ZERO, counts),
        )
    ).ravel()
    body[0] = 0  # Nothing to advance from before the first line.

    used = np.unique(colour)
    percent = (palette[used].astype(np.uint16) * 100 + 127) // 255
    registers = "".join(
        f"#{index};2;{red};{green};{blue}"
        for index, (red, green, blue) in zip(used.tolist(), percent.tolist(), strict=True)
    )
    # P2 = 1: pixels that are not set stay as they are, those below the last row above all.
    return (
        f'\x1bP0;1;0q"1;1;{width};{height}{registers}'
        f"{body[body != 0].tobytes().decode('ascii')}\x1b\\"
    )


def _patterns(indices: Bytes) -> tuple[NDArray[np.int64], NDArray[np.int64], Bytes]:
    """Every column of every line that has a pixel, in the order of drawing.

    A line is one colour in one band, numbered band × 256 + colour. The pattern has bit n set
    where row n of the band has the colour in that column.
    """
    height, width = indices.shape
    # One integer a pixel (line, column, row in the band, from high to low bits) sorts them all.
    row, column = np.indices((height, width))
    line = row // BAND * MAX_COLOURS + indices
    pixels = ((line * width + column) * 8 + row % BAND).ravel()
    pixels.sort()
    places = pixels >> 3
    first = np.flatnonzero(np.diff(places, prepend=places[:1] + 1))
    bits = np.left_shift(1, pixels & 7).astype(np.uint8)
    pattern: Bytes = np.add.reduceat(bits, first)
    lines, columns = np.divmod(places[first].astype(np.int64), width)
    return lines, columns, pattern


def _runs(length: NDArray[np.int64], character: Bytes, counts: Bytes) -> Bytes:
    """One row of characters a run, with zero bytes where a run needs fewer."""
    text = np.zeros((len(length), max(2, counts.shape[1]) + 1), np.uint8)
    text[:, : counts.shape[1]] = counts[length]
    text[:, -1] = np.where(length > 0, character, 0)
    for place, shortest in enumerate((2, 3)):
        repeats = (length >= shortest) & (length < _SHORTEST_COUNTED_RUN)
        text[repeats, place] = character[repeats]
    return text


def _table(texts: Iterable[str]) -> Bytes:
    """One row of characters a text, with zero bytes after the shorter ones."""
    rows = np.array([text.encode("ascii") for text in texts])
    return np.ascontiguousarray(rows).view(np.uint8).reshape(len(rows), -1)
