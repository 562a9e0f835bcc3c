"""What the studio does to entries of history: edits, trash, copies; each can be undone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import TypeVar

from textual.screen import Screen

from tui.config import Config
from tui.history.desk import HistoryDesk
from tui.history.edits import as_before, common_tags, noted, rated, read_tags, starred, tagged
from tui.history.entry import Entry, UnreadableEntry
from tui.history.index_rows import row_of
from tui.screens.undo import Step, UndoSteps
from tui.text import Shown, one_line
from tui.widgets.choice_menu import ChoiceMenu
from tui.widgets.history_sidebar import HistorySidebar
from tui.widgets.steady import open_over
from tui.widgets.text_prompt import TextPrompt

COPIES = (Shown("Prompt"), Shown("Path of the picture"), Shown("Id"), Shown("curl command"))
TAGS_TITLE = Shown("Tags")
TAGS_HINT = Shown("Commas between them. Enter: keep")
NOTE_TITLE = Shown("Note")
NOTE_HINT = Shown("ctrl+j: keep")
Result = TypeVar("Result")


class _Failed(Exception):
    """Something could not be done; the text says why."""


class HistoryActions:
    """Changes entries through the desk, in threads, and has the list follow."""

    def __init__(
        self,
        screen: Screen[None],
        sidebar: Callable[[], HistorySidebar],
        desk: HistoryDesk,
        config: Callable[[], Config],
        undo: UndoSteps,
        clock: Callable[[], datetime],
    ) -> None:
        self._screen = screen
        self._sidebar = sidebar
        self._desk = desk
        self._config = config
        self._undo = undo
        self._clock = clock

    async def star(self, ids: Sequence[str]) -> None:
        """Star entries, or where all have a star, take it away."""
        entries = await self._read(ids)
        is_starred = not all(entry.starred for entry in entries)
        name = "star" if is_starred else "star taken away"
        await self._change(entries, partial(starred, is_starred=is_starred), name)

    async def rate(self, ids: Sequence[str], rating: int) -> None:
        """Rate entries."""
        name = f"rating {rating}" if rating else "rating taken away"
        await self._change(await self._read(ids), partial(rated, rating=rating), name)

    async def ask_tags(self, ids: Sequence[str]) -> None:
        """Let the user type the tags that all of the entries shall have."""
        entries = await self._read(ids)
        before = common_tags(entries)

        def typed(text: str | None) -> None:
            if text is not None and entries:
                tags = read_tags(text)
                gone = [tag for tag in before if tag not in tags]
                change = partial(tagged, add=tags, remove=gone)
                self.begin(self._change(entries, change, "tags"))

        if entries:
            prompt = TextPrompt(TAGS_TITLE, ", ".join(before), TAGS_HINT)
            open_over(self._sidebar(), prompt, typed)

    async def ask_note(self, ids: Sequence[str]) -> None:
        """Let the user write a note on an entry."""
        entries = await self._read(ids)

        def typed(text: str | None) -> None:
            if text is not None:
                self.begin(self._change(entries, partial(noted, note=text), "note"))

        if entries:
            prompt = TextPrompt(NOTE_TITLE, entries[0].note, NOTE_HINT, has_lines=True)
            open_over(self._sidebar(), prompt, typed)

    async def discard(self, ids: Sequence[str], under_way: Mapping[str, object]) -> None:
        """Move entries into the trash, but for those whose jobs are under way."""
        today = self._clock().date()
        wanted = [id for id in ids if id not in under_way]
        if len(wanted) < len(ids):
            self._tell("What is still under way cannot go to the trash.", is_bad=True)
        gone: list[str] = []
        for entry_id in wanted:
            try:
                await self._try(partial(self._desk.discard, entry_id, today))
            except _Failed as failure:
                self._tell(f"Not thrown away: {failure}", is_bad=True)
            else:
                gone.append(entry_id)
        if not gone:
            return
        self._sidebar().drop(gone)
        self._undo.add(Step("to the trash", partial(self._restore, gone)))
        what = "1 entry" if len(gone) == 1 else f"{len(gone)} entries"
        self._tell(f"{what} moved to the trash. u: back again.")

    def ask_copy(self, entry_id: str) -> None:
        """Let the user choose what to copy of an entry."""
        sidebar = self._sidebar()
        anchor = sidebar.cursor_region

        def chosen(index: int | None) -> None:
            if index is not None:
                self.begin(self._copy(entry_id, index))

        open_over(sidebar, ChoiceMenu(COPIES, 0, anchor), chosen)

    async def undo(self) -> None:
        """Take back what was last done."""
        step = self._undo.take()
        if step is None:
            self._tell("Nothing to undo.")
            return
        await step.back()
        self._tell(f"Undone: {step.name}.")

    def begin(self, action: Awaitable[None]) -> None:
        """Do `action` without waiting for it."""
        self._screen.run_worker(
            self._told(action), group="entries", description="Changes entries", exit_on_error=False
        )

    async def _told(self, action: Awaitable[None]) -> None:
        try:
            await action
        except _Failed as failure:
            self._tell(str(failure), is_bad=True)

    async def _change(
        self, entries: Sequence[Entry], change: Callable[[Entry], Entry], name: str
    ) -> None:
        before: dict[str, Entry] = {}
        for entry in entries:
            try:
                after = await self._try(partial(self._desk.change, entry.id, change))
            except _Failed as failure:
                self._tell(f"Not changed: {failure}", is_bad=True)
                continue
            before[entry.id] = entry
            self._sidebar().put(row_of(after))
        if before:
            self._undo.add(Step(name, partial(self._change_back, before)))

    async def _change_back(self, before: Mapping[str, Entry]) -> None:
        for entry_id, entry in before.items():
            change = partial(as_before, before=entry)
            after = await self._try(partial(self._desk.change, entry_id, change))
            self._sidebar().put(row_of(after))

    async def _restore(self, ids: Sequence[str]) -> None:
        for entry_id in ids:
            entry = await self._try(partial(self._desk.restore, entry_id))
            self._sidebar().put(row_of(entry))
        self._sidebar().go_to(ids[0])

    async def _copy(self, entry_id: str, what: int) -> None:
        (entry,) = await self._read([entry_id])
        text = await self._try(partial(self._text_of, entry, what))
        self._screen.app.copy_to_clipboard(text)
        self._tell("Copied.")

    def _text_of(self, entry: Entry, what: int) -> str:
        if what == 0:
            return entry.prompt
        if what == 1:
            if not entry.images:
                raise FileNotFoundError("there is no picture")
            return str(self._desk.store.absolute(entry.images[0].file))
        if what == 2:
            return entry.id
        return self._curl(entry)

    def _curl(self, entry: Entry) -> str:
        from tui.api.endpoints import find_settings
        from tui.api.errors import ApiError
        from tui.api.wire import UnfitRequest
        from tui.config import ConfigError
        from tui.generation.curl import curl_command

        try:
            settings = find_settings(self._config(), entry.endpoint)
            return curl_command(entry, settings, self._desk.store.absolute)
        except ApiError as error:
            raise OSError(error.message) from error
        except (ConfigError, UnfitRequest, ValueError) as error:
            raise OSError(str(error)) from error

    async def _read(self, ids: Sequence[str]) -> list[Entry]:
        return [await self._try(partial(self._desk.read, entry_id)) for entry_id in ids]

    async def _try(self, action: Callable[[], Result]) -> Result:
        """What `action` gives, in a thread. Raises _Failed."""
        try:
            return await asyncio.to_thread(action)
        except FileNotFoundError as error:
            raise _Failed("It is not in history any more.") from error
        except OSError as error:
            raise _Failed(str(error.strerror or error)) from error
        except UnreadableEntry as error:
            raise _Failed(str(error)) from error

    def _tell(self, text: str, *, is_bad: bool = False) -> None:
        self._screen.notify(
            one_line(text, limit=300), severity="warning" if is_bad else "information", timeout=3
        )
