"""The last touches: bloom, depth of tone, vignette, and grain at full size."""

from __future__ import annotations

import numpy as np
from PIL import Image

from tui.demo.art.canvas import Canvas
from tui.demo.art.noise import blur, shrink

_TILE = 512
_ROWS = 256


def develop(canvas: Canvas, *, glow: float = 0.3, vignette: float = 0.32) -> None:
    """Let lights bleed, steepen the middle tones, darken the corners."""
    if glow:
        factor = max(1, canvas.unit // 160)
        columns, rows = max(2, canvas.width // factor), max(2, canvas.height // factor)
        for plane in canvas.planes:
            small = shrink(plane, columns, rows)
            halo = blur(np.clip(small - 0.62, 0, None) * 1.7, 9.0)
            from tui.demo.art.noise import enlarge

            plane += (1 - plane) * enlarge(halo, canvas.width, canvas.height) * glow
    np.clip(canvas.planes, 0, 1, out=canvas.planes)
    planes = canvas.planes
    planes += planes * (1 - planes) * (planes - 0.5) * 0.55
    across = canvas.x / canvas.right * 2 - 1
    down = canvas.y / canvas.bottom * 2 - 1
    corner = np.clip(across * across * 0.5 + down * down * 0.5 - 0.22, 0, 1)
    planes *= 1 - corner * vignette


def grain(image: Image.Image, seed: int, strength: float) -> Image.Image:
    """Fine noise in every pixel, of about `strength` levels; also what keeps gradients smooth."""
    random = np.random.default_rng(seed)
    noise = random.standard_normal((_TILE, _TILE), dtype=np.float32) * strength
    tile = np.clip(np.round(noise), -12, 12).astype(np.int16)
    width, height = image.size
    strip = np.tile(tile, (1, width // _TILE + 1))[:, :width, None]
    levels = np.array(image)
    for top in range(0, height, _ROWS):
        part = levels[top : top + _ROWS]
        shift = int(random.integers(width))
        first = int(random.integers(_TILE - _ROWS + 1))
        noise_rows = np.roll(strip[first : first + len(part)], shift, axis=1)
        np.clip(part + noise_rows, 0, 255, out=part, casting="unsafe")
    return Image.fromarray(levels)
