"""A terminal of 120×40 for timing: a pty that answers as a plain terminal does."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from collections.abc import Sequence
from types import TracebackType

COLUMNS, ROWS = 120, 40
_ATTRIBUTES_QUERY = b"\x1b[c"
_ATTRIBUTES_ANSWER = b"\x1b[?62;22c"


class TimedTerminal:
    """Runs a command in a pty; times are monotonic seconds."""

    def __init__(self, command: Sequence[str], environment: dict[str, str]) -> None:
        self.started = time.perf_counter()
        self._pid, self._descriptor = pty.fork()
        if self._pid == 0:
            os.execvpe(command[0], list(command), environment)
        size = struct.pack("HHHH", ROWS, COLUMNS, COLUMNS * 10, ROWS * 20)
        fcntl.ioctl(self._descriptor, termios.TIOCSWINSZ, size)
        self._answered = 0
        self.output = b""

    def __enter__(self) -> TimedTerminal:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
        os.close(self._descriptor)

    def wait_for(self, text: str, timeout: float = 30.0) -> float:
        """Seconds from the start until `text` has been written."""
        while text.encode() not in self.output:
            self._read(timeout)
        return time.perf_counter() - self.started

    def wait_until_quiet(self, seconds: float) -> None:
        """Return when nothing was written for so long."""
        while self._readable(seconds):
            self._read(seconds)

    def press(self, key: str) -> float:
        """Seconds from sending `key` until the first byte comes back."""
        begun = time.perf_counter()
        os.write(self._descriptor, key.encode())
        self._read(10.0)
        return time.perf_counter() - begun

    def _readable(self, timeout: float) -> bool:
        return bool(select.select([self._descriptor], [], [], timeout)[0])

    def _read(self, timeout: float) -> None:
        if not self._readable(timeout):
            raise TimeoutError(f"nothing more after {self.output[-400:]!r}")
        self.output += os.read(self._descriptor, 65536)
        while self._answered < self.output.count(_ATTRIBUTES_QUERY):
            self._answered += 1
            os.write(self._descriptor, _ATTRIBUTES_ANSWER)
