"""What came against what was asked: every difference found, and none where there is none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.history.entries import DONE
from tests.model_facts import (
    GROUP,
    KLING_PIXELS,
    NANO_BANANA_PIXELS,
    RESOLUTIONS,
    TIER_PIXELS,
    TIERS,
    group,
)
from tests.terminal_bytes import harmful
from tui.catalog.loading import load_catalogue
from tui.catalog.sizes import parse_size
from tui.generation.actual import Difference, differences, in_few_words, in_words
from tui.history.entry import Entry, EntryImage, Response, Status

CATALOGUE = load_catalogue(Path("/nonexistent"))


def image(size: str, **facts: Any) -> EntryImage:
    sides = parse_size(size)
    assert sides is not None
    return EntryImage("a.png", "", 1, *sides, "png", **facts)


def entry(
    model: str,
    parameters: dict[str, Any],
    *images: EntryImage,
    served_by: str = "",
    status: Status = "done",
) -> Entry:
    return replace(
        DONE,
        model=model,
        parameters=parameters,
        images=images,
        response=Response(served_by=served_by),
        status=status,
    )


def found(entry: Entry) -> list[tuple[str, str, str, int | None]]:
    return [
        (one.what, one.asked, one.came, one.image)
        for one in differences(entry, CATALOGUE.card(entry.model))
    ]


@pytest.mark.parametrize("model", TIERS)
def test_the_sizes_of_seedreams_tiers_are_what_was_asked(model: str) -> None:
    for tier in TIERS[model]:
        for size in TIER_PIXELS[tier]:
            assert found(entry(model, {"size": tier}, image(size))) == []
            assert found(entry(model, {"size": size}, image(size))) == []


@pytest.mark.parametrize("tier", KLING_PIXELS)
def test_the_sizes_of_klings_tiers_are_what_was_asked(tier: str) -> None:
    for size in KLING_PIXELS[tier]:
        assert found(entry("kling-image-o1", {"size": tier}, image(size))) == []


@pytest.mark.parametrize(("ratio", "sizes"), NANO_BANANA_PIXELS.items())
def test_the_sizes_of_nano_bananas_ratios_are_what_was_asked(
    ratio: str, sizes: tuple[str, ...]
) -> None:
    for quality, size in zip(RESOLUTIONS, sizes, strict=True):
        asked = {"ratio": ratio, "quality": quality}
        assert found(entry("nano-banana-pro", asked, image(size))) == []
        for other in {*RESOLUTIONS} - {quality}:
            asked["quality"] = other
            made = found(entry("nano-banana-pro", asked, image(size)))
            assert made == [("size", other, size, 1)]


@pytest.mark.parametrize("ratio", NANO_BANANA_PIXELS)
def test_a_picture_of_another_ratio_is_told_from_all_others(ratio: str) -> None:
    for other, (size, *_) in NANO_BANANA_PIXELS.items():
        made = found(entry("nano-banana-pro", {"ratio": ratio}, image(size)))
        assert made == ([] if other == ratio else [("ratio", ratio, size, 1)])


@pytest.mark.parametrize(
    ("model", "asked", "came", "what"),
    [
        ("seedream-4.5", {"size": "2304x1728"}, "2048x2048", "size"),
        ("seedream-4.5", {"size": "2304x1728"}, "1728x2304", "size"),
        ("seedream-4.5", {"size": "4K"}, "2048x2048", "size"),
        ("seedream-4.0", {"size": "1K"}, "2048x2048", "size"),
        ("kling-image-o1", {"size": "2k"}, "1024x1024", "size"),
        ("gpt-image-2", {"size": "1920x1088"}, "1024x1024", "size"),
        ("nano-banana-pro", {"quality": "2K"}, "1024x1024", "size"),
        # A size that the model has no parameter for is asked for all the same.
        ("nano-banana-pro", {"size": "2048x2048"}, "1024x1024", "size"),
        ("glm-image", {"aspect_ratio": "16:9"}, "1280x1280", "ratio"),
        ("somebody/new", {"size": "1024x768"}, "1024x1024", "size"),
        ("somebody/new", {"size": "16:9"}, "1024x1024", "ratio"),
    ],
)
def test_a_picture_of_another_size_is_a_difference(
    model: str, asked: dict[str, str], came: str, what: str
) -> None:
    (value,) = asked.values()
    assert found(entry(model, asked, image(came))) == [(what, value, came, 1)]


@pytest.mark.parametrize(
    ("model", "asked"),
    [
        ("seedream-4.5", {}),
        ("gpt-image-1", {"size": "auto", "quality": "high", "background": "opaque"}),
        ("somebody/new", {"size": "landscape_4_3", "style": "16:9", "steps": 4}),
        ("somebody/new", {"size": 1024}),
    ],
)
def test_what_says_nothing_of_the_size_cannot_differ(model: str, asked: dict[str, Any]) -> None:
    assert found(entry(model, asked, image("640x480"))) == []


def test_each_picture_is_compared_by_itself() -> None:
    images = [image(size) for size in ("2048x2048", "1024x1024", "2048x2048", "640x480")]
    assert found(entry("kling-image-o1", {"size": "2048x2048"}, *images)) == [
        ("size", "2048x2048", "1024x1024", 2),
        ("size", "2048x2048", "640x480", 4),
    ]


@pytest.mark.parametrize(
    ("model", "asked", "came", "difference"),
    [
        ("kling-image-o1", {"n": 4}, 4, None),
        ("kling-image-o1", {"n": 4}, 3, ("count", "4", "3", None)),
        ("kling-image-o1", {"n": 1}, 2, ("count", "1", "2", None)),
        ("kling-image-o1", {}, 1, None),
        ("somebody/new", {"n": 2}, 1, ("count", "2", "1", None)),
        # Seedream ignores n without a word.
        ("seedream-4.5", {"n": 4}, 1, ("count", "4", "1", None)),
        ("seedream-4.5", group(4), 4, None),
        ("seedream-4.5", group(4), 2, None),
        ("seedream-4.5", group(4), 5, ("count", "up to 4", "5", None)),
        ("seedream-4.5", {GROUP: "disabled"}, 1, None),
        ("seedream-4.5", {GROUP: "disabled"}, 3, ("count", "up to 1", "3", None)),
        ("kling-image-o1", {"n": True}, 3, None),
    ],
)
def test_the_number_of_pictures(
    model: str, asked: dict[str, Any], came: int, difference: tuple[Any, ...] | None
) -> None:
    made = found(entry(model, asked, *[image("2048x2048")] * came))
    assert made == ([difference] if difference else [])


@pytest.mark.parametrize("status", ["queued", "running", "failed", "cancelled", "unknown"])
def test_what_may_still_come_or_was_never_made_is_not_missed(status: Status) -> None:
    assert found(entry("kling-image-o1", {"n": 4}, image("64x64"), status=status)) == []


def test_some_pictures_missing_is_a_difference_too() -> None:
    partial = entry("kling-image-o1", {"n": 2}, image("64x64"), status="partial")
    assert found(partial) == [("count", "2", "1", None)]


@pytest.mark.parametrize(
    ("model", "served", "differs"),
    [
        ("seedream-4.5", "", False),
        ("seedream-4.5", "seedream-4.5", False),
        ("seedream-4.5", "seedream-4-5-251128", False),
        ("seedream-4.5", "Doubao-Seedream-4-5-251128", False),
        ("seedream-4-5-251128", "seedream-4.5", False),
        ("seedream-4.5", "seedream-4-0-250828", True),
        ("dola-seedream-5.0-lite", "seedream-5-0-lite-260128", False),
        ("nano-banana-pro", "gemini-3-pro-image-preview", False),
        ("nano-banana-pro", "gemini-2.5-flash-image", True),
        ("somebody/new", "somebody/new", False),
        ("somebody/new", "somebody/old", True),
    ],
)
def test_a_model_that_is_not_the_one_asked_for(model: str, served: str, differs: bool) -> None:
    made = found(entry(model, {}, served_by=served))
    assert made == ([("model", model, served, None)] if differs else [])


def test_a_revised_prompt_is_a_difference_of_its_picture() -> None:
    images = [image("64x64"), image("64x64", revised_prompt="a red fox")]
    made = found(entry("glm-image", {}, *images))
    assert made == [("prompt", DONE.prompt, "a red fox", 2)]


@pytest.mark.parametrize(
    ("asked", "told", "differs"),
    [
        (7, [None], False),
        (7, [7], False),
        (7, [9], True),
        (7, [7, 8, 9], False),
        (7, [None, 9], True),
        (-1, [9], False),
        (None, [9], False),
    ],
)
def test_a_seed_that_no_picture_has(
    asked: int | None, told: list[int | None], differs: bool
) -> None:
    for model in ("seedream-4.5", "somebody/new", "glm-image"):
        parameters = {} if asked is None else {"seed": asked}
        images = [image("2048x2048", seed=seed) for seed in told]
        made = found(entry(model, parameters, *images))
        assert made == ([("seed", "7", "9", None)] if differs else [])


@pytest.mark.parametrize(
    ("difference", "words", "few"),
    [
        (
            Difference("size", "2304x1728", "2048x2048", 1),
            "asked 2304×1728, came 2048×2048",
            "asked 2304×1728",
        ),
        (Difference("size", "4K", "64x64", 1), "asked 4K, came 64×64", "asked 4K"),
        (Difference("ratio", "16:9", "64x64", 1), "asked 16:9, came 64×64", "asked 16:9"),
        (Difference("count", "4", "3"), "asked 4 images, came 3", "asked 4 images"),
        (Difference("count", "1", "2"), "asked 1 image, came 2", "asked 1 image"),
        (
            Difference("count", "up to 4", "5"),
            "asked up to 4 images, came 5",
            "asked up to 4 images",
        ),
        (Difference("model", "a", "b"), "served by b, not a", "served by b"),
        (Difference("seed", "7", "9"), "asked seed 7, came 9", "asked seed 7"),
        (
            Difference("prompt", "a fox", "a red\nfox\x1b", 1),
            "prompt revised: a red fox␛",
            "prompt revised",
        ),
    ],
)
def test_a_difference_in_words(difference: Difference, words: str, few: str) -> None:
    assert in_words(difference) == words
    assert in_few_words(difference) == few


anything = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)


@given(
    st.sampled_from([*CATALOGUE.cards, "somebody/new"]),
    st.dictionaries(
        st.sampled_from(["size", "n", "seed", "ratio", "quality", GROUP]) | st.text(max_size=4),
        anything | st.dictionaries(st.just("max_images"), anything),
        max_size=5,
    ),
    st.lists(
        st.builds(
            EntryImage,
            file=st.just("a.png"),
            sha256=st.just(""),
            bytes=st.just(1),
            width=st.integers(-1, 2**40),
            height=st.integers(-1, 2**40),
            format=st.just("png"),
            seed=st.none() | st.integers(0, 2**63 - 1),
            revised_prompt=st.text(max_size=5),
        ),
        max_size=3,
    ),
    st.text(max_size=10),
)
def test_nothing_in_an_entry_is_too_strange_to_be_compared(
    model: str, parameters: dict[str, Any], images: list[EntryImage], served: str
) -> None:
    strange = entry(model, parameters, *images, served_by=served)
    for difference in differences(strange, CATALOGUE.card(model)):
        for words in (in_few_words(difference), in_words(difference)):
            assert words
            assert harmful(words.encode()) == []
            assert "\n" not in words
