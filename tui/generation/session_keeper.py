"""Keeps the session on the disk while the studio is at work."""

from __future__ import annotations

import errno
import stat
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from tui.files import write_durably
from tui.generation.session import Session, UnreadableSession, decode_session, encode_session

LARGEST_SESSION = 8 * 1024 * 1024
"""Bytes; a larger file is neither read nor written."""
SETTLE = 0.25
"""Seconds in which changes are gathered before they are written."""
_PATIENCE = 2.0
"""Seconds that `close` waits for a disk that does not answer."""


class SessionKeeper:
    """Reads the last session, and writes the newest from a thread of its own.

    A file that holds no session that this version can read is moved aside, to
    `session.unread.toml`, before it is written over.
    """

    def __init__(
        self, path: Path, told: Callable[[str], None] = lambda _: None, settle: float = SETTLE
    ) -> None:
        """`told` hears, in the keeper's thread, a sentence when sessions cannot be written.

        It hears nothing more until they could be again.
        """
        self._path = path
        self._told = told
        self._settle = settle
        self._news = threading.Condition()
        self._thread: threading.Thread | None = None
        self._newest: Session | None = None
        self._has_news = False
        self._is_closing = False
        self._written = b""
        """What the file holds, as far as it is known."""
        self._is_foreign = False
        self._is_failing = False

    def read(self) -> Session | None:
        """The session that was last kept; None where there is none that can be read."""
        try:
            data = _read_file(self._path)
            session = decode_session(data)
        except FileNotFoundError:
            return None
        except (OSError, UnreadableSession):
            self._is_foreign = True
            return None
        self._written = data
        return session

    def keep(self, session: Session) -> None:
        """Have `session` on the disk soon; returns at once, and may be called at every keystroke.

        After `close` it does nothing.
        """
        with self._news:
            if self._is_closing:
                return
            self._newest = session
            self._has_news = True
            self._news.notify_all()
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="session", daemon=True)
                self._thread.start()

    def close(self) -> None:
        """Write what is left, and end the thread. Touches the disk."""
        with self._news:
            self._is_closing = True
            self._news.notify_all()
        if self._thread is not None:
            self._thread.join(_PATIENCE)

    def _run(self) -> None:
        is_last = False
        while not is_last:
            with self._news:
                self._news.wait_for(lambda: self._has_news or self._is_closing)
                self._news.wait_for(lambda: self._is_closing, self._settle)
                is_last, self._has_news = self._is_closing, False
                session = self._newest
            if session is not None:
                self._write(session)

    def _write(self, session: Session) -> None:
        try:
            data = _encoded(session)
            if data == self._written:
                return
            self._spare_foreign()
            write_durably(self._path, data)
        except OSError as error:
            self._fail(error.strerror or str(error))
        else:
            self._written = data
            self._is_failing = False

    def _spare_foreign(self) -> None:
        if self._is_foreign:
            with suppress(FileNotFoundError):
                self._path.replace(self._path.with_name("session.unread.toml"))
            self._is_foreign = False

    def _fail(self, reason: str) -> None:
        if not self._is_failing:
            self._is_failing = True
            self._told(f"What you are writing is not kept for the next start: {reason}.")


def _encoded(session: Session) -> bytes:
    """The bytes of `session`. Raises OSError for one that could not be read again."""
    try:
        data = encode_session(session)
    except (ValueError, RecursionError) as error:
        raise OSError(errno.EINVAL, "a parameter cannot be written") from error
    if len(data) > LARGEST_SESSION:
        raise OSError(errno.EFBIG, "it is larger than a session can be")
    return data


def _read_file(path: Path) -> bytes:
    """The bytes of a file. Raises OSError, also for what is no file or too large."""
    facts = path.stat()
    if not stat.S_ISREG(facts.st_mode):
        raise OSError(errno.EINVAL, "not a regular file")
    if facts.st_size > LARGEST_SESSION:
        raise OSError(errno.EFBIG, "larger than a session can be")
    return path.read_bytes()
