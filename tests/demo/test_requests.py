from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.demo.errors import Refusal
from tui.demo.limits import MODELS
from tui.demo.requests import Generation, read_generation

FIELDS = (
    "n", "size", "response_format", "watermark", "seed", "sequential_image_generation",
    "sequential_image_generation_options", "quality", "ratio", "image", "output_format",
)  # fmt: skip

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
likely = st.sampled_from(
    ["2K", "1k", "2048x2048", "16:9", "auto", "disabled", "b64_json", "url", "png", 1, 4, True, {}]
)


def read(model: str = "seedream-4.5", prompt: Any = "a fox", **fields: Any) -> Generation:
    return read_generation(msgspec.json.encode({"model": model, "prompt": prompt, **fields}))


def refusal(**fields: Any) -> Refusal:
    with pytest.raises(Refusal) as refused:
        read(**fields)
    return refused.value


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"text"',
        b"\xff\xfe",
        b"{'a': 1}",
        b"[" * 100_000,
        b'{"a":1e999}',
    ],
)
def test_a_body_that_is_no_json_object_is_refused(body: bytes) -> None:
    with pytest.raises(Refusal) as refused:
        read_generation(body)
    assert (refused.value.status, refused.value.kind) == (400, "invalid_request_error")


@pytest.mark.parametrize("name", ["model", "prompt"])
@pytest.mark.parametrize("value", ["absent", None])
def test_a_missing_required_field_is_named(name: str, value: object) -> None:
    fields = {"model": "glm-image", "prompt": "a fox"}
    if value is None:
        fields |= {name: None}  # type: ignore[dict-item]
    else:
        del fields[name]
    with pytest.raises(Refusal, match=f"Missing required parameter: '{name}'") as refused:
        read_generation(msgspec.json.encode(fields))
    assert refused.value.param == name


@pytest.mark.parametrize("prompt", ["", "   ", "\n\t"])
def test_an_empty_prompt_is_refused(prompt: str) -> None:
    assert refusal(prompt=prompt).param == "prompt"


@pytest.mark.parametrize(
    ("model", "name", "value", "expected"),
    [
        ("seedream-4.5", "prompt", 7, "a string"),
        ("seedream-4.5", "size", 2048, "a string"),
        ("seedream-4.5", "watermark", "false", "a boolean"),
        ("seedream-4.5", "watermark", 0, "a boolean"),
        ("seedream-4.5", "seed", "7", "an integer"),
        ("seedream-4.5", "seed", 7.0, "an integer"),
        ("seedream-4.5", "seed", True, "an integer"),
        ("kling-image-o1", "n", "2", "an integer"),
        ("nano-banana-pro", "ratio", 1, "a string"),
        ("seedream-4.5", "response_format", ["url"], "a string"),
        ("seedream-4.5", "sequential_image_generation", True, "a string"),
        ("seedream-4.5", "sequential_image_generation_options", 4, "an object"),
        ("seedream-4.5", "image", {"url": "x"}, "a string or an array of strings"),
        ("seedream-4.5", "image", ["x", 3], "a string or an array of strings"),
    ],
)
def test_a_value_of_the_wrong_type_is_refused(
    model: str, name: str, value: object, expected: str
) -> None:
    refused = refusal(model=model, **{name: value})
    assert refused.param == name
    assert refused.message.endswith(f"expected {expected}")


def test_null_means_the_default() -> None:
    generation = read(seed=None, size=None, watermark=None, response_format=None, image=None)
    assert (generation.width, generation.watermark, generation.response_format) == (
        2048,
        True,
        "url",
    )


@pytest.mark.parametrize("seed", [0, 7, 2**31 - 1])
def test_a_given_seed_is_kept(seed: int) -> None:
    assert read(seed=seed).seed == seed


@pytest.mark.parametrize("fields", [{}, {"seed": -1}])
def test_a_seed_is_drawn_where_none_is_given(fields: dict[str, Any]) -> None:
    assert len({read(**fields).seed for _ in range(5)}) > 1


def test_a_response_format_must_be_one_of_two() -> None:
    assert read(response_format="b64_json").response_format == "b64_json"
    assert refusal(response_format="png").param == "response_format"


def group(prompt: str, options: object = None, **fields: Any) -> int:
    extra: dict[str, Any] = (
        {} if options is None else {"sequential_image_generation_options": options}
    )
    return read(prompt=prompt, sequential_image_generation="auto", **extra, **fields).count


def test_a_group_has_as_many_pictures_as_the_prompt_asks_for() -> None:
    assert group("four pictures of a fox in the seasons") == 4


def test_a_group_is_no_larger_than_its_limit() -> None:
    assert group("six pictures of a fox", {"max_images": 4}) == 4


def test_a_prompt_without_a_number_gives_one_picture() -> None:
    assert group("a fox in the seasons", {"max_images": 4}) == 1


def test_no_group_comes_unless_it_is_asked_for() -> None:
    assert read(prompt="four pictures of a fox").count == 1
    assert (
        read(
            prompt="four pictures of a fox",
            sequential_image_generation="disabled",
            sequential_image_generation_options={"max_images": 4},
        ).count
        == 1
    )


def test_references_and_pictures_of_a_group_are_fifteen_at_most() -> None:
    from tests.demo.pictures import encoded, picture

    references = [encoded(picture(32, 32))] * 13
    assert group("ten pictures of a fox", image=references) == 2


@pytest.mark.parametrize("most", [0, 16, -1])
def test_a_group_limit_outside_one_to_fifteen_is_refused(most: int) -> None:
    refused = refusal(sequential_image_generation_options={"max_images": most})
    assert refused.param == "sequential_image_generation_options.max_images"


def test_a_group_limit_of_the_wrong_type_is_refused_by_its_whole_name() -> None:
    refused = refusal(sequential_image_generation_options={"max_images": "4"})
    assert refused.param == "sequential_image_generation_options.max_images"


def test_an_unknown_group_option_is_refused() -> None:
    refused = refusal(sequential_image_generation_options={"min_images": 2})
    assert refused.code == "unknown_parameter"
    assert refused.param == "sequential_image_generation_options.min_images"


def test_the_trigger_word_is_refused_as_ark_refuses_a_prompt() -> None:
    refused = refusal(prompt="a Forbidden-Demo fox")
    assert refused.error("req_1") == {
        "message": "The request failed because the input text may contain sensitive information."
        " Request id: req_1",
        "type": "",
        "param": "",
        "code": "InputTextSensitiveContentDetected",
    }


@given(
    st.sampled_from(sorted(MODELS)),
    st.dictionaries(st.sampled_from(FIELDS), anything | likely, max_size=4),
)
def test_every_request_is_either_taken_or_refused(model: str, fields: dict[str, Any]) -> None:
    try:
        generation = read(model, **fields)
    except Refusal as refused:
        assert refused.status == 400
    else:
        assert 1 <= generation.count <= 15
        assert 0 <= generation.seed < 2**31


@given(st.binary())
def test_every_body_is_either_read_or_refused(body: bytes) -> None:
    with pytest.raises(Refusal):
        read_generation(body)
