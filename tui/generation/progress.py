"""What a job tells while it runs, apart from the states of its entry."""

from __future__ import annotations

import math
import time
from pathlib import Path
from typing import Literal, TypeAlias

from msgspec import Struct

PauseReason = Literal["not_sent", "rate_limited"]


class Pause(Struct, frozen=True):
    """Nothing is sent until then; after that the request is sent again by itself."""

    until: float
    """On the clock of `time.monotonic`."""
    reason: PauseReason
    """No connection could be made, or the endpoint asked to wait."""

    @property
    def seconds_left(self) -> int:
        """Whole seconds until it is over, 0 when it is."""
        return max(0, math.ceil(self.until - time.monotonic()))

    @property
    def words(self) -> str:
        """What is waited for, and how long, in a few words."""
        why = "no connection" if self.reason == "not_sent" else "told to wait"
        return f"{why}: {self.seconds_left} s"

    @property
    def sentences(self) -> str:
        """The same at length."""
        why = (
            "No connection could be made."
            if self.reason == "not_sent"
            else "The endpoint asks to wait before it takes this request."
        )
        return f"{why} Nothing was charged. It is sent again in {self.seconds_left}\u00a0s."


class Preview(Struct, frozen=True):
    """A picture that is not finished, in a file that stays until the next one comes."""

    path: Path


Progress: TypeAlias = Pause | Preview
