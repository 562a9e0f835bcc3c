"""A process with a pseudo terminal of its own, of which the test plays the terminal."""

from __future__ import annotations

import fcntl
import os
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable

PATIENCE = 30.0
"""Seconds until what does not come is given up."""

_GLANCE = 0.05

# A session's first terminal becomes the one that it controls.
_TAKE_CONTROL = (
    "import os, sys; os.open(os.ttyname(0), os.O_RDWR); os.execv(sys.argv[1], sys.argv[1:])"
)


class PseudoTerminal:
    """Runs `python ARGUMENTS…`, with standard input, output and errors on the terminal."""

    def __init__(
        self,
        *arguments: str | bytes,
        size: tuple[int, int] = (80, 24),
        cell_pixels: tuple[int, int] = (0, 0),
        environment: dict[str, str] | None = None,
    ) -> None:
        """`size` is in columns and rows; `environment` is added to the one of the tests."""
        self.written = b""
        """All that came from the process."""
        (columns, rows), (width, height) = size, cell_pixels
        self._master, slave = os.openpty()
        window = struct.pack("HHHH", rows, columns, columns * width, rows * height)
        fcntl.ioctl(slave, termios.TIOCSWINSZ, window)
        self.process = subprocess.Popen(
            [sys.executable, "-c", _TAKE_CONTROL, sys.executable, *arguments],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            env=_environment({**os.environ, **(environment or {})}),
        )
        os.close(slave)

    def send(self, *chunks: bytes) -> None:
        """Type, or answer."""
        for chunk in chunks:
            os.write(self._master, chunk)

    def wait_for(self, what: bytes | Callable[[bytes], bool], patience: float = PATIENCE) -> None:
        """Read until `what` was written, or holds for all that was and for what else there is."""
        holds = what if callable(what) else lambda written: what in written
        deadline = time.monotonic() + patience
        while not holds(self.written):
            has_ended = not self._read(_GLANCE) and self.process.poll() is not None
            if has_ended or time.monotonic() > deadline:
                raise AssertionError(f"{what!r} did not come: …{self.written[-400:]!r}")

    def drain(self) -> None:
        """Take what has been written so far, without waiting for more."""
        while self._read(0.0):
            pass

    def finish(self) -> int:
        """Read to the end; the exit code."""
        deadline = time.monotonic() + PATIENCE
        while self._read(deadline - time.monotonic()):
            pass
        code = self.process.wait(max(_GLANCE, deadline - time.monotonic()))
        if code:
            print(f"ended with {code} after …{self.written[-1500:]!r}")
        return code

    def attributes(self) -> list[object]:
        """How the terminal treats lines and keys: see `termios.tcgetattr`."""
        return termios.tcgetattr(self._master)

    def resize(self, columns: int, rows: int) -> None:
        """Make the window that large, of which the process is told."""
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def hang_up(self) -> None:
        """Close the window."""
        os.close(self._master)
        self._master = -1

    def close(self) -> None:
        """End the process."""
        self.process.kill()
        self.process.wait()
        if self._master >= 0:
            os.close(self._master)

    def _read(self, patience: float) -> bool:
        if not select.select([self._master], [], [], max(0.0, patience))[0]:
            return False
        try:
            received = os.read(self._master, 65536)
        except OSError:  # The last process has closed its side.
            return False
        self.written += received
        return bool(received)


def _environment(given: dict[str, str]) -> dict[str, str]:
    """An environment less what it says of the terminal that the tests run in."""
    other = ("COLORTERM", "COLUMNS", "LINES", "SSH_CONNECTION", "TMUX", "ZELLIJ")
    return {
        name: value
        for name, value in given.items()
        if name not in other or value != os.environ.get(name)
    }
