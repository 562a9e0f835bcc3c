"""What the studio does to entries of history: marks and trash; each can be undone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Container, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from textual.screen import Screen

from tui.history.edits import (
    common_tags,
    noted,
    rated,
    read_tags,
    starred,
    tagged,
    taken_back,
)
from tui.history.entry import Entry
from tui.history.index_rows import Row, row_of
from tui.screens.entries import Entries, Refused
from tui.screens.undo import Step, UndoSteps
from tui.text import Shown, one_line
from tui.widgets.history_sidebar import HistorySidebar
from tui.widgets.steady import open_over

if TYPE_CHECKING:
    from tui.widgets.contact_sheet import ContactSheet

TAGS_TITLE = Shown("Tags")
TAGS_HINT = Shown("Commas between them. Enter: keep")
NOTE_TITLE = Shown("Note")
NOTE_HINT = Shown("ctrl+j: keep")
Action: TypeAlias = Callable[[], Awaitable[None]]


class HistoryActions:
    """Changes entries one action after the other, and has what shows them follow."""

    def __init__(
        self,
        screen: Screen[None],
        sidebar: Callable[[], HistorySidebar],
        entries: Entries,
    ) -> None:
        self._screen = screen
        self._sidebar = sidebar
        self._entries = entries
        self.sheet: ContactSheet | None = None
        """The contact sheet that is open over the list."""
        self._undo = UndoSteps()
        # A second press is about what the first one has done.
        self._doing = asyncio.Lock()

    def done(self, step: Step) -> None:
        """Have `step`, which was done elsewhere, as the first to be undone."""
        self._undo.add(step)

    def star(self, ids: Sequence[str]) -> None:
        """Star entries, or where all have a star, take it away."""
        self._begin(partial(self._star, ids))

    def rate(self, ids: Sequence[str], rating: int) -> None:
        """Rate entries; 0 takes the rating away."""
        name = f"rating {rating}" if rating else "rating taken away"
        self._begin(partial(self._change, ids, partial(rated, rating=rating), name))

    def ask_tags(self, ids: Sequence[str]) -> None:
        """Let the user type the tags that all of the entries shall have."""
        self._begin(partial(self._ask_tags, ids))

    def ask_note(self, entry_id: str) -> None:
        """Let the user write a note on an entry."""
        self._begin(partial(self._ask_note, entry_id))

    def discard(self, ids: Sequence[str], under_way: Container[str]) -> None:
        """Move entries into the trash, but for those whose jobs are under way."""
        self._begin(partial(self._discard, ids, under_way))

    def undo(self) -> None:
        """Take back what was last done."""
        self._begin(self._take_back)

    def _begin(self, action: Action) -> None:
        self._screen.run_worker(
            self._in_turn(action),
            group="entries",
            description="Changes entries",
            exit_on_error=False,
        )

    async def _in_turn(self, action: Action) -> None:
        async with self._doing:
            try:
                await action()
            except Refused as refusal:
                self._tell(str(refusal), is_bad=True)

    async def _star(self, ids: Sequence[str]) -> None:
        entries = await self._entries.read_all(ids)
        is_starred = not all(entry.starred for entry in entries)
        name = "star" if is_starred else "star taken away"
        await self._change(ids, partial(starred, is_starred=is_starred), name)

    async def _ask_tags(self, ids: Sequence[str]) -> None:
        before = common_tags(await self._entries.read_all(ids))
        # One that cannot be shown as it is stays itself, unless it is typed anew.
        shown = {one_line(tag): tag for tag in before}

        def typed(text: str | None) -> None:
            if text is not None:
                tags = [shown.get(one_line(tag), tag) for tag in read_tags(text)]
                gone = [tag for tag in before if tag not in tags]
                self._begin(
                    partial(self._change, ids, partial(tagged, add=tags, remove=gone), "tags")
                )

        self._ask(TAGS_TITLE, ", ".join(shown), TAGS_HINT, typed)

    async def _ask_note(self, entry_id: str) -> None:
        entry = await self._entries.read(entry_id)

        def typed(text: str | None) -> None:
            if text is not None:
                change = partial(noted, note=text.strip())
                self._begin(partial(self._change, [entry_id], change, "note"))

        self._ask(NOTE_TITLE, entry.note, NOTE_HINT, typed, has_lines=True)

    def _ask(
        self,
        title: Shown,
        text: str,
        hint: Shown,
        typed: Callable[[str | None], None],
        *,
        has_lines: bool = False,
    ) -> None:
        from tui.widgets.text_prompt import TextPrompt

        prompt = TextPrompt(title, text, hint, has_lines=has_lines)
        open_over(self.sheet or self._sidebar(), prompt, typed)

    def _put(self, row: Row) -> None:
        self._sidebar().put(row)
        if self.sheet is not None:
            self.sheet.put(row)

    async def _change(
        self, ids: Sequence[str], change: Callable[[Entry], Entry], name: str
    ) -> None:
        back: dict[str, Callable[[Entry], Entry]] = {}
        for entry_id in ids:
            try:
                before, after = await self._entries.change(entry_id, change)
            except Refused as refusal:
                self._tell(f"Not changed: {refusal}", is_bad=True)
                continue
            if before != after:
                back[entry_id] = partial(taken_back, before=before, after=after)
                self._put(row_of(after))
        if back:
            self.done(Step(name, partial(self._change_back, back)))

    async def _change_back(self, back: Mapping[str, Callable[[Entry], Entry]]) -> None:
        for entry_id, change in back.items():
            _, entry = await self._entries.change(entry_id, change)
            self._put(row_of(entry))

    async def _discard(self, ids: Sequence[str], under_way: Container[str]) -> None:
        wanted = [entry_id for entry_id in ids if entry_id not in under_way]
        if len(wanted) < len(ids):
            self._tell("What is still under way cannot go to the trash.", is_bad=True)
        gone: list[str] = []
        for entry_id in wanted:
            try:
                await self._entries.discard(entry_id)
            except Refused as refusal:
                self._tell(f"Not thrown away: {refusal}", is_bad=True)
            else:
                gone.append(entry_id)
        if gone:
            self._sidebar().drop(gone)
            if self.sheet is not None:
                self.sheet.drop(gone)
            self.done(Step("to the trash", partial(self._restore, gone)))
            what = "1 entry" if len(gone) == 1 else f"{len(gone)} entries"
            self._tell(f"{what} moved to the trash. u: back again.")

    async def _restore(self, ids: Sequence[str]) -> None:
        for entry_id in ids:
            self._put(row_of(await self._entries.restore(entry_id)))
        self._sidebar().go_to(ids[0])

    async def _take_back(self) -> None:
        step = self._undo.take()
        if step is None:
            self._tell("Nothing to undo.")
            return
        try:
            await step.back()
        except Refused:
            # It may be possible later.
            self.done(step)
            raise
        self._tell(f"Undone: {step.name}.")

    def _tell(self, text: str, *, is_bad: bool = False) -> None:
        self._screen.notify(
            one_line(text, limit=300), severity="warning" if is_bad else "information", timeout=3
        )
