"""Exit codes, and the one way a command ends badly."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import NoReturn

from tui.text import showable

DONE = 0
FAILED = 1
USAGE = 2
REFUSED = 3
UNKNOWN = 4
INTERRUPTED = 130


def complain(text: str) -> None:
    """Say `text`, which may hold outside text, on standard error; without one, say nothing."""
    if sys.stderr is None:
        return
    # With standard error gone there is nobody to tell, and a paid job must not fail of it.
    with suppress(OSError):
        sys.stderr.write(f"darkroom: {showable(text)}\n")


def leave(text: str, code: int = FAILED) -> NoReturn:
    """Say why, and end the process with `code`."""
    complain(text)
    sys.exit(code)
