"""The draft: what it sends, and what an entry brings back."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from tui.catalog.loading import Catalogue, load_catalogue
from tui.generation.draft import Draft, first_draft, loaded
from tui.generation.references import DraftReference
from tui.generation.request import new_entry
from tui.generation.seeds import LARGEST_SEED
from tui.history.entry import MASK, EntryReference, decode_entry, encode_entry


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    return load_catalogue(tmp_path / "none")


def test_a_seed_is_drawn_where_the_model_takes_one(catalogue: Catalogue) -> None:
    draft = Draft(model="seedream-4.5", prompt="fox")
    request = draft.request("demo", catalogue.card("seedream-4.5"))
    seed = request.parameters["seed"]
    assert isinstance(seed, int)
    assert 0 <= seed <= LARGEST_SEED
    assert request.parameters["watermark"] is False, "always sent"
    assert set(request.parameters) == {"seed", "watermark"}, "only what was set, and the always"


@pytest.mark.parametrize("model", ["glm-image", "kling-image-o1", "a-model-nobody-described"])
def test_no_seed_is_sent_to_a_model_that_is_not_known_to_take_one(
    catalogue: Catalogue, model: str
) -> None:
    request = Draft(model=model, prompt="fox").request("demo", catalogue.card(model))
    assert request.parameters == {}


def test_values_are_kept_for_each_model(catalogue: Catalogue) -> None:
    draft = Draft(model="seedream-4.5").with_value("size", "4K")
    other = Draft(model="kling-image-o1", values=draft.values).with_value("n", 3)
    assert other.values == {"seedream-4.5": {"size": "4K"}, "kling-image-o1": {"n": 3}}
    assert other.with_value("n", None).own_values == {}


def test_configured_defaults_may_go_by_an_alias(catalogue: Catalogue) -> None:
    draft = first_draft(catalogue, "seedream-4-5-251128", {"seedream-4-5-251128": {"size": "4K"}})
    assert draft.model == "seedream-4.5"
    assert draft.own_values == {"size": "4K"}


def test_an_entry_brings_its_request_back(catalogue: Catalogue) -> None:
    card = catalogue.card("seedream-4.5")
    draft = Draft(model=card.id, prompt="three foxes")
    draft = draft.with_value("sequential_image_generation", 4).with_value("seed", 7)
    entry = new_entry(draft.request("demo", card), card)
    again = loaded(Draft(model="glm-image", prompt="other"), entry, card)
    assert (again.model, again.prompt, again.parent) == (card.id, "three foxes", entry.id)
    assert again.request("demo", card).parameters == entry.parameters


def test_a_rehearsal_costs_nothing_and_an_unknown_price_stays_unknown(
    catalogue: Catalogue,
) -> None:
    card = catalogue.card("seedream-4.5")
    draft = Draft(model=card.id, prompt="fox")
    rehearsal = new_entry(draft.request("demo", card), card)
    assert rehearsal.cost is not None
    assert rehearsal.cost.estimate_usd == 0.0
    paid = new_entry(draft.request("token360", card), card)
    assert paid.cost is not None
    assert paid.cost.estimate_usd == pytest.approx(0.04)
    unknown = catalogue.card("a-model-nobody-described")
    assert new_entry(draft.request("token360", unknown), unknown).cost is None


def test_a_mask_is_no_reference_of_the_model_and_goes_along(catalogue: Catalogue) -> None:
    card = catalogue.card("nano-banana-pro")
    kept = tuple(EntryReference(f"{n}.png", file=f"images/{n}.png") for n in range(14))
    mask = EntryReference("m.png", file="images/m.png", role=MASK)
    draft = Draft(model=card.id, prompt="fox")
    seen = loaded(draft, new_entry(draft.request("own", card, kept), card), card)
    entry = new_entry(draft.request("own", card, (*kept, mask)), card)
    masked = loaded(draft, decode_entry(encode_entry(entry)), card)
    assert (len(seen.references), len(masked.references)) == (14, 15)
    assert [reference.is_mask for reference in masked.references] == [False] * 14 + [True]
    assert masked.violations(card) == masked.form_violations(card) == ()
    assert masked.total(card) == seen.total(card)
    assert entry.cost == new_entry(seen.request("own", card, kept), card).cost
    assert entry.reference_count == 14
    more = replace(seen, references=(*seen.references, DraftReference("15.png")))
    assert [violation.parameter for violation in more.violations(card)] == ["references"]
