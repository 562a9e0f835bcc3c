"""A request: what the user wants made. Nothing is sent yet."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from tui.catalog.card import ModelCard
from tui.catalog.price import estimate, price_basis
from tui.config import DEMO, JSON
from tui.history.entry import Cost, Entry, EntryReference, count_references, new_id, now


class GenerationRequest(Struct, frozen=True):
    """Model, prompt, parameters and references, and the endpoint that shall get them."""

    endpoint: str
    model: str
    prompt: str
    parameters: Mapping[str, JSON] = {}
    """Request fields exactly as they shall be sent."""
    references: tuple[EntryReference, ...] = ()
    parent: str = ""
    """Id of the entry this was made from."""


def new_entry(request: GenerationRequest, card: ModelCard) -> Entry:
    """The queued entry of `request`, with its price by `card`."""
    created = now()
    return Entry(
        id=new_id(created),
        created=created,
        status="queued",
        endpoint=request.endpoint,
        model=request.model,
        prompt=request.prompt,
        parent=request.parent,
        parameters=dict(request.parameters),
        references=request.references,
        cost=expected_cost(request, card),
    )


def expected_cost(request: GenerationRequest, card: ModelCard) -> Cost | None:
    """What `request` will cost by `card`; None when the card has no price. A rehearsal is free."""
    if request.endpoint == DEMO:
        return Cost(0.0, "rehearsal")
    dollars = estimate(card, request.parameters, count_references(request.references))
    return None if dollars is None else Cost(dollars, price_basis(card) or "")
