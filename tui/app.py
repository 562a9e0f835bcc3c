"""The application: wires the studio to history and queue, and holds what outlives a screen."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, ClassVar

from msgspec import Struct
from msgspec.structs import replace
from textual import on, work
from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.notifications import SeverityLevel
from textual.screen import Screen
from textual.worker import Worker, WorkerCancelled, WorkerFailed

from tui.catalog.loading import Catalogue
from tui.config import Config, ConfigError, EndpointSettings, opening_model
from tui.generation.clients import Clients
from tui.generation.draft import first_draft
from tui.generation.job_desk import JobDesk
from tui.generation.lost import Look
from tui.generation.models_desk import Known, ModelsDesk, settings_of
from tui.generation.notices import Notices
from tui.generation.queue import Job
from tui.generation.saved_searches import keep_search
from tui.generation.session import resumed
from tui.generation.session_keeper import SessionKeeper
from tui.guarded_app import GuardedApp
from tui.history.desk import HistoryDesk
from tui.history.entry import Entry
from tui.lifeline import Lifeline
from tui.paths import Paths
from tui.screens.job_actions import JobActions
from tui.screens.notices import StudioSignals
from tui.screens.studio import PANES, StudioFacts, StudioScreen
from tui.terminal import Graphics, TerminalFacts, typed_text
from tui.text import one_line
from tui.themes import Themes
from tui.widgets.history_pane import HistoryPane
from tui.widgets.textual_theme import textual_theme

if TYPE_CHECKING:
    from tui.screens.jobs import JobsScreen, Wanted
    from tui.screens.settings import SettingsScreen
    from tui.screens.statistics import StatisticsScreen

LEAVE_WITHIN = 5.0
"""Seconds in which a second quit leaves jobs behind."""


def local_time() -> datetime:
    """The present in the machine's zone."""
    return datetime.now().astimezone()


class Setup(Struct, frozen=True):
    """All that the application is started with."""

    paths: Paths
    config: Config
    catalogue: Catalogue
    themes: Themes
    endpoint: str
    model: str
    theme: str
    names_model: bool = False
    """Whether the model was asked for, and is not just the one to begin with."""
    graphics: Graphics = "half"
    terminal: TerminalFacts = TerminalFacts()
    problems: tuple[str, ...] = ()
    """Sentences about files that could not be used, to be shown at the start."""
    clock: Callable[[], datetime] = local_time


class DarkroomApp(GuardedApp):
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
        Binding("f8", "open_endpoints", "endpoints", id="show-endpoints", priority=True),
    ]

    @dataclass
    class JobChanged(Message):
        """A job has a new state."""

        job: Job

    @dataclass
    class EntryMended(Message):
        """A look for a lost job changed its entry."""

        entry: Entry

    @dataclass
    class Looked(Message):
        """A lost job was looked for."""

        look: Look

    @dataclass
    class BoardChanged(Message):
        """What there is to show of the jobs is something else."""

    @dataclass
    class SessionUnkept(Message):
        """Where the studio was left cannot be kept; the text says why."""

        problem: str

    @dataclass
    class ModelsKnown(Message):
        """It became known what an endpoint offers."""

        known: Known

    def __init__(self, setup: Setup, lifeline: Lifeline | None = None) -> None:
        super().__init__(lifeline)
        self.setup = setup
        self._config = setup.config
        self._endpoint = setup.endpoint
        self._settings: SettingsScreen | None = None
        self._jobs_screen: JobsScreen | None = None
        self._statistics: StatisticsScreen | None = None
        self._desk = HistoryDesk(setup.paths, setup.clock)
        self._clients = Clients(setup.config, setup.paths)
        self._models = ModelsDesk(setup.catalogue, setup.paths, self._clients.get)
        self._jobs = JobDesk(
            setup.paths,
            self._desk,
            setup.config,
            self._clients.get,
            lambda model: self.studio.card_of(model),
            changed=lambda job: self.post_message(self.JobChanged(job)),
            mended=lambda entry: self.post_message(self.EntryMended(entry)),
            found=lambda look: self.post_message(self.Looked(look)),
            told=lambda: self.post_message(self.BoardChanged()),
        )
        self._job_actions = JobActions(self, self._jobs)
        self._jobs_worker: Worker[None] | None = None
        self._notices = Notices(
            lambda: self._config.notices,
            self._desk.store,
            setup.catalogue.card,
            StudioSignals(self, self.send, setup.terminal),
        )
        self._leaving = False
        self._is_to_add_up = False
        self._adding_up = asyncio.Lock()
        self._began = datetime.now(UTC)
        self._ending: asyncio.Task[None] | None = None
        self._register_themes()
        self._sessions = SessionKeeper(setup.paths.session, self._session_unkept)
        session = self._sessions.read()
        draft = first_draft(setup.catalogue, setup.model, setup.config.defaults)
        if session is not None:
            draft = resumed(session.draft.under(setup.catalogue), draft)
            if setup.names_model:
                draft = draft.with_model(setup.catalogue.card(setup.model))
        if lifeline is not None:
            lifeline.at_end(self._sessions.close)
        facts = StudioFacts(
            endpoint=setup.endpoint,
            catalogue=setup.catalogue,
            desk=self._desk,
            config=lambda: self._config,
            clock=setup.clock,
            graphics=setup.graphics,
            terminal=setup.terminal,
        )
        self.studio = StudioScreen(facts, draft, session)

    def get_default_screen(self) -> Screen[None]:
        return self.studio

    def on_mount(self) -> None:
        self.set_keymap(self.setup.config.keymap)
        self.call_after_refresh(self._after_first_frame)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Our own variables, for Textual's built-in themes, which lack them."""
        if self.current_theme.dark:
            return {"border-quiet": "#505050", "text-quiet": "#a0a0a0"}
        return {"border-quiet": "#c0c0c0", "text-quiet": "#606060"}

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        studio = self.studio
        if screen is studio:
            yield SystemCommand("Send", "Send the prompt as it stands", studio.action_send)
            yield SystemCommand(
                "Earlier prompt", "Put the one before into the editor", studio.editor.action_older
            )
            yield SystemCommand(
                "Later prompt", "Put the one after into the editor", studio.editor.action_newer
            )
            for name, title in PANES.items():
                show = partial(studio.action_show_pane, name)
                yield SystemCommand(one_line(f"Go to {title.lower()}"), "Put the focus there", show)
            yield SystemCommand("Jobs", "What runs and what waits", self.action_open_jobs)
            yield SystemCommand(
                "Statistics", "Images, spend and waiting", self.action_open_statistics
            )
            yield SystemCommand(
                "Endpoints", "Servers: change, test, choose one", self.action_open_endpoints
            )
            yield SystemCommand(
                "Refresh models", "Ask the endpoint what it offers", self.action_refresh_models
            )
            yield SystemCommand(
                "Reset panes", "As large as they were at first", studio.action_reset_panes
            )
        yield SystemCommand("Theme", "Change the colours", self.action_change_theme)
        yield SystemCommand("Keys", "List the keys that work here", self.action_show_help_panel)
        yield SystemCommand("Quit", "Leave Darkroom", self.action_quit)

    async def action_open_endpoints(self) -> None:
        """Show the settings of the endpoints, over the studio."""
        # In a thread, since it takes a moment the first time.
        await asyncio.to_thread(import_module, "tui.screens.settings")
        from tui.screens.settings import SettingsFacts, SettingsScreen

        if self.screen is self.studio:
            cards = self.setup.catalogue.cards.values()
            models = [(card.id, card.name) for card in cards]
            facts = SettingsFacts(self.setup.paths, self._config, self._endpoint, models)
            self._settings = SettingsScreen(facts)
            self.push_screen(self._settings)

    async def action_open_jobs(self) -> None:
        """Show what runs and what waits, over the studio."""
        await asyncio.to_thread(import_module, "tui.screens.jobs")
        from tui.screens.jobs import JobsScreen

        if self.screen is self.studio:
            self._jobs_screen = JobsScreen(
                lambda: self._jobs.board, self._jobs, self._job_actions, self.studio.card_of
            )
            self.push_screen(self._jobs_screen, self._jobs_left)

    def _jobs_left(self, wanted: Wanted) -> None:
        self._jobs_screen = None
        if isinstance(wanted, str):
            self.studio.go_to(wanted)
        elif wanted is not None:
            self.studio.edit(wanted)

    async def action_open_statistics(self) -> None:
        """Show what history adds up to, or what is searched for in it, over the studio."""
        await asyncio.to_thread(import_module, "tui.screens.statistics")
        from tui.screens.statistics import StatisticsScreen

        if self.screen is self.studio:
            query = self.studio.history_pane.query_text
            self._statistics = StatisticsScreen(self._desk, query)
            self.push_screen(self._statistics, self._statistics_closed)

    def _statistics_closed(self, _: None) -> None:
        self._statistics = None

    @on(BoardChanged)
    def _follow_board(self) -> None:
        # There may be news until the very end, when the screen is already taken apart.
        if self.studio.is_up:
            self.studio.show_queue(self._jobs.board)
            if self._jobs_screen is not None:
                self._jobs_screen.follow()

    async def on_settings_screen_changed(self, message: SettingsScreen.Changed) -> None:
        """Follow config.toml; jobs under way keep the clients that they have."""
        setup = self.setup
        begun_with = opening_model(setup.config, setup.endpoint)
        named = None if setup.model == begun_with else setup.model
        was = self._settings_in_use()
        self._config, self._endpoint = message.config, message.used
        self._clients.follow(message.config)
        is_another = was != self._settings_in_use()
        if is_another:
            await self.studio.use_catalogue(self._models.catalogue)
        model = opening_model(message.config, message.used, named)
        await self.studio.use_endpoint(message.used, model)
        if is_another:
            self._find_models()

    def action_refresh_models(self) -> None:
        """Ask the endpoint what it offers, and say what is new."""
        self._find_models(anew=True)

    @work(group="models", description="Asks what is offered", exit_on_error=False, exclusive=True)
    async def _find_models(self, *, anew: bool = False) -> None:
        async for known in self._models.known(self._endpoint, self._config, anew=anew):
            self.post_message(self.ModelsKnown(known))

    @on(ModelsKnown)
    async def _models_known(self, message: ModelsKnown) -> None:
        known = message.known
        if not self.studio.is_up:
            return
        # It may be news of an endpoint that is no longer used, or was changed.
        if (known.endpoint, known.settings) == self._settings_in_use():
            await self.studio.use_catalogue(known.catalogue)
        if known.news:
            is_bad = known.failure is not None
            severity: SeverityLevel = "warning" if is_bad else "information"
            self.notify(one_line(known.news, limit=400), severity=severity)

    def _settings_in_use(self) -> tuple[str, EndpointSettings]:
        return self._endpoint, settings_of(self._endpoint, self._config)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        opens = ("open_endpoints", "open_jobs", "open_statistics")
        return action not in opens or self.screen is self.studio

    async def action_quit(self) -> None:
        """Leave; asks for a second press while jobs are under way."""
        settings = self._settings
        if settings is not None and settings in self.screen_stack and not settings.may_leave():
            return
        jobs = self._jobs.queue.jobs
        if jobs and not self._leaving:
            self._leaving = True
            self.set_timer(LEAVE_WITHIN, self._stay)
            count = len(jobs)
            self.notify(
                one_line(
                    f"{count} job{'s' if count != 1 else ''} not finished. Press again to leave: "
                    "what was sent may be charged, and stays in history as unknown."
                ),
                severity="warning",
                timeout=LEAVE_WITHIN,
            )
            return
        await self._stop_jobs()
        await self._clients.aclose()
        self.exit()

    async def on_unmount(self) -> None:
        await self._notices.close()
        await asyncio.to_thread(self._sessions.close)
        await asyncio.to_thread(self._desk.close)

    def end_soon(self, code: int) -> None:
        """Leave without asking, as soon as it is on the disk what became of the jobs."""
        self._ending = asyncio.create_task(self._end(code))

    async def _end(self, code: int) -> None:
        try:
            await self._stop_jobs()
        finally:
            self.exit(return_code=code)

    def _stay(self) -> None:
        self._leaving = False

    def _after_first_frame(self) -> None:
        if not gc.isenabled():
            gc.freeze()
            gc.enable()
        for problem in self.setup.problems:
            self.notify(one_line(problem, limit=300), severity="warning")
        self._jobs_worker = self.run_worker(
            self._jobs.work(),
            name="jobs",
            group="jobs",
            description="Runs jobs, and looks for lost ones, for as long as the application lives",
            exit_on_error=False,
        )
        self.studio.open_history()
        self._find_left_over()
        self._show_spending()
        self._load_libraries()
        if days := self.setup.config.trash_days:
            self._empty_trash(days)
        self._find_models()
        if early := typed_text(self.setup.terminal.typed_ahead):
            self.studio.editor.insert(early)

    @work(thread=True, group="warmth", description="Loads libraries", exit_on_error=False)
    def _load_libraries(self) -> None:
        # What the first request and its picture will need, while the user still writes.
        import tui.generation.run
        import tui.images.prepare  # noqa: F401

        # They stay for good: to go through them at each collection would take 30 ms.
        if gc.get_freeze_count():
            gc.freeze()

    @work(group="left-over", description="Finds what was left undone", exit_on_error=False)
    async def _find_left_over(self) -> None:
        if jobs := await self._jobs.take_up(self._began):
            what = "1 request" if len(jobs) == 1 else f"{len(jobs)} requests"
            text = f"{what} left waiting last time. f4: look, send, edit or cancel."
            self.notify(one_line(text), title="Jobs", timeout=10)

    @work(group="trash", description="Empties the trash", exit_on_error=False)
    async def _empty_trash(self, days: int) -> None:
        try:
            count = await asyncio.to_thread(self._desk.empty_trash, days)
        except OSError as error:
            self._tell_of_trash(f"The trash cannot be emptied: {error.strerror or error}.")
            return
        if count:
            entries = "1 entry" if count == 1 else f"{count} entries"
            self._tell_of_trash(f"{entries} removed from the trash, {days} days after.")

    def _tell_of_trash(self, text: str) -> None:
        self.notify(one_line(text, limit=300), title="Trash")

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
        self._show_spending()
        if self._statistics is not None:
            self._statistics.follow()

    @on(HistoryPane.SearchNamed)
    @work(group="searches", description="Keeps a search", exit_on_error=False)
    async def _keep_search(self, message: HistoryPane.SearchNamed) -> None:
        try:
            searches = await asyncio.to_thread(
                keep_search, self.setup.paths.config_file, message.name, message.query, message.was
            )
        except ConfigError as error:
            self.notify(one_line(str(error), limit=300), title="Not kept", severity="warning")
            return
        self._config = replace(self._config, searches=searches)
        if self.studio.is_up:
            self.studio.history_pane.show_searches(searches)

    @on(StudioScreen.SendRequested)
    def _send_requested(self, message: StudioScreen.SendRequested) -> None:
        self._job_actions.send(message.requests, message.card)

    @on(StudioScreen.StopRequested)
    def _stop_requested(self, message: StudioScreen.StopRequested) -> None:
        self._job_actions.stop(message.entry_id)

    @on(JobChanged)
    def _show_job(self, message: JobChanged) -> None:
        self._notices.job_changed(message.job)
        if self.studio.is_up:
            self.studio.show_job(message.job)
            self._follow_board()
            self._show_spending()

    @on(EntryMended)
    def _show_mended(self, message: EntryMended) -> None:
        if self.studio.is_up:
            self.studio.show_mended(message.entry)
            self._show_spending()

    @on(Looked)
    def _show_look(self, message: Looked) -> None:
        if self.studio.is_up:
            self.studio.show_look(message.look)
            self._follow_board()

    def _show_spending(self) -> None:
        if not self._is_to_add_up:
            self._is_to_add_up = True
            self._add_up()

    @work(group="spending", description="Adds up today", exit_on_error=False)
    async def _add_up(self) -> None:
        # One at a time: a thread is not stopped, and each looks at all files of the day.
        async with self._adding_up:
            self._is_to_add_up = False
            spent = await asyncio.to_thread(self._desk.spent_today)
        if self.studio.is_up:
            self.studio.show_spending(spent)

    async def _stop_jobs(self) -> None:
        if self._jobs_worker is not None:
            self._jobs_worker.cancel()
            with suppress(WorkerFailed, WorkerCancelled):
                await self._jobs_worker.wait()

    def _register_themes(self) -> None:
        for theme in self.setup.themes.found.values():
            self.register_theme(textual_theme(theme))
        if self.setup.theme in self.available_themes:
            self.theme = self.setup.theme
