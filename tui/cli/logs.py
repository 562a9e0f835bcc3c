"""The log of this process: begun as the user wants it."""

from __future__ import annotations

import os

from tui.cli.exits import USAGE, leave
from tui.config import Config
from tui.log import start_log, wanted_level
from tui.paths import Paths


def begin_log(config: Config, paths: Paths) -> str | None:
    """Keep a log where the environment or config.toml wants one; why there is none, if it fails.

    Ends the process with a sentence where DARKROOM_LOG means nothing.
    """
    try:
        level = wanted_level(config.log, os.environ)
    except ValueError as error:
        leave(str(error), USAGE)
    return start_log(level, paths.logs)
