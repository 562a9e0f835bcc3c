"""Files that are no picture, or more of one than a reader should take."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from functools import cache
from io import BytesIO

from PIL import Image, PngImagePlugin

from tui.demo.faults.hostile_text import ESCAPES, MARKUP

HUGE_SIDE = 30_000
FRAMES = 1_500

SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">'
    b'<image href="file:///etc/passwd"/><script>alert(1)</script></svg>'
)
EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n{} loop\nshowpage\n%%EOF\n"


@cache
def gif() -> bytes:
    """An animation of many small frames."""
    # Neighbours that are alike would be made one frame.
    first, *more = (Image.new("L", (8, 8), number % 2 * 200) for number in range(FRAMES))
    buffer = BytesIO()
    first.save(buffer, "GIF", save_all=True, append_images=more, duration=20)
    return buffer.getvalue()


@cache
def huge_png() -> bytes:
    """A black PNG of very many pixels, in about a hundred kilobytes."""
    header = struct.pack(">IIBBBBB", HUGE_SIDE, HUGE_SIDE, 1, 0, 0, 0, 0)
    packer = zlib.compressobj(9)
    row = bytes(1 + HUGE_SIDE // 8)
    pixels = b"".join(map(packer.compress, (row for _ in range(HUGE_SIDE)))) + packer.flush()
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunks(header, pixels))


@cache
def telling_png() -> bytes:
    """A small PNG whose texts hold control sequences and markup."""
    texts = PngImagePlugin.PngInfo()
    texts.add_itxt("parameters", ESCAPES.replace("\0", ""))
    texts.add_itxt("prompt", MARKUP)
    buffer = BytesIO()
    Image.new("RGB", (64, 64), "teal").save(buffer, "PNG", pnginfo=texts)
    return buffer.getvalue()


def _chunks(header: bytes, pixels: bytes) -> Iterator[bytes]:
    for kind, content in ((b"IHDR", header), (b"IDAT", pixels), (b"IEND", b"")):
        yield struct.pack(">I", len(content)) + kind + content
        yield struct.pack(">I", zlib.crc32(kind + content))
