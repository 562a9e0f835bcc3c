"""Pictures for tests: made here, so that their pixels are known."""

from __future__ import annotations

import zlib
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

RED, GREEN, BLUE, YELLOW = (220, 40, 40), (40, 180, 60), (40, 80, 220), (240, 220, 40)
QUADRANTS = (RED, GREEN, BLUE, YELLOW)
"""Top left, top right, bottom left, bottom right."""


def quadrants(width: int = 120, height: int = 80) -> Image.Image:
    """Four flat colours, so that every turn and mirroring shows."""
    image = Image.new("RGB", (width, height))
    for number, colour in enumerate(QUADRANTS):
        left, top = number % 2 * (width // 2), number // 2 * (height // 2)
        image.paste(colour, (left, top, left + width - width // 2, top + height - height // 2))
    return image


def corners(image: Image.Image) -> list[tuple[int, int, int]]:
    """The colours in the middle of the four quadrants, in the order of `QUADRANTS`."""
    rgb = image.convert("RGB")
    colours = []
    for number in range(4):
        place = (rgb.width * (1 + number % 2 * 2) // 4, rgb.height * (1 + number // 2 * 2) // 4)
        pixel = rgb.getpixel(place)
        assert isinstance(pixel, tuple)
        colours.append((pixel[0], pixel[1], pixel[2]))
    return colours


def alike(one: tuple[int, int, int], other: tuple[int, int, int], tolerance: int = 12) -> bool:
    return all(abs(a - b) <= tolerance for a, b in zip(one, other, strict=True))


def encoded(image: Image.Image, format: str, **options: Any) -> bytes:
    file = BytesIO()
    image.save(file, format, **options)
    return file.getvalue()


def write(path: Path, image: Image.Image, format: str = "PNG", **options: Any) -> Path:
    path.write_bytes(encoded(image, format, **options))
    return path


def png_chunk(kind: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(kind + content)
    return len(content).to_bytes(4, "big") + kind + content + checksum.to_bytes(4, "big")


def png_of_size(width: int, height: int) -> bytes:
    """A PNG of one bit a pixel, all black: small however large it claims to be."""
    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes((1, 0, 0, 0, 0))
    rows = zlib.compress(bytes((1 + (width + 7) // 8) * height), 9)
    chunks = (png_chunk(b"IHDR", header), png_chunk(b"IDAT", rows), png_chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def psnr(one: Image.Image, other: Image.Image) -> float:
    """Peak signal to noise ratio of two pictures of one size, in decibels."""
    error = np.mean((np.asarray(one, dtype=float) - np.asarray(other, dtype=float)) ** 2)
    return float(10 * np.log10(255**2 / max(float(error), 1e-9)))
