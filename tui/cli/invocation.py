"""Running a command, and every way it can end: an exit code and one sentence, no traceback."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from io import TextIOWrapper

import click

from tui.cli.commands import darkroom
from tui.cli.exits import DONE, FAILED, INTERRUPTED, USAGE, complain


def run_command() -> int:
    """Run the command that `sys.argv` names, and return the exit code."""
    if isinstance(sys.stdout, TextIOWrapper):
        # A terminal that cannot show a character gets a question mark instead.
        sys.stdout.reconfigure(errors="replace")
    try:
        code = darkroom(prog_name="darkroom", auto_envvar_prefix="DARKROOM", standalone_mode=False)
    except click.UsageError as error:
        complain(_usage(error))
        return USAGE
    except click.Abort:
        return INTERRUPTED
    except OSError as error:
        _drop_output()
        complain(f"{error.filename or 'standard output'}: {error.strerror or error}")
        return FAILED
    return code if isinstance(code, int) else DONE


def _usage(error: click.UsageError) -> str:
    path = error.ctx.command_path if error.ctx else "darkroom"
    return f"{error.format_message()} See {path} --help."


def _drop_output() -> None:
    """Let what is still buffered go nowhere, or the interpreter fails on it once more."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
