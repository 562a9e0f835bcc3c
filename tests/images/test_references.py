"""Input images made ready: within the model's limits, upright, and without what they tell."""

from __future__ import annotations

import hashlib
import os
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms, PngImagePlugin

from tests.images.pictures import psnr
from tui.images.prepared import Limits, Treatment, UnfitReference
from tui.images.references import FOLDER, keep_reference, prepare_reference

PLACE = b"51 deg 28' 38\" N"
SECRET = b"a secret prompt"


def noise(width: int, height: int, mode: str = "RGB") -> Image.Image:
    """A picture that no format makes small."""
    dice = np.random.default_rng(7)
    depth = len(mode)
    return Image.fromarray(dice.integers(0, 256, (height, width, depth), dtype=np.uint8), mode)


def halves() -> Image.Image:
    """Red on the left, blue on the right."""
    image = Image.new("RGB", (64, 40), (200, 20, 20))
    image.paste((20, 20, 200), (32, 0, 64, 40))
    return image


def telling_exif(orientation: int = 1) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "Camera & Sons"
    gps = exif.get_ifd(0x8825)
    gps[1], gps[2], gps[29] = "N", (51.0, 28.0, 38.0), PLACE.decode()
    exif[0x8825] = gps
    return exif.tobytes()


def saved(path: Path, image: Image.Image, format: str, **options: object) -> Path:
    image.save(path, format, **options)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def test_what_is_legal_and_tells_nothing_is_sent_to_the_byte(tmp_path: Path, folder: Path) -> None:
    for format in ("PNG", "JPEG", "WEBP"):
        source = saved(tmp_path / format, halves(), format)
        prepared = prepare_reference(source, Limits(), "fitted", folder)
        assert prepared.file.read_bytes() == source.read_bytes()
        assert (prepared.width, prepared.height) == prepared.from_size == (64, 40)
        assert prepared.bytes == prepared.from_bytes == source.stat().st_size
        assert prepared.changes == ()


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP"])
def test_camera_place_and_prompt_stay_here_and_no_pixel_changes(
    tmp_path: Path, folder: Path, format: str
) -> None:
    info = PngImagePlugin.PngInfo()
    info.add_text("parameters", SECRET.decode())
    options = {"pnginfo": info} if format == "PNG" else {"xmp": b"<x>" + SECRET + b"</x>"}
    source = saved(tmp_path / "source", halves(), format, exif=telling_exif(), **options)
    assert SECRET in source.read_bytes()
    prepared = prepare_reference(source, Limits(), "fitted", folder)
    sent = prepared.file.read_bytes()
    for told in (SECRET, PLACE, b"Camera"):
        assert told not in sent
    with Image.open(BytesIO(sent)) as image, Image.open(source) as original:
        assert not image.getexif()
        assert np.array_equal(np.asarray(image), np.asarray(original))
    assert prepared.changes == ("metadata removed",)
    assert not prepared.tells_place
    # It goes in again as it came out.
    again = prepare_reference(prepared.file, Limits(), "fitted", folder)
    assert (again.sha256, again.changes) == (prepared.sha256, ())


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP"])
def test_what_lies_on_its_side_is_sent_upright(tmp_path: Path, folder: Path, format: str) -> None:
    source = saved(tmp_path / "source", halves(), format, exif=telling_exif(orientation=6))
    prepared = prepare_reference(source, Limits(), "fitted", folder)
    assert (prepared.width, prepared.height) == prepared.from_size == (40, 64)
    assert prepared.changes[0] == "turned upright"
    with Image.open(prepared.file) as image:
        top, bottom = (
            image.convert("RGB").getpixel((20, 10)),
            image.convert("RGB").getpixel((20, 54)),
        )
    assert isinstance(top, tuple)
    assert isinstance(bottom, tuple)
    assert top[0] > top[2]
    assert bottom[2] > bottom[0]
    assert PLACE not in prepared.file.read_bytes()


def test_as_it_is_means_every_byte(tmp_path: Path, folder: Path) -> None:
    source = saved(tmp_path / "source", halves(), "JPEG", exif=telling_exif(orientation=6))
    limits = Limits(formats=("png",), max_bytes=10, max_pixels=10)
    prepared = prepare_reference(source, limits, "as it is", folder)
    assert prepared.file.read_bytes() == source.read_bytes()
    assert prepared.tells_place
    assert (prepared.width, prepared.height) == (64, 40)
    assert prepared.from_size == (40, 64)


@pytest.mark.parametrize(
    ("mode", "format", "taken", "becomes"),
    [
        ("RGB", "WEBP", ("png", "jpeg"), "png"),
        ("RGB", "PNG", ("jpeg",), "jpeg"),
        ("RGB", "JPEG", ("png",), "png"),
        ("RGB", "JPEG", ("webp",), "webp"),
        ("RGBA", "WEBP", ("png", "jpeg"), "png"),
        ("RGBA", "PNG", ("webp", "jpeg"), "webp"),
        ("RGBA", "PNG", ("jpeg",), "jpeg"),
    ],
)
def test_a_format_that_the_model_does_not_take_becomes_one_that_it_does(
    tmp_path: Path, folder: Path, mode: str, format: str, taken: tuple[str, ...], becomes: str
) -> None:
    image = halves().convert(mode)
    if mode == "RGBA":
        image.putpixel((0, 0), (0, 0, 0, 0))
    source = saved(tmp_path / "source", image, format)
    prepared = prepare_reference(source, Limits(formats=taken), "fitted", folder)
    assert prepared.format == becomes
    with Image.open(prepared.file) as sent:
        assert sent.format is not None
        assert sent.format.lower() == becomes
        assert sent.size == image.size
        if mode == "RGBA" and becomes != "jpeg":
            assert sent.convert("RGBA").getpixel((0, 0))[3] < 128  # type: ignore[index]
        assert psnr(sent.convert("RGB"), image.convert("RGB")) > 25


@pytest.mark.parametrize(
    ("mode", "format"),
    [("RGB", "PNG"), ("RGB", "JPEG"), ("RGB", "WEBP"), ("RGBA", "PNG"), ("RGBA", "WEBP")],
)
@pytest.mark.parametrize("most", [200_000, 40_000, 4_000])
def test_too_many_bytes_are_made_fewer_and_no_fewer_than_need_be(
    tmp_path: Path, folder: Path, mode: str, format: str, most: int
) -> None:
    source = saved(tmp_path / "source", noise(400, 300, mode), format)
    limits = Limits(max_bytes=min(most, source.stat().st_size - 1))
    prepared = prepare_reference(source, limits, "fitted", folder)
    assert limits.max_bytes is not None
    assert limits.max_bytes / 3 < prepared.bytes <= limits.max_bytes
    assert prepared.bytes == prepared.file.stat().st_size
    assert prepared.width / prepared.height == pytest.approx(4 / 3, rel=0.06)


def test_the_byte_at_the_limit_is_within_it(tmp_path: Path, folder: Path) -> None:
    source = saved(tmp_path / "source", noise(40, 30), "PNG")
    size = source.stat().st_size
    for most, is_same in ((size, True), (size - 1, False)):
        prepared = prepare_reference(source, Limits(max_bytes=most), "fitted", folder)
        assert (prepared.bytes == size) is is_same
    for most, is_same in ((1200, True), (1199, False)):
        prepared = prepare_reference(source, Limits(max_pixels=most), "fitted", folder)
        assert ((prepared.width, prepared.height) == (40, 30)) is is_same
        assert prepared.width * prepared.height <= most


def test_small_is_2048_pixels_and_a_photographs_compression(tmp_path: Path, folder: Path) -> None:
    source = saved(tmp_path / "source", noise(2400, 300), "PNG", compress_level=1)
    prepared = prepare_reference(source, Limits(), "small", folder)
    assert (prepared.format, prepared.width, prepared.height) == ("jpeg", 2048, 256)
    assert prepared.changes == ("scaled to 2048×256", "JPEG, quality 90")
    # What is smaller as it is stays so.
    plain = saved(tmp_path / "plain", Image.new("RGB", (64, 64)), "PNG")
    assert prepare_reference(plain, Limits(), "small", folder).changes == ()


def test_colours_are_meant_as_they_were(tmp_path: Path, folder: Path) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    source = saved(tmp_path / "source", halves(), "PNG", icc_profile=profile)
    for taken in ("png", "jpeg", "webp"):
        prepared = prepare_reference(source, Limits(formats=(taken,)), "fitted", folder)
        with Image.open(prepared.file) as image:
            assert image.info["icc_profile"] == profile


def test_what_was_not_in_rgb_has_no_profile_of_other_colours(tmp_path: Path, folder: Path) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    for mode in ("CMYK", "L"):
        source = saved(tmp_path / mode, halves().convert(mode), "JPEG", icc_profile=profile)
        prepared = prepare_reference(source, Limits(formats=("png",)), "fitted", folder)
        with Image.open(prepared.file) as image:
            assert image.mode == "RGB"
            assert "icc_profile" not in image.info


def _animated(path: Path, format: str) -> Path:
    frames = [Image.new("RGB", (8, 8), (index * 90, 0, 0)) for index in range(3)]
    frames[0].save(path, format, save_all=True, append_images=frames[1:])
    return path


def _bomb(path: Path) -> Path:
    """A picture of 100 million pixels, in few bytes."""
    Image.new("1", (10_000, 10_000)).save(path, "PNG")
    return path


@pytest.mark.parametrize("treatment", ["fitted", "small", "as it is"])
def test_what_is_no_single_picture_is_refused_with_a_sentence(
    tmp_path: Path, folder: Path, treatment: Treatment
) -> None:
    (tmp_path / "text").write_text("no picture")
    (tmp_path / "empty").touch()
    (tmp_path / "place").mkdir()
    os.mkfifo(tmp_path / "pipe")
    whole = saved(tmp_path / "whole", noise(40, 40), "PNG").read_bytes()
    (tmp_path / "cut").write_bytes(whole[:-500])
    sentences = {
        "text": "The file is not a PNG, JPEG or WebP image.",
        "empty": "The file is not a PNG, JPEG or WebP image.",
        "place": "It is a folder.",
        "pipe": "It is no ordinary file.",
        "nowhere": "There is no such file.",
        "a\0b": "There is no such file.",
        "cut": "The PNG is damaged or cut off.",
        _animated(
            tmp_path / "webp", "WEBP"
        ).name: "It is animated; a reference is a single picture.",
        _animated(tmp_path / "png", "PNG").name: "It is animated; a reference is a single picture.",
        _bomb(tmp_path / "bomb").name: "The image is larger than 40 million pixels.",
    }
    for name, sentence in sentences.items():
        with pytest.raises(UnfitReference) as caught:
            prepare_reference(tmp_path / name, Limits(), treatment, folder)
        assert str(caught.value) == sentence
    assert not folder.exists()


def test_what_is_too_long_for_its_pixels_is_refused(tmp_path: Path, folder: Path) -> None:
    source = saved(tmp_path / "long", Image.new("RGB", (2, 200)), "PNG")
    made = prepare_reference(source, Limits(max_pixels=100), "fitted", folder)
    assert made.width * made.height <= 100
    with pytest.raises(UnfitReference, match="too long for 20 pixels"):
        prepare_reference(source, Limits(max_pixels=20), "fitted", folder)


def test_what_is_sent_is_kept_once_and_only_as_it_was_prepared(
    tmp_path: Path, folder: Path
) -> None:
    data = tmp_path / "data"
    source = saved(tmp_path / "source", halves(), "JPEG", exif=telling_exif())
    prepared = prepare_reference(source, Limits(), "fitted", folder)
    kept = [keep_reference(prepared, data) for _ in range(2)]
    assert kept[0] == kept[1]
    (file,) = (data / FOLDER).iterdir()
    assert kept[0].file == f"{FOLDER}/{file.name}" == f"{FOLDER}/{prepared.sha256}.jpg"
    assert hashlib.sha256(file.read_bytes()).hexdigest() == prepared.sha256
    # The copy was damaged: it is written anew.
    file.write_bytes(b"")
    keep_reference(prepared, data)
    assert file.read_bytes() == prepared.file.read_bytes()
    file.unlink()
    for spoil in (lambda: prepared.file.write_bytes(b"other"), prepared.file.unlink):
        spoil()
        with pytest.raises(UnfitReference, match="What was prepared is gone"):
            keep_reference(prepared, data)
    assert list((data / FOLDER).iterdir()) == []
