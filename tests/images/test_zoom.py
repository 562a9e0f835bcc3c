"""What is seen of a picture, for any picture in any room."""

from __future__ import annotations

from math import isclose

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tui.images.zoom import (
    ACTUAL,
    CENTRE,
    LARGEST,
    WHOLE,
    Frame,
    Part,
    Zoom,
    matched,
    panned,
    part_seen,
    scale_of,
    stepped,
    zoomed_to,
)

LANDSCAPE = Frame((4000, 3000), (200, 100), whole=1 / 30)
SMALL = Frame((60, 40), (200, 100), whole=2.0)

sides = st.integers(1, 16_384)
rooms = st.tuples(st.integers(1, 4096), st.integers(1, 4096))


@st.composite
def frames(draw: st.DrawFn) -> Frame:
    picture, room = draw(st.tuples(sides, sides)), draw(rooms)
    whole = min(room[0] / picture[0], room[1] / picture[1], draw(st.sampled_from((0.2, 1.0, 2.0))))
    return Frame(picture, room, whole)


shares = st.floats(0, 1)
moves = st.one_of(
    st.tuples(st.just(stepped), st.integers(-3, 3), st.tuples(shares, shares)),
    st.tuples(st.just(zoomed_to), st.floats(0.001, 100), st.tuples(shares, shares)),
    st.tuples(st.just(panned), st.floats(-9000, 9000), st.floats(-9000, 9000)),
)


def _after(frame: Frame, made: list[tuple[object, ...]]) -> Zoom:
    zoom = WHOLE
    for move, *how in made:
        zoom = move(zoom, frame, *how)  # type: ignore[operator]
    return zoom


@given(frames(), st.lists(moves, max_size=12))
def test_nothing_outside_the_picture_is_ever_seen(
    frame: Frame, made: list[tuple[object, ...]]
) -> None:
    zoom = _after(frame, made)
    part, scale = part_seen(zoom, frame), scale_of(zoom, frame)
    for first, length, pixels, room in (
        (part.left, part.width, frame.picture[0], frame.room[0]),
        (part.top, part.height, frame.picture[1], frame.room[1]),
    ):
        assert 0 <= first <= first + length <= pixels + 1e-6
        assert length * scale <= room * 1.0001, "it would be larger than the room"
        # What is missing of the picture is missing for lack of room alone.
        assert length == pixels or isclose(length * scale, room)


@given(frames(), st.lists(moves, max_size=6), st.integers(-1, 1), st.tuples(shares, shares))
def test_what_is_pointed_at_stays_in_place(
    frame: Frame, made: list[tuple[object, ...]], steps: int, at: tuple[float, float]
) -> None:
    before = _after(frame, made)
    after = stepped(before, frame, steps, at)
    for side, share in enumerate(at):
        middle, place = _middle_and_place(after, frame, side, share)
        half = min(1.0, frame.room[side] / scale_of(after, frame) / frame.picture[side]) / 2
        # At an edge there is nothing beyond to be moved in.
        is_at_edge = any(isclose(middle, edge, abs_tol=1e-9) for edge in (half, 1 - half))
        before_it = _middle_and_place(before, frame, side, share)[1]
        assert is_at_edge or isclose(before_it, place, rel_tol=1e-6, abs_tol=1e-6)


def _middle_and_place(zoom: Zoom, frame: Frame, side: int, share: float) -> tuple[float, float]:
    """The middle of what is seen of a side, as a share, and the pixel seen at `share` of the room.

    At the middle of the room is the middle of what is seen."""
    middle = 0.5 if zoom.is_whole else (zoom.x, zoom.y)[side]
    away = (share - 0.5) * frame.room[side] / scale_of(zoom, frame)
    return middle, middle * frame.picture[side] + away


@given(frames(), st.lists(moves, max_size=8))
def test_scales_stay_within_their_limits(frame: Frame, made: list[tuple[object, ...]]) -> None:
    scale = scale_of(_after(frame, made), frame)
    assert min(frame.whole, ACTUAL) <= scale * 1.001
    assert scale <= max(LARGEST, frame.whole) * 1.001


@given(frames(), frames(), st.lists(moves, max_size=8))
def test_another_picture_shows_the_same_part(
    frame: Frame, other: Frame, made: list[tuple[object, ...]]
) -> None:
    zoom = _after(frame, made)
    alike = matched(zoom, frame, other)
    assert alike.is_whole == zoom.is_whole
    ratios = scale_of(zoom, frame) / frame.whole, scale_of(alike, other) / other.whole
    assert isclose(*ratios, rel_tol=1e-6)
    part = part_seen(alike, other)
    assert part.left + part.width <= other.picture[0] + 1e-6
    assert matched(zoom, frame, frame) == zoom


@given(frames(), st.integers(1, 40))
def test_as_many_steps_back_show_the_whole_again(frame: Frame, steps: int) -> None:
    assume(frame.whole <= 1)
    assert stepped(stepped(WHOLE, frame, steps), frame, -steps - 1).is_whole


def test_at_its_own_size_a_step_moves_by_that_many_whole_pixels() -> None:
    actual = zoomed_to(WHOLE, LANDSCAPE, ACTUAL)
    assert part_seen(actual, LANDSCAPE) == Part(1900, 1450, 200, 100)
    moved = panned(panned(actual, LANDSCAPE, 7, 0), LANDSCAPE, 0, -13)
    assert part_seen(moved, LANDSCAPE) == Part(1907, 1437, 200, 100)
    far = panned(actual, LANDSCAPE, 99_999, 99_999)
    assert part_seen(far, LANDSCAPE) == Part(3800, 2900, 200, 100)
    back = panned(far, LANDSCAPE, -1, 0)
    assert part_seen(back, LANDSCAPE).left == 3799, "nothing is owed for going on at the edge"


def test_an_enlarged_picture_is_seen_whole_at_its_own_size_too() -> None:
    smaller = stepped(WHOLE, SMALL, -1)
    assert smaller.scale == ACTUAL
    assert part_seen(smaller, SMALL) == Part(0, 0, 60, 40)
    assert stepped(smaller, SMALL, -1) == smaller
    assert stepped(smaller, SMALL, 1) == WHOLE


@pytest.mark.parametrize("at", [(0.0, 0.0), CENTRE, (1.0, 1.0)])
def test_it_is_zoomed_at_a_corner_into_that_corner(at: tuple[float, float]) -> None:
    square = Frame((1000, 1000), (100, 100), whole=0.1)
    part = part_seen(zoomed_to(WHOLE, square, ACTUAL, at), square)
    assert (part.left, part.top) == (at[0] * 900, at[1] * 900)
