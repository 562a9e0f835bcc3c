from __future__ import annotations

import subprocess
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageFilter

from tests.e2e.programs import needs
from tests.images.pictures import psnr, quadrants
from tests.images.sixel_reader import UNSET, percent, read_sixel
from tui.images.sixel import centred_in_palette, encode, encode_indexed, quantise, sixel


@given(
    height=st.integers(1, 40),
    width=st.integers(1, 40),
    colours=st.integers(1, 256),
    blocks=st.integers(1, 8),
    seed=st.integers(0, 2**32 - 1),
)
def test_what_is_encoded_is_read_back(
    height: int, width: int, colours: int, blocks: int, seed: int
) -> None:
    chance = np.random.default_rng(seed)
    small = chance.integers(0, colours, (-(-height // blocks), -(-width // blocks)), dtype=np.uint8)
    indices = small.repeat(blocks, 0).repeat(blocks, 1)[:height, :width]
    palette = chance.integers(0, 256, (colours, 3), dtype=np.uint8)
    picture = read_sixel(encode(indices, palette))
    assert (picture[:height] == percent(palette[indices])).all()
    assert (picture[height:] == UNSET).all()


@pytest.mark.parametrize("width", [1, 3, 4, 999, 1000, 10_001])
def test_long_runs_are_counted(width: int) -> None:
    indices = np.zeros((6, width), np.uint8)
    text = encode(indices, np.array([[255, 0, 0]], np.uint8))
    assert (read_sixel(text) == (100, 0, 0)).all()
    assert len(text) < 60


def test_a_picture_has_no_more_colours_than_the_terminal() -> None:
    x, y = np.meshgrid(np.arange(200), np.arange(120))
    gradient = Image.fromarray(np.dstack([x, y, x * 0 + 90]).astype(np.uint8))
    for colours in (2, 16, 256):
        picture = read_sixel(sixel(gradient, colours)).reshape(-1, 3)
        assert 2 <= len(np.unique(picture, axis=0)) <= colours


def test_gradients_are_dithered_and_not_banded() -> None:
    ramp = np.linspace(0, 255, 600).astype(np.uint8)
    gradient = Image.fromarray(np.dstack([np.tile(ramp, (60, 1))] * 3))
    reduced = np.asarray(quantise(gradient, 8).convert("RGB")).astype(float)[..., 0]
    blurred = reduced.mean(axis=0)
    window = np.convolve(blurred, np.ones(60) / 60, mode="valid")
    smooth = np.convolve(ramp.astype(float), np.ones(60) / 60, mode="valid")
    assert np.abs(window - smooth).max() < 16  # Eight bands would be 32 apart.


def _photo(side: int) -> Image.Image:
    """Smooth colours with edges and a little noise."""
    y, x = np.mgrid[0:side, 0:side] / side
    waves = [np.sin(x * 7 + y * 3), np.cos(y * 9 - x * 2), np.sin((x - y) * 11)]
    noise = np.random.default_rng(1).normal(0, 2, (side, side, 3))
    pixels = (
        np.dstack(waves) * 90 + 128 + noise + (np.hypot(x - 0.5, y - 0.5) < 0.2)[..., None] * 40
    )
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


@needs("sixel2png")
@pytest.mark.parametrize(
    ("picture", "decibels"), [(_photo(300), 26), (quadrants(300, 300), 45)], ids=["photo", "flat"]
)
def test_libsixel_sees_the_same_picture(picture: Image.Image, decibels: float) -> None:
    text = sixel(picture).encode("ascii")
    png = subprocess.run(["sixel2png"], input=text, stdout=subprocess.PIPE, check=True).stdout
    decoded = Image.open(BytesIO(png)).convert("RGB")
    assert decoded.size == picture.size
    assert psnr(picture, decoded) >= decibels
    # What the eye sees of dithering from afar.
    assert psnr(_blurred(picture), _blurred(decoded)) >= decibels + 10 * (decibels < 40)


def _blurred(picture: Image.Image) -> Image.Image:
    return picture.filter(ImageFilter.GaussianBlur(2))


def test_flat_colours_come_out_as_they_are() -> None:
    picture = quadrants(120, 84)
    shown = read_sixel(sixel(picture))
    assert np.abs(shown - percent(np.asarray(picture))).max() <= 1


def test_one_colour_alone_is_a_picture_too() -> None:
    assert (read_sixel(sixel(Image.new("RGB", (30, 12), (255, 255, 255)))) == 100).all()


def test_numbers_of_more_than_32_bits_sort_as_well() -> None:
    indices = np.zeros((12, 1_100_000), np.uint8)
    indices[:, 550_000:] = 1
    shown = read_sixel(encode(indices, np.array([[255, 0, 0], [0, 0, 255]], np.uint8)))
    assert (shown[:, :550_000] == (100, 0, 0)).all() and (shown[:, 550_000:] == (0, 0, 100)).all()


@pytest.mark.parametrize("colours", [16, 256])
@pytest.mark.parametrize("size", [(120, 90), (123, 90), (120, 96), (131, 102)])
def test_what_a_picture_leaves_free_is_the_background(colours: int, size: tuple[int, int]) -> None:
    chance = np.random.default_rng(11)
    picture = Image.fromarray(chance.integers(100, 256, (90, 120, 3), np.uint8))
    background = (20, 16, 13)
    canvas = centred_in_palette(picture, size, background, colours)
    shown = read_sixel(encode_indexed(canvas))
    left, top = (size[0] - 120) // 2, (size[1] - 90) // 2
    is_free = np.ones((size[1], size[0]), bool)
    is_free[top : top + 90, left : left + 120] = False
    assert (shown[: size[1]][is_free] == percent(np.array(background, np.uint8))).all()
    inside = shown[top : top + 90, left : left + 120]
    assert (inside >= percent(np.full(3, 80, np.uint8))).all()
    used = {tuple(colour) for colour in shown.reshape(-1, 3).tolist()} - {(UNSET,) * 3}
    assert len(used) <= colours
