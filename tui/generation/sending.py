"""When a request that failed is sent again by itself: almost never.

A picture costs money, and most failures do not say whether it was made. Only two do: those in
which nothing was sent, and an answer that names a time to come back.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable

from tui.api.errors import ApiError
from tui.generation.progress import Pause, PauseReason

CONNECTING_TRIES = 3
CONNECTING_SECONDS = 30.0
"""Within which all tries to connect begin."""
CONNECTING_PAUSES = (0.5, 2.0)
LONGEST_WAIT = 120.0
"""Seconds that an endpoint may ask to wait; who asks for more is told to the user instead."""
SHORTEST_WAIT = 1.0


class Tries:
    """Counts the tries of one press of the send key.

    `clock` gives monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._began = clock()
        self._connecting = 1
        self._asked_to_wait = False

    def pause_after(self, error: ApiError) -> Pause | None:
        """How long to wait before the request is sent again; None when it must not be."""
        if error.charged != "no":
            return None
        if error.kind == "not_sent" and error.passing:
            return self._reconnect()
        if error.kind == "rate_limited" and error.status == 429:
            return self._wait(error.retry_after)
        return None

    def _reconnect(self) -> Pause | None:
        if self._connecting >= CONNECTING_TRIES:
            return None
        most = CONNECTING_PAUSES[self._connecting - 1]
        seconds = most * random.uniform(0.5, 1.0)  # noqa: S311 - jitter
        if self._clock() + seconds > self._began + CONNECTING_SECONDS:
            return None
        self._connecting += 1
        return self._pause(seconds, "not_sent")

    def _wait(self, seconds: float | None) -> Pause | None:
        if seconds is None or seconds > LONGEST_WAIT or self._asked_to_wait:
            return None
        self._asked_to_wait = True
        # Time spent waiting is not spent on connecting.
        seconds = max(seconds, SHORTEST_WAIT)
        self._began += seconds
        return self._pause(seconds, "rate_limited")

    def _pause(self, seconds: float, reason: PauseReason) -> Pause:
        return Pause(self._clock() + seconds, reason)
