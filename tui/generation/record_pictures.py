"""Pictures of records that are looked at, kept in the cache folder for the next time."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from tui.api.client import ImagesClient, Record
from tui.files import make_folder
from tui.generation.saving import fetch_record

LIMIT = 300_000_000
"""Bytes that all of them may take; those looked at longest ago go first."""
_UNFINISHED = ".part"
_ABANDONED = 3600.0


class RecordPictures:
    """Fetches pictures of one endpoint's records, each once."""

    def __init__(self, folder: Path, endpoint: str, client: ImagesClient) -> None:
        """`folder` need not be there yet."""
        self._folder = folder
        self._endpoint = endpoint
        self._client = client

    async def get(self, record: Record) -> Path:
        """The file with a record's picture, as it came: nobody has looked whether it is one.

        Raises ApiError and OSError.
        """
        path = self._place(record.id)
        if await asyncio.to_thread(_is_there, path):
            return path
        part = self._folder / f".{path.name}.{os.urandom(4).hex()}{_UNFINISHED}"
        await asyncio.to_thread(make_folder, self._folder)
        try:
            await fetch_record(self._client, record, part)
            await asyncio.to_thread(_keep, part, path)
        finally:
            with suppress(OSError):
                part.unlink(missing_ok=True)
        return path

    def forget(self, record_ids: Iterable[str]) -> None:
        """Have no pictures of these records any more. Touches the disk; does not raise."""
        for record_id in record_ids:
            with suppress(OSError):
                self._place(record_id).unlink(missing_ok=True)

    def _place(self, record_id: str) -> Path:
        name = f"{self._endpoint}\0{record_id}".encode("utf-8", "replace")
        return self._folder / sha256(name).hexdigest()


def _is_there(path: Path) -> bool:
    try:
        os.utime(path)
    except OSError:
        return False
    return True


def _keep(part: Path, path: Path) -> None:
    part.replace(path)
    files = []
    for file in os.scandir(path.parent):
        with suppress(OSError):
            facts = file.stat(follow_symlinks=False)
            is_old = time.time() - facts.st_mtime > _ABANDONED
            if file.name.endswith(_UNFINISHED):
                if is_old:
                    Path(file.path).unlink()
            else:
                files.append((facts.st_mtime_ns, facts.st_size, file.path))
    total = sum(size for _, size, _ in files)
    for _, size, name in sorted(files):
        if total <= LIMIT or name == str(path):
            break
        with suppress(OSError):
            Path(name).unlink()
        total -= size
