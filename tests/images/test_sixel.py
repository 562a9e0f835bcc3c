from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests.images.pictures import quadrants
from tests.images.sixel_reader import UNSET, percent, read_sixel
from tui.images.sixel import encode, quantise, sixel


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


def test_flat_colours_come_out_as_they_are() -> None:
    picture = quadrants(120, 84)
    shown = read_sixel(sixel(picture))
    assert np.abs(shown - percent(np.asarray(picture))).max() <= 1


def test_one_colour_alone_is_a_picture_too() -> None:
    assert (read_sixel(sixel(Image.new("RGB", (30, 12), (255, 255, 255)))) == 100).all()
