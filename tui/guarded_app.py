"""The part of the application that keeps harm from the terminal and ends well.

Nothing that it is told to show is read as markup, or acts on the terminal, and nothing that fails
in it prints a traceback.
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any

from rich.text import Text
from textual import work
from textual.app import App
from textual.await_complete import AwaitComplete
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.notifications import SeverityLevel
from textual.screen import Screen
from textual.worker import Worker, WorkerFailed, WorkerState

from tui import allocator, garbage
from tui.lifeline import Lifeline
from tui.text import one_line, showable
from tui.widgets.guard import install_guard
from tui.widgets.letting_go import forget_the_gone, let_results_go, let_strips_go
from tui.widgets.sparing_styles import SparingStylesheet
from tui.widgets.steady import Palette

LONGEST_NOTICE = 600
LONGEST_TITLE = 100
_GARBAGE_EVERY = 2.0
"""Seconds."""
_GIVE_BACK_EVERY = 30.0
"""Seconds, at least."""
_GONE_AFTER = 0.5
"""Seconds in which a screen that was closed is taken down."""
_log = logging.getLogger(__name__)


class GuardedApp(App[None]):
    """An application whose notices, failures and last words are safe to show."""

    def __init__(self, lifeline: Lifeline | None = None) -> None:
        """`lifeline` sees to it that the process ends once the application has to."""
        super().__init__()
        self.stylesheet = SparingStylesheet(variables=self.get_css_variables())
        install_guard()
        let_strips_go()
        self._lifeline = lifeline
        self._gave_back_at = 0.0
        self._kinds_closed: set[type[Screen[Any]]] = set()
        self._has_new_kinds = False
        """Whether some were opened, for the first time, since what stays was left out."""

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

    def pop_screen(self) -> AwaitComplete:
        # Those that were on earlier screens.
        forget_the_gone(self)
        kind = type(self.screen)
        if kind not in self._kinds_closed:
            self._kinds_closed.add(kind)
            self._has_new_kinds = True
        if self._has_new_kinds:
            self.set_timer(_GONE_AFTER, self._leave_out_what_stays, name="garbage")
        return super().pop_screen()

    def begin_to_look_for_garbage(self) -> None:
        """To be called once the first frame is there."""
        garbage.begin()
        # Between two messages: in the midst of drawing it would add to how long that takes.
        self.set_interval(_GARBAGE_EVERY, self._look_for_garbage, name="garbage")

    def _look_for_garbage(self) -> None:
        if not garbage.is_due():
            return
        let_results_go()
        garbage.look()
        if time.monotonic() > self._gave_back_at + _GIVE_BACK_EVERY:
            self._gave_back_at = time.monotonic()
            self._give_back()

    @work(thread=True, group="memory", description="Gives memory back", exit_on_error=False)
    def _give_back(self) -> None:
        allocator.give_back()

    def _leave_out_what_stays(self) -> None:
        """Have modules and styles that screens brought with them left out by the collector."""
        if self._has_new_kinds and len(self.screen_stack) == 1:
            self._has_new_kinds = False
            garbage.find_and_leave_out()

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
