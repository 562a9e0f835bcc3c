"""What prompts are read as, and that the lexicon names only what exists."""

from __future__ import annotations

import pytest

from tui.demo.art import lexicon
from tui.demo.art.palettes import PALETTES
from tui.demo.art.reading import read, stable_hash
from tui.demo.art.scenes import SCENES
from tui.demo.art.subjects import silhouettes
from tui.demo.art.techniques import TECHNIQUES


@pytest.mark.parametrize(
    ("prompt", "scene"),
    [
        ("a storm at sea", "sea"),
        ("Foggy forests in autumn", "woods"),
        ("portrait of my grandmother", "portrait"),
        ("STILL LIFE with three pears", "still_life"),
        ("the skyline of a futuristic metropolis", "city"),
        ("Eine Stadt in der Nacht", "city"),
        ("la mer", "sea"),
        ("雪山", "mountains"),
        ("a queen", "portrait"),
        ("a queen in the desert", "dunes"),
    ],
)
def test_the_words_choose_the_scene(prompt: str, scene: str) -> None:
    assert read(prompt).scene == scene


@pytest.mark.parametrize(
    ("prompt", "technique"),
    [
        ("a harbour, oil painting", "oil"),
        ("a harbour, watercolor painting", "watercolour"),
        ("a harbour, Ukiyo-e", "woodcut"),
        ("a harbour in stained glass", "glass"),
        ("black and white photo of a harbour", "monochrome"),
        ("pencil sketch of a harbour", "pencil"),
        ("low poly harbour", "facets"),
    ],
)
def test_the_words_choose_the_technique(prompt: str, technique: str) -> None:
    assert read(prompt).technique == technique


@pytest.mark.parametrize(
    ("prompt", "subject"),
    [
        ("foxes", "fox"),
        ("🦊 in the snow", "fox"),
        ("zorro en la nieve", "fox"),
        ("狐", "fox"),
        ("wolves howling", "wolf"),
    ],
)
def test_a_subject_is_known_by_many_names(prompt: str, subject: str) -> None:
    assert subject in read(prompt).subjects


def test_a_number_is_read_as_word_or_digit() -> None:
    assert read("seven lanterns").number == 7
    assert read("3 pears on a table").number == 3
    assert read("a photo from 1969").number == 0


def test_night_gets_a_dark_palette() -> None:
    for prompt in ("a village at night", "midnight garden", "夜", "noche en el mar"):
        assert read(prompt).palette.dark


def test_prompts_without_known_words_spread_over_many_scenes_and_palettes() -> None:
    readings = [read(f"zq{number}x") for number in range(80)]
    assert len({reading.scene for reading in readings}) >= 10
    assert len({reading.palette.name for reading in readings}) >= 20


def test_the_hash_is_the_same_for_ever() -> None:
    assert stable_hash("fox", 7) == 4807945018702351015
    assert stable_hash("a", "b") != stable_hash("ab")


def test_the_lexicon_names_only_what_exists() -> None:
    def names(table: dict[str, tuple[str, ...]]) -> set[str]:
        return {name for found in table.values() for name in found}

    assert names(lexicon.SCENES) <= set(SCENES)
    assert names(lexicon.SUBJECTS) <= set(silhouettes())
    assert names(lexicon.TECHNIQUES) <= set(TECHNIQUES)
    assert set(lexicon.HOMES) <= set(silhouettes())
    assert set(lexicon.HOMES.values()) <= set(SCENES)
    assert {mood for palette in PALETTES for mood in palette.moods} <= names(lexicon.MOODS) | {
        "interior", "geometry", "portrait", "evening", "morning",
    }  # fmt: skip
