"""The last touches: bloom, depth of tone, vignette, and grain at full size."""

from __future__ import annotations

import numpy as np
from PIL import Image

from tui.demo.art.canvas import Canvas
from tui.demo.art.noise import blur, enlarge, shrink

_TILE = 512  # grain is made once and shifted about
_ROWS = 256


def develop(canvas: Canvas) -> None:
    """Let lights bleed, steepen the middle tones, darken the corners."""
    factor = max(1, canvas.unit // 160)
    columns, rows = max(2, canvas.width // factor), max(2, canvas.height // factor)
    for plane in canvas.planes:
        bright = np.clip(shrink(plane, columns, rows) - 0.62, 0, None)
        halo = enlarge(blur(bright, 9.0), canvas.width, canvas.height)
        plane += (1 - plane) * halo * 0.5
    planes = np.clip(canvas.planes, 0, 1, out=canvas.planes)
    planes += planes * (1 - planes) * (planes - 0.5) * 0.55
    across, down = canvas.x / canvas.right * 2 - 1, canvas.y / canvas.bottom * 2 - 1
    corner = np.clip((across * across + down * down) / 2 - 0.22, 0, 1)
    planes *= 1 - corner * 0.32


def grain(image: Image.Image, seed: int, strength: float) -> Image.Image:
    """Fine noise in every pixel, of about `strength` levels; it also keeps gradients smooth."""
    random = np.random.default_rng(seed)
    noise = random.standard_normal((_TILE, _TILE), dtype=np.float32) * strength
    tile = np.clip(np.round(noise), -12, 12).astype(np.int16)
    width, height = image.size
    strip = np.tile(tile, (1, width // _TILE + 1))[:, :width, None]
    levels = np.array(image)
    for top in range(0, height, _ROWS):
        rows = levels[top : top + _ROWS]
        first = int(random.integers(_TILE - _ROWS + 1))
        moved = np.roll(strip[first : first + len(rows)], int(random.integers(width)), axis=1)
        np.clip(rows + moved, 0, 255, out=rows, casting="unsafe")
    return Image.fromarray(levels)
