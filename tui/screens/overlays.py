"""The screens that open over the studio, each loaded when it is first opened."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING

from tui.config import Config
from tui.generation.clients import Clients
from tui.generation.job_desk import JobDesk
from tui.history.desk import HistoryDesk
from tui.history.entry import Entry
from tui.screens.job_actions import JobActions
from tui.screens.studio import StudioScreen
from tui.setup import Setup
from tui.widgets.history_sidebar import HistorySidebar

if TYPE_CHECKING:
    from textual.app import App

    from tui.generation.library_desk import LibraryDesk
    from tui.screens.contact_sheet import ContactSheetScreen
    from tui.screens.jobs import JobsScreen, Wanted
    from tui.screens.library import LibraryScreen
    from tui.screens.library_actions import LibraryActions
    from tui.screens.settings import SettingsScreen
    from tui.screens.statistics import StatisticsScreen
    from tui.widgets.contact_sheet import SheetMemory


class Overlays:
    """Opens them, where none is open, and has them follow what changes beneath."""

    def __init__(
        self,
        app: App[None],
        studio: StudioScreen,
        setup: Setup,
        history: HistoryDesk,
        jobs: JobDesk,
        actions: JobActions,
    ) -> None:
        self._app = app
        self._studio = studio
        self._setup = setup
        self._history = history
        self._job_desk = jobs
        self._actions = actions
        self._settings: SettingsScreen | None = None
        self._jobs: JobsScreen | None = None
        self._statistics: StatisticsScreen | None = None
        self._sheet: ContactSheetScreen | None = None
        self._sheet_memory: SheetMemory | None = None
        self._library: LibraryScreen | None = None
        self._library_kept: tuple[LibraryDesk, LibraryActions] | None = None

    async def open_endpoints(self, config: Config, endpoint: str) -> None:
        """Show the settings of the endpoints in `config`, of which `endpoint` is used."""
        await _load("settings")
        from tui.screens.settings import SettingsFacts, SettingsScreen

        if self._is_free:
            cards = self._setup.catalogue.cards.values()
            models = [(card.id, card.name) for card in cards]
            facts = SettingsFacts(self._setup.paths, config, endpoint, models)
            self._settings = SettingsScreen(facts)
            self._app.push_screen(self._settings)

    async def open_jobs(self) -> None:
        """Show what runs, what waits and what is lost."""
        await _load("jobs")
        from tui.screens.jobs import JobsScreen

        if self._is_free:
            self._jobs = JobsScreen(self._job_desk, self._actions, self._studio.card_of)
            self._app.push_screen(self._jobs, partial(self._jobs_left, self._jobs))

    async def open_library(
        self, endpoint: str, clients: Clients, changed: Callable[[Entry], object]
    ) -> None:
        """Show the records of `endpoint`, reached by `clients`; `changed` hears of entries that
        were made of some."""
        await _load("library")
        from tui.generation.choosing import asked_by_card
        from tui.generation.library_desk import LibraryDesk
        from tui.screens.library import LibraryFacts, LibraryScreen
        from tui.screens.library_actions import LibraryActions

        if not self._is_free:
            return
        studio, kept = self._studio, self._library_kept
        if kept is None or kept[0].endpoint != endpoint:
            desk = LibraryDesk(
                self._setup.paths,
                self._history,
                endpoint,
                clients.get,
                asked=lambda entry: asked_by_card(entry, studio.card_of(entry.model)),
                changed=changed,
                told=self._follow_library,
            )
            kept = self._library_kept = desk, LibraryActions(self._app, desk)
        facts = LibraryFacts(
            history=self._history,
            card_of=studio.card_of,
            clock=self._setup.clock,
            view=studio.view,
            discard=lambda ids: studio.post_message(HistorySidebar.Wished("discard", ids)),
            use_as_reference=studio.ways.use,
        )
        self._library = LibraryScreen(*kept, facts)
        self._app.push_screen(self._library, partial(self._library_left, self._library))

    async def open_statistics(self) -> None:
        """Show what history adds up to, or what is searched for in it."""
        await _load("statistics")
        from tui.screens.statistics import StatisticsScreen

        if self._is_free:
            query = self._studio.history_pane.query_text
            self._statistics = StatisticsScreen(self._history, query)
            left = partial(self._statistics_left, self._statistics)
            self._app.push_screen(self._statistics, left)

    async def open_sheet(self) -> None:
        """Show the pictures of what is marked in history, or else of all that it lists."""
        await _load("contact_sheet")
        from tui.screens.contact_sheet import ContactSheetScreen, SheetFacts
        from tui.widgets.contact_sheet import SheetMemory

        if self._is_free:
            pane = self._studio.history_pane
            facts = SheetFacts(
                query=pane.query_text,
                marks=pane.entries.marks,
                current=pane.entries.current,
            )
            self._sheet_memory = self._sheet_memory or SheetMemory()
            self._sheet = ContactSheetScreen(
                self._history, facts, self._studio.post_message, self._sheet_memory
            )
            self._app.push_screen(self._sheet, partial(self._sheet_left, self._sheet))
            self._studio.follow_with(self._sheet.sheet)

    def follow_jobs(self) -> None:
        """Show the jobs as they are now."""
        if self._jobs is not None:
            self._jobs.follow()

    def follow_history(self) -> None:
        """Show what history holds, and adds up to, now."""
        if self._statistics is not None:
            self._statistics.follow()
        if self._sheet is not None:
            self._sheet.follow()
        if self._library is not None:
            self._library.look_again()

    def _follow_library(self) -> None:
        if self._library is not None:
            self._library.follow()

    def may_leave(self) -> bool:
        """Whether nothing would be lost; says so where something would, the first time."""
        settings = self._settings
        is_open = settings is not None and settings in self._app.screen_stack
        return settings is None or not is_open or settings.may_leave()

    @property
    def _is_free(self) -> bool:
        return self._app.screen is self._studio

    # What was left may be open again by the time that it is told.

    def _library_left(self, screen: LibraryScreen, prompt: str | None) -> None:
        if self._library is screen:
            self._library = None
            if self._library_kept is not None:
                self._library_kept[0].rest()
        if prompt is not None:
            self._studio.write(prompt)

    def _jobs_left(self, screen: JobsScreen, wanted: Wanted) -> None:
        if self._jobs is screen:
            self._jobs = None
        if isinstance(wanted, str):
            self._studio.go_to(wanted)
        elif wanted is not None:
            self._studio.edit(wanted)

    def _sheet_left(self, screen: ContactSheetScreen, _: None) -> None:
        if self._sheet is screen:
            self._sheet = None
            self._studio.follow_with(None)

    def _statistics_left(self, screen: StatisticsScreen, _: None) -> None:
        if self._statistics is screen:
            self._statistics = None


async def _load(name: str) -> None:
    # In a thread, since it takes a moment the first time.
    await asyncio.to_thread(import_module, f"tui.screens.{name}")
