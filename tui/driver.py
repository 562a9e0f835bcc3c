"""The terminal as the studio uses it: Textual's driver, which survives that a terminal goes away,
is stopped and continued, and is left as it was.
"""

from __future__ import annotations

import asyncio
import io
import select
import signal
from collections.abc import Callable, Iterable
from contextlib import suppress
from types import FrameType
from typing import IO, Any, TextIO

from textual._xterm_parser import XTermParser
from textual.app import App
from textual.drivers import linux_driver
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

_NO_MOUSE_PIXELS = "\x1b[?1016l"
_PASTE, _PASTED = "\x1b[200~", "\x1b[201~"
_ESCAPE = "\x1b"


class PasteFilter:
    """Takes escape characters out of what is pasted.

    Some terminals leave them in, and Textual's parser then takes up to 32 characters after each
    for keys that were pressed: the send key is among them, as the end of a line.
    """

    def __init__(self) -> None:
        self._is_pasting = False
        self._last = ""
        """What may be the beginning of a mark: passed on already, but not within a paste."""

    def __call__(self, data: str) -> str:
        """What came from the terminal, as it is to be parsed."""
        passed = []
        while data:
            data = self._last + data
            known = 0 if self._is_pasting else len(self._last)
            mark = _PASTED if self._is_pasting else _PASTE
            before, found, rest = data.partition(mark)
            self._last = "" if found else _beginning_of(mark, before)
            if self._is_pasting:
                before = before.removesuffix(self._last).replace(_ESCAPE, "")
            passed.append((before + found)[known:])
            self._is_pasting ^= bool(found)
            data = rest
        return "".join(passed)


def _beginning_of(mark: str, text: str) -> str:
    """The most of `mark`, less than all, that `text` ends with."""
    lengths = range(len(mark) - 1, 0, -1)
    return next((mark[:length] for length in lengths if text.endswith(mark[:length])), "")


class _Parser(XTermParser):
    """Textual's parser of keys, to which a paste cannot press any."""

    def __init__(self, debug: bool = False) -> None:
        super().__init__(debug)
        self._filter = PasteFilter()

    def feed(self, data: str) -> Iterable[Message]:
        return super().feed(self._filter(data) if data else data)


class StudioDriver(LinuxDriver):
    """Writes to the terminal and reads its keys."""

    class HungUp(Message):
        """The terminal is gone."""

    def __init__(self, app: App[Any], **options: Any) -> None:
        super().__init__(app, **options)
        # The thread that reads keys makes a parser of this name.
        linux_driver.XTermParser = _Parser  # type: ignore[attr-defined]
        self._file = _Patient(taking_all(self._file))  # type: ignore[assignment, arg-type]
        self._suspended = False
        self._hang_up: Any = None
        signal.signal(signal.SIGTSTP, _on_loop(self._sigtstp_application))
        signal.signal(signal.SIGCONT, _on_loop(self._sigcont_application))

    @property
    def is_suspended(self) -> bool:
        """Whether another program has the terminal."""
        return self._suspended

    def start_application_mode(self) -> None:
        super().start_application_mode()  # type: ignore[no-untyped-call]
        # Textual goes without it where the process turns out to be in the background.
        self._suspended = self._writer_thread is None or not self._writer_thread.is_alive()
        if not self._suspended:
            self._watch_for_hang_up()

    def stop_application_mode(self) -> None:
        self._stop_watching()
        if not self._suspended:
            self.write(_NO_MOUSE_PIXELS)  # Textual sets it and does not take it back.
            super().stop_application_mode()

    def suspend_application_mode(self) -> None:
        if not self._suspended:
            super().suspend_application_mode()
            self._suspended = True

    def _sigcont_application(self, *_: object) -> None:
        if not self._auto_restart:
            return
        if not self._suspended:
            # SIGSTOP came without asking, and others have had the terminal since. Starting anew
            # without an end would take its present modes for those to go back to.
            self.suspend_application_mode()
            self._must_signal_resume = True
        self.resume_application_mode()

    def _watch_for_hang_up(self) -> None:
        """Notice when the terminal goes away, even without SIGHUP: reading a terminal that is
        gone gives nothing for ever, which Textual would do for ever.
        """
        if not hasattr(select, "epoll") or not self.input_tty:
            return
        # Nobody else can wait for the keys here, but a hang-up is always reported.
        self._hang_up = select.epoll(1)
        self._hang_up.register(self.fileno, 0)
        asyncio.get_running_loop().add_reader(self._hang_up.fileno(), self._hung_up)

    def _hung_up(self) -> None:
        self._stop_watching()
        self._app.post_message(self.HungUp())

    def _stop_watching(self) -> None:
        if self._hang_up is not None:
            asyncio.get_running_loop().remove_reader(self._hang_up.fileno())
            self._hang_up.close()
            self._hang_up = None


def _on_loop(action: Callable[[], None]) -> Callable[[int, FrameType | None], None]:
    """A signal handler that leaves `action` to the running loop.

    Wherever the signal finds the process, `action` would take locks that what it interrupts may
    hold. The loop's own way to handle signals would keep the lifeline from hearing of any.
    """
    loop = asyncio.get_running_loop()

    def handle(_number: int, _frame: FrameType | None) -> None:
        with suppress(RuntimeError):  # The loop has ended already.
            loop.call_soon_threadsafe(action)

    return handle


def taking_all(file: TextIO) -> TextIO:
    """`file`, or where that may leave out something that is written to it, another for the same
    terminal.

    Without buffers (PYTHONUNBUFFERED), Python forgets what a terminal did not take at once, as when
    a signal cuts it short: escape sequences break off, and the screen lacks what came next.
    """
    if not isinstance(file.buffer, io.RawIOBase):
        return file
    return open(
        file.fileno(), "w", encoding=file.encoding, errors=file.errors, newline="", closefd=False
    )


class _Patient:
    """A terminal's file that takes what is written when the terminal is gone.

    Textual's writer would end with the error, and the studio would wait for it for ever.
    """

    def __init__(self, file: IO[str]) -> None:
        self._file = file

    def write(self, text: str) -> None:
        self._try(lambda: self._file.write(text))

    def flush(self) -> None:
        self._try(self._file.flush)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    @staticmethod
    def _try(action: Callable[[], object]) -> None:
        try:
            action()
        except (OSError, ValueError):
            return
