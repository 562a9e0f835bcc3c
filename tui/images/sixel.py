"""Pictures as sixel text.

Each band of six pixel rows is drawn colour by colour, every pixel set exactly once (VT330/VT340
Programmer Reference, volume 2, chapter 14). Encoders that save bytes by painting one colour over
another leave stray lines in xterm, textual-image's among them, so this is our own.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray
from PIL import Image

from tui.images.scaling import centred, middle

Bytes: TypeAlias = NDArray[np.uint8]
Numbers: TypeAlias = NDArray[np.signedinteger]

BAND = 6
"""Pixel rows in one band; a picture's height should be a multiple of it."""
MAX_COLOURS = 256
_FEWEST_COLOURS = 2

_SAMPLE = 96
_SHORTEST_COUNTED_RUN = 4
_ZERO, _SAME_BAND, _NEXT_BAND = (np.uint8(ord(character)) for character in "?$-")


def sixel(picture: Image.Image, colours: int = MAX_COLOURS) -> str:
    """An RGB picture as one sixel sequence of at most `colours` colours (2 to 256)."""
    return encode_indexed(quantise(picture, colours))


def encode_indexed(picture: Image.Image) -> str:
    """The same of a picture with a palette (mode P)."""
    palette = np.zeros((MAX_COLOURS, 3), np.uint8)
    colours = np.array(picture.getpalette(), dtype=np.uint8).reshape(-1, 3)
    palette[: len(colours)] = colours
    return encode(np.asarray(picture), palette)


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


def centred_in_palette(
    picture: Image.Image, size: tuple[int, int], background: tuple[int, int, int], colours: int
) -> Image.Image:
    """An RGB picture in the middle of one of `size`, with a palette that has the background: it
    would else be some colour of the picture around it.
    """
    if picture.size == size or colours <= _FEWEST_COLOURS:
        return quantise(centred(picture, size, background), colours)
    indexed = quantise(picture, colours - 1)
    palette = (indexed.getpalette() or [])[: 3 * (colours - 1)]
    canvas = Image.new("P", size, len(palette) // 3)
    canvas.putpalette([*palette, *background])
    canvas.paste(indexed, middle(picture.size, size))
    return canvas


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
    line, begins_line = line[starts], begins_line[starts]
    band, colour = line // MAX_COLOURS, line % MAX_COLOURS
    begins_band = np.diff(band, prepend=band[:1]) != 0
    begins_line[0] = False  # Nothing to advance from.
    runs = _Runs(
        begins_line,
        np.where(begins_band, _NEXT_BAND, _SAME_BAND),
        colour,
        gap=gap[starts],
        length=np.diff(starts, append=len(pattern)),
        character=pattern[starts] + _ZERO,
    )

    used = np.flatnonzero(np.bincount(colour))
    percent = (palette[used].astype(np.uint16) * 100 + 127) // 255
    registers = "".join(
        f"#{index};2;{red};{green};{blue}"
        for index, (red, green, blue) in zip(used.tolist(), percent.tolist(), strict=True)
    )
    # P2 = 1: pixels that are not set stay as they are, those below the last row above all.
    return (
        f'\x1bP0;1;0q"1;1;{width};{height}{registers}#{colour[0]}'
        f"{_text(runs).tobytes().decode('ascii')}\x1b\\"
    )


class _Runs(Struct, frozen=True):
    """Columns in a row with the same pattern, in the order of drawing; an item for each."""

    begins_line: NDArray[np.bool_]
    advance: Bytes
    """The character that leads to the line which begins."""
    colour: Numbers
    gap: Numbers
    """Columns that are left free before."""
    length: Numbers
    character: Bytes


def _patterns(indices: Bytes) -> tuple[Numbers, Numbers, Bytes]:
    """Every column of every line that has a pixel, in the order of drawing.

    A line is one colour in one band, numbered band × 256 + colour. The pattern has bit n set
    where row n of the band has the colour in that column.
    """
    height, width = indices.shape
    row, column = np.ogrid[:height, :width]
    # One integer a pixel (line, column, row in the band, from high to low bits) sorts them all;
    # those of 32 bits are sorted several times as fast.
    places = -(-height // BAND) * MAX_COLOURS * width
    kind = np.uint32 if places * 8 <= 2**32 else np.uint64
    first_place = (row // BAND * MAX_COLOURS * width * 8 + row % BAND).astype(kind)
    pixels = indices * kind(width * 8) + (first_place + (column * 8).astype(kind))
    pixels = pixels.ravel()
    pixels.sort()
    pixel_places = pixels >> kind(3)
    first = np.flatnonzero(np.diff(pixel_places, prepend=pixel_places[:1] + kind(1)))
    bits = np.left_shift(np.uint8(1), (pixels & kind(7)).astype(np.uint8))
    pattern: Bytes = np.bitwise_or.reduceat(bits, first)
    lines, columns = np.divmod(pixel_places[first], kind(width))
    return lines.astype(np.int32), columns.astype(np.int32), pattern


def _text(runs: _Runs) -> Bytes:
    """What is written for the runs: up to three pieces for each, which are a new line and its
    colour, the gap and the run itself.

    A piece is one character so many times, or a number with two characters.
    """
    numbers = np.empty((len(runs.gap), 3), np.int32)
    numbers[:, 0] = runs.colour * runs.begins_line
    numbers[:, 1] = runs.gap
    numbers[:, 2] = runs.length
    is_written = numbers >= _SHORTEST_COUNTED_RUN
    is_written[:, 0] = runs.begins_line
    characters = np.full((len(runs.gap), 3), _ZERO)
    characters[:, 0] = runs.advance
    characters[:, 2] = runs.character

    written = np.flatnonzero(is_written)
    sizes = numbers.ravel()
    numbers = sizes[written]
    sizes[written] = 2 + _digits(numbers)
    text = np.repeat(characters.ravel(), sizes)

    ends = sizes.cumsum()[written]
    starts = ends - sizes[written]
    is_colour = written % 3 == 0
    text[starts[is_colour] + 1] = ord("#")
    text[starts[~is_colour]] = ord("!")
    _write_numbers(text, ends - ~is_colour, numbers)
    return text


def _digits(numbers: Numbers) -> Bytes:
    """How many decimal digits each of the numbers has."""
    digits = np.ones(numbers.shape, np.uint8)
    power, largest = 10, int(numbers.max(initial=0))
    while power <= largest:
        digits += numbers >= power
        power *= 10
    return digits


def _write_numbers(text: Bytes, ends: Numbers, numbers: Numbers) -> None:
    """Write each number into `text` so that its last digit stands before its end."""
    while len(numbers):
        ends = ends - 1
        rest, digit = np.divmod(numbers, 10)
        text[ends] = digit + ord("0")
        is_longer = rest > 0
        ends, numbers = ends[is_longer], rest[is_longer]
