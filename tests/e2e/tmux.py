"""The installed command in tmux: keys in, screen text out."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
import uuid
from pathlib import Path

DARKROOM = Path(sys.executable).with_name("darkroom")
PATIENCE = 60.0
"""Seconds until a screen that does not come is given up."""


class Tmux:
    """One tmux server with one window, running one command."""

    def __init__(self, size: tuple[int, int], environment: dict[str, str]) -> None:
        self._socket = ""
        self._size = size
        self._environment = environment

    def start(self, *command: str) -> None:
        """Run `command` in a new window. The shell behind it tells when it ended, and how."""
        # A server of its own each time: the last one may still be going down.
        self._socket = f"darkroom-test-{uuid.uuid4().hex[:8]}"
        columns, rows = self._size
        settings = [f"{name}={value}" for name, value in self._environment.items()]
        line = " ".join(["env", *settings, *command, ";", "echo", "ended with $?;", "sleep", "600"])
        self._run("-f", "/dev/null", "new-session", "-d", "-x", str(columns), "-y", str(rows), line)

    def press(self, *keys: str) -> None:
        """Press keys, as tmux names them."""
        self._run("send-keys", *keys)

    def type(self, text: str) -> None:
        """Type `text`."""
        self._run("send-keys", "-l", text)

    def screen(self) -> str:
        """The text on the screen."""
        return self._run("capture-pane", "-p")

    def wait_for(self, pattern: str) -> re.Match[str]:
        """The first match of `pattern` on the screen, as soon as there is one."""
        deadline = time.monotonic() + PATIENCE
        while True:
            screen = self.screen()
            if match := re.search(pattern, screen):
                return match
            if time.monotonic() > deadline:
                raise AssertionError(f"{pattern!r} did not come:\n{screen}")
            time.sleep(0.05)

    def close(self) -> None:
        """End everything that runs in it."""
        self._run("kill-server", check=False)

    def _run(self, *words: str, check: bool = True) -> str:
        left_out = ("TMUX", "COLUMNS", "LINES")
        environment = {name: v for name, v in os.environ.items() if name not in left_out}
        command = ["tmux", "-u", "-L", self._socket, *words]
        return subprocess.run(
            command, capture_output=True, text=True, check=check, env=environment
        ).stdout
