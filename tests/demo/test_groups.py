from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.demo.groups import pictures_asked_for


@pytest.mark.parametrize(
    ("prompt", "number"),
    [
        ("four pictures of a fox", 4),
        ("Four Pictures of a fox", 4),
        ("4 images: spring, summer, autumn, winter", 4),
        ("three small watercolour paintings of a mill", 3),
        ("a mill in a set of 6", 6),
        ("a series of twelve, one for each month", 12),
        ("a pair of portraits", 2),
        ("a fox with 4 legs in two photos", 2),
        ("5 foxes. Draw three pictures.", 3),
        ("a dozen stickers of cats", 12),
        ("画四张狐狸的图", 4),
        ("生成 3 张图片", 3),
    ],
)
def test_a_number_of_pictures_is_read_from_the_prompt(prompt: str, number: int) -> None:
    assert pictures_asked_for(prompt) == number


@pytest.mark.parametrize(
    "prompt",
    [
        "a fox",
        "four foxes in the snow",
        "one picture of a fox",
        "16:9 pictures of a fox",
        "taken on 35 mm, photographs of a mill",
        "99 pictures of a fox",
        "a set of",
        "² pictures",
    ],
)
def test_other_numbers_are_not_taken_for_a_number_of_pictures(prompt: str) -> None:
    assert pictures_asked_for(prompt) is None


@given(
    st.text()
    | st.lists(st.sampled_from(["4", "two", "set", "of", "images", "张", "0"])).map(" ".join)
)
def test_any_prompt_gives_a_group_within_bounds_or_none(prompt: str) -> None:
    number = pictures_asked_for(prompt)
    assert number is None or 2 <= number <= 15
