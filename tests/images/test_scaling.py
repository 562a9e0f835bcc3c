from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests.images.pictures import (
    QUADRANTS,
    alike,
    corners,
    encoded,
    png_chunk,
    quadrants,
    write,
)
from tui.images.scaling import (
    MAX_ENLARGEMENT,
    RGB,
    Pane,
    UprightPicture,
    centred,
    fit,
    flattened,
    measure,
    no_larger_than,
    scale_upright,
)
from tui.images.verify import NotAnImage

BLACK = (0, 0, 0)
PANE = Pane(columns=40, rows=20, cell_pixels=(10, 20))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "image"


def load_scaled(path: Path, pane: Pane, background: RGB) -> UprightPicture:
    """The image as it fits the pane, on a background."""
    upright = scale_upright(
        path.read_bytes(), lambda width, height: fit(width, height, pane).picture
    )
    picture = flattened(upright.image, background)
    return UprightPicture(picture, upright.width, upright.height)


def test_a_large_image_fills_the_pane_in_one_direction() -> None:
    assert fit(4096, 2048, PANE).picture == (400, 200)
    assert fit(1000, 4000, PANE).picture == (100, 400)


def test_a_small_image_is_enlarged_no_more_than_looks_right() -> None:
    layout = fit(50, 40, PANE)
    assert layout.picture == (100, 80)
    assert (layout.columns, layout.rows) == (10, 4)


def test_cells_of_any_shape_keep_the_proportions() -> None:
    square_cells = fit(1000, 1000, Pane(40, 20, (10, 10)))
    assert (square_cells.columns, square_cells.rows) == (20, 20)
    tall_cells = fit(1000, 1000, Pane(40, 20, (8, 17)))
    assert tall_cells.picture == (320, 320)
    assert (tall_cells.columns, tall_cells.rows) == (40, 19)


sizes = st.integers(1, 16_384)


@given(
    width=sizes,
    height=sizes,
    columns=st.integers(1, 400),
    rows=st.integers(1, 200),
    cell=st.tuples(st.integers(4, 40), st.integers(6, 80)),
    step=st.sampled_from([1, 6]),
    most=st.sampled_from([(16_384, 16_384), (1000, 1000)]),
)
def test_every_image_fits_every_pane(
    width: int,
    height: int,
    columns: int,
    rows: int,
    cell: tuple[int, int],
    step: int,
    most: tuple[int, int],
) -> None:
    layout = fit(width, height, Pane(columns, rows, cell, most, step))
    assert 1 <= layout.columns <= columns
    assert 1 <= layout.rows <= rows
    assert 1 <= layout.picture[0] <= layout.canvas[0] <= min(layout.columns * cell[0], most[0])
    assert 1 <= layout.picture[1] <= layout.canvas[1] <= min(layout.rows * cell[1], most[1])
    assert layout.canvas[1] % step == 0
    assert layout.picture[0] <= max(1, round(width * MAX_ENLARGEMENT))
    # Less than one step or pixel is all that the proportions may give way.
    scale = min(layout.picture[0] / width, layout.picture[1] / height)
    assert layout.picture[0] - width * scale <= max(1, width / height * step)
    assert layout.picture[1] - height * scale <= max(1, height / width)


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP"])
def test_every_format_keeps_its_colours(path: Path, format: str) -> None:
    write(path, quadrants(800, 600), format)
    scaled = load_scaled(path, PANE, BLACK)
    assert scaled.image.mode == "RGB"
    assert scaled.image.size == (400, 300)
    assert (scaled.width, scaled.height) == (800, 600)
    assert all(map(alike, corners(scaled.image), QUADRANTS))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_images_stand_upright_as_their_camera_was_held(path: Path, orientation: int) -> None:
    stored = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[orientation]
    upright = quadrants(600, 400)
    exif = Image.Exif()
    exif[0x0112] = orientation
    write(path, upright if stored is None else upright.transpose(stored), "JPEG", exif=exif)
    scaled = load_scaled(path, PANE, BLACK)
    assert (scaled.width, scaled.height) == (600, 400)
    assert measure(path) == (600, 400, path.stat().st_size)
    assert all(map(alike, corners(scaled.image), QUADRANTS))


def test_clear_pixels_show_the_background_and_bleed_no_colour(path: Path) -> None:
    image = quadrants(400, 300).convert("RGBA")
    image.paste((255, 0, 255, 0), (0, 0, 200, 300))
    write(path, image)
    scaled = load_scaled(path, PANE, (10, 20, 30))
    pixels = np.asarray(scaled.image)
    assert alike(corners(scaled.image)[0], (10, 20, 30), 0)
    assert alike(corners(scaled.image)[1], QUADRANTS[1])
    assert not ((pixels[..., 0] > 200) & (pixels[..., 2] > 200)).any()


def test_half_clear_pixels_are_mixed_with_the_background(path: Path) -> None:
    write(path, Image.new("RGBA", (100, 100), (200, 100, 0, 128)))
    scaled = load_scaled(path, PANE, (0, 100, 200))
    assert alike(corners(scaled.image)[0], (100, 100, 100), 2)


@pytest.mark.parametrize(
    "image",
    [
        Image.new("L", (64, 64), 200),
        Image.new("LA", (64, 64), (200, 255)),
        Image.new("1", (64, 64), 1),
        Image.new("P", (64, 64), 0),
        Image.new("RGBA", (64, 64), (200, 200, 200, 255)),
        Image.new("I;16", (64, 64), 200 * 256),
    ],
    ids=lambda image: image.mode,
)
def test_every_kind_of_pixel_becomes_plain_colour(path: Path, image: Image.Image) -> None:
    write(path, image)
    expected = {"1": 255, "P": 0}.get(image.mode, 200)
    colours = corners(load_scaled(path, PANE, BLACK).image)
    assert alike(colours[0], (expected, expected, expected), 1)


def test_a_cmyk_jpeg_becomes_plain_colour(path: Path) -> None:
    write(path, quadrants().convert("CMYK"), "JPEG")
    assert all(map(alike, corners(load_scaled(path, PANE, BLACK).image), QUADRANTS))


def test_damaged_metadata_does_not_cost_the_picture(path: Path) -> None:
    write(path, quadrants(), "JPEG", exif=b"Exif\0\0MM\0*\0\0\xff\xff\xff\xff")
    assert all(map(alike, corners(load_scaled(path, PANE, BLACK).image), QUADRANTS))


def test_the_file_is_left_as_it_is(path: Path) -> None:
    write(path, quadrants(), "JPEG")
    content = path.read_bytes()
    load_scaled(path, PANE, BLACK)
    assert path.read_bytes() == content


def test_a_file_cut_off_is_refused(path: Path) -> None:
    write(path, quadrants(), "JPEG")
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(NotAnImage):
        load_scaled(path, PANE, BLACK)


@pytest.mark.parametrize("format", ["PNG", "JPEG"])
def test_measuring_reads_no_pixels(path: Path, format: str) -> None:
    write(path, quadrants(640, 480), format)
    content = path.read_bytes()[:-200]
    path.write_bytes(content)
    assert measure(path) == (640, 480, len(content))


@pytest.mark.parametrize("comes", ["before the pixels", "after the pixels"])
def test_a_png_stands_upright_wherever_it_says_so(path: Path, comes: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    content = encoded(quadrants(600, 400).transpose(Image.Transpose.ROTATE_90), "PNG")
    where = 8 + 25 if comes == "before the pixels" else -12
    chunk = png_chunk(b"eXIf", exif.tobytes().removeprefix(b"Exif\0\0"))
    path.write_bytes(content[:where] + chunk + content[where:])
    assert measure(path)[:2] == (600, 400)
    assert all(map(alike, corners(load_scaled(path, PANE, BLACK).image), QUADRANTS))


def test_a_picture_lies_in_the_middle_of_its_canvas() -> None:
    canvas = np.asarray(centred(Image.new("RGB", (2, 2), (9, 9, 9)), (4, 5), (1, 2, 3)))
    assert canvas.shape == (5, 4, 3)
    assert (canvas[1:3, 1:3] == 9).all()
    assert (canvas[0] == (1, 2, 3)).all() and (canvas[:, 0] == (1, 2, 3)).all()


def test_sides_are_limited_and_never_enlarged() -> None:
    assert no_larger_than(100)(400, 200) == (100, 50)
    assert no_larger_than(100)(1, 9000) == (1, 100)
    assert no_larger_than(100)(99, 7) == (99, 7)


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP"])
def test_work_on_a_picture_can_be_ended(path: Path, format: str) -> None:
    class Enough(Exception):
        pass

    def check() -> None:
        raise Enough

    write(path, quadrants(800, 600), format)
    with pytest.raises(Enough):
        scale_upright(path.read_bytes(), lambda *_: (10, 10), check)
