"""Values that were set for other models, and that the chosen one has no parameter for."""

from __future__ import annotations

from tui.catalog.card import ModelCard, Parameter
from tui.catalog.loading import Catalogue
from tui.catalog.validation import written
from tui.generation.draft import Draft

_MOST_NAMED = 2


def kept_values(draft: Draft, card: ModelCard, catalogue: Catalogue) -> tuple[str, ...]:
    """A sentence for each value that waits for another model, the one last set first."""
    waiting: dict[str, list[str]] = {}
    for model, values in reversed(draft.values.items()):
        other = catalogue.card(model)
        for name, value in values.items():
            parameter = other.parameter(name)
            if value is None or parameter is None or _has(card, draft, parameter):
                continue
            what = f"{parameter.label} {written(parameter, value)}"
            reason = f"{card.name} has no {parameter.label.lower()}"
            waiting.setdefault(f"{what}: {reason}; kept for ", []).append(other.name)
    return tuple(f"{sentence}{_listed(models)}" for sentence, models in waiting.items())


def _has(card: ModelCard, draft: Draft, parameter: Parameter) -> bool:
    """Whether the model of `card` can be given it; a number of images can each."""
    name = parameter.name
    is_there = card.parameter(name) is not None or name in draft.own_values
    return is_there or parameter.role == "count"


def _listed(models: list[str]) -> str:
    more = len(models) - _MOST_NAMED
    names = models[:_MOST_NAMED] if more <= 0 else [models[0], f"{more + 1} more"]
    return " and ".join(names)
