"""Every scene, every technique and every silhouette paints something, at any proportion."""

from __future__ import annotations

import numpy as np
import pytest

from tui.demo.art.brief import Brief, Spot
from tui.demo.art.canvas import Canvas
from tui.demo.art.palettes import PALETTES
from tui.demo.art.scenes import SCENES
from tui.demo.art.scenes.sky import paint_weather
from tui.demo.art.subjects import paint_subject, silhouettes
from tui.demo.art.techniques import TECHNIQUES

WEATHER = frozenset({"snow", "rain", "storm", "aurora", "leaves", "sparks", "crescent", "lake"})


def brief(seed: int = 1, traits: frozenset[str] = frozenset()) -> Brief:
    return Brief(PALETTES[seed % len(PALETTES)], np.random.default_rng(seed), traits)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("size", "traits"),
    [((96, 80), frozenset()), ((96, 80), WEATHER), ((96, 16), WEATHER), ((16, 96), frozenset())],
    ids=["fair", "foul", "wide", "tall"],
)
@pytest.mark.parametrize("scene", SCENES)
def test_a_scene_fills_the_canvas(
    scene: str, size: tuple[int, int], traits: frozenset[str]
) -> None:
    canvas, told = Canvas(*size), brief(len(traits), traits)
    SCENES[scene](canvas, told)
    paint_weather(canvas, told)
    assert canvas.planes.dtype == np.float32
    assert np.isfinite(canvas.planes).all()
    assert canvas.planes.std() > 0.03


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("technique", TECHNIQUES)
def test_a_technique_keeps_the_composition(technique: str) -> None:
    canvas = Canvas(240, 200)
    SCENES["mountains"](canvas, brief())
    middle = (slice(20, -20), slice(20, -20))  # watercolour leaves a border bare
    before = canvas.planes.mean(axis=0)[middle]
    TECHNIQUES[technique](canvas, brief())
    after = canvas.planes.mean(axis=0)[middle]
    assert np.isfinite(canvas.planes).all()
    assert np.corrcoef(before.ravel(), after.ravel())[0, 1] > 0.5
    assert (technique == "plain") == bool(np.array_equal(before, after))


@pytest.mark.parametrize("name", silhouettes())
def test_a_silhouette_can_be_seen(name: str) -> None:
    for seed in range(3):
        canvas = Canvas(160, 160)
        told = brief(seed)
        canvas.fill(told.palette.sky)
        paint_subject(canvas, told, name, Spot(0.5, 0.9, 0.6, 0.8))
        changed = np.abs(canvas.planes - told.palette.sky[:, None, None]).max(axis=0) > 0.08
        assert changed.mean() > 0.005
        assert changed[:, 40:120].any()


@pytest.mark.parametrize("number", [1, 3, 7, 12])
def test_lanterns_are_as_many_as_the_prompt_says(number: int) -> None:
    from tui.demo.art.scenes.lanterns import _places

    told = Brief(PALETTES[0], np.random.default_rng(number), number=number)
    assert len(_places(Canvas(200, 200), told, 0.8)) == number
