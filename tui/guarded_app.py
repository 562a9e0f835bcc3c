"""The part of the application that keeps harm from the terminal and ends well.

Nothing that it is told to show is read as markup, or acts on the terminal, and nothing that fails
in it prints a traceback.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from rich.text import Text
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.notifications import SeverityLevel
from textual.worker import Worker, WorkerFailed, WorkerState

from tui.frugal_app import FrugalApp
from tui.lifeline import Lifeline
from tui.text import one_line, showable
from tui.widgets.guard import install_guard
from tui.widgets.steady import Palette

LONGEST_NOTICE = 600
LONGEST_TITLE = 100
_log = logging.getLogger(__name__)


class GuardedApp(FrugalApp):
    """An application whose notices, failures and last words are safe to show."""

    def __init__(self, lifeline: Lifeline | None = None) -> None:
        """`lifeline` sees to it that the process ends once the application has to."""
        super().__init__()
        install_guard()
        self._lifeline = lifeline

    def get_driver_class(self) -> type[Driver]:
        driver = super().get_driver_class()
        if driver is not LinuxDriver:
            return driver
        from tui.driver import StudioDriver

        return StudioDriver

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = False,
    ) -> None:
        """Show `message`, which may hold outside text, for a while. It is never read as markup."""
        super().notify(
            showable(message, limit=LONGEST_NOTICE),
            title=one_line(title, limit=LONGEST_TITLE),
            severity=severity,
            timeout=timeout,
            markup=False,
        )

    def bell(self) -> None:
        """Ring the terminal's bell."""
        self.send("\a")

    def send(self, sequence: str) -> None:
        """Write `sequence`, which draws nothing, to the terminal, in step with what is drawn.

        It is dropped while another program has the terminal.
        """
        driver = self._driver
        if driver is None or driver.is_headless:
            return
        # While it is suspended, who writes waits for a thread that has ended.
        if not getattr(driver, "is_suspended", False):
            driver.write(sequence)

    def exit(self, result: None = None, return_code: int = 0, message: Any = None) -> None:
        """Leave; `message` is printed once the terminal is as it was, never read as markup."""
        words = None if message is None else Text(showable(str(message)))
        super().exit(result, return_code, words)

    def action_command_palette(self) -> None:
        if not isinstance(self.screen, Palette):
            self.push_screen(Palette(id="--command-palette"))

    def action_help_quit(self) -> None:
        """Tell who pressed ctrl+c, which copies, how to leave."""
        for key, active in self.active_bindings.items():
            if active.binding.action in ("quit", "app.quit"):
                self.notify(one_line(f"Press {key} to leave."))
                return

    def panic(self, *renderables: object) -> None:
        """End because of what Textual would print here; the report has it all."""
        self._return_code = 1
        self._close_messages_no_wait()

    def fail(self, error: BaseException) -> None:
        """End because of `error`, wherever it was raised."""
        self._handle_exception(error if isinstance(error, Exception) else RuntimeError(repr(error)))

    def on_load(self) -> None:
        asyncio.get_running_loop().set_exception_handler(_log_loop_error)

    def on_studio_driver_hung_up(self) -> None:
        if self._lifeline is not None:
            self._lifeline.hung_up()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        # Workers leave by themselves with `exit_on_error`, which prints; ours tell here.
        error = event.worker.error
        if event.state is WorkerState.ERROR and error is not None:
            self.fail(error)

    def _handle_exception(self, error: Exception) -> None:
        cause = error.error if isinstance(error, WorkerFailed) else error
        if self._lifeline is not None:
            self._lifeline.failed(cause)
        super()._handle_exception(error)

    def _fatal_error(self) -> None:
        # Textual would render a traceback with all variables, the key among them, for seconds.
        self._close_messages_no_wait()


def _log_loop_error(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Keep what nobody waited for out of the terminal."""
    _log.error("%s", context.get("message"), exc_info=context.get("exception"))
