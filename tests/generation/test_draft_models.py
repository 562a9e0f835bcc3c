"""Values from one model to another: what stays, what comes along, what waits."""

from __future__ import annotations

import pytest

from tui.catalog.loading import Catalogue, load_catalogue
from tui.generation.draft import Draft, loaded
from tui.generation.flagged import follow_flags
from tui.generation.form_state import form_state
from tui.generation.kept_values import kept_values
from tui.generation.request import new_entry


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    return load_catalogue(tmp_path_factory.mktemp("none"))


def test_a_round_through_all_models_loses_no_value(catalogue: Catalogue) -> None:
    draft = Draft(model="seedream-4.5")
    held: dict[str, dict[str, object]] = {}
    for number, card in enumerate(catalogue.cards.values()):
        draft = draft.with_model(card)
        for parameter in card.parameters:
            if parameter.kind == "integer":
                draft = draft.with_value(parameter.name, number)
        held[card.id] = draft.own_values
    for card in (*catalogue.cards.values(), *reversed(catalogue.cards.values())):
        draft = draft.with_model(card)
        assert draft.own_values == held[card.id]


def test_size_and_seed_come_along_to_a_model_that_takes_them(catalogue: Catalogue) -> None:
    draft = Draft(model="seedream-4.5").with_value("size", "2304x1728").with_value("seed", 42)
    draft = draft.with_value("response_format", "b64_json").with_value("watermark", True)
    lite = catalogue.card("dola-seedream-5.0-lite")
    there = draft.with_model(lite)
    assert there.own_values == {"size": "2304x1728", "seed": 42}, "and nothing else"
    assert there.request("demo", lite).parameters["seed"] == 42


def test_they_come_along_past_models_that_have_none(catalogue: Catalogue) -> None:
    draft = Draft(model="seedream-4.5").with_value("seed", 42)
    for model in ("glm-image", "kling-image-o1", "seedream-4.0"):
        draft = draft.with_model(catalogue.card(model))
    assert draft.own_values == {"seed": 42}


def test_what_came_along_follows_what_it_came_from(catalogue: Catalogue) -> None:
    origin, other = catalogue.card("seedream-4.5"), catalogue.card("seedream-4.0")
    draft = Draft(model=origin.id).with_value("seed", 42).with_model(other).with_model(origin)
    draft = draft.with_value("seed", 7).with_model(other)
    assert draft.own_values == {"seed": 7}


def test_a_value_of_the_models_own_stays(catalogue: Catalogue) -> None:
    other = catalogue.card("seedream-4.0")
    draft = Draft(model=other.id).with_value("seed", 1)
    draft = draft.with_model(catalogue.card("seedream-4.5")).with_value("seed", 42)
    assert draft.with_model(other).own_values == {"seed": 1}


def test_what_was_given_back_does_not_come_again(catalogue: Catalogue) -> None:
    origin, other = catalogue.card("seedream-4.5"), catalogue.card("seedream-4.0")
    draft = Draft(model=origin.id).with_value("seed", 42).with_model(other)
    draft = draft.with_value("seed", None)
    assert draft.own_values == {}
    assert draft.with_model(origin).with_model(other).own_values == {}


@pytest.mark.parametrize(
    ("model", "size"),
    [
        ("kling-image-o1", "2304x1728"),  # Not one of those it offers.
        ("seedream-4.5", "1K"),
        ("gpt-image-1", "4K"),
    ],
)
def test_a_size_that_would_be_illegal_does_not_come_along(
    catalogue: Catalogue, model: str, size: str
) -> None:
    draft = Draft(model="seedream-4.0").with_value("size", size)
    assert draft.with_model(catalogue.card(model)).own_values == {}


def test_a_flag_that_names_a_model_takes_them_along_too(catalogue: Catalogue) -> None:
    draft = Draft(model="seedream-4.5", prompt="a fox --m seedream-4.0").with_value("seed", 42)
    moved, _ = follow_flags(draft, catalogue)
    assert (moved.model, moved.own_values) == ("seedream-4.0", {"seed": 42})
    moved, _ = follow_flags(
        Draft(model="seedream-4.5", prompt="a fox --m glm").with_value("seed", 42), catalogue
    )
    assert (moved.model, moved.own_values) == ("glm-image", {})


def test_nothing_comes_along_into_a_loaded_entry(catalogue: Catalogue) -> None:
    other = catalogue.card("kling-image-o1")
    entry = new_entry(Draft(model=other.id, prompt="fox").request("demo", other), other)
    draft = loaded(Draft(model="seedream-4.5").with_value("size", "2048x2048"), entry, other)
    assert draft.own_values == {}


def test_values_wait_for_the_model_that_has_them(catalogue: Catalogue) -> None:
    draft = Draft(model="seedream-4.5").with_value("seed", 42).with_value("size", "2304x1728")
    glm = catalogue.card("glm-image")
    assert kept_values(draft.with_model(glm), glm, catalogue) == (
        "Seed 42: GLM-Image has no seed; kept for Seedream 4.5",
        "Size 2304×1728: GLM-Image has no size; kept for Seedream 4.5",
    )
    kling = catalogue.card("kling-image-o1")
    assert kept_values(draft.with_model(kling), kling, catalogue) == (
        "Seed 42: Kling Image O1 has no seed; kept for Seedream 4.5",
    )


def test_one_value_of_several_models_is_said_once(catalogue: Catalogue) -> None:
    draft = Draft(model="seedream-4.5")
    for model in ("seedream-4.5", "seedream-4.0"):
        draft = draft.with_model(catalogue.card(model)).with_value("seed", 42)
    glm = catalogue.card("glm-image")
    assert kept_values(draft.with_model(glm), glm, catalogue) == (
        "Seed 42: GLM-Image has no seed; kept for Seedream 4.0 and Seedream 4.5",
    )
    lite = catalogue.card("dola-seedream-5.0-lite")
    draft = draft.with_model(lite).with_value("seed", 42)
    assert kept_values(draft.with_model(glm), glm, catalogue) == (
        "Seed 42: GLM-Image has no seed; kept for Dola Seedream 5.0 Lite and 2 more",
    )


def test_extra_parameters_are_no_objection_and_are_sent_as_they_are(
    catalogue: Catalogue,
) -> None:
    card = catalogue.card("glm-image")
    extra = {"a": {"b": [1, 2.5, None]}}
    draft = Draft(model=card.id, prompt="fox").with_value("hidden", extra)
    assert [violation.parameter for violation in draft.violations(card)] == ["hidden"]
    assert draft.objections(card) == ()
    assert draft.extras(card) == {"hidden": extra}
    assert draft.request("demo", card).parameters == {"hidden": extra}
    assert form_state(draft, card, catalogue).extras == {"hidden": extra}


def test_an_extra_parameter_keeps_no_other_objection_back(catalogue: Catalogue) -> None:
    card = catalogue.card("seedream-4.5")
    draft = Draft(model=card.id).with_value("hidden", 1).with_value("size", "10x10")
    assert [violation.parameter for violation in draft.objections(card)] == ["prompt", "size"]


def test_a_parameter_that_came_and_went_leaves_nothing_behind() -> None:
    draft = Draft(model="glm-image")
    for name in ("g", "gu", "gui"):
        draft = draft.with_value(name, 7).with_value(name, None)
    assert draft.values == {"glm-image": {}}
