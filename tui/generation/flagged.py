"""A draft whose prompt ends in flags, and what it amounts to without them."""

from __future__ import annotations

from msgspec.structs import replace

from tui.catalog.card import Parameter
from tui.catalog.flags import Meaning, names_known, read_flags, split_flags, without_flags
from tui.catalog.loading import Catalogue
from tui.generation.draft import Draft


def follow_flags(
    draft: Draft, catalogue: Catalogue, *, count: Parameter | None = None
) -> tuple[Draft, tuple[Meaning, ...]]:
    """`draft` with the flags of its prompt moved into its parameters, and what each means.

    `count` is what `--n` sets where a model takes no number of images; None: nothing.
    Those that cannot be followed are left out; their meanings say why. Without flags it is
    `draft` itself, but for a `--` that kept words from being flags.
    """
    if not _may_have_flags(draft.prompt):
        return draft, ()
    card = catalogue.card(draft.model)
    flagged = split_flags(draft.prompt, names_known(catalogue, card).__contains__)
    reading = read_flags(flagged.flags, catalogue, card, draft.own_values, count)
    moved = replace(draft.with_model(reading.card), prompt=flagged.prompt + reading.suffix)
    for name, value in reading.values.items():
        moved = moved.with_value(name, value)
    return (draft if moved == draft else moved), reading.meanings


def as_written(prompt: str, catalogue: Catalogue, model: str) -> str:
    """What an editor holds for a `prompt` that was sent, so that it is sent again as it is."""
    if not _may_have_flags(prompt):
        return prompt
    return without_flags(prompt, names_known(catalogue, catalogue.card(model)).__contains__)


def _may_have_flags(prompt: str) -> bool:
    """Asked after each keystroke, and hardly ever true."""
    return "--" in prompt or "—" in prompt
