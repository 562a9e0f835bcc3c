"""A moment in which the event loop has nothing else to do."""

from __future__ import annotations

import asyncio

_NAP = 0.005
"""Seconds to sleep, in which whatever is due comes first."""
_LATE = 0.002
"""Seconds by which one wakes up too late at most where nobody does anything."""


async def quiet_moment(patience: float) -> bool:
    """Return in a moment in which nothing else is to be done; False where there was none.

    What keeps the loop for long then adds nothing to what others keep it for. `patience` is how
    many seconds to wait for it.
    """
    loop = asyncio.get_running_loop()
    end = loop.time() + patience
    while (began := loop.time()) < end:
        await asyncio.sleep(_NAP)
        if loop.time() - began < _NAP + _LATE:
            return True
    return False
