"""Where copies of pictures are saved."""

from __future__ import annotations

from pathlib import Path


class CopyFolder:
    """Where the last copy was saved: the next begins there, in whichever viewer."""

    def __init__(self) -> None:
        try:
            self.path = Path.cwd()
        except OSError:  # It was deleted.
            self.path = Path.home()
