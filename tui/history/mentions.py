"""Entries that speak of something, found by reading their files: no index knows all they say."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import chain
from pathlib import Path

import tomli_w

from tui.history.entry import Entry, UnreadableEntry, decode_entry
from tui.history.store import SUFFIX, entry_bytes
from tui.paths import Paths
from tui.text import storable


def find_mentions(
    paths: Paths, texts: Iterable[str], *, only_in_trash: bool = False
) -> list[Entry]:
    """Entries, those in the trash too, in whose files one of `texts` stands.

    What cannot be read is left out. Reads every file: it takes seconds for a hundred thousand.
    """
    needles = [_as_written(text) for text in texts if text]
    found: list[Entry] = []
    folders = [paths.trash] if only_in_trash else [paths.history, paths.trash]
    for path in chain.from_iterable(map(_files, folders)):
        with suppress(OSError, UnreadableEntry):
            data = entry_bytes(path)
            if any(needle in data for needle in needles):
                found.append(decode_entry(data))
    return found


def _as_written(text: str) -> bytes:
    """`text` as it stands between quotes in a file."""
    written = tomli_w.dumps({"text": storable(text)}).strip().removeprefix("text = ")
    return written[1:-1].encode()


def _files(folder: Path) -> Iterator[str]:
    # As text: as objects, paths take a fifth of the time.
    for inner, _, names in os.walk(folder):
        for name in names:
            if name.endswith(SUFFIX) and not name.startswith("."):
                yield f"{inner}/{name}"
