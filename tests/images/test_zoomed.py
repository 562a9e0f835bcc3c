"""Parts of real pictures, drawn dot by dot."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.images.pictures import quadrants, write
from tests.images.sixel_reader import read_sixel
from tui.images.originals import Originals
from tui.images.prepare import frame_of, prepare_preview
from tui.images.preview import Preview, PreviewRequest
from tui.images.verify import NotAnImage
from tui.images.zoom import ACTUAL, WHOLE, Frame, Zoom, panned, part_seen, stepped, zoomed_to
from tui.images.zoomed import draw_zoomed
from tui.terminal import Graphics

BLACK = (0, 0, 0)
SIZE = (400, 300)


@pytest.fixture
def noise() -> Image.Image:
    """A picture of which no two parts are alike."""
    pixels = np.random.default_rng(7).integers(0, 256, (SIZE[1], SIZE[0], 3), np.uint8)
    return Image.fromarray(pixels)


@pytest.fixture
def path(tmp_path: Path, noise: Image.Image) -> Path:
    return write(tmp_path / "noise.png", noise)


def _request(path: Path, zoom: Zoom, graphics: Graphics = "half") -> PreviewRequest:
    return PreviewRequest(path, 60, 20, (10, 20), graphics, BLACK, zoom=zoom)


def _half_cells(preview: Preview) -> np.ndarray:
    """The pixels of a preview in half cells, as they are on the screen."""
    pixels = np.zeros((preview.rows * 2, preview.columns, 3), np.uint8)
    for y, row in enumerate(preview.half):
        x = 0
        for text, style, _ in row:
            for character in text:
                upper, lower = style.color, style.bgcolor
                if character == "▄":
                    upper, lower = lower, upper
                if character == " ":
                    upper = lower
                pixels[2 * y, x] = upper.get_truecolor()
                pixels[2 * y + 1, x] = lower.get_truecolor()
                x += 1
    return pixels


def test_at_its_own_size_half_cells_are_exactly_the_pixels(path: Path, noise: Image.Image) -> None:
    preview = prepare_preview(_request(path, Zoom(ACTUAL)))
    assert (preview.columns, preview.rows) == (60, 20)
    assert (preview.width, preview.height) == SIZE
    want = np.asarray(noise.crop((170, 130, 230, 170)))
    assert (_half_cells(preview) == want).all()


def test_a_step_moves_by_that_many_pixels(path: Path, noise: Image.Image) -> None:
    frame = frame_of(_request(path, WHOLE), SIZE)
    moved = panned(Zoom(ACTUAL), frame, 7, -3)
    preview = prepare_preview(_request(path, moved))
    want = np.asarray(noise.crop((177, 127, 237, 167)))
    assert (_half_cells(preview) == want).all()


def test_at_the_edge_the_last_pixels_are_seen(path: Path, noise: Image.Image) -> None:
    frame = frame_of(_request(path, WHOLE), SIZE)
    preview = prepare_preview(_request(path, panned(Zoom(ACTUAL), frame, 9999, 9999)))
    want = np.asarray(noise.crop((340, 260, 400, 300)))
    assert (_half_cells(preview) == want).all()


def test_beyond_its_own_size_each_pixel_is_a_square(path: Path, noise: Image.Image) -> None:
    preview = prepare_preview(_request(path, Zoom(4.0)))
    large = np.asarray(noise).repeat(4, axis=0).repeat(4, axis=1)
    assert (_half_cells(preview) == large[580:620, 770:830]).all()


def test_a_sixel_of_its_own_size_shows_that_part(tmp_path: Path) -> None:
    path = write(tmp_path / "quadrants.png", quadrants(3000, 2000))
    preview = prepare_preview(_request(path, Zoom(ACTUAL), "sixel"))
    assert (preview.columns, preview.rows) == (60, 20)
    shown = read_sixel(preview.sixel)
    assert shown.shape == (396, 600, 3), "whole bands"
    # The middle of the four lies in the middle.
    assert len({tuple(shown[y, x]) for x in (2, 297, 302, 597) for y in (2, 195, 201, 390)}) == 4
    assert (shown[197, 299] != shown[197, 300]).any()


@pytest.mark.parametrize("graphics", ["half", "sixel", "kitty"])
def test_a_picture_smaller_than_the_room_is_seen_whole(tmp_path: Path, graphics: Graphics) -> None:
    path = write(tmp_path / "small.png", quadrants(41, 31))
    preview = prepare_preview(_request(path, Zoom(ACTUAL), graphics))
    cells = (41, 16) if graphics == "half" else (5, 2)
    assert (preview.columns, preview.rows) == cells


def test_an_upright_picture_is_zoomed_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    path = write(tmp_path / "turned.jpg", quadrants(400, 200), "JPEG", exif=exif, quality=95)
    preview = prepare_preview(_request(path, Zoom(ACTUAL)))
    assert (preview.width, preview.height) == (200, 400)
    shown = _half_cells(preview)
    whole = _half_cells(prepare_preview(_request(path, WHOLE)))
    for y in (2, -3):
        for x in (2, -3):
            assert abs(shown[y, x].astype(int) - whole[y, x]).max() < 20


def test_what_is_clear_shows_the_background(tmp_path: Path) -> None:
    path = write(tmp_path / "clear.png", Image.new("RGBA", (400, 300), (255, 0, 0, 0)))
    request = PreviewRequest(path, 20, 10, (10, 20), "half", (1, 2, 3), zoom=Zoom(ACTUAL))
    assert (_half_cells(prepare_preview(request)) == (1, 2, 3)).all()


def test_the_original_is_decoded_once_and_one_is_kept(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tui.images import scaling

    decoded: list[int] = []
    scale_upright = scaling.scale_upright

    def counted(data: bytes, scaled: object) -> object:
        decoded.append(len(data))
        return scale_upright(data, scaled)  # type: ignore[arg-type]

    monkeypatch.setattr(scaling, "scale_upright", counted)
    originals, other = Originals(), write(tmp_path / "other.png", quadrants())
    for column in range(5):
        prepare_preview(_request(path, Zoom(ACTUAL, column / 10)), originals=originals)
    assert len(decoded) == 1
    prepare_preview(_request(other, Zoom(ACTUAL)), originals=originals)
    assert len(originals._kept) == 1
    write(other, quadrants(50, 50))
    assert prepare_preview(_request(other, Zoom(ACTUAL)), originals).width == 50


def test_a_file_that_is_none_is_refused_and_nothing_kept(tmp_path: Path) -> None:
    originals, broken = Originals(), tmp_path / "broken.png"
    broken.write_bytes(b"\x89PNG\r\n\x1a\n and no more")
    with pytest.raises(NotAnImage):
        prepare_preview(_request(broken, Zoom(ACTUAL)), originals=originals)
    assert not originals._kept


@settings(max_examples=80, deadline=None)
@given(
    st.tuples(st.integers(1, 90), st.integers(1, 90)),
    st.tuples(st.integers(1, 60), st.integers(1, 60)),
    st.integers(-20, 20),
    st.tuples(st.floats(0, 1), st.floats(0, 1)),
)
def test_what_is_drawn_never_exceeds_the_room(
    picture: tuple[int, int], room: tuple[int, int], steps: int, at: tuple[float, float]
) -> None:
    frame = Frame(picture, room, min(room[0] / picture[0], room[1] / picture[1], 2.0))
    zoom = stepped(WHOLE, frame, steps, at)
    drawn = draw_zoomed(Image.new("RGB", picture, (9, 9, 9)), zoom, frame)
    assert 1 <= drawn.width <= room[0]
    assert 1 <= drawn.height <= room[1]
    assert drawn.getcolors() == [(drawn.width * drawn.height, (9, 9, 9))]


def test_half_cells_are_counted_as_two_dots() -> None:
    frame = frame_of(_request(Path("a.png"), WHOLE), (1200, 800))
    assert frame == Frame((1200, 800), (60, 40), 0.05)
    assert part_seen(zoomed_to(WHOLE, frame, ACTUAL), frame).width == 60
