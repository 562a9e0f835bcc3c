"""What a form shows of the references of a draft."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import count
from pathlib import Path
from typing import Literal, TypeAlias

from msgspec import Struct

from tui.catalog.card import ModelCard
from tui.generation.reference_desk import ReferenceState, Way, mask_problem
from tui.generation.reference_words import changed_words, sent_words
from tui.generation.references import DraftReference, takes_references
from tui.history.entry import count_references
from tui.history.wording import file_size

Tone: TypeAlias = Literal["quiet", "doubtful", "bad"]

ADD_HELP = (
    "Pictures for the model to go by. Enter chooses files; they may be pasted or dropped here, too."
)
_PENDING, _FETCHING = "preparing…", "fetching…"
_TELLS_PLACE = "It tells where it was taken."


class Slot(Struct, frozen=True):
    """A reference as a form shows it. Its texts may hold outside text."""

    name: str
    number: str
    """What it goes by in the request: its number, or that it is the mask."""
    facts: str = ""
    """What is sent, or that it is being made ready; empty where it cannot be sent."""
    few_facts: str = ""
    """The same for where there is less room."""
    remark: str = ""
    """What to know of it: a sentence, or what it was told to be."""
    tone: Tone = "quiet"
    """Of the remark."""
    help: str = ""
    """What was done to it."""
    is_pending: bool = False
    file: Path | None = None
    """What would be sent, where it is a file."""
    sha256: str = ""


class Slots(Struct, frozen=True):
    """The references of a draft as a form shows them."""

    slots: tuple[Slot, ...] = ()
    title: str = ""
    """How many there are, and of how many."""
    note: str = ""
    """What to know of them all, as a sentence."""
    is_taken: bool = True
    """Whether the model takes references."""
    takes_masks: bool = False
    """Whether the endpoint takes a mask beside them."""


def numbers_of(references: Iterable[DraftReference]) -> tuple[str, ...]:
    """What each goes by in the request: its number, or that it is the mask."""
    numbers = count(1)
    return tuple("mask" if each.is_mask else str(next(numbers)) for each in references)


def reference_slots(states: Sequence[ReferenceState], card: ModelCard, way: Way = "any") -> Slots:
    """What a form shows of references, of which `states` are known, for the model of `card` and an
    endpoint that takes them that `way`.
    """
    references = [state.reference for state in states]
    numbers, held = numbers_of(references), count_references(references)
    if not takes_references(card):
        stay = "this one stays" if len(states) == 1 else f"these {len(states)} stay"
        note = f"{card.name} takes no references; {stay} for the next model."
        return Slots(
            tuple(map(Slot, (each.name for each in references), numbers)),
            title=str(held),
            note=note if states else f"{card.name} takes no references.",
            is_taken=False,
        )
    most = card.references.max if card.references is not None else None
    note = mask_problem(states)
    if most is not None and held > most:
        note = f"{card.name} takes {most} at most: take {held - most} away."
    title = f"{held} of {most}" if most is not None else str(held)
    slots = tuple(map(_slot, states, numbers))
    return Slots(slots, title, note, takes_masks=way == "file")


def _slot(state: ReferenceState, number: str) -> Slot:
    reference, prepared = state.reference, state.prepared
    name, treatment = reference.name, reference.treatment
    if state.problem:
        return Slot(name, number, remark=state.problem, tone="bad", help=state.problem)
    if state.is_sent_as_address:
        help = "The address itself is sent, and the endpoint fetches what lies there."
        return Slot(name, number, "sent as an address", help=help)
    if prepared is None:
        facts = _FETCHING if reference.is_address else _PENDING
        return Slot(name, number, facts, is_pending=True, help=facts)
    remark = "" if treatment == "fitted" else str(treatment)
    help = changed_words(prepared)
    if prepared.changes:
        width, height = prepared.from_size
        help = f"{help} It was {width}×{height}, {file_size(prepared.from_bytes)}."
    if prepared.tells_place:
        remark = f"{treatment}; {_TELLS_PLACE[0].lower()}{_TELLS_PLACE[1:]}"
        help = f"Nothing was removed. {_TELLS_PLACE}"
    if state.objection:
        remark = state.objection
        help = f"{state.objection} {help}"
    return Slot(
        name,
        number,
        sent_words(prepared),
        f"{prepared.width}×{prepared.height}, {file_size(prepared.bytes)}",
        remark,
        "doubtful" if prepared.tells_place or state.objection else "quiet",
        help,
        file=prepared.file,
        sha256=prepared.sha256,
    )
