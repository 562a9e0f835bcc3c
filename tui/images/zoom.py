"""Which part of a picture is seen, and how large: pure arithmetic, light to import.

A dot is the smallest thing that the terminal draws: a pixel, or half a cell. All of it holds for
any picture and any room; nothing outside the picture is ever seen while there is more of it.
"""

from __future__ import annotations

from math import isclose
from typing import TypeAlias

from msgspec import Struct

Point: TypeAlias = tuple[float, float]
"""A place in the room, as shares of its width and height from the top left."""

CENTRE: Point = (0.5, 0.5)
ACTUAL = 1.0
"""The scale at which each pixel is a dot."""
LARGEST = 32.0
_STEPS = (
    *(2 ** (half / 2) for half in range(-16, 0)),
    *(1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0, 24.0, LARGEST),
)
"""The scales that are gone through; from 1 on, all pixels are equally large."""
_NEXT = 1.001
"""How much larger a scale has to be to be another one."""


class Zoom(Struct, frozen=True):
    """What of a picture is wanted to be seen."""

    scale: float = 0.0
    """Dots for each pixel, side by side; 0: as many as show the whole picture."""
    x: float = 0.5
    """The middle of what is seen, as shares of the picture's width and height."""
    y: float = 0.5

    @property
    def is_whole(self) -> bool:
        """Whether the whole picture is seen, however large the room."""
        return not self.scale


WHOLE = Zoom()


class Frame(Struct, frozen=True):
    """A picture and the room that it is seen in."""

    picture: tuple[int, int]
    """Width and height in pixels, at least one each."""
    room: tuple[int, int]
    """Width and height in dots, at least one each."""
    whole: float
    """The scale at which the whole picture is seen."""


class Part(Struct, frozen=True):
    """A rectangle of a picture, in pixels that may be broken."""

    left: float
    top: float
    width: float
    height: float


def scale_of(zoom: Zoom, frame: Frame) -> float:
    """Dots for each pixel."""
    return zoom.scale or frame.whole


def part_seen(zoom: Zoom, frame: Frame) -> Part:
    """What is seen of the picture. It begins at a whole dot, and so at a whole pixel at scale 1."""
    if zoom.is_whole:
        return Part(0, 0, *frame.picture)
    scale = zoom.scale
    left, width = _span(zoom.x, frame.picture[0], frame.room[0], scale)
    top, height = _span(zoom.y, frame.picture[1], frame.room[1], scale)
    return Part(left, top, width, height)


def zoomed_to(zoom: Zoom, frame: Frame, scale: float, at: Point = CENTRE) -> Zoom:
    """At another scale, within the limits; what is seen at `at` stays there where it can."""
    scale = max(_least(frame), min(scale, max(LARGEST, frame.whole)))
    if isclose(scale, frame.whole, rel_tol=_NEXT - 1):
        return WHOLE
    before = scale_of(zoom, frame)
    x, y = (
        middle + (share - 0.5) * room * (1 / before - 1 / scale) / pixels
        for middle, share, room, pixels in zip(
            _middle(zoom), at, frame.room, frame.picture, strict=True
        )
    )
    return _inside(Zoom(scale, x, y), frame)


def stepped(zoom: Zoom, frame: Frame, steps: int, at: Point = CENTRE) -> Zoom:
    """So many steps larger, or smaller for a negative number; the whole picture is one of them."""
    for _ in range(abs(steps)):
        scale = scale_of(zoom, frame)
        scales = (*_STEPS, frame.whole)
        if steps > 0:
            after = min((step for step in scales if step > scale * _NEXT), default=scale)
        else:
            after = max((step for step in scales if step < scale / _NEXT), default=scale)
        zoom = zoomed_to(zoom, frame, after, at)
    return zoom


def panned(zoom: Zoom, frame: Frame, right: float, down: float) -> Zoom:
    """With the middle so many dots further to the right and down, as far as there is more."""
    if zoom.is_whole:
        return zoom
    x = zoom.x + right / zoom.scale / frame.picture[0]
    y = zoom.y + down / zoom.scale / frame.picture[1]
    return _inside(Zoom(zoom.scale, x, y), frame)


def matched(zoom: Zoom, frame: Frame, other: Frame) -> Zoom:
    """The zoom by which the same part of another picture, of whatever size, is seen as large."""
    if zoom.is_whole or frame == other:
        return zoom
    ratio = zoom.scale / frame.whole
    return _inside(Zoom(ratio * other.whole, zoom.x, zoom.y), other)


def _least(frame: Frame) -> float:
    return min(frame.whole, ACTUAL)


def _middle(zoom: Zoom) -> Point:
    return (0.5, 0.5) if zoom.is_whole else (zoom.x, zoom.y)


def _inside(zoom: Zoom, frame: Frame) -> Zoom:
    """The nearest by which nothing outside the picture is seen."""
    x, y = (
        min(max(middle, share / 2), 1 - share / 2)
        for middle, pixels, room in zip(_middle(zoom), frame.picture, frame.room, strict=True)
        for share in (min(1.0, room / zoom.scale / pixels),)
    )
    return Zoom(zoom.scale, x, y)


def _span(middle: float, pixels: int, room: int, scale: float) -> tuple[float, float]:
    """Where what is seen of a side begins, and how long it is."""
    length = min(float(pixels), room / scale)
    first = round((middle * pixels - length / 2) * scale) / scale
    return max(0.0, min(first, pixels - length)), length
