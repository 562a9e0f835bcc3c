"""A terminal for a command to talk to."""

from __future__ import annotations

import os
import pty
import select
import termios

from tests.cli.conftest import PATIENCE


class Terminal:
    """A terminal of so many columns; `end` is what a command writes to."""

    def __init__(self, columns: int = 80) -> None:
        self._columns = columns

    def __enter__(self) -> Terminal:
        self._own, self.end = pty.openpty()
        termios.tcsetwinsize(self.end, (24, self._columns))
        self._shown = ""
        return self

    def __exit__(self, *error: object) -> None:
        os.close(self._own)
        os.close(self.end)

    def lines(self) -> list[str]:
        """All that was shown until now."""
        while select.select([self._own], [], [], 0)[0]:
            self._read()
        return self._shown.split("\r\n")[:-1]

    def read_until(self, text: str) -> None:
        """Return once `text` is shown."""
        while text not in self._shown:
            assert select.select([self._own], [], [], PATIENCE)[0], self._shown
            self._read()

    def _read(self) -> None:
        self._shown += os.read(self._own, 65_536).decode()
