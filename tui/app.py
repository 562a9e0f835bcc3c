"""The application: the studio, what works behind it, and what outlives a screen."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, ClassVar

from msgspec.structs import replace
from textual import on, work
from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen

from tui import garbage
from tui.generation.clients import Clients
from tui.generation.reference_desk import ReferenceDesk, fetching
from tui.generation.session_keeper import SessionKeeper
from tui.guarded_app import GuardedApp
from tui.history.desk import HistoryDesk
from tui.lifeline import Lifeline
from tui.screens.endpoint_in_use import EndpointInUse
from tui.screens.studio import StudioFacts, StudioScreen
from tui.setup import Setup
from tui.terminal import typed_text
from tui.text import one_line, showable
from tui.widgets.data_message import DataMessage
from tui.widgets.history_pane import HistoryPane
from tui.widgets.picture_format import PictureApp, format_for
from tui.widgets.textual_theme import register_themes, variable_defaults

if TYPE_CHECKING:
    from tui.screens.backstage import Backstage
    from tui.screens.settings import SettingsScreen

LEAVE_WITHIN = 5.0
"""Seconds in which a second quit leaves jobs behind."""
_MOST_PROBLEMS = 4
"""Messages at the start."""


class DarkroomApp(PictureApp, GuardedApp):
    """Darkroom in a terminal."""

    TITLE = "Darkroom"
    CSS_PATH = "styles/studio.tcss"
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+p", "command_palette", "commands", id="commands", priority=True),
        Binding("ctrl+q", "quit", "quit", id="quit", priority=True),
        Binding("f4", "open_jobs", "jobs", id="show-jobs", priority=True),
        Binding(
            "f6", "open_statistics", "statistics", show=False, id="show-statistics", priority=True
        ),
        Binding("f10", "open_library", "library", show=False, id="show-library", priority=True),
        Binding("f8", "open_endpoints", "endpoints", id="show-endpoints", priority=True),
    ]

    class SessionUnkept(DataMessage):
        """Where the studio was left cannot be kept; the text says why."""

        problem: str

    def __init__(self, setup: Setup, lifeline: Lifeline | None = None) -> None:
        super().__init__(lifeline)
        self.setup = setup
        format = format_for(setup.graphics, setup.terminal, through_tmux=setup.through_tmux)
        self.set_reactive(PictureApp.picture_format, format)
        self._desk = HistoryDesk(setup.paths, setup.clock)
        self._clients = Clients(setup.config, setup.paths)
        self._in_use = EndpointInUse(self, setup, self._clients)
        self._sessions = SessionKeeper(setup.paths.session, self._session_unkept)
        session = self._sessions.read()
        if lifeline is not None:
            lifeline.at_end(self._sessions.close)
        facts = StudioFacts(
            endpoint=setup.endpoint,
            catalogue=setup.catalogue,
            desk=self._desk,
            references=ReferenceDesk(
                setup.paths, self._desk.store, fetching(self._clients, lambda: self._in_use.name)
            ),
            config=lambda: self._in_use.config,
            clock=setup.clock,
        )
        self.studio = StudioScreen(facts, setup.opening_draft(session), session)
        self._backstage: Backstage | None = None
        self._began = datetime.now(UTC)
        self._leaving = False
        self._ending: asyncio.Task[None] | None = None
        register_themes(self, setup.themes.found.values(), setup.theme)

    @property
    def backstage(self) -> Backstage:
        """What works behind the studio, loaded when it is first needed."""
        if self._backstage is None:
            from tui.screens.backstage import Backstage

            self._backstage = Backstage(
                *(self, self.setup, self.studio, self._desk, self._clients, self._in_use, self.send)
            )
        return self._backstage

    def get_default_screen(self) -> Screen[None]:
        return self.studio

    def on_mount(self) -> None:
        if keymap := self.setup.config.keymap:
            from tui.screens.keymap import use_keymap

            use_keymap(self, keymap)
        self.call_after_refresh(self._after_first_frame)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Our own variables, for Textual's built-in themes, which lack them."""
        return variable_defaults(self.current_theme)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        from tui.screens.palette import commands_on

        return commands_on(screen, self.studio)

    async def action_open_endpoints(self) -> None:
        """Show the settings of the endpoints, over the studio."""
        await self.backstage.open_endpoints()

    async def action_open_jobs(self) -> None:
        """Show what runs and what waits, over the studio."""
        await self.backstage.overlays.open_jobs()

    async def action_open_library(self) -> None:
        """Show what the endpoint keeps of what was made, over the studio."""
        await self.backstage.open_library()

    async def action_open_statistics(self) -> None:
        """Show what history adds up to, over the studio."""
        await self.backstage.overlays.open_statistics()

    async def on_settings_screen_changed(self, message: SettingsScreen.Changed) -> None:
        """Follow config.toml."""
        await self._in_use.use(self.studio, message.config, message.used)

    def action_refresh_models(self) -> None:
        """Ask the endpoint what it offers, and say what is new."""
        self._in_use.find_models(self.studio, anew=True)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        opens = ("open_endpoints", "open_jobs", "open_library", "open_statistics")
        return action not in opens or self.screen is self.studio

    async def action_quit(self) -> None:
        """Leave; asks for a second press while jobs are under way."""
        if not self.backstage.overlays.may_leave():
            return
        jobs = self.backstage.jobs.queue.jobs
        if jobs and not self._leaving:
            self._leaving = True
            self.set_timer(LEAVE_WITHIN, self._stay)
            self.notify(
                one_line(
                    f"{len(jobs)} job{'s' if len(jobs) != 1 else ''} not finished. Press again to "
                    "leave: what was sent may be charged, and stays in history as unknown."
                ),
                severity="warning",
                timeout=LEAVE_WITHIN,
            )
            return
        await self.backstage.stop_jobs()
        await self._clients.aclose()
        self.exit()

    async def on_unmount(self) -> None:
        if self._backstage is not None:
            await self._backstage.notices.close()
        await asyncio.to_thread(self._sessions.close)
        await asyncio.to_thread(self._desk.close)

    def end_soon(self, code: int) -> None:
        """Leave without asking, as soon as it is on the disk what became of the jobs."""
        self._ending = asyncio.create_task(self._end(code))

    async def _end(self, code: int) -> None:
        try:
            await self.backstage.stop_jobs()
        finally:
            self.exit(return_code=code)

    def _stay(self) -> None:
        self._leaving = False

    def _after_first_frame(self) -> None:
        self.begin_to_look_for_garbage()
        self._tell_of_problems()
        self.studio.open_history()
        self.backstage.begin(self._began)
        self._load_libraries()
        self._in_use.find_models(self.studio)
        if early := typed_text(self.setup.terminal.typed_ahead):
            self.studio.editor.insert(early)

    def _tell_of_problems(self) -> None:
        problems = self.setup.problems
        # What a hundred messages cover is what one came for.
        told = problems if len(problems) <= _MOST_PROBLEMS else problems[: _MOST_PROBLEMS - 1]
        for problem in told:
            self.notify(one_line(problem, limit=300), severity="warning")
        if rest := len(problems) - len(told):
            text = f"{rest:,} more problems were found. darkroom check names them all."
            self.notify(showable(text), severity="warning")

    @work(thread=True, group="warmth", description="Loads libraries", exit_on_error=False)
    def _load_libraries(self) -> None:
        # What the first request and its picture will need, while the user still writes.
        import tui.generation.run
        import tui.images.prepare  # noqa: F401

        garbage.leave_out()

    @on(StudioScreen.SessionChanged)
    def _keep_session(self, message: StudioScreen.SessionChanged) -> None:
        self._sessions.keep(message.session)

    def _session_unkept(self, problem: str) -> None:
        # Called in the keeper's thread.
        self.post_message(self.SessionUnkept(problem))

    @on(SessionUnkept)
    def _show_unkept(self, message: SessionUnkept) -> None:
        self.notify(one_line(message.problem, limit=300), severity="warning")

    @on(HistoryPane.Changed)
    def _history_changed(self) -> None:
        self.backstage.follow_history()

    @on(HistoryPane.SearchNamed)
    def _search_named(self, message: HistoryPane.SearchNamed) -> None:
        self.backstage.history_keeping.keep_search(message, self._searches_kept)

    def _searches_kept(self, searches: dict[str, str]) -> None:
        self._in_use.config = replace(self._in_use.config, searches=searches)
        if self.studio.is_up:
            self.studio.history_pane.show_searches(searches)

    @on(StudioScreen.SendRequested)
    def _send_requested(self, message: StudioScreen.SendRequested) -> None:
        self.backstage.job_actions.send(message.requests, message.card)

    @on(StudioScreen.SheetRequested)
    async def _sheet_requested(self) -> None:
        await self.backstage.overlays.open_sheet()

    @on(StudioScreen.StopRequested)
    def _stop_requested(self, message: StudioScreen.StopRequested) -> None:
        self.backstage.job_actions.stop(message.entry_id)
