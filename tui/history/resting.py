"""How long what looks at all of a day's files rests until it looks again."""

from __future__ import annotations

_RESTS = 4.0
_LONGEST = 2.0


def rest_after(busy: float) -> float:
    """Seconds to rest after `busy` seconds of the processor's time: four times as long, 2 at most.

    A job changes its day several times, and of thousands of entries each look takes a while. The
    interpreter is there for others meanwhile.
    """
    return min(_LONGEST, _RESTS * busy)
