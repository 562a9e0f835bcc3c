"""Programs that keep history, made to be killed.

`python -m tests.history.keeping keep HOME` does ACTIONS, and says the number of each when it is
done. `… sweep` does so for each line `HOME\tCALL\tNUMBER\tHARM` of its input: the call of `os` with
that name and number, from 1 up, ends in HARM, `KILL` or the name of an errno. `… go-on HOME` writes
and changes entries until it is killed.
"""

from __future__ import annotations

import errno
import hashlib
import itertools
import os
import signal
import sys
from collections.abc import Callable
from datetime import date, timedelta
from io import BufferedWriter, RawIOBase
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from tests.history.entries import CREATED, at
from tui.history.entry import Entry, EntryImage, EntryReference
from tui.history.store import HistoryStore
from tui.history.transfer import export_history, import_history
from tui.history.trash import Trash
from tui.paths import Paths

REFUSED = 3
"""The exit code when the disk refused an action; its words are on standard error."""
EARLIER = at(CREATED - timedelta(days=30), 1)
NEW = replace(at(CREATED, 2), images=(), references=(), prompt="A net,\r\nmended 🦊 " * 300)
FOREIGN = at(CREATED + timedelta(days=1), 3)
_PICTURE = b"\x89PNG not to be decoded" * 4000


def store_of(home: Path) -> HistoryStore:
    return HistoryStore(Paths(home, home, home))


def trash_of(home: Path) -> Trash:
    return Trash(Paths(home, home, home), store_of(home))


def _parcel(home: Path) -> Path:
    return home.with_name(f"{home.name} parcel")


def _put_with_files(store: HistoryStore, entry: Entry) -> Entry:
    """Write `entry` with a picture and a reference of its own."""
    data = entry.id.encode() + _PICTURE
    sha256 = hashlib.sha256(data).hexdigest()
    picture, sketch = store.image_name(entry.id, 1, "png"), f"images/references/{sha256}.png"
    for name in (picture, sketch):
        path = store.absolute(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    entry = replace(
        entry,
        images=(EntryImage(picture, sha256, len(data), 8, 8, "png"),),
        references=(EntryReference("sketch.png", sha256, sketch),),
    )
    store.write(entry)
    return entry


def prepare(home: Path) -> None:
    """What there is before: an entry of a month ago, and an export of another home."""
    _put_with_files(store_of(home), EARLIER)
    elsewhere = store_of(home.with_name(f"{home.name} elsewhere"))
    export_history([_put_with_files(elsewhere, FOREIGN)], elsewhere, _parcel(home))


def _write(home: Path) -> None:
    store_of(home).write(replace(NEW, status="queued"))


def _star(home: Path) -> None:
    store_of(home).change(NEW.id, lambda entry: replace(entry, starred=True, tags=("kept",)))


def _end(home: Path) -> None:
    store_of(home).write_outcome(NEW)


def _import(home: Path) -> None:
    import_history(_parcel(home), store_of(home))


def _discard(home: Path) -> None:
    trash_of(home).discard(FOREIGN.id, date(2026, 11, 28))


def _restore(home: Path) -> None:
    trash_of(home).restore(FOREIGN.id)


ACTIONS: tuple[Callable[[Path], None], ...] = (_write, _star, _end, _import, _discard, _restore)


PATCHED = (
    "mkdir", "chmod", "open", "fchmod", "write", "fsync", "replace", "close", "rmdir",
)  # fmt: skip
"""Calls of `os` that reach the disk."""


class Harm:
    """Lets the call of `os` with that number end in `kind`; counts the calls."""

    def __init__(self, call: str, number: int, kind: str) -> None:
        self.calls = 0
        self._call = call
        self._number = number
        self._kind = kind
        self._real = getattr(os, call)
        setattr(os, call, self._harmed)
        os.fdopen = _opened  # type: ignore[assignment]

    def _harmed(self, *arguments: Any, **options: Any) -> Any:
        self.calls += 1
        if self.calls != self._number:
            return self._real(*arguments, **options)
        if self._kind == "KILL":
            os.kill(os.getpid(), signal.SIGKILL)
        if self._call == "close":
            self._real(*arguments)
        code = getattr(errno, self._kind)
        raise OSError(code, os.strerror(code), *map(str, arguments[:1]))


class _Descriptor(RawIOBase):
    """A descriptor that is written and closed through `os`, so that harm reaches it."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def fileno(self) -> int:
        return self._descriptor

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        return os.write(self._descriptor, data)

    def close(self) -> None:
        if not self.closed:
            super().close()
            os.close(self._descriptor)


def _opened(descriptor: int, mode: str) -> BufferedWriter:
    assert mode == "wb"
    return BufferedWriter(_Descriptor(descriptor))


def keep(home: Path) -> None:
    """Do all actions, or as many as the disk allows."""
    for number, action in enumerate(ACTIONS, start=1):
        try:
            action(home)
        except OSError as error:
            os.write(2, f"{error.strerror}\n".encode())
            sys.exit(REFUSED)
        _TELL(1, f"{number}\n".encode())


def sweep() -> None:
    """Keep in a process of its own for each line; what it says is beside its home."""
    for line in sys.stdin:
        home, call, number, kind = line.rstrip("\n").split("\t")
        child = os.fork()
        if child == 0:
            _redirect(home)
            harm = Harm(call, int(number), kind)
            code = 1
            try:
                keep(Path(home))
                code = 0
            except SystemExit as left:
                code = int(left.code or 0)
            finally:
                _TELL(1, f"calls {harm.calls}\n".encode())
                os._exit(code)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def go_on(home: Path) -> None:
    """Write entries, one after the other, each in three versions; tell each."""
    store = store_of(home)
    start = int(sys.argv[3])
    for number in itertools.count(start):
        entry = numbered(number)
        store.write(entry)
        _TELL(1, f"{number} 1\n".encode())
        store.change(entry.id, lambda entry: replace(entry, starred=True))
        _TELL(1, f"{number} 2\n".encode())
        store.write_outcome(replace(entry, status="done"))
        _TELL(1, f"{number} 3\n".encode())


def numbered(number: int) -> Entry:
    """The first version of an entry that `go_on` writes."""
    created = CREATED + timedelta(hours=number)
    return replace(at(created, number), status="running", images=(), references=(), note="🦊" * 900)


def _redirect(home: str) -> None:
    said = os.open(f"{home} said", os.O_WRONLY | os.O_CREAT, 0o600)
    os.dup2(said, 1)
    os.dup2(said, 2)


_TELL = os.write
"""Not a call that is harmed."""


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["keep", home]:
            keep(Path(home))
        case ["sweep"]:
            sweep()
        case ["go-on", home, _]:
            go_on(Path(home))
