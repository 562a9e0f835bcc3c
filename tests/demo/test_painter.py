"""The painter: obeys the size, repeats itself exactly, follows the words, survives any prompt."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from io import BytesIO
from itertools import combinations
from typing import Literal

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from tui.demo.painter import Painting, encode, paint

PROMPTS = (
    "fox in the snow",
    "harbour at night",
    "seven lanterns",
    "cyberpunk street in the rain",
    "portrait of a queen",
    "mountain lake at dawn",
    "jazz",
    "a cup of coffee",
    "gothic cathedral",
    "rocket to saturn",
    "desert caravan",
    "tulip garden",
    "forest in fog",
    "bauhaus poster",
    "coral reef",
)
ODD_PROMPTS = {
    "empty": "",
    "blank": " \n\t ",
    "emoji": "🦊🔥👩‍🚀🏳️‍🌈",
    "100 KB": "weathered lighthouse " * 5_000,
    "100 KB without a blank": "x" * 100_000,
    "control characters": "\x00\x07\x1b[31mred\x1b]0;title\x07\x9b",
    "bidi overrides": "\u202efox\u2066cat\u2069",
    "lone surrogate": "fox \ud83d",
    "combining marks": "z\u0300\u0301\u0302" * 200,
    "right to left": "ثعلب في الثلج",
    "many scripts": "雪の中の狐 лиса в снегу 눈 속의 여우 αλεπού",
    "private use and unassigned": "\ue000\U000f0000\U0010fffe",
    "only punctuation": "?!…—//\\\\<>",
    "markup": "[bold]<svg onload=1>%s{0}",
}

Pixels = npt.NDArray[np.int16]


def painting(prompt: str = "fox in the snow", side: int = 96, seed: int = 7) -> Painting:
    return Painting(prompt=prompt, model="seedream-4.5", width=side, height=side, seed=seed)


def pixels(image: Image.Image) -> Pixels:
    return np.asarray(image, np.int16)


def distance(first: Pixels, second: Pixels) -> float:
    """The mean difference of two pictures in levels of 255."""
    return float(np.abs(first - second).mean())


def light(image: Image.Image) -> npt.NDArray[np.float64]:
    return np.asarray(image.convert("L"), np.float64)


def likeness(first: Image.Image, second: Image.Image) -> float:
    """The correlation of the light and dark of two pictures of one size, -1..1."""
    return float(np.corrcoef(light(first).ravel(), light(second).ravel())[0, 1])


def file_of(image: Image.Image, format: str) -> bytes:
    buffer = BytesIO()
    image.save(buffer, format)
    return buffer.getvalue()


def disc(side: int = 200) -> Image.Image:
    """A black disc on white."""
    image = Image.new("RGB", (side, side), "white")
    ImageDraw.Draw(image).ellipse(
        (side // 4, side // 4, 3 * side // 4, 3 * side // 4), fill="black"
    )
    return image


@settings(max_examples=15, deadline=None)
@given(
    width=st.integers(14, 320),
    height=st.integers(14, 320),
    prompt=st.sampled_from(PROMPTS),
    watermark=st.booleans(),
)
def test_a_picture_has_the_size_asked_for_to_the_pixel(
    width: int, height: int, prompt: str, watermark: bool
) -> None:
    image = paint(Painting(prompt, "m", width, height, 3, watermark=watermark))
    assert image.size == (width, height)
    assert image.mode == "RGB"


@pytest.mark.parametrize(
    "size", [(6240, 2656), (4096, 256), (256, 4096), (14, 14), (14, 224), (224, 14), (1, 1)]
)
def test_the_largest_longest_and_smallest_sizes_are_painted(size: tuple[int, int]) -> None:
    image = paint(Painting("harbour at night", "m", *size, seed=1, watermark=True))
    assert image.size == size


@pytest.mark.parametrize("format", ["png", "jpeg"])
def test_encoding_gives_a_file_of_that_format_and_size(format: Literal["png", "jpeg"]) -> None:
    image = paint(Painting("jazz", "m", 200, 120, 1))
    data = encode(image, format)
    with Image.open(BytesIO(data)) as decoded:
        assert decoded.format == format.upper()
        assert decoded.size == (200, 120)
        assert distance(pixels(decoded), pixels(image)) < 6
    assert encode(image, format) == data


def test_a_png_keeps_every_pixel() -> None:
    image = paint(painting("a cup of coffee"))
    with Image.open(BytesIO(encode(image, "png"))) as decoded:
        assert np.array_equal(np.asarray(decoded), np.asarray(image))


_DIGEST = """
import hashlib, sys
from tui.demo.painter import Painting, encode, paint
total = hashlib.sha256()
for prompt in sys.argv[1:]:
    for format in ("png", "jpeg"):
        total.update(encode(paint(Painting(prompt, "m", 160, 130, 5, watermark=True)), format))
print(total.hexdigest())
"""


def test_the_same_painting_is_the_same_bytes_in_every_process() -> None:
    prompts = ("fox in the snow", "zqx blorp", "oil painting of a city", "ink forest", "🦊")
    here = hashlib.sha256()
    for prompt in prompts:
        image = paint(Painting(prompt, "m", 160, 130, 5, watermark=True))
        here.update(encode(image, "png") + encode(image, "jpeg"))
    for hash_seed in ("0", "4711"):
        run = subprocess.run(
            [sys.executable, "-c", _DIGEST, *prompts],
            env={**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONUTF8": "1"},
            capture_output=True,
            text=True,
            check=True,
        )
        assert run.stdout.strip() == here.hexdigest()


def test_paintings_made_at_the_same_time_do_not_disturb_one_another() -> None:
    paintings = [painting(prompt) for prompt in PROMPTS[:5]]
    alone = [paint(each).tobytes() for each in paintings]
    with ThreadPoolExecutor(5) as pool:
        together = [image.tobytes() for image in pool.map(paint, paintings)]
    assert together == alone


@pytest.mark.parametrize("change", [{"seed": 8}, {"index": 1}, {"model": "nano-banana-pro"}])
@pytest.mark.parametrize("prompt", PROMPTS[:4])
def test_seed_index_and_model_each_move_the_forms(prompt: str, change: dict[str, object]) -> None:
    first = painting(prompt)
    moved = np.abs(pixels(paint(first)) - pixels(paint(replace(first, **change)))).max(axis=-1) > 12
    assert moved.mean() > 0.25


def test_a_seed_may_be_any_whole_number() -> None:
    seeds = (0, -1, 2**31 - 1, 2**64, 9_999_999_999)
    assert len({paint(painting(seed=seed)).tobytes() for seed in seeds}) == len(seeds)


def test_two_prompts_never_look_alike() -> None:
    pictures = {prompt: pixels(paint(painting(prompt))) for prompt in PROMPTS}
    for first, second in combinations(PROMPTS, 2):
        assert distance(pictures[first], pictures[second]) > 20, (first, second)


def test_prompts_without_a_known_word_do_not_look_alike_either() -> None:
    pictures = [pixels(paint(painting(f"zq{number}x vlor"))) for number in range(20)]
    assert min(distance(*pair) for pair in combinations(pictures, 2)) > 8


def test_a_prompt_shows_the_same_forms_at_every_size() -> None:
    small = paint(Painting("portrait of a queen", "m", 240, 192, 4))
    large = paint(Painting("portrait of a queen", "m", 960, 768, 4))
    assert distance(pixels(small), pixels(large.resize(small.size, Image.Resampling.BOX))) < 9


@pytest.mark.parametrize(
    ("darker", "brighter"),
    [
        ("mountains at night", "mountains in snow at noon"),
        ("the sea at midnight", "the sea on a sunny day"),
        ("夜の森", "雪の森"),
    ],
)
def test_night_is_darker_than_day(darker: str, brighter: str) -> None:
    assert light(paint(painting(darker))).mean() + 25 < light(paint(painting(brighter))).mean()


def test_a_colour_that_is_named_colours_the_picture() -> None:
    def mean(prompt: str) -> npt.NDArray[np.float64]:
        return np.asarray(paint(painting(prompt)), np.float64).mean(axis=(0, 1))

    red, green, blue = mean("red mountains"), mean("green mountains"), mean("blue mountains")
    assert red[0] - red[2] > 30
    assert blue[2] - blue[0] > 30
    assert green[1] > green[0]
    assert green[1] > green[2]


def test_pixel_art_has_few_colours() -> None:
    image = paint(painting("pixel art castle", side=448))
    few = image.resize((112, 112), Image.Resampling.BOX).quantize(16).convert("RGB")
    plain = paint(painting("photo of a castle", side=448)).resize((112, 112), Image.Resampling.BOX)
    lost = distance(pixels(few), pixels(image.resize((112, 112), Image.Resampling.BOX)))
    lost_plain = distance(pixels(plain.quantize(16).convert("RGB")), pixels(plain))
    assert lost < lost_plain


def test_black_and_white_has_no_colour() -> None:
    levels = pixels(paint(painting("black and white photo of a harbour")))
    assert np.ptp(levels, axis=-1).mean() < 8


@pytest.mark.parametrize("side", [64, 200, 512])
@pytest.mark.parametrize("prompt", ["fox in the snow", "harbour at night", "ink mountains"])
def test_the_watermark_changes_the_lower_right_corner_alone(prompt: str, side: int) -> None:
    bare = painting(prompt, side=side)
    changed = np.abs(pixels(paint(bare)) - pixels(paint(replace(bare, watermark=True)))).max(-1) > 0
    rows, columns = np.nonzero(changed)
    assert len(rows) > 4
    assert rows.min() >= side * 0.75
    assert columns.min() >= side * 0.5


def test_a_reference_shows_through() -> None:
    reference = disc(96)
    for prompt in ("jazz", "forest in fog", "city at night"):
        without = painting(prompt)
        shown = paint(replace(without, references=(file_of(reference, "PNG"),)))
        assert likeness(shown, reference) > 0.5
        assert likeness(shown, reference) > likeness(paint(without), reference) + 0.2


def test_the_prompt_still_shows_beside_a_reference() -> None:
    references = (file_of(disc(96), "PNG"),)
    first, second = (
        pixels(paint(replace(painting(prompt), references=references)))
        for prompt in ("jazz", "forest in fog")
    )
    assert distance(first, second) > 12


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP"])
def test_references_of_each_format_are_read(format: str) -> None:
    data = file_of(disc(), format)
    assert likeness(paint(replace(painting("jazz"), references=(data,))), disc(96)) > 0.5


def test_a_transparent_reference_lies_on_white() -> None:
    clear = disc().convert("RGBA")
    clear.putalpha(disc().convert("L").point(lambda level: 255 - level))
    data = file_of(clear, "PNG")
    assert likeness(paint(replace(painting("jazz"), references=(data,))), disc(96)) > 0.5


def test_two_references_share_the_picture() -> None:
    dark, bright = Image.new("RGB", (64, 64), "black"), Image.new("RGB", (64, 64), "white")
    references = (file_of(dark, "PNG"), file_of(bright, "JPEG"))
    levels = light(paint(replace(painting("jazz"), references=references)))
    assert levels[:, :32].mean() + 60 < levels[:, -32:].mean()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not an image",
        file_of(disc(), "PNG")[:100],
        file_of(disc(), "JPEG")[:200],
        b"\x89PNG\r\n\x1a\n" + b"\xff" * 64,
        file_of(disc(), "GIF"),
    ],
    ids=["empty", "text", "cut png", "cut jpeg", "png of rubbish", "another format"],
)
def test_a_reference_that_cannot_be_read_is_passed_over(data: bytes) -> None:
    bare = painting()
    assert paint(replace(bare, references=(data,))).tobytes() == paint(bare).tobytes()


@pytest.mark.parametrize("prompt", ODD_PROMPTS.values(), ids=ODD_PROMPTS)
def test_an_odd_prompt_is_painted_like_any_other(prompt: str) -> None:
    image = paint(Painting(prompt, prompt[:300], 160, 130, 2, watermark=True))
    assert image.size == (160, 130)
    assert light(image).std() > 8


@settings(max_examples=25, deadline=None)
@given(st.text(st.characters(), max_size=60), st.text(st.characters(), max_size=20))
def test_no_text_stops_the_painter(prompt: str, model: str) -> None:
    assert paint(Painting(prompt, model, 130, 121, 2)).size == (130, 121)
