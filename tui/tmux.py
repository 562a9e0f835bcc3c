"""What tmux knows of the terminal outside it, asked without holding up the start.

tmux answers the terminal's questions itself: it says that it draws sixels wherever it was built to,
and what a terminal without them then shows is «SIXEL IMAGE» (https://github.com/tmux/tmux/issues/4667
and https://github.com/tsl0922/ttyd/issues/1421). What its client is, it tells who runs the command.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress

from msgspec import Struct

from tui import commands

WITHIN = 0.5
"""Seconds that tmux has to answer, from when it is asked."""
_FORMAT = "\t".join((
    "#{allow-passthrough}", "#{client_termfeatures}", "#{client_termname}", "#{client_termtype}"
))  # fmt: skip
_GRACE = 0.1
_MOST = 4096


class TmuxFacts(Struct, frozen=True):
    """What tmux told of the client that shows this pane."""

    passthrough: bool = False
    """Whether it hands on what is wrapped for the terminal outside."""
    features: tuple[str, ...] = ()
    """What it takes that terminal to be able to, such as `RGB` or `sixel`."""
    outside: str = ""
    """Name and version of that terminal as it gives them, such as `kitty(0.41.1)`, or else its
    TERM; outside text."""


class TmuxQuestion:
    """A question on its way; `answer` has to be called."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._asked: subprocess.Popen[bytes] | None = None
        self._deadline = time.monotonic() + WITHIN
        if not environment.get("TMUX"):
            return
        pane = environment.get("TMUX_PANE", "")
        target = ("-t", pane) if pane else ()
        command = ("tmux", "display-message", "-p", *target, _FORMAT)
        with suppress(OSError, ValueError):
            self._asked = commands.start(command, stdout=subprocess.PIPE)

    def answer(self) -> TmuxFacts | None:
        """What tmux says; None outside tmux, or where it did not say. Does not raise."""
        if self._asked is None:
            return None
        try:
            # What has long been written takes a moment to be read.
            remaining = max(_GRACE, self._deadline - time.monotonic())
            written, _ = self._asked.communicate(timeout=remaining)
        except (OSError, ValueError, subprocess.SubprocessError):
            return None
        finally:
            commands.finish(self._asked)
        return understand(written[:_MOST]) if self._asked.returncode == 0 else None


def ask_tmux(environment: Mapping[str, str]) -> TmuxQuestion:
    """Ask the tmux that `environment` is within, if any; returns at once."""
    return TmuxQuestion(environment)


def understand(written: bytes) -> TmuxFacts | None:
    """What tmux has printed, or None where that is something else."""
    fields = written.decode("utf-8", "replace").rstrip("\n").split("\t")
    if len(fields) != len(_FORMAT.split("\t")):
        return None
    passthrough, features, name, version = fields
    return TmuxFacts(
        passthrough=passthrough in ("on", "all", "1"),
        features=tuple(filter(None, features.split(","))),
        outside=version or name,
    )


def through_tmux(sequence: str) -> str:
    """`sequence` wrapped so that tmux hands it on to the terminal outside
    (https://github.com/tmux/tmux/wiki/FAQ, «passthrough»); each command of kitty's by itself.
    """
    end = "\x1b\\"
    wrapped = []
    for command in sequence.split(end)[:-1]:
        inner = (command + end).replace("\x1b", "\x1b\x1b")
        wrapped.append(f"\x1bPtmux;{inner}{end}")
    return "".join(wrapped)
