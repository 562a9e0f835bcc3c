"""A moment in which the event loop has nothing else to do."""

from __future__ import annotations

import asyncio

_TURN = 0.001
"""Seconds that a turn of the loop takes at most in which nobody does anything."""


async def quiet_moment(patience: float) -> bool:
    """Return in a moment in which nothing else is to be done; False where there was none.

    What keeps the loop for long then adds nothing to what others keep it for. `patience` is how
    many seconds to wait for it.
    """
    loop = asyncio.get_running_loop()
    end = loop.time() + patience
    while (began := loop.time()) < end:
        await asyncio.sleep(0)
        if loop.time() - began < _TURN:
            return True
        # Not a turn later: who is at work would have to share each turn with this.
        await asyncio.sleep(_TURN)
    return False
