"""One press of send: how its images are shared out among requests."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.catalog.card import ModelCard, Parameter, Price, References
from tui.catalog.loading import Catalogue, load_catalogue
from tui.catalog.price import images_expected
from tui.config import JSON
from tui.generation.counts import (
    IMAGES,
    MOST_IMAGES,
    SPREADS,
    Sharing,
    Spread,
    form_card,
    in_requests,
    shares,
)
from tui.generation.draft import Draft, loaded
from tui.generation.flagged import follow_flags
from tui.generation.request import new_entry
from tui.history.entry import EntryReference

SEED = Parameter(name="seed", kind="integer", role="seed", maximum=2**31 - 1)
spreads = st.sampled_from(SPREADS)


def counting(most: int | None, *others: Parameter, least: int | None = 1) -> ModelCard:
    """A card that gives up to `most` images for a request."""
    count = Parameter(
        name="n", kind="integer", role="count", label="Images", minimum=least, maximum=most
    )
    return ModelCard(id="many", parameters=(count, *others))


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    return load_catalogue(tmp_path / "none")


@given(
    images=st.integers(1, MOST_IMAGES),
    most=st.none() | st.integers(1, 300),
    seed=st.none() | st.integers(0, 2**31 - 1),
    spread=spreads,
)
def test_all_images_are_asked_for_once_and_no_request_is_above_the_maximum(
    images: int, most: int | None, seed: int | None, spread: Spread
) -> None:
    card = counting(most, SEED)
    draft = Draft(model=card.id, prompt="fox", parent="20261122T070312418-4f2a9c", spread=spread)
    draft = draft.with_value("n", images).with_value("seed", seed)
    assert draft.objections(card) == ()
    requests = draft.requests("demo", card)
    asked = [images_expected(card, request.parameters) for request in requests]
    assert sum(asked) == images == draft.total(card).images
    assert len(requests) == draft.total(card).requests
    most_allowed = 1 if spread == "apart" else images if most is None else most
    assert max(asked) <= most_allowed
    assert len(requests) == -(-images // most_allowed), "as few as there can be"
    assert {request.parent for request in requests} == {draft.parent}
    # Servers number the images of a request on from its seed: none may come twice.
    seeds = [int(str(request.parameters["seed"])) for request in requests]
    numbered = [
        (first + step) % 2**31 for first, n in zip(seeds, asked, strict=True) for step in range(n)
    ]
    assert len(set(numbered)) == images
    assert seed is None or seeds[0] == seed


@given(images=st.integers(1, MOST_IMAGES), spread=spreads)
def test_a_model_that_takes_no_number_gets_a_request_for_each_image(
    images: int, spread: Spread
) -> None:
    card = ModelCard(id="one", parameters=(SEED,))
    draft = Draft(model="one", prompt="fox", spread=spread).with_value(IMAGES.name, images)
    requests = draft.requests("demo", card)
    assert len(requests) == images
    assert {frozenset(request.parameters) for request in requests} == {frozenset({"seed"})}
    assert len({request.parameters["seed"] for request in requests}) == images


@pytest.mark.parametrize("spread", SPREADS)
@pytest.mark.parametrize("images", [0, -3, MOST_IMAGES + 1, "many", 2.5, True, 10**30])
def test_a_number_that_is_not_legal_is_one_request_as_it_is(images: JSON, spread: Spread) -> None:
    card = counting(9)
    draft = Draft(model=card.id, prompt="fox", spread=spread).with_value("n", images)
    assert [violation.parameter for violation in draft.objections(card)] == ["n"]
    (request,) = draft.requests("demo", card)
    assert request.parameters == {"n": images}


def test_a_model_that_gives_more_than_can_be_asked_for_is_asked_as_ever() -> None:
    draft = Draft(model="many", prompt="fox").with_value("n", 250)
    assert draft.objections(counting(300)) == ()
    assert draft.requests("demo", counting(300)) == (draft.request("demo", counting(300)),)


def test_a_number_that_cannot_be_shared_out_is_left_as_it_is() -> None:
    for card in (
        counting(9, least=2),
        ModelCard(
            id="many",
            parameters=(Parameter(name="n", kind="choice", role="count", choices=(1, 2, 4)),),
        ),
    ):
        assert form_card(card) == card
        draft = Draft(model=card.id, prompt="fox", spread="apart").with_value("n", 4)
        assert draft.requests("demo", card) == (draft.request("demo", card),)
        draft = draft.with_value("n", 10)
        assert len(draft.objections(card)) == len(draft.requests("demo", card)) == 1


@pytest.mark.parametrize("spread", SPREADS)
def test_one_image_is_the_request_that_it_always_was(catalogue: Catalogue, spread: Spread) -> None:
    for card in catalogue.cards.values():
        draft = Draft(model=card.id, prompt="fox", spread=spread)
        (request,) = draft.requests("demo", card)
        assert request.parameters.keys() == draft.request("demo", card).parameters.keys()


def test_a_seed_that_means_any_seed_is_in_every_request() -> None:
    card = ModelCard(id="one", parameters=(SEED,))
    draft = Draft(model="one", prompt="fox", images={"one": 3}).with_value("seed", -1)
    assert [request.parameters["seed"] for request in draft.requests("demo", card)] == [-1] * 3


def test_seeds_go_on_after_all_images_of_a_press() -> None:
    card = counting(4, SEED)
    draft = Draft(model=card.id, prompt="fox").with_value("n", 10).with_value("seed", 7)
    draft = draft.with_seed_mode(card, "next")
    requests = draft.requests("demo", card)
    assert [request.parameters["seed"] for request in requests] == [7, 11, 15]
    draft = draft.after(card, requests)
    assert draft.own_values["seed"] == 17
    assert draft.sent_seeds == {"many": 7}, "from which all of them come again"


def test_a_press_with_drawn_seeds_can_be_made_again_and_gone_on_from() -> None:
    card = ModelCard(id="one", parameters=(SEED,))
    draft = Draft(model="one", prompt="fox", images={"one": 3})
    requests = draft.requests("demo", card)
    draft = draft.after(card, requests)
    assert draft.with_seed_mode(card, "fixed").requests("demo", card) == requests
    last = int(str(requests[-1].parameters["seed"]))
    following = draft.with_seed_mode(card, "next").requests("demo", card)
    assert following[0].parameters["seed"] == last + 1


def test_the_price_is_that_of_all_requests() -> None:
    card = ModelCard(
        id="many",
        references=References(max=2),
        price=Price(as_of=date(2026, 10, 1), usd_per_image=0.04, usd_per_reference=0.01),
        parameters=counting(4).parameters,
    )
    draft = Draft(model=card.id, prompt="fox").with_value("n", 10)
    assert draft.total(card).usd == pytest.approx(0.40)
    drawn = Draft(model=card.id, references=(EntryReference("sketch.png"),), spread="apart")
    assert drawn.with_value("n", 10).total(card).usd == pytest.approx(0.50), "each sends it"
    assert drawn.total(counting(4)).usd is None


def test_a_loaded_entry_asks_for_its_own_number_again(catalogue: Catalogue) -> None:
    kling, glm = catalogue.card("kling-image-o1"), catalogue.card("glm-image")
    draft = Draft(model=kling.id, prompt="fox").with_value("n", 11)
    last = new_entry(draft.requests("demo", kling)[-1], kling)
    assert loaded(draft, last, kling).sharing(kling).shared == (2,)
    several = Draft(model=glm.id, prompt="fox", images={glm.id: 3, "other": 2})
    one = new_entry(several.requests("demo", glm)[0], glm)
    assert loaded(several, one, glm).images == {"other": 2}


def test_numbers_stay_with_their_models(catalogue: Catalogue) -> None:
    glm, lite = catalogue.card("glm-image"), catalogue.card("dola-seedream-5.0-lite")
    draft = Draft(model=glm.id).with_value(IMAGES.name, 3)
    there = draft.with_model(lite)
    assert there.total(lite).requests == 1, "what costs money does not come along"
    assert there.with_model(glm).total(glm).requests == 3
    assert draft.with_value(IMAGES.name, None).images == {}


def test_the_flag_sets_the_number_of_any_model(catalogue: Catalogue) -> None:
    for model in catalogue.cards:
        card = catalogue.card(model)
        flagged = Draft(model=model, prompt="a fox --n 11")
        draft, (meaning,) = follow_flags(flagged, catalogue, count=IMAGES)
        assert (draft.prompt, meaning.text, meaning.wrong) == ("a fox", "Images 11", False)
        assert draft.total(card).images == 11
        assert draft.objections(card) == ()
    # One line of a batch is one request, as ever.
    _, (meaning,) = follow_flags(Draft("glm-image", "a fox --n 11"), catalogue)
    assert meaning.wrong


@pytest.mark.parametrize(
    ("shared", "words"),
    [
        ((4,), "1 request of 4"),
        ((4, 4, 2), "3 requests of 4, 4 and 2"),
        ((4, 4), "2 requests of 4"),
        ((9,) * 11 + (1,), "12 requests: 11 of 9 and 1 of 1"),
        ((1,) * 7, "7 requests of 1"),
    ],
)
def test_requests_in_words(shared: tuple[int, ...], words: str) -> None:
    assert in_requests(shared) == words


def test_what_each_way_means_is_said() -> None:
    together = shares(counting(4), 10, "together")
    apart = shares(counting(4), 10, "apart")
    assert Sharing("together", together, apart).meaning() == (
        "10 images = 3 requests of 4, 4 and 2. "
        "If an answer is lost, its images are looked for together."
    )
    assert Sharing("apart", together, apart, has_seeds=True).meaning() == (
        "10 requests, each charged, shown and recovered by itself. Seeds count up."
    )
    assert Sharing("together", (4,), (1,) * 4).meaning() == (
        "One charge; if the answer is lost, all 4 are looked for together."
    )
    assert Sharing("together", (1, 1), (1, 1), group=4).meaning() == (
        "2 requests of up to 4 images, each charged, shown and recovered by itself."
    )
    assert Sharing().meaning() == ""


def test_the_form_has_a_number_of_images_for_every_model(catalogue: Catalogue) -> None:
    for card in (*catalogue.cards.values(), catalogue.card("a-model-nobody-described")):
        (count,) = [found for found in form_card(card).parameters if found.role == "count"]
        assert (count.label, count.minimum, count.maximum) == ("Images", 1, MOST_IMAGES)
        assert form_card(card) == form_card(card)
    names = [parameter.name for parameter in form_card(catalogue.card("seedream-4.5")).parameters]
    assert names.index(IMAGES.name) == names.index("seed") + 1
