"""What is legal for each model, what is nearest, what a person types and reads."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.catalog.card import ModelCard, Parameter
from tui.catalog.legality import MESSAGE_LIMIT, fault_of
from tui.catalog.loading import free_form_card, load_catalogue
from tui.catalog.price import estimate
from tui.catalog.sizes import nearest_legal, size_text
from tui.catalog.validation import (
    check,
    check_reference,
    options,
    read_value,
    request_fields,
    written,
)
from tui.config import JSON

CARDS = load_catalogue(Path("/nonexistent")).cards
PARAMETERS = [parameter for card in CARDS.values() for parameter in card.parameters]
NAMES = sorted({parameter.name for parameter in PARAMETERS})
GROUP = "sequential_image_generation"

LEGAL: list[tuple[str, dict[str, JSON]]] = [
    ("seedream-4.5", {"size": "2304x1728", "seed": 0, "watermark": True}),
    ("seedream-4.5", {"size": "4K", "seed": -1, GROUP: 15, "response_format": "b64_json"}),
    ("seedream-4.5", {"size": "7680x480"}),
    ("seedream-4.5", {"size": None, "seed": None}),
    ("seedream-4.5", {GROUP: "auto", f"{GROUP}_options": {"max_images": 4}}),
    ("seedream-4.0", {"size": "1K"}),
    ("seedream-4.0", {"size": "1280x720"}),
    ("dola-seedream-5.0-lite", {"size": "3K", "seed": 2_147_483_647}),
    ("kling-image-o1", {"n": 9, "size": "2k"}),
    ("kling-image-o1", {"size": "1552x656"}),
    ("nano-banana-pro", {"ratio": "21:9", "quality": "4K"}),
    ("glm-image", {}),
    ("gpt-image-1", {"size": "auto", "quality": "high", "n": 10, "background": "transparent"}),
    ("gpt-image-1", {"output_format": "webp", "output_compression": 0}),
    ("gpt-image-2", {"size": "3840x2160", "moderation": "low"}),
]

ILLEGAL: list[tuple[str, dict[str, JSON], str, JSON]] = [
    ("seedream-4.5", {"size": "1K"}, "size", "2K"),
    ("seedream-4.5", {"size": "3K"}, "size", "4K"),
    ("seedream-4.5", {"size": "4k"}, "size", "4K"),
    ("seedream-4.5", {"size": "2000x1000"}, "size", "2715x1358"),
    ("seedream-4.5", {"size": "2304×1728"}, "size", "2304x1728"),
    ("seedream-4.5", {"size": "8192x8192"}, "size", "4096x4096"),
    ("seedream-4.5", {"size": "16000x900"}, "size", "15179x949"),
    ("seedream-4.5", {"size": "16:9"}, "size", "2560x1440"),
    ("seedream-4.5", {"size": "large"}, "size", "2048x2048"),
    ("seedream-4.5", {"size": 2048}, "size", "2048x2048"),
    ("seedream-4.5", {"seed": -2}, "seed", -1),
    ("seedream-4.5", {"seed": 2**31}, "seed", 2**31 - 1),
    ("seedream-4.5", {"seed": "7"}, "seed", 7),
    ("seedream-4.5", {"seed": True}, "seed", 1),
    ("seedream-4.5", {"watermark": "off"}, "watermark", False),
    ("seedream-4.5", {"watermark": 1}, "watermark", True),
    ("seedream-4.5", {GROUP: 16}, GROUP, 15),
    ("seedream-4.5", {GROUP: 0}, GROUP, 1),
    ("seedream-4.5", {GROUP: "auto", f"{GROUP}_options": {"max_images": 99}}, GROUP, 15),
    ("seedream-4.5", {GROUP: "sometimes"}, GROUP, 1),
    ("seedream-4.5", {"response_format": "png"}, "response_format", "url"),
    ("seedream-4.5", {"n": 2}, "n", None),
    ("dola-seedream-5.0-lite", {"size": "1K"}, "size", "2K"),
    ("dola-seedream-5.0-lite", {"response_format": "url"}, "response_format", None),
    ("kling-image-o1", {"n": 10}, "n", 9),
    ("kling-image-o1", {"n": 0}, "n", 1),
    ("kling-image-o1", {"n": 2.5}, "n", 2),
    ("kling-image-o1", {"size": "4k"}, "size", "2k"),
    ("kling-image-o1", {"size": "1920x1080"}, "size", "1360x768"),
    ("kling-image-o1", {"seed": 1}, "seed", None),
    ("nano-banana-pro", {"ratio": "16:10"}, "ratio", "3:2"),
    ("nano-banana-pro", {"ratio": "1920/1080"}, "ratio", "16:9"),
    ("nano-banana-pro", {"ratio": "auto"}, "ratio", None),
    ("nano-banana-pro", {"quality": "2k"}, "quality", "2K"),
    ("nano-banana-pro", {"quality": "8K"}, "quality", "4K"),
    ("nano-banana-pro", {"quality": "high"}, "quality", "1K"),
    ("nano-banana-pro", {"size": "2K"}, "size", None),
    ("glm-image", {"size": "1280x1280"}, "size", None),
    ("gpt-image-1", {"size": "1024x768"}, "size", "1536x1024"),
    ("gpt-image-1", {"response_format": "url"}, "response_format", None),
    (
        "gpt-image-1",
        {"background": "transparent", "output_format": "jpeg"},
        "background",
        "auto",
    ),
    ("gpt-image-1", {"output_compression": 80}, "output_compression", None),
    ("gpt-image-2", {"background": "transparent"}, "background", "auto"),
    ("gpt-image-2", {"size": "1920x1080"}, "size", "1920x1088"),
    ("gpt-image-2", {"size": "512x512"}, "size", "816x816"),
    ("gpt-image-2", {"size": "2K"}, "size", "auto"),
]


def _values(parameter: Parameter) -> st.SearchStrategy[JSON]:
    """Legal values of `parameter`."""
    offered = st.sampled_from([None, *options(parameter)])
    if parameter.kind == "integer":
        most = int(parameter.maximum or 2**53)
        return st.integers(int(parameter.minimum or 0), most) | offered
    if parameter.kind == "size" and not parameter.only_presets:
        sides = st.tuples(st.integers(1, 9000), st.integers(1, 9000))
        return sides.map(lambda size: size_text(*nearest_legal(parameter, *size))) | offered
    return offered


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=12)
    | st.from_regex(r"\A\d{1,6}[x×:*]\d{1,6}\Z")
    | st.from_regex(r"\A\d{1,3}[kK]\Z"),
    lambda values: st.lists(values, max_size=3) | st.dictionaries(st.text(max_size=3), values),
    max_leaves=4,
)


@pytest.mark.parametrize(("model", "values"), LEGAL)
def test_legal_values_are_accepted(model: str, values: dict[str, JSON]) -> None:
    assert check(CARDS[model], "a fox in the snow", values) == ()


@pytest.mark.parametrize(("model", "values", "name", "nearest"), ILLEGAL)
def test_illegal_values_are_named_with_the_nearest_legal_one(
    model: str, values: dict[str, JSON], name: str, nearest: JSON
) -> None:
    violations = check(CARDS[model], "a fox in the snow", values)
    assert [(found.parameter, found.nearest) for found in violations] == [(name, nearest)]
    assert type(violations[0].nearest) is type(nearest)
    assert 0 < len(violations[0].message) <= MESSAGE_LIMIT


def test_a_switch_is_no_number_among_choices() -> None:
    parameter = Parameter(name="steps", kind="choice", choices=(1, 2))
    assert fault_of(parameter, 1) is None
    assert fault_of(parameter, True) is not None


@given(st.sampled_from(PARAMETERS), json_values)
def test_any_value_is_judged_and_the_nearest_one_is_legal(
    parameter: Parameter, value: JSON
) -> None:
    fault = fault_of(parameter, value)
    if fault is not None:
        assert fault_of(parameter, fault.nearest) is None
        assert 0 < len(fault.message) <= MESSAGE_LIMIT


@given(
    st.sampled_from([*CARDS.values(), free_form_card("flux-9")]),
    st.text(max_size=40) | st.just("x" * 40_000),
    st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=8), json_values, max_size=6),
    st.integers(0, 40),
)
def test_no_request_is_too_strange_to_be_judged(
    card: ModelCard, prompt: str, values: dict[str, JSON], references: int
) -> None:
    for violation in check(card, prompt, values, references):
        assert 0 < len(violation.message) <= MESSAGE_LIMIT
        parameter = card.parameter(violation.parameter)
        if parameter is not None:
            assert fault_of(parameter, violation.nearest) is None
    estimate(card, values, references)
    request_fields(card, values)


@pytest.mark.parametrize("card", CARDS.values(), ids=CARDS)
def test_a_number_too_long_for_python_to_write_is_judged(card: ModelCard) -> None:
    endless: JSON = 1 << 20_000
    values = {**{parameter.name: endless for parameter in card.parameters}, "other": endless}
    found = check(card, "a fox", values)
    assert {violation.parameter for violation in found} == set(values)
    estimate(card, values)


@given(st.data(), st.sampled_from(PARAMETERS))
def test_what_is_written_reads_back(data: st.DataObject, parameter: Parameter) -> None:
    value = data.draw(_values(parameter))
    assert fault_of(parameter, value) is None
    back = read_value(parameter, written(parameter, value))
    assert back == value
    assert type(back) is type(value)


@given(st.sampled_from(PARAMETERS), st.text(max_size=20))
def test_any_text_is_read_or_refused_with_a_sentence(parameter: Parameter, text: str) -> None:
    try:
        value = read_value(parameter, text)
    except ValueError as error:
        assert str(error).startswith("Write ")
        assert len(str(error)) <= MESSAGE_LIMIT
    else:
        fault_of(parameter, value)


@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers())
def test_numbers_read_back_exactly(number: float) -> None:
    parameter = Parameter(name="guidance", kind="number")
    if not isinstance(number, int) or abs(number) < 10**18:
        assert read_value(parameter, written(parameter, number)) == number


def _parameter(model: str, name: str) -> Parameter:
    parameter = CARDS[model].parameter(name)
    assert parameter is not None
    return parameter


@pytest.mark.parametrize(
    ("model", "name", "text", "value"),
    [
        ("seedream-4.5", "size", "2304×1728", "2304x1728"),
        ("seedream-4.5", "size", " 2304 * 1728 ", "2304x1728"),
        ("seedream-4.5", "size", "2k", "2K"),
        ("seedream-4.5", "size", "1k", "1K"),
        ("seedream-4.5", "size", "3:2", "2496x1664"),
        ("seedream-4.5", "size", "", None),
        ("kling-image-o1", "size", "2K", "2k"),
        ("gpt-image-2", "size", "Auto", "auto"),
        ("seedream-4.5", "seed", "random", None),
        ("seedream-4.5", "seed", "-1", -1),
        ("seedream-4.5", "seed", " 42 ", 42),
        ("seedream-4.5", "watermark", "ON", True),
        ("seedream-4.5", "watermark", "no", False),
        ("seedream-4.5", "watermark", "default", None),
        ("seedream-4.5", GROUP, "off", 1),
        ("seedream-4.5", GROUP, "disabled", 1),
        ("seedream-4.5", GROUP, "Up to 4", 4),
        ("seedream-4.5", GROUP, "4", 4),
        ("seedream-4.5", GROUP, "auto", 15),
        ("nano-banana-pro", "quality", "4k", "4K"),
        ("nano-banana-pro", "ratio", "16:10", "16:10"),
        ("kling-image-o1", "n", "40", 40),
    ],
)
def test_what_a_person_types_is_understood(model: str, name: str, text: str, value: JSON) -> None:
    read = read_value(_parameter(model, name), text)
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    ("model", "name", "text", "sentence"),
    [
        ("seedream-4.5", "size", "big", "Write a size as 2048×2048, or 2K or 4K"),
        ("seedream-4.5", "size", "0x100", "Write a size"),
        ("seedream-4.5", "seed", "seven", "Write a whole number"),
        ("seedream-4.5", "seed", "1.5", "Write a whole number"),
        ("seedream-4.5", "seed", "9" * 5000, "Write a whole number"),
        ("seedream-4.5", "watermark", "maybe", "Write on or off"),
        ("seedream-4.5", GROUP, "many", "Write off, or how many"),
    ],
)
def test_what_cannot_be_understood_is_refused(
    model: str, name: str, text: str, sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence):
        read_value(_parameter(model, name), text)


@pytest.mark.parametrize("text", ["nan", "inf", "-Infinity", "1e999", "ten", ""])
def test_a_number_is_finite_or_left_to_the_model(text: str) -> None:
    parameter = Parameter(name="guidance", kind="number")
    if text:
        with pytest.raises(ValueError, match="Write a number"):
            read_value(parameter, text)
    else:
        assert read_value(parameter, text) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("7", 7),
        ("1.5", 1.5),
        ("true", True),
        ('{"scale": [1, 2]}', {"scale": [1, 2]}),
        ('"7"', "7"),
        ("1024x1024", "1024x1024"),
        ("a fox", "a fox"),
        ("\ud800", "\ud800"),
    ],
)
def test_a_parameter_nobody_described_is_json_or_text(text: str, value: JSON) -> None:
    read = read_value(None, text)
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    ("model", "name", "value", "text"),
    [
        ("seedream-4.5", "size", "2304x1728", "2304×1728"),
        ("seedream-4.5", "size", "2K", "2K"),
        ("seedream-4.5", "seed", None, "random"),
        ("seedream-4.5", "watermark", False, "off"),
        ("seedream-4.5", GROUP, 1, "off"),
        ("seedream-4.5", GROUP, 4, "up to 4"),
        ("nano-banana-pro", "ratio", None, "default"),
        ("kling-image-o1", "n", 3, "3"),
    ],
)
def test_values_are_shown_for_people(model: str, name: str, value: JSON, text: str) -> None:
    assert written(_parameter(model, name), value) == text


def test_values_of_unknown_parameters_are_shown_as_they_are() -> None:
    assert written(None, "2304x1728") == "2304x1728"
    assert written(None, True) == "on"
    assert written(None, {"scale": [1, 2]}) == '{"scale":[1,2]}'


def test_what_is_nested_too_deep_for_json_is_text() -> None:
    assert read_value(None, "[" * 100_000) == "[" * 100_000


def test_only_a_choice_offers_choices() -> None:
    size = Parameter("size", "size", choices=("auto",), tiers=("2K", "4K"), default="2K")
    fault = fault_of(size, "auto")
    assert fault is not None
    assert fault.nearest == "2K"


def test_a_size_in_free_text_is_read_as_a_size_where_it_is_one() -> None:
    size = load_catalogue(Path("/nonexistent")).card("flux-9").parameter("size")
    assert size is not None
    assert read_value(size, "1024×768") == "1024x768"
    assert written(size, "1024x768") == "1024×768"
    assert read_value(size, "landscape_4_3") == "landscape_4_3"
    assert read_value(size, "") is None


def test_a_menu_starts_with_the_models_own_choice_where_there_is_no_default() -> None:
    assert options(_parameter("nano-banana-pro", "ratio"))[0] is None
    assert options(_parameter("nano-banana-pro", "quality")) == ("1K", "2K", "4K")
    assert options(_parameter("seedream-4.5", GROUP)) == tuple(range(1, 16))
    assert options(_parameter("seedream-4.5", "watermark")) == (False, True)
    assert options(_parameter("seedream-4.5", "seed")) == ()


@pytest.mark.parametrize("card", CARDS.values(), ids=CARDS)
def test_an_empty_or_endless_prompt_is_a_violation(card: ModelCard) -> None:
    assert [found.parameter for found in check(card, " \n", {})] == ["prompt"]
    endless = check(card, "x" * 1_000_000, {})
    assert [found.parameter for found in endless] == (["prompt"] if card.prompt_limit else [])


def test_a_prompt_of_the_limit_is_legal() -> None:
    card = CARDS["kling-image-o1"]
    assert check(card, "x" * 2500, {}) == ()
    assert check(card, "x" * 2501, {})[0].message == "Longer than 2,500 characters by 1"


@pytest.mark.parametrize(
    ("model", "references", "nearest"),
    [("seedream-4.5", 15, 14), ("kling-image-o1", 11, 10), ("glm-image", 1, 0)],
)
def test_too_many_references_are_a_violation(model: str, references: int, nearest: int) -> None:
    (violation,) = check(CARDS[model], "a fox", {}, references)
    assert (violation.parameter, violation.nearest) == ("references", nearest)
    assert check(CARDS[model], "a fox", {}, nearest) == ()


@pytest.mark.parametrize(("references", "images"), [(1, 14), (5, 10), (14, 1)])
def test_references_leave_room_for_fewer_group_images(references: int, images: int) -> None:
    card = CARDS["seedream-4.5"]
    assert check(card, "a fox", {GROUP: images}, references) == ()
    (violation,) = check(card, "a fox", {GROUP: images + 1}, references)
    assert (violation.parameter, violation.nearest) == (GROUP, images)


@pytest.mark.parametrize(
    ("model", "file_format", "byte_count", "width", "height", "part"),
    [
        ("seedream-4.5", "png", 9_000_000, 4000, 3000, None),
        ("seedream-4.5", "gif", 1000, 400, 300, "GIF is not taken"),
        ("seedream-4.5", "png", 12_300_000, 400, 300, "12.3 MB is above 10 MB"),
        ("seedream-4.5", "png", 1000, 10, 10, "each side needs 15 pixels"),
        ("seedream-4.5", "jpeg", 1000, 9000, 5000, "45,000,000 pixels is above 36,000,000"),
        ("seedream-4.5", "jpeg", 1000, 1700, 100, "16 to 1"),
        ("kling-image-o1", "webp", 1000, 400, 400, "WEBP is not taken; png or jpeg"),
        ("kling-image-o1", "png", 1000, 400, 299, "300 pixels"),
        ("kling-image-o1", "png", 1000, 1000, 400, None),
        ("glm-image", "png", 1000, 400, 400, "takes no references"),
    ],
)
def test_a_reference_is_held_against_the_models_limits(
    model: str, file_format: str, byte_count: int, width: int, height: int, part: str | None
) -> None:
    violation = check_reference(CARDS[model], file_format, byte_count, width, height)
    if part is None:
        assert violation is None
    else:
        assert violation is not None
        assert part in violation.message
