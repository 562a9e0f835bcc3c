"""The studio: write, set, send, see, and find again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from msgspec import Struct
from msgspec.structs import replace
from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.reactive import reactive
from textual.screen import Screen
from textual.widget import Widget
from textual.worker import Worker, WorkerCancelled, WorkerFailed

from tui.catalog.card import ModelCard
from tui.catalog.flags import Meaning
from tui.catalog.loading import Catalogue
from tui.config import DEMO, Config
from tui.generation.actual import differences
from tui.generation.counts import IMAGES, form_card
from tui.generation.draft import Draft
from tui.generation.flagged import as_written, follow_flags
from tui.generation.form_state import FormState, form_state
from tui.generation.lost import Look, Result
from tui.generation.queue import Job, JobBoard
from tui.generation.recall import NothingToRecall, Part, recalled
from tui.generation.request import GenerationRequest
from tui.generation.session import PaneSizes, Session
from tui.history.desk import HistoryDesk
from tui.history.entry import UNFINISHED, Entry
from tui.history.index_rows import row_of
from tui.history.prompts import EarlierPrompts
from tui.history.spending import Spending
from tui.history.wording import advice, dollars, outcome
from tui.screens.entries import Entries, Refused
from tui.screens.entry_views import EntryViews
from tui.screens.history_actions import HistoryActions
from tui.screens.pane_layout import WIDE, PaneLayout
from tui.screens.undo import Step
from tui.terminal import Graphics, TerminalFacts
from tui.text import Shown, one_line, showable
from tui.viewer import NoViewer, open_in_viewer
from tui.widgets.entry_details import EntryDetails
from tui.widgets.field_list import FieldList
from tui.widgets.fields.count import CountField
from tui.widgets.fields.field import Field
from tui.widgets.fields.seed import SeedField
from tui.widgets.history_pane import HistoryPane
from tui.widgets.history_sidebar import HistorySidebar
from tui.widgets.key_bar import KeyBar
from tui.widgets.pane_edge import Edge, EdgeDragged
from tui.widgets.pane_tabs import PaneTabs
from tui.widgets.parameter_form import ModelChoice, ParameterForm
from tui.widgets.picture_pane import PicturePane
from tui.widgets.price_line import PriceLine
from tui.widgets.prompt_editor import PromptEditor
from tui.widgets.status_line import Status, StatusLine
from tui.widgets.steady import Steady, open_over, when_settled
from tui.widgets.thumbnail_column import thumbnail_look

if TYPE_CHECKING:
    from tui.widgets.contact_sheet import ContactSheet

PANES = {
    "studio": Shown("Prompt"),
    "parameters": Shown("Parameters"),
    "history": Shown("History"),
}


_TOLD: frozenset[Result] = frozenset({"adopted", "failed", "ambiguous", "not_saved"})
"""What a look for a lost job may find that is news."""
_LOADING = "load"
"""The group of workers that change the draft."""
DEMO_TEXT = "demo: a rehearsal, costs nothing"


class StudioFacts(Struct, frozen=True):
    """What the studio is told once, when it opens."""

    endpoint: str
    """Name of the endpoint to begin with."""
    catalogue: Catalogue
    desk: HistoryDesk
    config: Callable[[], Config]
    """The configuration as it is now."""
    clock: Callable[[], datetime]
    """The local time."""
    graphics: Graphics = "half"
    terminal: TerminalFacts = TerminalFacts()


class Unseen(Struct, frozen=True):
    """Pictures that came while the user looked at another."""

    count: int = 0
    newest: Entry | None = None

    def and_those_of(self, entry: Entry, count: int) -> Unseen:
        """With so many more, of `entry`."""
        return Unseen(self.count + count, entry)


class StudioScreen(Steady, Screen[None]):
    """The main screen. The draft and the selection live here, and the widgets follow them."""

    AUTO_FOCUS = "#prompt"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide"), (150, "-spacious")]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (24, "-tall")]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+j,alt+enter,ctrl+enter", "send", "send", id="send", priority=True),
        Binding("f2", "show_pane('studio')", "prompt", id="show-prompt", priority=True),
        Binding("f3", "show_pane('parameters')", "parameters", id="show-parameters", priority=True),
        Binding("f5", "show_pane('history')", "history", id="show-history", priority=True),
        Binding("f7", "show_newest", "newest", id="show-newest", priority=True),
        Binding(
            "alt+shift+left", "move_edge(-2, 0)", "Edge to the left", show=False, id="edge-left"
        ),
        Binding(
            "alt+shift+right", "move_edge(2, 0)", "Edge to the right", show=False, id="edge-right"
        ),
        Binding("alt+shift+up", "move_edge(0, -1)", "Edge up", show=False, id="edge-up"),
        Binding("alt+shift+down", "move_edge(0, 1)", "Edge down", show=False, id="edge-down"),
    ]

    history_pane = getters.query_one("#history-pane", HistoryPane)
    history = getters.query_one("#history", HistorySidebar)
    editor = getters.query_one("#prompt", PromptEditor)
    picture = getters.query_one("#picture", PicturePane)
    form = getters.query_one("#parameters", ParameterForm)
    status = getters.query_one(StatusLine)

    draft: reactive[Draft] = reactive(Draft(model=""), init=False, repaint=False)
    pane: reactive[str] = reactive("studio")
    """The pane that a narrow terminal shows."""

    @dataclass
    class SendRequested(Message):
        """The user pressed send, and nothing stands against it."""

        requests: tuple[GenerationRequest, ...]
        """At least one; they are sent in this order."""
        card: ModelCard

    @dataclass
    class SessionChanged(Message):
        """Something changed that the next start shall come back to."""

        session: Session

    @dataclass
    class SheetRequested(Message):
        """The user wants to see the pictures of what history lists side by side."""

    @dataclass
    class StopRequested(Message):
        """The user no longer wants to wait for a job."""

        entry_id: str

    def __init__(self, facts: StudioFacts, draft: Draft, session: Session | None = None) -> None:
        """`session` is what was left last time, and has `draft` in it."""
        super().__init__()
        self._session = session
        self._facts = facts
        self._endpoint = facts.endpoint
        self._catalogue = facts.catalogue
        self._card = facts.catalogue.card(draft.model)
        self._is_touched = session is not None
        self._insisted: Draft | None = None
        self._following = True
        self._shown: Entry | None = None
        self._unseen = Unseen()
        self._goes_on = True
        self._spent = Spending()
        self._needed: tuple[Widget, ...] = ()
        self._entries = Entries(facts.desk)
        self._earlier = EarlierPrompts(facts.desk, self._as_written)
        self._walking = asyncio.Lock()
        self._loading = asyncio.Lock()
        self._actions = HistoryActions(self, lambda: self.history, self._entries)
        self._views = EntryViews(
            self,
            lambda: self.history_pane,
            self._entries,
            card_of=self.card_of,
            clock=facts.clock,
            config=facts.config,
            open_file=self._open_outside,
        )
        sizes = session.sizes if session is not None else PaneSizes()
        self._layout = PaneLayout(self, self._pane_of, sizes)
        self.set_reactive(StudioScreen.draft, draft)

    def compose(self) -> ComposeResult:
        facts = self._facts
        yield StatusLine()
        yield PaneTabs(PANES, id="tabs")
        with Horizontal(id="panes"):
            look = thumbnail_look(facts.config().thumbnails, facts.graphics, facts.terminal)
            yield HistoryPane(facts.desk, self.card_of, facts.clock, look, id="history-pane")
            with Vertical(id="studio"):
                yield PromptEditor(id="prompt")
                yield PicturePane(facts.graphics, facts.terminal, id="picture")
            yield ParameterForm(_choices(facts.catalogue), id="parameters")
        yield KeyBar()

    async def on_mount(self) -> None:
        form = self.form
        self._needed = (
            *(self.status, self.history, self.editor, self.picture),
            *(form.query_one(FieldList), form.query_one(PriceLine)),
        )
        if self._session is not None:
            self.editor.load_text(self.draft.prompt)
            self.editor.move_cursor(self.editor.document.end)
            self.pane = self._session.pane if self._session.pane in PANES else self.pane
            self.history_pane.has_details = self._session.details
        self._layout.fit()
        self.query_one(PaneTabs).chosen = self.pane
        await self._show_draft()

    def on_resize(self) -> None:
        if self.is_up:
            self._layout.fit()

    @property
    def is_up(self) -> bool:
        """Whether the screen has its widgets; not any more once the application ends."""
        # They go one after the other.
        return bool(self._needed) and all(widget.is_attached for widget in self._needed)

    def open_history(self) -> None:
        """Begin to list what history holds, where the last session left it."""
        session = self._session
        self.history_pane.show_searches(self._facts.config().searches)
        if session is None:
            self.history_pane.open()
            return
        self.history_pane.open(session.query, session.cursor)
        if session.shown:
            self._show_again(session.shown)

    def show_spending(self, spent: Spending) -> None:
        """Show what today has cost so far."""
        self._spent = spent
        self._follow_draft()

    def show_jobs(self, jobs: Sequence[Job]) -> None:
        """Follow new states of jobs; of the pictures that came, the last is shown."""
        self.history.put(*(row_of(job.entry) for job in jobs))
        wanted, unseen = None, self._unseen
        for job in jobs:
            entry = job.entry
            self._entries.remember(entry)
            self._facts.desk.wrote(entry.id)
            if self._wants(entry):
                self._shown, wanted = entry, job
            elif entry.status not in UNFINISHED and entry.images:
                self._unseen = self._unseen.and_those_of(entry, len(entry.images))
        if wanted is not None:
            self._show_entry(wanted.entry)
            self.picture.show_progress(wanted.pause, wanted.preview)
        if self._unseen != unseen:
            self.refresh_bindings()
            self._show_status()
        for job in jobs:
            entry = job.entry
            if entry.error is not None and not self._shows(entry):
                title = one_line(f"{one_line(entry.prompt, limit=40)}: {outcome(entry)}")
                text = showable(f"{showable(entry.error.message, limit=300)} {advice(entry.error)}")
                self.notify(text, title=title, severity="warning")

    def show_mended(self, entry: Entry) -> None:
        """Follow an entry that a look for it changed; it never takes the picture's place."""
        self._entries.remember(entry)
        self._facts.desk.wrote(entry.id)
        self.history.put(row_of(entry))
        if self._shown is not None and self._shown.id == entry.id:
            self._show_entry(entry)

    def show_look(self, look: Look) -> None:
        """Say what a look for a lost job found, where there is something to say."""
        is_shown = self._shown is not None and self._shown.id == look.entry.id
        if look.result == "adopted" and not is_shown:
            self._unseen = self._unseen.and_those_of(look.entry, len(look.entry.images))
            self.refresh_bindings()
            self._show_status()
        if look.result in _TOLD:
            title = one_line(one_line(look.entry.prompt, limit=40))
            text = one_line(look.text, limit=300)
            if look.result == "ambiguous":
                text = showable(f"{text} f4: choose which.")
            self.notify(text, title=title)

    def show_queue(self, board: JobBoard) -> None:
        """Follow what runs and waits, and whether it goes on."""
        self.status.jobs = board.jobs
        self.history.show_jobs(board.jobs)
        self._goes_on = board.goes_on
        self._show_status()

    def go_to(self, entry_id: str) -> None:
        """Put the cursor of history on an entry, and the focus there."""
        self.action_show_pane("history")
        self.history_pane.go_to(entry_id)

    def edit(self, entry: Entry) -> None:
        """Have the request of an entry in form and editor."""
        self._entries.remember(entry)
        self._load(entry.id)

    async def use_endpoint(self, endpoint: str, model: str) -> None:
        """Send to `endpoint` from now on; draft for `model`, unless the user made a choice."""
        self._endpoint = endpoint
        card = self._catalogue.card(model)
        if not self._is_touched and card != self._card:
            await self._use(self.draft.with_model(card))
        self._follow_draft()

    async def use_catalogue(self, catalogue: Catalogue) -> None:
        """Follow what is known of models now; what is written, set and selected stays."""
        self._catalogue = catalogue
        draft = self.draft.under(catalogue)
        card = catalogue.card(draft.model)
        if card.parameters == self._card.parameters:
            self._card, self.draft = card, draft
        else:
            self._take(draft)
        self.form.show_models(_choices(catalogue))
        await self.form.follow_card(self._form_state())
        self.history.refresh()
        self._follow_draft()

    async def use_model(self, model: str) -> None:
        """Draft for another model, with the values it was last given."""
        card = self._catalogue.card(model)
        if card.id != self.draft.model:
            await self._use(self.draft.with_model(card))

    def action_send(self) -> None:
        """Send the draft, unless it is empty or its card objects for the first time."""
        # What is typed from now on is for the next request.
        written: list[str] = []
        self.editor.call_later(lambda: written.append(self.editor.text))
        # The editor too: the button takes the focus from it before it is pressed.
        when_settled((self.editor, self.focused), partial(self._send_loaded, written))

    def _send_loaded(self, written: Sequence[str]) -> None:
        """Send, once what is being loaded into the draft is there.

        `written` is what the editor held when the user pressed, if it is there at all.
        """
        loads = [each for each in self.workers if each.group == _LOADING and each.node is self]
        if any(not each.is_finished for each in loads):
            self._send_after(loads)
        else:
            self._send(written[0] if written else self.editor.text)

    @work(group="send", description="Sends what is being loaded", exit_on_error=False)
    async def _send_after(self, loads: Sequence[Worker[None]]) -> None:
        for each in loads:
            with suppress(WorkerFailed, WorkerCancelled):
                await each.wait()
        self._send(self.editor.text)

    def _send(self, prompt: str) -> None:
        """Send the draft with `prompt`; what the editor holds besides stays in the draft."""
        self.draft = replace(self.draft, prompt=prompt)
        self._send_draft()
        if self.editor.text != self.draft.prompt:
            self.draft = replace(self.draft, prompt=self.editor.text)

    def _send_draft(self) -> None:
        catalogue = self._catalogue
        draft, flags = self._flags_followed()
        if not draft.prompt.strip():
            self.editor.problem = "Nothing sent: write a prompt first."
            self.action_show_pane("studio")
            return
        card = catalogue.card(draft.model)
        if problem := self._objection(draft, card, flags):
            self.notify(one_line(problem), title="Not sent", severity="warning")
            return
        self._insisted = None
        self._follow_newest()
        if flags:
            # They are values of the form from now on, and the prompt is what the model gets.
            if self.editor.text == self.draft.prompt:
                self.editor.put(draft.prompt)
            self._take(draft)
            self.call_later(self._show_draft)
        requests = draft.requests(self._endpoint, card)
        self.draft = self.draft.after(card, requests)
        self.post_message(self.SendRequested(requests, card))

    def action_show_newest(self) -> None:
        """Show the picture that came last, and from now on each that comes."""
        newest = self._unseen.newest
        self._follow_newest()
        if newest is not None:
            self._show_entry(newest)

    def _follow_newest(self) -> None:
        self._following = True
        self._unseen = Unseen()
        self._show_status()
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return action != "show_newest" or self._unseen.newest is not None

    def action_open_sheet(self) -> None:
        """Show the pictures of what history lists side by side."""
        self.post_message(self.SheetRequested())

    def follow_with(self, sheet: ContactSheet | None) -> None:
        """Have a contact sheet over this screen, or no longer, that shows what becomes of entries
        as the list does."""
        self._actions.sheet = sheet

    def action_show_pane(self, name: str) -> None:
        """Show a pane where only one fits, and put the focus into it."""
        self.pane = name
        target = {"studio": "#prompt", "history": "#history", "parameters": "#model"}[name]
        self.set_focus(self.query_one(target))

    def watch_pane(self, old: str, new: str) -> None:
        self.remove_class(f"-pane-{old}", update=False)
        self.add_class(f"-pane-{new}", update=False)
        if self.is_mounted:
            # At once, or the next key would still go where the focus was; and once for both, since
            # it takes a while.
            self.app.stylesheet.update(self)
            self.query_one(PaneTabs).chosen = new

    def watch_draft(self) -> None:
        if self.is_mounted:
            self._follow_draft()
            self._keep_session()

    @on(PromptEditor.Edited)
    def _prompt_edited(self, event: PromptEditor.Edited) -> None:
        self.draft = replace(self.draft, prompt=event.text)

    @on(Field.Changed)
    def _value_changed(self, event: Field.Changed) -> None:
        self._is_touched = True
        self.draft = self.draft.with_value(event.name, event.value)

    @on(Field.Unreadable)
    def _value_unreadable(self) -> None:
        self._is_touched = True

    @on(FieldList.ExtraSet)
    def _extra_set(self, event: FieldList.ExtraSet) -> None:
        self._is_touched = True
        draft = self.draft
        if event.was and event.was != event.name:
            draft = draft.with_value(event.was, None)
        self.draft = draft.with_value(event.name, event.value) if event.name else draft

    @on(SeedField.ModeChosen)
    def _seed_mode_chosen(self, event: SeedField.ModeChosen) -> None:
        self._is_touched = True
        self.draft = self.draft.with_seed_mode(self._card, event.mode)

    @on(CountField.SpreadChosen)
    def _spread_chosen(self, event: CountField.SpreadChosen) -> None:
        self._is_touched = True
        self.draft = replace(self.draft, spread=event.spread)

    @on(ParameterForm.ModelChosen)
    async def _model_chosen(self, event: ParameterForm.ModelChosen) -> None:
        self._is_touched = True
        await self.use_model(event.model)

    @on(ParameterForm.ModelStepped)
    async def _model_stepped(self, event: ParameterForm.ModelStepped) -> None:
        self._is_touched = True
        await self.use_model(self.form.neighbour(self.draft.model, event.steps))

    @on(ParameterForm.SendPressed)
    def _send_pressed(self) -> None:
        self.action_send()

    @on(PicturePane.OpenWanted)
    def _open_wanted(self, event: PicturePane.OpenWanted) -> None:
        self._open_outside(event.path)

    @on(PicturePane.AnswerWanted)
    def _answer_wanted(self, event: PicturePane.AnswerWanted) -> None:
        from tui.screens.answer import AnswerScreen

        open_over(self, AnswerScreen(event.failure))

    @work(thread=True, group="viewer", description="Opens a picture", exit_on_error=False)
    def _open_outside(self, path: Path) -> None:
        try:
            open_in_viewer(path)
        except NoViewer as problem:
            self.app.call_from_thread(
                self.notify, showable(str(problem)), title="Not opened", severity="warning"
            )

    @on(PaneTabs.Chosen)
    def _tab_chosen(self, event: PaneTabs.Chosen) -> None:
        self.action_show_pane(event.name)

    @on(HistorySidebar.Wished)
    def _entries_wished(self, event: HistorySidebar.Wished) -> None:
        ids = event.ids
        match event.wish:
            case "load":
                self._load(ids[0])
            case "stop":
                self.post_message(self.StopRequested(ids[0]))
            case "star":
                self._actions.star(ids)
            case "tags":
                self._actions.ask_tags(ids)
            case "note":
                self._actions.ask_note(ids[0])
            case "discard":
                self._actions.discard(ids, {job.id for job in self.status.jobs})
            case "copy":
                self._views.ask_copy(ids[0])
            case "open":
                self._views.open_picture(ids[0], event.number)
            case "sheet":
                self.action_open_sheet()
            case "details":
                self._turn_details()
            case "lineage":
                self._views.show_family(ids[0])
            case "difference":
                self._views.compare(ids, self.history.current)

    @on(HistorySidebar.Moved)
    def _cursor_moved(self) -> None:
        self._views.follow_cursor()
        self._keep_session()

    @on(EntryDetails.Closed)
    def _turn_details(self) -> None:
        self._views.turn_details()
        self._layout.fit()
        self._keep_session()

    @on(EdgeDragged)
    def _edge_dragged(self, event: EdgeDragged) -> None:
        self._move_edge(event.edge, event.cells)

    def action_move_edge(self, x: int, y: int) -> None:
        """Move the edge of the pane with the focus by so many columns and rows."""
        focused = self.focused
        in_history = focused is not None and self.history_pane in focused.ancestors_with_self
        if x:
            self._move_edge("history" if in_history else "form", x)
        else:
            self._move_edge("details" if in_history else "prompt", y)

    def action_reset_panes(self) -> None:
        """Have all panes as large as they were at first."""
        self._layout.reset()
        self._keep_session()

    def _move_edge(self, edge: Edge, cells: int) -> None:
        self._layout.move(edge, cells)
        self._keep_session()

    def _pane_of(self, edge: Edge) -> Widget:
        panes: dict[Edge, Callable[[], Widget]] = {
            "history": lambda: self.history_pane,
            "details": lambda: self.history_pane.details,
            "form": lambda: self.form,
            "prompt": lambda: self.editor,
        }
        return panes[edge]()

    @on(HistoryPane.Searched)
    def _searched(self) -> None:
        self._keep_session()

    @on(PromptEditor.OlderWanted)
    def _older_wanted(self) -> None:
        self._walk(self._earlier.older)

    @on(PromptEditor.NewerWanted)
    def _newer_wanted(self) -> None:
        self._walk(self._earlier.newer)

    @work(group="prompts", description="Reads earlier prompts", exit_on_error=False)
    async def _walk(self, step: Callable[[str], str | None]) -> None:
        async with self._walking:
            shown = self.editor.text
            try:
                found = await asyncio.to_thread(step, shown)
            except OSError as error:
                text = f"Earlier prompts cannot be read: {error.strerror or error}."
                self.notify(one_line(text, limit=300), severity="warning")
                return
            # What was typed meanwhile is the draft.
            if found is not None and self.editor.text == shown:
                self.editor.put(found)

    def _as_written(self, prompt: str) -> str:
        return as_written(prompt, self._catalogue, self.draft.model)

    @on(HistorySidebar.Rated)
    def _entries_rated(self, event: HistorySidebar.Rated) -> None:
        self._actions.rate(event.ids, event.rating)

    @on(HistorySidebar.MarksSet)
    def _marks_set(self, event: HistorySidebar.MarksSet) -> None:
        self.history.mark_only(event.keys)

    @on(HistorySidebar.UndoWanted)
    def _undo_wanted(self) -> None:
        self._actions.undo()

    @on(HistorySidebar.Recalled)
    def _entry_recalled(self, event: HistorySidebar.Recalled) -> None:
        self._recall(event.entry_id, event.part)

    @on(HistoryPane.Unusable)
    def _history_unusable(self, event: HistoryPane.Unusable) -> None:
        self.notify(one_line(event.problem, limit=300), title="History", severity="warning")

    @work(group=_LOADING, description="Loads an entry", exit_on_error=False)
    async def _load(self, entry_id: str) -> None:
        # At once: a key pressed meanwhile may go elsewhere again.
        self.action_show_pane("studio")
        async with self._loading:
            if (entry := await self._entry(entry_id)) is not None:
                self._following = False
                await self._take_over(entry, "all")
                self._show_entry(entry)

    @work(group=_LOADING, description="Loads part of an entry", exit_on_error=False)
    async def _recall(self, entry_id: str, part: Part) -> None:
        async with self._loading:
            if (entry := await self._entry(entry_id)) is not None:
                await self._take_over(entry, part)

    @work(group="show", description="Shows an entry again", exit_on_error=False)
    async def _show_again(self, entry_id: str) -> None:
        """Show the picture that was on screen last time, if it is still there."""
        with suppress(Refused):
            entry = await self._entries.read(entry_id)
            if self._shown is None:
                self._show_entry(entry)

    async def _entry(self, entry_id: str) -> Entry | None:
        """The entry of that id; says so where there is none any more."""
        try:
            return await self._entries.read(entry_id)
        except Refused as refusal:
            self.notify(one_line(str(refusal), limit=300), title="Not loaded", severity="warning")
            return None

    async def _take_over(self, entry: Entry, part: Part) -> None:
        """Take a part of `entry` into the draft; it can be undone."""
        catalogue, before = self._catalogue, replace(self.draft, prompt=self.editor.text)
        card = catalogue.card(entry.model)
        try:
            draft = recalled(before, entry, part, self._card, card)
        except NothingToRecall as problem:
            self.notify(one_line(str(problem), limit=300), severity="warning")
            return
        if draft.prompt != before.prompt:
            draft = replace(draft, prompt=as_written(draft.prompt, catalogue, draft.model))
        self._is_touched = True
        self._actions.done(Step("what was loaded", partial(self._put_draft, before)))
        await self._put_draft(draft)

    async def _put_draft(self, draft: Draft) -> None:
        """Have `draft` in form and editor."""
        await self._use(draft)
        self.editor.put(draft.prompt)

    async def _use(self, draft: Draft) -> None:
        """Take over a draft that may be for another model."""
        self._take(draft)
        await self._show_draft()

    def _take(self, draft: Draft) -> None:
        self._card = self._catalogue.card(draft.model)
        self.draft = draft

    async def _show_draft(self) -> None:
        await self.form.show_card(self._form_state())
        self._follow_draft()

    def _objection(self, draft: Draft, card: ModelCard, flags: Sequence[Meaning]) -> str:
        """Why `draft`, which the flags are moved into, should not be sent; empty if it may be."""
        if unreadable := self.form.unreadable:
            self.form.point_out()
            return unreadable[0]
        labels = {parameter.name: parameter.label for parameter in form_card(card).parameters}
        wrong = [flag.text for flag in flags if flag.wrong]
        violations = draft.objections(card)
        if not (wrong or violations) or self._insisted == self.draft:
            return ""
        self._insisted = self.draft
        if wrong:
            return f"{wrong[0]}. Send once more to leave it out."
        first = violations[0]
        label = labels.get(first.parameter, first.parameter.capitalize())
        return f"{label}: {first.message}. Send once more to send it as it is."

    def card_of(self, model: str) -> ModelCard:
        """The card of a model that an entry names."""
        return self._catalogue.card(model)

    def _wants(self, entry: Entry) -> bool:
        """Whether the picture pane should show `entry`, whose job has a new state.

        A picture gives way to another picture or a result, never to a job still under way.
        """
        shown = self._shown
        if shown is not None and shown.id == entry.id:
            return True
        news = bool(entry.images) or entry.status not in UNFINISHED
        return self._following and (news or shown is None or not shown.images)

    def _shows(self, entry: Entry) -> bool:
        """Whether the picture pane is on screen and shows `entry`."""
        return self._shown == entry and self.picture.region.area > 0

    def _show_entry(self, entry: Entry) -> None:
        self._shown = entry
        self.history.shown = entry.id
        self._keep_session()
        card = self._catalogue.card(entry.model)
        self.picture.show_entry(
            entry, card.name, self._facts.desk.store.absolute, differences(entry, card)
        )

    def _follow_draft(self) -> None:
        draft, flags = self._flags_followed()
        self.editor.show_flags(flags)
        for flag in flags:
            if flag.wrong:
                self.editor.problem = flag.text
        state = self._form_state()
        self.form.show_state(state)
        for violation in state.violations:
            if violation.parameter == "prompt" and self.draft.prompt.strip():
                self.editor.problem = violation.message
        self._show_price(draft)
        self.form.show_offer(self._catalogue.offers(self._card.id))
        self._show_status()

    def _form_state(self) -> FormState:
        """What the form shows; the flags of the prompt count, unless they name another model."""
        flagged, _ = self._flags_followed()
        draft = flagged if flagged.model == self.draft.model else self.draft
        violations = draft.form_violations(self._card)
        return form_state(self.draft, self._card, self._catalogue, violations)

    def _flags_followed(self) -> tuple[Draft, tuple[Meaning, ...]]:
        """The draft with the flags of its prompt in its parameters, and what each means."""
        return follow_flags(self.draft, self._catalogue, count=IMAGES)

    def _show_price(self, draft: Draft) -> None:
        card = self._catalogue.card(draft.model)
        total = draft.total(card)
        images = f"{total.images} image{'s' if total.images != 1 else ''}"
        if total.requests > 1:
            images = f"{images} · {total.requests} requests"
        amount = dollars(total.usd) if total.usd is None else f"≈ {dollars(total.usd)}"
        beside = "free here" if self._endpoint == DEMO else f"today {self._spent}"
        self.form.show_price(images, amount, beside)

    def _keep_session(self) -> None:
        """Say where the next start shall begin."""
        if not self.is_up:
            return
        pane, left = self.history_pane, self._session
        cursor = self.history.current if self.history.cursor else ""
        shown = self._shown.id if self._shown is not None else ""
        if pane.is_reading and left is not None:
            # Nothing is listed yet that could be come back to.
            cursor, shown = left.cursor, shown or left.shown
        session = Session(
            replace(self.draft, prompt=self.editor.text),
            pane=self.pane,
            shown=shown,
            cursor=cursor,
            query=pane.query_text,
            details=pane.has_details,
            sizes=self._layout.sizes,
        )
        self.post_message(self.SessionChanged(session))

    def _show_status(self) -> None:
        endpoint = DEMO_TEXT if self._endpoint == DEMO else self._endpoint
        self.status.status = Status(
            endpoint, self._card.name, self._spent, self._unseen.count, self._goes_on
        )


def _choices(catalogue: Catalogue) -> list[ModelChoice]:
    """The models of `catalogue` as the form offers them."""
    return [
        ModelChoice(card.id, card.name, is_offered=catalogue.offers(card.id) is not False)
        for card in catalogue.cards.values()
    ]
