"""Copies of pictures for `--output`. Nothing is ever overwritten."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from tui.cli.exits import USAGE, complain, leave
from tui.history.entry import Entry
from tui.history.store import HistoryStore

_ENDINGS = {"jpeg": (".jpg", ".jpeg"), "png": (".png",), "webp": (".webp",)}


def refuse_output(output: str, images: int) -> None:
    """End the process, before anything is sent, where up to `images` pictures have no place."""
    path = Path(output)
    folder = path if path.is_dir() else path.parent
    if not folder.is_dir() or (output.endswith("/") and folder is not path):
        leave(f"there is no folder {folder if folder is not path.parent else path.parent}", USAGE)
    if not os.access(folder, os.W_OK | os.X_OK):
        leave(f"cannot write to {folder}; nothing was sent", USAGE)
    if folder is path:
        return
    numbered = [_numbered(path, number) for number in range(1, images + 1) if images > 1]
    for target in (path, *numbered):
        if os.path.lexists(target):
            leave(f"{target} exists; nothing was sent", USAGE)
