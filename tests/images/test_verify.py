from __future__ import annotations

import hashlib
import random
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests.images.pictures import encoded, png_chunk, png_of_size, quadrants
from tui.images import verify
from tui.images.verify import ImageFacts, NotAnImage, extension, sniff, verify_image

FORMATS = [("PNG", "png", "png"), ("JPEG", "jpeg", "jpg"), ("WEBP", "webp", "webp")]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "image"


@pytest.mark.parametrize(("encoder", "format", "ending"), FORMATS)
def test_a_whole_image_is_described(path: Path, encoder: str, format: str, ending: str) -> None:
    content = encoded(quadrants(120, 80), encoder)
    path.write_bytes(content)
    assert verify_image(path) == ImageFacts(
        format=format,  # type: ignore[arg-type]
        width=120,
        height=80,
        bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
    )
    assert sniff(content[:16]) == format
    assert extension(format) == ending  # type: ignore[arg-type]


def test_the_bytes_decide_and_not_the_name(tmp_path: Path) -> None:
    path = tmp_path / "holiday.png"
    path.write_bytes(encoded(quadrants(), "WEBP"))
    assert verify_image(path).format == "webp"


def test_facts_are_of_the_pixels_as_stored(path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    path.write_bytes(encoded(quadrants(120, 80), "JPEG", exif=exif))
    facts = verify_image(path)
    assert (facts.width, facts.height) == (120, 80)


@pytest.mark.parametrize("encoder", ["GIF", "BMP", "TIFF", "PPM", "ICO"])
def test_other_formats_are_refused(path: Path, encoder: str) -> None:
    path.write_bytes(encoded(quadrants(), encoder))
    with pytest.raises(NotAnImage, match="not a PNG, JPEG or WebP"):
        verify_image(path)


@pytest.mark.parametrize("content", [b"", b"\x89PNG", b"<html>502</html>", b'{"error": "no"}'])
def test_what_is_no_image_is_refused(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(NotAnImage):
        verify_image(path)


def test_another_format_behind_a_png_signature_is_refused(path: Path) -> None:
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + encoded(quadrants(), "BMP"))
    with pytest.raises(NotAnImage, match="damaged"):
        verify_image(path)


@pytest.mark.parametrize(("encoder", "format", "ending"), FORMATS)
def test_a_file_cut_off_anywhere_is_refused(
    path: Path, encoder: str, format: str, ending: str
) -> None:
    content = encoded(quadrants(40, 30), encoder)
    for length in (*range(0, len(content), 9), *range(len(content) - 20, len(content))):
        path.write_bytes(content[:length])
        with pytest.raises(NotAnImage):
            verify_image(path)


def test_a_png_with_all_pixels_but_no_end_is_cut_off(path: Path) -> None:
    content = encoded(quadrants(), "PNG")
    assert content.endswith(png_chunk(b"IEND", b""))
    path.write_bytes(content[:-12])
    with pytest.raises(NotAnImage, match="cut off"):
        verify_image(path)


def test_a_png_whose_palette_is_gone_is_refused(path: Path) -> None:
    content = encoded(quadrants().convert("P"), "PNG")
    begin, end = content.index(b"PLTE") - 4, content.index(b"IDAT") - 4
    path.write_bytes(content[:begin] + content[end:])
    with pytest.raises(NotAnImage, match="PNG is damaged"):
        verify_image(path)


def test_what_follows_the_end_of_a_png_does_no_harm(path: Path) -> None:
    path.write_bytes(encoded(quadrants(), "PNG") + b"trailing")
    assert verify_image(path).format == "png"


@pytest.mark.parametrize(
    ("width", "height", "reason"),
    [
        (16_385, 8, "16384"),
        (8, 16_385, "16384"),
        (8_000, 5_001, "40 million"),
        (16_384, 16_384, "40 million"),
    ],
)
def test_images_beyond_the_limits_are_refused_undecoded(
    path: Path, width: int, height: int, reason: str
) -> None:
    path.write_bytes(png_of_size(width, height))
    with pytest.raises(NotAnImage, match=reason):
        verify_image(path)


def test_images_at_the_limits_are_accepted(path: Path) -> None:
    path.write_bytes(png_of_size(8_000, 5_000))
    assert verify_image(path).width == 8_000


def test_a_bomb_in_a_text_chunk_is_refused(path: Path) -> None:
    text = b"comment\0\0" + zlib.compress(bytes(64 * 1024 * 1024), 9)
    content = encoded(quadrants(), "PNG")
    after_header = 8 + 25
    path.write_bytes(content[:after_header] + png_chunk(b"zTXt", text) + content[after_header:])
    with pytest.raises(NotAnImage):
        verify_image(path)


def test_a_file_larger_than_the_limit_is_not_read_whole(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify, "MAX_BYTES", 1000)
    path.write_bytes(encoded(quadrants(), "PNG").ljust(1001, b"\0"))
    with pytest.raises(NotAnImage, match="larger"):
        verify_image(path)


def test_a_file_that_is_not_there_is_an_error_of_the_system(path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        verify_image(path)


def test_an_animation_is_taken_for_its_first_frame(path: Path) -> None:
    frames = [quadrants(), quadrants().rotate(180)]
    path.write_bytes(encoded(frames[0], "WEBP", save_all=True, append_images=frames[1:]))
    assert verify_image(path).format == "webp"


@given(seed=st.integers(), encoder=st.sampled_from(["PNG", "JPEG", "WEBP"]))
def test_no_damage_makes_anything_but_a_refusal(
    tmp_path_factory: pytest.TempPathFactory, seed: int, encoder: str
) -> None:
    chance = random.Random(seed)
    content = bytearray(encoded(quadrants(24, 16), encoder))
    for _ in range(chance.randint(1, 8)):
        content[chance.randrange(len(content))] = chance.randrange(256)
    path = tmp_path_factory.getbasetemp() / "damaged"
    path.write_bytes(content)
    try:
        assert verify_image(path).bytes == len(content)
    except NotAnImage as refusal:
        assert refusal.reason.endswith(".")


def test_reasons_name_no_object_of_the_program(path: Path) -> None:
    path.write_bytes(encoded(quadrants(), "PNG")[:30])
    with pytest.raises(NotAnImage) as refusal:
        verify_image(path)
    assert "<" not in refusal.value.reason
