"""A strip of dark ground in front, for scenes that have none to stand on."""

from __future__ import annotations

from tui.demo.art.brief import Brief, Spot, Stage
from tui.demo.art.canvas import Canvas
from tui.demo.art.colour import mix
from tui.demo.art.outlines import box
from tui.demo.art.subjects import stands


def paint_quay(canvas: Canvas, brief: Brief) -> Stage:
    """Room at the water's edge; the edge itself is painted only if somebody stands there."""
    edge = canvas.bottom - 0.075
    x = canvas.right * (
        brief.between(0.22, 0.36) if brief.chance(0.5) else brief.between(0.64, 0.78)
    )
    if any(stands(name) == "ground" for name in brief.subjects):
        palette = brief.palette
        canvas.cut(
            [box(0, edge, canvas.right, canvas.bottom)], mix(palette.near, palette.ground, 0.1)
        )
        canvas.cut(
            [box(0, edge, canvas.right, edge + 0.006)], mix(palette.ground, palette.horizon, 0.3)
        )
    return Stage(
        ground=Spot(x, edge + 0.004, 0.34, 1.0),
        air=Spot(canvas.right * brief.between(0.3, 0.7), canvas.bottom * 0.3, 0.28, 0.7),
        water=Spot(canvas.right - x, canvas.bottom * 0.86, 0.24, 1.0),
    )
