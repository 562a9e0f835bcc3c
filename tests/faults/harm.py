"""Harm done to a process at one of its calls that reach disk, network or database.

`Harms` stands between a program and the calls of Python that can fail, counts those that concern
the program's home and its connections, and lets one of them end as a Point says. A call is known
by its name, by what it is about, and by how often that came up before: so it is the same one in
each run, whichever thread is quicker.
"""

from __future__ import annotations

import builtins
import errno
import fcntl
import io
import json
import os
import re
import signal
import socket
import sqlite3
import sys
import threading
import uuid
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from msgspec import Struct

from tui.generation.run import PRESSES

TOO_EARLY = 9
"""The exit code of a process that was about to send what is not in history for good."""
MOST_REFUSALS = 30
"""Calls that a disk refuses for good before the process is killed, as a person does it."""

_FILES = ("ENOSPC", "EIO", "EACCES", "ENOENT")
HARMS: dict[str, tuple[str, ...]] = {
    "open": _FILES,
    "read": ("EIO",),
    "write": ("ENOSPC", "EIO"),
    "truncate": ("EIO",),
    "fsync": ("ENOSPC", "EIO"),
    "rename": (*_FILES, "EIO+"),
    "unlink": ("EIO", "EACCES", "ENOENT"),
    "mkdir": (*_FILES, "EIO+"),
    "link": ("EIO", "EACCES"),
    "rmdir": ("EIO",),
    "chmod": ("EIO", "EACCES"),
    "flock": ("ENOLCK",),
    "scandir": ("EIO", "EACCES"),
    "connect": ("ECONNREFUSED", "ETIMEDOUT", "ECONNRESET"),
    "send": ("ECONNRESET", "ETIMEDOUT", "ECONNRESET+"),
    "recv": ("ECONNRESET", "ETIMEDOUT"),
    "sqlite": ("SQLITE_BUSY", "SQLITE_IOERR", "SQLITE_FULL"),
}
"""How each call can fail; with "+" it has done its work before it fails."""
FOR_GOOD = {"FULL": "ENOSPC", "DEAD": "EIO"}
"""A disk that is full, or gone, from that call on, until the process is killed."""
_FILLED = frozenset(("create", "write", "mkdir", "link", "sqlite"))
"""What needs room."""
_DATABASE = {
    "SQLITE_BUSY": "database is locked",
    "SQLITE_IOERR": "disk I/O error",
    "SQLITE_FULL": "database or disk is full",
}
_VARYING = (
    (re.compile(r"[0-9]{8}T[0-9]{9}-[0-9a-f]{6}"), "ID"),
    (re.compile(r"\.[0-9a-f]{8}\."), ".X."),
    (re.compile(r"test-[0-9a-f]{8}"), "test-X"),
    (re.compile(r"img_[0-9a-f]{24}"), "RECORD"),
    (re.compile(r"[0-9]{4}/[0-9]{2}/[0-9]{2}"), "DAY"),
)


class Point(Struct, frozen=True, order=True):
    """A call, and what becomes of it."""

    call: str
    about: str
    """A file, relative to the home; a request; or a statement."""
    number: int
    """How often it has come up, from 1 up."""
    harm: str = ""
    """One of HARMS, FOR_GOOD, "KILL"; empty for none."""

    def __str__(self) -> str:
        return f"{self.harm} at {self.call} {self.about} no. {self.number}"


class Harms:
    """Watches the calls of this process, and does harm at `point`."""

    def __init__(self, home: Path, point: Point | None) -> None:
        self.home = home
        self._home = f"{os.path.realpath(home)}/"
        self._point = point
        self._lock = threading.Lock()
        self._counts: Counter[tuple[str, str]] = Counter()
        self._descriptors: dict[int, str] = {}
        self._requests: dict[int, str] = {}
        self._unsettled: set[str] = set()
        self._for_good = ""
        self._refusals = 0
        self._audited: Counter[str] = Counter()
        self._is_watching = False
        self.met = False
        """Whether the point was come to."""
        self.is_full = False
        """Whether the disk has no room left."""
        self._install()

    def audit(self) -> None:
        """Count from now on what Python itself tells of calls that concern the home."""
        sys.addaudithook(self._audit)

    def harm_next(self, call: str, about: str, harm: str) -> None:
        """Let the next such call end so; "FILL" fills the disk with it."""
        with self._lock:
            self._point = Point(call, about, self._counts[call, about] + 1, harm)
            self.met = False

    def harm_no_more(self) -> None:
        """Let all go well, but for a disk that is full."""
        self._point = None

    def report(self) -> str:
        """All calls, and what Python told of them."""
        return json.dumps({
            "met": self.met,
            "calls": [[*key, count] for key, count in sorted(self._counts.items())],
            "audited": self._audited,
        })  # fmt: skip

    # What is done

    def passing(self, call: str, about: str, *, creates: bool = False) -> str:
        """Count a call, and do harm if its turn has come; the errno to raise after it, if any."""
        with self._lock:
            self._counts[call, about] += 1
            number = self._counts[call, about]
        point = self._point
        harm = ""
        if point is not None and (point.call, point.about, point.number) == (call, about, number):
            self.met = True
            harm = point.harm
        if harm == "KILL":
            os.kill(os.getpid(), signal.SIGKILL)
        if harm == "FILL":
            self.is_full, harm = True, ""
        if harm in FOR_GOOD:
            self._for_good, harm = harm, ""
        if self.is_full or self._for_good:
            self._refuse_for_good(call, creates=creates)
        if harm.endswith("+"):
            return harm[:-1]
        if harm:
            _fail(harm)
        return ""

    def _refuse_for_good(self, call: str, *, creates: bool) -> None:
        if call in ("connect", "send", "recv"):
            return
        kind = "create" if creates else call
        if (self.is_full or self._for_good == "FULL") and kind not in _FILLED:
            return
        if self._for_good:
            self._refusals += 1
            if self._refusals > MOST_REFUSALS:
                os.kill(os.getpid(), signal.SIGKILL)
        code = "ENOSPC" if self.is_full else FOR_GOOD[self._for_good]
        if call == "sqlite":
            code = "SQLITE_IOERR" if code == "EIO" else "SQLITE_FULL"
        _fail(code)

    def about(self, path: Any) -> str | None:
        """What a path is called in a Point; None for one outside of the home."""
        if isinstance(path, int):
            return self._descriptors.get(path)
        text = os.fsdecode(path) if isinstance(path, bytes | os.PathLike) else str(path)
        if not f"{text}/".startswith(self._home):
            return None
        text = text[len(self._home) :]
        return _named(text) or "."

    # Between the program and the system

    def _install(self) -> None:
        for name, call in (
            ("fsync", "fsync"),
            ("unlink", "unlink"),
            ("remove", "unlink"),
            ("mkdir", "mkdir"),
            ("rmdir", "rmdir"),
            ("chmod", "chmod"),
            ("fchmod", "chmod"),
            ("scandir", "scandir"),
            ("listdir", "scandir"),
            ("write", "write"),
            ("link", "link"),
        ):
            self._stand_before(os, name, call)
        self._stand_before(fcntl, "flock", "flock")
        for name in ("replace", "rename"):
            self._stand_before(os, name, "rename", which=1)
        self._stand_before_opening()
        self._stand_before_sockets()
        self._stand_before_databases()

    def _stand_before(self, holder: Any, name: str, call: str, which: int = 0) -> None:
        real: Callable[..., Any] = getattr(holder, name)

        def watched(*arguments: Any, **options: Any) -> Any:
            about = self.about(arguments[which]) if len(arguments) > which else None
            if about is None:
                return real(*arguments, **options)
            later = self.passing(call, about)
            given = real(*arguments, **options)
            self._follow(call, arguments)
            if later:
                _fail(later)
            return given

        setattr(holder, name, watched)

    def _stand_before_opening(self) -> None:
        harms, real_open, real_close = self, os.open, os.close

        def opened(path: Any, flags: int, *more: Any, **options: Any) -> int:
            about = harms.about(path)
            if about is None or options.get("dir_fd") is not None:
                return real_open(path, flags, *more, **options)
            harms.passing("open", about, creates=bool(flags & os.O_CREAT))
            descriptor = real_open(path, flags, *more, **options)
            harms._descriptors[descriptor] = about
            if flags & os.O_EXCL:
                harms._unsettled.add(_key(path))
            return descriptor

        def closed(descriptor: int) -> None:
            harms._descriptors.pop(descriptor, None)
            real_close(descriptor)

        class Raw(io.FileIO):
            """A file whose reading and writing can be harmed."""

            def __init__(self, file: Any, mode: str, closefd: bool = True) -> None:
                about = harms.about(file)
                assert about is not None
                if not isinstance(file, int):
                    harms.passing("open", about, creates=mode[0] in "wxa")
                super().__init__(file, mode, closefd)
                self.about = about
                harms._descriptors[self.fileno()] = about

            def read(self, size: int = -1) -> Any:
                harms.passing("read", self.about)
                return super().read(size)

            def readall(self) -> Any:
                harms.passing("read", self.about)
                return super().readall()

            def readinto(self, buffer: Any) -> Any:
                harms.passing("read", self.about)
                return super().readinto(buffer)

            def write(self, data: Any) -> Any:
                harms.passing("write", self.about)
                return super().write(data)

            def truncate(self, size: int | None = None) -> int:
                harms.passing("truncate", self.about)
                return super().truncate(size)

            def close(self) -> None:
                if not self.closed:
                    harms._descriptors.pop(self.fileno(), None)
                super().close()

        real_io_open = io.open

        def opening(
            file: Any, mode: str = "r", buffering: int = -1, encoding: Any = None,
            errors: Any = None, newline: Any = None, closefd: bool = True, opener: Any = None,
        ) -> Any:  # fmt: skip
            if opener is not None or harms.about(file) is None:
                return real_io_open(
                    file, mode, buffering, encoding, errors, newline, closefd, opener
                )
            raw = Raw(file, mode.replace("b", "").replace("t", ""), closefd)
            if buffering == 0:
                return raw
            buffered: Any
            if "+" in mode:
                buffered = io.BufferedRandom(raw)
            elif raw.readable():
                buffered = io.BufferedReader(raw)
            else:
                buffered = io.BufferedWriter(raw)
            if "b" in mode:
                return buffered
            return io.TextIOWrapper(buffered, encoding, errors, newline)

        os.open, os.close = opened, closed
        io.open = builtins.open = opening  # type: ignore[assignment]

    def _stand_before_sockets(self) -> None:
        for name, call in (
            ("connect", "connect"), ("send", "send"), ("sendmsg", "send"), ("recv", "recv"),
            ("recv_into", "recv"),
        ):  # fmt: skip
            self._stand_before_socket(name, call)

    def _stand_before_socket(self, name: str, call: str) -> None:
        real: Callable[..., Any] = getattr(socket.socket, name)

        def watched(one: socket.socket, *arguments: Any) -> Any:
            if one.family not in (socket.AF_INET, socket.AF_INET6):
                return real(one, *arguments)
            if call == "connect":
                # Its number was another connection's before.
                self._requests.pop(one.fileno(), None)
            if call == "send" and one.fileno() not in self._requests:
                data = bytes(arguments[0] if name == "send" else b"".join(arguments[0]))
                self._requests[one.fileno()] = _request(data)
                if data.startswith(b"POST"):
                    self._check_history(data)
            later = self.passing(call, self._requests.get(one.fileno(), "any"))
            given = real(one, *arguments)
            if later:
                _fail(later)
            return given

        setattr(socket.socket, name, watched)

    def _stand_before_databases(self) -> None:
        harms, real = self, sqlite3.connect

        class Database(sqlite3.Connection):
            def execute(self, statement: str, *values: Any) -> Any:
                harms.passing("sqlite", " ".join(statement.split()[:3]))
                return super().execute(statement, *values)

            def executemany(self, statement: str, *values: Any) -> Any:
                harms.passing("sqlite", " ".join(statement.split()[:3]))
                return super().executemany(statement, *values)

        def connected(path: Any, *arguments: Any, **options: Any) -> Any:
            if harms.about(path) is None:
                return real(path, *arguments, **options)
            harms.passing("sqlite", "connect")
            return real(path, *arguments, factory=Database, **options)

        sqlite3.connect = connected  # type: ignore[assignment]

    # What is known of the files

    def _follow(self, call: str, arguments: tuple[Any, ...]) -> None:
        """Keep in mind which files, and which names, are not on the disk for good."""
        if call == "fsync":
            place = _place_of(arguments[0])
            gone = {key for key in self._unsettled if key == place or key.startswith(_names(place))}
            self._unsettled -= gone
        elif call == "rename":
            source, target = map(_key, arguments[:2])
            if source in self._unsettled:
                self._unsettled.add(target)
            self._unsettled.discard(source)
            self._unsettled.add(_names(os.path.dirname(target)) + os.path.basename(target))
        elif call == "unlink":
            self._unsettled.discard(_key(arguments[0]))

    def _check_history(self, post: bytes) -> None:
        """Nothing may be sent before history says so, for good."""
        found = re.search(rb"idempotency-key: *([0-9a-f-]+)", post, re.IGNORECASE)
        self._is_watching = True
        told: list[str] = []
        for path in _toml_files(f"{self._home}history"):
            entry_id = os.path.basename(path).removesuffix(".toml")
            if found and str(uuid.uuid5(PRESSES, entry_id)) == found[1].decode():
                descriptor = _OPEN(path, os.O_RDONLY)
                if b'status = "running"' in os.read(descriptor, 1 << 20):
                    told.append(path)
                _CLOSE(descriptor)
        self._is_watching = False
        folder = _names(os.path.dirname(told[0])) if told else ""
        unsettled = self._unsettled & {
            place for path in told for place in (path, folder + os.path.basename(path))
        }
        if unsettled or not told:
            _WRITE(2, f"sent too early: {unsettled}, {told}\n".encode())
            os._exit(TOO_EARLY)

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        # Where it is about a file, it is the first of the arguments.
        call = _AUDITED.get(event)
        if call is None or self._is_watching:
            return
        what = arguments[1] if event in ("os.rename", "socket.connect") else arguments[0]
        if event == "socket.connect":
            if arguments[0].family == socket.AF_INET:
                self._audited[call] += 1
        elif self.about(what) is not None and not (event == "open" and isinstance(what, int)):
            self._audited[call] += 1


_AUDITED = {
    "open": "open", "os.rename": "rename", "os.remove": "unlink", "os.mkdir": "mkdir",
    "os.rmdir": "rmdir", "os.link": "link", "os.chmod": "chmod", "os.truncate": "truncate",
    "os.symlink": "symlink", "os.utime": "utime", "os.chown": "chown", "os.listdir": "scandir",
    "os.scandir": "scandir", "socket.connect": "connect", "sqlite3.connect": "database",
}  # fmt: skip
_OPEN, _CLOSE, _WRITE = os.open, os.close, os.write
_SCANDIR = os.scandir


def _fail(code: str) -> None:
    if code.startswith("SQLITE"):
        error = sqlite3.OperationalError(_DATABASE[code])
        error.sqlite_errorname = code
        raise error
    number = getattr(errno, code)
    raise OSError(number, os.strerror(number))


def _key(path: Any) -> str:
    return os.path.realpath(os.fspath(path))


def _names(folder: str) -> str:
    """What the name of a file in `folder` is called which a crash may lose."""
    return f"{folder}/ has the name "


def _place_of(descriptor: int) -> str:
    """Where an open file lies."""
    with suppress(OSError):
        return os.readlink(f"/proc/self/fd/{descriptor}")
    path = fcntl.fcntl(descriptor, fcntl.F_GETPATH, bytes(1024))  # type: ignore[attr-defined]
    return os.fsdecode(path.rstrip(b"\0"))


def _toml_files(folder: str) -> list[str]:
    found: list[str] = []
    with suppress(OSError), _SCANDIR(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                found += _toml_files(entry.path)
            elif entry.name.endswith(".toml"):
                found.append(entry.path)
    return found


def _request(data: bytes) -> str:
    """A request by its method and its path."""
    words = data[:1000].split()
    return _named(f"{words[0].decode()} {words[1].decode().partition('?')[0]}")


def _named(text: str) -> str:
    """`text` without what is another in each run."""
    for pattern, name in _VARYING:
        text = pattern.sub(name, text)
    return text
