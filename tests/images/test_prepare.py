from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from tests.images.pictures import QUADRANTS, alike, quadrants, write
from tests.images.sixel_reader import read_sixel
from tui.images.prepare import prepare_preview
from tui.images.preview import PreviewRequest
from tui.images.verify import NotAnImage
from tui.terminal import Graphics, SixelLimits


@pytest.fixture
def request_(tmp_path: Path) -> PreviewRequest:
    return PreviewRequest(
        path=write(tmp_path / "image.png", quadrants(800, 600)),
        columns=40,
        rows=20,
        cell_pixels=(9, 17),
        graphics="half",
        background=(1, 2, 3),
    )


@pytest.mark.parametrize("graphics", ["half", "sixel", "kitty"])
def test_every_way_of_drawing_fills_the_same_cells(
    request_: PreviewRequest, graphics: Graphics
) -> None:
    preview = prepare_preview(replace(request_, graphics=graphics))
    assert (preview.columns, preview.rows) == (40, 16)
    assert (preview.width, preview.height) == (800, 600)
    assert len(preview.half) == len(preview.mosaic) == 16
    assert bool(preview.sixel) is (graphics == "sixel")
    assert (preview.kitty is not None) is (graphics == "kitty")


def test_a_sixel_picture_fills_its_cells_and_no_more(request_: PreviewRequest) -> None:
    preview = prepare_preview(replace(request_, graphics="sixel"))
    picture = read_sixel(preview.sixel)
    assert picture.shape[1] == 40 * 9
    assert 16 * 17 - 6 < picture.shape[0] <= 16 * 17
    assert picture.shape[0] % 6 == 0
    middles = [picture[y, x] * 255 // 100 for y in (60, 200) for x in (80, 280)]
    assert all(alike(tuple(got), want) for got, want in zip(middles, QUADRANTS, strict=True))


def test_a_sixel_picture_stays_within_the_terminals_limits(request_: PreviewRequest) -> None:
    limits = SixelLimits(colours=3, width=200, height=100)
    preview = prepare_preview(replace(request_, graphics="sixel", sixel_limits=limits))
    picture = read_sixel(preview.sixel)
    assert picture.shape[0] <= 100 and picture.shape[1] <= 200
    assert len(np.unique(picture.reshape(-1, 3), axis=0)) <= 3


def test_more_cells_than_kitty_can_number_are_not_used(request_: PreviewRequest) -> None:
    huge = replace(request_, columns=400, rows=400, cell_pixels=(1, 2), graphics="kitty")
    preview = prepare_preview(huge)
    assert preview.columns == 297 and preview.kitty is not None


def test_off_measures_and_draws_nothing(request_: PreviewRequest) -> None:
    preview = prepare_preview(replace(request_, graphics="off"))
    assert (preview.width, preview.height) == (800, 600)
    assert preview.bytes == request_.path.stat().st_size
    assert preview.rows == 0 and not preview.half


@pytest.mark.parametrize("graphics", ["half", "sixel", "kitty", "off"])
def test_what_is_no_image_is_refused(request_: PreviewRequest, graphics: Graphics) -> None:
    request_.path.write_bytes(b"no image")
    with pytest.raises(NotAnImage):
        prepare_preview(replace(request_, graphics=graphics))


def test_nothing_here_needs_textual() -> None:
    code = "import sys, tui.images.prepare; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert "textual" not in loaded
