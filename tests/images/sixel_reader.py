"""A reader of sixel text, as strict as the strictest terminal."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

UNSET = -1
_SEQUENCE = re.compile(r'\x1bP0;1;0q"1;1;(\d+);(\d+)([ -~]*)\x1b\\')
_TOKEN = re.compile(r"#(\d+);2;(\d+);(\d+);(\d+)|#(\d+)|!(\d+)([?-~])|([?-~])|(\$)|(-)")


def read_sixel(text: str) -> NDArray[np.int64]:
    """The picture, height × width × 3 in percent, with the rows that the last band has too many.

    Fails for anything unknown, for a colour used before it is defined, for more columns than
    announced, and for a pixel that is set twice.
    """
    sequence = _SEQUENCE.fullmatch(text)
    assert sequence, text[:60]
    width, height, body = int(sequence[1]), int(sequence[2]), sequence[3]
    picture = np.full((-(-height // 6) * 6, width, 3), UNSET)
    registers: dict[int, tuple[int, int, int]] = {}
    colour: tuple[int, int, int] | None = None
    x = y = position = 0
    while position < len(body):
        token = _TOKEN.match(body, position)
        assert token, body[position : position + 20]
        position = token.end()
        number, red, green, blue, select, count, counted, single, home, line = token.groups()
        if number:
            registers[int(number)] = (int(red), int(green), int(blue))
        elif select:
            colour = registers[int(select)]
        elif home:
            x = 0
        elif line:
            x, y = 0, y + 6
        else:
            bits, repeat = ord(counted or single) - ord("?"), int(count or 1)
            assert x + repeat <= width
            for row in range(6):
                if bits >> row & 1:
                    pixels = picture[y + row, x : x + repeat]
                    assert (pixels == UNSET).all(), "a pixel is painted over"
                    pixels[:] = colour
            x += repeat
    return picture


def percent(rgb: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Colours from 0 to 255 in sixel's percent, rounded."""
    result: NDArray[np.int64] = (rgb.astype(np.int64) * 100 + 127) // 255
    return result
