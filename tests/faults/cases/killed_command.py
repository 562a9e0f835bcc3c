"""Runs commands of the program one after another, each in a process that is killed at some call.

`python -m tests.faults.cases.killed_command` carries out each line of JSON, a Killing, and prints
the exit code; of one that was killed, the number of the signal below zero. The processes are forked
from here, with all that a command needs loaded, so that a start costs next to nothing.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import msgspec
from msgspec import Struct

# What a command needs is loaded before anything is forked.
import tui.api.http
import tui.cli.generate
import tui.cli.invocation
import tui.generation.run
import tui.history.index
import tui.images.verify
from tests.faults.harm import Harms, Point
from tui.cli import main


class Killing(Struct, frozen=True):
    """A command, and where it is killed."""

    home: str
    arguments: tuple[str, ...]
    output: str
    """A file for what it says."""
    report: str = ""
    """A file that its calls are told in where it comes to its end."""
    point: Point | None = None


def _run(killing: Killing) -> None:
    os.dup2(os.open(killing.output, os.O_WRONLY | os.O_CREAT | os.O_APPEND), 1)
    os.dup2(1, 2)
    sys.argv = ["darkroom", *killing.arguments]
    harms = Harms(Path(killing.home), killing.point)
    code = 1
    try:
        main()
    except SystemExit as left:
        code = int(left.code or 0)
    finally:
        if killing.report:
            Path(killing.report).write_text(harms.report())
        os._exit(code)


if __name__ == "__main__":
    tui.api.http.tls_context()
    for line in sys.stdin:
        killing = msgspec.json.decode(line, type=Killing)
        child = os.fork()
        if child == 0:
            _run(killing)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
