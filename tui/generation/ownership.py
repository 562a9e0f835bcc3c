"""Who works on an entry: one job or one look at a time, in whichever process."""

from __future__ import annotations

from collections.abc import Callable

from tui.generation.undisturbed import finished_in_thread
from tui.history.locks import Lock, Locks

CHOOSING = "choosing-records"
"""The lock of who says which records are an entry's."""


class Ownership:
    """The lock of one entry, taken and given back in threads."""

    def __init__(self, locks: Locks, name: str) -> None:
        self._locks = locks
        self._name = name
        self._lock: Lock | None = None

    @property
    def is_real(self) -> bool:
        """Whether it was taken, and others are kept out; not every system can do that."""
        return self._lock is not None and self._lock.is_real

    async def take(self, patience: float = 0.0, then: Callable[[], object] | None = None) -> bool:
        """Take the lock; whether it was had, which may take `patience` seconds.

        `then` is called in the same thread, had or not. `release` must follow, even after a
        cancellation.
        """
        await finished_in_thread(self._take, patience, then)
        return self._lock is not None

    async def release(self, first: Callable[[], object] | None = None) -> None:
        """Call `first` in a thread, and give back what was taken, if anything was."""
        await finished_in_thread(self._release, first)

    def _take(self, patience: float, then: Callable[[], object] | None) -> None:
        self._lock = self._locks.take(self._name, patience)
        if then is not None:
            then()

    def _release(self, first: Callable[[], object] | None) -> None:
        try:
            if first is not None:
                first()
        finally:
            lock, self._lock = self._lock, None
            if lock is not None:
                lock.release()
