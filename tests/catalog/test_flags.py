"""Flags at the end of a prompt: found, read for a model, and never found where they are words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.catalog.card import ModelCard, Parameter
from tui.catalog.flags import Flag, Flagged, names_known, read_flags, split_flags, without_flags
from tui.catalog.loading import Catalogue, load_catalogue

CATALOGUE = load_catalogue(Path("/nonexistent"))
SEEDREAM = CATALOGUE.card("seedream-4.5")
KNOWN = names_known(CATALOGUE, SEEDREAM)


def split(text: str) -> Flagged:
    return split_flags(text, KNOWN.__contains__)


@pytest.mark.parametrize(
    ("text", "prompt", "flags"),
    [
        ("a fox --ar 16:9", "a fox", [("ar", "16:9")]),
        ("a fox  \n --ar 16:9 \n", "a fox", [("ar", "16:9")]),
        ("a fox --AR 16:9 --Seed 42", "a fox", [("ar", "16:9"), ("seed", "42")]),
        ("a fox --seed=42 --n=4", "a fox", [("seed", "42"), ("n", "4")]),
        ("a fox —ar 9:16", "a fox", [("ar", "9:16")]),
        ("a fox --wm --seed 7", "a fox", [("wm", ""), ("seed", "7")]),
        ("a fox --no red cars, dogs --seed 7", "a fox", [("no", "red cars, dogs"), ("seed", "7")]),
        ('a fox --no "red -- cars" --n 2', "a fox", [("no", "red -- cars"), ("n", "2")]),
        ("a fox --output-format webp", "a fox", [("output-format", "webp")]),
        ("a fox --output_format webp", "a fox --output_format webp", []),
        ("--ar 1:1", "", [("ar", "1:1")]),
        ("a fox --seed", "a fox", [("seed", "")]),
        # Words follow, or it is no flag: part of the prompt.
        ("a fox --ar 16:9 in the snow", "a fox --ar 16:9 in the snow", []),
        ("a fox --ar 16:9 in --seed 4", "a fox --ar 16:9 in", [("seed", "4")]),
        ("a fox --frob 3", "a fox --frob 3", []),
        ("a fox --ar 16:9 --frob 3", "a fox --ar 16:9 --frob 3", []),
        ("a fox-- ar 16:9", "a fox-- ar 16:9", []),
        ("a fox ---seed 4", "a fox ---seed 4", []),
        # A lone -- keeps the rest from being flags, and is a dash elsewhere.
        ("a sign: -- --ar 16:9", "a sign: --ar 16:9", []),
        ("a fox -- running", "a fox -- running", []),
        ("a fox -- running --n 2", "a fox -- running", [("n", "2")]),
        ("a fox --n 2 --", "a fox --n 2 --", []),
        ("", "", []),
        ("  ", "  ", []),
    ],
)
def test_flags_stand_behind_the_last_word(
    text: str, prompt: str, flags: list[tuple[str, str]]
) -> None:
    assert split(text) == Flagged(prompt, tuple(Flag(*flag) for flag in flags))


def read(text: str, model: str = "seedream-4.5", **values: Any) -> tuple[str, dict[str, Any]]:
    reading = read_flags(split(text).flags, CATALOGUE, CATALOGUE.card(model), values)
    assert [meaning.text for meaning in reading.meanings if meaning.wrong] == []
    return reading.card.id, reading.values


@pytest.mark.parametrize(
    ("text", "model", "values"),
    [
        ("--ar 16:9", "seedream-4.5", {"size": "2560x1440"}),
        ("--ar 9:16 --seed 42", "seedream-4.5", {"size": "1440x2560", "seed": 42}),
        ("--seed random", "seedream-4.5", {"seed": None}),
        ("--size 4k --wm on", "seedream-4.5", {"size": "4K", "watermark": True}),
        ("--wm --seed 1 --seed 2", "seedream-4.5", {"watermark": True, "seed": 2}),
        ("--size 2000x1000", "seedream-4.5", {"size": "2000x1000"}),
        ("--sequential-image-generation 4", "seedream-4.5", {"sequential_image_generation": 4}),
        ("--m kling --n 4 --ar 3:2", "kling-image-o1", {"n": 4, "size": "1248x832"}),
        ("--n 4 --ar 3:2 --m kling", "kling-image-o1", {"n": 4, "size": "1248x832"}),
        ("--m nano --ar 3:2 --q 4k", "nano-banana-pro", {"ratio": "3:2", "quality": "4K"}),
        ("--model seedream-4-0-250828", "seedream-4.0", {}),
        (
            "--m gpt-image-1.5 --q low --background transparent",
            "gpt-image-1.5",
            {"quality": "low", "background": "transparent"},
        ),
    ],
)
def test_flags_set_what_the_model_has(text: str, model: str, values: dict[str, Any]) -> None:
    assert read(text) == (model, values)


def test_a_ratio_keeps_how_large_the_picture_is() -> None:
    assert read("--ar 16:9", size="4096x4096")[1] == {"size": "5504x3040"}
    assert read("--ar 16:9", size="4K")[1] == {"size": "5504x3040"}
    # The size of another model says nothing.
    assert read("--ar 1:1 --m kling", size="4096x4096")[1] == {"size": "1024x1024"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("--n 4", "--n: Seedream 4.5 has no such parameter"),
        ("--no cars", "--no: Seedream 4.5 has no such parameter"),
        ("--seed", "--seed: write its value"),
        ("--seed many", "--seed: Write a whole number"),
        ("--ar wide", "--ar: write a ratio as 16:9"),
        ("--wm perhaps", "--wm: Write on or off"),
        ("--m frob", "--m: no model is called frob"),
        ("--m", "--m: write which model"),
        ("--m seedream-4.", "--m seedream-4. may be seedream-4.5 or seedream-4.0"),
        ("--m nano --q 3K", "--q: 3K is not offered; 1K, 2K or 4K"),
        ("--m glm-image --ar 16:9", "--ar: GLM-Image has no such parameter"),
    ],
)
def test_what_cannot_be_followed_says_why(text: str, reason: str) -> None:
    reading = read_flags(split(text).flags, CATALOGUE, SEEDREAM, {})
    assert [meaning.text for meaning in reading.meanings if meaning.wrong] == [reason]
    assert reading.values == {}


def test_a_ratio_that_is_only_near_says_so() -> None:
    reading = read_flags(split("--m gpt-image-1 --ar 16:9").flags, CATALOGUE, SEEDREAM, {})
    texts = [meaning.text for meaning in reading.meanings]
    assert texts == ["GPT Image 1", "Size 1536×1024 (3:2 is nearest to 16:9)"]


def test_no_follows_the_card_alone() -> None:
    worded = ModelCard(id="worded", without=", without {}")
    fielded = ModelCard(id="fielded", parameters=(Parameter("negative_prompt", "text"),))
    catalogue = Catalogue({card.id: card for card in (worded, fielded)})
    flags = split("a fox --no red cars").flags
    assert read_flags(flags, catalogue, worded, {}).suffix == ", without red cars"
    assert read_flags(flags, catalogue, fielded, {}).values == {"negative_prompt": "red cars"}


pieces = st.sampled_from(
    ["fox", "--ar", "16:9", "--seed", "42", "--", "—n", "4", "--frob", "--no", '"a b"', "--wm", "="]
)
texts = st.one_of(st.text(), st.lists(pieces).map(" ".join), st.lists(pieces).map("\n".join))


@given(texts)
def test_any_text_can_be_kept_from_being_flags(text: str) -> None:
    assert split(without_flags(text, KNOWN.__contains__)) == Flagged(text)


@given(texts)
def test_what_is_left_is_a_prefix_but_for_the_mark(text: str) -> None:
    found = split(text)
    if found.flags:
        assert text.startswith(found.prompt)
        assert split(found.prompt + " word") == Flagged(found.prompt + " word")
    else:
        assert found.prompt == text or len(found.prompt) < len(text)


@given(texts, st.sampled_from(list(CATALOGUE.cards)))
def test_reading_never_fails_and_explains_every_flag(text: str, model: str) -> None:
    flags = split(text).flags
    reading = read_flags(flags, CATALOGUE, CATALOGUE.card(model), {})
    assert [meaning.flag for meaning in reading.meanings] == list(flags)
    assert set(reading.values) <= {parameter.name for parameter in reading.card.parameters}
