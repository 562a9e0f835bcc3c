"""Pictures that an answer carries inside, written to files as they pass."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tui.api.encoded import CANNOT_BE_DECODED, BadEncoding, Decoder
from tui.api.results import GeneratedImage
from tui.files import make_folder, new_file

IMAGE_LIMIT = 64 * 1024 * 1024
"""Bytes that one picture may have."""
MOST_FILES = 128
MOST_HELD = 256 * 1024 * 1024
"""Bytes of one answer that are kept in memory when the disk refuses them: they are paid for."""

_LONGEST_ESCAPE = 6


@dataclass(frozen=True, slots=True)
class Spooled:
    """A picture in a file of its own, in memory, or the problem that prevented it.

    The file is written, and not yet forced onto the disk: that takes longer than the writing, and
    the rest of the answer waits.
    """

    path: Path
    problem: str = ""
    data: bytes | None = field(default=None, repr=False)
    """The picture, where the disk refused the file."""

    @property
    def image(self) -> GeneratedImage:
        """It as a picture of a generation."""
        if self.data is not None:
            return GeneratedImage(data=self.data)
        return GeneratedImage(file=self.path)


class Spool:
    """Makes the files of one answer.

    `path_of` gives the path of the file of a number, from 1 up; where it exists it is replaced.
    """

    def __init__(self, path_of: Callable[[int], Path]) -> None:
        self._path_of = path_of
        # An answer could otherwise name a picture that is not its own.
        self._token = secrets.token_hex(8)
        self._spooled: dict[str, Spooled] = {}
        self._begun = 0
        self.error: OSError | None = None
        """Why a picture could be kept neither on the disk nor in memory, if one could not."""
        self.held = 0
        """Bytes that are kept in memory."""

    @property
    def pictures(self) -> tuple[Spooled, ...]:
        """Those that came whole, in their order."""
        return tuple(spooled for spooled in self._spooled.values() if not spooled.problem)

    def find(self, mark: str) -> Spooled | None:
        """What stood where the text has `mark` now."""
        return self._spooled.get(mark)

    def begin(self) -> Sink | None:
        """A sink for one more picture; None when there were too many."""
        if self._begun >= MOST_FILES:
            return None
        self._begun += 1
        return Sink(self, self._begun, self._path_of(self._begun))

    def keep(self, number: int, spooled: Spooled) -> str:
        """Note how a sink ended, and give the mark for the text."""
        mark = f"[picture {number} {self._token}]"
        self._spooled[mark] = spooled
        return mark

    def discard(self) -> None:
        """Remove the files that nobody has taken."""
        for number in range(1, self._begun + 1):
            with suppress(OSError):
                self._path_of(number).unlink(missing_ok=True)


@dataclass(slots=True)
class _Memory:
    """A picture whose file the disk refuses, and how it said so."""

    refused: OSError
    data: bytearray = field(default_factory=bytearray)


class Sink:
    """Takes the raw text of a JSON string, and writes the picture that it is in base64.

    What cannot be decoded or written is not raised: the rest of the answer may hold others.
    """

    def __init__(self, spool: Spool, number: int, path: Path) -> None:
        self._spool = spool
        self._number = number
        self._path = path
        self._decoder = Decoder()
        self._escape = b""
        self._size = 0
        self._problem = ""
        self._files = ExitStack()
        self._memory: _Memory | None = None
        try:
            make_folder(path.parent)
            path.unlink(missing_ok=True)
            self._file = self._files.enter_context(new_file(path))
        except OSError as error:
            self._hold(b"", error)

    def write(self, piece: bytes) -> None:
        """Take a piece of the string, which may end in the middle of an escape."""
        if self._problem:
            return
        try:
            self._write(self._decoder.feed(self._unescaped(piece)))
        except BadEncoding as error:
            self._problem = str(error)

    def close(self) -> str:
        """The mark that stands for the picture from now on."""
        if not self._problem:
            self._finish()
        self.abandon(self._problem)
        data = None if self._problem or self._memory is None else bytes(self._memory.data)
        return self._spool.keep(self._number, Spooled(self._path, self._problem, data))

    def abandon(self, problem: str = "it broke off") -> None:
        """Let go of the file; it is removed where there is a problem."""
        # All of it was written before: there is nothing that closing could lose.
        with suppress(OSError):
            self._files.close()
        if problem or self._problem or self._memory is not None:
            with suppress(OSError):
                self._path.unlink(missing_ok=True)

    def _finish(self) -> None:
        try:
            self._write(self._decoder.finish())
        except BadEncoding as error:
            self._problem = str(error)
        if self._escape:
            self._problem = CANNOT_BE_DECODED
        elif not self._size:
            self._problem = "it is empty"

    def _write(self, data: bytes) -> None:
        self._size += len(data)
        if self._size > IMAGE_LIMIT:
            self._problem = f"it is larger than {IMAGE_LIMIT >> 20} MiB"
        elif self._memory is not None:
            self._keep(data, self._memory)
        else:
            try:
                self._file.write(data)
                self._file.flush()
            except OSError as error:
                self._hold(data, error)

    def _hold(self, data: bytes, refused: OSError) -> None:
        """Go on in memory, with what is on the disk before `data`."""
        self._memory = _Memory(refused)
        before = self._size - len(data)
        if before:
            try:
                with self._path.open("rb") as file:
                    self._keep(file.read(before), self._memory)
            except OSError as error:
                self._fail(error)
            if len(self._memory.data) < before:
                self._fail(refused)
        self._keep(data, self._memory)

    def _keep(self, data: bytes, memory: _Memory) -> None:
        if self._problem:
            return
        if self._spool.held + len(data) > MOST_HELD:
            self._fail(memory.refused)
            return
        self._spool.held += len(data)
        memory.data += data

    def _fail(self, error: OSError) -> None:
        self._problem = f"it could not be saved: {error.strerror or error}"
        self._spool.error = error

    def _unescaped(self, piece: bytes) -> bytes:
        """`piece` without JSON's escapes; some servers write base64's slash as one."""
        if self._escape:
            piece, self._escape = self._escape + piece, b""
        if b"\\" not in piece:
            return piece
        cut = _end_of_escapes(piece)
        piece, self._escape = piece[:cut], piece[cut:]
        try:
            text: str = json.loads(b'"' + piece + b'"', strict=False)
            return text.encode("ascii")
        except ValueError:
            raise BadEncoding(CANNOT_BE_DECODED) from None


def _end_of_escapes(piece: bytes) -> int:
    """Where to cut `piece`, so that no escape is cut in two."""
    for start in range(max(0, len(piece) - _LONGEST_ESCAPE), len(piece)):
        if piece[start] != 0x5C:
            continue
        backslashes = len(piece[: start + 1]) - len(piece[: start + 1].rstrip(b"\\"))
        length = _LONGEST_ESCAPE if piece[start + 1 : start + 2] in (b"u", b"U") else 2
        if backslashes % 2 and start + length > len(piece):
            return start
    return len(piece)
