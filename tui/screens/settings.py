"""The settings of the endpoints: list, change, add, remove and test them, and choose one."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from functools import partial
from typing import ClassVar

from msgspec import Struct
from msgspec.structs import replace
from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.geometry import Region
from textual.reactive import reactive
from textual.screen import Screen
from textual.timer import Timer
from textual.widgets import Static
from textual.worker import Worker

from tui.config import BUILT_IN_ENDPOINTS, DEMO, Config, ConfigError
from tui.generation.checkup.facts import Fact
from tui.generation.checkup.redaction import secret_headers
from tui.generation.endpoint_check import check_endpoint
from tui.generation.endpoint_desk import BLANK, EndpointDesk
from tui.generation.endpoint_draft import Draft, DraftId
from tui.generation.endpoint_file import EndpointFile, Found
from tui.generation.endpoint_values import NO_KEY_WANTED
from tui.paths import Paths
from tui.text import Shown, one_line, showable
from tui.widgets.choice_menu import ChoiceMenu
from tui.widgets.data_message import DataMessage
from tui.widgets.endpoint_form import LABELS, EndpointForm
from tui.widgets.endpoint_list import EndpointList
from tui.widgets.endpoint_report import EndpointReport
from tui.widgets.key_bar import KeyBar
from tui.widgets.pane_tabs import PaneTabs, turn_pane
from tui.widgets.plain import assembled
from tui.widgets.steady import Steady, open_over, when_settled

PANES = {"list": Shown("Endpoints"), "settings": Shown("Settings")}
ASK_FOR = 5.0
"""Seconds in which asking for something again confirms it."""


class SettingsFacts(Struct, frozen=True):
    """What the screen is told when it opens."""

    paths: Paths
    config: Config
    used: str
    """Name of the endpoint that the studio uses."""
    models: Sequence[tuple[str, str]]
    """Ids and names of the models that are known."""


class SettingsScreen(Steady, Screen[None]):
    """The desk lives here, and the widgets follow it. All that is slow runs in workers."""

    CSS_PATH = "../styles/settings.tcss"
    AUTO_FOCUS = "#endpoints"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide"), (150, "-spacious")]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (24, "-tall")]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("u", "use", "use", id="use-endpoint"),
        Binding("a", "add", "add", id="add-endpoint"),
        Binding("z", "undo", "undo", id="undo-endpoint"),
        Binding("x,delete", "remove", "remove", id="remove-endpoint"),
        Binding("t", "test_listed", "test", show=False, id="test-listed-endpoint"),
        Binding("ctrl+t", "test", "test", id="test-endpoint", priority=True),
        Binding("ctrl+j,alt+enter,ctrl+enter", "save", "save", id="save-endpoint", priority=True),
        Binding("escape", "back", "back", id="leave-endpoints"),
    ]

    endpoints = getters.query_one("#endpoints", EndpointList)
    form = getters.query_one("#form", EndpointForm)
    report = getters.query_one("#report", EndpointReport)

    pane: reactive[str] = reactive("list")
    """The pane that a narrow terminal shows."""

    class Changed(DataMessage):
        """config.toml was read anew, and `used` is the endpoint to use."""

        config: Config
        used: str

    def __init__(self, facts: SettingsFacts) -> None:
        super().__init__()
        self._paths = facts.paths
        self._models = facts.models
        self._desk = EndpointDesk(facts.config, facts.paths.keys)
        self._used = facts.used
        self._file = EndpointFile(facts.paths)
        self._found: Found | None = None
        self._chosen: DraftId = facts.used if facts.used in facts.config.endpoints else DEMO
        self._tried: set[DraftId] = set()
        self._asked = ""
        self._forgetting: Timer | None = None
        self._tested: DraftId | None = None
        self._test: Worker[None] | None = None
        self._writing = asyncio.Lock()

    def compose(self) -> ComposeResult:
        yield Static(id="title")
        yield PaneTabs(PANES, id="tabs")
        with Horizontal(id="panes"):
            yield EndpointList(id="endpoints")
            with Vertical(id="right"):
                yield EndpointForm(self._models, id="form")
                yield EndpointReport(id="report")
        yield KeyBar()

    def on_mount(self) -> None:
        self.query_one(PaneTabs).chosen = self.pane
        self._show_draft()
        # Somebody may have changed the file since the studio read it.
        self._alter(None)

    def may_leave(self) -> bool:
        """Whether nothing is lost by leaving, or the user was told and wants to."""
        names = ", ".join(draft.name or "a new one" for draft in self._desk.unsaved)
        return not names or self._confirmed(
            "leave", f"Not saved: {names}. Press again to leave, which drops what was changed."
        )

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if not self.is_mounted or self._chosen not in self._desk.ids:
            return True
        draft = self._desk.draft(self._chosen)
        match action:
            case "use":
                is_settled = draft.id == self._used == self._desk.config.endpoint
                return self.endpoints.has_focus and not draft.is_changed and not is_settled
            case "add":
                return self.endpoints.has_focus
            case "undo":
                return self.endpoints.has_focus and draft.is_changed and not draft.is_new
            case "remove":
                is_as_built_in = draft.base == BUILT_IN_ENDPOINTS.get(draft.name)
                return self.endpoints.has_focus and (draft.is_new or not is_as_built_in)
            case "test_listed":
                return self.endpoints.has_focus or self.report.has_focus
            case "save":
                return draft.id != DEMO
        return True

    def action_save(self) -> None:
        """Write the endpoint into config.toml, unless something stands against it."""
        when_settled((self.form.last_edited, self.focused), self._save)

    def action_test(self) -> None:
        """Find out what the endpoint can do, as it stands in the form."""
        when_settled((self.form.last_edited, self.focused), self._begin_test)

    def action_test_listed(self) -> None:
        """The same with a key that does not fit where one types."""
        self.action_test()

    def action_use(self) -> None:
        """Use the endpoint from now on."""
        name = self._desk.draft(self._chosen).name
        self._alter(partial(self._file.use, name), told=f"{name} is used from now on.", used=name)

    def action_add(self) -> None:
        """Begin a new endpoint with the settings of another."""
        profiles = self._desk.profiles
        lines = [one_line(name if name == BLANK else f"like {name}") for name in profiles]
        left, top = self.endpoints.content_region.offset
        open_over(self, ChoiceMenu(lines, 0, Region(left, top, 20, 0)), self._added)

    def action_remove(self) -> None:
        """Take the endpoint out of config.toml, once it was asked for twice."""
        draft = self._desk.draft(self._chosen)
        if draft.is_new:
            if self._confirmed("remove", "It is not saved. Press again to drop it."):
                self._drop(draft.id)
            return
        name, file = draft.name, self._file.path
        if name in BUILT_IN_ENDPOINTS:
            question = f"{name} is built in: its changes are dropped. Press again to drop them."
            told = f"What config.toml said of {name} is removed; it is as built in now."
        else:
            question = f"Press again to remove {name} from {file}. Its entries stay."
            told = f"{name} is removed from {file}."
        if self._confirmed("remove", question):
            self._alter(partial(self._file.remove, name), partial(self._desk.drop, name), told)

    def action_undo(self) -> None:
        """Drop what was changed and not saved, once it was asked for twice."""
        if self._confirmed("undo", "Press again to drop what was changed and not saved."):
            self._drop(self._chosen)

    def action_back(self) -> None:
        """A step back: from a test, from the form, and then from the screen."""
        if self._test is not None and self.report.is_running:
            self._test.cancel()
            self.report.end(stopped=True)
        elif self.report.has_focus:
            self._tested = None
            self._show_pane("list")
            self._show_draft()
        elif self.form.has_focus_within:
            self._show_pane("list")
        elif self.may_leave():
            self.run_worker(self._leave(), group="leaving", exit_on_error=False)

    def watch_pane(self, old: str, new: str) -> None:
        turn_pane(self, old, new)

    @on(PaneTabs.Chosen)
    def _tab_chosen(self, event: PaneTabs.Chosen) -> None:
        self._show_pane(event.name)

    @on(EndpointList.Moved)
    def _moved(self, event: EndpointList.Moved) -> None:
        # What was typed a moment ago is still on its way, and is the former one's.
        when_settled((self.form.last_edited,), partial(self._go_to, event.id))

    @on(EndpointList.Opened)
    def _opened(self) -> None:
        when_settled((self.endpoints,), partial(self._show_pane, "settings"))

    @on(EndpointForm.Edited)
    def _edited(self, event: EndpointForm.Edited) -> None:
        if self._chosen in self._desk.ids:
            draft = self._desk.draft(self._chosen)
            self._desk.keep(draft.with_value(event.field, event.value))
            self._asked = ""
            self._show_state()

    @on(EndpointForm.SavePressed)
    def _save_pressed(self) -> None:
        self.action_save()

    def _save(self) -> None:
        draft = self._desk.draft(self._chosen)
        if not draft.is_changed:
            self.notify("Nothing to save: config.toml has it so.")
        elif self._stands_against(draft, Shown("Not saved")):
            return
        else:
            told = f"{draft.name} is written to {self._file.path}."
            if hidden := secret_headers(draft.settings().headers):
                told += f" It holds {', '.join(hidden)}, a secret it seems; you alone can read it."
            self._alter(partial(self._file.save, draft), partial(self._saved, draft), told)

    def _begin_test(self) -> None:
        draft = self._desk.draft(self._chosen)
        if draft.is_changed and self._stands_against(draft, Shown("Not tested")):
            return
        endpoints = {**self._desk.config.endpoints, draft.name: draft.settings()}
        config = replace(self._desk.config, endpoints=endpoints)
        self._tested = self._chosen
        self._show_draft()
        self._show_pane("settings")
        self._test = self.run_worker(
            self._examine(draft.name, config),
            group="test",
            description="Asks an endpoint what it can do",
            exclusive=True,
            exit_on_error=False,
        )

    async def _examine(self, name: str, config: Config) -> None:
        await self.report.begin(name)
        try:
            async for fact in check_endpoint(name, config, self._paths, os.environ):
                await self.report.add(fact)
        except OSError as error:
            await self.report.add(Fact("not examined", None, error.strerror or str(error)))
        self.report.end()

    def _stands_against(self, draft: Draft, title: Shown) -> bool:
        """Whether the draft has troubles; shows them all, and tells of the first."""
        self._tried.add(draft.id)
        self._show_state()
        for field, trouble in self._desk.troubles(draft).items():
            text = one_line(f"{LABELS[field]}: {trouble.text}")
            self.notify(text, title=title, severity="warning")
            self._tested = None
            self._show_draft()
            self._show_pane("settings")
            self.form.go_to(field)
            return True
        return False

    def _alter(
        self,
        change: Callable[[], None] | None,
        settle: Callable[[], None] | None = None,
        told: str = "",
        used: str = "",
    ) -> None:
        """Do `change` in a thread and read the file anew; then `settle` here, and tell of it.

        `used` is the endpoint to use afterwards; empty: as before.
        """
        self.run_worker(
            self._altered(change, settle, told, used),
            group="file",
            description="Reads and writes config.toml",
            exit_on_error=False,
        )

    async def _altered(
        self,
        change: Callable[[], None] | None,
        settle: Callable[[], None] | None,
        told: str,
        used: str,
    ) -> None:
        async with self._writing:
            used = used or self._used
            try:
                if change is not None:
                    await asyncio.to_thread(change)
                found = await asyncio.to_thread(self._file.read, used)
            except ConfigError as error:
                text = showable(f"{error}. What you typed is still here.")
                self.notify(text, title="config.toml", severity="error")
                return
            if settle is not None:
                settle()
            self._follow(found)
        if told:
            self.notify(showable(told))
        if found.used != used:
            self.notify(showable(f"{used} is not there any more: {found.used} is used now."))

    def _follow(self, found: Found) -> None:
        self._desk.follow(found.config)
        self._found, self._used = found, found.used
        if self._chosen not in self._desk.ids:
            self._chosen = found.used
        self.post_message(self.Changed(found.config, found.used))
        # What was typed a moment ago is still on its way.
        when_settled((self.form.last_edited,), self._show_draft)

    async def _leave(self) -> None:
        # What is being written shall be known to the studio before it is back.
        async with self._writing:
            self.dismiss()

    def _saved(self, draft: Draft) -> None:
        self._desk.saved(draft)
        self._tried.discard(draft.id)
        if self._chosen == draft.id:
            self._chosen = draft.name

    def _added(self, index: int | None) -> None:
        if index is not None:
            self._go_to(self._desk.begin(self._desk.profiles[index]).id)
            self._show_pane("settings")
            self.form.go_to("name")

    def _drop(self, id: DraftId) -> None:
        self._desk.drop(id)
        if self._chosen not in self._desk.ids:
            self._chosen = self._used
        self._show_draft()

    def _go_to(self, id: DraftId) -> None:
        self._chosen = id
        self._asked = ""
        self._show_draft()

    def _confirmed(self, question: str, words: str) -> bool:
        """Whether `question` was asked a moment ago, and is answered by asking for it again."""
        if self._asked == question:
            self._asked = ""
            return True
        self._asked = question
        if self._forgetting is not None:
            self._forgetting.stop()
        self._forgetting = self.set_timer(ASK_FOR, self._forget)
        self.notify(showable(words), severity="warning", timeout=ASK_FOR)
        return False

    def _forget(self) -> None:
        self._asked = ""

    def _show_pane(self, name: str) -> None:
        self.pane = name
        # At once, or the next key would still go where the focus was.
        self.app.stylesheet.update(self)
        if name == "list":
            self.set_focus(self.endpoints)
        elif self.has_class("-report"):
            self.set_focus(self.report)
        else:
            self.form.go_to()

    def _show_draft(self) -> None:
        self.form.show_draft(self._desk.draft(self._chosen))
        self.set_class(self._tested == self._chosen, "-report")
        self._show_state()

    def _show_state(self) -> None:
        draft = self._desk.draft(self._chosen)
        glances = self._found.glances if self._found else {}
        self.endpoints.show_rows(self._desk.rows(self._used, glances), self._chosen)
        told = {
            field: trouble
            for field, trouble in self._desk.troubles(draft).items()
            if not (trouble.missing and draft.is_new and draft.id not in self._tried)
        }
        self.form.show_state(draft, told, _state(draft), self._key_note(draft))
        self.query_one("#title", Static).update(
            assembled(
                (Shown(" Darkroom "), "bold $accent"),
                (Shown("· Endpoints "), "$foreground"),
                (one_line(f"· {self._used} is used", limit=200), "$text-quiet"),
            )
        )
        self.refresh_bindings()

    def _key_note(self, draft: Draft) -> str:
        if draft.key_kind == NO_KEY_WANTED or draft.id == DEMO:
            return ""
        if draft.is_new or draft.key_is_changed:
            return "Once it is saved, it shows here whether there is one."
        return self._found.key_notes.get(draft.name, "") if self._found else ""


def _state(draft: Draft) -> str:
    if draft.is_new:
        return "New, and not saved"
    if draft.typed:
        count = len(draft.typed)
        return f"{count} change{'s' if count > 1 else ''} not saved"
    return ""
