"""Which lines of a batch were begun: a file that only grows, so that no line is sent twice.

A line is marked twice before its request is sent: with the id its entry will have, and again when
the entry is on the disk. So a mark without an entry tells a job that never was from an entry that
was deleted since.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
from collections import Counter
from collections.abc import Iterable
from io import FileIO
from pathlib import Path

import msgspec
from msgspec import Struct

from tui.decoding import from_json
from tui.files import FILE_MODE, make_folder, settle_folder
from tui.generation.batch_file import BatchLine
from tui.history.entry import is_id

_LETTERS = 32


class BatchIsRunning(Exception):
    """Another program is at this batch."""


class Mark(Struct, frozen=True):
    """That a line was begun."""

    line: str
    """Its key, by `line_keys`."""
    entry: str
    """The id of its entry."""
    written: bool = False
    """Whether the entry was on the disk."""


def batch_name(endpoint: str, file: Path | None, data: bytes) -> str:
    """By what a batch is known again: its file, or its `data` where it has none."""
    source = b"data\0" + data if file is None else b"file\0" + os.fsencode(file.resolve())
    return _digest(b"\0".join([endpoint.encode(), source])) + ".jsonl"


def line_keys(lines: Iterable[BatchLine]) -> list[str]:
    """A key for each line: by what it asks for, and how many before it ask for the same.

    So lines may be added and moved, and those that were sent are known all the same.
    """
    keys: list[str] = []
    before: Counter[str] = Counter()
    for line in lines:
        draft = line.draft
        asked = [draft.model, draft.prompt, sorted(draft.own_values.items())]
        digest = _digest(msgspec.json.encode(asked, order="sorted"))
        before[digest] += 1
        keys.append(f"{digest}-{before[digest]}")
    return keys


def read_marks(path: Path) -> dict[str, Mark]:
    """The last mark of each line; none where there is no file. Raises OSError."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return {}
    marks: dict[str, Mark] = {}
    for text in data.split(b"\n"):
        try:
            mark = from_json(text, Mark)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            # The last one may have been cut off; what it would have told was not done yet.
            continue
        if is_id(mark.entry):
            marks[mark.line] = mark
    return marks


class BatchMarks:
    """The marks of a batch, held for one program as long as it is entered.

    Raises BatchIsRunning on entering, and OSError where the file cannot be used.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: FileIO | None = None
        self.marks: dict[str, Mark] = {}

    def __enter__(self) -> BatchMarks:
        make_folder(self._path.parent)
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND, FILE_MODE)
        file = FileIO(descriptor, "ab")
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            settle_folder(self._path.parent)
            self.marks = read_marks(self._path)
        except BlockingIOError:
            file.close()
            raise BatchIsRunning from None
        except BaseException:
            file.close()
            raise
        self._file = file
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def put(self, mark: Mark) -> None:
        """Force `mark` onto the disk. Raises OSError."""
        assert self._file is not None
        # Begun on a line of its own, whatever was cut off before.
        data = b"\n" + msgspec.json.encode(mark) + b"\n"
        if self._file.write(data) != len(data):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self._path))
        os.fsync(self._file.fileno())
        self.marks[mark.line] = mark

    def forget(self) -> None:
        """Begin anew: every line may be sent again. Raises OSError."""
        assert self._file is not None
        self._file.truncate(0)
        os.fsync(self._file.fileno())
        self.marks.clear()


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:_LETTERS]
