"""The draft: what the studio would send now."""

from __future__ import annotations

from collections.abc import Mapping
from random import SystemRandom

from msgspec import Struct
from msgspec.structs import replace

from tui.catalog.card import ModelCard
from tui.catalog.loading import Catalogue
from tui.catalog.validation import Violation, check, form_values, request_fields
from tui.config import JSON
from tui.generation.request import GenerationRequest
from tui.history.entry import Entry, EntryReference

LARGEST_SEED = 999_999
"""Drawn seeds are short enough to be read, said and typed; every known server takes them."""


class Draft(Struct, frozen=True):
    """Model, prompt and parameter values; values are kept for every model that was set up."""

    model: str
    prompt: str = ""
    values: dict[str, dict[str, JSON]] = {}
    """Values that were set, by model and parameter name."""
    references: tuple[EntryReference, ...] = ()
    parent: str = ""
    """Id of the entry the draft was loaded from."""

    def with_value(self, name: str, value: JSON) -> Draft:
        """The draft with one parameter of its model set; None leaves it to the model again."""
        own = {**self.own_values, name: value}
        if value is None:
            del own[name]
        return replace(self, values={**self.values, self.model: own})

    @property
    def own_values(self) -> dict[str, JSON]:
        """What was set for the draft's model."""
        return self.values.get(self.model, {})

    def violations(self, card: ModelCard) -> tuple[Violation, ...]:
        """What `card` has against sending the draft."""
        return check(card, self.prompt, self.own_values, len(self.references))

    def request(self, endpoint: str, card: ModelCard) -> GenerationRequest:
        """The request the draft amounts to, with a seed drawn where the model takes one."""
        return GenerationRequest(
            endpoint=endpoint,
            model=card.id,
            prompt=self.prompt,
            parameters=request_fields(card, with_seed(card, self.own_values)),
            references=self.references,
            parent=self.parent,
        )


def first_draft(
    catalogue: Catalogue, model: str, defaults: Mapping[str, Mapping[str, JSON]]
) -> Draft:
    """An empty draft for `model`, with the configured `defaults` by model id or alias."""
    values = {catalogue.card(name).id: dict(values) for name, values in defaults.items()}
    return Draft(model=catalogue.card(model).id, values=values)


def with_seed(card: ModelCard, values: dict[str, JSON]) -> dict[str, JSON]:
    """`values` with a random seed where `card` takes one and none is set.

    It is drawn here and sent, so that the picture can be made again. A model that nobody described
    may refuse a field it was not asked for, and gets none.
    """
    if card.open:
        return values
    for parameter in card.parameters:
        if parameter.role == "seed" and values.get(parameter.name) is None:
            largest = min(int(parameter.maximum or LARGEST_SEED), LARGEST_SEED)
            return {**values, parameter.name: SystemRandom().randint(0, largest)}
    return values


def loaded(draft: Draft, entry: Entry, card: ModelCard) -> Draft:
    """`draft` with the model, prompt, parameters and references of `entry`."""
    values = form_values(card, entry.parameters)
    return replace(
        draft,
        model=card.id,
        prompt=entry.prompt,
        values={**draft.values, card.id: values},
        references=entry.references,
        parent=entry.id,
    )
