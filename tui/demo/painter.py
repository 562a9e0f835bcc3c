"""The demo endpoint's model: paints a picture from the words of a prompt.

Palette, composition and forms come from the words, the seed moves them. The same painting is the
same bytes, in every process.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from io import BytesIO
from typing import Literal

import numpy as np
from PIL import Image

from tui.demo.art.brief import Brief
from tui.demo.art.canvas import Canvas
from tui.demo.art.finish import develop, grain
from tui.demo.art.lettering import mark, sign
from tui.demo.art.reading import Reading, read, stable_hash
from tui.demo.art.references import blend_references, kept_by_mask
from tui.demo.art.scenes import SCENES
from tui.demo.art.scenes.sky import paint_weather
from tui.demo.art.subjects import paint_subjects
from tui.demo.art.techniques import TECHNIQUES

# A picture is composed at fewer pixels than it has, within these bounds, and enlarged.
_LEAST_SIDE = 160
_FEW_PIXELS, _MANY_PIXELS = 700_000, 1_500_000
_SHARE_OF_PIXELS = 0.4
_MOST_ASPECT = 20
_SHARP = frozenset({"pixels", "halftone", "mosaic", "glass"})


@dataclass(frozen=True, slots=True)
class Painting:
    """What to paint; width and height in pixels.

    `index` is the place in a group of images made by one request and moves the forms as the seed
    does. `references` are the bytes of PNG, JPEG or WebP images that show through. With a `mask`, a
    PNG, the first of them stays as it is but where the mask is transparent.
    """

    prompt: str
    model: str
    width: int
    height: int
    seed: int
    watermark: bool = False
    index: int = 0
    references: tuple[bytes, ...] = ()
    mask: bytes | None = None


def paint(painting: Painting) -> Image.Image:
    """The picture, RGB, exactly `width` × `height`."""
    reading = read(painting.prompt)
    number = stable_hash(painting.prompt, painting.model, painting.seed, painting.index)
    canvas = Canvas(*_working_size(painting.width, painting.height))
    palette = reading.palette.turned((stable_hash("model", painting.model) / 2**64 - 0.5) * 0.12)
    brief = Brief(
        palette, np.random.default_rng(number), reading.traits, reading.subjects, reading.number
    )
    _compose(canvas, brief, reading, painting.references)
    image = canvas.image()
    size = (painting.width, painting.height)
    if image.size != size:
        smaller = canvas.width > painting.width and canvas.height > painting.height
        image = image.resize(size, Image.Resampling.BOX if smaller else Image.Resampling.BICUBIC)
    image = grain(image, number % 2**32, 1.2 if reading.technique in _SHARP else 2.6)
    if painting.mask is not None and painting.references:
        image = kept_by_mask(image, painting.references[0], painting.mask)
    sign(image, painting.model, painting.prompt)
    if painting.watermark:
        mark(image)
    return image


def encode(image: Image.Image, format: Literal["png", "jpeg"]) -> bytes:
    """`image` as a file, the same bytes for the same pixels; fast rather than small."""
    buffer = BytesIO()
    if format == "png":
        image.save(buffer, "PNG", compress_level=1)
    else:
        image.save(buffer, "JPEG", quality=90, subsampling=0)
    return buffer.getvalue()


def _compose(canvas: Canvas, brief: Brief, reading: Reading, references: tuple[bytes, ...]) -> None:
    stage = SCENES[reading.scene](canvas, brief)
    if stage is not None:
        paint_subjects(canvas, brief, stage)
        paint_weather(canvas, brief)
    blend_references(canvas, references)
    TECHNIQUES[reading.technique](canvas, brief)
    develop(canvas)


def _working_size(width: int, height: int) -> tuple[int, int]:
    """The size to compose at: not so small that forms vanish, not so large that it takes long.

    What is more than 20 times as long as wide is composed at 20 to 1 and stretched.
    """
    width, height = min(width, height * _MOST_ASPECT), min(height, width * _MOST_ASPECT)
    pixels = width * height
    budget = min(max(pixels * _SHARE_OF_PIXELS, _FEW_PIXELS), _MANY_PIXELS)
    scale = min(max(1.0, _LEAST_SIDE / min(width, height)), math.sqrt(budget / pixels))
    return max(1, round(width * scale)), max(1, round(height * scale))
