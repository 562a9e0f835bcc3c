"""Which small pictures are loaded, and how many at a time."""

from __future__ import annotations

import threading

Picture = tuple[str, int]
"""The id of an entry, and which of its pictures: from 1, or 0 for the first that there is."""


class Loads:
    """What was loaded, in order; loading waits while the gate is closed."""

    def __init__(self) -> None:
        self.begun: list[Picture] = []
        self.ended: list[Picture] = []
        self.most_at_once = 0
        self.gate = threading.Event()
        self.gate.set()
        self._lock = threading.Lock()

    @property
    def begun_ids(self) -> list[str]:
        return [entry_id for entry_id, _ in self.begun]

    @property
    def ids(self) -> list[str]:
        return [entry_id for entry_id, _ in self.ended]

    def begin(self, picture: Picture) -> None:
        with self._lock:
            self.begun.append(picture)
            self.most_at_once = max(self.most_at_once, len(self.begun) - len(self.ended))
        assert self.gate.wait(60)

    def end(self, picture: Picture) -> None:
        with self._lock:
            self.ended.append(picture)
