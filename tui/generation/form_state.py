"""What a form shows of a draft."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from tui.catalog.card import ModelCard
from tui.catalog.loading import Catalogue
from tui.catalog.validation import Violation
from tui.config import JSON
from tui.generation.counts import Sharing, form_card
from tui.generation.draft import Draft
from tui.generation.kept_values import kept_values
from tui.generation.seeds import SeedMode


class FormState(Struct, frozen=True):
    """The parameters of a draft, for the card of its model."""

    card: ModelCard
    """As `form_card` has it."""
    values: dict[str, JSON] = {}
    """What was set, by parameter name."""
    extras: dict[str, JSON] = {}
    """Those that the card does not list."""
    seed_mode: SeedMode = "random"
    last_seed: int | None = None
    """The seed that was last sent to the model."""
    violations: tuple[Violation, ...] = ()
    kept: tuple[str, ...] = ()
    """Sentences about values that wait for another model."""
    sharing: Sharing = Sharing()


def form_state(
    draft: Draft, card: ModelCard, catalogue: Catalogue, violations: Sequence[Violation] = ()
) -> FormState:
    """What a form shows of `draft`, against which there are `violations`."""
    return FormState(
        card=form_card(card),
        values=draft.form_values,
        extras=draft.extras(card),
        seed_mode=draft.seed_mode(card),
        last_seed=draft.sent_seeds.get(draft.model),
        violations=tuple(violations),
        kept=kept_values(draft, card, catalogue),
        sharing=draft.sharing(card),
    )
