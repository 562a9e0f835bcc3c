"""What the draft takes over from an entry."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from tests.history.entries import DONE
from tui.catalog.loading import load_catalogue
from tui.generation.draft import Draft
from tui.generation.recall import NothingToRecall, Part, recalled
from tui.history.entry import Entry
from tui.paths import Paths

Recall = Callable[..., Draft]
ENTRY = replace(
    DONE,
    model="seedream-4.5",
    prompt="a fox",
    parameters={"seed": 7, "size": "2304x1728", "watermark": False},
)


@pytest.fixture
def recall(paths: Paths) -> Recall:
    catalogue = load_catalogue(paths.cards)

    def recall(draft: Draft, part: Part, entry: Entry = ENTRY) -> Draft:
        own, card = catalogue.card(draft.model), catalogue.card(entry.model)
        return recalled(draft, entry, part, own, card)

    return recall


def test_each_part_leaves_the_rest_alone(recall: Recall) -> None:
    draft = Draft(
        model="seedream-4.5",
        prompt="a crow",
        values={"seedream-4.5": {"seed": 1, "size": "2048x2048"}},
    )
    found = {part: recall(draft, part) for part in ("all", "prompt", "seed", "remix", "size")}
    facts = {
        part: (d.prompt, d.own_values.get("seed"), d.own_values.get("size"), d.parent)
        for part, d in found.items()
    }
    assert facts == {
        "all": ("a fox", 7, "2304x1728", ENTRY.id),
        "prompt": ("a fox", 1, "2048x2048", ENTRY.id),
        "seed": ("a crow", 7, "2048x2048", ENTRY.id),
        "remix": ("a fox", None, "2304x1728", ENTRY.id),
        "size": ("a crow", 1, "2304x1728", ENTRY.id),
    }
    model = recall(replace(draft, model="glm-image"), "model")
    assert (model.model, model.prompt, model.parent) == ("seedream-4.5", "a crow", "")


def test_what_the_endpoint_says_stands_in_for_what_was_not_sent(recall: Recall) -> None:
    image = replace(DONE.images[0], seed=99, width=4096, height=2048)
    entry = replace(ENTRY, parameters={}, images=(image,))
    draft = Draft(model="seedream-4.5")
    assert recall(draft, "seed", entry).own_values == {"seed": 99}
    assert recall(draft, "size", entry).own_values == {"size": "4096x2048"}


@pytest.mark.parametrize(("part", "words"), [("seed", "No seed"), ("size", "No size")])
def test_what_is_not_known_is_said(recall: Recall, part: Part, words: str) -> None:
    entry = replace(ENTRY, parameters={}, images=())
    with pytest.raises(NothingToRecall, match=words):
        recall(Draft(model="seedream-4.5"), part, entry)


@pytest.mark.parametrize("part", ["seed", "size"])
def test_a_model_without_such_a_parameter_is_told(recall: Recall, part: Part) -> None:
    with pytest.raises(NothingToRecall, match=f"takes no {part}"):
        recall(Draft(model="glm-image"), part)
