"""How often a download is tried again."""

from __future__ import annotations

import random
from collections.abc import Sequence

MOST_ATTEMPTS = 20


class Patience:
    """Counts the attempts at one file.

    `pauses` are the seconds before each attempt that follows one which brought nothing new. One
    that brought more of the file starts them over; there are never more than MOST_ATTEMPTS.
    """

    def __init__(self, pauses: Sequence[float]) -> None:
        self._pauses = pauses
        self._attempts = 1
        self._fruitless = 0

    def pause(self, *, progress: bool) -> float | None:
        """Seconds to wait before the next attempt; None when there is to be none."""
        if progress:
            self._fruitless = 0
        if self._fruitless == len(self._pauses) or self._attempts == MOST_ATTEMPTS:
            return None
        pause = self._pauses[self._fruitless]
        self._attempts += 1
        self._fruitless += 1
        return pause * random.uniform(0.5, 1.0)  # noqa: S311 - jitter
