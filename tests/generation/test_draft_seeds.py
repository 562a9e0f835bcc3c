"""Seeds from one request to the next: drawn anew, the same, or the one after."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.catalog.card import ModelCard, Parameter
from tui.catalog.legality import fault_of
from tui.catalog.loading import Catalogue, load_catalogue
from tui.generation.draft import Draft, loaded
from tui.generation.request import new_entry
from tui.generation.seeds import SEED_MODES, SeedMode, drawn_seed, seed_after

MODEL = "seedream-4.5"


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    return load_catalogue(tmp_path / "none")


@pytest.fixture
def card(catalogue: Catalogue) -> ModelCard:
    return catalogue.card(MODEL)


def sent(draft: Draft, card: ModelCard, times: int = 1) -> tuple[Draft, list[object]]:
    """The draft after so many requests, and the seeds that they carried."""
    seeds = []
    for _ in range(times):
        request = draft.request("demo", card)
        seeds.append(request.parameters.get("seed"))
        draft = draft.after(card, (request,))
    return draft, seeds


def test_next_counts_on_from_the_seed_that_is_set(card: ModelCard) -> None:
    draft = Draft(model=MODEL, prompt="fox").with_value("seed", 41).with_seed_mode(card, "next")
    draft, seeds = sent(draft, card, 3)
    assert seeds == [41, 42, 43]
    assert draft.seed_mode(card) == "next"
    assert draft.own_values == {"seed": 44}, "what the form shows is what is sent next"


def test_next_counts_on_from_the_seed_that_was_sent_last(card: ModelCard) -> None:
    draft, (drawn,) = sent(Draft(model=MODEL, prompt="fox"), card)
    assert draft.seed_mode(card) == "random"
    assert isinstance(drawn, int)
    _, seeds = sent(draft.with_seed_mode(card, "next"), card, 2)
    assert seeds == [drawn + 1, drawn + 2]


def test_next_before_anything_was_sent_begins_anywhere(card: ModelCard) -> None:
    draft = Draft(model=MODEL, prompt="fox").with_seed_mode(card, "next")
    assert draft.own_values == {}
    _, seeds = sent(draft, card, 2)
    assert isinstance(seeds[0], int)
    assert seeds[1] == seeds[0] + 1


def test_fixed_keeps_the_seed_that_was_drawn_last(card: ModelCard) -> None:
    draft, (drawn,) = sent(Draft(model=MODEL, prompt="fox"), card)
    _, seeds = sent(draft.with_seed_mode(card, "fixed"), card, 2)
    assert seeds == [drawn, drawn]


def test_fixed_before_anything_was_sent_draws_once(card: ModelCard) -> None:
    draft = Draft(model=MODEL, prompt="fox").with_seed_mode(card, "fixed")
    _, seeds = sent(draft, card, 2)
    assert seeds[0] == seeds[1] == draft.own_values["seed"]


def test_random_draws_for_each_request_and_the_last_is_known(card: ModelCard) -> None:
    draft = Draft(model=MODEL, prompt="fox").with_value("seed", 7).with_seed_mode(card, "random")
    draft, seeds = sent(draft, card, 20)
    assert len(set(seeds)) > 1
    assert draft.sent_seeds == {MODEL: seeds[-1]}
    assert draft.own_values == {}


def test_a_typed_seed_is_where_next_goes_on_from(card: ModelCard) -> None:
    draft = Draft(model=MODEL, prompt="fox").with_value("seed", 1).with_seed_mode(card, "next")
    draft, _ = sent(draft, card, 2)
    _, seeds = sent(draft.with_value("seed", 100), card, 2)
    assert seeds == [100, 101]


def test_a_loaded_entry_brings_its_very_seed(card: ModelCard) -> None:
    draft = Draft(model=MODEL, prompt="fox").with_value("seed", 5).with_seed_mode(card, "next")
    entry = new_entry(draft.request("demo", card), card)
    draft, _ = sent(draft, card, 3)
    again = loaded(draft, entry, card)
    assert again.seed_mode(card) == "fixed"
    assert sent(again, card, 2)[1] == [5, 5]


@pytest.mark.parametrize("mode", SEED_MODES)
@pytest.mark.parametrize("model", ["glm-image", "kling-image-o1"])
def test_a_model_without_a_seed_has_no_mode(
    catalogue: Catalogue, model: str, mode: SeedMode
) -> None:
    card = catalogue.card(model)
    draft = Draft(model=model, prompt="fox")
    assert draft.with_seed_mode(card, mode) == draft
    assert sent(draft, card, 2) == (draft, [None, None])


def test_nothing_is_drawn_for_a_model_that_nobody_described(catalogue: Catalogue) -> None:
    card = catalogue.card("a-model-nobody-described")
    draft = Draft(model=card.id, prompt="fox").with_seed_mode(card, "next")
    draft, seeds = sent(draft, card, 2)
    assert seeds == [None, None]
    assert sent(draft.with_value("seed", 3), card, 2)[1] == [3, 4]


@given(
    low=st.none() | st.integers(-1, 10),
    room=st.none() | st.integers(0, 3_000_000_000),
    seed=st.integers(-10, 5_000_000_000),
)
def test_a_seed_that_comes_of_itself_is_always_legal(
    low: int | None, room: int | None, seed: int
) -> None:
    high = None if room is None else (low or 0) + room
    parameter = Parameter(name="seed", kind="integer", role="seed", minimum=low, maximum=high)
    for found in (drawn_seed(parameter), seed_after(parameter, seed)):
        if high is None or high >= 0:
            assert fault_of(parameter, found) is None
        assert found >= 0
