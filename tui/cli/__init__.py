"""The command line. Without arguments it opens the studio, and click is not even imported."""

from __future__ import annotations

import sys


def main() -> None:
    """The `darkroom` command."""
    if len(sys.argv) == 1:
        from tui.cli.studio import StudioOptions, open_studio

        sys.exit(open_studio(StudioOptions.from_environment()))
    from tui.cli.commands import darkroom

    darkroom(prog_name="darkroom", auto_envvar_prefix="DARKROOM")
