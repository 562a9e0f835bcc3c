"""The catalogue as one endpoint has it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tui.api.public_models import PublicField, PublicModel
from tui.catalog.loading import Catalogue, load_catalogue
from tui.catalog.validation import check, request_fields
from tui.generation.draft import Draft
from tui.generation.live_catalogue import MOST_CARDS, SHORT, live_catalogue, looks_like_images
from tui.generation.model_offers import Offers

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
BUNDLED = load_catalogue(Path("no user's cards"))
CHAT = [f"chat-{number}" for number in range(SHORT)]
FLUX = PublicModel(
    "flux-2-pro",
    "FLUX 2 Pro",
    makes_images=True,
    fields=(PublicField("steps", "integer", "How long", 28, minimum=1, maximum=50),),
)


def offers(*listed: str, public: tuple[PublicModel, ...] | None = None) -> Offers:
    return Offers(NOON, listed or None, public)


def live(*listed: str, public: tuple[PublicModel, ...] | None = None) -> Catalogue:
    return live_catalogue(BUNDLED, offers(*listed, public=public))


@pytest.mark.parametrize("nothing", [None, Offers(NOON), Offers(NOON, None, ())])
def test_without_an_answer_it_stays_as_it_was(nothing: Offers | None) -> None:
    assert live_catalogue(BUNDLED, nothing) == BUNDLED
    assert BUNDLED.offers("seedream-4.5") is None


def test_a_card_goes_by_the_id_that_the_endpoint_lists() -> None:
    catalogue = live("seedream-4-5-251128", "GLM-Image", "kling-image-o1", "kling/kling-image-o1")
    for listed, own in [("seedream-4-5-251128", "seedream-4.5"), ("GLM-Image", "glm-image")]:
        card = catalogue.card(own)
        assert (card.id, card.name) == (listed, BUNDLED.card(own).name)
        assert catalogue.find(listed) is card
        assert catalogue.offers(card.id) is True
        request = Draft(own, "a fox").under(catalogue).request("studio", card)
        assert request.model == listed
    # What it lists by the card's own id is asked for by that.
    assert catalogue.card("kling/kling-image-o1").id == "kling-image-o1"


def test_entries_of_either_name_find_the_card() -> None:
    catalogue = live("seedream-4-5-251128")
    for alias in (*BUNDLED.card("seedream-4.5").aliases, "seedream-4.5", "SEEDREAM-4.5"):
        assert catalogue.card(alias).name == "Seedream 4.5"


def test_what_is_offered_comes_first_and_the_order_stays() -> None:
    catalogue = live("glm-image", "gpt-image-2", "seedream-4.0", *CHAT)
    ids = list(catalogue.cards)
    assert ids[:3] == ["seedream-4.0", "glm-image", "gpt-image-2"]
    assert ids[3:] == [id for id in BUNDLED.cards if id not in ids[:3]]
    assert [catalogue.offers(id) for id in ids] == [True] * 3 + [False] * (len(ids) - 3)
    assert catalogue.offers("chat-1") is True


def test_a_model_that_only_the_public_catalogue_describes_gets_its_fields() -> None:
    catalogue = live("Flux-2-Pro", *CHAT, public=(FLUX,))
    card = catalogue.card("flux-2-pro")
    assert (card.id, card.name, card.price, card.open) == ("Flux-2-Pro", "FLUX 2 Pro", None, False)
    assert [parameter.name for parameter in card.parameters] == ["steps"]
    assert card.starting_values() == {"steps": 28}
    # What the endpoint takes by itself is shown, and not sent.
    assert request_fields(card, {}) == {}
    assert [found.parameter for found in check(card, "a fox", {"steps": 51})] == ["steps"]
    assert "flux-2-pro" not in live(*CHAT, public=(FLUX,)).cards


def test_without_a_list_the_public_catalogue_is_followed_and_nothing_is_said_to_be_missing() -> (
    None
):
    talks = PublicModel("chat-1")
    catalogue = live(public=(FLUX, talks))
    assert "flux-2-pro" in catalogue.cards
    assert "chat-1" not in catalogue.cards
    assert {catalogue.offers(id) for id in catalogue.cards} == {None}


def test_of_a_long_list_what_looks_like_images_is_shown() -> None:
    public = (PublicModel("picasso", makes_images=True), PublicModel("image-captioner"))
    catalogue = live("picasso", "image-captioner", "qwen-image-edit", *CHAT, public=public)
    new = [card for id, card in catalogue.cards.items() if id not in BUNDLED.cards]
    assert [card.id for card in new] == ["picasso", "qwen-image-edit"]
    assert all(card.open and card.price is None for card in new)


def test_all_of_a_short_list_is_shown() -> None:
    catalogue = live("sd-cpp-local", "my-finetune")
    assert list(catalogue.cards)[:2] == ["sd-cpp-local", "my-finetune"]
    assert len(live(*CHAT).cards) == len(BUNDLED.cards) + SHORT
    assert len(live(*CHAT, "chat-x").cards) == len(BUNDLED.cards)


def test_a_list_without_end_does_not_fill_the_menu() -> None:
    catalogue = live(*(f"flux-{number}" for number in range(5000)))
    assert len(catalogue.cards) == len(BUNDLED.cards) + MOST_CARDS
    assert catalogue.offers("flux-4999") is True


@pytest.mark.parametrize(
    "id",
    ["gpt-image-1", "dall-e-3", "flux.1-dev", "black-forest-labs/FLUX.2-pro", "sd3.5-large",
     "sdxl", "stable-diffusion-xl", "imagen-4.0", "gemini-2.5-flash-image", "wan2.2-t2i-flash",
     "Qwen/Qwen-Image", "hunyuanimage-3", "nano-banana-2", "grok-imagine", "sd-cpp-local"],
)  # fmt: skip
def test_an_id_that_looks_like_images_is_seen(id: str) -> None:
    assert looks_like_images(id)


@pytest.mark.parametrize(
    "id",
    ["gpt-5", "claude-opus", "seedance-2.0", "kling-video-o1", "text-embedding-3", "whisper-1",
     "image-embeddings", "qwen-vision", "image-to-video-2", "fluxion"],
)  # fmt: skip
def test_an_id_that_does_not_is_not(id: str) -> None:
    assert not looks_like_images(id)


def test_bundled_cards_keep_every_word_and_gain_what_they_say_nothing_of() -> None:
    said = PublicModel(
        "seedream-4-5-251128",
        "Another Name",
        makes_images=True,
        takes_images=True,
        most_images_in=99,
        fields=(
            PublicField("size", "string", choices=("64x64",)),
            PublicField("n", "integer", minimum=1, maximum=4),
            PublicField("sequential_image_generation_options", "string"),
            PublicField("response_format", "string"),
            PublicField("style", "string", "In words", choices=("photo", "ink"), default="photo"),
        ),
    )
    before, after = (
        BUNDLED.card("seedream-4.5"),
        live("seedream-4.5", public=(said,)).card("seedream-4.5"),
    )
    assert after.parameters[:-1] == before.parameters
    assert replace(after, parameters=()) == replace(before, parameters=())
    style = after.parameters[-1]
    assert (style.name, style.choices, style.default) == ("style", ("photo", "ink"), "photo")
    assert "style" not in request_fields(after, {})


def test_a_users_card_keeps_its_meaning(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text('id = "glm-image"\nname = "Mine"\n')
    (tmp_path / "flux.toml").write_text('id = "flux"\naliases = ["flux-2-pro"]\nprompt_limit = 9\n')
    base = load_catalogue(tmp_path)
    said = replace(FLUX, id="glm-image")
    catalogue = live_catalogue(base, offers("glm-image", "flux-2-pro", public=(said, FLUX)))
    assert catalogue.card("glm-image") == base.card("glm-image")
    assert catalogue.card("flux-2-pro") == replace(
        base.card("flux"), id="flux-2-pro", aliases=("flux",)
    )
    assert catalogue.own == {"glm-image", "flux-2-pro"}


def test_the_draft_follows_the_ids_and_loses_nothing() -> None:
    catalogue = live("seedream-4-5-251128", "glm-image")
    values = {
        "seedream-4-5-251128": {"seed": 1},
        "seedream-4.5": {"seed": 2},
        "kling-image-o1": {"n": 3},
    }
    draft = Draft("seedream-4.5", "a fox", values).under(catalogue)
    assert draft.model == "seedream-4-5-251128"
    assert draft.own_values == {"seed": 2}
    assert draft.values["kling-image-o1"] == {"n": 3}
    back = draft.under(BUNDLED)
    assert (back.model, back.prompt) == ("seedream-4.5", "a fox")
    assert back.own_values == {"seed": 2}
    assert Draft("flux").under(catalogue).model == "flux"


known_names = [name for card in BUNDLED.cards.values() for name in (card.id, *card.aliases)]
ids = st.one_of(
    st.sampled_from(known_names),
    st.sampled_from(known_names).map(str.upper),
    st.text(min_size=1, max_size=12),
)
scalars = st.one_of(st.text(max_size=6), st.integers(), st.floats(allow_nan=False), st.booleans())
fields = st.builds(
    PublicField,
    name=st.sampled_from(["size", "n", "seed", "style", "strength", "model", "prompt", "steps"]),
    kind=st.sampled_from(["string", "integer", "number", "boolean", ""]),
    help=st.text(max_size=5),
    default=st.none() | scalars,
    choices=st.lists(scalars, max_size=4).map(tuple),
    minimum=st.none() | st.integers() | st.floats(allow_nan=False, allow_infinity=False),
    maximum=st.none() | st.integers() | st.floats(allow_nan=False, allow_infinity=False),
    step=st.none() | st.integers(),
)
public_models = st.builds(
    PublicModel,
    id=ids,
    name=st.text(max_size=5),
    makes_images=st.booleans(),
    takes_images=st.booleans(),
    most_images_in=st.none() | st.integers(1, 99),
    fields=st.lists(fields, max_size=5, unique_by=lambda field: field.name).map(tuple),
)


@given(st.none() | st.lists(ids, min_size=1, max_size=20), st.lists(public_models, max_size=5))
def test_whatever_is_offered_every_card_can_be_used(
    listed: list[str] | None, public: list[PublicModel]
) -> None:
    said = Offers(NOON, None if listed is None else tuple(listed), tuple(public))
    catalogue = live_catalogue(BUNDLED, said)
    for id, card in catalogue.cards.items():
        assert card.id == id
        assert catalogue.find(id) is card
        # Its own default is legal, and not sent.
        assert not check(card, "a fox", card.starting_values())
        assert request_fields(card, {}).keys() <= {
            parameter.name for parameter in card.parameters if parameter.always
        }
    for name in known_names:
        found = catalogue.find(name)
        assert found is not None
        assert found.name == BUNDLED.card(name).name
    for id in listed or ():
        assert catalogue.offers(id) is True
