"""Pictures of records as files of the user's. Nothing is ever overwritten."""

from __future__ import annotations

import asyncio
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tui.cli.copies import copy_file
from tui.cli.exits import DONE, FAILED, complain

if TYPE_CHECKING:
    from tui.generation.library import Library, Listed

_ODD = re.compile(r"[^A-Za-z0-9_.-]")
_LONGEST = 120


class RecordFiles:
    """Puts pictures into a folder, each under the id of its record, or one where it is told to."""

    def __init__(self, output: Path, *, is_alone: bool) -> None:
        """`output` may be a file where there is one picture only."""
        self._file = output if is_alone and not output.is_dir() else None
        self.folder = output.parent if self._file else output
        """Where they go."""
        self.count = 0
        """How many pictures were put there."""

    def problem(self, *, is_folder: bool) -> str:
        """Why nothing can be put there; empty where it can. `is_folder` as it is written."""
        folder = self._file if self._file and is_folder else self.folder
        if not folder.is_dir():
            return f"there is no folder {folder}"
        if not os.access(folder, os.W_OK | os.X_OK):
            return f"cannot write to {folder}"
        if self._file is not None and os.path.lexists(self._file):
            return f"{self._file} exists"
        return ""

    def has(self, record_id: str) -> bool:
        """Whether the folder has a record's picture already."""
        stem = self._stem(record_id)
        return any((self.folder / f"{stem}.{end}").exists() for end in ("png", "jpg", "webp"))

    async def fetch(self, library: Library, listed: Listed) -> int:
        """Put a record's picture there, and print its path; the exit code."""
        # Imported here since they bring httpx and Pillow along.
        from tui.api.errors import ApiError
        from tui.images.verify import NotAnImage, extension, verify_image

        try:
            source = await _source(library, listed)
            facts = await asyncio.to_thread(verify_image, source)
            name = f"{self._stem(listed.id)}.{extension(facts.format)}"
            target = self._file or self.folder / name
            await asyncio.to_thread(copy_file, source, target)
        except ApiError as error:
            complain(f"{listed.id}: {error.message}")
        except NotAnImage as error:
            complain(f"{listed.id}: what came is no picture: {error}")
        except OSError as error:
            complain(f"{error.filename or listed.id}: {error.strerror or error}")
        else:
            self.count += 1
            click.echo(bytes(target))
            return DONE
        return FAILED

    @staticmethod
    def _stem(record_id: str) -> str:
        return _ODD.sub("_", record_id)[:_LONGEST].lstrip(".") or "record"


async def _source(library: Library, listed: Listed) -> Path:
    """A file with the record's picture: that of its entry, or as the endpoint gives it."""
    entry = listed.entry
    if entry is not None and len(entry.images) == 1:
        path = library.store.absolute(entry.images[0].file)
        if await asyncio.to_thread(path.is_file):
            return path
    return await library.pictures.get(listed.record)
