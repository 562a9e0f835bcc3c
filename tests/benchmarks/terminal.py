"""A terminal of 120×40 for timing: a pty that answers as a plain terminal does."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

COLUMNS, ROWS = 120, 40
_IDLE = 0.05
"""Share of a processor below which a program is idle: a cursor blinks."""
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

    def wait_until_idle(self, seconds: float = 1.0) -> None:
        """Return when the program has hardly worked for so long; what it writes is taken."""
        while True:
            worked, until = self._worked(), time.perf_counter() + seconds
            while (left := until - time.perf_counter()) > 0:
                if self._readable(left):
                    self._read(left)
            if self._worked() - worked < _IDLE * seconds:
                return

    def memory(self, field: str = "VmRSS") -> int:
        """What the program has of the machine's memory now, in bytes; `VmHWM`: had at most."""
        found = re.search(rf"{field}:\s+(\d+) kB", self._about("status"))
        assert found is not None
        return int(found[1]) * 1024

    def send(self, keys: str) -> None:
        """Send `keys`, whatever becomes of it."""
        os.write(self._descriptor, keys.encode())

    def press(self, key: str) -> float:
        """Seconds from sending `key` until the first byte comes back."""
        begun = time.perf_counter()
        self.send(key)
        self._read(10.0)
        return time.perf_counter() - begun

    def _worked(self) -> float:
        """Seconds of the processor's time that the program has had."""
        user, system = self._about("stat").rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def _about(self, file: str) -> str:
        return Path(f"/proc/{self._pid}/{file}").read_text("utf-8")

    def _readable(self, timeout: float) -> bool:
        return bool(select.select([self._descriptor], [], [], timeout)[0])

    def _read(self, timeout: float) -> None:
        if not self._readable(timeout):
            raise TimeoutError(f"nothing more after {self.output[-400:]!r}")
        self.output += os.read(self._descriptor, 65536)
        while self._answered < self.output.count(_ATTRIBUTES_QUERY):
            self._answered += 1
            os.write(self._descriptor, _ATTRIBUTES_ANSWER)
