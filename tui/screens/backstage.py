"""What works behind the studio: jobs and what is told of them, and the screens that open over it.

None of it is seen in the first frame, and so it is loaded after that.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from textual.app import App
from textual.worker import Worker, WorkerCancelled, WorkerFailed

from tui.generation.clients import Clients
from tui.generation.job_desk import JobDesk
from tui.generation.notices import Notices
from tui.generation.queue import Job
from tui.history.desk import HistoryDesk
from tui.screens.endpoint_in_use import EndpointInUse
from tui.screens.history_keeping import HistoryKeeping
from tui.screens.job_actions import JobActions
from tui.screens.job_news import JobNews
from tui.screens.notices import StudioSignals
from tui.screens.overlays import Overlays
from tui.screens.spending import TodaysSpending
from tui.screens.studio import StudioScreen
from tui.setup import Setup


class Backstage:
    """Wires jobs to history, screens and notices."""

    def __init__(
        self,
        app: App[None],
        setup: Setup,
        studio: StudioScreen,
        history: HistoryDesk,
        clients: Clients,
        in_use: EndpointInUse,
        send: Callable[[str], None],
    ) -> None:
        """`send` writes a sequence to the terminal, in step with all else that is written."""
        self._app = app
        self._setup = setup
        self._clients = clients
        self._in_use = in_use
        self._worker: Worker[None] | None = None
        self.job_news = JobNews(app, studio, lambda: self.jobs.board, self._jobs_shown)
        self.jobs = JobDesk(
            setup.paths,
            history,
            setup.config,
            clients.get,
            studio.card_of,
            changed=self._job_changed,
            mended=self.job_news.mended,
            found=self.job_news.look,
            told=self.job_news.board,
        )
        self.job_actions = JobActions(app, self.jobs)
        self.notices = Notices(
            lambda: in_use.config.notices,
            history.store,
            setup.catalogue.card,
            StudioSignals(app, send, setup.terminal),
        )
        self.overlays = Overlays(app, studio, setup, history, self.jobs, self.job_actions)
        self.spending = TodaysSpending(app, studio, history)
        self.history_keeping = HistoryKeeping(app, history, setup.paths.config_file)

    def begin(self, began: datetime) -> None:
        """Work for as long as the application lives; `began` is when it started."""
        self._worker = self._app.run_worker(
            self.jobs.work(),
            name="jobs",
            group="jobs",
            description="Runs jobs, and looks for lost ones, for as long as the application lives",
            exit_on_error=False,
        )
        self.job_actions.take_up(began)
        self.spending.follow()
        if days := self._setup.config.trash_days:
            self.history_keeping.empty_trash(days)

    async def open_endpoints(self) -> None:
        """Show the settings of the endpoints, over the studio."""
        await self.overlays.open_endpoints(self._in_use.config, self._in_use.name)

    async def open_library(self) -> None:
        """Show what the endpoint in use keeps of what was made, over the studio."""
        mended = self.job_news.mended
        await self.overlays.open_library(self._in_use.name, self._clients, mended)

    def follow_history(self) -> None:
        """Show what history holds, and adds up to, now."""
        self.spending.follow()
        self.overlays.follow_history()

    async def stop_jobs(self) -> None:
        """End what runs; it is on the disk then what became of it."""
        if self._worker is not None:
            self._worker.cancel()
            with suppress(WorkerFailed, WorkerCancelled):
                await self._worker.wait()

    def _job_changed(self, job: Job) -> None:
        self.notices.job_changed(job)
        self.job_news.job(job)

    def _jobs_shown(self) -> None:
        self.overlays.follow_jobs()
        self.spending.follow()
