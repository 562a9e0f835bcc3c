"""The style of one cell of a picture."""

from __future__ import annotations

from rich.color import Color, ColorType
from rich.color_triplet import ColorTriplet
from rich.style import Style


class CellStyle(Style):
    """The style of a cell, as its pixels: Rich keeps four objects for two colours.

    It has those and nothing else, both in 24 bits.
    """

    __slots__ = ("_both",)
    _both: bytes

    @classmethod
    def of(cls, both: bytes) -> Style:
        """The style of an upper pixel, and of the lower one where there are six bytes."""
        style = cls.__new__(cls)
        style._both = both
        style._ansi = style._style_definition = style._link = style._meta = style._hash = None
        style._set_attributes = style._attributes = 0
        style._link_id = ""
        style._null = False
        return style

    @property
    def _color(self) -> Color | None:  # type: ignore[override]  # only ever read
        return _colour(self._both[:3])

    @property
    def _bgcolor(self) -> Color | None:  # type: ignore[override]
        return _colour(self._both[3:])


def _colour(pixel: bytes) -> Color | None:
    if not pixel:
        return None
    # As Color.from_triplet makes it, which writes the name out: four times as slow.
    return Color(f"#{pixel.hex()}", ColorType.TRUECOLOR, None, ColorTriplet(*pixel))
