"""However the studio ends, the terminal is as it was, the exit code says why, and nothing lingers.

A signal or a failure first asks the studio to end in good order. Where it does not within the
deadline, because its loop is stuck or the terminal takes no more output, the process ends itself.

A thread of its own hears of signals. Python calls handlers in the main thread, and only once that
is done with what it does: a wait is cut short by a signal that comes in it, but not by one that
comes a moment before it begins. Besides, this thread interrupts nobody who may hold a lock that
it needs.
"""

from __future__ import annotations

import asyncio
import logging
import os
import select
import signal
import sys
import threading
from collections.abc import Callable, Container
from contextlib import suppress
from contextvars import Context, copy_context
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn, Protocol

from tui.crash import last_words, say
from tui.terminal import HAS_TERMIOS

if HAS_TERMIOS:
    import termios

_log = logging.getLogger(__name__)

INTERRUPTED = 130
FAILED = 1
TOLD_TO_END = 4.0
"""Seconds the studio has from a signal on: enough to write down what became of its jobs."""
AFTER_FAILURE = 1.0
_TO_WRITE = 2.0
_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT")
_HANG_UP = getattr(signal, "SIGHUP", None)
"""Comes more than once, of several who see the same window close."""

RESTORE = (
    "\x1b[?2026l"  # synchronised output
    "\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?1016l"  # the mouse
    "\x1b[?2004l\x1b[?2048l\x1b[?1004l"  # bracketed paste, resize and focus reports
    "\x1b[<u\x1b[?1049l"  # kitty's keys, the alternate screen
    "\x1b[?7h\x1b[?25h\x1b[0m"  # line wrap, cursor, colours
)
"""Undoes all modes that the studio sets; a terminal ignores those that it does not know."""


class Studio(Protocol):
    """What is told to end; called on the event loop."""

    def end_soon(self, code: int) -> None:
        """End in good order, with this exit code."""

    def fail(self, error: BaseException) -> None:
        """End because of `error`."""


class Lifeline:
    """Watches over one studio, from before it starts until the process ends."""

    def __init__(self, reports: Path, input: int = 0, output: int = 2) -> None:
        """`input` and `output` are the terminal; crash reports go to the folder `reports`."""
        self._reports = reports
        self._input, self._output = input, output
        self._attributes: list[Any] | None = None
        self._studio: Studio | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._context: Context | None = None
        self._on_end: list[Callable[[], None]] = []
        self._code: int | None = None
        self._words = ""
        # On Windows, a signal may come while another one is dealt with.
        self._lock = threading.RLock()
        self._ending = threading.Lock()
        """Taken by the one thread that ends the process, and never given back."""

    @property
    def code(self) -> int | None:
        """The exit code, once a signal or a failure has decided it."""
        return self._code

    def begin(self) -> None:
        """Remember the terminal as it is, and catch signals and failures from now on."""
        if HAS_TERMIOS:
            with suppress(OSError, termios.error):
                self._attributes = termios.tcgetattr(self._input)
        self._begin_to_listen()
        threading.excepthook = self._thread_failed
        sys.unraisablehook = _log_unraisable

    def guard(self, studio: Studio, loop: asyncio.AbstractEventLoop) -> None:
        """From now on ask `studio`, whose loop is `loop`, to end."""
        self._studio, self._loop = studio, loop
        self._context = copy_context()

    def at_end(self, action: Callable[[], None]) -> None:
        """Call `action`, which must not wait, before the process ends, however it does."""
        self._on_end.append(action)

    def hung_up(self) -> None:
        """See to it that the process ends soon: its terminal is gone."""
        self._end_soon()

    def failed(self, error: BaseException) -> None:
        """Write the report of `error`, and see to it that the process ends soon."""
        if self._decide(FAILED):
            self._words = last_words(error, self._reports)
            self._start_deadline(AFTER_FAILURE)

    def finish(self, code: int) -> int:
        """The studio ended in good order: the exit code, for which all has been said.

        Does not return where a signal or a failure ended it: threads that still work, on a
        picture or in a command, would be waited for.
        """
        for action in self._on_end:
            action()
        if self._code is not None:
            self._ending.acquire()
            self._leave()
        return code

    def _begin_to_listen(self) -> None:
        """Catch signals, and hear of them in a thread."""
        numbers = (getattr(signal, name) for name in _SIGNALS if hasattr(signal, name))
        # Whoever started us may have wanted it ignored, as nohup does.
        caught = {number for number in numbers if signal.getsignal(number) is not signal.SIG_IGN}
        if not HAS_TERMIOS:  # Windows, where the event loop itself is who hears.
            for number in caught:
                signal.signal(number, lambda number, _: self._signalled(number))
            return
        heard, told = os.pipe()
        os.set_blocking(told, False)
        signal.set_wakeup_fd(told, warn_on_full_buffer=False)
        for number in caught:
            signal.signal(number, _nothing_more)
        listen = partial(self._listen, heard, caught)
        threading.Thread(target=listen, name="signals", daemon=True).start()

    def _listen(self, heard: int, caught: Container[int]) -> None:
        """Deal with the signals whose numbers come from `heard`."""
        while True:
            for number in os.read(heard, 64):
                if number in caught:
                    self._signalled(number)
                else:
                    # Somebody else's, whose handler runs once the loop is awake.
                    self._ask(lambda _: None)

    def _signalled(self, number: int) -> None:
        if self._loop is None or (self._code is not None and number != _HANG_UP):
            # Before there was anything to end in good order, or impatient.
            self._decide(INTERRUPTED)
            self._end_now()
        self._end_soon()

    def _end_soon(self) -> None:
        if self._decide(INTERRUPTED):
            self._start_deadline(TOLD_TO_END)
            self._ask(lambda studio: studio.end_soon(INTERRUPTED))

    def _thread_failed(self, arguments: threading.ExceptHookArgs) -> None:
        error = arguments.exc_value
        if error is None or isinstance(error, SystemExit):
            return
        self.failed(error)
        if self._loop is None:
            self._end_now()
        self._ask(lambda studio: studio.fail(error))

    def _ask(self, question: Callable[[Studio], None]) -> None:
        studio, loop = self._studio, self._loop
        if studio is not None and loop is not None:
            with suppress(RuntimeError):  # The loop has ended already.
                # Not in the context of whatever task the signal happened to interrupt.
                loop.call_soon_threadsafe(question, studio, context=self._context)

    def _decide(self, code: int) -> bool:
        """Take `code` as the exit code, unless there is one."""
        with self._lock:
            if self._code is not None:
                return False
            self._code = code
            return True

    def _start_deadline(self, seconds: float) -> None:
        timer = threading.Timer(seconds, self._end_now)
        timer.daemon = True
        timer.start()

    def _end_now(self) -> NoReturn:
        """End without the studio's help."""
        # Whatever gets stuck below has so long.
        last = threading.Timer(_TO_WRITE, os._exit, (self._exit_code(),))
        last.daemon = True
        last.start()
        self._ending.acquire()
        # The studio may still draw, or only begin to.
        input, output = _taken(self._input), _taken(self._output)
        self._restore_terminal(input, output)
        for action in self._on_end:
            with suppress(Exception):
                action()
        if self._words:
            with suppress(OSError):
                os.dup2(output, self._output)
        self._leave()

    def _restore_terminal(self, input: int, output: int) -> None:
        if HAS_TERMIOS and self._attributes is not None:
            with suppress(OSError, termios.error):
                termios.tcsetattr(input, termios.TCSANOW, self._attributes)
            with suppress(OSError, ValueError):
                # One that is behind with a frame takes more in a moment; one that is gone, never.
                if select.select([], [output], [], _TO_WRITE * 0.75)[1]:
                    os.write(output, RESTORE.encode())

    def _leave(self) -> NoReturn:
        if self._words:
            say(self._words)
        with suppress(Exception):
            sys.stdout.flush()
        os._exit(self._exit_code())

    def _exit_code(self) -> int:
        return FAILED if self._code is None else self._code


def _nothing_more(number: int, frame: FrameType | None) -> None:
    """What the main thread does about a signal that is heard of elsewhere."""


def _taken(descriptor: int) -> int:
    """A descriptor of our own for the file of `descriptor`, which leads nowhere from now on."""
    try:
        own = os.dup(descriptor)
        nowhere = os.open(os.devnull, os.O_RDWR)
        os.dup2(nowhere, descriptor)
    except OSError:
        return descriptor
    return own


def _log_unraisable(unraisable: sys.UnraisableHookArgs) -> None:
    """Keep what failed while something was taken apart out of the terminal."""
    _log.error(
        "while %s was ended", type(unraisable.object).__name__, exc_info=unraisable.exc_value
    )
