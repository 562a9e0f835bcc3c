from __future__ import annotations

import pytest

from tests.demo.pictures import data_url, encoded, picture
from tui.demo.errors import Refusal
from tui.demo.limits import MODELS, ReferenceLimits
from tui.demo.references import read_references


def limits_of(model: str) -> ReferenceLimits:
    limits = MODELS[model].references
    assert limits is not None
    return limits


SEEDREAM = limits_of("seedream-4.5")
KLING = limits_of("kling-image-o1")


def refusal(value: object, limits: ReferenceLimits = SEEDREAM) -> Refusal:
    with pytest.raises(Refusal) as refused:
        read_references(value, limits)
    assert (refused.value.status, refused.value.param) == (400, "image")
    return refused.value


def test_an_image_is_taken_as_data_url_or_bare_base64_alone_or_in_a_list() -> None:
    content = picture()
    assert read_references(data_url(content), SEEDREAM) == (content,)
    assert read_references(encoded(content), SEEDREAM) == (content,)
    assert read_references([data_url(content), encoded(content)], SEEDREAM) == (content, content)


@pytest.mark.parametrize("image_format", ["PNG", "JPEG", "WEBP", "BMP", "TIFF", "GIF"])
def test_seedream_reads_six_formats(image_format: str) -> None:
    content = picture(image_format=image_format)
    assert read_references(encoded(content), SEEDREAM) == (content,)


@pytest.mark.parametrize("image_format", ["WEBP", "GIF"])
def test_kling_reads_png_and_jpeg_alone(image_format: str) -> None:
    content = picture(image_format=image_format)
    assert "the formats are jpeg, png" in refusal(encoded(content), KLING).message


@pytest.mark.parametrize(
    ("width", "height", "limits"),
    [(15, 15, SEEDREAM), (240, 15, SEEDREAM), (300, 750, KLING), (750, 300, KLING)],
)
def test_a_picture_at_the_edge_of_the_limits_is_taken(
    width: int, height: int, limits: ReferenceLimits
) -> None:
    assert read_references(encoded(picture(width, height)), limits)


@pytest.mark.parametrize(
    ("width", "height", "limits", "reason"),
    [
        (14, 20, SEEDREAM, "each side must be at least 15 pixels"),
        (241, 15, SEEDREAM, "the aspect ratio must be between 1:16 and 16:1"),
        (6001, 6000, SEEDREAM, "an image must have at most 36000000 pixels"),
        (299, 400, KLING, "each side must be at least 300 pixels"),
        (300, 751, KLING, "the aspect ratio must be between 1:2.5 and 2.5:1"),
    ],
)
def test_a_picture_outside_the_limits_is_refused(
    width: int, height: int, limits: ReferenceLimits, reason: str
) -> None:
    assert reason in refusal(encoded(picture(width, height)), limits).message


@pytest.mark.parametrize("url", ["https://example.org/a.png", "http://127.0.0.1/a.png"])
def test_a_web_address_cannot_be_downloaded(url: str) -> None:
    assert refusal(url).message.startswith("Error while downloading file. Upstream status code:")


@pytest.mark.parametrize(
    "value",
    ["", "not base64!", "asset://1", "data:image/PNG;base64,AAAA", "data:text/plain;base64,AAAA",
     "data:image/png,AAAA", "ï", encoded(b"GIF89a"), encoded(b"no image"), encoded(b"")],
)  # fmt: skip
def test_what_is_no_image_is_refused(value: str) -> None:
    refusal(value)


def test_a_picture_that_breaks_off_is_refused() -> None:
    content = picture(image_format="JPEG")
    refusal(encoded(content[: len(content) // 2]))


def test_too_many_images_are_refused_before_any_is_read() -> None:
    assert "at most 14 images can be given, 15 were sent" in refusal(["no image"] * 15).message
    assert "at most 10 images can be given, 11 were sent" in refusal(["x"] * 11, KLING).message


def test_a_file_that_is_too_large_is_refused() -> None:
    refused = refusal(encoded(bytes(10_000_001)), KLING)
    assert "an image must be at most 10 MB" in refused.message
