"""Entries of history taken into the draft, whole or in part; each can be undone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial

from msgspec.structs import replace
from textual.screen import Screen
from textual.worker import Worker

from tui.generation.flagged import as_written
from tui.generation.recall import NothingToRecall, Part, recalled
from tui.history.entry import Entry
from tui.screens.drafting import Drafting
from tui.screens.entries import Entries, Refused
from tui.screens.shown_entry import ShownEntry
from tui.screens.undo import Step
from tui.text import one_line

_GROUP = "load"
"""The group of workers that change the draft."""


class Recalling:
    """Takes in one after the other."""

    def __init__(
        self,
        screen: Screen[None],
        drafting: Drafting,
        entries: Entries,
        shown: ShownEntry,
        *,
        done: Callable[[Step], object],
    ) -> None:
        """`done` gets what can be undone."""
        self._screen = screen
        self._drafting = drafting
        self._entries = entries
        self._shown = shown
        self._done = done
        self._loading = asyncio.Lock()

    @property
    def under_way(self) -> list[Worker[None]]:
        """What has yet to come into the draft."""
        screen = self._screen
        loads = [each for each in screen.workers if each.group == _GROUP and each.node is screen]
        return [each for each in loads if not each.is_finished]

    def load(self, entry_id: str) -> None:
        """Take all of an entry into the draft, and show its picture."""
        self._begin(self._load(entry_id))

    def recall(self, entry_id: str, part: Part) -> None:
        """Take a part of an entry into the draft."""
        self._begin(self._recall(entry_id, part))

    def _begin(self, work: Coroutine[None, None, None]) -> None:
        self._screen.run_worker(
            work, group=_GROUP, description="Loads an entry", exit_on_error=False
        )

    async def _load(self, entry_id: str) -> None:
        async with self._loading:
            if (entry := await self._entry(entry_id)) is not None:
                self._shown.stay()
                await self._take_over(entry, "all")
                self._shown.show(entry)

    async def _recall(self, entry_id: str, part: Part) -> None:
        async with self._loading:
            if (entry := await self._entry(entry_id)) is not None:
                await self._take_over(entry, part)

    async def _entry(self, entry_id: str) -> Entry | None:
        """The entry of that id; says so where there is none any more."""
        try:
            return await self._entries.read(entry_id)
        except Refused as refusal:
            text = one_line(str(refusal), limit=300)
            self._screen.notify(text, title="Not loaded", severity="warning")
            return None

    async def _take_over(self, entry: Entry, part: Part) -> None:
        drafting = self._drafting
        catalogue, before = drafting.catalogue, drafting.written
        card = catalogue.card(entry.model)
        try:
            draft = recalled(before, entry, part, drafting.card, card)
        except NothingToRecall as problem:
            self._screen.notify(one_line(str(problem), limit=300), severity="warning")
            return
        if draft.prompt != before.prompt:
            draft = replace(draft, prompt=as_written(draft.prompt, catalogue, draft.model))
        drafting.touch()
        self._done(Step("what was loaded", partial(drafting.put, before)))
        await drafting.put(draft)
