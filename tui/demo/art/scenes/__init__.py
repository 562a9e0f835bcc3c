"""Compositions by name: each paints a canvas and says where a subject has room, if it has any."""

from __future__ import annotations

from collections.abc import Callable

from tui.demo.art.brief import Brief, Stage
from tui.demo.art.canvas import Canvas
from tui.demo.art.scenes.bloom import paint_bloom
from tui.demo.art.scenes.city import paint_city
from tui.demo.art.scenes.cosmos import paint_cosmos
from tui.demo.art.scenes.currents import paint_currents
from tui.demo.art.scenes.depths import paint_depths
from tui.demo.art.scenes.dunes import paint_dunes
from tui.demo.art.scenes.emblem import paint_emblem
from tui.demo.art.scenes.geometry import paint_geometry
from tui.demo.art.scenes.hall import paint_hall
from tui.demo.art.scenes.hills import paint_hills
from tui.demo.art.scenes.lanterns import paint_lanterns
from tui.demo.art.scenes.marble import paint_marble
from tui.demo.art.scenes.mountains import paint_mountains
from tui.demo.art.scenes.portrait import paint_portrait
from tui.demo.art.scenes.sea import paint_sea
from tui.demo.art.scenes.still_life import paint_still_life
from tui.demo.art.scenes.woods import paint_woods

SCENES: dict[str, Callable[[Canvas, Brief], Stage | None]] = {
    "mountains": paint_mountains, "hills": paint_hills, "dunes": paint_dunes, "sea": paint_sea,
    "woods": paint_woods, "city": paint_city, "cosmos": paint_cosmos, "lanterns": paint_lanterns,
    "still_life": paint_still_life, "bloom": paint_bloom, "portrait": paint_portrait,
    "hall": paint_hall, "depths": paint_depths, "currents": paint_currents,
    "marble": paint_marble, "geometry": paint_geometry, "emblem": paint_emblem,
}  # fmt: skip
