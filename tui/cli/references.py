"""The references of `darkroom generate`, made ready before anything is sent."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tui.api.results import ReferenceImage
from tui.catalog.card import ModelCard
from tui.catalog.validation import Violation
from tui.cli.exits import FAILED, complain, leave
from tui.config import Config, EndpointSettings
from tui.generation.clients import Clients
from tui.generation.draft import Draft
from tui.generation.reference_desk import (
    ReferenceDesk,
    ReferenceState,
    Way,
    fetching,
    mask_problem,
    way_of,
)
from tui.generation.reference_words import prepared_words
from tui.generation.references import read_reference
from tui.history.entry import EntryReference
from tui.history.store import HistoryStore
from tui.images.prepared import UnfitReference
from tui.paths import Paths


class References:
    """Those of one draft, for one model at one endpoint."""

    def __init__(
        self, draft: Draft, card: ModelCard, way: Way, desk: ReferenceDesk, clients: Clients
    ) -> None:
        self._draft = draft
        self._card = card
        self._way = way
        self._desk = desk
        self._clients = clients
        self._states: list[ReferenceState] = []

    def prepare(self) -> None:
        """Make all of them ready, or find out why that cannot be done."""
        if self._draft.sent_references(self._card):
            self._states = asyncio.run(self._prepared())

    async def _prepared(self) -> list[ReferenceState]:
        try:
            return [
                await self._desk.prepare(reference, self._card, self._way)
                for reference in self._draft.references
            ]
        finally:
            await self._clients.aclose()

    @property
    def problems(self) -> list[str]:
        """A sentence for each that cannot be sent."""
        return [
            f"references: {state.reference.name}: {state.problem}"
            for state in self._states
            if state.problem
        ] + [f"references: {problem}" for problem in [mask_problem(self._states)] if problem]

    @property
    def violations(self) -> list[Violation]:
        """What the model has against each of the others."""
        return [
            Violation("references", f"{state.reference.name}: {state.objection.rstrip('.')}")
            for state in self._states
            if state.objection
        ]

    def tell(self) -> None:
        """Say on standard error what was done to them."""
        for state in self._states:
            if state.prepared is not None and state.prepared.changes:
                complain(f"{state.reference.name}: {prepared_words(state.prepared)}")

    def images(self) -> list[ReferenceImage]:
        """What is sent."""
        try:
            return [
                ReferenceImage(url=state.reference.name)
                if state.prepared is None
                else read_reference(state.prepared.file, is_mask=state.reference.is_mask)
                for state in self._states
            ]
        except OSError as error:
            leave(f"{error.filename}: {error.strerror}; nothing was sent", FAILED)

    def named(self) -> tuple[EntryReference, ...]:
        """Those that would be sent, by name and content, and not kept."""
        return tuple(
            EntryReference(
                state.reference.name,
                state.prepared.sha256 if state.prepared else "",
                role=state.reference.role,
            )
            for state in self._states
        )

    def keep(self) -> tuple[EntryReference, ...]:
        """Those that are sent, with their copies in the data folder."""
        try:
            return asyncio.run(self._desk.keep(self._draft.references, self._card, self._way))
        except (UnfitReference, OSError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            leave(f"references: {reason}; nothing was sent", FAILED)


def find_references(
    draft: Draft,
    card: ModelCard,
    settings: EndpointSettings,
    *,
    endpoint: str,
    config: Config,
    paths: Paths,
    store: HistoryStore,
    folder: Path | None = None,
) -> References:
    """The references of `draft`; `folder` is where they lie until they are sent."""
    clients = Clients(config, paths)

    desk = ReferenceDesk(paths, store, fetching(clients, lambda: endpoint), folder=folder)
    return References(draft, card, way_of(settings), desk, clients)
