"""The command line. Without arguments it opens the studio, and click is not even imported."""

from __future__ import annotations

import sys
import warnings
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def main() -> None:
    """The `darkroom` command."""
    try:
        sys.exit(_run())
    except KeyboardInterrupt:
        from tui.cli.exits import INTERRUPTED

        sys.exit(INTERRUPTED)
    except Exception as error:  # noqa: BLE001 - whatever it is, nobody is shown a traceback
        from tui.crash import last_words, say

        say(last_words(error, _reports_folder()))
        sys.exit(1)


def _run() -> int:
    from tui.crash import forbid_core_dumps

    forbid_core_dumps()
    if not sys.warnoptions:
        # They are for who develops, and would be printed where the screen was.
        warnings.simplefilter("ignore")
    if len(sys.argv) == 1:
        from tui.cli.studio import StudioOptions, open_studio

        return open_studio(StudioOptions.from_environment())
    from tui.cli.invocation import run_command

    return run_command()


def _reports_folder() -> Path | None:
    """Where crash reports go; None when finding that out fails as well."""
    try:
        from tui.paths import find_paths

        return find_paths().reports
    except Exception:  # noqa: BLE001 - the first failure is the one to tell
        return None
