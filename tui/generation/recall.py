"""What the draft takes over from an entry of history."""

from __future__ import annotations

from typing import Literal

from msgspec.structs import replace

from tui.catalog.card import ModelCard
from tui.generation.draft import Draft, loaded
from tui.generation.seeds import seed_parameter
from tui.history.entry import Entry

Part = Literal["all", "prompt", "seed", "remix", "size", "model"]
"""`remix` is all but the seed."""


class NothingToRecall(Exception):
    """The entry has no such part, or the draft's model has no place for it; the text says why."""


def recalled(draft: Draft, entry: Entry, part: Part, own: ModelCard, card: ModelCard) -> Draft:
    """`draft`, which is for the model of `own`, with a part of `entry`, which `card` made.

    A value that the draft's model cannot take is taken over as it is: the form says what is wrong,
    and has the nearest that can be. What is sent then has the entry as its parent, unless it was
    asked for nothing but the model. Raises NothingToRecall.
    """
    match part:
        case "all":
            return loaded(draft, entry, card)
        case "remix":
            return loaded(draft, entry, card).with_seed_mode(card, "random")
        case "prompt":
            return replace(draft, prompt=entry.prompt, parent=entry.id)
        case "model":
            return draft.with_model(card)
        case "seed":
            return _with_seed(draft, entry, own)
        case "size":
            return _with_size(draft, entry, own)


def _with_seed(draft: Draft, entry: Entry, own: ModelCard) -> Draft:
    parameter = seed_parameter(own)
    seed = entry.parameters.get("seed")
    if seed is None and entry.images:
        seed = entry.images[0].seed
    if seed is None:
        raise NothingToRecall("No seed is known of this entry.")
    if parameter is None:
        raise NothingToRecall(f"{own.name} takes no seed.")
    return replace(
        draft.with_seed_mode(own, "random").with_value(parameter.name, seed), parent=entry.id
    )


def _with_size(draft: Draft, entry: Entry, own: ModelCard) -> Draft:
    parameter = next((found for found in own.parameters if found.kind == "size"), None)
    size = entry.parameters.get("size")
    if size is None and entry.images:
        size = f"{entry.images[0].width}x{entry.images[0].height}"
    if size is None:
        raise NothingToRecall("No size is known of this entry.")
    if parameter is None:
        raise NothingToRecall(f"{own.name} takes no size.")
    return replace(draft.with_value(parameter.name, size), parent=entry.id)
