"""Copies of pictures for `--output`. Nothing is ever overwritten."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path

from tui.cli.exits import complain
from tui.history.entry import Entry, EntryImage
from tui.history.store import HistoryStore

_SUFFIXES = {"jpeg": {".jpg", ".jpeg"}, "png": {".png"}, "webp": {".webp"}}


def output_problem(output: str, images: int) -> str | None:
    """Why up to `images` pictures cannot be copied to `output`; None when they can."""
    path = Path(output)
    is_folder = path.is_dir() or output.endswith(os.sep)
    folder = path if is_folder else path.parent
    if not folder.is_dir():
        return f"there is no folder {folder}"
    if not os.access(folder, os.W_OK | os.X_OK):
        return f"cannot write to {folder}"
    if is_folder:
        return None
    numbered = [_numbered(path, number) for number in range(1, images + 1)]
    targets = [path, *numbered] if images > 1 else [path]
    taken = next((target for target in targets if os.path.lexists(target)), None)
    return f"{taken} exists" if taken else None


def copy_out(entry: Entry, store: HistoryStore, output: str) -> bool:
    """Copy the entry's pictures to `output`: into a folder, or numbered when there are several.

    Says what was copied and what could not be; returns whether all were.
    """
    path = Path(output)
    complete = True
    for number, image in enumerate(entry.images, start=1):
        source = store.absolute(image.file)
        if path.is_dir():
            target = path / source.name
        else:
            target = path if len(entry.images) == 1 else _numbered(path, number)
        try:
            copy_file(source, target)
        except OSError as error:
            complete = False
            complain(f"{target}: {error.strerror}; the picture is at {source}")
        else:
            complain(f"copied to {target}{_format_note(image, target)}")
    return complete


def _numbered(path: Path, number: int) -> Path:
    return path.with_name(f"{path.stem}-{number}{path.suffix}")


def copy_file(source: Path, target: Path) -> None:
    """Copy a file to a new one, which is removed again where that fails. Raises OSError."""
    with source.open("rb") as picture, target.open("xb") as copy:
        try:
            shutil.copyfileobj(picture, copy)
        except BaseException:
            with suppress(OSError):
                target.unlink()
            raise


def _format_note(image: EntryImage, target: Path) -> str:
    if target.suffix.lower() in _SUFFIXES[image.format]:
        return ""
    return f", which holds a picture in {image.format.upper()} format"
