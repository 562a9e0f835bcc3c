"""The command line. Without arguments it opens the studio, and click is not even imported."""

from __future__ import annotations

import sys


def main() -> None:
    """The `darkroom` command."""
    try:
        sys.exit(_run())
    except KeyboardInterrupt:
        from tui.cli.exits import INTERRUPTED

        sys.exit(INTERRUPTED)


def _run() -> int:
    if len(sys.argv) == 1:
        from tui.cli.studio import StudioOptions, open_studio

        return open_studio(StudioOptions.from_environment())
    from tui.cli.invocation import run_command

    return run_command()
