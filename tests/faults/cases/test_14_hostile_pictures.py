"""Pictures that are bombs, that are none, or that hold more than a thousand frames.

What cannot be shown is refused with its reason, and its bytes are kept to the last one; where text
came instead of a picture there is nothing to keep, and it can be fetched again. Of many frames the
first is shown. No other program is started to look at any of them, and memory stays within bounds.
"""

from __future__ import annotations

import asyncio
import os
import zlib
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from tests.api.origins import Received, reply
from tests.cli.conftest import Home
from tests.faults.cases.session import by_word, configure, origin_with, peak_memory, studio_in
from tests.images.pictures import GREEN, RED, encoded, png_chunk, png_of_size, quadrants

PEAK = 250 * 1024 * 1024
"""Bytes of memory that the whole studio may take; one bomb decoded would add 340 MB."""
DRAWING = ("gs", "gsc", "display", "xdg-open", "rsvg-convert", "inkscape")
"""Programs that others leave such files to."""
AFTER_HEADER = 8 + 25


def _with_chunk(kind: bytes, content: bytes) -> bytes:
    png = encoded(quadrants(), "PNG")
    return png[:AFTER_HEADER] + png_chunk(kind, content) + png[AFTER_HEADER:]


def _rgba(side: int) -> bytes:
    """A PNG of four bytes a pixel, all of them 0: small however large it claims to be."""
    packer = zlib.compressobj(1)
    rows = b"".join(packer.compress(bytes(1 + 4 * side)) for _ in range(side)) + packer.flush()
    header = side.to_bytes(4, "big") * 2 + bytes((8, 6, 0, 0, 0))
    chunks = (png_chunk(b"IHDR", header), png_chunk(b"IDAT", rows), png_chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def _frames(format: str) -> bytes:
    """1,500 frames, of which the first is green."""
    others = [Image.new("RGB", (16, 16), RED if number % 2 else 0) for number in range(1499)]
    first = Image.new("RGB", (16, 16), GREEN)
    return encoded(first, format, save_all=True, append_images=others)


TOO_LARGE = "The image is larger than 40 million pixels."
DAMAGED = "The PNG is damaged or cut off."
NOT_ONE = "The file is not a PNG, JPEG or WebP image."
REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "huge": (lambda: png_of_size(30_000, 30_000), TOO_LARGE),
    "rgba": (lambda: _rgba(9_400), TOO_LARGE),
    "profile": (
        lambda: _with_chunk(b"iCCP", b"profile\0\0" + zlib.compress(bytes(100 * 2**20), 9)),
        DAMAGED,
    ),
    "text": (lambda: _with_chunk(b"zTXt", b"note\0\0" + zlib.compress(bytes(2**26), 9)), DAMAGED),
    "eps": (lambda: encoded(quadrants(), "EPS"), NOT_ONE),
    "psd": (lambda: b"8BPS\0\1" + bytes(60), NOT_ONE),
    "gif": (lambda: _frames("GIF"), NOT_ONE),
}
TEXTS = {
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"/>',
    "html": b"<!DOCTYPE html><html><title>Log in</title></html>",
}


def test_what_cannot_be_shown_is_refused_kept_and_left_to_no_other_program(
    home: Home, tmp_path: Path
) -> None:
    bad = {name: make() for name, (make, _) in REFUSED.items()}
    served = {**bad, **TEXTS, "frames": _frames("PNG")}
    started = tmp_path / "started"
    _put_programs(tmp_path / "programs", f"#!/bin/sh\necho $0 >>{started}\n")
    home.environment["PATH"] = f"{tmp_path / 'programs'}{os.pathsep}{home.environment['PATH']}"

    async def answer(request: Received, writer: asyncio.StreamWriter) -> None:
        name = request.target.removeprefix("/").removesuffix(".png")
        if request.method == "POST":
            url = f"http://{request.headers['host']}/{request.document['prompt'].split()[-1]}.png"
            await reply(200, {"data": [{"url": url}]})(request, writer)
        elif name in served:
            await reply(200, served[name], "image/png")(request, writer)
        else:
            await reply(404)(request, writer)

    with origin_with(answer) as origin:
        config = {"graphics": "half", "queue": {"at_once": 1}}
        configure(home, config=config, studio=f"{origin.url}/v1")
        with studio_in(home) as studio:
            for name in served:
                studio.send(f" {name}")
            entries = by_word(studio.wait_for_ends(len(served)))
            studio.wait_to_read("▀▀", "16×16")
            studio.wait_until(lambda: list(home.folder.glob("previews/*.png")))
            assert peak_memory(studio.pid) < PEAK
            studio.leave()
    assert origin.posts == len(served)
    for name, (_, reason) in REFUSED.items():
        error, (kept,) = entries[name].error, home.folder.rglob(f"{entries[name].id}-1.*")
        assert entries[name].status == "failed"
        assert error is not None
        assert error.message == f"What came is no picture: {reason}"
        assert (kept.suffix, kept.read_bytes()) == (".rejected", bad[name])
    for name in TEXTS:
        error = entries[name].error
        assert error is not None
        assert (entries[name].status, error.kind, error.charged) == ("failed", "download", "yes")
    shown = entries["frames"]
    assert shown.status == "done"
    assert (home.folder / shown.images[0].file).read_bytes() == served["frames"]
    (preview,) = home.folder.glob("previews/*.png")
    assert Image.open(preview).convert("RGB").getpixel((0, 0)) == GREEN
    assert not started.exists()


def _put_programs(folder: Path, script: str) -> None:
    folder.mkdir()
    for program in DRAWING:
        (folder / program).write_text(script)
        (folder / program).chmod(0o700)
