"""The studio: write, set, send, see, and find again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from msgspec import Struct
from msgspec.structs import replace
from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.reactive import reactive
from textual.screen import Screen
from textual.widget import Widget

from tui.catalog.card import ModelCard
from tui.catalog.loading import Catalogue
from tui.config import DEMO, Config, EndpointSettings
from tui.generation.draft import Draft
from tui.generation.flagged import as_written
from tui.generation.reference_desk import ReferenceDesk, way_of
from tui.generation.request import GenerationRequest
from tui.generation.session import PaneSizes, Session
from tui.generation.thumbnails import FileThumbnails
from tui.history.desk import HistoryDesk
from tui.history.entry import Entry
from tui.history.spending import Spending
from tui.screens.drafting import Drafting, model_choices
from tui.screens.entries import Entries
from tui.screens.entry_views import EntryViews
from tui.screens.history_actions import HistoryActions
from tui.screens.job_views import JobViews
from tui.screens.pane_layout import WIDE, PaneLayout
from tui.screens.picture_walk import Sight
from tui.screens.prompt_walk import PromptWalk
from tui.screens.recalling import Recalling
from tui.screens.reference_ways import ReferenceWays
from tui.screens.referencing import Referencing
from tui.screens.resuming import Resuming
from tui.screens.sending import Sending
from tui.screens.shown_entry import ShownEntry
from tui.text import Shown, one_line
from tui.widgets.data_message import DataMessage
from tui.widgets.entry_details import EntryDetails
from tui.widgets.field_list import FieldList
from tui.widgets.fields.count import CountField
from tui.widgets.fields.field import Field
from tui.widgets.fields.seed import SeedField
from tui.widgets.history_pane import HistoryPane
from tui.widgets.history_sidebar import HistorySidebar
from tui.widgets.key_bar import KeyBar
from tui.widgets.pane_edge import EdgeDragged
from tui.widgets.pane_tabs import PaneTabs, turn_pane
from tui.widgets.parameter_form import ParameterForm
from tui.widgets.picture_pane import PicturePane
from tui.widgets.price_line import PriceLine
from tui.widgets.prompt_editor import PromptEditor
from tui.widgets.reference_slots import ReferenceSlots
from tui.widgets.status_line import Status, StatusLine
from tui.widgets.steady import Steady, open_over

if TYPE_CHECKING:
    from tui.widgets.contact_sheet import ContactSheet

PANES = {
    "studio": Shown("Prompt"),
    "parameters": Shown("Parameters"),
    "history": Shown("History"),
}
DEMO_TEXT = "demo: a rehearsal, costs nothing"


class StudioFacts(Struct, frozen=True):
    """What the studio is told once, when it opens."""

    endpoint: str
    """Name of the endpoint to begin with."""
    catalogue: Catalogue
    desk: HistoryDesk
    references: ReferenceDesk
    config: Callable[[], Config]
    """The configuration as it is now."""
    clock: Callable[[], datetime]
    """The local time."""


class StudioScreen(Steady, Screen[None]):
    """The main screen: its widgets, and what follows from what they say.

    The draft lives in `drafting`, the selection in `shown`, and the widgets follow both.
    """

    AUTO_FOCUS = "#prompt"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide"), (150, "-spacious")]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (24, "-tall")]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+j,alt+enter,ctrl+enter", "send", "send", id="send", priority=True),
        Binding("f2", "show_pane('studio')", "prompt", id="show-prompt", priority=True),
        Binding("f3", "show_pane('parameters')", "parameters", id="show-parameters", priority=True),
        Binding("f5", "show_pane('history')", "history", id="show-history", priority=True),
        Binding("f7", "show_newest", "newest", id="show-newest", priority=True),
        Binding("ctrl+g,alt+i", "choose_references", "references", id="choose-references"),
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

    pane: reactive[str] = reactive("studio")
    """The pane that a narrow terminal shows."""

    class SendRequested(DataMessage):
        """The user pressed send, and nothing stands against it."""

        requests: tuple[GenerationRequest, ...]
        """At least one; they are sent in this order."""
        card: ModelCard

    class SessionChanged(DataMessage):
        """Something changed that the next start shall come back to."""

        session: Session

    class SheetRequested(Message):
        """The user wants to see the pictures of what history lists side by side."""

    class StopRequested(DataMessage):
        """The user no longer wants to wait for a job."""

        entry_id: str

    def __init__(self, facts: StudioFacts, draft: Draft, session: Session | None = None) -> None:
        """`session` is what was left last time, and has `draft` in it."""
        super().__init__()
        self._facts = facts
        self._needed: tuple[Widget, ...] = ()
        self._entries = entries = Entries(facts.desk)
        self._actions = HistoryActions(self, lambda: self.history, entries)
        self.drafting = drafting = Drafting(
            self,
            lambda: self.editor,
            lambda: self.form,
            draft,
            endpoint=facts.endpoint,
            catalogue=facts.catalogue,
            is_own=session is not None,
            followed=self._draft_followed,
            changed=self._keep_session,
        )
        self.shown = shown = ShownEntry(
            lambda: self.history,
            lambda: self.picture,
            card_of=self.card_of,
            path_of=facts.desk.store.absolute,
            selected=self._keep_session,
            counted=self._show_unseen,
        )
        self._recalling = Recalling(self, drafting, entries, shown, done=self._actions.done)
        self.referencing = Referencing(
            self, drafting, facts.references, lambda: way_of(self._settings)
        )
        self.ways = ReferenceWays(
            self,
            drafting,
            self.referencing,
            entries,
            lambda: self.query_one(ReferenceSlots),
            facts.references.from_clipboard,
        )
        self._sending = Sending(
            self,
            drafting,
            self._recalling,
            self.referencing,
            show_prompt=lambda: self.action_show_pane("studio"),
            sent=self._sent,
        )
        self._earlier = PromptWalk(self, drafting, facts.desk)
        self._views = EntryViews(
            self,
            lambda: self.history_pane,
            entries,
            card_of=self.card_of,
            clock=facts.clock,
            config=facts.config,
            refer=self.ways.use_sight,
        )
        self.job_views = JobViews(
            self,
            lambda: self.history,
            lambda: self.status,
            entries,
            facts.desk,
            shown,
            turned=self._show_status,
        )
        self._resuming = Resuming(
            self, session, lambda: self.history_pane, drafting, shown, entries
        )
        self._layout = PaneLayout(self, session.sizes if session else PaneSizes())

    def compose(self) -> ComposeResult:
        facts = self._facts
        yield StatusLine()
        yield PaneTabs(PANES, id="tabs")
        with Horizontal(id="panes"):
            wanted = facts.config().thumbnails
            yield HistoryPane(facts.desk, self.card_of, facts.clock, wanted, id="history-pane")
            with Vertical(id="studio"):
                yield PromptEditor(id="prompt")
                yield PicturePane(previews=facts.desk.previews, id="picture")
            thumbnails = FileThumbnails(facts.desk.thumbnails)
            yield ParameterForm(model_choices(facts.catalogue), thumbnails, id="parameters")
        yield KeyBar()

    async def on_mount(self) -> None:
        form = self.form
        self._needed = (
            *(self.status, self.history, self.editor, self.picture),
            *(form.query_one(FieldList), form.query_one(PriceLine)),
        )
        self._resuming.show_left()
        if self._resuming.pane in PANES:
            self.pane = self._resuming.pane
        self._layout.fit()
        self.query_one(PaneTabs).chosen = self.pane
        await self.drafting.show()

    def on_resize(self) -> None:
        if self.is_up:
            self._layout.fit()

    @property
    def draft(self) -> Draft:
        """What would be sent now."""
        return self.drafting.draft

    @property
    def is_up(self) -> bool:
        """Whether the screen has its widgets; not any more once the application ends."""
        # They go one after the other.
        return bool(self._needed) and all(widget.is_attached for widget in self._needed)

    def open_history(self) -> None:
        """Begin to list what history holds, where the last session left it."""
        self.history_pane.show_searches(self._facts.config().searches)
        self._resuming.open_history()

    def show_spending(self, spent: Spending) -> None:
        """Show what today has cost so far."""
        self.drafting.show_spending(spent)

    def go_to(self, entry_id: str) -> None:
        """Put the cursor of history on an entry, and the focus there."""
        self.action_show_pane("history")
        self.history_pane.go_to(entry_id)

    def view(self, entry_id: str) -> None:
        """Show the picture of an entry as large as the screen, over whichever screen is on top."""
        self._views.view(entry_id)

    def write(self, prompt: str) -> None:
        """Have `prompt` in the editor, as it was sent, and the focus there."""
        self.action_show_pane("studio")
        self.editor.put(as_written(prompt, self.drafting.catalogue, self.draft.model))

    def edit(self, entry: Entry) -> None:
        """Have the request of an entry in form and editor."""
        self._entries.remember(entry)
        self._load(entry.id)

    def card_of(self, model: str) -> ModelCard:
        """The card of a model that an entry names."""
        return self.drafting.catalogue.card(model)

    async def use_endpoint(self, endpoint: str, model: str) -> None:
        """Send to `endpoint` from now on; draft for `model`, unless the user made a choice."""
        await self.drafting.use_endpoint(endpoint, model)

    async def use_catalogue(self, catalogue: Catalogue) -> None:
        """Follow what is known of models now; what is written, set and selected stays."""
        await self.drafting.use_catalogue(catalogue)
        self.history.refresh()

    async def use_model(self, model: str) -> None:
        """Draft for another model, with the values it was last given."""
        await self.drafting.use_model(model)

    def action_send(self) -> None:
        """Send the draft, unless it is empty or its card objects for the first time."""
        self._sending.when_ready(self._send)

    def _send(self, prompt: str) -> None:
        self._sending.send(prompt)

    def _sent(self, requests: tuple[GenerationRequest, ...], card: ModelCard) -> None:
        self.shown.follow_newest()
        self.post_message(self.SendRequested(requests, card))

    def action_show_newest(self) -> None:
        """Show the picture that came last, and from now on each that comes."""
        self.shown.show_newest()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return action != "show_newest" or self.shown.unseen.newest is not None

    def action_open_sheet(self) -> None:
        """Show the pictures of what history lists side by side."""
        self.post_message(self.SheetRequested())

    def follow_with(self, sheet: ContactSheet | None) -> None:
        """Have a contact sheet over this screen, or no longer, that shows what becomes of entries
        as the list does."""
        self._actions.sheet = sheet

    def action_show_pane(self, name: str) -> None:
        """Show a pane where only one fits, and put the focus into it."""
        if name != "history":
            self._views.leave()
        self.pane = name
        target = {"studio": "#prompt", "history": "#history", "parameters": "#model"}[name]
        self.set_focus(self.query_one(target))

    def watch_pane(self, old: str, new: str) -> None:
        turn_pane(self, old, new)

    @on(PromptEditor.Edited)
    def _prompt_edited(self, event: PromptEditor.Edited) -> None:
        self._views.leave()
        self.drafting.draft = replace(self.draft, prompt=event.text)

    @on(Field.Changed)
    def _value_changed(self, event: Field.Changed) -> None:
        self.drafting.edit(self.draft.with_value(event.name, event.value))

    @on(Field.Unreadable)
    def _value_unreadable(self) -> None:
        self.drafting.touch()

    @on(FieldList.ExtraSet)
    def _extra_set(self, event: FieldList.ExtraSet) -> None:
        draft = self.draft
        if event.was and event.was != event.name:
            draft = draft.with_value(event.was, None)
        self.drafting.edit(draft.with_value(event.name, event.value) if event.name else draft)

    @on(SeedField.ModeChosen)
    def _seed_mode_chosen(self, event: SeedField.ModeChosen) -> None:
        self.drafting.edit(self.draft.with_seed_mode(self.drafting.card, event.mode))

    @on(CountField.SpreadChosen)
    def _spread_chosen(self, event: CountField.SpreadChosen) -> None:
        self.drafting.edit(replace(self.draft, spread=event.spread))

    @on(ReferenceSlots.Wished)
    def _reference_wished(self, event: ReferenceSlots.Wished) -> None:
        self.ways.do(event)

    @on(ReferenceSlots.Pasted)
    def _reference_pasted(self, event: ReferenceSlots.Pasted) -> None:
        self.ways.paste(event.text)

    @on(PromptEditor.Pasted)
    def _paste_looks_like_references(self, event: PromptEditor.Pasted) -> None:
        self.ways.take_from_prompt(event.paste)

    @on(PromptEditor.NothingPasted)
    def action_paste_reference(self) -> None:
        """Add the picture on the clipboard to the references."""
        self.ways.paste_picture()

    @on(PromptEditor.TextWanted)
    def _text_wanted(self) -> None:
        self.ways.give_back()

    def action_choose_references(self) -> None:
        """Choose files as references."""
        self.ways.choose()

    def action_show_references(self) -> None:
        """Put the focus on the references of the draft."""
        self.action_show_pane("parameters")
        self.query_one(ReferenceSlots).focus()

    def action_use_as_reference(self) -> None:
        """Add the picture under history's cursor, or those marked, to the references."""
        self.ways.use_pictures(self.history.chosen)

    @on(ParameterForm.ModelChosen)
    async def _model_chosen(self, event: ParameterForm.ModelChosen) -> None:
        self.drafting.touch()
        await self.use_model(event.model)

    @on(ParameterForm.ModelStepped)
    async def _model_stepped(self, event: ParameterForm.ModelStepped) -> None:
        self.drafting.touch()
        await self.use_model(self.form.neighbour(self.draft.model, event.steps))

    @on(ParameterForm.SendPressed)
    def _send_pressed(self) -> None:
        self.action_send()

    @on(PicturePane.OpenWanted)
    def _open_wanted(self, event: PicturePane.OpenWanted) -> None:
        self._views.open_file(event.path)

    @on(PicturePane.ViewWanted)
    def _view_wanted(self, event: PicturePane.ViewWanted) -> None:
        self._views.view(event.entry_id, event.number, self._viewed)

    def _seen(self, sight: Sight) -> None:
        """Have the contact sheet, if one is open, go to what was seen last."""
        if (sheet := self._actions.sheet) is not None:
            sheet.go_to((sight.entry.id, sight.number + 1))

    def _viewed(self, sight: Sight) -> None:
        """Have in the picture pane what was seen last, and nothing else changed."""
        self.shown.show_picture(sight.entry, sight.number)

    @on(PicturePane.ReferWanted)
    def _refer_wanted(self, event: PicturePane.ReferWanted) -> None:
        self.ways.use(event.entry, event.number)

    @on(PicturePane.AnswerWanted)
    def _answer_wanted(self, event: PicturePane.AnswerWanted) -> None:
        from tui.screens.answer import AnswerScreen

        open_over(self, AnswerScreen(event.failure))

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
            case "refer":
                self.ways.use_pictures(ids, event.number)
            case "view":
                self._views.view(ids[0], event.number - 1, self._seen)
            case "compare":
                self._views.compare_pictures(ids, self.history.current)

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
        self._layout.move(event.edge, event.cells)
        self._keep_session()

    def action_move_edge(self, x: int, y: int) -> None:
        """Move the edge of the pane with the focus by so many columns and rows."""
        self._layout.push(x, y)
        self._keep_session()

    def action_reset_panes(self) -> None:
        """Have all panes as large as they were at first."""
        self._layout.reset()
        self._keep_session()

    @on(HistoryPane.Searched)
    def _searched(self) -> None:
        self._keep_session()

    @on(PromptEditor.OlderWanted)
    def _older_wanted(self) -> None:
        self._earlier.older()

    @on(PromptEditor.NewerWanted)
    def _newer_wanted(self) -> None:
        self._earlier.newer()

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
        self._recalling.recall(event.entry_id, event.part)

    @on(HistoryPane.Unusable)
    def _history_unusable(self, event: HistoryPane.Unusable) -> None:
        self.notify(one_line(event.problem, limit=300), title="History", severity="warning")

    def _load(self, entry_id: str) -> None:
        # At once: a key pressed meanwhile may go elsewhere again.
        self.action_show_pane("studio")
        self._recalling.load(entry_id)

    def _keep_session(self) -> None:
        """Say where the next start shall begin."""
        if self.is_up:
            session = self._resuming.session(self.pane, self._layout.sizes)
            self.post_message(self.SessionChanged(session))

    @property
    def _settings(self) -> EndpointSettings | None:
        """Those of the endpoint that is drafted for."""
        return self._facts.config().endpoints.get(self.drafting.endpoint)

    def _draft_followed(self) -> None:
        self.referencing.follow()
        self.form.show_references(self.referencing.slots, can_undo=self.referencing.can_undo)
        self._show_status()

    def _show_unseen(self) -> None:
        self._show_status()
        self.refresh_bindings()

    def _show_status(self) -> None:
        drafting = self.drafting
        endpoint = DEMO_TEXT if drafting.endpoint == DEMO else drafting.endpoint
        self.status.status = Status(
            endpoint,
            drafting.card.name,
            drafting.spent,
            self.shown.unseen.count,
            self.job_views.goes_on,
        )
