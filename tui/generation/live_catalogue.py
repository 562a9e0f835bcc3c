"""The catalogue as one endpoint has it: its own ids, its own models, and what it does not offer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from tui.api.public_models import PublicModel
from tui.catalog.card import ModelCard
from tui.catalog.loading import Catalogue, free_form_card
from tui.generation.model_offers import Offers
from tui.generation.public_cards import described_card, enriched

SHORT = 12
"""A list of so many models is that of a server for pictures: all of them are shown."""
MOST_CARDS = 200
"""Of models that come from the endpoint alone; the rest can be had by their ids."""

_IMAGE_WORDS = re.compile(
    r"image|imagine|stable-?diffusion|dall-?e|seedream|seededit"
    r"|(?<![a-z])("
    r"img|t2i|txt2img|flux|sd(xl)?|kolors|hidream|ideogram|recraft|midjourney|banana|cogview|wanx"
    r"|kandinsky|pixart|playground|photon|sana|aura-?flow|janus"
    r")(?![a-z])"
)
_OTHER_WORDS = re.compile(
    r"(?<![a-z])(video|vision|embed[a-z]*|caption[a-z]*|rerank[a-z]*|tts|audio)(?![a-z])"
)


def live_catalogue(catalogue: Catalogue, offers: Offers | None) -> Catalogue:
    """`catalogue` with what `offers` says, the models on offer first; without it as it is.

    A card is sent by the id that the endpoint lists, and is found under its own id too. What the
    public catalogue says is added to bundled cards, never to the user's, and changes neither.
    """
    if offers is None or (offers.listed is None and not offers.public):
        return catalogue
    public = {model.id.casefold(): model for model in offers.public or ()}
    ids = _ids_to_send(catalogue, offers.listed or ())
    own = frozenset(ids.get(id, id) for id in catalogue.own)
    cards = []
    for card in catalogue.cards.values():
        sent_as = ids.get(card.id, card.id)
        model = _described(card, public)
        if model is not None and card.id not in catalogue.own:
            card = enriched(card, model)
        cards.append(card if sent_as == card.id else _renamed(card, sent_as))
    cards += _live_cards(catalogue, offers, public)
    listed = None if offers.listed is None else frozenset(offers.listed)
    live = Catalogue(problems=catalogue.problems, own=own, offered=listed)
    # Stable: those that are offered, and the others, each in the order that they had.
    cards.sort(key=lambda card: live.offers(card.id) is False)
    return replace(live, cards={card.id: card for card in cards})


def _ids_to_send(catalogue: Catalogue, listed: Sequence[str]) -> dict[str, str]:
    """The id that the endpoint lists, of each card that it lists by another name alone."""
    exact = catalogue.cards.keys() & set(listed)
    ids: dict[str, str] = {}
    for id in listed:
        card = catalogue.find(id)
        if card is not None and card.id not in exact:
            ids.setdefault(card.id, id)
    return ids


def _renamed(card: ModelCard, id: str) -> ModelCard:
    others = (alias for alias in card.aliases if alias != id)
    return replace(card, id=id, aliases=(card.id, *others))


def _described(card: ModelCard, public: dict[str, PublicModel]) -> PublicModel | None:
    names = (card.id, *card.aliases)
    return next((public[name.casefold()] for name in names if name.casefold() in public), None)


def _live_cards(
    catalogue: Catalogue, offers: Offers, public: dict[str, PublicModel]
) -> list[ModelCard]:
    """Cards of the models that no card describes, in the order of the endpoint's list."""
    found = _undescribed(catalogue, offers, public)
    return [card for card, _ in zip(found, range(MOST_CARDS), strict=False)]


def _undescribed(
    catalogue: Catalogue, offers: Offers, public: dict[str, PublicModel]
) -> Iterator[ModelCard]:
    ids = offers.listed or tuple(model.id for model in public.values())
    for id in ids:
        if catalogue.find(id) is not None:
            continue
        model = public.get(id.casefold())
        if model is not None:
            if model.makes_images:
                yield described_card(id, model)
        elif len(ids) <= SHORT or looks_like_images(id):
            yield free_form_card(id)


def looks_like_images(id: str) -> bool:
    """Whether a model makes pictures as far as its id tells."""
    folded = id.casefold()
    return bool(_IMAGE_WORDS.search(folded)) and not _OTHER_WORDS.search(folded)
