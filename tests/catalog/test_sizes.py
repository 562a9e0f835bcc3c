"""Reading sizes, naming ratios, and the nearest size that a model accepts."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.catalog.card import Parameter
from tui.catalog.loading import load_catalogue
from tui.catalog.sizes import (
    nearest_legal,
    parse_ratio,
    parse_size,
    ratio_text,
    size_for_ratio,
    size_text,
    swapped,
    tier_of,
    why_illegal,
)

CARDS = load_catalogue(Path("/nonexistent")).cards.values()
SIZES = {card.id: size for card in CARDS if (size := card.parameter("size"))}
FREE = [size for size in SIZES.values() if not size.only_presets]

sides = st.integers(1, 20_000)


@st.composite
def tight_limits(draw: st.DrawFn) -> Parameter:
    """Limits so small that every size can be tried, many of them impossible."""
    return Parameter(
        name="size",
        kind="size",
        min_pixels=draw(st.one_of(st.none(), st.integers(1, 400))),
        max_pixels=draw(st.one_of(st.none(), st.integers(400, 900))),
        max_aspect=draw(st.one_of(st.none(), st.sampled_from([1.0, 1.5, 16 / 9, 2.35, 3.0]))),
        min_side=draw(st.one_of(st.none(), st.integers(1, 20))),
        max_side=draw(st.integers(20, 40)),
        multiple_of=draw(st.sampled_from([1, 2, 3, 7, 16])),
    )


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("2304x1728", (2304, 1728)),
        ("2304×1728", (2304, 1728)),
        (" 2304 X 1728 px ", (2304, 1728)),
        ("2304*1728", (2304, 1728)),
        ("0x1728", None),
        ("2304x", None),
        ("2304", None),
        ("-5x10", None),
        ("2304x1728x3", None),
        ("9999999x1", None),
        ("٢x٣", None),
        ("", None),
    ],
)
def test_sizes_are_read(text: str, size: tuple[int, int] | None) -> None:
    assert parse_size(text) == size


@given(sides, sides)
def test_a_written_size_reads_back(width: int, height: int) -> None:
    assert parse_size(size_text(width, height)) == (width, height)
    assert swapped(swapped(size_text(width, height))) == size_text(width, height)


def test_a_size_by_name_has_no_sides_to_swap() -> None:
    assert swapped("2K") == "2K"
    assert swapped("2304x1728") == "1728x2304"


@pytest.mark.parametrize(
    ("width", "height", "text"),
    [
        (2048, 2048, "1:1"),
        (2304, 1728, "4:3"),
        (1728, 2304, "3:4"),
        (5504, 3040, "16:9"),
        (1440, 2560, "9:16"),
        (3024, 1296, "21:9"),
        (1472, 1088, "4:3"),
        (1000, 700, "10:7"),
        (1000, 687, "1.456:1"),
        (687, 1000, "1:1.456"),
        (20_000, 10, "2000:1"),
    ],
)
def test_ratios_are_small_numbers(width: int, height: int, text: str) -> None:
    assert ratio_text(width, height) == text


@given(sides, sides)
def test_a_ratio_reads_back_within_its_tolerance(width: int, height: int) -> None:
    aspect = parse_ratio(ratio_text(width, height))
    if max(width, height) / min(width, height) < 10:
        assert aspect is not None
        assert aspect == pytest.approx(width / height, rel=0.021)


@pytest.mark.parametrize(
    ("model", "wanted", "nearest"),
    [
        ("seedream-4.5", (2000, 1000), (2715, 1358)),
        ("seedream-4.5", (1000, 2000), (1358, 2715)),
        ("seedream-4.5", (1024, 1024), (1920, 1920)),
        ("seedream-4.5", (2048, 2048), (2048, 2048)),
        ("seedream-4.5", (8192, 8192), (4096, 4096)),
        ("seedream-4.5", (20_000, 100), (7680, 480)),
        ("seedream-4.0", (640, 480), (1109, 832)),
        ("gpt-image-2", (1920, 1080), (1920, 1088)),
        ("gpt-image-2", (5000, 5000), (2880, 2880)),
        ("gpt-image-2", (100, 1000), (480, 1408)),
        ("gpt-image-1", (1920, 1080), (1536, 1024)),
        ("kling-image-o1", (1024, 576), (1360, 768)),
        ("kling-image-o1", (2560, 1440), (2720, 1536)),
    ],
)
def test_the_nearest_legal_size(
    model: str, wanted: tuple[int, int], nearest: tuple[int, int]
) -> None:
    assert nearest_legal(SIZES[model], *wanted) == nearest


@given(st.sampled_from(list(SIZES.values())), sides, sides)
def test_the_nearest_legal_size_is_legal_and_stays(
    parameter: Parameter, width: int, height: int
) -> None:
    nearest = nearest_legal(parameter, width, height)
    assert why_illegal(parameter, *nearest) is None
    assert nearest_legal(parameter, *nearest) == nearest


@given(st.sampled_from(FREE), sides, sides)
def test_the_nearest_legal_size_keeps_the_aspect_that_limits_and_grid_allow(
    parameter: Parameter, width: int, height: int
) -> None:
    nearest = nearest_legal(parameter, width, height)
    assert parameter.max_aspect is not None
    limit = parameter.max_aspect
    kept = min(max(width / height, 1 / limit), limit)
    # Each side is off by less than a step of the grid.
    tolerance = parameter.multiple_of / nearest[0] + parameter.multiple_of / nearest[1]
    assert abs(math.log(nearest[0] / nearest[1] / kept)) <= tolerance


@given(st.sampled_from(FREE), sides, sides)
def test_the_nearest_legal_size_turns_with_the_wanted_one(
    parameter: Parameter, width: int, height: int
) -> None:
    if width != height:
        nearest = nearest_legal(parameter, width, height)
        assert nearest_legal(parameter, height, width) == nearest[::-1]


@given(tight_limits(), st.integers(1, 60), st.integers(1, 60))
def test_a_size_is_found_whenever_there_is_one(
    parameter: Parameter, width: int, height: int
) -> None:
    legal = {
        (w, h) for w in range(1, 41) for h in range(1, 41) if why_illegal(parameter, w, h) is None
    }
    if legal:
        assert nearest_legal(parameter, width, height) in legal
    else:
        with pytest.raises(ValueError, match="allows no size"):
            nearest_legal(parameter, width, height)


def test_an_aspect_limit_written_as_a_fraction_allows_its_own_ratio() -> None:
    parameter = Parameter(name="size", kind="size", max_aspect=16 / 9)
    assert why_illegal(parameter, 1920, 1080) is None
    assert why_illegal(parameter, 1080, 1920) is None
    assert why_illegal(parameter, 1921, 1080) is not None


def test_an_aspect_limit_is_not_missed_by_a_rounding_error() -> None:
    assert 100 * 4.35 < 435
    parameter = Parameter(name="size", kind="size", max_aspect=4.35)
    assert why_illegal(parameter, 435, 100) is None
    assert nearest_legal(parameter, 470, 100) == (452, 104)


@pytest.mark.parametrize(
    "parameter",
    [
        Parameter(name="size", kind="size", min_side=50, max_side=100),
        Parameter(name="size", kind="size", min_side=50, max_pixels=5000),
        Parameter(name="size", kind="size", min_pixels=5000, max_side=100),
    ],
)
def test_limits_of_sides_and_pixels_limit_the_aspect_too(parameter: Parameter) -> None:
    assert nearest_legal(parameter, 2000, 100) == (100, 50)


def test_among_presets_of_one_ratio_the_one_with_as_many_pixels_is_nearest() -> None:
    presets = ("1000x750", "2000x1510", "2000x1000")
    parameter = Parameter(name="size", kind="size", presets=presets, only_presets=True)
    assert nearest_legal(parameter, 2400, 1800) == (2000, 1510)
    assert nearest_legal(parameter, 800, 600) == (1000, 750)


@pytest.mark.parametrize(
    ("size", "tier"), [((1280, 720), "1K"), ((2304, 1728), "2K"), ((6240, 2656), "4K")]
)
def test_a_size_belongs_to_the_tier_with_as_many_pixels(size: tuple[int, int], tier: str) -> None:
    assert tier_of(SIZES["seedream-4.0"], *size) == tier
    assert tier_of(SIZES["gpt-image-1"], *size) == ""


@pytest.mark.parametrize(
    ("model", "aspect", "tier", "size"),
    [
        ("seedream-4.5", 16 / 9, "", "2560x1440"),
        ("seedream-4.5", 16 / 9, "4K", "5504x3040"),
        ("seedream-4.5", 5.0, "", "4579x916"),
        ("kling-image-o1", 3 / 2, "", "1248x832"),
        ("kling-image-o1", 3 / 2, "2k", "2496x1664"),
        ("gpt-image-2", 2 / 3, "", "1024x1536"),
        ("gpt-image-2", 9 / 16, "", "1152x2048"),
        ("gpt-image-2", 9 / 16, "2K", "1536x2736"),
    ],
)
def test_a_ratio_becomes_a_size(model: str, aspect: float, tier: str, size: str) -> None:
    assert size_for_ratio(SIZES[model], aspect, tier) == size
