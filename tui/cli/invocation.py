"""Running a command, and every way it can end: an exit code and one sentence, no traceback."""

from __future__ import annotations

import logging
import os
import platform
import sys
from contextlib import suppress
from io import TextIOWrapper

import click

from tui import __version__
from tui.cli.commands import COMMANDS, darkroom
from tui.cli.exits import DONE, FAILED, INTERRUPTED, USAGE, complain
from tui.cli.logs import begin_log
from tui.config import Config, ConfigError, load_config
from tui.log import keep_quiet, stop_log
from tui.paths import find_paths

_log = logging.getLogger(__name__)


def run_command() -> int:
    """Run the command that `sys.argv` names, and return the exit code."""
    keep_quiet()
    if isinstance(sys.stdout, TextIOWrapper):
        # A terminal that cannot show a character gets a question mark instead.
        sys.stdout.reconfigure(errors="replace")
    ended: object = FAILED
    try:
        ended = code = _run()
    except SystemExit as left:
        ended = left.code or DONE
        raise
    except KeyboardInterrupt:
        ended = INTERRUPTED
        raise
    finally:
        _log.info("end: exit code %s", ended)
        stop_log()
    return code


def _run() -> int:
    try:
        _begin_log()
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


def _begin_log() -> None:
    paths = find_paths()
    try:
        config = load_config(paths.config_file)
    except ConfigError:
        config = Config()  # The command says what is wrong with it, if it needs any.
    if problem := begin_log(config, paths):
        complain(problem)
    # What follows the command may be a prompt.
    name = next((word for word in sys.argv[1:] if word in COMMANDS), None)
    _log.info(
        "start: Darkroom %s, Python %s, command %s", __version__, platform.python_version(), name
    )


def _usage(error: click.UsageError) -> str:
    path = error.ctx.command_path if error.ctx else "darkroom"
    return f"{error.format_message()} See {path} --help."


def _drop_output() -> None:
    """Let what is still buffered go nowhere, or the interpreter fails on it once more."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
