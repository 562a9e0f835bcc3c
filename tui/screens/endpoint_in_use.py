"""The configuration and the endpoint that are used now, and what that endpoint offers."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from textual.notifications import SeverityLevel

from tui.config import Config, EndpointSettings, opening_model, settings_of
from tui.generation.clients import Clients
from tui.screens.studio import StudioScreen
from tui.setup import Setup
from tui.text import one_line

if TYPE_CHECKING:
    from textual.app import App
    from textual.worker import Worker

    from tui.generation.models_desk import Known, ModelsDesk


class EndpointInUse:
    """Follows config.toml and the user's choice, and has the studio follow."""

    def __init__(self, app: App[None], setup: Setup, clients: Clients) -> None:
        self._app = app
        self._setup = setup
        self._clients = clients
        self._search: Worker[None] | None = None
        self.config = setup.config
        self.name = setup.endpoint

    async def use(self, studio: StudioScreen, config: Config, name: str) -> None:
        """Use an endpoint of `config`; jobs under way keep the clients that they have."""
        setup = self._setup
        begun_with = opening_model(setup.config, setup.endpoint)
        named = None if setup.model == begun_with else setup.model
        was = self._settings
        self.config, self.name = config, name
        self._clients.follow(config)
        is_another = was != self._settings
        if is_another:
            await studio.use_catalogue(self._models.catalogue)
        await studio.use_endpoint(name, opening_model(config, name, named))
        if is_another:
            self.find_models(studio)

    def find_models(self, studio: StudioScreen, *, anew: bool = False) -> None:
        """Have the studio know what the endpoint offers; `anew` asks it, and says what is new."""
        if self._search is not None:
            self._search.cancel()
        self._search = self._app.run_worker(
            self._find_models(studio, anew=anew),
            group="models",
            description="Asks what is offered",
            exit_on_error=False,
        )

    async def _find_models(self, studio: StudioScreen, *, anew: bool) -> None:
        async for known in self._models.known(self.name, self.config, anew=anew):
            # It may be news of an endpoint that is no longer used, or was changed.
            if studio.is_up and (known.endpoint, known.settings) == self._settings:
                await studio.use_catalogue(known.catalogue)
            self._tell(known)

    def _tell(self, known: Known) -> None:
        if known.news:
            is_bad = known.failure is not None
            severity: SeverityLevel = "warning" if is_bad else "information"
            self._app.notify(one_line(known.news, limit=400), severity=severity)

    @cached_property
    def _models(self) -> ModelsDesk:
        # Nobody is asked before the first frame.
        from tui.generation.models_desk import ModelsDesk

        return ModelsDesk(self._setup.catalogue, self._setup.paths, self._clients.get)

    @property
    def _settings(self) -> tuple[str, EndpointSettings]:
        return self.name, settings_of(self.name, self.config)
