"""Pictures that were verified a moment ago are not decoded again to be shown."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace
from PIL import Image

from tests.images.pictures import QUADRANTS, alike, corners, quadrants, write
from tui.images import prepare
from tui.images.preview import PreviewRequest
from tui.images.recent import KEPT, SIDE, RecentPictures
from tui.images.verify import verify_image


@pytest.fixture
def recent() -> RecentPictures:
    return RecentPictures()


def verified(recent: RecentPictures, path: Path) -> str:
    return verify_image(path, recent.keep).sha256


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP"])
def test_a_picture_that_was_verified_is_there_in_every_smaller_size(
    recent: RecentPictures, tmp_path: Path, format: str
) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    stored = quadrants(2400, 1200).transpose(Image.Transpose.ROTATE_90)
    sha256 = verified(recent, write(tmp_path / "image", stored, format, exif=exif))
    found = recent.scaled(sha256, lambda width, height: (width // 10, height // 10))
    assert found is not None
    assert (found.width, found.height) == (2400, 1200)
    assert found.image.size == (240, 120) and found.image.mode == "RGB"
    assert all(map(alike, corners(found.image), QUADRANTS))


def test_of_a_large_picture_no_more_is_kept_than_is_needed(
    recent: RecentPictures, tmp_path: Path
) -> None:
    sha256 = verified(recent, write(tmp_path / "image", quadrants(SIDE * 2, SIDE)))
    assert recent.scaled(sha256, lambda *_: (SIDE, SIDE // 2)) is not None
    assert recent.scaled(sha256, lambda *_: (SIDE + 1, SIDE // 2)) is None
    small = verified(recent, write(tmp_path / "small", quadrants(40, 30)))
    larger = recent.scaled(small, lambda width, height: (width * 2, height * 2))
    assert larger is not None and larger.image.size == (80, 60)


def test_what_is_clear_stays_clear(recent: RecentPictures, tmp_path: Path) -> None:
    image = Image.new("RGBA", (64, 64), (200, 100, 0, 0))
    found = recent.scaled(verified(recent, write(tmp_path / "image", image)), lambda *_: (8, 8))
    assert found is not None and found.image.mode == "RGBA"
    assert found.image.getpixel((4, 4))[3] == 0  # type: ignore[index]


def test_only_the_last_few_are_kept(recent: RecentPictures, tmp_path: Path) -> None:
    every = [
        verified(recent, write(tmp_path / str(number), quadrants(40 + number, 30)))
        for number in range(KEPT + 2)
    ]
    found = [recent.scaled(sha256, lambda *_: (4, 3)) is not None for sha256 in every]
    assert found == [False] * 2 + [True] * KEPT


def test_what_cannot_be_kept_is_verified_all_the_same(
    recent: RecentPictures, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> object:
        raise MemoryError

    monkeypatch.setattr("tui.images.recent.upright_picture", full)
    path = write(tmp_path / "image", quadrants())
    assert recent.scaled(verified(recent, path), lambda *_: (4, 3)) is None


def test_a_preview_needs_no_second_decoding(
    recent: RecentPictures, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "image", quadrants(600, 400))
    request = PreviewRequest(path, 40, 20, (9, 17), "half", (0, 0, 0))
    decoded = prepare.prepare_preview(request)
    monkeypatch.setattr(prepare, "RECENT", recent)
    monkeypatch.setattr(prepare, "scale_upright", None)
    sha256 = verified(recent, path)
    again = prepare.prepare_preview(replace(request, sha256=sha256))
    assert again.half == decoded.half
