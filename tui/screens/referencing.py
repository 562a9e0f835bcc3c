"""The input images of the draft: which there are, and what becomes of each."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from msgspec.structs import replace
from textual.screen import Screen

from tui.catalog.card import ModelCard
from tui.generation.draft import Draft
from tui.generation.reference_desk import ReferenceDesk, ReferenceState, Way
from tui.generation.reference_slots import Slots, reference_slots
from tui.generation.references import DraftReference
from tui.history.entry import EntryReference, count_references
from tui.screens.drafting import Drafting

_MOST_REMOVED = 20
"""References that were let go of, and can be brought back."""


class Referencing:
    """Changes the references of the draft, and has them made ready for its model."""

    def __init__(
        self, screen: Screen[None], drafting: Drafting, desk: ReferenceDesk, way: Callable[[], Way]
    ) -> None:
        """`way` is how the endpoint in use takes references."""
        self._screen = screen
        self._drafting = drafting
        self._desk = desk
        self._way = way
        self._followed: object = None
        self._removed: list[tuple[int, DraftReference]] = []
        """Those that were let go of, with where they stood; the last one last."""

    @property
    def states(self) -> tuple[ReferenceState, ...]:
        """What is known of each reference of the draft, in order."""
        return self.states_of(self._drafting.draft, self._drafting.card)

    @property
    def slots(self) -> Slots:
        """The references of the draft as the form shows them."""
        return reference_slots(self.states, self._drafting.card, self._way())

    @property
    def can_undo(self) -> bool:
        """Whether one was let go of that `undo` brings back."""
        return bool(self._removed)

    def states_of(self, draft: Draft, card: ModelCard) -> tuple[ReferenceState, ...]:
        """What is known of the references of `draft` for the model of `card`."""
        return tuple(self._desk.state(each, card, self._way()) for each in draft.references)

    def follow(self) -> None:
        """Have what the draft holds made ready for its model, unless that was begun already."""
        drafting = self._drafting
        wanted = (drafting.draft.references, drafting.card, self._way())
        if wanted == self._followed:
            return
        self._followed = wanted
        for reference in drafting.draft.references:
            self._prepare(reference)

    def fitting(self, references: Iterable[DraftReference]) -> tuple[DraftReference, ...]:
        """Those that would be added."""
        return self._with(references)[0][len(self._drafting.draft.references) :]

    def add(self, references: Iterable[DraftReference]) -> str:
        """Put more of them behind the others; why not all could be, or nothing."""
        held, problem = self._with(references)
        self._hold(held)
        return problem

    def _with(self, references: Iterable[DraftReference]) -> tuple[tuple[DraftReference, ...], str]:
        """The references of the draft with more of them; why not with all, or nothing."""
        held, card = list(self._drafting.draft.references), self._drafting.card
        most = card.references.max if card.references is not None else None
        problem = ""
        for reference in references:
            same = next((n for n, each in enumerate(held, 1) if _is_same(each, reference)), None)
            if same is not None:
                problem = f"{reference.name} is reference {same} already."
            elif most is not None and count_references(held) >= most:
                problem = f"{card.name} takes {most} references at most."
                break
            else:
                held.append(reference)
        return tuple(held), problem

    def remove(self, index: int) -> None:
        """Let go of the reference at `index`."""
        held = list(self._drafting.draft.references)
        reference = held.pop(index)
        self._desk.forget(reference)
        self._removed = [*self._removed[1 - _MOST_REMOVED :], (index, reference)]
        self._hold(held)

    def undo(self) -> int:
        """Have the reference again that was let go of last; its index, -1 for none."""
        if not self._removed:
            return -1
        index, reference = self._removed.pop()
        held = list(self._drafting.draft.references)
        there = next((n for n, each in enumerate(held) if _is_same(each, reference)), None)
        if there is None:
            there = min(index, len(held))
            held.insert(there, reference)
        self._hold(held)
        # What can be brought back is another one, even where the draft stays as it is.
        self._drafting.follow()
        return there

    def move(self, index: int, to: int) -> None:
        """Put the reference at `index` where the one at `to` is, which makes room."""
        held = list(self._drafting.draft.references)
        held.insert(min(max(to, 0), len(held) - 1), held.pop(index))
        self._hold(held)

    def change(self, index: int, reference: DraftReference) -> None:
        """Have another one at `index`."""
        held = list(self._drafting.draft.references)
        held[index] = reference
        self._hold(held)

    def retry(self, index: int) -> None:
        """Make the reference at `index` ready anew."""
        reference = self._drafting.draft.references[index]
        self._desk.forget(reference)
        self._drafting.follow()
        self._prepare(reference)

    async def ready(self, draft: Draft, card: ModelCard) -> tuple[ReferenceState, ...]:
        """What became of the references of `draft`, once nothing is being done for them."""
        way = self._way()
        return tuple([await self._desk.prepare(each, card, way) for each in draft.references])

    async def kept(self, draft: Draft, card: ModelCard) -> tuple[EntryReference, ...]:
        """The references of `draft` as they are sent, copied to where they stay.

        Raises UnfitReference and OSError.
        """
        return await self._desk.keep(draft.references, card, self._way())

    def _hold(self, references: Iterable[DraftReference]) -> None:
        self._drafting.edit(replace(self._drafting.draft, references=tuple(references)))

    def _prepare(self, reference: DraftReference) -> None:
        self._screen.run_worker(
            self._prepare_and_show(reference, self._drafting.card),
            group="references",
            description="Makes a reference ready",
            exit_on_error=False,
        )

    async def _prepare_and_show(self, reference: DraftReference, card: ModelCard) -> None:
        await self._desk.prepare(reference, card, self._way())
        if self._screen.is_mounted and reference in self._drafting.draft.references:
            self._drafting.follow()


def _is_same(one: DraftReference, other: DraftReference) -> bool:
    return (one.file or one.name) == (other.file or other.name)
