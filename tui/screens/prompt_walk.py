"""Earlier prompts in the editor, one step after the other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeAlias

from textual.screen import Screen

from tui.history.desk import HistoryDesk
from tui.history.prompts import EarlierPrompts
from tui.screens.drafting import Drafting
from tui.text import one_line

Take: TypeAlias = Callable[[str], str | None]
"""Takes a step from what the editor shows; None where it leads nowhere."""


class PromptWalk:
    """Takes one step at a time, in threads."""

    def __init__(self, screen: Screen[None], drafting: Drafting, desk: HistoryDesk) -> None:
        self._screen = screen
        self._drafting = drafting
        self._earlier = EarlierPrompts(desk, drafting.as_written)
        self._walking = asyncio.Lock()

    def older(self) -> None:
        """Have the prompt before the one in the editor."""
        self._begin(self._earlier.older)

    def newer(self) -> None:
        """Have the prompt after the one in the editor, at last the draft."""
        self._begin(self._earlier.newer)

    def _begin(self, take: Take) -> None:
        self._screen.run_worker(
            self._step(take),
            group="prompts",
            description="Reads earlier prompts",
            exit_on_error=False,
        )

    async def _step(self, take: Take) -> None:
        async with self._walking:
            editor = self._drafting.editor
            shown = editor.text
            try:
                found = await asyncio.to_thread(take, shown)
            except OSError as error:
                text = f"Earlier prompts cannot be read: {error.strerror or error}."
                self._screen.notify(one_line(text, limit=300), severity="warning")
                return
            # What was typed meanwhile is the draft.
            if found is not None and editor.text == shown:
                editor.put(found)
