"""The library: what the endpoint keeps of generations, beside what history has of them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import ClassVar, TypeAlias

from msgspec import Struct
from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

from tui.api.errors import ApiError
from tui.catalog.card import ModelCard
from tui.generation.library_desk import LibraryDesk, Listed, Work
from tui.history.desk import HistoryDesk
from tui.history.entry import Entry
from tui.screens.library_actions import LibraryActions
from tui.screens.pane_layout import WIDE
from tui.screens.removal_question import RemovalQuestion, Where
from tui.text import Shown, one_line, showable
from tui.widgets.image_view import ImageView
from tui.widgets.key_bar import KeyBar
from tui.widgets.plain import assembled, plain
from tui.widgets.record_list import RecordList, state_of
from tui.widgets.steady import Steady, open_over

TITLE = Shown("Library")
FETCHING = Shown("Fetching the picture…")
NO_PICTURE = Shown("It failed, and has no picture.")
REST = 0.15
"""Seconds for which the cursor is still before a picture is fetched."""
GATHERED = 0.1
"""Seconds from one showing of news to the next."""
_PATIENCE = 0.2
_AFTER_NEWS = 0.3
"""Seconds in which news of history are collected."""
Leaving: TypeAlias = str | None
"""The prompt that shall be edited, or nothing."""


class LibraryFacts(Struct, frozen=True):
    """What a library is told once."""

    history: HistoryDesk
    card_of: Callable[[str], ModelCard]
    clock: Callable[[], datetime]
    """The local time."""
    view: Callable[[str], object]
    """Shows the picture of an entry, by its id, as large as the screen."""
    discard: Callable[[tuple[str, ...]], object]
    """Throws entries away, by their ids; that can be undone."""
    use_as_reference: Callable[[Entry, int], object] | None = None
    """Takes a picture of an entry, by its index, as a reference for the next request."""


class LibraryScreen(Steady, Screen[Leaving]):
    """Dismisses with a prompt that the studio shall have in its editor."""

    CSS_PATH = "../styles/library.tcss"
    AUTO_FOCUS = "#records"
    HORIZONTAL_BREAKPOINTS = [(0, "-slim"), (60, "-narrow"), (WIDE, "-wide")]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "stop", "stop", id="stop-library-work"),
        Binding("ctrl+r,R", "refresh", "refresh", key_display="R", id="refresh-library"),
        Binding("escape,q,f10", "close", "close", key_display="esc", id="close-library"),
    ]

    records = getters.query_one("#records", RecordList)
    picture = getters.query_one("#record-picture", ImageView)

    def __init__(self, desk: LibraryDesk, actions: LibraryActions, facts: LibraryFacts) -> None:
        super().__init__()
        self._desk = desk
        self._actions = actions
        self._facts = facts
        self._needed: tuple[Widget, ...] = ()
        self._is_due = False
        """Whether something is going to be shown in a moment."""
        self._last_shown = -GATHERED
        self._shown = ""
        """Id of the record whose picture is shown, or on its way."""

    def compose(self) -> ComposeResult:
        facts = self._facts
        takes = facts.use_as_reference is not None
        with Vertical(id="library-frame") as frame:
            frame.border_title = plain(one_line(f"{TITLE} · {self._desk.endpoint}", limit=60))
            yield Static(id="library-note")
            with Horizontal(id="library-panes"):
                yield RecordList(facts.card_of, facts.clock, takes_references=takes, id="records")
                with Vertical(id="record-side"):
                    yield ImageView(id="record-picture", previews=facts.history.previews)
                    yield Static(id="record-words")
        yield KeyBar()

    def on_mount(self) -> None:
        self._needed = (self.records, self.picture, *self.query(Static))
        self._show()
        if self._desk.is_fresh:
            self._actions.refresh()
        else:
            self.look_again()

    def follow(self) -> None:
        """Show what the desk has now; what comes close together is shown at once."""
        if self._is_due or not self._needed:
            return
        rest = self._last_shown + GATHERED - time.monotonic()
        if rest <= 0:
            self._show()
        else:
            self._is_due = True
            self.set_timer(rest, self._show)

    def _show(self) -> None:
        self._is_due, self._last_shown = False, time.monotonic()
        # Its widgets go one after the other when it closes.
        if not (self._needed and all(widget.is_attached for widget in self._needed)):
            return
        desk = self._desk
        self.records.show(desk.rows, self._words(), is_whole=desk.is_whole)
        self._show_state()
        self._show_words()
        self.refresh_bindings()

    @work(
        group="owners", description="Finds whose records are", exclusive=True, exit_on_error=False
    )
    async def look_again(self) -> None:
        """Show whose the records are now that history has changed."""
        # Many changes may follow one another.
        await asyncio.sleep(_AFTER_NEWS)
        await self._desk.look_again()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return action != "stop" or self._desk.work is not None

    def action_stop(self) -> None:
        """End what is under way; what is done stays done."""
        self._actions.stop()

    def action_refresh(self) -> None:
        self._actions.refresh()

    def action_close(self) -> None:
        if self.records.marks:
            self.records.unmark()
        else:
            self.dismiss(None)

    @on(RecordList.MoreWanted)
    def _more_wanted(self) -> None:
        # After a failure the user says when.
        if not (self._desk.is_listing or self._desk.is_stuck):
            self._actions.more()

    @on(RecordList.Moved)
    def _moved(self) -> None:
        self._show_words()
        row = self.records.row
        wanted = f"{row.id} {row.entry.id if row.entry else ''}" if row is not None else ""
        if wanted != self._shown:
            self._shown = wanted
            self._show_picture(row)

    @on(RecordList.Wished)
    def _wished(self, event: RecordList.Wished) -> None:
        rows = event.rows
        match event.wish:
            case "view" if rows and rows[0].entry is not None:
                self._facts.view(rows[0].entry.id)
            case "view" if rows:
                self._show_picture(rows[0], rest=0.0)
            case "adopt":
                self._actions.adopt([row for row in rows if row.entry is None or row.is_missing])
                self.records.unmark()
            case "adopt_all":
                self._actions.adopt_all()
            case "edit" if rows:
                self.dismiss(rows[0].record.prompt)
            case "reference" if rows and self._facts.use_as_reference is not None:
                self._actions.use_as_reference(rows[0], self._facts.use_as_reference)
            case "delete":
                self._ask_removal(rows)

    def _ask_removal(self, rows: Sequence[Listed]) -> None:
        entries = {row.id: row.entry.id for row in rows if row.entry is not None}
        discard = self._facts.discard

        def discard_of(gone: frozenset[str]) -> None:
            # An entry goes only where its record went.
            if ids := tuple(entry for record, entry in entries.items() if record in gone):
                discard(ids)

        def answered(where: Where | None) -> None:
            match where:
                case "there":
                    self._actions.delete(rows)
                case "both":
                    self._actions.delete(rows, discard_of)
                case "here":
                    discard(tuple(entries.values()))
            if where is not None:
                self.records.unmark()

        if rows:
            text = showable(loss_words(rows, self._desk.endpoint))
            open_over(self, RemovalQuestion(text, has_entries=bool(entries)), answered)

    @work(group="picture", description="Fetches a picture", exclusive=True, exit_on_error=False)
    async def _show_picture(self, row: Listed | None, rest: float = REST) -> None:
        # A cursor that is held down goes on in a moment.
        await asyncio.sleep(rest)
        view = self.picture
        if row is None or row.is_failed:
            view.empty_hint = NO_PICTURE if row is not None else Shown("")
            view.show(None)
            return
        entry, store = row.entry, self._facts.history.store
        if entry is not None and entry.images and not entry.images[0].missing:
            try:
                view.show(store.absolute(entry.images[0].file), entry.images[0].sha256)
            except ValueError as error:
                view.empty_hint = showable(str(error), limit=300)
                view.show(None)
            return
        fetching = asyncio.ensure_future(self._desk.picture(row.record))
        try:
            if not (await asyncio.wait({fetching}, timeout=_PATIENCE))[0]:
                view.empty_hint = FETCHING
                view.show(None)
            view.show(await fetching)
        except ApiError as error:
            view.empty_hint = one_line(error.message, limit=300)
            view.show(None)
        except OSError as error:
            view.empty_hint = one_line(f"It cannot be kept: {error.strerror or error}", limit=300)
            view.show(None)
        finally:
            fetching.cancel()

    def _words(self) -> tuple[Shown, ...]:
        """What stands in an empty list."""
        desk, name = self._desk, one_line(self._desk.endpoint, limit=40)
        if desk.is_listing or desk.work is not None:
            return (showable(f"Asking {name} for its records…"),)
        if desk.problem:
            return (Shown("No records to show."), Shown("R asks again."))
        return (
            showable(f"{name} has no records."),
            Shown("What you make there is kept there, too,"),
            Shown("and listed here."),
        )

    def _show_state(self) -> None:
        desk = self._desk
        rows = desk.rows
        missing = sum(row.is_missing for row in rows)
        count = f"{len(rows):,}{'' if desk.is_whole else '+'}"
        parts = [f"{count} record{'' if count == '1' else 's'}"] if rows else []
        if missing:
            parts.append(f"{missing:,} not in history")
        if desk.is_listing and rows:
            parts.append("asking for more…")
        self.query_one("#library-frame").border_subtitle = plain(showable(" · ".join(parts)))
        note = self.query_one("#library-note", Static)
        text = work_words(desk.work) if desk.work else one_line(desk.problem, limit=600)
        if desk.is_stuck and not desk.work and not desk.keeps_no_list:
            text = showable(f"{text} R: ask again.")
        note.update(plain(text, "$accent" if desk.work else "$warning"))
        note.display = bool(text)

    def _show_words(self) -> None:
        row = self.records.row
        words = self.query_one("#record-words", Static)
        words.update(self._record_words(row) if row is not None else plain(Shown("")))

    def _record_words(self, row: Listed) -> Content:
        """All that is known of a record."""
        record = row.record
        when = "no known time"
        if record.created.year > 1970:
            when = f"{record.created.astimezone(self._facts.clock().tzinfo):%Y-%m-%d %H:%M}"
        model = one_line(self._facts.card_of(record.model).name, limit=40)
        state, tone = state_of(row)
        owner = row.owner.entry.id if row.owner else ""
        colour = {"bad": "$error", "missing": "$accent", "doubtful": "$warning"}.get(tone, "")
        return assembled(
            (showable(record.prompt.strip(), limit=700), "$foreground"),
            (showable(f"\n\n{model} · {when}\n"), "$text-quiet"),
            (showable(state, limit=500), colour or "$text-quiet"),
            (showable(f" · {owner}" if owner else ""), "$text-quiet"),
            (showable(f"\n{one_line(record.id, limit=60)}"), "$text-quiet"),
        )


def work_words(work: Work) -> Shown:
    """What is under way, how far it is, and how to stop it."""
    count = f" of {work.count:,}" if work.count is not None else ""
    return showable(f"{work.what}: {work.done:,}{count}. c stops; what is done stays.")


def loss_words(rows: Sequence[Listed], endpoint: str) -> str:
    """What will be lost when these are deleted at the endpoint. Holds outside text."""
    name = one_line(endpoint, limit=40)
    if len(rows) == 1:
        what = f"The record of “{one_line(rows[0].record.prompt, limit=120)}” at {name}."
    else:
        what = f"{len(rows):,} records at {name}."
    missing = sum(row.is_missing for row in rows)
    ours = sum(row.entry is not None for row in rows)
    parts = [what, "What is deleted there cannot be brought back."]
    if missing:
        pictures = "1 picture is" if missing == 1 else f"{missing:,} pictures are"
        parts.append(f"{pictures} nowhere else, and will be lost.")
    if ours:
        entries = "1 entry here has" if ours == 1 else f"{ours:,} entries here have"
        parts.append(f"{entries} its picture, and keeps it unless it goes into the trash."
                     if ours == 1 else f"{entries} their pictures, and keep them unless they go"
                     " into the trash.")  # fmt: skip
    return " ".join(parts)
