"""What a job tells while it runs, apart from the states of its entry."""

from __future__ import annotations

import math
import time
from pathlib import Path
from typing import Literal, TypeAlias

from msgspec import Struct

PauseReason = Literal["not_sent", "rate_limited", "not_saved"]


class Pause(Struct, frozen=True):
    """Nothing happens until then; after that it is tried again by itself."""

    until: float
    """On the clock of `time.monotonic`."""
    reason: PauseReason
    """No connection could be made, the endpoint asked to wait, or the disk refuses what came."""
    detail: str = ""
    """What the system says of it."""

    @property
    def seconds_left(self) -> int:
        """Whole seconds until it is over, 0 when it is."""
        return max(0, math.ceil(self.until - time.monotonic()))

    @property
    def words(self) -> str:
        """What is waited for, and how long, in a few words."""
        return f"{_WORDS[self.reason]}: {self.seconds_left} s"

    @property
    def sentences(self) -> str:
        """The same at length."""
        if self.reason == "not_saved":
            return (
                f"What came cannot be saved: {self.detail}. It is kept; make room or mend the"
                f" folder. It is saved again in {self.seconds_left}\u00a0s."
            )
        why = (
            "No connection could be made."
            if self.reason == "not_sent"
            else "The endpoint asks to wait before it takes this request."
        )
        return f"{why} Nothing was charged. It is sent again in {self.seconds_left}\u00a0s."


_WORDS: dict[PauseReason, str] = {
    "not_sent": "no connection",
    "rate_limited": "told to wait",
    "not_saved": "cannot be saved",
}


class Preview(Struct, frozen=True):
    """A picture that is not finished, in a file that stays until the next one comes."""

    path: Path


Progress: TypeAlias = Pause | Preview
