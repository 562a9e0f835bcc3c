"""What waits to be loaded for a list that is scrolled."""

from __future__ import annotations

from collections.abc import Container, Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)


class WaitingLine(Generic[Key]):
    """Keys in batches: those wished for last come first, and within a batch in their order."""

    def __init__(self) -> None:
        self._batches: dict[Key, int] = {}
        self._batch = 0

    def __len__(self) -> int:
        return len(self._batches)

    def add(self, key: Key) -> bool:
        """Have `key` wait; whether it did not do so already."""
        is_new = key not in self._batches
        self._batches.setdefault(key, self._batch)
        return is_new

    def end_batch(self) -> None:
        """What is added from now on comes before what waits."""
        self._batch += 1

    def take(self, in_sight: Container[Key]) -> Key | None:
        """The next key, which waits no longer; those that are not in sight are let go of."""
        self._batches = {key: batch for key, batch in self._batches.items() if key in in_sight}
        key = max(self._batches, key=self._batches.__getitem__, default=None)
        if key is not None:
            del self._batches[key]
        return key

    def clear(self) -> None:
        """Let go of all."""
        self._batches.clear()
