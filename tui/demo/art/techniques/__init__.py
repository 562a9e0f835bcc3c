"""The hand that paints: what oil, ink, glass or pixels make of a finished composition."""

from __future__ import annotations

from collections.abc import Callable

from tui.demo.art.brief import Brief
from tui.demo.art.canvas import Canvas
from tui.demo.art.techniques.brushes import gouache, impression, oil, watercolour
from tui.demo.art.techniques.drawing import ink, pencil
from tui.demo.art.techniques.pieces import facets, glass, mosaic, pixels
from tui.demo.art.techniques.prints import halftone, woodcut
from tui.demo.art.techniques.screens import glitch, monochrome


def plain(canvas: Canvas, brief: Brief) -> None:
    """Leave the composition as it is."""
    del canvas, brief


TECHNIQUES: dict[str, Callable[[Canvas, Brief], None]] = {
    "plain": plain, "gouache": gouache, "oil": oil, "impression": impression,
    "watercolour": watercolour, "ink": ink, "woodcut": woodcut, "pencil": pencil, "pixels": pixels,
    "glass": glass, "facets": facets, "mosaic": mosaic, "halftone": halftone, "glitch": glitch,
    "monochrome": monochrome,
}  # fmt: skip
