"""Files that are made to do harm: a reason in place of a picture, in bounded time and memory."""

from __future__ import annotations

import hashlib
import os
import resource
import subprocess
import sys
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from tests.images.pictures import encoded, png_chunk, png_of_size, quadrants

SECONDS = 10
"""Of the processor's time that one file may take, with the loading of the program."""
MEMORY = 1536 * 1024 * 1024
"""Bytes of address space that it may take, likewise; the libraries alone have mapped a third."""

_CODE = """
import sys
from pathlib import Path
from tui.images.prepare import prepare_preview
from tui.images.preview import PreviewRequest
from tui.images.thumbnails import ThumbnailCache
from tui.images.verify import NotAnImage, verify_image

path, folder = map(Path, sys.argv[1:])
wanted = PreviewRequest(path, 60, 30, (10, 20), "sixel", (0, 0, 0))
for look in (
    lambda: verify_image(path),
    lambda: prepare_preview(wanted),
    lambda: ThumbnailCache(folder).get(path),
):
    try:
        look()
    except NotAnImage as refusal:
        print(refusal.reason)
    else:
        print("shown")
"""

_AFTER_HEADER = 8 + 25


def _with_chunk(kind: bytes, content: bytes) -> bytes:
    png = encoded(quadrants(), "PNG")
    return png[:_AFTER_HEADER] + png_chunk(kind, content) + png[_AFTER_HEADER:]


def _many_scans() -> bytes:
    """A progressive JPEG of 40 million pixels whose last scan comes again and again."""
    jpeg = encoded(Image.new("L", (7_000, 5_600), 90), "JPEG", progressive=True)
    last = jpeg.rindex(b"\xff\xda")
    return jpeg[:last] + jpeg[last:-2] * 20_000 + jpeg[-2:]


def _frames(count: int, format: str) -> bytes:
    frames = [Image.new("RGB", (64, 64), (shade % 256, 0, 0)) for shade in range(count)]
    return encoded(frames[0], format, save_all=True, append_images=frames[1:])


def _with_text() -> bytes:
    info = PngInfo()
    info.add_itxt("parameters", "\x1b]52;c;aGk=\x07[red]\x1b[2J")
    return encoded(quadrants(), "PNG", pnginfo=info)


def _eps() -> bytes:
    file = BytesIO()
    quadrants().save(file, "EPS")
    return file.getvalue()


DAMAGED = {kind: f"The {kind} is damaged or cut off." for kind in ("PNG", "JPEG", "WebP")}
TOO_LARGE = "The image is larger than 40 million pixels."
NOT_ONE = "The file is not a PNG, JPEG or WebP image."
SHOWN = "shown"

FILES: dict[str, tuple[Callable[[], bytes], str]] = {
    "88 million pixels in little": (lambda: png_of_size(9_400, 9_400), TOO_LARGE),
    "what Pillow warns of": (lambda: png_of_size(9_500, 9_500), TOO_LARGE),
    "what Pillow refuses": (lambda: png_of_size(16_000, 16_000), TOO_LARGE),
    "the most that is allowed": (
        lambda: encoded(Image.new("RGBA", (8_000, 5_000), (9, 9, 9, 99)), "PNG", compress_level=1),
        SHOWN,
    ),
    "text that unpacks to 64 MiB": (
        lambda: _with_chunk(b"zTXt", b"comment\0\0" + zlib.compress(bytes(2**26), 9)),
        DAMAGED["PNG"],
    ),
    "a profile that unpacks to 100 MiB": (
        lambda: _with_chunk(b"iCCP", b"profile\0\0" + zlib.compress(bytes(100 * 2**20), 9)),
        DAMAGED["PNG"],
    ),
    "30 MiB of text": (lambda: _with_chunk(b"tEXt", b"comment\0" + b"a" * (30 * 2**20)), SHOWN),
    "metadata that would act": (_with_text, SHOWN),
    "an end with a ZIP behind it": (lambda: encoded(quadrants(), "PNG") + b"PK\3\4", SHOWN),
    "a JPEG short by two bytes": (lambda: encoded(quadrants(), "JPEG")[:-2], DAMAGED["JPEG"]),
    "a JPEG of endless scans": (
        _many_scans,
        "The JPEG has far more scans than any picture needs.",
    ),
    "a WebP cut off": (lambda: encoded(quadrants(), "WEBP")[:-20], DAMAGED["WebP"]),
    "1,500 frames": (lambda: _frames(1_500, "WEBP"), SHOWN),
    "an animated PNG": (lambda: _frames(50, "PNG"), SHOWN),
    "GIF": (lambda: _frames(3, "GIF"), NOT_ONE),
    "EPS, which programs of their own would draw": (_eps, NOT_ONE),
    "PSD": (lambda: b"8BPS\0\1" + bytes(60), NOT_ONE),
    "more than 64 MiB": (
        lambda: encoded(quadrants(), "PNG") + bytes(64 * 2**20),
        "The file is larger than 64 MiB.",
    ),
    "nothing": (bytes, NOT_ONE),
}


def _bounded() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


@pytest.mark.parametrize(("content", "said"), FILES.values(), ids=FILES)
def test_a_hostile_file_costs_little_and_is_left_as_it_is(
    tmp_path: Path, content: Callable[[], bytes], said: str
) -> None:
    path = tmp_path / "image"
    path.write_bytes(content())
    before = hashlib.sha256(path.read_bytes()).digest()
    finished = subprocess.run(
        [sys.executable, "-c", _CODE, str(path), str(tmp_path / "thumbnails")],
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},  # Each maps memory of its own.
        preexec_fn=_bounded,
        capture_output=True,
        text=True,
    )
    assert finished.returncode == 0, finished.stderr[-2000:]
    assert finished.stdout.splitlines() == [said] * 3
    assert hashlib.sha256(path.read_bytes()).digest() == before


def test_a_png_without_its_end_is_not_kept_but_may_be_looked_at(tmp_path: Path) -> None:
    path = tmp_path / "image"
    path.write_bytes(encoded(quadrants(), "PNG")[:-12])
    finished = subprocess.run(
        [sys.executable, "-c", _CODE, str(path), str(tmp_path / "thumbnails")],
        preexec_fn=_bounded,
        capture_output=True,
        text=True,
    )
    assert finished.stdout.splitlines()[0] == "The PNG is cut off: its end marker is missing."
