"""Small copies of pictures: real files, real pixels, and what may befall them."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image

from tests.images.pictures import (
    QUADRANTS,
    alike,
    corners,
    encoded,
    png_of_size,
    quadrants,
    write,
)
from tui.images import thumbnails
from tui.images.thumbnails import SIDE, ThumbnailCache
from tui.images.verify import NotAnImage

NOISE = 64
"""Pixels of a side of pictures whose copies have some size."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "thumbnails"


@pytest.fixture
def cache(folder: Path) -> ThumbnailCache:
    return ThumbnailCache(folder)


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    return write(tmp_path / "picture.png", quadrants(1200, 800))


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grows with every picture that is decoded to be scaled down, by its length in bytes."""
    lengths: list[int] = []
    scale = thumbnails.scale_upright

    def counting(data: bytes, scaled: Callable[[int, int], tuple[int, int]]) -> object:
        lengths.append(len(data))
        return scale(data, scaled)

    monkeypatch.setattr(thumbnails, "scale_upright", counting)
    return lengths


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def noise(path: Path, seed: int) -> Path:
    """A picture whose copy takes a few thousand bytes."""
    pixels = hashlib.shake_256(bytes([seed])).digest(NOISE * NOISE * 3)
    return write(path, Image.frombytes("RGB", (NOISE, NOISE), pixels))


def test_a_copy_has_the_colours_and_shape_of_its_picture(
    cache: ThumbnailCache, picture: Path
) -> None:
    for _ in range(2):  # As it was made, and as it was kept.
        copy = cache.get(picture, sha256(picture))
        assert copy.size == (SIDE, 171) and copy.mode == "RGB"
        assert all(map(alike, corners(copy), QUADRANTS))


@pytest.mark.parametrize(
    ("size", "expected"),
    [((40, 30), (40, 30)), ((800, 1600), (128, 256)), ((4000, 1), (256, 1))],
)
def test_sides_are_limited_and_never_enlarged(
    cache: ThumbnailCache, tmp_path: Path, size: tuple[int, int], expected: tuple[int, int]
) -> None:
    path = write(tmp_path / "image", Image.new("RGB", size))
    assert cache.get(path).size == expected


def test_a_copy_is_made_once_whoever_asks_and_wherever_the_file_lies(
    cache: ThumbnailCache, folder: Path, picture: Path, made: list[int]
) -> None:
    known = sha256(picture)
    cache.get(picture, known)
    other = picture.rename(picture.with_name("elsewhere.png"))
    ThumbnailCache(folder).get(other, known)
    assert len(made) == 1
    (file,) = folder.iterdir()
    assert file.name == f"{known}.webp"
    assert file.stat().st_mode & 0o777 == 0o600 and folder.stat().st_mode & 0o777 == 0o700


def test_a_copy_outlives_its_picture(cache: ThumbnailCache, picture: Path) -> None:
    known = sha256(picture)
    cache.get(picture, known)
    picture.unlink()
    assert all(map(alike, corners(cache.get(picture, known)), QUADRANTS))


@pytest.mark.parametrize("known", ["", "../../../etc/passwd", "0" * 63, "G" * 64])
def test_without_a_hash_a_copy_is_kept_by_the_place_until_the_file_changes(
    cache: ThumbnailCache, folder: Path, picture: Path, made: list[int], known: str
) -> None:
    cache.get(picture, known)
    cache.get(picture, known)
    assert len(made) == 1
    assert all(file.name.startswith("at-") for file in folder.iterdir())
    write(picture, Image.new("RGB", (90, 60), (1, 2, 3)))
    assert alike(corners(cache.get(picture, known))[0], (1, 2, 3))
    assert len(made) == 2


def test_a_file_that_is_not_what_was_said_does_not_pass_for_it(
    cache: ThumbnailCache, folder: Path, picture: Path, made: list[int]
) -> None:
    said = sha256(picture)
    other = write(picture.with_name("other.png"), Image.new("RGB", (90, 60), (1, 2, 3)))
    for _ in range(2):
        assert alike(corners(cache.get(other, said))[0], (1, 2, 3))
    assert len(made) == 1
    assert not (folder / f"{said}.webp").exists()
    assert all(map(alike, corners(cache.get(picture, said)), QUADRANTS))


@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_pictures_stand_upright(cache: ThumbnailCache, tmp_path: Path, orientation: int) -> None:
    stored = {
        3: Image.Transpose.ROTATE_180,
        6: Image.Transpose.ROTATE_90,
        8: Image.Transpose.ROTATE_270,
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = write(tmp_path / "image", quadrants(600, 400).transpose(stored), "JPEG", exif=exif)
    for _ in range(2):
        copy = cache.get(path)
        assert copy.size == (SIDE, 171)
        assert all(map(alike, corners(copy), QUADRANTS))


def test_what_is_clear_stays_clear(cache: ThumbnailCache, tmp_path: Path) -> None:
    image = quadrants(400, 400).convert("RGBA")
    image.paste((255, 0, 255, 0), (0, 0, 200, 400))
    path = write(tmp_path / "image", image, "WEBP", lossless=True)
    for _ in range(2):
        copy = cache.get(path)
        assert copy.mode == "RGBA"
        alpha = copy.getchannel("A")
        assert alpha.getpixel((40, 40)) == 0 and alpha.getpixel((210, 40)) == 255
        assert alike(corners(copy)[1], QUADRANTS[1])


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"GIF89a" + bytes(40),
        encoded(quadrants(), "PNG")[:200],
        encoded(quadrants(), "JPEG")[:-300],
        png_of_size(16_000, 16_000),
        png_of_size(20_000, 10),
    ],
    ids=["empty", "another format", "cut off", "cut off later", "a bomb", "too wide"],
)
def test_what_cannot_be_shown_is_tried_once(
    cache: ThumbnailCache, folder: Path, tmp_path: Path, content: bytes, made: list[int]
) -> None:
    path = tmp_path / "image"
    path.write_bytes(content)
    for _ in range(3):
        with pytest.raises(NotAnImage):
            cache.get(path, sha256(path))
    assert len(made) == 1
    assert not folder.exists()
    write(path, quadrants())
    assert all(map(alike, corners(cache.get(path)), QUADRANTS))


def test_a_file_that_is_not_there_is_looked_for_again(cache: ThumbnailCache, picture: Path) -> None:
    hidden = picture.rename(picture.with_name("hidden"))
    with pytest.raises(FileNotFoundError):
        cache.get(picture, "0" * 64)
    hidden.rename(picture)
    assert cache.get(picture, "0" * 64).size == (SIDE, 171)


def test_a_pipe_is_not_waited_for(cache: ThumbnailCache, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(NotAnImage):
        cache.get(tmp_path / "pipe")


@pytest.mark.parametrize(
    "content",
    [b"", b"RIFF\0\0\0\0WEBP", encoded(quadrants(), "WEBP")[:-20], encoded(quadrants(600), "WEBP")],
    ids=["empty", "no more than a head", "cut off", "too large"],
)
def test_a_spoilt_copy_is_made_again(
    cache: ThumbnailCache, folder: Path, picture: Path, content: bytes
) -> None:
    known = sha256(picture)
    cache.get(picture, known)
    (folder / f"{known}.webp").write_bytes(content)
    for _ in range(2):
        assert all(map(alike, corners(cache.get(picture, known)), QUADRANTS))
    assert (folder / f"{known}.webp").read_bytes() != content


def test_threads_that_ask_at_once_make_it_once(
    cache: ThumbnailCache, picture: Path, made: list[int]
) -> None:
    known, threads = sha256(picture), 4
    together = threading.Barrier(threads)

    def ask(_: int) -> Image.Image:
        together.wait()
        return cache.get(picture, known)

    with ThreadPoolExecutor(threads) as pool:
        copies = list(pool.map(ask, range(threads)))
    assert len(made) == 1
    for copy in copies:
        assert all(map(alike, corners(copy), QUADRANTS))


def test_programs_that_ask_at_once_all_get_it(folder: Path, tmp_path: Path) -> None:
    pictures = [noise(tmp_path / f"{seed}.png", seed) for seed in range(12)]
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from tui.images.thumbnails import ThumbnailCache\n"
        "cache = ThumbnailCache(Path(sys.argv[1]), limit=20_000)\n"
        "for _ in range(4):\n"
        "    for name in sys.argv[2:]:\n"
        "        assert cache.get(Path(name)).size == (64, 64)\n"
    )
    arguments = [sys.executable, "-c", code, str(folder), *map(str, pictures)]
    programs = [subprocess.Popen(arguments) for _ in range(3)]
    assert [program.wait(timeout=60) for program in programs] == [0, 0, 0]
    assert {file.suffix for file in folder.iterdir()} == {".webp"}


def test_those_used_longest_ago_go_first(folder: Path, tmp_path: Path) -> None:
    pictures = [noise(tmp_path / f"{seed}.png", seed) for seed in range(7)]
    one = ThumbnailCache(tmp_path / "other")
    one.get(pictures[0])
    size = max(file.stat().st_size for file in (tmp_path / "other").iterdir())
    cache = ThumbnailCache(folder, limit=size * 6)

    def name(picture: Path) -> Path:
        return folder / f"{sha256(picture)}.webp"

    for age, picture in enumerate(pictures[:5]):
        cache.get(picture, sha256(picture))
        os.utime(name(picture), (1_000_000 + age, 1_000_000 + age))
    cache.get(pictures[0], sha256(pictures[0]))  # Used again: it is the youngest now.
    for picture in pictures[5:]:
        cache.get(picture, sha256(picture))
    here = [name(picture).exists() for picture in pictures]
    assert here[0] and here[-1] and not here[1]
    assert sum(file.stat().st_size for file in folder.iterdir()) <= size * 6


def test_what_other_programs_wrote_counts(folder: Path, tmp_path: Path) -> None:
    folder.mkdir(parents=True)
    for number in range(10):
        (folder / f"{number:064x}.webp").write_bytes(bytes(10_000))
        os.utime(folder / f"{number:064x}.webp", (number, number))
    kept = folder / "notes.txt"
    kept.write_bytes(bytes(200_000))
    picture = noise(tmp_path / "picture.png", 1)
    ThumbnailCache(folder, limit=50_000).get(picture, sha256(picture))
    assert not (folder / f"{0:064x}.webp").exists()
    assert (folder / f"{9:064x}.webp").exists()
    assert (folder / f"{sha256(picture)}.webp").exists()
    assert kept.exists(), "it is none of ours"


def test_a_writer_that_is_killed_leaves_nothing_wrong(
    folder: Path, picture: Path, cache: ThumbnailCache
) -> None:
    code = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from tui.images.thumbnails import ThumbnailCache\n"
        "Path.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"
        "ThumbnailCache(Path(sys.argv[1])).get(Path(sys.argv[2]), sys.argv[3])\n"
    )
    known = sha256(picture)
    killed = subprocess.run([sys.executable, "-c", code, str(folder), str(picture), known])
    assert killed.returncode == -signal.SIGKILL
    (left,) = folder.iterdir()
    assert left.name.startswith(".")
    assert cache.get(picture, known).size == (SIDE, 171)
    assert left.exists(), "its writer may still be at it"
    hours_ago = time.time() - 7200
    os.utime(left, (hours_ago, hours_ago))
    ThumbnailCache(folder).get(noise(picture.with_name("other.png"), 1))
    assert not left.exists()
    assert (folder / f"{known}.webp").exists()


def test_a_folder_that_cannot_be_written_costs_nothing_but_time(
    tmp_path: Path, picture: Path
) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_bytes(b"")
    for folder in (blocked, blocked / "thumbnails"):
        assert ThumbnailCache(folder).get(picture, sha256(picture)).size == (SIDE, 171)


def test_a_folder_that_is_deleted_is_made_again(
    cache: ThumbnailCache, folder: Path, picture: Path
) -> None:
    known = sha256(picture)
    cache.get(picture, known)
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()
    cache.get(picture, known)
    assert (folder / f"{known}.webp").exists()
