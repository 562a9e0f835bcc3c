"""Kitty's placeholders, read as a terminal does.

See https://sw.kovidgoyal.net/kitty/graphics-protocol/#unicode-placeholders.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

PLACEHOLDER = "\U0010eeee"


def read_placeholders(text: str, numbers: Sequence[int]) -> list[tuple[int, int, str]]:
    """Row, column and highest byte of each, the last one as its mark.

    `numbers` are the code points of the marks for 0, 1, and so on. A placeholder without marks is
    to the right of the one before it.
    """
    found: list[tuple[int, int, str]] = []
    for marks in re.findall(f"{PLACEHOLDER}([^{PLACEHOLDER}\x1b│]*)", text):
        if marks.strip():
            row, column, high = marks.strip()
            found.append((numbers.index(ord(row)), numbers.index(ord(column)), high))
        else:
            row, column, high = found[-1]
            found.append((row, column + 1, high))
    return found
