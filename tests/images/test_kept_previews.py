"""Scaled pictures in the cache folder: found again, and never trusted."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from msgspec.structs import replace
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from tests.images.pictures import encoded, png_chunk, quadrants, write
from tui.images import prepare
from tui.images.kept_previews import KeptPreviews
from tui.images.prepare import prepare_preview
from tui.images.preview import Preview, PreviewRequest
from tui.terminal import Graphics, SixelLimits

EVERY: list[Graphics] = ["half", "sixel", "kitty"]


@pytest.fixture
def wanted(tmp_path: Path) -> PreviewRequest:
    path = write(tmp_path / "image.png", quadrants(800, 600))
    return PreviewRequest(path, 40, 20, (9, 17), "half", (1, 2, 3), sha256=sha256(path))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "previews"


@pytest.fixture
def kept(folder: Path) -> KeptPreviews:
    return KeptPreviews(folder)


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Grows with every image that is decoded."""
    files: list[bytes] = []
    scale = prepare.scale_upright

    def counting(data: bytes, *rest: object) -> object:
        files.append(data)
        return scale(data, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(prepare, "scale_upright", counting)
    return files


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def alike(one: Preview, other: Preview) -> bool:
    """Whether two are the same picture; kitty's have numbers of their own."""
    if one.kitty is None or other.kitty is None:
        return one == other
    uploads = [each.kitty.upload.replace(str(each.kitty.id), "") for each in (one, other)]
    return uploads[0] == uploads[1] and replace(one, kitty=None) == replace(other, kitty=None)


@pytest.mark.parametrize("graphics", EVERY)
def test_a_picture_is_made_once_wherever_its_file_lies(
    wanted: PreviewRequest, folder: Path, decoded: list[bytes], graphics: Graphics
) -> None:
    wanted = replace(wanted, graphics=graphics)
    first = prepare_preview(wanted, KeptPreviews(folder))
    moved = replace(wanted, path=wanted.path.rename(wanted.path.with_name("moved.png")))
    again = prepare_preview(moved, KeptPreviews(folder))
    assert len(decoded) == 1 and alike(again, first)
    assert [file.suffix for file in folder.iterdir()] == [".png"]
    assert alike(first, prepare_preview(moved)), "it is the same as without a folder"


def test_without_its_sha256_a_picture_is_found_until_its_file_changes(
    wanted: PreviewRequest, kept: KeptPreviews, decoded: list[bytes]
) -> None:
    wanted = replace(wanted, sha256="")
    for _ in range(2):
        prepare_preview(wanted, kept)
    assert len(decoded) == 1
    write(wanted.path, quadrants(800, 600).rotate(180))
    prepare_preview(wanted, kept)
    assert len(decoded) == 2


def test_a_file_that_is_not_what_was_said_does_not_pass_for_it(
    wanted: PreviewRequest, kept: KeptPreviews, decoded: list[bytes]
) -> None:
    other = write(wanted.path.with_name("other.png"), quadrants(800, 600).rotate(180))
    for path in (wanted.path, other):
        path.write_bytes(path.read_bytes().ljust(10_000, b"\0"))
    wanted = replace(wanted, sha256=sha256(wanted.path))
    turned = prepare_preview(replace(wanted, path=other), kept)
    assert prepare_preview(wanted, kept) != turned
    assert len(decoded) == 2


@pytest.mark.parametrize(
    "change",
    [
        {"columns": 20},
        {"cell_pixels": (10, 20)},
        {"background": (9, 9, 9)},
        {"graphics": "kitty"},
        {"sixel_limits": SixelLimits(16, 1000, 1000)},
    ],
    ids=str,
)
def test_what_is_drawn_otherwise_is_made_for_itself(
    wanted: PreviewRequest, kept: KeptPreviews, decoded: list[bytes], change: dict[str, object]
) -> None:
    wanted = replace(wanted, graphics="sixel")
    prepare_preview(wanted, kept)
    prepare_preview(replace(wanted, **change), kept)
    assert len(decoded) == 2


def with_text(png: bytes) -> bytes:
    info = PngInfo()
    info.add_text("Comment", "\x1b]0;owned\x07" * 3)
    return encoded(Image.open(BytesIO(png)), "PNG", pnginfo=info)


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda png: b"",
    "cut off": lambda png: png[: len(png) // 2],
    "no end": lambda png: png[:-12],
    "something behind it": lambda png: png + b"\x1b]0;owned\x07",
    "text": with_text,
    "an unknown chunk": lambda png: png[:-12] + png_chunk(b"evIl", b"\x1b[2J") + png[-12:],
    "escape sequences": lambda png: b"\x1bP0;1;0q#0;2;0;0;0\x1b\\" * 100,
    "another size": lambda png: encoded(Image.new("RGB", (5, 5)), "PNG"),
    "another kind of pixels": lambda png: encoded(Image.open(BytesIO(png)).convert("L"), "PNG"),
    "another format": lambda png: encoded(Image.open(BytesIO(png)).convert("RGB"), "WEBP"),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
@pytest.mark.parametrize("graphics", EVERY)
def test_what_is_damaged_or_not_ours_is_made_again(
    wanted: PreviewRequest,
    kept: KeptPreviews,
    folder: Path,
    graphics: Graphics,
    damage: Callable[[bytes], bytes],
) -> None:
    wanted = replace(wanted, graphics=graphics)
    first = prepare_preview(wanted, kept)
    (file,) = folder.iterdir()
    ours = file.read_bytes()
    file.write_bytes(damage(ours))
    assert alike(prepare_preview(wanted, kept), first)
    assert file.read_bytes() == ours


def test_a_palette_that_is_too_short_draws_black_and_no_more(
    wanted: PreviewRequest, kept: KeptPreviews, folder: Path
) -> None:
    wanted = replace(wanted, graphics="sixel")
    prepare_preview(wanted, kept)
    (file,) = folder.iterdir()
    image = Image.open(file)
    planted = Image.new("P", image.size, 3)
    planted.putpalette([255, 0, 0] * 2)
    file.write_bytes(encoded(planted, "PNG"))
    assert prepare_preview(wanted, kept).sixel.count("#") <= 2 * 256


def test_those_used_longest_ago_go_first(wanted: PreviewRequest, folder: Path) -> None:
    kept = KeptPreviews(folder, limit=30_000)
    for columns in range(5, 40):
        noise = Image.effect_noise((400, 400), 90)
        write(wanted.path, noise)
        prepare_preview(replace(wanted, columns=columns, sha256=""), kept)
    assert sum(file.stat().st_size for file in folder.iterdir()) <= 30_000


def test_a_folder_that_cannot_be_written_costs_nothing_but_time(
    wanted: PreviewRequest, tmp_path: Path
) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_bytes(b"")
    assert prepare_preview(wanted, KeptPreviews(blocked / "previews")).half
