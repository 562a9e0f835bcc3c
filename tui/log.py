"""The log: off unless asked for, small, private, and without prompts or keys.

A record is one line of our own words, numbers and names. What others say, be it the record of a
library or the message of an exception, may quote a prompt, and is left out. A thread writes, so
that no disk holds up the event loop; what cannot be written is lost in silence.
"""

from __future__ import annotations

import errno
import logging
import os
import re
import stat
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path, PurePath
from queue import SimpleQueue
from traceback import walk_tb
from typing import Literal, TypeAlias, cast, get_args

from tui.files import FILE_MODE, FOLDER_MODE, make_folder
from tui.scrub import EVERY_SECRET, secret_values
from tui.text import one_line

LogLevel: TypeAlias = Literal["off", "info", "debug"]

LOGGER = logging.getLogger("tui")
VARIABLE = "DARKROOM_LOG"
"""Comes before what config.toml says."""
FILE_NAME = "darkroom.log"
LARGEST = 1_000_000
"""Bytes of one part of the log."""
OLDER_PARTS = 3

_LIBRARIES = ("httpx", "httpcore", "hpack", "h2")
"""Their records hold headers, and full addresses, signatures included."""
_LONGEST_LINE = 4000
_LONGEST_QUEUE = 10_000
_TO_WRITE = 0.1
"""Seconds that the last lines have to get to the disk."""
_FRAMES = 20
_CAUSES = 5
# ASCII alone: a prompt may be written without blanks, in Chinese for one.
_NAME = re.compile(r"[A-Za-z0-9_.:/\\@+=,%<>()~-]{0,200}")
_OPENING = (
    os.O_WRONLY
    | os.O_CREAT
    | os.O_APPEND
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_CLOEXEC", 0)
)


class OwnWords(str):
    """Text that quotes nobody, and may stand as an argument in a record as it is."""

    __slots__ = ()


def keep_quiet() -> None:
    """From now on no logger writes to standard error, and no failing one either."""
    logging.raiseExceptions = False
    logging.lastResort = None
    root = logging.getLogger()
    if not root.handlers:  # With one, `logging.basicConfig` adds none.
        root.addHandler(logging.NullHandler())
    muffle_libraries()


def muffle_libraries() -> None:
    """Let the libraries that requests go through say nothing below a warning."""
    for name in _LIBRARIES:
        logging.getLogger(name).setLevel(logging.WARNING)


def wanted_level(configured: LogLevel, environment: Mapping[str, str] = os.environ) -> LogLevel:
    """What the environment asks for, else what is configured.

    Raises ValueError, with a sentence, where the environment asks for what there is not.
    """
    value = environment.get(VARIABLE) or configured
    if value not in get_args(LogLevel):
        raise ValueError(f"{VARIABLE} is one of {', '.join(get_args(LogLevel))}")
    return cast("LogLevel", value)


def start_log(level: LogLevel, folder: Path) -> str | None:
    """Keep a log in `folder` from now on, unless it is off; why there is none, if that fails."""
    root = logging.getLogger()
    if level == "off" or any(isinstance(handler, _ToFile) for handler in root.handlers):
        return None
    EVERY_SECRET.learn(secret_values(os.environ))
    try:
        _make_private_folder(folder)
        handler = _ToFile(_LogFile(folder / FILE_NAME))
    except OSError as error:
        reason = "is a link" if error.errno == errno.ELOOP else error.strerror or str(error)
        return f"no log is kept: {error.filename or folder}: {reason}"
    LOGGER.setLevel(level.upper())
    root.addHandler(handler)
    return None


def stop_log() -> None:
    """Write what is still to be written, and keep no log any more. Hardly waits."""
    root = logging.getLogger()
    for handler in [handler for handler in root.handlers if isinstance(handler, _ToFile)]:
        root.removeHandler(handler)
        LOGGER.setLevel(logging.NOTSET)
        handler.close()


def log_parts(folder: Path) -> list[Path]:
    """The parts of the log in `folder`, newest first; a link is none."""
    return [part for part in _parts(folder / FILE_NAME) if part.is_file() and not part.is_symlink()]


def line_of(record: logging.LogRecord) -> str:
    """`record` as one line that can be kept and shown."""
    moment = datetime.fromtimestamp(record.created, UTC)
    time = f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z"
    own = _is_own(record)
    words = _words(record) if own else f"at {_place(record.pathname, record.lineno)}"
    if record.exc_info and record.exc_info[1]:
        words = f"{words}: {_story(record.exc_info[1])}"
    line = f"{time} {os.getpid()} {record.levelname} {record.name}: {words}"
    return one_line(EVERY_SECRET.text(line), limit=_LONGEST_LINE)


class _ToFile(logging.Handler):
    """Hands lines to a thread that writes them."""

    def __init__(self, file: _LogFile) -> None:
        super().__init__()
        # Can be put into from a signal handler, and while an object is taken apart.
        self._lines: SimpleQueue[bytes | None] = SimpleQueue()
        self._writer = threading.Thread(
            target=_write_lines, args=(self._lines, file), name="log", daemon=True
        )
        self._writer.start()
        self.addFilter(_is_wanted)

    def emit(self, record: logging.LogRecord) -> None:
        with suppress(Exception):
            if self._lines.qsize() < _LONGEST_QUEUE:
                self._lines.put(f"{line_of(record)}\n".encode())

    def close(self) -> None:
        self._lines.put(None)
        self._writer.join(_TO_WRITE)
        super().close()


class _LogFile:
    """The newest part of the log. What it does raises OSError."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor = _opened(path)

    def write(self, line: bytes) -> None:
        """Add `line`, in a new part where this one is full."""
        if not self._is_in_place():
            # Another process has begun a new part, or somebody has removed this one.
            self._reopen()
        if os.fstat(self._descriptor).st_size + len(line) > LARGEST:
            parts = _parts(self._path)
            for older, newer in zip(parts[:0:-1], parts[-2::-1], strict=True):
                with suppress(FileNotFoundError):
                    newer.replace(older)
            self._reopen()
        os.write(self._descriptor, line)

    def close(self) -> None:
        os.close(self._descriptor)

    def _is_in_place(self) -> bool:
        try:
            return os.path.samestat(os.lstat(self._path), os.fstat(self._descriptor))
        except FileNotFoundError:
            return False

    def _reopen(self) -> None:
        descriptor = _opened(self._path)
        os.close(self._descriptor)
        self._descriptor = descriptor


def _write_lines(lines: SimpleQueue[bytes | None], file: _LogFile) -> None:
    while (line := lines.get()) is not None:
        with suppress(Exception):
            file.write(line)
    with suppress(OSError):
        file.close()


def _make_private_folder(folder: Path) -> None:
    if folder.is_symlink():
        raise OSError(errno.ELOOP, "", str(folder))
    make_folder(folder)
    folder.chmod(FOLDER_MODE)


def _opened(path: Path) -> int:
    """A descriptor of the file at `path`, which may be new, to add to; never of what is no file."""
    descriptor = os.open(path, _OPENING, FILE_MODE)
    try:
        _make_private_file(descriptor, path)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _make_private_file(descriptor: int, path: Path) -> None:
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        raise OSError(errno.EINVAL, "is not a file", str(path))
    os.fchmod(descriptor, FILE_MODE)


def _parts(path: Path) -> list[Path]:
    """Where the parts of the log at `path` lie, newest first."""
    return [path, *(path.with_name(f"{path.name}.{n}") for n in range(1, OLDER_PARTS + 1))]


def _is_own(record: logging.LogRecord) -> bool:
    return record.name == LOGGER.name or record.name.startswith(f"{LOGGER.name}.")


def _is_wanted(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.WARNING or _is_own(record)


def _words(record: logging.LogRecord) -> str:
    """The message of a record of ours, without what an argument may quote."""
    if not isinstance(record.msg, str):
        return type(record.msg).__name__
    if not isinstance(record.args, tuple) or not record.args:
        return record.msg
    try:
        return record.msg % tuple(map(_told, record.args))
    except (TypeError, ValueError):
        return record.msg


def _told(value: object) -> object:
    """`value` where it is a number, a name or words of ours; otherwise what kind of thing it is."""
    match value:
        case None | bool() | int() | float() | OwnWords():
            return value
        case str() | PurePath():
            text = str(value)
            return text if _NAME.fullmatch(text) else "[text]"
    return f"[{type(value).__name__}]"


def _story(error: BaseException) -> str:
    """What happened where, the innermost first: types and frames, no messages and no variables."""
    return "; after ".join(map(_type_and_frames, islice(_causes(error), _CAUSES)))


def _type_and_frames(error: BaseException) -> str:
    frames = deque(walk_tb(error.__traceback__), _FRAMES)
    places = (
        f"{_place(frame.f_code.co_filename, line)} {frame.f_code.co_name}"
        for frame, line in reversed(frames)
    )
    return " < ".join([type(error).__name__, *places])


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """`error` and what led to it."""
    while error is not None:
        yield error
        if isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        elif error.__cause__ is None and error.__suppress_context__:
            return
        else:
            error = error.__cause__ or error.__context__


def _place(file: str, line: int) -> str:
    """A line of code, without the folders that say whose machine it is."""
    return f"{'/'.join(PurePath(file).parts[-3:])}:{line}"
